tthc_test(service_unit_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/service/method_table_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/service/required_fields_test.cc
  LIBS tthc::service_testing)
tthc_reads_contract(service_unit_test)
