tthc_test(commit_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/commit/commit_scope_test.cc ${CMAKE_CURRENT_LIST_DIR}/commit/request_ids_test.cc
  LIBS tthc::commit tthc::storage_testing)
