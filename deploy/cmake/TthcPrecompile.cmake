# Precompiled headers of what does not change: the standard library, Abseil, protobuf, gRPC, GoogleTest. Reading these
# is half of the work of compiling a file. A target gets the largest set whose libraries it links, so that no room has
# to choose. Only for GCC: the presets with Clang compile without, and find a file that lacks an include.
option(TTHC_PRECOMPILE "Precompile the headers of libraries (GCC only)" ON)

set(tthc_headers_base
  <algorithm> <array> <atomic> <chrono> <cmath> <condition_variable> <cstddef> <cstdint> <cstdlib> <deque> <filesystem>
  <fstream> <functional> <iostream> <iterator> <limits> <map> <memory> <mutex> <optional> <random> <set> <sstream>
  <string> <thread> <tuple> <unordered_map> <utility> <vector>
  absl/container/btree_map.h absl/status/status.h absl/status/statusor.h absl/strings/ascii.h absl/strings/escaping.h
  absl/strings/match.h absl/strings/numbers.h absl/strings/str_cat.h absl/strings/str_format.h absl/strings/str_join.h
  absl/strings/str_replace.h absl/strings/str_split.h absl/strings/string_view.h absl/strings/strip.h
  absl/time/civil_time.h absl/time/clock.h absl/time/time.h
  google/protobuf/descriptor.h google/protobuf/duration.pb.h google/protobuf/field_mask.pb.h
  google/protobuf/generated_message_reflection.h google/protobuf/map.h google/protobuf/message.h
  google/protobuf/repeated_field.h google/protobuf/timestamp.pb.h google/protobuf/unknown_field_set.h)
list(TRANSFORM tthc_headers_base REPLACE "^([^<].*)$" "<\\1>")
set(tthc_headers_grpc <grpcpp/grpcpp.h>)
set(tthc_headers_gtest <gmock/gmock.h> <gtest/gtest.h>)

# Whether `target` sees the headers of `wanted`: links it itself, or by what others link publicly.
function(tthc_links target wanted out)
  set(seen "")
  set(queue ${target})
  while(queue)
    list(POP_FRONT queue next)
    if(next STREQUAL wanted)
      set(${out} TRUE PARENT_SCOPE)
      return()
    endif()
    if(next IN_LIST seen OR NOT TARGET ${next})
      continue()
    endif()
    list(APPEND seen ${next})
    get_target_property(libraries ${next} INTERFACE_LINK_LIBRARIES)
    if(libraries)
      list(APPEND queue ${libraries})
    endif()
    if(next STREQUAL target)
      get_target_property(libraries ${next} LINK_LIBRARIES)
      if(libraries)
        list(APPEND queue ${libraries})
      endif()
    endif()
  endwhile()
  set(${out} FALSE PARENT_SCOPE)
endfunction()

# A target that holds the headers of `libraries` (of: base grpc gtest); built when another uses it.
function(tthc_precompiled_for libraries out)
  list(JOIN libraries "_" suffix)
  set(name tthc_precompiled_${suffix})
  set(${out} ${name} PARENT_SCOPE)
  if(TARGET ${name})
    return()
  endif()
  set(empty "${PROJECT_BINARY_DIR}/precompiled/${suffix}.cc")
  if(NOT EXISTS "${empty}")
    file(WRITE "${empty}" "")
  endif()
  add_library(${name} OBJECT EXCLUDE_FROM_ALL "${empty}")
  tthc_target(${name})
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)
  foreach(library IN LISTS libraries)
    target_precompile_headers(${name} PRIVATE ${tthc_headers_${library}})
  endforeach()
  # Only for their macros, which have to be the same where the headers are used.
  target_link_libraries(${name} PRIVATE protobuf::libprotobuf absl::strings)
  if("grpc" IN_LIST libraries)
    target_link_libraries(${name} PRIVATE gRPC::grpc++)
  endif()
  if("gtest" IN_LIST libraries)
    target_link_libraries(${name} PRIVATE GTest::gmock)
  endif()
endfunction()

# To be called when all targets are there.
function(tthc_precompile_all)
  if(NOT TTHC_PRECOMPILE OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    return()
  endif()
  get_property(targets GLOBAL PROPERTY TTHC_TARGETS)
  foreach(target IN LISTS targets)
    set(libraries base)
    tthc_links(${target} gRPC::grpc++ grpc)
    tthc_links(${target} GTest::gmock gtest)
    foreach(library grpc gtest)
      if(${library})
        list(APPEND libraries ${library})
      endif()
    endforeach()
    tthc_precompiled_for("${libraries}" precompiled)
    target_precompile_headers(${target} REUSE_FROM ${precompiled})
    # ccache needs to see which precompiled header a file used.
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  endforeach()
endfunction()
