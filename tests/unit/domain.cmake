tthc_test(domain_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/domain/lifecycle_test.cc ${CMAKE_CURRENT_LIST_DIR}/domain/fold_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/domain/amendment_test.cc ${CMAKE_CURRENT_LIST_DIR}/domain/timeliness_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/domain/presentation_test.cc ${CMAKE_CURRENT_LIST_DIR}/domain/scheme_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/domain/score_test.cc
  LIBS tthc::domain_testing)
