#pragma once

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

// Checks (google.api.field_behavior) = REQUIRED of any message, however deep, by its descriptor: no handler checks
// presence.
namespace tthc::rpc {

class RequiredFields {
 public:
  // What is to be checked in messages of this type; worked out once and kept for the process's life. Thread-safe, takes
  // a lock: call it when a method is registered, not per call.
  static const RequiredFields& For(const google::protobuf::Descriptor* type);

  // INVALID_ARGUMENT FIELD_INVALID at the first required field that is missing, by its whole path
  // ("event.finished.result", "requests[3].parent"). Empty texts and lists and zero numbers count as missing; what a
  // caller can't set (OUTPUT_ONLY) is not looked at. Thread-safe, lock-free; well under 1 µs for an event.
  absl::Status Check(const google::protobuf::Message& message) const;

 private:
  friend class RequiredFieldsRegistry;
  struct Field {
    const google::protobuf::FieldDescriptor* descriptor = nullptr;
    bool required = false;
    // Null if nothing below can be missing.
    const RequiredFields* below = nullptr;
  };
  // Members by index_in_oneof(): one look instead of one per member.
  struct Oneof {
    const google::protobuf::OneofDescriptor* descriptor = nullptr;
    std::vector<Field> members;
  };
  using Path = std::vector<std::string>;

  bool IsComplete(const google::protobuf::Message& message, Path* reversed_path) const;
  static bool IsFieldComplete(const google::protobuf::Message& message, const Field& field, Path* reversed_path);

  std::vector<Field> fields_;
  std::vector<Oneof> oneofs_;
};

}  // namespace tthc::rpc
