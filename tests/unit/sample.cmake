tthc_test(sample_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/sample_test.cc
  LIBS tthc::sample tthc::cli)
