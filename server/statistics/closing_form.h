#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "tthc/v1/statistics.pb.h"

// The canonical form of a closing's figures, in versions: the bytes that its digest covers.
//
// A closing keeps the version of its form, and its digest is checked with the same version for ever, whatever later
// versions look like. A new form is a new case in ClosingDigest and a higher kClosingFormVersion; the code of the
// earlier ones stays.
//
// Pure; thread-safe.
namespace tthc::server {

// The form of new closings.
inline constexpr int32_t kClosingFormVersion = 1;

// SHA-256 of the report in a version of the form, in lower-case hexadecimal. 0 stands for 1: closings of before
// versions were kept have that form. INVALID_ARGUMENT for a version that this server does not know.
absl::StatusOr<std::string> ClosingDigest(int32_t form_version, const v1::Report06a& report);

}  // namespace tthc::server
