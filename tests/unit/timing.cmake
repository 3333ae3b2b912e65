tthc_test(timing_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/timing_calendar_test.cc ${CMAKE_CURRENT_LIST_DIR}/timing_csv_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/timing_deadline_test.cc ${CMAKE_CURRENT_LIST_DIR}/timing_explanation_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/timing_limit_text_test.cc ${CMAKE_CURRENT_LIST_DIR}/timing_offices_csv_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/timing_period_test.cc
  LIBS tthc::timing)
