tthc_test(cli_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/cli/event_table_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/field_value_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/format_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/history_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/proto_json_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/register_format_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/suggest_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/table_test.cc
  LIBS tthc::cli)
# Whole command lines against a server that only writes down what it is asked.
tthc_test(cli_commands_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/cli/commands_test.cc
  LIBS tthc::cli tthc::grpc gRPC::grpc++)
# The program itself, without any server.
tthc_test(cli_due_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/cli/due_test.cc
  LIBS tthc::process_testing tthc::base nlohmann_json::nlohmann_json)
target_compile_definitions(cli_due_test PRIVATE TTHC_PROGRAM="$<TARGET_FILE:tthc>")
add_dependencies(cli_due_test tthc)
