#include <set>

#include "absl/strings/str_cat.h"
#include "server/statistics/metric.h"
#include "server/statistics/query_context.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

// `known` is a map of the catalogue by name.
template <typename Names, typename Known>
absl::Status CheckNames(const std::string& field, const Names& names, const Known& known) {
  if (names.size() > static_cast<int>(limits::kFilterValuesMax)) {
    return InvalidField(field, absl::StrCat("at most ", limits::kFilterValuesMax, " values are allowed"),
                        absl::StrCat("tối đa ", limits::kFilterValuesMax, " giá trị"));
  }
  for (const std::string& name : names) {
    TTHC_RETURN_IF_ERROR(CheckText(field, name, {.bytes_max = limits::kResourceNameBytesMax}));
    if (known.contains(name)) continue;
    return InvalidField(field, absl::StrCat("\"", name, "\" is not in the catalogue"),
                        absl::StrCat("\"", name, "\" không có trong danh mục"));
  }
  return absl::OkStatus();
}

}  // namespace

bool IsTimeBucket(int group_by) { return group_by >= v1::GROUP_BY_DAY && group_by <= v1::GROUP_BY_YEAR; }

// The order of the metrics is that of the answer's values, so none may be there twice: a client could not distinguish
// them.
absl::Status CheckMetrics(const google::protobuf::RepeatedField<int>& metrics) {
  if (metrics.empty() || metrics.size() > limits::kStatisticsMetricsMax) {
    return InvalidField("metrics", absl::StrCat("must be 1 to ", limits::kStatisticsMetricsMax, " metrics"),
                        absl::StrCat("phải có từ 1 đến ", limits::kStatisticsMetricsMax, " chỉ tiêu"));
  }
  std::set<int> seen;
  for (const int metric : metrics) {
    if (FindMetric(static_cast<v1::Metric>(metric)) == nullptr) {
      return InvalidField("metrics", absl::StrCat(metric, " is no metric; see tthc.v1.Metric"),
                          absl::StrCat("không có chỉ tiêu số ", metric, "; xem danh sách: tthc stats metrics"));
    }
    if (!seen.insert(metric).second) {
      return InvalidField("metrics", absl::StrCat(v1::Metric_Name(static_cast<v1::Metric>(metric)), " is given twice"),
                          absl::StrCat("chỉ tiêu ", v1::Metric_Name(static_cast<v1::Metric>(metric)), " bị lặp"));
    }
  }
  return absl::OkStatus();
}

// More than one grouping by time makes no sense: a day lies in one month. The order of the groupings is that of the
// keys.
absl::Status CheckGroupings(const google::protobuf::RepeatedField<int>& groupings) {
  std::set<int> seen;
  int buckets = 0;
  for (const int by : groupings) {
    if (!v1::GroupBy_IsValid(by) || by == v1::GROUP_BY_UNSPECIFIED) {
      return InvalidField("group_by", absl::StrCat(by, " is no grouping; see tthc.v1.GroupBy"),
                          absl::StrCat("không có cách nhóm số ", by, "; xem: tthc stats --help"));
    }
    buckets += IsTimeBucket(by) ? 1 : 0;
    seen.insert(by);
  }
  const bool repeated = static_cast<int>(seen.size()) < groupings.size();
  if (!repeated && buckets <= 1 && groupings.size() <= limits::kStatisticsGroupingsMax) return absl::OkStatus();
  return InvalidField(
      "group_by",
      absl::StrCat("takes up to ", limits::kStatisticsGroupingsMax, " different groupings, one of them by time"),
      absl::StrCat("tối đa ", limits::kStatisticsGroupingsMax,
                   " cách nhóm khác nhau, trong đó một cách theo thời gian"));
}

absl::Status CheckFilter(const domain::Catalogue& catalogue, const v1::StatisticsFilter& filter) {
  TTHC_RETURN_IF_ERROR(CheckNames("filter.offices", filter.offices(), catalogue.offices()));
  TTHC_RETURN_IF_ERROR(CheckNames("filter.units", filter.units(), catalogue.units()));
  TTHC_RETURN_IF_ERROR(CheckNames("filter.officers", filter.officers(), catalogue.officers()));
  TTHC_RETURN_IF_ERROR(CheckNames("filter.fields", filter.fields(), catalogue.fields()));
  TTHC_RETURN_IF_ERROR(CheckNames("filter.procedures", filter.procedures(), catalogue.procedures()));
  TTHC_RETURN_IF_ERROR(CheckNames("filter.responsible_units", filter.responsible_units(), catalogue.units()));
  // Enums of a newer client may have values that are unknown here.
  for (const int channel : filter.channels()) {
    if (!v1::Channel_IsValid(channel)) return InvalidField("filter.channels", "is no channel", "không có kênh này");
  }
  for (const int result : filter.results()) {
    if (!v1::Outcome_IsValid(result)) return InvalidField("filter.results", "is no result", "không có kết quả này");
  }
  return absl::OkStatus();
}

}  // namespace tthc::server
