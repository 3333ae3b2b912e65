#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tthc/v1/event.pb.h"

// What can be said of an event without knowing its dossier. Pure; thread-safe.
namespace tthc::server {

// Checks and normalises an event as it came in: clears what only the server sets, puts texts into NFC, trims them.
// INVALID_ARGUMENT FIELD_INVALID with the path from `event` ("event.accepted.request.content"): no payload, a payload
// that only the server writes, invalid UTF-8, control characters, over-long texts, unknown enum values, amounts that
// are negative or beyond limits::kVndMax, malformed times, codes, tax codes (they have a check digit) or limits.
absl::Status NormalizeEvent(v1::Event& event);

// Identity numbers and phones of an odd shape: the law knows no check digit for them, so that they are worth a look and
// no reason to turn someone away (domain/regulations 6.4). In Vietnamese, without the numbers themselves.
std::vector<std::string> ApplicantWarnings(const v1::Applicant& applicant);

// At most limits::kRequestIdBytesMax letters, digits and dashes, or empty.
absl::Status CheckRequestId(const std::string& request_id);

// A dossier code or alias in `field`: 1 to limits::kCodeBytesMax visible ASCII characters without blanks and slashes.
absl::Status CheckCode(const std::string& field, const std::string& code);

}  // namespace tthc::server
