tthc_test(storage_base_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/storage/errors_test.cc ${CMAKE_CURRENT_LIST_DIR}/storage/local_time_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/storage/text_test.cc ${CMAKE_CURRENT_LIST_DIR}/storage/crash_point_test.cc
  LIBS tthc::base)
tthc_test(storage_schema_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/storage/keys_test.cc ${CMAKE_CURRENT_LIST_DIR}/storage/record_test.cc
  LIBS tthc::schema tthc::engine)
tthc_test(storage_store_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/storage/store_test.cc
  LIBS tthc::store tthc::schema tthc::storage_testing)
tthc_test(storage_rocksdb_engine_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/storage/rocksdb_engine_test.cc
  LIBS tthc::engine tthc::storage_testing)
tthc_test(storage_csv_test LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/storage/csv_test.cc LIBS tthc::base)
# Stores that earlier versions wrote.
tthc_test(storage_migration_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/storage/dossier_uids_test.cc ${CMAKE_CURRENT_LIST_DIR}/storage/migration_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/storage/old_store_test.cc
  LIBS tthc::store tthc::schema tthc::storage_testing)
