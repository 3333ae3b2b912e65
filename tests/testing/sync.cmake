# tthc-sync, a server and a portal in one process and in virtual time.
add_library(tthc_sync_testing STATIC
  ${CMAKE_CURRENT_LIST_DIR}/portal_differences.cc ${CMAKE_CURRENT_LIST_DIR}/sync_world.cc)
add_library(tthc::sync_testing ALIAS tthc_sync_testing)
tthc_target(tthc_sync_testing)
target_compile_definitions(tthc_sync_testing PRIVATE TTHC_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
target_link_libraries(tthc_sync_testing PUBLIC tthc::service_testing tthc::sync tthc::portal_sim)
