# Any program in a process of its own.
add_library(tthc_process_testing STATIC ${CMAKE_CURRENT_LIST_DIR}/process.cc)
add_library(tthc::process_testing ALIAS tthc_process_testing)
tthc_target(tthc_process_testing)
target_link_libraries(tthc_process_testing PUBLIC tthc::base)

# The server in a process of its own, and in the test's.
add_library(tthc_server_testing STATIC
  ${CMAKE_CURRENT_LIST_DIR}/test_server.cc ${CMAKE_CURRENT_LIST_DIR}/tthcd_process.cc)
add_library(tthc::server_testing ALIAS tthc_server_testing)
tthc_target(tthc_server_testing)
target_compile_definitions(tthc_server_testing
  PRIVATE TTHC_SOURCE_DIR="${PROJECT_SOURCE_DIR}" TTHCD_PROGRAM="$<TARGET_FILE:tthcd>")
target_link_libraries(tthc_server_testing
  PUBLIC tthc::process_testing tthc::app tthc::rpc tthc::grpc PRIVATE tthc::engine tthc::store)
add_dependencies(tthc_server_testing tthcd)
