#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

// What updates of whole resources have in common: update masks (AIP-134) and etags (AIP-154). Pure; thread-safe.
//
// A mask names fields of the resource itself, each of which is replaced whole. An empty mask stands for all fields. The
// fields that the server fills (OUTPUT_ONLY) and `name`, which says what is updated, may be named and are ignored.
namespace tthc::server {

// INVALID_ARGUMENT FIELD_INVALID at "update_mask" for a path that is no field of `resource`; nested paths are none.
absl::Status CheckUpdateMask(const google::protobuf::FieldMask& mask, const google::protobuf::Descriptor& resource);

// The resource that an update asks for: `stored` with the fields of `update` that the mask names. Both are of the type
// that CheckUpdateMask was called for.
template <typename Resource>
Resource Updated(const google::protobuf::FieldMask& mask, const Resource& update, const Resource& stored);

// ABORTED ETAG_MISMATCH at `field`, with the metadata current_etag, unless `given` is empty or `current`. `current` is
// empty if the resource does not exist, which no etag matches.
absl::Status CheckEtag(absl::string_view field, const std::string& given, const std::string& current);

namespace internal {
void MergeMasked(const google::protobuf::FieldMask& mask, const google::protobuf::Message& update,
                 google::protobuf::Message* stored);
}  // namespace internal

template <typename Resource>
Resource Updated(const google::protobuf::FieldMask& mask, const Resource& update, const Resource& stored) {
  if (mask.paths().empty()) return update;
  Resource merged = stored;
  internal::MergeMasked(mask, update, &merged);
  return merged;
}

}  // namespace tthc::server
