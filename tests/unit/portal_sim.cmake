tthc_test(portal_sim_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/portal_sim/faults_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/portal_sim/http_server_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/portal_sim/journal_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/portal_sim/portal_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/portal_sim/rules_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/portal_sim/site_test.cc
  LIBS tthc::portal_sim Boost::headers OpenSSL::SSL Threads::Threads)
# The program itself.
tthc_test(portal_sim_program_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/portal_sim/program_test.cc
  LIBS tthc::process_testing tthc::portal_sim Boost::headers)
target_compile_definitions(portal_sim_program_test PRIVATE TTHC_PORTAL_SIM="$<TARGET_FILE:tthc_portal_sim_program>")
add_dependencies(portal_sim_program_test tthc_portal_sim_program)
