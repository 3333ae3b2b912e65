#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/catalogue.h"
#include "server/facts/fact_index.h"
#include "server/facts/historical_facts.h"
#include "server/mirror/mirror_standing.h"
#include "server/statistics/statistics_scan.h"
#include "server/timing/period.h"
#include "storage/base/published.h"
#include "storage/store.h"
#include "tthc/v1/statistics.pb.h"

// What the figures of one request are computed from: a period, a point of the history, and the facts as of that point.
//
// Vocabulary:
// - period: what the request asks about, resolved to two instants.
// - point (of the history): a revision and an instant. Nothing recorded after the revision counts, and nothing is
//   evaluated later than the instant. Now, unless the request has as_of.
// - evaluated: the second at which open dossiers are evaluated: the period's last one, or the point's if that is
// earlier.
// - succession: an office, the one that took its work over, and so on.
namespace tthc::server {

// What statistics read. Everything outlives the holder of this.
struct StatisticsSources {
  const storage::Store* store = nullptr;
  // The facts of now.
  const FactIndex* index = nullptr;
  const Published<domain::Catalogue>* catalogue = nullptr;
  // The facts of earlier points.
  HistoricalFactsCache* history = nullptr;
  // By row, see StandingsOf. Null: there is no mirror, and its figures have no value.
  std::function<std::vector<MirrorStanding>()> mirror = nullptr;
};

// Checked and resolved once for a request, then shared by all that the request needs. The facts of now are those of the
// moment when WithFacts is called; those of an earlier point never change, and stay alive as long as the context.
//
// It also translates between resource names, which requests and answers have, and the codes of the columns. With
// offices there is more to it: unless a filter says otherwise, an office stands for those that it succeeded by the end
// of the period, as the catalogue had it at the point of the history.
//
// Belongs to one request. Not thread-safe.
class QueryContext {
 public:
  // INVALID_ARGUMENT PERIOD_INVALID, AS_OF_INVALID, and CALENDAR_YEAR_NOT_LOADED if no calendar knows a year of the
  // period: a typing error in the year would otherwise give nothing but zeros. For an earlier point the facts are made
  // here, which takes as long as folding what has changed since; errors of that.
  static absl::StatusOr<QueryContext> Make(const StatisticsSources& sources, const v1::Period& period,
                                           const v1::AsOf& as_of, absl::Time now);

  const timing::ResolvedPeriod& period() const { return period_; }
  const HistoryPoint& point() const { return point_; }
  // Unix second at which open dossiers are evaluated.
  int64_t evaluated() const { return evaluated_; }
  // Of a single bucket: an earlier second.
  void set_evaluated(int64_t second) { evaluated_ = second; }

  // Calls `read` with the facts. Those of now are locked meanwhile: commits wait for `read` to return.
  absl::Status WithFacts(absl::FunctionRef<absl::Status(const FactIndex::View&)> read) const;
  // Fills the mirror's part of the plan if one of its metrics asks for it and the point of the history is now.
  void AddMirror(ScanPlan& plan) const;
  // What an answer says of all this. `revision` is that of the facts, which WithFacts shows.
  v1::StatisticsBasis ToBasis(int64_t revision) const;

  // Which rows the filter lets through, and by what codes rows are grouped. Both are good only for these facts: codes
  // of other columns differ. The names of the filter have passed CheckFilter.
  ColumnFilter ToColumnFilter(const FactIndex::View& facts, const v1::StatisticsFilter& filter) const;
  GroupDimension ToDimension(const FactIndex::View& facts, v1::GroupBy by, const v1::StatisticsFilter& filter) const;
  // The key of the group with a code: its name, and for resources the display name that the catalogue has now.
  v1::StatisticsKey ToKey(const FactIndex::View& facts, v1::GroupBy by, uint32_t code,
                          const v1::StatisticsFilter& filter) const;

 private:
  explicit QueryContext(const StatisticsSources& sources) : sources_(sources) {}
  // CALENDAR_YEAR_NOT_LOADED if no calendar knows any year of the period.
  absl::Status CheckCovered() const;

  StatisticsSources sources_;
  timing::ResolvedPeriod period_;
  HistoryPoint point_;
  int64_t evaluated_ = 0;
  // Facts of an earlier point; nullptr if it is now.
  std::shared_ptr<const HistoricalFacts> earlier_;
  // As of the point: mergers that are recorded later change nothing.
  domain::Catalogue::ByName<v1::Office> offices_;
};

// `office` and those that took over its work, one after the other, by the end of a period. The last one answers for it.
std::vector<std::string> SuccessionOf(const domain::Catalogue::ByName<v1::Office>& offices, const std::string& office,
                                      absl::Time period_end);

// Whether figures are grouped by days, weeks, months, quarters or years.
bool IsTimeBucket(int group_by);

// The checks of what a request asks for, before anything is read. INVALID_ARGUMENT FIELD_INVALID at "metrics",
// "group_by" and below "filter". A name that is not in the catalogue is refused: it would give nothing but zeros.
absl::Status CheckMetrics(const google::protobuf::RepeatedField<int>& metrics);
absl::Status CheckGroupings(const google::protobuf::RepeatedField<int>& groupings);
absl::Status CheckFilter(const domain::Catalogue& catalogue, const v1::StatisticsFilter& filter);

}  // namespace tthc::server
