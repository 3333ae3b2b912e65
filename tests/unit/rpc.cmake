tthc_test(rpc_unit_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/rpc/adapter_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/rpc/config_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/rpc/listen_address_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/rpc/proto_contract_test.cc
  LIBS tthc::app tthc::config tthc::rpc)
tthc_reads_contract(rpc_unit_test)
