#include "server/statistics/statistics_scan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/statistics/cell_layout.h"
#include "server/statistics/counted_items.h"
#include "server/statistics/distribution.h"
#include "server/statistics/grouper.h"
#include "server/statistics/metric.h"
#include "server/statistics/period_scan.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"

namespace tthc::server {
namespace {

// A table of all combinations of codes takes four bytes each; beyond this its memory costs more than it saves.
constexpr size_t kCombinationsMax = 4'000'000;

absl::Status TooManyGroups(size_t rows) {
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "TOO_MANY_GROUPS",
                    .message = absl::StrCat("the answer would have more than ", limits::kStatisticsRowsMax,
                                            " rows; group by less, or narrow the filter or the period"),
                    .message_vi = absl::StrCat("Bảng sẽ có hơn ", limits::kStatisticsRowsMax,
                                               " dòng; hãy bớt tiêu chí nhóm, lọc hẹp hơn hoặc chọn kỳ ngắn hơn"),
                    .metadata = {{"rows", absl::StrCat(rows)}},
                    .field = "group_by"});
}

}  // namespace

bool ColumnFilter::Matches(const FactColumns& columns, size_t row) const {
  const uint64_t traits = columns.traits[row];
  if (channels != 0 && (channels >> Traits::Channel(traits) & 1) == 0) return false;
  if (outcomes != 0 && (outcomes >> Traits::Outcome(traits) & 1) == 0) return false;
  return std::all_of(names.begin(), names.end(), [&](const Names& column) {
    const uint16_t code = columns.names[column.column][row];
    return code < column.wanted.size() && column.wanted[code];
  });
}

namespace {

// --- Durations -------------------------------------------------------------------------------------------------------

// A duration counts at the moment at which it ended. Its minutes are in the fact, computed with the calendar of the
// dossier, so that no calendar is needed here.
//
// Calls visit(second, minutes, moment or nullptr) for every duration that a distribution is made of: the second at
// which it ended, and working minutes, or -1 if a year of the calendar was not loaded.
template <typename Visit>
void VisitMinutes(const FactColumns& columns, v1::Metric metric, size_t row, Visit visit) {
  const auto one = [&](uint32_t second, int64_t minutes) {
    if (second != 0) visit(int64_t{second}, minutes, nullptr);
  };
  const auto of_moment = [&](const FactMoment& moment) {
    const bool unknown = moment.value == FactMoment::kUnknownMinutes;
    if (moment.time != 0) visit(int64_t{moment.time}, unknown ? int64_t{-1} : int64_t{moment.value}, &moment);
  };
  const auto of_kind = [&](FactMoment::Kind kind) {
    columns.moments.ForEach(columns.moment_refs[row], [&](const FactMoment& moment) {
      if (moment.kind == kind) of_moment(moment);
    });
  };
  // A handling time needs a beginning; what was refused at intake has none.
  const bool accepted = columns.accept[row] != 0;
  switch (metric) {
    case v1::METRIC_HANDLING_TIME:
      return one(accepted ? columns.end[row] : 0, columns.handling_minutes.At(row));
    // The handling time without the counter's step.
    case v1::METRIC_TIME_PROCESSING: {
      if (!accepted || columns.end[row] == 0) return;
      const int64_t handling = columns.handling_minutes.At(row);
      const FactMoment& counter = columns.moments.First(columns.moment_refs[row]);
      const bool unknown = handling < 0 || counter.value == FactMoment::kUnknownMinutes;
      return one(columns.end[row], unknown ? -1 : handling - int64_t{counter.value});
    }
    case v1::METRIC_TIME_SUBMITTED:
      return one(columns.submit[row] != 0 ? columns.accept[row] : 0, columns.submitted_minutes.At(row));
    // The counter's step is the first moment of every accepted dossier.
    case v1::METRIC_TIME_ACCEPTED:
      if (accepted) of_moment(columns.moments.First(columns.moment_refs[row]));
      return;
    case v1::METRIC_TIME_AWAITING_HAND_OVER:
      return one(columns.returned[row], columns.hand_over_minutes.At(row));
    case v1::METRIC_TIME_AWAITING_SUPPLEMENT:
      return of_kind(FactMoment::kSupplement);
    case v1::METRIC_TIME_AWAITING_PAYMENT:
      return of_kind(FactMoment::kFinancial);
    case v1::METRIC_TIME_PAUSED:
      return of_kind(FactMoment::kPause);
    default:
      return of_kind(FactMoment::kStep);
  }
}

// --- One pass over the rows ------------------------------------------------------------------------------------------

// The values of one distribution.
struct Minutes {
  v1::Metric metric = v1::METRIC_UNSPECIFIED;
  // Number of the cell (group × buckets + bucket), and minutes; negative = not known.
  std::vector<std::pair<uint32_t, int32_t>> values = {};
};

// One scan: counts into cells, collects durations, then makes figures of both. Used once.
class Scanner {
 public:
  Scanner(const FactColumns& columns, const ScanPlan& plan)
      : columns_(columns), plan_(plan), layout_(plan), grouper_(columns, plan.groups) {
    for (size_t by = 0; by < kCountByCount; ++by) {
      if (!layout_.parts_by(static_cast<CountBy>(by)).empty()) used_.push_back(static_cast<CountBy>(by));
    }
    for (const v1::Metric metric : layout_.distributions()) minutes_.push_back({.metric = metric});
  }

  absl::StatusOr<ScanResult> Run() {
    if (IsPeriodQuestion()) return CountPeriod();
    for (size_t row = 0; row < columns_.size(); ++row) {
      if (!TakesPart(row)) continue;
      for (const CountBy by : used_) Count(by, row);
      for (Minutes& minutes : minutes_) Collect(minutes, row);
      for (const auto& [metric, offset] : layout_.mirror_offsets()) CountMirror(metric, offset, row);
      // Checked for every row, so that a query with too many groups ends before it has taken their memory.
      const size_t rows = grouper_.size() * layout_.buckets();
      if (rows > limits::kStatisticsRowsMax) return TooManyGroups(rows);
    }
    return Finish();
  }

 private:
  // Whether PeriodScan has an answer: counts of the few kinds that it knows, in one bucket.
  bool IsPeriodQuestion() const {
    const bool of_mirror = !layout_.mirror_offsets().empty();
    if (layout_.buckets() > 1 || !minutes_.empty() || of_mirror) return false;
    if (grouper_.CombinationCount() > kCombinationsMax) return false;
    return std::all_of(used_.begin(), used_.end(), [&](CountBy by) {
      const auto& parts = layout_.parts_by(by);
      return std::all_of(parts.begin(), parts.end(),
                         [](const CellLayout::Part& part) { return PeriodScan::Answers(part.part); });
    });
  }
  absl::StatusOr<ScanResult> CountPeriod();
  void TakeCounts(const PeriodScan& scan, size_t group, uint64_t key);

  bool TakesPart(size_t row) const {
    return (plan_.filter.empty() || plan_.filter.Matches(columns_, row)) &&
           (plan_.predicate == nullptr || plan_.predicate(row));
  }

  // Valid until the next call: a new group may move the cells.
  int32_t* CellsOf(size_t row, const FactMoment* moment) {
    const size_t begin = grouper_.IndexOf(row, moment) * layout_.cells_per_group();
    if (cells_.size() <= begin) cells_.resize(begin + layout_.cells_per_group());
    return cells_.data() + begin;
  }

  // The bucket that holds a second, if it counts at all.
  std::optional<size_t> BucketOf(int64_t second) const {
    if (second < plan_.bounds.front() || second >= plan_.bounds.back() || second > plan_.evaluated) return std::nullopt;
    const auto behind = std::upper_bound(plan_.bounds.begin(), plan_.bounds.end(), second);
    return static_cast<size_t>(behind - plan_.bounds.begin()) - 1;
  }

  // Index of the first moment of the layout at which something that begins or ends at `second` has begun or ended.
  size_t MomentAtOrAfter(int64_t second) const {
    const std::vector<int64_t>& moments = layout_.moments();
    return static_cast<size_t>(std::lower_bound(moments.begin(), moments.end(), second) - moments.begin());
  }

  void Count(CountBy by, size_t row) {
    VisitItems(columns_, by, row, [&](const Interval& at, uint64_t word, const FactMoment* moment) {
      if (IsLevel(by)) {
        // A level between two moments is never seen: it began and ended within a bucket.
        const size_t first = MomentAtOrAfter(at.begin);
        const size_t behind = MomentAtOrAfter(at.end);
        if (first < behind) AddLevel(by, word, CellsOf(row, moment), first, behind);
      } else if (const std::optional<size_t> bucket = BucketOf(at.begin); bucket.has_value()) {
        AddFlow(by, word, row, moment, *bucket);
      }
    });
  }

  // As a difference, see CellLayout: at the first moment within, and at the first one behind.
  void AddLevel(CountBy by, uint64_t word, int32_t* cells, size_t first, size_t behind) {
    for (const auto& [part, offset] : layout_.parts_by(by)) {
      if (!part.Holds(word)) continue;
      ++cells[offset + first];
      --cells[offset + behind];
    }
  }

  void AddFlow(CountBy by, uint64_t word, size_t row, const FactMoment* moment, size_t bucket) {
    // The group is looked up only if something counts, so that groups without anything are not made.
    int32_t* cells = nullptr;
    for (const auto& [part, offset] : layout_.parts_by(by)) {
      if (!part.Holds(word)) continue;
      if (cells == nullptr) cells = CellsOf(row, moment);
      ++cells[offset + bucket];
    }
  }

  void Collect(Minutes& minutes, size_t row) {
    VisitMinutes(columns_, minutes.metric, row, [&](int64_t second, int64_t value, const FactMoment* moment) {
      const std::optional<size_t> bucket = BucketOf(second);
      if (!bucket.has_value()) return;
      const size_t group = grouper_.IndexOf(row, moment);
      minutes.values.emplace_back(static_cast<uint32_t>(group * layout_.buckets() + *bucket),
                                  static_cast<int32_t>(value));
    });
  }

  // METRIC_UNSYNCHRONIZED counts dossiers that are not confirmed now; METRIC_SYNCHRONIZED_SHARE, of those received in a
  // bucket, the confirmed ones.
  void CountMirror(v1::Metric metric, size_t offset, size_t row) {
    if (row >= plan_.mirror.size() || plan_.mirror[row] == MirrorStanding::kExcluded) return;
    const bool confirmed = plan_.mirror[row] == MirrorStanding::kConfirmed;
    if (metric == v1::METRIC_UNSYNCHRONIZED) {
      const std::optional<size_t> bucket = plan_.evaluated_now ? BucketOf(plan_.evaluated) : std::nullopt;
      if (!confirmed && bucket.has_value()) ++CellsOf(row, nullptr)[offset + 2 * *bucket];
      return;
    }
    const int64_t accept = columns_.accept[row];
    const std::optional<size_t> bucket = accept == 0 ? std::nullopt : BucketOf(accept);
    if (!bucket.has_value()) return;
    int32_t* cells = CellsOf(row, nullptr) + offset + 2 * *bucket;
    if (confirmed) ++cells[0];
    ++cells[1];
  }
  // Over buckets [first, last] of some groups.
  Figure MirrorFigure(v1::Metric metric, const std::vector<const int32_t*>& groups, size_t first, size_t last) const;

  absl::StatusOr<ScanResult> Finish();
  void FinishCounts(ScanResult& result);
  void FinishDistributions(ScanResult& result);

  const FactColumns& columns_;
  const ScanPlan& plan_;
  const CellLayout layout_;
  Grouper grouper_;
  // The ways of counting that the plan needs.
  std::vector<CountBy> used_;
  std::vector<Minutes> minutes_;
  // One row of cells for each group, by its number.
  std::vector<int32_t> cells_;
};

// The same figures as those of the pass row by row, by PeriodScan.
absl::StatusOr<ScanResult> Scanner::CountPeriod() {
  PeriodScan scan(plan_.bounds.front(), std::min(plan_.bounds.back() - 1, plan_.evaluated));
  // By group of the PeriodScan its key, and by combination of codes its group.
  std::vector<uint64_t> keys;
  std::vector<uint32_t> groups(grouper_.CombinationCount(), UINT32_MAX);
  const auto group_at = [&](size_t combination, uint64_t key) {
    uint32_t& group = groups[combination];
    if (group == UINT32_MAX) {
      group = static_cast<uint32_t>(scan.AddGroup());
      keys.push_back(key);
    }
    return size_t{group};
  };
  // The loop is compiled for each way to find the group, and again without a condition on rows.
  const auto run = [&](auto group_of) {
    if (plan_.filter.empty() && plan_.predicate == nullptr) {
      scan.Run(columns_, group_of, [](size_t) { return true; });
    } else {
      scan.Run(columns_, group_of, [&](size_t row) { return TakesPart(row); });
    }
  };
  std::vector<Grouper::CodeReader> readers;
  std::vector<size_t> code_counts;
  for (size_t i = 0; i < plan_.groups.size(); ++i) {
    readers.push_back(grouper_.ReaderOf(i));
    code_counts.push_back(grouper_.CodeCount(i));
  }
  if (readers.empty()) {
    run([&](size_t) { return group_at(0, 0); });
  } else if (readers.size() == 1) {
    // Every code is a group of its own from the start, so that the loop looks nothing up.
    for (size_t code = 0; code < code_counts[0]; ++code) group_at(code, code);
    const Grouper::CodeReader& reader = readers[0];
    if (reader.names != nullptr && reader.counts_as == nullptr) {
      run([names = reader.names](size_t row) { return size_t{names[row]}; });
    } else {
      run([reader](size_t row) { return size_t{reader(row)}; });
    }
  } else {
    run([&](size_t row) {
      size_t combination = 0;
      uint64_t key = 0;
      for (size_t i = 0; i < readers.size(); ++i) {
        const uint16_t code = readers[i](row);
        combination = combination * code_counts[i] + code;
        key = key << 16 | code;
      }
      return group_at(combination, key);
    });
  }
  // Groups are numbered for the answer only now, so that codes without a dossier in the period get none.
  for (size_t group = 0; group < keys.size(); ++group) {
    if (!scan.IsEmpty(group)) TakeCounts(scan, group, keys[group]);
  }
  if (grouper_.size() > limits::kStatisticsRowsMax) return TooManyGroups(grouper_.size());
  return Finish();
}

void Scanner::TakeCounts(const PeriodScan& scan, size_t group, uint64_t key) {
  const size_t begin = grouper_.IndexOfKey(key) * layout_.cells_per_group();
  cells_.resize(begin + layout_.cells_per_group());
  for (const CountBy by : used_) {
    for (const auto& [part, offset] : layout_.parts_by(by)) {
      // PeriodScan knows the level at the beginning or at the end. As a difference it belongs at the first moment, or
      // at the one after, so that Finish sums it up like any other.
      const size_t moment = IsLevel(by) && !part.at_beginning ? 1 : 0;
      cells_[begin + offset + moment] = static_cast<int32_t>(scan.Count(part, group));
    }
  }
}

// --- From cells to figures -------------------------------------------------------------------------------------------

// `count_of` gives a count, or nullopt if it has no value; a share of such a count has none either.
template <typename CountOf>
Figure MakeFigure(v1::Metric metric, CountOf count_of) {
  const MetricSpec& spec = *FindMetric(metric);
  Figure figure;
  if (spec.kind == MetricSpec::Kind::kCount) figure.count = count_of(metric);
  if (spec.kind != MetricSpec::Kind::kShare) return figure;
  const auto sum = [&](const std::vector<v1::Metric>& metrics) -> std::optional<int64_t> {
    int64_t total = 0;
    for (const v1::Metric part : metrics) {
      const std::optional<int64_t> count = count_of(part);
      if (!count.has_value()) return std::nullopt;
      total += *count;
    }
    return total;
  };
  figure.numerator = sum(spec.numerators);
  figure.denominator = sum(spec.denominators);
  return figure;
}

bool HasSomething(const Figure& figure) {
  return figure.count.value_or(0) != 0 || figure.denominator.value_or(0) != 0 || figure.unknown != 0;
}

Figure Scanner::MirrorFigure(v1::Metric metric, const std::vector<const int32_t*>& groups, size_t first,
                             size_t last) const {
  Figure figure;
  if (plan_.mirror.empty()) return figure;
  const size_t offset = layout_.mirror_offsets().at(metric);
  int64_t sums[2] = {};
  for (const int32_t* cells : groups) {
    for (size_t bucket = first; bucket <= last; ++bucket) {
      sums[0] += cells[offset + 2 * bucket];
      sums[1] += cells[offset + 2 * bucket + 1];
    }
  }
  if (metric != v1::METRIC_UNSYNCHRONIZED) {
    figure.numerator = sums[0];
    figure.denominator = sums[1];
    return figure;
  }
  // How dossiers stood at an earlier moment is not kept anywhere.
  const std::optional<size_t> now = plan_.evaluated_now ? BucketOf(plan_.evaluated) : std::nullopt;
  if (now.has_value() && first <= *now && *now <= last) figure.count = sums[0];
  return figure;
}

void Scanner::FinishCounts(ScanResult& result) {
  // A group that only durations have met has no cells yet: all its counts are 0.
  const size_t last = layout_.buckets() - 1;
  std::vector<int32_t> none(layout_.cells_per_group());
  std::vector<const int32_t*> cells;
  for (size_t group = 0; group < grouper_.size(); ++group) {
    int32_t* own = (group + 1) * layout_.cells_per_group() <= cells_.size()
                       ? cells_.data() + group * layout_.cells_per_group()
                       : none.data();
    if (own != none.data()) layout_.SumLevels(own);
    cells.push_back(own);
  }
  for (size_t group = 0; group < grouper_.size(); ++group) {
    for (size_t bucket = 0; bucket <= last; ++bucket) {
      // A bucket that begins after the evaluation has no level.
      const bool ahead = !plan_.levels_ahead && plan_.bounds[bucket] > plan_.evaluated;
      const auto count_of = [&](v1::Metric metric) -> std::optional<int64_t> {
        if (ahead && layout_.IsLevelAtEnd(metric)) return std::nullopt;
        return layout_.Count(metric, cells[group], bucket, bucket);
      };
      for (const v1::Metric metric : plan_.metrics) {
        const bool of_mirror = layout_.mirror_offsets().contains(metric);
        result.groups[group].figures[bucket].push_back(of_mirror ? MirrorFigure(metric, {cells[group]}, bucket, bucket)
                                                                 : MakeFigure(metric, count_of));
      }
    }
  }
  const bool ahead = !plan_.levels_ahead && plan_.bounds.front() > plan_.evaluated;
  for (const v1::Metric metric : plan_.metrics) {
    if (layout_.mirror_offsets().contains(metric)) {
      result.total.push_back(MirrorFigure(metric, cells, 0, last));
      continue;
    }
    result.total.push_back(MakeFigure(metric, [&](v1::Metric part) -> std::optional<int64_t> {
      if (ahead && layout_.IsLevelAtEnd(part)) return std::nullopt;
      int64_t sum = 0;
      for (const int32_t* own : cells) sum += layout_.Count(part, own, 0, last);
      return sum;
    }));
  }
}

// Values were collected in the order of rows, cell after cell mixed. Each cell's are brought together, measured, and
// last all of them once more for the total, since percentiles of groups can't be combined.
void Scanner::FinishDistributions(ScanResult& result) {
  const size_t buckets = layout_.buckets();
  for (const Minutes& minutes : minutes_) {
    const auto at = static_cast<size_t>(std::find(plan_.metrics.begin(), plan_.metrics.end(), minutes.metric) -
                                        plan_.metrics.begin());
    // A counting sort by cell: count the values of each cell, sum up to where each cell begins, put every value there.
    std::vector<size_t> next(grouper_.size() * buckets + 1);
    const auto figure_of = [&](size_t cell) -> Figure& {
      return result.groups[cell / buckets].figures[cell % buckets][at];
    };
    for (const auto& [cell, value] : minutes.values) {
      if (value >= 0) {
        ++next[cell + 1];
      } else {
        ++figure_of(cell).unknown;
        ++result.total[at].unknown;
      }
    }
    for (size_t cell = 1; cell < next.size(); ++cell) next[cell] += next[cell - 1];
    std::vector<int32_t> values(next.back());
    for (const auto& [cell, value] : minutes.values) {
      if (value >= 0) values[next[cell]++] = value;
    }
    size_t begin = 0;
    for (size_t cell = 0; cell + 1 < next.size(); ++cell) {
      Distribute(values.begin() + static_cast<ptrdiff_t>(begin), values.begin() + static_cast<ptrdiff_t>(next[cell]),
                 figure_of(cell));
      begin = next[cell];
    }
    Distribute(values.begin(), values.end(), result.total[at]);
  }
}

absl::StatusOr<ScanResult> Scanner::Finish() {
  ScanResult result;
  for (size_t group = 0; group < grouper_.size(); ++group) {
    result.groups.push_back({.codes = grouper_.CodesOf(static_cast<uint32_t>(group)),
                             .figures = std::vector<std::vector<Figure>>(layout_.buckets())});
  }
  FinishCounts(result);
  FinishDistributions(result);
  for (ScanResult::Group& group : result.groups) {
    for (const std::vector<Figure>& figures : group.figures) {
      if (std::any_of(figures.begin(), figures.end(), HasSomething)) group.is_empty = false;
    }
  }
  return result;
}

}  // namespace

absl::StatusOr<ScanResult> Scan(const FactColumns& columns, const ScanPlan& plan) {
  return Scanner(columns, plan).Run();
}

}  // namespace tthc::server
