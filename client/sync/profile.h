#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/sync/problems.h"
#include "tthc/sync/v1/config.pb.h"
#include "tthc/sync/v1/profile.pb.h"

namespace tthc::sync {

// A profile describes a target's interface as data (proto/tthc/sync/v1/profile.proto): paths, fields, codes, statuses,
// answers. Three are built in; a center can bring its own without a new program.
//
// A profile is checked as a whole before it is used, so that rendering and classification meet no case that they can't
// handle: every source exists, every code list is there, and a success needs a code. Problems go into a Problems list;
// the returned profile can be used only if none was added.
//
// All functions are pure but for those that read files; thread-safe.

// Ids of the built-in profiles, sorted; and the text of one, empty if there is no such profile.
std::vector<std::string> ShippedProfiles();
std::string ShippedProfileText(absl::string_view id);

// Parses and checks a profile in text format. Adds everything that is wrong to `problems`, under the name `file`.
v1::Profile ParseProfile(const std::string& file, const std::string& text, Problems* problems);

// Loads a built-in profile by its id, or one from a file, whose path has a slash or ends in .textproto.
v1::Profile LoadProfile(const std::string& name, Problems* problems);

// The profile as one target uses it: with the target's rows of statuses and outcomes before its own.
v1::Profile MergeProfile(const v1::Profile& profile, const v1::Target& target);

// SHA-256 of everything that decides how records and steps are rendered, for AcquireMirrorTargetRequest.profile_digest.
std::string ProfileDigest(const v1::Profile& merged);

// Check one row of a profile or a target and add its problems at `spot`.
void CheckStatusRow(const Spot& spot, const v1::Status& row);
void CheckOutcomeRow(const Spot& spot, const v1::OutcomeRow& row);

// All bytes of a file. NOT_FOUND (no such file, or it can't be opened), INVALID_ARGUMENT (larger than `bytes_max`).
absl::StatusOr<std::string> ReadFileBounded(const std::string& path, size_t bytes_max);

}  // namespace tthc::sync
