tthc_test(documents_test LABEL tidy
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/documents_test.cc
  LIBS tthc::messages)
