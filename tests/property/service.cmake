tthc_test(service_replay_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_replay_test.cc
  LIBS tthc::service_testing)
tthc_test(service_bad_input_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_bad_input_test.cc
  LIBS tthc::service_testing)
