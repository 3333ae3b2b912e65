#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

// Checks that a request has all fields that (google.api.field_behavior) = REQUIRED asks for, however deep they lie. One
// check, made from the descriptors, serves every method and every wire, so that no handler checks presence.
//
// A field is missing if it has its default value: an empty text or list, zero, UNSPECIFIED, an unset message. Two kinds
// of fields are not looked at: OUTPUT_ONLY ones, which a client cannot set, and what lies below an unset field.
//
// Threads: a RequiredFields never changes after it is made; Check takes no lock.
namespace tthc::server {

class RequiredFields {
 public:
  // The fields to check in messages of `type`: computed once per type and kept until the process ends. Takes a lock, so
  // call it when a method is added to the table and not per call. Thread-safe.
  static const RequiredFields& For(const google::protobuf::Descriptor* type);

  // OK, or INVALID_ARGUMENT FIELD_INVALID with a violation for each missing field, by its whole path
  // ("event.finished.result", "requests[3].parent"). The first limits::kMissingFieldsMax are named, the others counted.
  // Takes well below 1 µs for a complete event.
  //
  // In a request with a non-empty `update_mask`, fields of the resource that the mask leaves out may be unset: they
  // keep their values, and the capability checks the merged resource. The resource's `name` and what the mask names
  // stay required.
  absl::Status Check(const google::protobuf::Message& message) const;

 private:
  friend class RequiredFieldsRegistry;
  // A field to look at.
  struct Field {
    const google::protobuf::FieldDescriptor* descriptor = nullptr;
    // The field itself must be set.
    bool required = false;
    // A message with (google.api.resource): an update mask of its request applies to it.
    bool is_resource = false;
    // Null if nothing below can be missing.
    const RequiredFields* below = nullptr;
  };
  // Members by index_in_oneof(), so that finding the one that is set takes one look.
  struct Oneof {
    const google::protobuf::OneofDescriptor* descriptor = nullptr;
    std::vector<Field> members;
  };
  // What Collect has found.
  struct Missing {
    // The first limits::kMissingFieldsMax.
    std::vector<std::string> paths;
    size_t count = 0;
    void Add(std::string path);
  };
  using Mask = google::protobuf::FieldMask;

  // The update mask of a request, if it has one that names fields; null if it has none, an empty one, or "*": all
  // fields.
  const Mask* MaskOf(const google::protobuf::Message& message) const;
  // A yes or no without paths: almost every request is complete.
  bool IsComplete(const google::protobuf::Message& message) const;
  // The same for one field and what lies below it.
  static bool IsFieldComplete(const google::protobuf::Message& message, const Field& field);
  // `prefix` is empty or ends in a dot. `mask` applies to the resource in `message`.
  void Collect(const google::protobuf::Message& message, const std::string& prefix, const Mask* mask,
               Missing* missing) const;
  // The same for one field and what lies below it.
  static void CollectField(const google::protobuf::Message& message, const Field& field, const std::string& prefix,
                           const Mask* mask, Missing* missing);
  // As Collect, in a resource of which only `chosen` fields were sent.
  void CollectChosen(const google::protobuf::Message& resource, const std::string& prefix, const Mask& chosen,
                     Missing* missing) const;

  // Fields that may be missing, or below which something may; members of oneofs apart.
  std::vector<Field> fields_;
  std::vector<Oneof> oneofs_;
  // The request's field `update_mask`; null if it has none.
  const google::protobuf::FieldDescriptor* mask_ = nullptr;
};

}  // namespace tthc::server
