tthc_test(service_replay_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_replay_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_bad_input_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_bad_input_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_codes_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_codes_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_lists_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_lists_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_moves_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_moves_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_watch_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_watch_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_writes_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_writes_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_statistics_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_statistics_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_statistics_rules_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_statistics_rules_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/service_statistics_mirror_test.cc
  LIBS tthc::service_testing)
tthc_test(service_report06a_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_report06a_test.cc
  LIBS tthc::service_testing)
tthc_test(service_scheme_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_scheme_test.cc
  LIBS tthc::service_testing)
tthc_test(service_seed_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_seed_test.cc
  LIBS tthc::service_testing tthc::app)
tthc_test(service_fact_upgrade_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_fact_upgrade_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_fact_snapshot_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_fact_snapshot_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_scan_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_scan_test.cc
  LIBS tthc::service_testing)
tthc_test(service_mirror_test LABEL property
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_mirror_test.cc ${CMAKE_CURRENT_LIST_DIR}/service_mirror_model_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/service_mirror_masking_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
