# Examples: what one call of the service answers, over a store of its own.
tthc_test(service_bad_input_test LABEL service
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/bad_input_reads_test.cc ${CMAKE_CURRENT_LIST_DIR}/bad_input_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_codes_test LABEL service
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/codes_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_lists_test LABEL service
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/lists_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_moves_test LABEL service
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/moves_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_watch_test LABEL service
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/watch_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_writes_test LABEL service
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/writes_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_statistics_rules_test LABEL service
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/statistics_rules_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/statistics_mirror_test.cc
  LIBS tthc::service_testing)
tthc_test(service_report06a_test LABEL service
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/report06a_test.cc
  LIBS tthc::service_testing)
tthc_test(service_catalogue_test LABEL service
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/catalogue_test.cc
  LIBS tthc::service_testing)
tthc_test(service_closing_test LABEL service
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/closing_test.cc
  LIBS tthc::service_testing tthc::engine)
tthc_test(service_scheme_test LABEL service
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/scheme_test.cc
  LIBS tthc::service_testing)
tthc_test(service_seed_test LABEL service
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/seed_test.cc
  LIBS tthc::service_testing tthc::app)
tthc_test(service_fact_upgrade_test LABEL service
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/fact_upgrade_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_mirror_test LABEL service
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/mirror_test.cc ${CMAKE_CURRENT_LIST_DIR}/mirror_masking_test.cc
  LIBS tthc::service_testing tthc::storage_testing)
tthc_test(service_statistics_input_test LABEL service
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/statistics_input_test.cc
  LIBS tthc::service_testing)
tthc_test(service_old_store_test LABEL service
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/old_store_test.cc
  LIBS tthc::service_testing tthc::engine)
