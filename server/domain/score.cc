#include "server/domain/score.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/repeated_field.h"
#include "server/domain/scheme.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/text.h"

namespace tthc::domain {
namespace {

using v1::Indicator;
using Metrics = google::protobuf::RepeatedField<int>;

// Tolerances of comparisons: far above the error of a double here, far below the difference between two ratios of
// dossiers.
constexpr double kTiny = 1e-9;
constexpr double kTinyPart = 1e-12;

struct Ratio {
  int64_t above = 0;
  int64_t below = 0;
};

// nullopt if one of them has no value.
std::optional<int64_t> Sum(const Metrics& metrics, const MetricCounts& counts,
                           std::optional<int64_t> (MetricCounts::*side)(v1::Metric) const) {
  int64_t sum = 0;
  for (const int metric : metrics) {
    const std::optional<int64_t> count = (counts.*side)(static_cast<v1::Metric>(metric));
    if (!count.has_value()) return std::nullopt;
    sum += *count;
  }
  return sum;
}

// The ratio of the indicator's metrics; of the complement for SOURCE_METRICS_COMPLEMENT, where the numerators count the
// bad cases.
std::optional<Ratio> RatioOf(const Indicator& indicator, const MetricCounts& counts) {
  const std::optional<int64_t> above = Sum(indicator.numerators(), counts, &MetricCounts::Above);
  const std::optional<int64_t> below = Sum(indicator.denominators(), counts, &MetricCounts::Below);
  if (!above.has_value() || !below.has_value()) return std::nullopt;
  if (indicator.source() != Indicator::SOURCE_METRICS_COMPLEMENT) return Ratio{.above = *above, .below = *below};
  // Several bad cases may fall on one dossier: never below 0.
  return Ratio{.above = std::max<int64_t>(0, *below - *above), .below = *below};
}

bool Reaches(const Ratio& ratio, double target) {
  // Compared as numbers of dossiers: a target has few decimals, so that both sides are equal or clearly different.
  const double wanted = target * static_cast<double>(ratio.below);
  return static_cast<double>(ratio.above) >= wanted - kTiny - kTinyPart * wanted;
}

bool StaysWithin(const Ratio& ratio, double target) {
  const double allowed = target * static_cast<double>(ratio.below);
  return static_cast<double>(ratio.above) <= allowed + kTiny + kTinyPart * allowed;
}

// Halves go up, also those that a double holds a little below the half.
double Round(double value, int decimals) {
  const double scale = std::pow(10, decimals);
  return std::floor(value * scale + 0.5 + kTiny) / scale;
}

int DecimalsOf(v1::Scheme::Kind kind) { return kind == v1::Scheme::KIND_QUALITY_INDEX ? 2 : 1; }

// The points of an empty denominator: the scheme decides, and by default there are none to give.
std::optional<double> PointsWhenEmpty(const Indicator& indicator) {
  switch (indicator.when_empty()) {
    case Indicator::WHEN_EMPTY_FULL_POINTS:
      return indicator.max_points();
    case Indicator::WHEN_EMPTY_ZERO_POINTS:
      return 0;
    default:
      return std::nullopt;
  }
}

double TargetOf(const Indicator& indicator) { return indicator.target() > 0 ? indicator.target() : 1; }

// max_points × min(1, ratio ÷ target).
double PointsByTarget(const Indicator& indicator, const Ratio& ratio) {
  if (Reaches(ratio, TargetOf(indicator))) return indicator.max_points();
  return indicator.max_points() * static_cast<double>(ratio.above) /
         (static_cast<double>(ratio.below) * TargetOf(indicator));
}

// The points of the first step that is reached; the steps are ordered from the highest down.
double PointsByRatio(const Indicator& indicator, const Ratio& ratio) {
  for (const Indicator::Step& step : indicator.steps()) {
    if (Reaches(ratio, step.from_ratio())) return step.points();
  }
  return 0;
}

// nullopt if a metric that decides on a step has no value: a lower step might be wrong then.
std::optional<double> PointsByProcedures(const Indicator& indicator, const Ratio& dossiers, const ScoreFacts& facts) {
  const Ratio procedures = {.above = facts.procedures_online, .below = facts.procedures};
  for (const Indicator::Step& step : indicator.steps()) {
    const std::optional<int64_t> amiss = Sum(step.none_of(), facts.online, &MetricCounts::Above);
    if (!amiss.has_value()) return std::nullopt;
    const bool holds =
        *amiss == 0 && Reaches(dossiers, step.from_ratio()) && Reaches(procedures, step.procedures_from_ratio());
    if (holds) return step.points();
  }
  return 0;
}

// The mean of the points of all dossiers, each by the step that counts it.
std::optional<double> PointsPerDossier(const Indicator& indicator, const MetricCounts& counts,
                                       v1::IndicatorScore* score) {
  double points = 0;
  int64_t counted = 0;
  for (const Indicator::Step& step : indicator.steps()) {
    const std::optional<int64_t> count = Sum(step.metrics(), counts, &MetricCounts::Above);
    if (!count.has_value()) return std::nullopt;
    points += step.points() * static_cast<double>(*count);
    counted += *count;
  }
  if (!indicator.denominators().empty()) {
    const std::optional<int64_t> below = Sum(indicator.denominators(), counts, &MetricCounts::Below);
    if (!below.has_value()) return std::nullopt;
    counted = *below;
  }
  score->set_denominator(counted);
  if (counted == 0) return PointsWhenEmpty(indicator);
  return std::min(indicator.max_points(), points / static_cast<double>(counted));
}

std::optional<double> PointsFromRatio(const Indicator& indicator, const ScoreFacts& facts, v1::IndicatorScore* score) {
  const std::optional<Ratio> ratio = RatioOf(indicator, facts.all);
  if (!ratio.has_value()) return std::nullopt;
  score->set_numerator(ratio->above);
  score->set_denominator(ratio->below);
  if (ratio->below == 0) return PointsWhenEmpty(indicator);
  score->set_ratio(static_cast<double>(ratio->above) / static_cast<double>(ratio->below));
  switch (indicator.source()) {
    case Indicator::SOURCE_POINTS_BY_RATIO:
      return PointsByRatio(indicator, *ratio);
    case Indicator::SOURCE_PROCEDURES_ONLINE:
      return PointsByProcedures(indicator, *ratio, facts);
    default:
      return PointsByTarget(indicator, *ratio);
  }
}

// The exact points. Fills the counts that they are computed from into `score`.
std::optional<double> PointsOf(const Indicator& indicator, const ScoreFacts& facts, const GivenPoints& given,
                               v1::IndicatorScore* score) {
  switch (indicator.source()) {
    case Indicator::SOURCE_GIVEN: {
      const auto found = given.find(indicator.id());
      return found == given.end() ? std::nullopt : std::optional<double>(found->second);
    }
    // The rule does not apply to this kind of office: it gets the full points, as the decision says.
    case Indicator::SOURCE_NOT_APPLICABLE:
      return indicator.max_points();
    case Indicator::SOURCE_POINTS_PER_DOSSIER:
      return PointsPerDossier(indicator, facts.all, score);
    default:
      return PointsFromRatio(indicator, facts, score);
  }
}

const v1::Band* BandAt(const v1::Scheme& scheme, double points) {
  for (const v1::Band& band : scheme.bands()) {
    if (points >= band.from_points() - kTiny) return &band;
  }
  return nullptr;
}

v1::IndicatorScore Head(const Indicator& indicator) {
  v1::IndicatorScore score;
  score.set_id(indicator.id());
  score.set_display_name(indicator.display_name());
  score.set_group(indicator.group());
  score.set_max_points(indicator.max_points());
  score.set_source(indicator.source());
  score.set_note(indicator.note());
  // The other sources compare with their steps, not with one target.
  const bool aims =
      indicator.source() == Indicator::SOURCE_METRICS || indicator.source() == Indicator::SOURCE_METRICS_COMPLEMENT;
  if (aims) score.set_target(TargetOf(indicator));
  return score;
}

// The value of a target of a plan. A count is a ratio with the denominator 1, so that both are compared alike.
std::optional<Ratio> MeasureOf(const Indicator& indicator, const MetricCounts& counts) {
  if (indicator.source() == Indicator::SOURCE_COUNT) {
    const std::optional<int64_t> count = Sum(indicator.numerators(), counts, &MetricCounts::Above);
    return count.has_value() ? std::optional(Ratio{.above = *count, .below = 1}) : std::nullopt;
  }
  return RatioOf(indicator, counts);
}

// The metric whose dossiers can be listed for this value; unspecified if the value is made of several metrics.
v1::Metric MetricOf(const Indicator& indicator) {
  if (indicator.numerators_size() != 1) return v1::METRIC_UNSPECIFIED;
  const v1::Metric metric = indicator.numerators(0);
  if (indicator.source() == Indicator::SOURCE_COUNT) return metric;
  const bool whole = indicator.source() == Indicator::SOURCE_METRICS && IsShareMetric(metric) &&
                     indicator.denominators_size() == 1 && indicator.denominators(0) == metric;
  return whole ? metric : v1::METRIC_UNSPECIFIED;
}

// A value that is not known stays unset, beside the metric that it would be of.
v1::StatisticsValue ToValue(const Indicator& indicator, const std::optional<Ratio>& measure) {
  v1::StatisticsValue value;
  value.set_metric(MetricOf(indicator));
  if (!measure.has_value()) return value;
  if (indicator.source() == Indicator::SOURCE_COUNT) {
    value.set_count(measure->above);
    return value;
  }
  value.set_numerator(measure->above);
  value.set_denominator(measure->below);
  if (measure->below != 0) {
    value.set_percent(100 * static_cast<double>(measure->above) / static_cast<double>(measure->below));
  }
  return value;
}

// -1, 0 or 1 as `a` is less than, equal to or greater than `b`. Exact: two periods with the same ratio are the same.
int Order(const Ratio& a, const Ratio& b) {
  const absl::int128 left = absl::int128(a.above) * b.below;
  const absl::int128 right = absl::int128(b.above) * a.below;
  return left < right ? -1 : left > right ? 1 : 0;
}

std::optional<bool> IsMet(const Indicator& indicator, const Ratio& now, const std::optional<Ratio>& before) {
  const bool is_share = indicator.source() != Indicator::SOURCE_COUNT;
  switch (indicator.direction()) {
    case Indicator::DIRECTION_AT_LEAST:
      return Reaches(now, indicator.target());
    case Indicator::DIRECTION_AT_MOST:
      return StaysWithin(now, indicator.target());
    case Indicator::DIRECTION_FALLING:
      if (now.above == 0) return true;
      return before.has_value() ? std::optional(Order(now, *before) < 0) : std::nullopt;
    case Indicator::DIRECTION_RISING:
      if (is_share && now.above >= now.below) return true;
      return before.has_value() ? std::optional(Order(now, *before) > 0) : std::nullopt;
    default:
      return std::nullopt;
  }
}

// Better or worse by the direction of the target, whether or not it is met.
v1::PlanResult::Trend TrendOf(const Indicator& indicator, const Ratio& now, const Ratio& before) {
  const int order = Order(now, before);
  if (order == 0) return v1::PlanResult::TREND_SAME;
  const bool less_is_better =
      indicator.direction() == Indicator::DIRECTION_AT_MOST || indicator.direction() == Indicator::DIRECTION_FALLING;
  return (order < 0) == less_is_better ? v1::PlanResult::TREND_BETTER : v1::PlanResult::TREND_WORSE;
}

}  // namespace

void MetricCounts::Add(const v1::StatisticsValue& value) {
  Entry& entry = entries_[value.metric()];
  const auto add = [](std::optional<int64_t>* sum, bool known, int64_t count) {
    *sum = known && sum->has_value() ? std::optional(**sum + count) : std::nullopt;
  };
  if (IsShareMetric(value.metric())) {
    add(&entry.above, value.has_numerator(), value.numerator());
    add(&entry.below, value.has_denominator(), value.denominator());
  } else {
    add(&entry.above, value.has_count(), value.count());
    add(&entry.below, value.has_count(), value.count());
  }
}

std::optional<int64_t> MetricCounts::Above(v1::Metric metric) const {
  const auto found = entries_.find(metric);
  return found == entries_.end() ? std::nullopt : found->second.above;
}

std::optional<int64_t> MetricCounts::Below(v1::Metric metric) const {
  const auto found = entries_.find(metric);
  return found == entries_.end() ? std::nullopt : found->second.below;
}

absl::Status CheckGiven(absl::string_view field, const v1::Scheme& scheme, const GivenPoints& given) {
  // The order of a protobuf map is random: sorted, so that the same mistake always gets the same answer.
  std::map<std::string, double> sorted(given.begin(), given.end());
  for (const auto& [id, points] : sorted) {
    const bool shown = CheckText("", id, {.bytes_max = limits::kCodeBytesMax}).ok();
    const std::string at = absl::StrCat(field, "[", shown ? id : "…", "]");
    const auto& indicators = scheme.indicators();
    const auto indicator = std::find_if(indicators.begin(), indicators.end(),
                                        [&](const Indicator& candidate) { return candidate.id() == id; });
    if (indicator == indicators.end() || indicator->source() != Indicator::SOURCE_GIVEN) {
      std::vector<std::string> evaluated;
      for (const Indicator& candidate : indicators) {
        if (candidate.source() == Indicator::SOURCE_GIVEN) evaluated.push_back(candidate.id());
      }
      const std::string ids = evaluated.empty() ? "-" : absl::StrJoin(evaluated, ", ");
      return InvalidField(
          at, absl::StrCat("is no indicator of ", scheme.name(), " that people give points for; these are: ", ids),
          absl::StrCat("không phải tiêu chí chấm tay của ", scheme.name(), "; các tiêu chí đó là: ", ids));
    }
    if (points >= 0 && points <= indicator->max_points()) continue;
    return InvalidField(at, absl::StrCat("must be 0 to ", indicator->max_points(), " points"),
                        absl::StrCat("phải từ 0 đến ", indicator->max_points(), " điểm"));
  }
  return absl::OkStatus();
}

v1::Score Evaluate(const v1::Scheme& scheme, const ScoreFacts& facts, const GivenPoints& given) {
  const int decimals = DecimalsOf(scheme.kind());
  const bool rounds_each = scheme.kind() != v1::Scheme::KIND_QUALITY_INDEX;
  v1::Score score;
  double points = 0;
  double max_points = 0;
  double missing = 0;
  for (const Indicator& indicator : scheme.indicators()) {
    v1::IndicatorScore& line = *score.add_indicators();
    line = Head(indicator);
    const std::optional<double> exact = PointsOf(indicator, facts, given, &line);
    // Without a value the points are missing, which is not the same as 0 points.
    if (!exact.has_value()) {
      missing += indicator.max_points();
      continue;
    }
    line.set_points(Round(*exact, decimals));
    points += rounds_each ? line.points() : *exact;
    max_points += indicator.max_points();
  }
  score.set_points(Round(points, decimals));
  score.set_max_points(max_points);
  score.set_missing_points(missing);
  const v1::Band* const band = BandAt(scheme, score.points());
  // A band is given only if the points that are still missing could not change it.
  const bool certain = band == BandAt(scheme, Round(score.points() + missing, decimals));
  if (certain && band != nullptr) score.set_band(band->display_name());
  return score;
}

v1::PlanResult Compare(const v1::Indicator& indicator, const MetricCounts& now, const MetricCounts& before) {
  const std::optional<Ratio> measure = MeasureOf(indicator, now);
  const std::optional<Ratio> previous = MeasureOf(indicator, before);
  v1::PlanResult result;
  result.set_id(indicator.id());
  result.set_display_name(indicator.display_name());
  result.set_direction(indicator.direction());
  result.set_target(indicator.target());
  result.set_note(indicator.note());
  *result.mutable_value() = ToValue(indicator, measure);
  *result.mutable_previous() = ToValue(indicator, previous);
  if (!measure.has_value() || measure->below == 0) return result;
  const bool comparable = previous.has_value() && previous->below != 0;
  const std::optional<bool> met = IsMet(indicator, *measure, comparable ? previous : std::nullopt);
  if (met.has_value()) result.set_met(*met);
  if (comparable) result.set_trend(TrendOf(indicator, *measure, *previous));
  return result;
}

}  // namespace tthc::domain
