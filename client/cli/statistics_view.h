#pragma once

#include <string>

#include "absl/status/status.h"
#include "client/cli/session.h"
#include "tthc/v1/statistics_service.pb.h"

// Figures as people and spreadsheets see them. No value is "–", never 0.
namespace tthc::cli {

// "1.234" and "95,24 %" in Vietnamese, "1,234" and "95.24 %" in English.
std::string FormatCount(int64_t count, Lang lang);
std::string FormatDecimal(double number, int decimals, Lang lang);
// The figure itself: a count, a percentage, the median of a distribution.
std::string FormatFigure(const v1::StatisticsValue& value, Lang lang);
// What stands behind it: "20/21", mean and percentiles; "" for counts.
std::string DescribeFigure(const v1::StatisticsValue& value, Lang lang);
// "Hộ tịch", "23/11/2026", "tuần 47/2026", "(không có)". Which quarter and year it is depends on the period's scheme.
std::string FormatKey(const v1::StatisticsKey& key, v1::Period::Scheme scheme, Lang lang);

// What the figures stand on, as the last lines of a table.
void WriteBasis(const Session& session, const v1::StatisticsBasis& basis);

struct StatisticsViewOptions {
  // As bars instead of a table: one chart for each metric. Only for a query with groups.
  bool bars = false;
};
// In the session's format. Errors of SheetWriter.
absl::Status WriteStatistics(const Session& session, const v1::QueryStatisticsRequest& request,
                             const v1::QueryStatisticsResponse& response, const StatisticsViewOptions& options);

}  // namespace tthc::cli
