# Everything comes from the distribution; deploy/packages lists the names.
find_package(Threads REQUIRED)
set(protobuf_MODULE_COMPATIBLE ON)
find_package(Protobuf CONFIG QUIET)          # protobuf >= 22: its targets carry Abseil's link flags
if(NOT Protobuf_FOUND)
  find_package(Protobuf 3.21 MODULE REQUIRED) # Debian 12 and 13
endif()
find_package(absl CONFIG REQUIRED)           # no version: its version file wants an exact match
find_package(gRPC 1.51 CONFIG REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(CURL 7.85 REQUIRED)
find_package(RocksDB CONFIG REQUIRED)        # no version: its version file refuses another major
if(RocksDB_VERSION VERSION_LESS 7.8)
  message(FATAL_ERROR "RocksDB ${RocksDB_VERSION} is too old; 7.8 or later is needed")
endif()
if(TARGET RocksDB::rocksdb-shared)
  set(TTHC_ROCKSDB RocksDB::rocksdb-shared)
else()
  set(TTHC_ROCKSDB RocksDB::rocksdb)
endif()
find_package(PkgConfig REQUIRED)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(xlsxwriter REQUIRED IMPORTED_TARGET xlsxwriter)
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
# For long-lived programs: messages are made on one thread and freed on another all the time. Sanitizers bring their own.
set(TTHC_ALLOCATOR PkgConfig::jemalloc)
if(TTHC_SANITIZER)
  set(TTHC_ALLOCATOR "")
endif()
find_package(CLI11 CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED COMPONENTS core)
find_package(Boost 1.81 REQUIRED)            # headers only: Boost::headers

# Paths below the project are hashed relative to it, so that another clone finds the same objects. The two kinds of
# sloppiness are what precompiled headers need.
find_program(TTHC_CCACHE ccache)
if(TTHC_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${TTHC_CCACHE})
endif()
find_program(TTHC_MOLD mold)
if(TTHC_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# gRPC's own protocols, of which clients need the health check.
find_path(TTHC_GRPC_PROTOS grpc/health/v1/health.proto PATHS /usr/share/grpc-proto REQUIRED)
