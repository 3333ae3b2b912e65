#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/sdk/client.h"
#include "client/sync/config.h"
#include "client/sync/portal_client.h"
#include "tthc/v1/mirror.pb.h"

// Reconciliation (đối chiếu): asks a target what it has and compares it with what we have. The mirror trusts what a
// target confirmed; this finds out whether the target still has it.
//
// Vocabulary, from our point of view:
//   missing   the target has nothing of a dossier that it takes
//   stale     the target has the dossier with other values or other steps
//   foreign   the target has something else under our code, or a filed dossier that is not registered here
//   waiting   it differs, but the dossier is still pending here
//   excluded  the target does not take the dossier, and has nothing of it
//   unasked   the target gave no usable answer about the dossier
//
// It only reads. A repair is a request to the server, and the mirror does the sending, with its order and its doubts.
namespace tthc::sync {

// One dossier on both sides. Holds no personal data: fields by their names only.
struct Comparison {
  enum class Kind {
    kEqual,
    kWaiting,
    kMissing,
    kStale,
    kForeign,
    kExcluded,
    // The target gave no answer about it.
    kUnasked,
  };
  // The kinds of the vocabulary above; kEqual: both sides agree in everything that both have.
  Kind kind = Kind::kEqual;
  // dossiers/{dossier uid}; empty if it is not registered here.
  std::string dossier = {};
  // The code that people know the dossier by here; empty if it is not registered here.
  std::string own_code = {};
  // The code at the target.
  std::string code = {};
  tthc::v1::MirrorItem::State state = tthc::v1::MirrorItem::STATE_UNSPECIFIED;
  // In the target's codes; empty where there is none.
  std::string status_here = {};
  std::string status_there = {};
  // Names, as the target has them, of the fields that both sides have filled with different values, the status
  // included.
  std::vector<std::string> fields = {};
  // How many of our steps the target lacks, and how many it has that are not ours. 0 if it does not report steps.
  int steps_missing = 0;
  int steps_extra = 0;
  // For kUnasked, such as "BUSY".
  std::string reason = {};
  // Filed at the target and not registered here yet; `tthc-sync pull` registers it.
  bool is_filing = false;
  // The server was asked to send it again (ReconcileOptions::repair).
  bool repair_asked = false;

  bool differs() const { return kind == Kind::kMissing || kind == Kind::kStale || kind == Kind::kForeign; }
};

// Compares a delivery with what a look-up of its dossier returned. Pure; thread-safe.
Comparison CompareDossier(const TargetSetup& setup, const tthc::v1::MirrorDelivery& delivery,
                          const PortalClient::Reply& reply);

// True if sending the dossier again would mend the difference. It would not for foreign ones, for those that wait for a
// person (parked, skipped), and for those that only have too many steps.
bool IsMendable(const Comparison& comparison);

struct ReconcileOptions {
  // Only dossiers accepted in [from, to); unset: no bound.
  std::optional<absl::Time> from = {};
  std::optional<absl::Time> to = {};
  // How many of these, drawn at random from `seed`; 0: all.
  int64_t sample = 0;
  uint64_t seed = 0;
  // Asks the server to send again what is missing and stale.
  bool repair = false;
  // Name under which it holds the lease while no tthc-sync runs, unique to this process.
  std::string holder = {};
  // Called for every dossier that is neither equal nor excluded. Both functions run on the caller's thread.
  std::function<void(const Comparison&)> on_found = {};
  std::function<void(int64_t done, int64_t total)> on_progress = {};
};

struct ReconcileCounts {
  // All that were compared, including excluded ones.
  int64_t dossiers = 0;
  int64_t equal = 0;
  int64_t waiting = 0;
  int64_t missing = 0;
  int64_t stale = 0;
  // Foreign ones under codes of ours; and filed there but not registered here.
  int64_t foreign = 0;
  int64_t filings = 0;
  int64_t excluded = 0;
  int64_t unasked = 0;
  // Of those that differ: parked here, skipped here, sent again.
  int64_t parked = 0;
  int64_t skipped = 0;
  int64_t repairs_asked = 0;

  int64_t differences() const { return missing + stale + foreign + filings; }
  // Share of equal ones among those that the target takes and answered for; no value if there are none.
  std::optional<double> equal_share() const {
    const int64_t answered = equal + waiting + missing + stale + foreign;
    return answered == 0 ? std::nullopt : std::optional(static_cast<double>(equal) / static_cast<double>(answered));
  }
};

// Asks the target about dossiers, Target.worker_count at a time, and holds one page of them in memory. Dossiers that
// differ are read again before they count, so that work that goes on meanwhile shows no differences. Changes nothing at
// the target; with `repair`, the tthc-sync that runs sends the dossiers again. Uses the lease of the tthc-sync that
// runs; if none does, acquires the target for a short time.
//
// Errors: those of PortalClient and of the server; FAILED_PRECONDITION LOOKUP_NOT_POSSIBLE (the profile has none),
// TARGET_RETIRED; NOT_FOUND MIRROR_TARGET_NOT_FOUND (no tthc-sync has ever run for it).
absl::StatusOr<ReconcileCounts> Reconcile(sdk::Client& client, PortalClient& portal, const TargetSetup& setup,
                                          const ReconcileOptions& options);

}  // namespace tthc::sync
