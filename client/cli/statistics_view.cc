#include "client/cli/statistics_view.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/field_value.h"
#include "client/cli/metric_words.h"
#include "client/cli/output.h"
#include "client/cli/period_options.h"
#include "client/cli/sheet.h"
#include "client/cli/words.h"
#include "client/terminal/bars.h"
#include "client/terminal/format.h"
#include "client/terminal/table.h"
#include "server/timing/period.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::cli {
namespace {

using terminal::Bar;
using terminal::FormatAmount;
using terminal::FormatWorkingMinutes;
using terminal::Lang;
using terminal::Pick;
using terminal::RenderBars;
using terminal::Session;
using terminal::Table;
using terminal::TableColumn;
using terminal::Text;
using terminal::WrapToWidth;

constexpr char kNoValue[] = "–";
constexpr double kViewMinutesPerHour = 60;
// For output that goes to no terminal and so has no width.
constexpr size_t kBarsWidth = 80;
constexpr double kIdWidth = 24;
constexpr double kNameWidth = 30;
constexpr double kNumberWidth = 9;

std::string Hours(double minutes, Lang lang) { return FormatDecimal(minutes / kViewMinutesPerHour, 1, lang); }

// One number of a figure, which has a column of its own in CSV and .xlsx.
enum class Part { kCount, kPercent, kNumerator, kDenominator, kMean, kMedian, kP90, kP99, kUnknown };

// Unset stays unset, so that no sheet ever shows 0 for a figure without a value.
std::optional<double> NumberOf(const v1::StatisticsValue& value, Part part) {
  const auto hours = [](bool there, double minutes) {
    return there ? std::optional<double>(minutes / kViewMinutesPerHour) : std::nullopt;
  };
  const auto count = [](bool there, int64_t number) {
    return there ? std::optional<double>(static_cast<double>(number)) : std::nullopt;
  };
  switch (part) {
    case Part::kCount:
      return count(value.has_count(), value.count());
    case Part::kPercent:
      return value.has_percent() ? std::optional<double>(value.percent()) : std::nullopt;
    case Part::kNumerator:
      return count(value.has_numerator(), value.numerator());
    case Part::kDenominator:
      return count(value.has_denominator(), value.denominator());
    case Part::kMean:
      return hours(value.has_mean_minutes(), value.mean_minutes());
    case Part::kMedian:
      return hours(value.has_median_minutes(), static_cast<double>(value.median_minutes()));
    case Part::kP90:
      return hours(value.has_p90_minutes(), static_cast<double>(value.p90_minutes()));
    case Part::kP99:
      return hours(value.has_p99_minutes(), static_cast<double>(value.p99_minutes()));
    case Part::kUnknown:
      // Never blank: that no time is unknown is a statement as well.
      return static_cast<double>(value.unknown_count());
  }
  return std::nullopt;
}

bool IsHours(Part part) {
  return part == Part::kMean || part == Part::kMedian || part == Part::kP90 || part == Part::kP99;
}

int DecimalsOf(Part part) {
  if (part == Part::kPercent) return 2;
  return IsHours(part) ? 1 : 0;
}

Text PartLabel(Part part) {
  switch (part) {
    case Part::kCount:
      return {"số lượt", "number"};
    case Part::kPercent:
      return {"%", "%"};
    case Part::kNumerator:
      return {"tử số", "numerator"};
    case Part::kDenominator:
      return {"mẫu số", "denominator"};
    case Part::kMean:
      return {"trung bình", "mean"};
    case Part::kMedian:
      return {"trung vị", "median"};
    case Part::kP90:
      return {"90 % trong", "90 % within"};
    case Part::kP99:
      return {"99 % trong", "99 % within"};
    case Part::kUnknown:
      return {"không tính được", "not known"};
  }
  return {};
}

// The number with its unit.
std::string PartHeader(Part part, Lang lang) {
  return absl::StrCat(Pick(PartLabel(part), lang), !IsHours(part) ? "" : lang == Lang::kVi ? ", giờ" : ", hours");
}

std::vector<Part> PartsOf(v1::Metric metric) {
  switch (KindOf(metric)) {
    case MetricKind::kShare:
      return {Part::kPercent, Part::kNumerator, Part::kDenominator};
    case MetricKind::kDistribution:
      return {Part::kCount, Part::kMean, Part::kMedian, Part::kP90, Part::kP99, Part::kUnknown};
    default:
      return {Part::kCount};
  }
}

// --- Tables ----------------------------------------------------------------------------------------------------------

// A column of a table. On a terminal a share and its denominator are in one column.
struct FigureColumn {
  int metric = 0;
  Part part = Part::kCount;
  std::string header;
};

// The header of a column. A table of one distribution has its name above the table, and only parts as headers.
bool IsOneDistribution(const v1::QueryStatisticsRequest& request) {
  return request.metrics_size() == 1 && KindOf(request.metrics(0)) == MetricKind::kDistribution;
}

std::vector<FigureColumn> ColumnsFor(const v1::QueryStatisticsRequest& request, bool for_people, Lang lang) {
  std::vector<FigureColumn> columns;
  const bool named = for_people && IsOneDistribution(request);
  for (int i = 0; i < request.metrics_size(); ++i) {
    const v1::Metric metric = request.metrics(i);
    const std::string label = MetricLabel(metric, lang);
    const bool share = KindOf(metric) == MetricKind::kShare;
    for (const Part part : PartsOf(metric)) {
      // On a terminal the denominator stands in the cell of its share; the rest is found in files.
      const bool folded = part == Part::kNumerator || part == Part::kDenominator || part == Part::kUnknown;
      if (for_people && folded) continue;
      const bool alone = PartsOf(metric).size() == 1 || (for_people && share);
      columns.push_back(
          {.metric = i,
           .part = part,
           .header = named   ? Pick(PartLabel(part), lang)
                     : alone ? absl::StrCat(label, share ? " %" : "")
                             : absl::StrCat(label, part == Part::kPercent ? " " : ": ", PartHeader(part, lang))});
    }
  }
  return columns;
}

// "95,24 (21)": a share is never shown without its denominator.
std::string CellOf(const v1::StatisticsValue& value, Part part, Lang lang) {
  const std::optional<double> number = NumberOf(value, part);
  if (!number.has_value()) return kNoValue;
  // From the integer, which is grouped by thousands.
  if (part == Part::kCount) return FormatCount(value.count(), lang);
  const std::string text = FormatDecimal(*number, DecimalsOf(part), lang);
  if (part != Part::kPercent || !value.has_denominator()) return text;
  return absl::StrCat(text, " (", FormatCount(value.denominator(), lang), ")");
}

std::string Total(const Session& session) { return session.Say({"Tổng", "Total"}); }

std::string RenderGroups(const Session& session, const v1::QueryStatisticsRequest& request,
                         const v1::QueryStatisticsResponse& response) {
  std::vector<TableColumn> columns;
  for (const int group : request.group_by()) {
    columns.push_back(
        {.header = EnumLabel(*v1::GroupBy_descriptor(), group, session.lang()), .shrinks = true, .folds = true});
  }
  const size_t groups = columns.size();
  const v1::Period::Scheme scheme = response.basis().period().scheme();
  const std::vector<FigureColumn> figures = ColumnsFor(request, /*for_people=*/true, session.lang());
  for (const FigureColumn& figure : figures) {
    columns.push_back({.header = figure.header, .right = true, .wraps = true});
  }
  Table table(std::move(columns), session.width());
  const auto add = [&](const v1::StatisticsRow& row, bool total) {
    std::vector<std::string> cells;
    for (size_t i = 0; i < groups; ++i) {
      cells.push_back(total ? (i == 0 ? Total(session) : "")
                            : FormatKey(row.keys(static_cast<int>(i)), scheme, session.lang()));
    }
    for (const FigureColumn& figure : figures) {
      cells.push_back(CellOf(row.values(figure.metric), figure.part, session.lang()));
    }
    table.Add(std::move(cells));
  };
  for (const v1::StatisticsRow& row : response.rows()) add(row, false);
  // The total of the server, not a sum of the rows: shares and medians cannot be added up, and a dossier may be in
  // several rows.
  add(response.total(), true);
  const std::string head = IsOneDistribution(request)
                               ? absl::StrCat(MetricLabel(request.metrics(0), session.lang()),
                                              session.Say({", giờ làm việc\n", ", working hours\n"}))
                               : "";
  return absl::StrCat(head, table.Render({.color = session.color_out(), .repeat = groups}));
}

std::string RenderTotal(const Session& session, const v1::QueryStatisticsResponse& response) {
  Table table({{.header = session.Say({"Chỉ tiêu", "Metric"}), .shrinks = true},
               {.header = session.Say({"Giá trị", "Value"}), .right = true},
               {.header = session.Say({"Trong đó", "Of which"}), .shrinks = true, .folds = true}},
              session.width());
  for (const v1::StatisticsValue& value : response.total().values()) {
    table.Add({MetricLabel(value.metric(), session.lang()), FormatFigure(value, session.lang()),
               DescribeFigure(value, session.lang())});
  }
  return table.Render({.color = session.color_out()});
}

// All groupings of a row in one label, since a bar has one line.
std::string GroupName(const v1::StatisticsRow& row, v1::Period::Scheme scheme, Lang lang) {
  return absl::StrJoin(row.keys(), " · ", [&](std::string* out, const v1::StatisticsKey& key) {
    absl::StrAppend(out, FormatKey(key, scheme, lang));
  });
}

std::string RenderCharts(const Session& session, const v1::QueryStatisticsRequest& request,
                         const v1::QueryStatisticsResponse& response) {
  const Lang lang = session.lang();
  std::string out;
  for (int i = 0; i < request.metrics_size(); ++i) {
    const bool share = KindOf(request.metrics(i)) == MetricKind::kShare;
    // The one number that a bar can stand for; of a distribution that is the median. Shares are drawn against 100 %,
    // everything else against the greatest bar.
    const Part part = share                                                     ? Part::kPercent
                      : KindOf(request.metrics(i)) == MetricKind::kDistribution ? Part::kMedian
                                                                                : Part::kCount;
    std::vector<Bar> bars;
    for (const v1::StatisticsRow& row : response.rows()) {
      const v1::StatisticsValue& value = row.values(i);
      const std::string detail = share ? DescribeFigure(value, lang) : "";
      bars.push_back({.label = GroupName(row, response.basis().period().scheme(), lang),
                      .value = NumberOf(value, part),
                      .text = absl::StrCat(FormatFigure(value, lang), detail.empty() ? "" : "  ", detail)});
    }
    absl::StrAppend(
        &out, out.empty() ? "" : "\n", session.color_out() ? "\x1b[1m" : "", MetricLabel(request.metrics(i), lang),
        session.color_out() ? "\x1b[0m" : "", ": ", FormatFigure(response.total().values(i), lang), "\n",
        RenderBars(bars, {.width = session.width() > 0 ? session.width() : kBarsWidth, .full = share ? 100.0 : 0.0}));
  }
  return out;
}

// --- Sheets ----------------------------------------------------------------------------------------------------------

SheetOptions SheetFor(const Session& session, const v1::QueryStatisticsResponse& response) {
  return {.title = session.Say({"Số liệu hồ sơ thủ tục hành chính", "Figures of administrative dossiers"}),
          .lines = {FormatBasis(response.basis(), session.lang())},
          .columns = {},
          .created = FromProto(response.basis().as_of_time())};
}

absl::Status WriteGroupSheet(const Session& session, const v1::QueryStatisticsRequest& request,
                             const v1::QueryStatisticsResponse& response) {
  SheetOptions options = SheetFor(session, response);
  const v1::Period::Scheme scheme = response.basis().period().scheme();
  for (const int group : request.group_by()) {
    const std::string label = EnumLabel(*v1::GroupBy_descriptor(), group, session.lang());
    // Id and name apart: names change, and other lists are joined by id.
    options.columns.push_back({.header = absl::StrCat(label, session.Say({" (mã)", " (id)"}))});
    options.columns.push_back({.header = label, .width = kNameWidth});
  }
  const std::vector<FigureColumn> figures = ColumnsFor(request, /*for_people=*/false, session.lang());
  for (const FigureColumn& figure : figures) {
    options.columns.push_back({.header = figure.header, .width = kNumberWidth, .decimals = DecimalsOf(figure.part)});
  }
  TTHC_ASSIGN_OR_RETURN(const std::unique_ptr<SheetWriter> sheet, SheetWriter::Open(session, options));
  const auto add = [&](const v1::StatisticsRow& row, bool total) {
    std::vector<SheetCell> cells;
    for (int i = 0; i < request.group_by_size(); ++i) {
      cells.push_back(TextCell(total ? "" : ResourceId(row.keys(i).name())));
      cells.push_back(
          TextCell(total ? (i == 0 ? Total(session) : "") : FormatKey(row.keys(i), scheme, session.lang())));
    }
    for (const FigureColumn& figure : figures) {
      cells.push_back(NumberCell(NumberOf(row.values(figure.metric), figure.part)));
    }
    sheet->Add(cells, total);
  };
  for (const v1::StatisticsRow& row : response.rows()) add(row, false);
  // Without ids, so that whatever joins or sums up the rows by id leaves it out.
  add(response.total(), true);
  return sheet->Finish();
}

absl::Status WriteTotalSheet(const Session& session, const v1::QueryStatisticsResponse& response) {
  SheetOptions options = SheetFor(session, response);
  options.columns = {{.header = session.Say({"Mã", "Name"}), .width = kIdWidth},
                     {.header = session.Say({"Chỉ tiêu", "Metric"}), .width = kNameWidth}};
  // The parts of all kinds, in a fixed order: sheets of different months and metrics can be put below each other.
  const std::vector<Part> parts = {Part::kCount,  Part::kPercent, Part::kNumerator, Part::kDenominator, Part::kMean,
                                   Part::kMedian, Part::kP90,     Part::kP99,       Part::kUnknown};
  for (const Part part : parts) {
    options.columns.push_back(
        {.header = PartHeader(part, session.lang()), .width = kNumberWidth, .decimals = DecimalsOf(part)});
  }
  TTHC_ASSIGN_OR_RETURN(const std::unique_ptr<SheetWriter> sheet, SheetWriter::Open(session, options));
  for (const v1::StatisticsValue& value : response.total().values()) {
    const std::vector<Part> own = PartsOf(value.metric());
    std::vector<SheetCell> cells = {TextCell(MetricName(value.metric())),
                                    TextCell(MetricLabel(value.metric(), session.lang()))};
    for (const Part part : parts) {
      // A part that this kind of metric never has stays blank; a part without a value is marked.
      const bool there = std::find(own.begin(), own.end(), part) != own.end();
      cells.push_back(there ? NumberCell(NumberOf(value, part)) : TextCell(""));
    }
    sheet->Add(cells);
  }
  return sheet->Finish();
}

// The day, week, month, quarter or year that contains the time, in the form that --period accepts.
std::string FormatBucket(v1::GroupBy group_by, v1::Period::Scheme scheme, absl::Time from, Lang lang) {
  const bool vi = lang == Lang::kVi;
  const std::string quarter = timing::RunningQuarter(scheme, from).preset;
  switch (group_by) {
    case v1::GROUP_BY_WEEK:
      return absl::StrCat(vi ? "tuần " : "week ", IsoWeek(from));
    case v1::GROUP_BY_MONTH:
      return absl::FormatTime("%m/%Y", from, LocalTimeZone());
    case v1::GROUP_BY_QUARTER:
      return absl::StrCat(vi ? "quý " : "quarter ", quarter.substr(1));
    case v1::GROUP_BY_YEAR:
      return quarter.substr(quarter.find('/') + 1);
    default:
      return FormatDateForPeople(from);
  }
}

// Values are matched to metrics by position, so an answer of another shape would show wrong figures: it is refused.
bool IsAnswerTo(const v1::QueryStatisticsRequest& request, const v1::QueryStatisticsResponse& response) {
  const auto fits = [&](const v1::StatisticsRow& row, int keys) {
    return row.keys_size() == keys && row.values_size() == request.metrics_size();
  };
  return fits(response.total(), 0) && std::all_of(response.rows().begin(), response.rows().end(),
                                                  [&](const auto& row) { return fits(row, request.group_by_size()); });
}

}  // namespace

std::string FormatCount(int64_t count, Lang lang) {
  // FormatAmount groups by points, as Vietnamese does; English has commas.
  const std::string text = FormatAmount(count);
  return lang == Lang::kVi ? text : absl::StrReplaceAll(text, {{".", ","}});
}

std::string FormatDecimal(double number, int decimals, Lang lang) {
  // By --lang and not by the locale of the machine, so that a file is the same wherever it is made.
  const std::string text = absl::StrFormat("%.*f", decimals, number);
  return lang == Lang::kVi ? absl::StrReplaceAll(text, {{".", ","}}) : text;
}

std::string FormatFigure(const v1::StatisticsValue& value, Lang lang) {
  switch (KindOf(value.metric())) {
    case MetricKind::kShare:
      return value.has_percent() ? absl::StrCat(FormatDecimal(value.percent(), 2, lang), " %") : kNoValue;
    case MetricKind::kDistribution:
      return value.has_median_minutes() ? FormatWorkingMinutes(value.median_minutes(), lang) : kNoValue;
    default:
      return value.has_count() ? FormatCount(value.count(), lang) : kNoValue;
  }
}

std::string DescribeFigure(const v1::StatisticsValue& value, Lang lang) {
  const bool vi = lang == Lang::kVi;
  if (value.has_denominator()) {
    return absl::StrCat(FormatCount(value.numerator(), lang), "/", FormatCount(value.denominator(), lang));
  }
  if (KindOf(value.metric()) != MetricKind::kDistribution) return "";
  std::vector<std::string> parts;
  if (value.has_median_minutes()) {
    parts = {absl::StrCat(vi ? "trung bình " : "mean ", Hours(value.mean_minutes(), lang)),
             absl::StrCat(vi ? "90 % trong " : "90 % within ", Hours(static_cast<double>(value.p90_minutes()), lang)),
             absl::StrCat(vi ? "99 % trong " : "99 % within ", Hours(static_cast<double>(value.p99_minutes()), lang),
                          vi ? " giờ" : " h")};
  }
  parts.push_back(absl::StrCat(FormatCount(value.count(), lang), vi ? " lượt" : " times"));
  // Mean and percentiles do not cover these, so they are never left out silently.
  if (value.unknown_count() > 0) {
    parts.push_back(absl::StrCat(FormatCount(value.unknown_count(), lang),
                                 vi ? " không tính được (thiếu lịch)" : " not known (no calendar)"));
  }
  return absl::StrJoin(parts, " · ");
}

std::string FormatKey(const v1::StatisticsKey& key, v1::Period::Scheme scheme, Lang lang) {
  // Dossiers without the value have a row of their own, or the rows would not cover the total.
  if (key.name().empty()) return lang == Lang::kVi ? "(không có)" : "(none)";
  // Labels come from this program, in the language of the run.
  const google::protobuf::EnumDescriptor* words = nullptr;
  if (key.group_by() == v1::GROUP_BY_CHANNEL) words = v1::Channel_descriptor();
  if (key.group_by() == v1::GROUP_BY_RESULT) words = v1::Outcome_descriptor();
  if (words != nullptr) {
    // A word of a newer server has no label here, and is shown as the server sent it.
    const auto* value = words->FindValueByName(key.name());
    if (value != nullptr && value->number() != 0) return EnumLabel(*words, value->number(), lang);
  }
  if (!key.display_name().empty()) return key.display_name();
  if (!key.has_start_time()) return ResourceId(key.name());
  return FormatBucket(key.group_by(), scheme, FromProto(key.start_time()), lang);
}

void WriteBasis(const Session& session, const v1::StatisticsBasis& basis) {
  for (const std::string& line : WrapToWidth(FormatBasis(basis, session.lang()), session.width())) {
    session.out() << line << "\n";
  }
}

absl::Status WriteStatistics(const Session& session, const v1::QueryStatisticsRequest& request,
                             const v1::QueryStatisticsResponse& response, const StatisticsViewOptions& options) {
  if (!IsAnswerTo(request, response)) return absl::InternalError("the server answers other figures than asked for");
  const bool grouped = request.group_by_size() > 0;
  if (session.is_csv() || session.is_xlsx()) {
    return grouped ? WriteGroupSheet(session, request, response) : WriteTotalSheet(session, response);
  }
  if (!session.is_table()) {
    WriteRecord(session, response);
    return absl::OkStatus();
  }
  session.out() << (!grouped       ? RenderTotal(session, response)
                    : options.bars ? RenderCharts(session, request, response)
                                   : RenderGroups(session, request, response));
  // Figures without period and revision cannot be reproduced.
  WriteBasis(session, response.basis());
  return absl::OkStatus();
}

}  // namespace tthc::cli
