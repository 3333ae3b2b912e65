tthc_test(domain_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/domain_lifecycle_test.cc ${CMAKE_CURRENT_LIST_DIR}/domain_fold_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/domain_amendment_test.cc ${CMAKE_CURRENT_LIST_DIR}/domain_timeliness_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/domain_scheme_test.cc ${CMAKE_CURRENT_LIST_DIR}/domain_score_test.cc
  LIBS tthc::domain_testing)
