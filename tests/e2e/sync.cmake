# tthcd, tthc-sync and the simulated portal as processes.
if(NOT TTHC_SANITIZER MATCHES "thread" AND TARGET tthc_sync_program)
  foreach(test law7 reconcile)
    tthc_test(sync_${test}_test LABEL e2e TIMEOUT 300
      SOURCES ${CMAKE_CURRENT_LIST_DIR}/sync/${test}_test.cc ${CMAKE_CURRENT_LIST_DIR}/sync/mirrored_centre.cc
      LIBS tthc::server_testing tthc::sync_testing tthc::sdk)
    target_compile_definitions(sync_${test}_test PRIVATE
      TTHC_SYNC_PROGRAM="$<TARGET_FILE:tthc_sync_program>"
      TTHC_PORTAL_SIM_PROGRAM="$<TARGET_FILE:tthc_portal_sim_program>")
    add_dependencies(sync_${test}_test tthc_sync_program tthc_portal_sim_program)
  endforeach()
endif()
