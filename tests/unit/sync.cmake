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
