tthc_test(terminal_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/terminal/bars_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/terminal/box_table_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/terminal/format_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/terminal/mirror_text_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/terminal/suggest_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/terminal/table_test.cc
  LIBS tthc::terminal)
