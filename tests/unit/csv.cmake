tthc_test(storage_csv_test LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/storage_csv_test.cc LIBS tthc::base)
