tthc_test(timing_property_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/timing_property_test.cc ${CMAKE_CURRENT_LIST_DIR}/timing_period_property_test.cc
  LIBS tthc::timing)
