tthc_test(sdk_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/sdk/bulk_writer_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/sdk/client_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/sdk/request_id_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/sdk/retry_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/sdk/watch_test.cc
  LIBS tthc::sdk tthc::grpc gRPC::grpc++)
