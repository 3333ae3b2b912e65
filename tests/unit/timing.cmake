tthc_test(timing_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/timing/calendar_test.cc ${CMAKE_CURRENT_LIST_DIR}/timing/csv_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/timing/deadline_test.cc ${CMAKE_CURRENT_LIST_DIR}/timing/explanation_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/timing/limit_text_test.cc ${CMAKE_CURRENT_LIST_DIR}/timing/offices_csv_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/timing/period_test.cc
  LIBS tthc::timing)
