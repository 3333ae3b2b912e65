#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/sync/problems.h"
#include "tthc/sync/v1/config.pb.h"
#include "tthc/sync/v1/profile.pb.h"

namespace tthc::sync {

// Ids of the profiles that are built in, sorted; and the text of one, empty if there is none of the id.
std::vector<std::string> ShippedProfiles();
std::string ShippedProfileText(absl::string_view id);

// Reads a profile in text format and checks it whole. Everything that is wrong goes to `problems`, under the name
// `file`.
v1::Profile ParseProfile(const std::string& file, const std::string& text, Problems* problems);

// One that is built in, by its id; or the one in a file, whose path has a slash or ends in .textproto.
v1::Profile LoadProfile(const std::string& name, Problems* problems);

// The profile as one target uses it: the target's rows of statuses and outcomes in front of its own.
v1::Profile MergeProfile(const v1::Profile& profile, const v1::Target& target);

// SHA-256 of everything by which records and steps are rendered, for AcquireMirrorTargetRequest.profile_digest.
std::string ProfileDigest(const v1::Profile& merged);

// One row of a profile or a target; what is wrong is said at `spot`.
void CheckStatusRow(const Spot& spot, const v1::Status& row);
void CheckOutcomeRow(const Spot& spot, const v1::OutcomeRow& row);

// All bytes of a file. NOT_FOUND (no such file, or it can't be opened), INVALID_ARGUMENT (larger than `bytes_max`).
absl::StatusOr<std::string> ReadFileBounded(const std::string& path, size_t bytes_max);

}  // namespace tthc::sync
