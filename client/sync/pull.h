#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/sdk/client.h"
#include "client/sync/config.h"
#include "client/sync/portal_client.h"
#include "nlohmann/json.hpp"
#include "tthc/v1/dossier_service.pb.h"

// Registers the dossiers that citizens filed online with a target (lấy hồ sơ nộp trực tuyến về) as submitted here.
//
// Each is registered once, however often it is pulled: its aliases, the target's code and the one of AliasAtTarget,
// belong to one dossier for good, and its request id follows from its code. A pull that is killed is therefore just run
// again.
//
// Vocabulary:
//   filing   a dossier as the target has it, before we do
//   confirm  to report to the target that a filing was received, after which it is not listed again
//
// The order is registration, then confirmation: a filing is confirmed only when it is durable here. What can't be
// registered stays at the target and comes again with the next pull. Pulling blocks for calls to the target and the
// server. Thread-safe: two pulls at a time register each filing once.
namespace tthc::sync {

// The codes of a filed dossier.
struct FiledCodes {
  // The target's code as the record has it; empty if it has none.
  std::string code;
  // "<alias_prefix or profile id:><id or code>", see AliasAtTarget.
  std::string alias;
};
FiledCodes CodesOf(const v1::Profile& profile, const nlohmann::ordered_json& entry);

// The records in the answer of a list service. UNAVAILABLE FILINGS_NOT_LISTED if the answer is no list.
absl::StatusOr<std::vector<nlohmann::ordered_json>> FiledIn(const TargetSetup& setup, const PortalClient::Reply& reply);

// One record or an array of them, as in a file. INVALID_ARGUMENT FILINGS_UNREADABLE.
absl::StatusOr<std::vector<nlohmann::ordered_json>> FiledInFile(const std::string& text);

// The request that registers a filed dossier, from the fields that the profile names (pull_fields, else
// record_fields). Fields without a value are left out, and so is a submission time in the future: the dossier then
// counts from its arrival. INVALID_ARGUMENT FILING_INCOMPLETE (no code, procedure or applicant; metadata `fields`),
// FILING_UNREADABLE (a malformed time; metadata `field`).
absl::StatusOr<tthc::v1::CreateDossierRequest> RequestOf(const TargetSetup& setup, const nlohmann::ordered_json& entry,
                                                         absl::Time now);

// Whether a dossier has the alias.
absl::StatusOr<bool> IsRegistered(sdk::Client& client, const FiledCodes& codes);

struct PullOptions {
  std::function<absl::Time()> now;
  // Called for each record that could not be registered, or not be confirmed to the target; may be empty. `code` is
  // the target's.
  std::function<void(const std::string& code, const absl::Status& why)> on_problem;
};

// Every filing is counted once in `filed` and once in registered, known or refused.
struct PullCounts {
  int64_t filed = 0;
  int64_t registered = 0;
  // Registered before (đã có).
  int64_t known = 0;
  // Neither registered nor confirmed: see on_problem. The next pull tries again.
  int64_t refused = 0;
  // Confirmed to the target as received.
  int64_t confirmed = 0;
};

// Asks the target's list service, registers what it lists and confirms each. A record that can't be registered (a
// procedure that our catalogue lacks) is reported, and the others go on. Errors: those of PortalClient and FiledIn, and
// those of the server that every record would meet.
absl::StatusOr<PullCounts> PullFromTarget(sdk::Client& client, PortalClient& portal, const TargetSetup& setup,
                                          const PullOptions& options);

// The same with records at hand, for targets that send them. Nothing is confirmed.
absl::StatusOr<PullCounts> PullRecords(sdk::Client& client, const TargetSetup& setup,
                                       const std::vector<nlohmann::ordered_json>& entries, const PullOptions& options);

}  // namespace tthc::sync
