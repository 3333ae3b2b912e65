#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/sync/call.h"
#include "tthc/sync/v1/profile.pb.h"
#include "tthc/v1/mirror.pb.h"

// What one target lacks of one dossier: the record as it would be rendered now against the digest of the one that the
// target has confirmed, and the steps against those that it has confirmed.
//
// A plan needs no memory of its own. After a crash the delivery gives the same plan again; what was sent without a
// recorded outcome is part of it, and the Syncer settles that doubt.
namespace tthc::sync {

// What has to be sent to one target for one dossier. It follows from the delivery and the profile alone: the same input
// always gives the same plan.
struct Plan {
  // This target does not take the dossier: nothing is sent.
  bool excluded = false;
  // Reason empty: the dossier can be sent. STATUS_UNMAPPED and FIELD_MISSING: it has to be parked; the message names
  // what is missing.
  tthc::v1::MirrorError hold;
  // The record differs from the one that the target confirmed.
  bool record_pending = false;
  // SHA-256 of the record as it would be sent.
  std::string record_digest;
  // Status of the record, in the target's codes.
  std::string status;
  // Revisions of the events whose steps are not confirmed, by time and then by revision.
  std::vector<int64_t> steps;
};

// Pure; thread-safe.
// Renders the record and all pending steps, which takes most of the time of a delivery: call it without a lock.
Plan MakePlan(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery);

}  // namespace tthc::sync
