# The program `tthc` against a real tthcd.
find_package(ZLIB REQUIRED)
if(NOT TTHC_SANITIZER MATCHES "thread" AND TARGET tthcd)
  tthc_test(cli_e2e_test LABEL e2e TIMEOUT 180
    SOURCES
      ${CMAKE_CURRENT_LIST_DIR}/cli/catalogue_test.cc
      ${CMAKE_CURRENT_LIST_DIR}/cli/dossier_test.cc
      ${CMAKE_CURRENT_LIST_DIR}/cli/mirror_test.cc
      ${CMAKE_CURRENT_LIST_DIR}/cli/register_test.cc
      ${CMAKE_CURRENT_LIST_DIR}/cli/statistics_test.cc
    LIBS tthc::server_testing tthc::sdk nlohmann_json::nlohmann_json ZLIB::ZLIB)
  target_compile_definitions(cli_e2e_test PRIVATE TTHC_PROGRAM="$<TARGET_FILE:tthc>")
  add_dependencies(cli_e2e_test tthc)
endif()
