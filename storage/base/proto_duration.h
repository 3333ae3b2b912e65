#pragma once

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"

// Lengths of time at protobuf's edge. Microseconds are kept, finer parts cut off.
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
