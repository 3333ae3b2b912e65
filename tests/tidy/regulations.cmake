tthc_test(regulations_test LABEL tidy SOURCES ${CMAKE_CURRENT_LIST_DIR}/regulations_test.cc)
