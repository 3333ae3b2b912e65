#pragma once

#include <cstdint>
#include <vector>

#include "client/sync/call.h"
#include "nlohmann/json.hpp"
#include "tthc/sync/v1/profile.pb.h"

// What a target says that it knows, laid beside what it was told. Pure; thread-safe.
namespace tthc::sync {

// The entry of `results` (an array, or one object) that is about the delivery's dossier; nullptr if none is.
const nlohmann::ordered_json* FindResult(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery,
                                         const nlohmann::ordered_json& results);

// Revisions of the delivery's events whose steps are among `told`, an array of steps. Each of `told` stands for one
// step: two that look alike are known only if they are told twice.
std::vector<int64_t> KnownSteps(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery,
                                const nlohmann::ordered_json& told);

}  // namespace tthc::sync
