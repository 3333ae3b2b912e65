#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/sync/call.h"
#include "tthc/sync/v1/profile.pb.h"
#include "tthc/v1/mirror.pb.h"

namespace tthc::sync {

// What one target is owed for one dossier. Made from the delivery and the profile alone: the same always gives the
// same.
struct Plan {
  // This target has nothing to do with the dossier.
  bool owed = true;
  // Empty reason = can be told; STATUS_UNMAPPED, FIELD_MISSING (message names it) hold the dossier.
  tthc::v1::MirrorError hold;
  // The record differs from the one that the target confirmed.
  bool record_owed = false;
  // SHA-256 of the record as it would be sent.
  std::string record_digest;
  // Status of the record, in the target's codes.
  std::string status;
  // Revisions of the events whose steps are not confirmed: by time, then by revision.
  std::vector<int64_t> steps;

  bool nothing_to_do() const { return hold.reason().empty() && !record_owed && steps.empty(); }
};

// Pure; thread-safe.
Plan MakePlan(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery);

}  // namespace tthc::sync
