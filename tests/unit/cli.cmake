# Spreadsheets are zip files; tests read their parts.
find_package(ZLIB REQUIRED)
tthc_test(cli_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/cli/event_table_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/field_value_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/history_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/metric_words_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/proto_json_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/register_format_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/report_06a_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/xlsx_writer_test.cc
  LIBS tthc::cli ZLIB::ZLIB)
# Whole command lines against a server that records what it is asked and answers what was prepared.
tthc_test(cli_commands_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/cli/catalogue_commands_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/commands_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/evaluation_commands_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/mirror_commands_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/statistics_commands_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/cli/system_commands_test.cc
  LIBS tthc::cli tthc::grpc gRPC::grpc++ ZLIB::ZLIB)
# The program itself, without any server.
tthc_test(cli_due_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/cli/due_test.cc
  LIBS tthc::process_testing tthc::base nlohmann_json::nlohmann_json)
target_compile_definitions(cli_due_test PRIVATE TTHC_PROGRAM="$<TARGET_FILE:tthc>")
add_dependencies(cli_due_test tthc)
