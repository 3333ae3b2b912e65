tthc_test(replay_property_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/replay_property_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(statistics_property_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/statistics_property_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(fact_snapshot_property_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/fact_snapshot_property_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(scan_property_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/scan_property_test.cc
  LIBS tthc::service_testing)
tthc_test(mirror_model_property_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/mirror_model_property_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
