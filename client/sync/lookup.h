#pragma once

#include <cstdint>
#include <vector>

#include "client/sync/call.h"
#include "nlohmann/json.hpp"
#include "tthc/sync/v1/profile.pb.h"

// Finds our dossier and our steps in what a look-up returned. This is how a doubt is settled: the target says what it
// has, and only the rest is sent.
//
// Targets do not return our revisions, so that steps are compared by the fields that the profile sends. A step that was
// sent before a person or unit was renamed still matches, by its time, text and status.
//
// Data that does not have the expected form matches nothing; nothing here fails. Pure; thread-safe.
namespace tthc::sync {

// The entry of `results` (an array, or one object) that is about the delivery's dossier; nullptr if none is.
const nlohmann::ordered_json* FindResult(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery,
                                         const nlohmann::ordered_json& results);

// Revisions of the delivery's events whose steps are in `reported`, an array of steps. Each reported step matches one
// of ours: two that look alike are both known only if both are reported.
std::vector<int64_t> KnownSteps(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery,
                                const nlohmann::ordered_json& reported);

}  // namespace tthc::sync
