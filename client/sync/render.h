#pragma once

#include <string>
#include <vector>

#include "client/sync/sources.h"
#include "nlohmann/json.hpp"
#include "tthc/sync/v1/profile.pb.h"
#include "tthc/v1/mirror.pb.h"

// Renders records and steps for a target: the profile's fields, filled from a delivery.
//
// Rendering is deterministic, byte for byte: the digest of a record decides whether it is sent again. Nothing is made
// up: a value that the history does not have, or that the field can't hold, is sent empty, and a required field without
// a value is reported in `missing`, which parks the dossier. Pure; thread-safe.
namespace tthc::sync {

struct Rendered {
  // Every field of the profile, in its order; "" or [] where there is no value.
  nlohmann::ordered_json json;
  // Names of required fields without a value.
  std::vector<std::string> missing;
};

// `profile` must be one that ParseProfile() found no problems in.
Rendered RenderRecord(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery);
// `step` is one of the delivery's.
Rendered RenderStep(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery,
                    const tthc::v1::MirrorStep& step);

// `time` in Asia/Ho_Chi_Minh, in the profile's format.
std::string FormatTime(v1::Profile::DateFormat format, absl::Time time);

// Name of the first field that is filled from `source`; empty if there is none.
std::string FieldFrom(const google::protobuf::RepeatedPtrField<v1::Field>& fields, absl::string_view source);

// At most `chars_max` characters of valid UTF-8.
std::string CutChars(const std::string& text, int chars_max);

}  // namespace tthc::sync
