# Engines and disks that fail on command.
add_library(tthc_storage_testing STATIC
  ${CMAKE_CURRENT_LIST_DIR}/faulty_engine.cc ${CMAKE_CURRENT_LIST_DIR}/faulty_file_system.cc)
add_library(tthc::storage_testing ALIAS tthc_storage_testing)
tthc_target(tthc_storage_testing)
target_link_libraries(tthc_storage_testing PUBLIC tthc::engine ${TTHC_ROCKSDB})
