tthc_test(sync_simulation_property_test LABEL property TIMEOUT 300
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/sync_simulation_property_test.cc
  LIBS tthc::sync_testing)
