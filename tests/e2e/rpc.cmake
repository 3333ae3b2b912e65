# The distribution's gRPC is not instrumented: under TSan it gives false races.
if(NOT TTHC_SANITIZER MATCHES "thread")
  tthc_test(rpc_stream_test LABEL e2e
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/rpc/stream_test.cc
    LIBS tthc::rpc tthc::grpc)
  tthc_test(rpc_server_test LABEL e2e
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/rpc/server_test.cc
    LIBS tthc::server_testing tthc::storage_testing)
  tthc_test(rpc_mirror_test LABEL e2e
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/rpc/mirror_test.cc
    LIBS tthc::server_testing tthc::sdk)
  tthc_test(rpc_tthcd_test LABEL e2e
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/rpc/tthcd_test.cc
    LIBS tthc::server_testing nlohmann_json::nlohmann_json)
endif()
