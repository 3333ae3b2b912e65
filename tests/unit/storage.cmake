tthc_test(storage_base_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/storage_errors_test.cc ${CMAKE_CURRENT_LIST_DIR}/storage_local_time_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/storage_text_test.cc ${CMAKE_CURRENT_LIST_DIR}/storage_crash_point_test.cc
  LIBS tthc::base)
tthc_test(storage_schema_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/storage_keys_test.cc ${CMAKE_CURRENT_LIST_DIR}/storage_record_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/storage_migration_test.cc
  LIBS tthc::schema tthc::engine)
tthc_test(storage_store_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/storage_store_test.cc
  LIBS tthc::store tthc::schema tthc::storage_testing)
tthc_test(storage_rocksdb_engine_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/storage_rocksdb_engine_test.cc
  LIBS tthc::engine tthc::storage_testing)
