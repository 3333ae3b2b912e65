tthc_test(tidy_test LABEL tidy SOURCES ${CMAKE_CURRENT_LIST_DIR}/tidy_test.cc)
# Comments for each line of code do not fall below their floors.
add_test(NAME Tidy.CommentFigures COMMAND ${CMAKE_CURRENT_LIST_DIR}/comment_figures --check)
set_tests_properties(Tidy.CommentFigures PROPERTIES LABELS tidy TIMEOUT 60)
