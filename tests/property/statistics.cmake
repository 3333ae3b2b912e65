tthc_test(service_statistics_input_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_statistics_input_test.cc
  LIBS tthc::service_testing)
