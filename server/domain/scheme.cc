#include "server/domain/scheme.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/repeated_field.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::domain {
namespace {

using v1::Indicator;
using Metrics = google::protobuf::RepeatedField<int>;

// The numbers of statistics.proto: shares from 100, distributions from 130.
constexpr int kFirstShare = v1::METRIC_ON_TIME_SHARE_06A;
constexpr int kFirstDistribution = v1::METRIC_HANDLING_TIME;

absl::Status Required(const std::string& field) { return InvalidField(field, "is required", "không được để trống"); }

absl::Status Unused(const std::string& field) {
  return InvalidField(field, "means nothing here: leave it out", "không có nghĩa ở đây: hãy bỏ đi");
}

absl::Status CheckTextOf(const std::string& field, const std::string& text, bool required, size_t bytes_max) {
  if (required && text.empty()) return Required(field);
  return CheckText(field, text, {.bytes_max = bytes_max, .multi_line = true});
}

absl::Status CheckCount(const std::string& field, int count, size_t max) {
  if (static_cast<size_t>(count) <= max) return absl::OkStatus();
  return InvalidField(field, absl::StrCat("has ", count, " entries; at most ", max, " are possible"),
                      absl::StrCat("có ", count, " mục; tối đa ", max));
}

// Written so that NaN, which compares false with everything, is refused as well.
absl::Status CheckBetween(const std::string& field, double value, double max) {
  if (value >= 0 && value <= max) return absl::OkStatus();
  return InvalidField(field, absl::StrCat("must be 0 to ", max), absl::StrCat("phải từ 0 đến ", max));
}

// A resource name of the given collection, with one segment behind it.
absl::Status CheckName(const std::string& field, const std::string& name, absl::string_view collection) {
  TTHC_RETURN_IF_ERROR(CheckTextOf(field, name, true, limits::kResourceNameBytesMax));
  const bool ok = absl::StartsWith(name, collection) && name.size() > collection.size() &&
                  name.find('/', collection.size()) == std::string::npos &&
                  name.find_first_of(" \t\r\n") == std::string::npos;
  if (ok) return absl::OkStatus();
  return InvalidField(field, absl::StrCat("must look like ", collection, "…, without blanks"),
                      absl::StrCat("phải có dạng ", collection, "…, viết liền"));
}

// The start date is required: without it nobody could compute a past period by the rules of its time.
absl::Status CheckDays(const std::string& field, const v1::Scheme& scheme) {
  if (scheme.start_date().empty()) return Required(field + "start_date");
  for (const auto& [name, day] :
       {std::pair{"start_date", &scheme.start_date()}, std::pair{"end_date", &scheme.end_date()}}) {
    if (day->empty() || ParseIsoDate(*day).ok()) continue;
    return InvalidField(field + name, "is not an existing day YYYY-MM-DD", "không phải ngày có thật dạng YYYY-MM-DD");
  }
  if (scheme.end_date().empty() || scheme.start_date() <= scheme.end_date()) return absl::OkStatus();
  return InvalidField(field + "end_date", "lies before start_date", "trước ngày bắt đầu hiệu lực");
}

// A list of metrics that are summed up. With `shares` a share may stand for one of its two counts.
absl::Status CheckMetrics(const std::string& field, const Metrics& metrics, bool shares) {
  TTHC_RETURN_IF_ERROR(CheckCount(field, metrics.size(), limits::kMetricsPerIndicatorMax));
  for (int i = 0; i < metrics.size(); ++i) {
    const std::string at = absl::StrCat(field, "[", i, "]");
    const int metric = metrics[i];
    if (!v1::Metric_IsValid(metric) || metric == v1::METRIC_UNSPECIFIED) {
      return InvalidField(at, absl::StrCat("there is no metric ", metric),
                          absl::StrCat("không có chỉ tiêu thống kê số ", metric));
    }
    const auto known = static_cast<v1::Metric>(metric);
    if (IsDistributionMetric(known) || (!shares && IsShareMetric(known))) {
      return InvalidField(at, absl::StrCat(v1::Metric_Name(known), " is not a count and can't stand here"),
                          absl::StrCat(v1::Metric_Name(known), " không phải số đếm nên không dùng được ở đây"));
    }
  }
  return absl::OkStatus();
}

// Which parts of an indicator its source uses. A part that is set and not used is refused: its author expects an effect
// that it would not have.
struct Uses {
  bool numerators = false;
  bool denominators = false;
  bool steps = false;
  bool target = false;
  bool when_empty = false;
};

Uses UsesOf(Indicator::Source source) {
  switch (source) {
    case Indicator::SOURCE_METRICS:
    case Indicator::SOURCE_METRICS_COMPLEMENT:
      return {.numerators = true, .denominators = true, .target = true, .when_empty = true};
    case Indicator::SOURCE_POINTS_PER_DOSSIER:
      return {.denominators = true, .steps = true, .when_empty = true};
    case Indicator::SOURCE_POINTS_BY_RATIO:
    case Indicator::SOURCE_PROCEDURES_ONLINE:
      return {.numerators = true, .denominators = true, .steps = true, .when_empty = true};
    case Indicator::SOURCE_COUNT:
      return {.numerators = true, .target = true};
    default:
      return {};
  }
}

absl::Status CheckStep(const std::string& field, const Indicator& indicator, const Indicator::Step& step) {
  const bool by_ratio = indicator.source() == Indicator::SOURCE_POINTS_BY_RATIO;
  const bool by_procedures = indicator.source() == Indicator::SOURCE_PROCEDURES_ONLINE;
  TTHC_RETURN_IF_ERROR(CheckBetween(field + "points", step.points(), indicator.max_points()));
  TTHC_RETURN_IF_ERROR(CheckBetween(field + "from_ratio", step.from_ratio(), 1));
  TTHC_RETURN_IF_ERROR(CheckBetween(field + "procedures_from_ratio", step.procedures_from_ratio(), 1));
  TTHC_RETURN_IF_ERROR(CheckMetrics(field + "metrics", step.metrics(), false));
  TTHC_RETURN_IF_ERROR(CheckMetrics(field + "none_of", step.none_of(), false));
  if (by_ratio || by_procedures) {
    if (!step.metrics().empty()) return Unused(field + "metrics");
  } else {
    if (step.metrics().empty()) return Required(field + "metrics");
    if (step.from_ratio() > 0) return Unused(field + "from_ratio");
  }
  if (by_procedures) return absl::OkStatus();
  if (!step.none_of().empty()) return Unused(field + "none_of");
  return step.procedures_from_ratio() > 0 ? Unused(field + "procedures_from_ratio") : absl::OkStatus();
}

absl::Status CheckSteps(const std::string& field, const Indicator& indicator) {
  if (indicator.steps().empty()) return Required(field);
  TTHC_RETURN_IF_ERROR(CheckCount(field, indicator.steps_size(), limits::kStepsPerIndicatorMax));
  for (int i = 0; i < indicator.steps_size(); ++i) {
    const std::string at = absl::StrCat(field, "[", i, "].");
    TTHC_RETURN_IF_ERROR(CheckStep(at, indicator, indicator.steps(i)));
    // By ratio the first step that is reached counts, so that a higher one behind it would never be seen. Points per
    // dossier add up, in any order.
    const bool ordered = indicator.source() != Indicator::SOURCE_POINTS_PER_DOSSIER && i > 0;
    if (ordered && indicator.steps(i).from_ratio() >= indicator.steps(i - 1).from_ratio()) {
      return InvalidField(at + "from_ratio", "must be less than that of the step before: the highest comes first",
                          "phải nhỏ hơn bậc đứng trước: bậc cao nhất đứng đầu");
    }
  }
  return absl::OkStatus();
}

// Every part is set if the source needs it, and only then.
absl::Status CheckSource(const std::string& at, const Indicator& indicator) {
  const Uses uses = UsesOf(indicator.source());
  TTHC_RETURN_IF_ERROR(CheckMetrics(at + "numerators", indicator.numerators(), true));
  TTHC_RETURN_IF_ERROR(CheckMetrics(at + "denominators", indicator.denominators(), true));
  const bool may_lack_denominators = indicator.source() == Indicator::SOURCE_POINTS_PER_DOSSIER;
  if (uses.numerators && indicator.numerators().empty()) return Required(at + "numerators");
  if (!uses.numerators && !indicator.numerators().empty()) return Unused(at + "numerators");
  if (uses.denominators && indicator.denominators().empty() && !may_lack_denominators) {
    return Required(at + "denominators");
  }
  if (!uses.denominators && !indicator.denominators().empty()) return Unused(at + "denominators");
  if (uses.steps) TTHC_RETURN_IF_ERROR(CheckSteps(at + "steps", indicator));
  if (!uses.steps && !indicator.steps().empty()) return Unused(at + "steps");
  if (!uses.target && indicator.target() != 0) return Unused(at + "target");
  if (!Indicator::WhenEmpty_IsValid(indicator.when_empty())) {
    return InvalidField(at + "when_empty", "is unknown", "không rõ");
  }
  const bool says_when_empty = indicator.when_empty() != Indicator::WHEN_EMPTY_UNSPECIFIED;
  if (!uses.when_empty && says_when_empty) return Unused(at + "when_empty");
  return CheckBetween(at + "target", indicator.target(),
                      indicator.source() == Indicator::SOURCE_COUNT ? limits::kPlanTargetMax : 1);
}

// A plan compares values with targets and gives no points; the other kinds give points and have no direction.
absl::Status CheckFitsKind(const std::string& at, v1::Scheme::Kind kind, const Indicator& indicator) {
  const bool plan = kind == v1::Scheme::KIND_PLAN;
  const bool measured =
      indicator.source() == Indicator::SOURCE_METRICS || indicator.source() == Indicator::SOURCE_METRICS_COMPLEMENT;
  const bool fits =
      plan ? measured || indicator.source() == Indicator::SOURCE_COUNT : indicator.source() != Indicator::SOURCE_COUNT;
  if (!fits) {
    return InvalidField(at + "source",
                        plan ? "must be SOURCE_METRICS, SOURCE_METRICS_COMPLEMENT or SOURCE_COUNT in a plan"
                             : "SOURCE_COUNT is only for plans",
                        plan ? "trong kế hoạch phải là SOURCE_METRICS, SOURCE_METRICS_COMPLEMENT hoặc SOURCE_COUNT"
                             : "SOURCE_COUNT chỉ dùng cho kế hoạch");
  }
  if (!plan) {
    const bool directed = indicator.direction() != Indicator::DIRECTION_UNSPECIFIED;
    return directed ? Unused(at + "direction") : absl::OkStatus();
  }
  if (indicator.max_points() != 0) return Unused(at + "max_points");
  if (indicator.when_empty() == Indicator::WHEN_EMPTY_FULL_POINTS ||
      indicator.when_empty() == Indicator::WHEN_EMPTY_ZERO_POINTS) {
    return Unused(at + "when_empty");
  }
  const bool known = Indicator::Direction_IsValid(indicator.direction());
  if (!known || indicator.direction() == Indicator::DIRECTION_UNSPECIFIED) {
    return InvalidField(at + "direction",
                        "must be DIRECTION_AT_LEAST, DIRECTION_AT_MOST, DIRECTION_FALLING or DIRECTION_RISING",
                        "phải là DIRECTION_AT_LEAST (ít nhất), DIRECTION_AT_MOST (nhiều nhất), DIRECTION_FALLING "
                        "(giảm) hoặc DIRECTION_RISING (tăng)");
  }
  if (indicator.direction() == Indicator::DIRECTION_AT_LEAST && indicator.target() <= 0) return Required(at + "target");
  const bool fixed =
      indicator.direction() == Indicator::DIRECTION_AT_LEAST || indicator.direction() == Indicator::DIRECTION_AT_MOST;
  return !fixed && indicator.target() != 0 ? Unused(at + "target") : absl::OkStatus();
}

absl::Status CheckIndicator(const std::string& at, v1::Scheme::Kind kind, const Indicator& indicator) {
  TTHC_RETURN_IF_ERROR(CheckTextOf(at + "id", indicator.id(), true, limits::kCodeBytesMax));
  TTHC_RETURN_IF_ERROR(CheckTextOf(at + "display_name", indicator.display_name(), true, limits::kShortTextBytesMax));
  TTHC_RETURN_IF_ERROR(CheckTextOf(at + "group", indicator.group(), false, limits::kShortTextBytesMax));
  TTHC_RETURN_IF_ERROR(CheckTextOf(at + "note", indicator.note(), false, limits::kLongTextBytesMax));
  TTHC_RETURN_IF_ERROR(CheckBetween(at + "max_points", indicator.max_points(), limits::kIndicatorPointsMax));
  const bool known = Indicator::Source_IsValid(indicator.source());
  if (!known || indicator.source() == Indicator::SOURCE_UNSPECIFIED) {
    return InvalidField(at + "source", "must be one of Indicator.Source", "phải là một giá trị của Indicator.Source");
  }
  TTHC_RETURN_IF_ERROR(CheckSource(at, indicator));
  return CheckFitsKind(at, kind, indicator);
}

// Ids are unique, because given points and results refer to indicators by them.
absl::Status CheckIndicators(const std::string& field, const v1::Scheme& scheme) {
  if (scheme.indicators().empty()) return Required(field);
  TTHC_RETURN_IF_ERROR(CheckCount(field, scheme.indicators_size(), limits::kIndicatorsPerSchemeMax));
  std::set<std::string> ids;
  for (int i = 0; i < scheme.indicators_size(); ++i) {
    const std::string at = absl::StrCat(field, "[", i, "].");
    TTHC_RETURN_IF_ERROR(CheckIndicator(at, scheme.kind(), scheme.indicators(i)));
    if (ids.insert(scheme.indicators(i).id()).second) continue;
    return InvalidField(at + "id", absl::StrCat("\"", scheme.indicators(i).id(), "\" is there twice"),
                        absl::StrCat("mã \"", scheme.indicators(i).id(), "\" bị lặp"));
  }
  return absl::OkStatus();
}

absl::Status CheckBands(const std::string& field, const v1::Scheme& scheme) {
  if (scheme.kind() == v1::Scheme::KIND_PLAN) return scheme.bands().empty() ? absl::OkStatus() : Unused(field);
  TTHC_RETURN_IF_ERROR(CheckCount(field, scheme.bands_size(), limits::kBandsPerSchemeMax));
  // A band above the points that can be reached would be a mistake in the scheme.
  double most = 0;
  for (const Indicator& indicator : scheme.indicators()) most += indicator.max_points();
  for (int i = 0; i < scheme.bands_size(); ++i) {
    const std::string at = absl::StrCat(field, "[", i, "].");
    const v1::Band& band = scheme.bands(i);
    TTHC_RETURN_IF_ERROR(CheckTextOf(at + "display_name", band.display_name(), true, limits::kShortTextBytesMax));
    TTHC_RETURN_IF_ERROR(CheckBetween(at + "from_points", band.from_points(), most));
    if (i == 0 || band.from_points() < scheme.bands(i - 1).from_points()) continue;
    return InvalidField(at + "from_points", "must be less than that of the band before: the highest comes first",
                        "phải nhỏ hơn mức đứng trước: mức cao nhất đứng đầu");
  }
  return absl::OkStatus();
}

// A scheme for some offices fits a query only if it covers every office of the query.
bool IsFor(const v1::Scheme& scheme, const std::vector<std::string>& offices) {
  if (scheme.offices().empty()) return true;
  return !offices.empty() && std::all_of(offices.begin(), offices.end(), [&](const std::string& office) {
    return std::find(scheme.offices().begin(), scheme.offices().end(), office) != scheme.offices().end();
  });
}

void AddMetrics(const Metrics& metrics, std::set<v1::Metric>* all) {
  for (const int metric : metrics) all->insert(static_cast<v1::Metric>(metric));
}

}  // namespace

bool IsShareMetric(v1::Metric metric) { return metric >= kFirstShare && metric < kFirstDistribution; }

bool IsDistributionMetric(v1::Metric metric) { return metric >= kFirstDistribution; }

absl::Status CheckScheme(absl::string_view field, const v1::Scheme& scheme) {
  const std::string at = absl::StrCat(field, ".");
  // First, so that the checks below go over a bounded message.
  if (scheme.ByteSizeLong() > limits::kSchemeBytesMax) {
    return InvalidField(field, absl::StrCat("is longer than ", limits::kSchemeBytesMax, " bytes; shorten its texts"),
                        absl::StrCat("dài quá ", limits::kSchemeBytesMax, " byte; hãy rút gọn phần chữ"));
  }
  TTHC_RETURN_IF_ERROR(CheckName(at + "name", scheme.name(), "schemes/"));
  TTHC_RETURN_IF_ERROR(CheckTextOf(at + "display_name", scheme.display_name(), true, limits::kShortTextBytesMax));
  TTHC_RETURN_IF_ERROR(CheckTextOf(at + "legal_basis", scheme.legal_basis(), false, limits::kLongTextBytesMax));
  if (!v1::Scheme::Kind_IsValid(scheme.kind()) || scheme.kind() == v1::Scheme::KIND_UNSPECIFIED) {
    return InvalidField(at + "kind", "must be KIND_QUALITY_INDEX, KIND_OFFICIALS, KIND_UNITS or KIND_PLAN",
                        "phải là KIND_QUALITY_INDEX, KIND_OFFICIALS, KIND_UNITS hoặc KIND_PLAN");
  }
  TTHC_RETURN_IF_ERROR(CheckDays(at, scheme));
  TTHC_RETURN_IF_ERROR(CheckIndicators(at + "indicators", scheme));
  TTHC_RETURN_IF_ERROR(CheckBands(at + "bands", scheme));
  TTHC_RETURN_IF_ERROR(CheckCount(at + "offices", scheme.offices_size(), limits::kFilterValuesMax));
  for (int i = 0; i < scheme.offices_size(); ++i) {
    TTHC_RETURN_IF_ERROR(CheckName(absl::StrCat(at, "offices[", i, "]"), scheme.offices(i), "offices/"));
  }
  return absl::OkStatus();
}

std::set<v1::Metric> MetricsOf(const v1::Scheme& scheme) {
  std::set<v1::Metric> metrics;
  for (const Indicator& indicator : scheme.indicators()) {
    AddMetrics(indicator.numerators(), &metrics);
    AddMetrics(indicator.denominators(), &metrics);
    for (const Indicator::Step& step : indicator.steps()) {
      AddMetrics(step.metrics(), &metrics);
      AddMetrics(step.none_of(), &metrics);
    }
  }
  return metrics;
}

const v1::Scheme* SchemeInForce(const std::vector<const v1::Scheme*>& schemes, v1::Scheme::Kind kind,
                                absl::string_view day, const std::vector<std::string>& offices) {
  const auto rank = [](const v1::Scheme& scheme) {
    return std::tuple(!scheme.offices().empty(), absl::string_view(scheme.start_date()),
                      absl::string_view(scheme.name()));
  };
  const v1::Scheme* best = nullptr;
  for (const v1::Scheme* scheme : schemes) {
    // ISO dates compare as text.
    const bool in_force = scheme->kind() == kind && scheme->start_date() <= day &&
                          (scheme->end_date().empty() || day <= scheme->end_date());
    if (!in_force || !IsFor(*scheme, offices)) continue;
    if (best == nullptr || rank(*best) < rank(*scheme)) best = scheme;
  }
  return best;
}

}  // namespace tthc::domain
