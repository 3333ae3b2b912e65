foreach(part replay bad_input codes lists moves watch writes)
  tthc_test(service_${part}_test LABEL property
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_${part}_test.cc
    LIBS tthc::service_testing tthc::storage_testing)
endforeach()
