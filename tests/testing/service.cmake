# The service over a store of its own, and random histories to send to it.
add_library(tthc_service_testing STATIC
  ${CMAKE_CURRENT_LIST_DIR}/random_center.cc ${CMAKE_CURRENT_LIST_DIR}/random_history.cc
  ${CMAKE_CURRENT_LIST_DIR}/random_year.cc ${CMAKE_CURRENT_LIST_DIR}/service_fixture.cc
  ${CMAKE_CURRENT_LIST_DIR}/statistics_hits.cc ${CMAKE_CURRENT_LIST_DIR}/statistics_life.cc
  ${CMAKE_CURRENT_LIST_DIR}/statistics_oracle.cc ${CMAKE_CURRENT_LIST_DIR}/statistics_queries.cc)
add_library(tthc::service_testing ALIAS tthc_service_testing)
tthc_target(tthc_service_testing)
target_compile_definitions(tthc_service_testing PRIVATE TTHC_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
target_link_libraries(tthc_service_testing
  PUBLIC tthc::service tthc::domain_testing PRIVATE tthc::engine)
