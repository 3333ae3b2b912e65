# tthcd, tthc-sync and the simulated portal as processes.
if(NOT TTHC_SANITIZER MATCHES "thread" AND TARGET tthc_sync_program)
  function(tthc_mirrored_center_test name source)
    tthc_test(${name} LABEL e2e TIMEOUT 300
      SOURCES ${source} ${CMAKE_CURRENT_LIST_DIR}/sync/mirrored_center.cc
      LIBS tthc::server_testing tthc::sync_testing tthc::sdk)
    target_compile_definitions(${name} PRIVATE
      TTHC_SYNC_PROGRAM="$<TARGET_FILE:tthc_sync_program>"
      TTHC_PORTAL_SIM_PROGRAM="$<TARGET_FILE:tthc_portal_sim_program>")
    add_dependencies(${name} tthc_sync_program tthc_portal_sim_program)
  endfunction()
  tthc_mirrored_center_test(sync_law7_test ${CMAKE_CURRENT_LIST_DIR}/sync/law7_test.cc)
  tthc_mirrored_center_test(sync_reconcile_test ${CMAKE_CURRENT_LIST_DIR}/sync/reconcile_test.cc)
endif()
