tthc_test(engine_conformance_test LABEL conformance
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/engine_conformance_test.cc
  LIBS tthc::engine tthc::storage_testing)
