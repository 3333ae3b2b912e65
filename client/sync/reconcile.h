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

// Lays what a target has beside what we have (đối chiếu). Words: *missing*: it has nothing of a dossier that it is
// owed; *stale*: it has it otherwise; *foreign*: it has something of somebody else's under our code, or a dossier that
// we don't know.
namespace tthc::sync {

// One dossier on both sides. Holds no personal data: fields by their names only.
struct Comparison {
  enum class Kind {
    kEqual,
    // Still pending here, and not the same there: it is on its way.
    kWaiting,
    kMissing,
    kStale,
    kForeign,
    // Not this target's business, and not there; or older than the target's start.
    kNotOwed,
    // No answer that says anything about it.
    kUnasked,
  };
  Kind kind = Kind::kEqual;
  // dossiers/{dossier}; empty if we don't know it.
  std::string dossier = {};
  // Under which it is known there.
  std::string code = {};
  tthc::v1::MirrorItem::State state = tthc::v1::MirrorItem::STATE_UNSPECIFIED;
  // In the target's codes; empty where there is none.
  std::string status_here = {};
  std::string status_there = {};
  // As the target calls them: those that both sides have filled, differently; the status among them.
  std::vector<std::string> fields = {};
  // Steps of ours that it lacks, steps of its that are none of ours; 0 if it does not tell steps.
  int steps_missing = 0;
  int steps_extra = 0;
  // For kUnasked, such as "BUSY".
  std::string reason = {};
  // Filed there and not here yet: `tthc-sync pull` brings it.
  bool is_filing = false;
  // It was asked for again (ReconcileOptions::repair).
  bool repair_asked = false;

  bool differs() const { return kind == Kind::kMissing || kind == Kind::kStale || kind == Kind::kForeign; }
};

// What a look-up of the delivery's dossier means. Pure; thread-safe.
Comparison CompareDossier(const TargetSetup& setup, const tthc::v1::MirrorDelivery& delivery,
                          const PortalClient::Reply& reply);

// Whether telling it again would mend it: neither foreign ones, nor those about which a person has to decide (parked,
// skipped), nor those that only have steps too many.
bool IsMendable(const Comparison& comparison);

struct ReconcileOptions {
  // Accepted in [from, to); unset = all.
  std::optional<absl::Time> from = {};
  std::optional<absl::Time> to = {};
  // So many of these, at random from `seed`; 0 = all of them.
  int64_t sample = 0;
  uint64_t seed = 0;
  // Asks the server to have told again what is missing and stale.
  bool repair = false;
  // Who holds the target while no tthc-sync does, unique to this process.
  std::string holder = {};
  // All three are called on the caller's thread. Everything but equal ones and those not owed.
  std::function<void(const Comparison&)> on_found = {};
  std::function<void(int64_t done, int64_t total)> on_progress = {};
};

struct ReconcileCounts {
  // Looked at, the ones that are not owed included.
  int64_t dossiers = 0;
  int64_t equal = 0;
  int64_t waiting = 0;
  int64_t missing = 0;
  int64_t stale = 0;
  // Of dossiers of ours; and filed there, unknown here.
  int64_t foreign = 0;
  int64_t filings = 0;
  int64_t not_owed = 0;
  int64_t unasked = 0;
  // Of those that differ.
  int64_t parked = 0;
  int64_t skipped = 0;
  int64_t repairs_asked = 0;

  int64_t differences() const { return missing + stale + foreign + filings; }
  // Of those that could be asked about and are owed; no value if there are none.
  std::optional<double> equal_share() const {
    const int64_t asked = equal + waiting + missing + stale + foreign;
    return asked == 0 ? std::nullopt : std::optional(static_cast<double>(equal) / static_cast<double>(asked));
  }
};

// Asks the target about dossiers, several at a time (Target.lanes), a page of them in memory. Those that differ are
// read again first: who works on meanwhile causes no difference. Changes nothing at the target; with `repair` the
// tthc-sync that runs tells them again. Nobody else's lease is taken: while no tthc-sync holds one, a short one of its
// own is.
//
// Errors: those of PortalClient and of the server; FAILED_PRECONDITION LOOKUP_NOT_POSSIBLE (the profile has none),
// TARGET_RETIRED; NOT_FOUND MIRROR_TARGET_NOT_FOUND (no tthc-sync has ever run for it).
absl::StatusOr<ReconcileCounts> Reconcile(sdk::Client& client, PortalClient& portal, const TargetSetup& setup,
                                          const ReconcileOptions& options);

}  // namespace tthc::sync
