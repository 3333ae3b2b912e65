# Warnings, sanitizers and include root of every target of ours.
function(tthc_target name)
  target_include_directories(${name} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>")
  target_compile_options(${name} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Woverloaded-virtual -Wimplicit-fallthrough -Wunused-result
    $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
    # GCC 12 sees overlaps in std::string's own operator+ (its bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<BOOL:${TTHC_WERROR}>:-Werror>)
  tthc_sanitize(${name})
endfunction()

function(tthc_sanitize name)
  if(TTHC_SANITIZER)
    target_compile_options(${name} PUBLIC
      -fsanitize=${TTHC_SANITIZER} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${name} PUBLIC -fsanitize=${TTHC_SANITIZER})
  endif()
endfunction()
