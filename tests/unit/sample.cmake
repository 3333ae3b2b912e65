tthc_test(sample_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/sample/sample_test.cc
  LIBS tthc::sample)
