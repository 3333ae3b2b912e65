tthc_test(sync_syncer_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/sync/syncer_test.cc
  LIBS tthc::sync)
