tthc_test(tidy_test LABEL tidy SOURCES ${CMAKE_CURRENT_LIST_DIR}/tidy_test.cc)
