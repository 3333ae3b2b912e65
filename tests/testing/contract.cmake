# The proto files of tthc.v1 with their comments, as one descriptor set: all of the folder, listed in a library or not.
file(GLOB tthc_contract_protos CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/proto/tthc/v1/*.proto")
set(tthc_contract_file "${CMAKE_CURRENT_BINARY_DIR}/contract.binpb")
add_custom_command(OUTPUT "${tthc_contract_file}"
  COMMAND protobuf::protoc "--proto_path=${PROJECT_SOURCE_DIR}/proto" --include_imports --include_source_info
          "--descriptor_set_out=${tthc_contract_file}" ${tthc_contract_protos}
  DEPENDS ${tthc_contract_protos}
  VERBATIM)
add_custom_target(tthc_contract DEPENDS "${tthc_contract_file}")

# Lets a test read them with tests/testing/proto_files.h.
function(tthc_reads_contract test)
  add_dependencies(${test} tthc_contract)
  target_compile_definitions(${test} PRIVATE TTHC_CONTRACT_FILE="${tthc_contract_file}")
endfunction()
