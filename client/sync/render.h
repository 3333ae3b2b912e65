#pragma once

#include <string>
#include <vector>

#include "client/sync/sources.h"
#include "nlohmann/json.hpp"
#include "tthc/sync/v1/profile.pb.h"
#include "tthc/v1/mirror.pb.h"

// Records and steps as a target wants to read them: the profile's rows, filled from a delivery. Pure; thread-safe.
namespace tthc::sync {

struct Rendered {
  // Every field of the profile, in its order; what is not known is "" or [].
  nlohmann::ordered_json json;
  // Names of required fields without a value.
  std::vector<std::string> missing;
};

Rendered RenderRecord(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery);
// `step` is one of the delivery's.
Rendered RenderStep(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery,
                    const tthc::v1::MirrorStep& step);

// `time` on the office's wall clock, in the format of the profile.
std::string FormatTime(v1::Profile::DateFormat format, absl::Time time);

// Name of the first field that is filled from `source`; empty if there is none.
std::string FieldFrom(const google::protobuf::RepeatedPtrField<v1::Field>& fields, absl::string_view source);

// At most `chars_max` characters of valid UTF-8.
std::string CutChars(const std::string& text, int chars_max);

}  // namespace tthc::sync
