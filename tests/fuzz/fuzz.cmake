# Each fuzzer is one function over bytes. Its corpus is replayed, and a little mutated, as an ordinary test in each run;
# the preset `fuzz` makes libFuzzer programs of the same sources (tests/fuzz/run).
foreach(name record parsers csv page_token event due_time scheme portal_answer sync_config)
  set(libs tthc::service_testing tthc::schema)
  if(name MATCHES "portal|sync")
    set(libs tthc::sync)
  endif()
  if(TTHC_BUILD_TESTS)
    tthc_test(fuzz_${name}_test LABEL fuzz
      SOURCES ${CMAKE_CURRENT_LIST_DIR}/corpus_test.cc ${CMAKE_CURRENT_LIST_DIR}/${name}_fuzzer.cc
      LIBS ${libs})
    target_compile_definitions(fuzz_${name}_test PRIVATE TTHC_CORPUS="${CMAKE_CURRENT_LIST_DIR}/corpus/${name}")
  endif()
  if(TTHC_BUILD_FUZZERS)
    add_executable(${name}_fuzzer ${CMAKE_CURRENT_LIST_DIR}/${name}_fuzzer.cc $<TARGET_OBJECTS:tthc_sanitizer_options>)
    tthc_target(${name}_fuzzer)
    target_link_libraries(${name}_fuzzer PRIVATE ${libs})
    target_link_options(${name}_fuzzer PRIVATE -fsanitize=fuzzer)
  endif()
endforeach()
