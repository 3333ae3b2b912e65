#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/call/request_context.h"
#include "server/domain/catalogue.h"
#include "server/facts/fact_index.h"
#include "server/mirror/mirror_decisions.h"
#include "server/mirror/mirror_index.h"
#include "storage/base/published.h"
#include "storage/store.h"
#include "tthc/v1/mirror_service.pb.h"

namespace tthc::server {

// The read side of the mirror: targets, deliveries and items, and the look-ups that commands need before they run.
//
// Runs on the threads of the read pool. Every call reads one snapshot of the store. Which dossiers are in which state
// comes from MirrorIndex, asked before the snapshot is taken, so that every dossier it names is in the snapshot. An
// item may have changed in between; it is then shown as it is in the snapshot.
//
// Personal data in exchanges and errors is masked unless a call asks for the raw view, which is logged
// (mirror_raw_view). Reasons of errors are in proto/tthc/v1/mirror_service.proto. Thread-safe.
class MirrorQueries {
 public:
  // All outlive the queries.
  MirrorQueries(const storage::Store* store, const FactIndex* facts, MirrorIndex* mirror,
                const Published<domain::Catalogue>* catalogue)
      : store_(*store), facts_(*facts), mirror_(*mirror), catalogue_(*catalogue) {}

  // --- Targets. `now` is for the age of the oldest revision that is not settled ---
  // By name, in pages.
  absl::StatusOr<v1::ListMirrorTargetsResponse> ListTargets(const v1::ListMirrorTargetsRequest& request,
                                                            absl::Time now) const;
  // Moves the target's position first, so that what was confirmed since the last renewal shows.
  absl::StatusOr<v1::MirrorTarget> GetTarget(const v1::GetMirrorTargetRequest& request, absl::Time now) const;
  absl::StatusOr<v1::MirrorTarget> GetTargetByName(const std::string& name, absl::Time now) const;

  // --- Deliveries ---
  // Pending dossiers by number, for the holder of the lease; or named ones in any state. A dossier that can't be read
  // is logged (mirror_delivery_unreadable) and left out, so that it does not hold back the others. MIRROR_LEASE_LOST,
  // MIRROR_COUNTING.
  absl::StatusOr<v1::ListMirrorDeliveriesResponse> ListDeliveries(const v1::ListMirrorDeliveriesRequest& request) const;

  // --- Items ---
  // With exchanges. DOSSIER_NOT_FOUND.
  absl::StatusOr<v1::MirrorItem> GetItem(const RequestContext& context, const v1::GetMirrorItemRequest& request) const;
  // The items of one dossier with their exchanges, or those in one state without. MIRROR_COUNTING for the latter.
  absl::StatusOr<v1::ListMirrorItemsResponse> ListItems(const RequestContext& context,
                                                        const v1::ListMirrorItemsRequest& request) const;
  // Masked, without exchanges: the answer of a command that changed the item.
  absl::StatusOr<v1::MirrorItem> GetItemOf(const std::string& target_id, int64_t dossier_number) const;

  // --- Look-ups for commands. MIRROR_TARGET_NOT_FOUND, DOSSIER_NOT_FOUND ---
  // Sets `items`: those that the request names, or parked ones.
  absl::Status Resolve(RetryCommand& command) const;
  absl::Status Resolve(SkipCommand& command) const;
  // The lowest number of a dossier that was opened (submitted, else accepted, else refused) on the local day
  // `start_date` or later; the next number to be given if there is none. 1 if `start_date` is empty.
  int64_t FirstNumberFrom(const std::string& start_date) const;

 private:
  // MIRROR_TARGET_NOT_FOUND at `field`.
  absl::StatusOr<MirrorIndex::Target> FindTarget(absl::string_view field, const std::string& name) const;
  absl::StatusOr<MirrorIndex::Target> FindTargetById(absl::string_view field, const std::string& target_id) const;
  // The targets that ListMirrorItems reads, by id.
  absl::StatusOr<std::vector<MirrorIndex::Target>> TargetsOf(const std::string& parent) const;
  // The target as answers show it.
  absl::StatusOr<v1::MirrorTarget> Present(const MirrorIndex::Target& target, absl::Time now) const;
  absl::StatusOr<v1::ListMirrorDeliveriesResponse> ListChosen(const MirrorIndex::Target& target,
                                                              const v1::ListMirrorDeliveriesRequest& request) const;
  absl::StatusOr<v1::ListMirrorItemsResponse> ListItemsInState(const v1::ListMirrorItemsRequest& request) const;
  absl::StatusOr<v1::ListMirrorItemsResponse> ListItemsOfDossier(const RequestContext& context,
                                                                 const v1::ListMirrorItemsRequest& request) const;
  // Name of the item, with the dossier's uid.
  std::string ItemName(const std::string& target_id, int64_t dossier_number) const;

  // None is owned.
  const storage::Store& store_;
  const FactIndex& facts_;
  MirrorIndex& mirror_;
  const Published<domain::Catalogue>& catalogue_;
};

}  // namespace tthc::server
