# The distribution's gRPC is not instrumented: under TSan it gives false races.
if(TARGET tthcd AND NOT TTHC_SANITIZER MATCHES "thread")
  tthc_test(crash_test LABEL crash TIMEOUT 300
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/crash_test.cc ${CMAKE_CURRENT_LIST_DIR}/clerks.cc
            ${CMAKE_CURRENT_LIST_DIR}/examination.cc
    LIBS tthc::server_testing tthc::domain tthc::store tthc::engine)
  tthc_test(mirror_crash_test LABEL crash TIMEOUT 300
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/mirror_crash_test.cc
    LIBS tthc::server_testing tthc::sdk)
endif()
