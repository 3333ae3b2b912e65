#include "server/statistics/cell_layout.h"

#include <algorithm>

namespace tthc::server {

CellLayout::CellLayout(const ScanPlan& plan) : buckets_(plan.bounds.size() - 1) {
  // The last second before each bound, but nothing after the evaluation: what comes then is not known.
  for (const int64_t bound : plan.bounds) moments_.push_back(std::min(bound - 1, plan.evaluated));
  for (const v1::Metric metric : plan.metrics) Need(metric);
}

void CellLayout::SumLevels(int32_t* cells) const {
  for (const auto& parts : parts_) {
    for (const Part& part : parts) {
      if (!IsLevel(part.part.by)) continue;
      for (size_t i = 1; i < moments_.size(); ++i) cells[part.offset + i] += cells[part.offset + i - 1];
    }
  }
}

int64_t CellLayout::Count(v1::Metric metric, const int32_t* cells, size_t first, size_t last) const {
  int64_t sum = 0;
  for (const auto& [by, index] : places_.at(metric)) {
    const Part& part = parts_[by][index];
    const int32_t* own = cells + part.offset;
    if (IsLevel(part.part.by)) {
      // Moment i lies before bucket i, so the end of the last bucket is moment last + 1.
      sum += own[part.part.at_beginning ? first : last + 1];
    } else {
      for (size_t bucket = first; bucket <= last; ++bucket) sum += own[bucket];
    }
  }
  return sum;
}

bool CellLayout::IsLevelAtEnd(v1::Metric metric) const {
  const auto& places = places_.at(metric);
  return std::any_of(places.begin(), places.end(), [&](const auto& place) {
    const CountPart& part = parts_[place.first][place.second].part;
    return IsLevel(part.by) && !part.at_beginning;
  });
}

void CellLayout::Need(v1::Metric metric) {
  if (!places_.try_emplace(metric).second) return;
  const MetricSpec& spec = *FindMetric(metric);
  // A share has no cells; its figure is computed from the counts that it is made of.
  for (const v1::Metric part : spec.numerators) Need(part);
  for (const v1::Metric part : spec.denominators) Need(part);
  if (spec.kind == MetricSpec::Kind::kDistribution) distributions_.push_back(metric);
  if (spec.kind == MetricSpec::Kind::kMirror) {
    mirror_offsets_[metric] = cells_per_group_;
    cells_per_group_ += 2 * buckets_;
  }
  for (const CountPart& part : spec.parts) {
    std::vector<Part>& parts = parts_[static_cast<size_t>(part.by)];
    places_[metric].emplace_back(static_cast<size_t>(part.by), parts.size());
    parts.push_back({part, cells_per_group_});
    // One more than moments: the minus one of a level that holds beyond the last moment goes there and is not read.
    cells_per_group_ += IsLevel(part.by) ? moments_.size() + 1 : buckets_;
  }
}

}  // namespace tthc::server
