#pragma once

#include <string>

#include "absl/status/status.h"
#include "client/terminal/session.h"
#include "tthc/v1/statistics_service.pb.h"

// Figures of statistics as text, tables, bars and spreadsheets. No value is shown as "–", never as 0. Pure but for the
// Write functions.
//
// The request is needed beside the answer, because values are matched to metrics, and keys to groupings, by position.
namespace tthc::cli {

// "1.234" and "95,24 %" in Vietnamese, "1,234" and "95.24 %" in English.
std::string FormatCount(int64_t count, terminal::Lang lang);
std::string FormatDecimal(double number, int decimals, terminal::Lang lang);
// The figure itself: a count, a percentage, the median of a distribution.
std::string FormatFigure(const v1::StatisticsValue& value, terminal::Lang lang);
// The details of a figure: "20/21" of a share, mean and percentiles of a distribution; "" for counts.
std::string DescribeFigure(const v1::StatisticsValue& value, terminal::Lang lang);
// "Hộ tịch", "23/11/2026", "tuần 47/2026", "(không có)". `scheme` decides to which quarter and year a time belongs.
std::string FormatKey(const v1::StatisticsKey& key, v1::Period::Scheme scheme, terminal::Lang lang);

// Prints the basis of the figures as the last lines of a table.
void WriteBasis(const terminal::Session& session, const v1::StatisticsBasis& basis);

// How figures are shown on a terminal; files always get tables.
struct StatisticsViewOptions {
  // Draws bars instead of a table, one chart for each metric. Only for a query with groups.
  bool bars = false;
};
// Writes an answer in the format of the session. INTERNAL if rows and values do not fit the request. Errors of
// SheetWriter.
absl::Status WriteStatistics(const terminal::Session& session, const v1::QueryStatisticsRequest& request,
                             const v1::QueryStatisticsResponse& response, const StatisticsViewOptions& options);

}  // namespace tthc::cli
