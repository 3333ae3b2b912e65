#pragma once

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"

// Conversion between absl::Duration and google.protobuf.Duration. ToProto keeps microseconds and cuts off finer parts;
// FromProto keeps everything. Both parts of a negative duration are negative, as protobuf wants it. Pure; thread-safe.
namespace tthc {

inline google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  const int64_t us = absl::ToInt64Microseconds(duration);
  proto.set_seconds(us / 1'000'000);
  proto.set_nanos(static_cast<int32_t>(us % 1'000'000 * 1'000));
  return proto;
}

inline absl::Duration FromProto(const google::protobuf::Duration& proto) {
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

}  // namespace tthc
