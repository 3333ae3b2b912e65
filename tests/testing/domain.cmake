# A small center, its events and histories, made without any file.
add_library(tthc_domain_testing STATIC
  ${CMAKE_CURRENT_LIST_DIR}/sample_catalogue.cc ${CMAKE_CURRENT_LIST_DIR}/sample_events.cc)
add_library(tthc::domain_testing ALIAS tthc_domain_testing)
tthc_target(tthc_domain_testing)
target_compile_definitions(tthc_domain_testing PRIVATE TTHC_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
target_link_libraries(tthc_domain_testing PUBLIC tthc::domain)
