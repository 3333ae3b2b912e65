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

// Dossiers that citizens filed with a target come here as submitted (lấy hồ sơ nộp trực tuyến về), each once however
// often they are pulled: they are registered under the target's code and under AliasAtTarget's, which belong to one
// dossier for ever.
namespace tthc::sync {

// Under which a filed dossier is known.
struct FiledCodes {
  // The target's code as it stands; empty if the record has none.
  std::string code;
  // "<alias_prefix or profile id:><id or code>", see AliasAtTarget.
  std::string alias;
};
FiledCodes CodesOf(const v1::Profile& profile, const nlohmann::ordered_json& entry);

// The records of a list's answer. UNAVAILABLE FILINGS_NOT_TOLD if it is another answer.
absl::StatusOr<std::vector<nlohmann::ordered_json>> FiledIn(const TargetSetup& setup, const PortalClient::Reply& reply);

// One record or an array of them, as in a file. INVALID_ARGUMENT FILINGS_UNREADABLE.
absl::StatusOr<std::vector<nlohmann::ordered_json>> FiledInFile(const std::string& text);

// The request that registers a filed dossier, from the fields that the profile names (pull_fields, else
// record_fields). What the record does not say is left out. A moment in the future is left out, too: then it counts
// from its arrival. INVALID_ARGUMENT FILING_INCOMPLETE (no code, procedure or applicant; metadata `fields`),
// FILING_UNREADABLE (a date that is none; metadata `field`).
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

struct PullCounts {
  int64_t filed = 0;
  int64_t registered = 0;
  // Here already (đã có).
  int64_t known = 0;
  // Not registered, and not confirmed: see on_problem. They come again with the next pull.
  int64_t refused = 0;
  // The target was told that they have arrived.
  int64_t confirmed = 0;
};

// Asks the target's list service and registers what is there; then confirms each. One that can't be registered (a
// procedure that our catalogue lacks) is reported and keeps nobody else waiting. Errors: those of PortalClient and
// FiledIn; the server's that concern all (it does not answer).
absl::StatusOr<PullCounts> PullFromTarget(sdk::Client& client, PortalClient& portal, const TargetSetup& setup,
                                          const PullOptions& options);

// The same with records at hand, for targets that call in. Nothing is confirmed.
absl::StatusOr<PullCounts> PullRecords(sdk::Client& client, const TargetSetup& setup,
                                       const std::vector<nlohmann::ordered_json>& entries, const PullOptions& options);

}  // namespace tthc::sync
