# The distribution's gRPC is not instrumented: under TSan it gives false races.
if(NOT TTHC_SANITIZER MATCHES "thread")
  tthc_test(sample_e2e_test LABEL e2e
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/sample_test.cc
    LIBS tthc::sample tthc::server_testing)
endif()
