#pragma once

#include <string>

#include "tthc/sync/v1/profile.pb.h"
#include "tthc/v1/mirror.pb.h"

// What a step says and who did it. Pure; thread-safe.
namespace tthc::sync {

// The profile's words for the event, then what was entered with it: "Yêu cầu bổ sung: thiếu bản sao".
std::string StepText(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery,
                     const tthc::v1::MirrorStep& step);

// officers/{officer} and units/{unit} that the event itself names as acting; empty if it names none.
std::string EventOfficer(const tthc::v1::Event& event);
std::string EventUnit(const tthc::v1::Event& event);

}  // namespace tthc::sync
