# Warnings, sanitizers, include root and the cheap ways of building, for every target of ours. A room only says
# tthc_target(name).
include(TthcPrecompile)

function(tthc_target name)
  target_include_directories(${name} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>")
  target_compile_options(${name} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Woverloaded-virtual -Wimplicit-fallthrough -Wunused-result
    $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
    # Macros have to be the same wherever a precompiled header is used, and some libraries bring this one.
    -pthread
    # GCC takes a file for a header if another includes it, as unity builds do.
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${TTHC_UNITY}>>:-Wno-subobject-linkage>
    # GCC 12 sees overlaps in std::string's own operator+ (its bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<BOOL:${TTHC_WERROR}>:-Werror>)
  # Several files to one compilation. Names in anonymous namespaces may then collide: rename one of them if they mean
  # different things, share them if they mean the same.
  set_target_properties(${name} PROPERTIES UNITY_BUILD ${TTHC_UNITY} UNITY_BUILD_BATCH_SIZE 8)
  tthc_sanitize(${name})
  set_property(GLOBAL APPEND PROPERTY TTHC_TARGETS ${name})
endfunction()

# The same for what protoc generates: no warnings, and one compilation a file, since its files share names. -Wpedantic and
# -pthread are only there because the precompiled headers are compiled with them, and GCC wants the same.
function(tthc_generated name)
  target_compile_options(${name} PRIVATE -Wpedantic -w -pthread)
  tthc_sanitize(${name})
  set_property(GLOBAL APPEND PROPERTY TTHC_TARGETS ${name})
endfunction()

# All of a program has to be instrumented alike.
function(tthc_sanitize name)
  if(TTHC_SANITIZER)
    target_compile_options(${name} PUBLIC
      -fsanitize=${TTHC_SANITIZER} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_compile_definitions(${name} PUBLIC TTHC_SANITIZED)
    target_link_options(${name} PUBLIC -fsanitize=${TTHC_SANITIZER})
  endif()
endfunction()
