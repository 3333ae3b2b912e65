#pragma once

#include <string>

#include "tthc/sync/v1/profile.pb.h"
#include "tthc/v1/mirror.pb.h"

// The text of a step, and who acted in it. Texts are in Vietnamese, since citizens read them at the portal; what was
// entered with an event is passed on as it is. Pure; thread-safe.
namespace tthc::sync {

// The profile's text for the event, then what was entered with the event: "Yêu cầu bổ sung: thiếu bản sao".
std::string StepText(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery,
                     const tthc::v1::MirrorStep& step);

// officers/{officer} and units/{unit} that the event itself names as acting; empty if it names none.
std::string EventOfficer(const tthc::v1::Event& event);
std::string EventUnit(const tthc::v1::Event& event);

}  // namespace tthc::sync
