#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/period.h"
#include "server/service/as_of.h"
#include "server/service/catalogue.h"
#include "server/service/dossier_queries.h"
#include "server/service/fact_index.h"
#include "server/service/mirror_index.h"
#include "server/service/statistics_scan.h"
#include "storage/store.h"
#include "tthc/v1/statistics_service.pb.h"

// Figures, the lists behind them, and form 06a: requests in the wire's words become plans for one scan of the facts.
// Runs on the read pool's threads. Thread-safe.
namespace tthc::server {

class StatisticsQueries {
 public:
  // All outlive the queries. Without `mirror` its figures have no value.
  StatisticsQueries(const storage::Store* store, const FactIndex* index, const CurrentCatalogue* catalogue,
                    AsOfFacts* as_of, const MirrorIndex* mirror = nullptr)
      : store_(*store), index_(*index), catalogue_(*catalogue), as_of_(*as_of), mirror_(mirror) {}

  absl::StatusOr<v1::QueryStatisticsResponse> Query(const v1::QueryStatisticsRequest& request, absl::Time now) const;
  absl::StatusOr<v1::ListCountedDossiersResponse> ListCounted(const v1::ListCountedDossiersRequest& request,
                                                              absl::Time now) const;
  // INTERNAL if a row broke law 5.
  absl::StatusOr<v1::Report06a> Report(const v1::GetReport06aRequest& request, absl::Time now) const;
  // As Report, of the dossiers that just these offices took in; empty = all.
  absl::StatusOr<v1::Report06a> ReportOf(const v1::GetReport06aRequest& request,
                                         const google::protobuf::RepeatedPtrField<std::string>& offices,
                                         absl::Time now) const;
  // `office`, and those that it succeeded by the end of the period, by name.
  std::vector<std::string> OfficesUnder(const std::string& office, absl::Time period_end) const;

 private:
  // A period and a point of the history, checked.
  struct Ground {
    domain::ResolvedPeriod period;
    HistoryPoint point;
    // Unix second.
    int64_t judged = 0;
    // Facts of an earlier point; nullptr for those of now.
    std::shared_ptr<const FactsThen> then = nullptr;
    Catalogue::ByName<v1::Office> offices = {};
  };
  absl::StatusOr<Ground> MakeGround(const v1::Period& period, const v1::AsOf& as_of, absl::Time now) const;
  // What the plan's metrics of the mirror count, if they have any value on this ground.
  void AddMirror(const Ground& ground, ScanPlan& plan) const;
  // Calls `read` with the facts of the ground.
  absl::Status WithFacts(const Ground& ground,
                         const std::function<absl::Status(const FactIndex::View&)>& read) const;
  absl::Status CheckCovered(const domain::ResolvedPeriod& period) const;
  // With `ahead`, figures of the end of a period that has not begun are those of the judged moment.
  absl::StatusOr<v1::QueryStatisticsResponse> Compute(const v1::QueryStatisticsRequest& request, bool ahead,
                                                      absl::Time now) const;
  static v1::StatisticsBasis ToBasis(const Ground& ground, int64_t revision);

  ColumnFilter ToColumnFilter(const FactIndex::View& facts, const v1::StatisticsFilter& filter,
                              const Ground& ground) const;
  GroupDimension ToDimension(const FactIndex::View& facts, v1::GroupBy by, const v1::StatisticsFilter& filter,
                             const Ground& ground) const;
  // The name of a group, and the code of one.
  v1::StatisticsKey ToKey(const FactIndex::View& facts, v1::GroupBy by, uint32_t code,
                          const v1::StatisticsFilter& filter, const Ground& ground) const;
  absl::StatusOr<std::vector<uint32_t>> FindCodes(const FactIndex::View& facts, const ScanPlan& plan,
                                                  const v1::ListCountedDossiersRequest& request,
                                                  const Ground& ground) const;
  absl::StatusOr<std::vector<CountedItem>> CountedItems(const FactIndex::View& facts,
                                                        const v1::ListCountedDossiersRequest& request,
                                                        Ground& ground) const;
  absl::StatusOr<v1::Report06a> MakeReport(const v1::GetReport06aRequest& request, const v1::StatisticsFilter& filter,
                                           absl::Time now) const;
  absl::Status CheckWaiting(const v1::ListCountedDossiersRequest& request) const;
  absl::StatusOr<v1::CountedDossier> ToCounted(const CountedItem& item, const Ground& ground) const;

  const storage::Store& store_;
  const FactIndex& index_;
  const CurrentCatalogue& catalogue_;
  AsOfFacts& as_of_;
  const MirrorIndex* const mirror_;
};

}  // namespace tthc::server
