#include "server/service/statistics_scan.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/service/counted_items.h"
#include "server/service/period_scan.h"
#include "server/service/statistics_names.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"

namespace tthc::server {
namespace {

// --- Groups ----------------------------------------------------------------------------------------------------------

// Above it a table of all combinations of codes is more than what it saves.
constexpr size_t kCombinationsMax = 4'000'000;

// Numbers groups as they are met.
class Grouper {
 public:
  Grouper(const FactColumns& columns, const std::vector<GroupDimension>& dimensions)
      : columns_(columns), dimensions_(dimensions) {
    for (const GroupDimension& dimension : dimensions) name_columns_.push_back(NameColumnOf(dimension.by));
  }

  // `moment`: a step brings its own unit and officer.
  uint32_t IndexOf(size_t row, const FactMoment* moment) {
    if (dimensions_.empty()) return IndexOfKey(0);
    uint64_t key = 0;
    for (size_t i = 0; i < dimensions_.size(); ++i) key = key << 16 | CodeOf(i, row, moment);
    return IndexOfKey(key);
  }
  std::vector<uint32_t> CodesOf(uint32_t index) const {
    std::vector<uint32_t> codes(dimensions_.size());
    uint64_t key = keys_[index];
    for (size_t i = codes.size(); i-- > 0; key >>= 16) codes[i] = static_cast<uint32_t>(key & 0xffff);
    return codes;
  }
  size_t size() const { return keys_.size(); }

  // The same for rows without moments, which is most of what is asked.
  uint32_t IndexOfCodes(uint64_t key) { return IndexOfKey(key); }
  // How many combinations of codes there can be.
  size_t CombinationCount() const {
    size_t count = 1;
    for (size_t i = 0; i < dimensions_.size(); ++i) count *= CodeCount(i);
    return count;
  }
  // Codes of a dimension lie below this.
  size_t CodeCount(size_t dimension) const {
    const std::optional<FactColumns::Name> column = name_columns_[dimension];
    // Channels and outcomes; a column's last code may be the shared one.
    if (!column.has_value()) return 8;
    const size_t codes = columns_.codes[*column].size();
    return codes == NameCodes::kOverflow ? codes + 1 : codes;
  }
  // Reads a dimension's code of a row without asking again what the dimension is.
  struct CodeReader {
    const uint16_t* names = nullptr;
    const uint16_t* counts_as = nullptr;
    const uint64_t* traits = nullptr;
    int shift = 0;
    uint64_t mask = 0;

    uint16_t operator()(size_t row) const {
      const uint16_t code = names != nullptr ? names[row] : static_cast<uint16_t>(traits[row] >> shift & mask);
      return counts_as != nullptr ? counts_as[code] : code;
    }
  };
  CodeReader ReaderOf(size_t dimension) const {
    const GroupDimension& group = dimensions_[dimension];
    const bool by_channel = group.by == v1::GROUP_BY_CHANNEL;
    CodeReader reader{.traits = columns_.traits.data(),
                      .shift = by_channel ? Traits::kChannel : Traits::kOutcome,
                      .mask = by_channel ? uint64_t{3} : uint64_t{7}};
    if (name_columns_[dimension].has_value()) reader.names = columns_.names[*name_columns_[dimension]].data();
    if (!group.counts_as.empty()) reader.counts_as = group.counts_as.data();
    return reader;
  }

  uint16_t CodeOf(size_t dimension, size_t row, const FactMoment* moment) const {
    const GroupDimension& group = dimensions_[dimension];
    uint16_t code = 0;
    if (group.by == v1::GROUP_BY_CHANNEL) {
      code = Traits::Channel(columns_.traits[row]);
    } else if (group.by == v1::GROUP_BY_RESULT) {
      code = Traits::Outcome(columns_.traits[row]);
    } else if (moment != nullptr && moment->kind == FactMoment::kStep && group.by == v1::GROUP_BY_UNIT) {
      code = moment->unit();
    } else if (moment != nullptr && moment->kind == FactMoment::kStep && group.by == v1::GROUP_BY_OFFICER) {
      code = moment->officer();
    } else {
      code = columns_.names[*name_columns_[dimension]][row];
    }
    return code < group.counts_as.size() ? group.counts_as[code] : code;
  }

 private:
  uint32_t IndexOfKey(uint64_t key) {
    // One dimension: its codes are few enough to be looked up directly.
    if (dimensions_.size() < 2) {
      if (key >= direct_.size()) direct_.resize(key + 1, UINT32_MAX);
      uint32_t& index = direct_[key];
      if (index == UINT32_MAX) index = Add(key);
      return index;
    }
    const auto [found, is_new] = indexes_.try_emplace(key, 0);
    if (is_new) found->second = Add(key);
    return found->second;
  }
  uint32_t Add(uint64_t key) {
    keys_.push_back(key);
    return static_cast<uint32_t>(keys_.size() - 1);
  }

  const FactColumns& columns_;
  const std::vector<GroupDimension>& dimensions_;
  std::vector<std::optional<FactColumns::Name>> name_columns_;
  std::vector<uint64_t> keys_;
  std::vector<uint32_t> direct_;
  std::unordered_map<uint64_t, uint32_t> indexes_;
};

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

// --- The pass --------------------------------------------------------------------------------------------------------

// Where the counts of a plan lie: for each group one row of cells, in it for each part its stretches or moments.
class CellLayout {
 public:
  struct Part {
    CountPart part;
    size_t offset = 0;
  };

  explicit CellLayout(const ScanPlan& plan) : stretches_(plan.bounds.size() - 1) {
    // Levels are counted before the first stretch and at the end of each.
    for (const int64_t bound : plan.bounds) moments_.push_back(std::min(bound - 1, plan.judged));
    for (const v1::Metric metric : plan.metrics) Need(metric);
  }

  const std::vector<Part>& parts_by(CountBy by) const { return parts_[static_cast<size_t>(by)]; }
  const std::vector<v1::Metric>& distributions() const { return distributions_; }
  // Two cells a stretch, from an offset on: a count, or numerator and denominator.
  const std::map<v1::Metric, size_t>& mirror_offsets() const { return mirror_offsets_; }
  size_t cells_per_group() const { return cells_per_group_; }
  size_t stretches() const { return stretches_; }
  const std::vector<int64_t>& moments() const { return moments_; }

  // Differences become levels.
  void SumLevels(int32_t* cells) const {
    for (const auto& parts : parts_) {
      for (const Part& part : parts) {
        if (!IsLevel(part.part.by)) continue;
        for (size_t i = 1; i < moments_.size(); ++i) cells[part.offset + i] += cells[part.offset + i - 1];
      }
    }
  }

  // A count over stretches [first, last]: flows add up, levels are the last one's, or the first one's beginning.
  int64_t Count(v1::Metric metric, const int32_t* cells, size_t first, size_t last) const {
    int64_t sum = 0;
    for (const auto& [by, index] : places_.at(metric)) {
      const Part& part = parts_[by][index];
      const int32_t* own = cells + part.offset;
      if (IsLevel(part.part.by)) {
        sum += own[part.part.at_beginning ? first : last + 1];
      } else {
        for (size_t stretch = first; stretch <= last; ++stretch) sum += own[stretch];
      }
    }
    return sum;
  }

  bool IsLevelAtEnd(v1::Metric metric) const {
    const auto& places = places_.at(metric);
    return std::any_of(places.begin(), places.end(), [&](const auto& place) {
      const CountPart& part = parts_[place.first][place.second].part;
      return IsLevel(part.by) && !part.at_beginning;
    });
  }

 private:
  void Need(v1::Metric metric) {
    if (!places_.try_emplace(metric).second) return;
    const MetricSpec& spec = *FindMetric(metric);
    for (const v1::Metric part : spec.numerators) Need(part);
    for (const v1::Metric part : spec.denominators) Need(part);
    if (spec.kind == MetricSpec::Kind::kDistribution) distributions_.push_back(metric);
    if (spec.kind == MetricSpec::Kind::kMirror) {
      mirror_offsets_[metric] = cells_per_group_;
      cells_per_group_ += 2 * stretches_;
    }
    for (const CountPart& part : spec.parts) {
      std::vector<Part>& parts = parts_[static_cast<size_t>(part.by)];
      places_[metric].emplace_back(static_cast<size_t>(part.by), parts.size());
      parts.push_back({part, cells_per_group_});
      // A level that never ends is taken off behind the last moment.
      cells_per_group_ += IsLevel(part.by) ? moments_.size() + 1 : stretches_;
    }
  }

  const size_t stretches_;
  std::vector<int64_t> moments_;
  std::array<std::vector<Part>, kCountByCount> parts_;
  std::unordered_map<int, std::vector<std::pair<size_t, size_t>>> places_;
  std::vector<v1::Metric> distributions_;
  std::map<v1::Metric, size_t> mirror_offsets_;
  size_t cells_per_group_ = 0;
};

// Minutes by the cell, group × stretch, that they fall into.
struct Minutes {
  v1::Metric metric = v1::METRIC_UNSPECIFIED;
  std::vector<std::pair<uint32_t, int32_t>> values = {};
};

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
      const size_t rows = grouper_.size() * layout_.stretches();
      if (rows > limits::kStatisticsRowsMax) return TooManyGroups(rows);
    }
    return Finish();
  }

 private:
  bool IsPeriodQuestion() const {
    const bool of_mirror = !layout_.mirror_offsets().empty();
    if (layout_.stretches() > 1 || !minutes_.empty() || of_mirror) return false;
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
    return (plan_.filter.empty() || plan_.filter.Matches(columns_, row)) && (plan_.also == nullptr || plan_.also(row));
  }

  int32_t* CellsOf(size_t row, const FactMoment* moment) {
    const size_t begin = grouper_.IndexOf(row, moment) * layout_.cells_per_group();
    if (cells_.size() <= begin) cells_.resize(begin + layout_.cells_per_group());
    return cells_.data() + begin;
  }

  // Which stretch holds a second, if any.
  std::optional<size_t> StretchOf(int64_t second) const {
    if (second < plan_.bounds.front() || second >= plan_.bounds.back() || second > plan_.judged) return std::nullopt;
    const auto behind = std::upper_bound(plan_.bounds.begin(), plan_.bounds.end(), second);
    return static_cast<size_t>(behind - plan_.bounds.begin()) - 1;
  }

  size_t MomentAtOrAfter(int64_t second) const {
    const std::vector<int64_t>& moments = layout_.moments();
    return static_cast<size_t>(std::lower_bound(moments.begin(), moments.end(), second) - moments.begin());
  }

  void Count(CountBy by, size_t row) {
    VisitItems(columns_, by, row, [&](const Stretch& at, uint64_t word, const FactMoment* moment) {
      if (IsLevel(by)) {
        const size_t first = MomentAtOrAfter(at.begin);
        const size_t behind = MomentAtOrAfter(at.end);
        if (first < behind) AddLevel(by, word, CellsOf(row, moment), first, behind);
      } else if (const std::optional<size_t> stretch = StretchOf(at.begin); stretch.has_value()) {
        AddFlow(by, word, row, moment, *stretch);
      }
    });
  }

  // As a difference where it begins and where it is over.
  void AddLevel(CountBy by, uint64_t word, int32_t* cells, size_t first, size_t behind) {
    for (const auto& [part, offset] : layout_.parts_by(by)) {
      if (!part.Holds(word)) continue;
      ++cells[offset + first];
      --cells[offset + behind];
    }
  }

  void AddFlow(CountBy by, uint64_t word, size_t row, const FactMoment* moment, size_t stretch) {
    int32_t* cells = nullptr;
    for (const auto& [part, offset] : layout_.parts_by(by)) {
      if (!part.Holds(word)) continue;
      if (cells == nullptr) cells = CellsOf(row, moment);
      ++cells[offset + stretch];
    }
  }

  void Collect(Minutes& minutes, size_t row) {
    VisitMinutes(columns_, minutes.metric, row, [&](int64_t second, int64_t value, const FactMoment* moment) {
      const std::optional<size_t> stretch = StretchOf(second);
      if (!stretch.has_value()) return;
      const size_t group = grouper_.IndexOf(row, moment);
      minutes.values.emplace_back(static_cast<uint32_t>(group * layout_.stretches() + *stretch),
                                  static_cast<int32_t>(value));
    });
  }

  // Dossiers that are not in step now; and of those received in a stretch, how many are.
  void CountMirror(v1::Metric metric, size_t offset, size_t row) {
    if (row >= plan_.mirror.size() || plan_.mirror[row] == MirrorStanding::kNotOwed) return;
    const bool confirmed = plan_.mirror[row] == MirrorStanding::kConfirmed;
    if (metric == v1::METRIC_UNSYNCHRONISED) {
      const std::optional<size_t> stretch = plan_.judged_is_now ? StretchOf(plan_.judged) : std::nullopt;
      if (!confirmed && stretch.has_value()) ++CellsOf(row, nullptr)[offset + 2 * *stretch];
      return;
    }
    const int64_t accept = columns_.accept[row];
    const std::optional<size_t> stretch = accept == 0 ? std::nullopt : StretchOf(accept);
    if (!stretch.has_value()) return;
    int32_t* cells = CellsOf(row, nullptr) + offset + 2 * *stretch;
    if (confirmed) ++cells[0];
    ++cells[1];
  }
  // Over stretches [first, last] of some groups.
  Figure MirrorFigure(v1::Metric metric, const std::vector<const int32_t*>& groups, size_t first, size_t last) const;

  absl::StatusOr<ScanResult> Finish();
  void FinishCounts(ScanResult& result);
  void FinishDistributions(ScanResult& result);

  const FactColumns& columns_;
  const ScanPlan& plan_;
  const CellLayout layout_;
  Grouper grouper_;
  std::vector<CountBy> used_;
  std::vector<Minutes> minutes_;
  std::vector<int32_t> cells_;
};

// The same figures as row by row, for what PeriodScan answers.
absl::StatusOr<ScanResult> Scanner::CountPeriod() {
  PeriodScan scan(plan_.bounds.front(), std::min(plan_.bounds.back() - 1, plan_.judged));
  // Keys of the scan's groups, and which group a combination of codes is.
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
  const auto run = [&](auto group_of) {
    if (plan_.filter.empty() && plan_.also == nullptr) {
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
    // Every code is its own group from the start: no look-up a row.
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
  for (size_t group = 0; group < keys.size(); ++group) {
    if (!scan.IsEmpty(group)) TakeCounts(scan, group, keys[group]);
  }
  if (grouper_.size() > limits::kStatisticsRowsMax) return TooManyGroups(grouper_.size());
  return Finish();
}

void Scanner::TakeCounts(const PeriodScan& scan, size_t group, uint64_t key) {
  const size_t begin = grouper_.IndexOfCodes(key) * layout_.cells_per_group();
  cells_.resize(begin + layout_.cells_per_group());
  for (const CountBy by : used_) {
    for (const auto& [part, offset] : layout_.parts_by(by)) {
      // A level that holds at the beginning or at the end alone, as the differences that others sum up.
      const size_t moment = IsLevel(by) && !part.at_beginning ? 1 : 0;
      cells_[begin + offset + moment] = static_cast<int32_t>(scan.Count(part, group));
    }
  }
}

// --- From cells to figures -------------------------------------------------------------------------------------------

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

// Values that ranks are found in by counting each, in one sweep, and from how many of them on that is the quicker way.
constexpr size_t kCountedValues = 1 << 16;
constexpr size_t kCountingMin = 1 << 15;

// Nearest rank: the least value that so much of all is no greater than.
size_t IndexOfRank(size_t size, size_t percent) { return (size * percent + 99) / 100 - 1; }

template <typename Iterator>
void RanksByCounting(Iterator begin, Iterator end, Figure& figure) {
  std::vector<uint32_t> counts(kCountedValues);
  for (Iterator value = begin; value != end; ++value) ++counts[static_cast<size_t>(*value)];
  const auto size = static_cast<size_t>(end - begin);
  size_t value = 0;
  size_t up_to = counts[0];
  const auto rank = [&](size_t percent) {
    while (up_to <= IndexOfRank(size, percent)) up_to += counts[++value];
    return static_cast<int64_t>(value);
  };
  figure.median = rank(50);
  figure.p90 = rank(90);
  figure.p99 = rank(99);
}

template <typename Iterator>
void RanksByPartition(Iterator begin, Iterator end, Figure& figure) {
  // Each search leaves greater ones behind it.
  size_t sorted = 0;
  const auto rank = [&](size_t percent) {
    const size_t index = IndexOfRank(static_cast<size_t>(end - begin), percent);
    std::nth_element(begin + static_cast<ptrdiff_t>(sorted), begin + static_cast<ptrdiff_t>(index), end);
    sorted = index;
    return int64_t{begin[static_cast<ptrdiff_t>(index)]};
  };
  figure.median = rank(50);
  figure.p90 = rank(90);
  figure.p99 = rank(99);
}

// Reorders what it is given.
template <typename Iterator>
void Distribute(Iterator begin, Iterator end, Figure& figure) {
  const auto size = static_cast<size_t>(end - begin);
  figure.count = static_cast<int64_t>(size);
  if (size == 0) return;
  int64_t sum = 0;
  int64_t greatest = 0;
  for (Iterator value = begin; value != end; ++value) {
    sum += *value;
    greatest = std::max<int64_t>(greatest, *value);
  }
  figure.mean = static_cast<double>(sum) / static_cast<double>(size);
  if (size >= kCountingMin && greatest < static_cast<int64_t>(kCountedValues)) {
    RanksByCounting(begin, end, figure);
  } else {
    RanksByPartition(begin, end, figure);
  }
}

Figure Scanner::MirrorFigure(v1::Metric metric, const std::vector<const int32_t*>& groups, size_t first,
                             size_t last) const {
  Figure figure;
  if (plan_.mirror.empty()) return figure;
  const size_t offset = layout_.mirror_offsets().at(metric);
  int64_t sums[2] = {};
  for (const int32_t* cells : groups) {
    for (size_t stretch = first; stretch <= last; ++stretch) {
      sums[0] += cells[offset + 2 * stretch];
      sums[1] += cells[offset + 2 * stretch + 1];
    }
  }
  if (metric != v1::METRIC_UNSYNCHRONISED) {
    figure.numerator = sums[0];
    figure.denominator = sums[1];
    return figure;
  }
  // How it stood at an earlier moment, nobody has kept.
  const std::optional<size_t> now = plan_.judged_is_now ? StretchOf(plan_.judged) : std::nullopt;
  if (now.has_value() && first <= *now && *now <= last) figure.count = sums[0];
  return figure;
}

void Scanner::FinishCounts(ScanResult& result) {
  const size_t last = layout_.stretches() - 1;
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
    for (size_t stretch = 0; stretch <= last; ++stretch) {
      // What has not begun has no state yet.
      const bool ahead = !plan_.levels_ahead && plan_.bounds[stretch] > plan_.judged;
      const auto count_of = [&](v1::Metric metric) -> std::optional<int64_t> {
        if (ahead && layout_.IsLevelAtEnd(metric)) return std::nullopt;
        return layout_.Count(metric, cells[group], stretch, stretch);
      };
      for (const v1::Metric metric : plan_.metrics) {
        const bool of_mirror = layout_.mirror_offsets().contains(metric);
        result.groups[group].figures[stretch].push_back(
            of_mirror ? MirrorFigure(metric, {cells[group]}, stretch, stretch) : MakeFigure(metric, count_of));
      }
    }
  }
  const bool ahead = !plan_.levels_ahead && plan_.bounds.front() > plan_.judged;
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

void Scanner::FinishDistributions(ScanResult& result) {
  const size_t stretches = layout_.stretches();
  for (const Minutes& minutes : minutes_) {
    const auto at = static_cast<size_t>(
        std::find(plan_.metrics.begin(), plan_.metrics.end(), minutes.metric) - plan_.metrics.begin());
    // Sorted by cell in one sweep: begins of the cells, then every value to its place.
    std::vector<size_t> next(grouper_.size() * stretches + 1);
    const auto figure_of = [&](size_t cell) -> Figure& {
      return result.groups[cell / stretches].figures[cell % stretches][at];
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
                             .figures = std::vector<std::vector<Figure>>(layout_.stretches())});
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

namespace {

// Visits (item, moment or nullptr) of one row.
template <typename Visit>
void VisitCounted(const FactColumns& columns, const ScanPlan& plan, size_t row, Visit visit) {
  if (!plan.filter.empty() && !plan.filter.Matches(columns, row)) return;
  const int64_t before = std::min(plan.bounds.front() - 1, plan.judged);
  const int64_t at_end = std::min(plan.bounds.back() - 1, plan.judged);
  for (const CountPart& part : FindMetric(plan.metrics.front())->parts) {
    VisitItems(columns, part.by, row, [&](const Stretch& at, uint64_t word, const FactMoment* moment) {
      const int64_t judged = part.at_beginning ? before : at_end;
      const bool counts = IsLevel(part.by) ? at.begin <= judged && judged < at.end
                                           : plan.bounds.front() <= at.begin && at.begin <= at_end;
      if (counts && part.Holds(word)) visit(CountedItem{.row = row, .time = static_cast<uint32_t>(at.begin)}, moment);
    });
  }
}

}  // namespace

void ForEachCounted(const FactColumns& columns, const ScanPlan& plan, const std::vector<uint32_t>& codes,
                    const std::function<void(const CountedItem&)>& visit) {
  const Grouper grouper(columns, plan.groups);
  for (size_t row = 0; row < columns.size(); ++row) {
    VisitCounted(columns, plan, row, [&](const CountedItem& item, const FactMoment* moment) {
      for (size_t i = 0; i < codes.size(); ++i) {
        if (grouper.CodeOf(i, row, moment) != codes[i]) return;
      }
      visit(item);
    });
  }
}

int64_t CountRow(const FactColumns& columns, const ScanPlan& plan, size_t row) {
  int64_t count = 0;
  VisitCounted(columns, plan, row, [&](const CountedItem&, const FactMoment*) { ++count; });
  return count;
}

}  // namespace tthc::server
