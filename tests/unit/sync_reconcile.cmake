# The commands of tthc-sync that people start.
tthc_test(sync_commands_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/sync/evaluation_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/sync/portal_client_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/sync/pull_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/sync/reconcile_test.cc
  LIBS tthc::sync_driver tthc::portal_sim)
