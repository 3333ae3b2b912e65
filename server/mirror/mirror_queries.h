#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/service/catalogue.h"
#include "server/service/dossier_queries.h"
#include "server/service/mirror_index.h"
#include "storage/store.h"
#include "tthc/v1/mirror_service.pb.h"

// The read side of the mirror. Runs on the read pool's threads; each call sees one snapshot of the store. Reasons of
// errors stand in mirror_service.proto. Thread-safe.
namespace tthc::server {

class MirrorQueries {
 public:
  // All outlive the queries.
  MirrorQueries(const storage::Store* store, const FactIndex* facts, const MirrorIndex* mirror,
                const CurrentCatalogue* catalogue)
      : store_(*store), facts_(*facts), mirror_(*mirror), catalogue_(*catalogue), dossiers_(store, facts, catalogue) {}

  // MIRROR_TARGET_NOT_FOUND.
  absl::StatusOr<MirrorIndex::Target> FindTarget(const std::string& name) const;

  absl::StatusOr<v1::ListMirrorTargetsResponse> ListTargets(const v1::ListMirrorTargetsRequest& request,
                                                            absl::Time now) const;
  absl::StatusOr<v1::MirrorTarget> GetTarget(const std::string& name, absl::Time now) const;
  absl::StatusOr<v1::ListMirrorDeliveriesResponse> ListDeliveries(const v1::ListMirrorDeliveriesRequest& request) const;
  absl::StatusOr<v1::ListMirrorItemsResponse> ListItems(const v1::ListMirrorItemsRequest& request) const;
  absl::StatusOr<v1::GetMirrorItemsResponse> GetItems(const v1::GetMirrorItemsRequest& request) const;
  // Without exchanges, masked.
  absl::StatusOr<v1::MirrorItem> GetItem(const std::string& target_name, int64_t dossier_number) const;

  // Numbers of the dossiers called `names`; errors as DossierQueries::Resolve.
  absl::StatusOr<std::vector<int64_t>> Resolve(const std::vector<std::string>& names) const;
  absl::StatusOr<int64_t> Resolve(const std::string& field, const std::string& name) const;
  // Parked dossiers behind `after_number`, with one of `error_reasons` if there are any, rising, at most so many. From
  // what lies on disk: needs no counting.
  absl::StatusOr<std::vector<int64_t>> ListParked(const MirrorIndex::Target& target,
                                                  const std::vector<std::string>& error_reasons, int64_t after_number,
                                                  size_t count_max) const;
  // The lowest number of a dossier that was opened (submitted, or else accepted, or else refused) on the local day or
  // later; the next one to be given if there is none. 1 for an empty day.
  int64_t FirstNumberFrom(const std::string& start_date) const;

 private:
  absl::StatusOr<v1::MirrorTarget> Present(const MirrorIndex::Target& target, absl::Time now) const;
  absl::StatusOr<v1::MirrorDelivery> MakeDelivery(const storage::StoreReader& reader,
                                                  const MirrorIndex::Target& target, int64_t number) const;
  absl::StatusOr<v1::MirrorItem> MakeItem(const storage::StoreReader& reader, const MirrorIndex::Target& target,
                                          int64_t number, const v1::Dossier& dossier) const;
  absl::StatusOr<v1::ListMirrorDeliveriesResponse> ListChosen(const MirrorIndex::Target& target,
                                                              const v1::ListMirrorDeliveriesRequest& request) const;

  const storage::Store& store_;
  const FactIndex& facts_;
  const MirrorIndex& mirror_;
  const CurrentCatalogue& catalogue_;
  const DossierQueries dossiers_;
};

}  // namespace tthc::server
