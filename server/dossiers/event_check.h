#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tthc/v1/event.pb.h"

// Checks of an event that need neither its dossier nor the catalogue. They run on the thread of the caller, so that the
// commit thread sees well-formed events only. Those that need more are in event_completion.h. Pure; thread-safe.
namespace tthc::server {

// Checks and normalizes an event of a client: clears the output-only fields, puts texts into normal form NFC and trims
// them. INVALID_ARGUMENT FIELD_INVALID with the path from `event` (such as "event.accepted.request.content") for a
// missing payload, a payload that only the server writes, invalid UTF-8, control characters, texts that are too long,
// unknown enum values, amounts that are negative or above limits::kVndMax, and malformed times, codes, limits or tax
// codes, which have a check digit. On an error `event` may be normalized in part.
absl::Status NormalizeEvent(v1::Event& event);

// Warnings about identity numbers and phone numbers of an unusual form, in Vietnamese. They have no check digit, so
// that they are recorded as they are and a clerk looks again (docs/regulations.md "Identity numbers"). The warnings do
// not repeat the numbers, which are personal data.
std::vector<std::string> ApplicantWarnings(const v1::Applicant& applicant);

// OK if `code` can be a dossier code or an alias: 1 to limits::kCodeBytesMax visible ASCII characters without blanks
// and slashes, since it stands in resource names. Else INVALID_ARGUMENT FIELD_INVALID at `field`.
absl::Status CheckCode(const std::string& field, const std::string& code);

}  // namespace tthc::server
