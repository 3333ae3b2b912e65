tthc_test(sync_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/sync/adapter_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/sync/config_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/sync/outcome_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/sync/plan_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/sync/render_test.cc
  LIBS tthc::sync)
# Calls over real sockets.
tthc_test(sync_http_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/sync/check_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/sync/curl_http_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/sync/portal_contract_test.cc
  LIBS tthc::sync tthc::portal_sim OpenSSL::SSL)
# The commands of tthc-sync that people start.
tthc_test(sync_commands_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/sync/evaluation_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/sync/portal_client_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/sync/pull_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/sync/reconcile_test.cc
  LIBS tthc::sync_driver tthc::portal_sim)
tthc_test(sync_syncer_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/sync/syncer_test.cc
  LIBS tthc::sync)
