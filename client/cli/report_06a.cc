#include "client/cli/report_06a.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/terminal/box_table.h"
#include "client/terminal/format.h"
#include "client/terminal/table.h"
#include "storage/base/csv.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::cli {
namespace {

using terminal::BoxAlign;
using terminal::BoxTable;
using terminal::FormatAmount;
using terminal::PadToWidth;
using terminal::WrapToWidth;

// What the form is printed for, in characters: A4 across.
constexpr size_t kPaperWidth = 118;
constexpr size_t kNarrowestName = 12;
constexpr size_t kWidestName = 44;
// The head of the table: three levels, and the columns' numbers.
constexpr size_t kHeadRows = 4;

struct Identity {
  const char* text;
  int64_t left;
  int64_t right;
};

// The sums that the form itself states. They hold by construction on the server; here they guard against a damaged
// answer and against versions that do not match.
std::vector<Identity> IdentitiesOf(const v1::Report06aRow& row) {
  return {
      {"(3) = (4) + (5) + (6)", row.received_count(),
       row.received_online_count() + row.received_direct_count() + row.carried_over_count()},
      {"(7) = (8) + (9) + (10)", row.resolved_count(),
       row.resolved_early_count() + row.resolved_on_time_count() + row.resolved_late_count()},
      {"(11) = (12) + (13)", row.open_count(), row.open_in_term_count() + row.open_overdue_count()},
      {"(3) = (7) + (11)", row.received_count(), row.resolved_count() + row.open_count()},
  };
}

absl::Status Inconsistent(const std::string& where, const std::string& what) {
  return MakeError({.code = absl::StatusCode::kInternal,
                    .reason = "REPORT_INCONSISTENT",
                    .message = absl::StrCat("the form is not printed: ", what, " does not hold in row ", where,
                                            "; run tthc verify and inform the administrator of the server"),
                    .message_vi = absl::StrCat("không in biểu: ", what, " không đúng ở dòng ", where,
                                               "; hãy chạy tthc verify và báo người quản trị máy chủ"),
                    .metadata = {{"row", where}, {"identity", what}}});
}

absl::Status CheckRow(const v1::Report06aRow& row) {
  const std::string where = row.number().empty() ? kForm06aTotal : row.number();
  for (const Identity& identity : IdentitiesOf(row)) {
    if (identity.left != identity.right) {
      return Inconsistent(where, absl::StrCat(identity.text, ": ", identity.left, " ≠ ", identity.right));
    }
  }
  for (const Form06aColumn& column : Form06aColumns()) {
    if ((row.*column.value)() < 0) return Inconsistent(where, absl::StrCat("(", column.number, ") ≥ 0"));
  }
  return absl::OkStatus();
}

// Wrapping to one column gives one word a line.
size_t LongestWord(absl::string_view text) {
  size_t longest = 0;
  for (const std::string& line : WrapToWidth(text, 1)) longest = std::max(longest, DisplayWidth(line));
  return longest;
}

// Widths of all 13 columns within `width`, the lines between them included.
std::vector<size_t> FormWidths(const v1::Report06a& report, size_t width) {
  std::vector<size_t> widths = {sizeof("STT") - 1, 0};
  size_t name = DisplayWidth(kForm06aTotal);
  for (const v1::Report06aRow& row : report.rows()) {
    widths[0] = std::max(widths[0], row.number().size());
    name = std::max(name, DisplayWidth(row.display_name()));
  }
  for (const Form06aColumn& column : Form06aColumns()) {
    // A column is as wide as its longest word and number: figures are never cut.
    size_t least = std::max(LongestWord(column.bottom), absl::StrCat("(", column.number, ")").size());
    const auto fit = [&](const v1::Report06aRow& row) {
      least = std::max(least, FormatAmount((row.*column.value)()).size());
    };
    for (const v1::Report06aRow& row : report.rows()) fit(row);
    fit(report.total());
    widths.push_back(least);
  }
  const auto taken = [&] {
    size_t total = widths.size() + 1;
    for (const size_t column : widths) total += column;
    return total;
  };
  // Names get their width first; the rest is spread evenly over the figures.
  const size_t room = width > taken() ? width - taken() : 0;
  widths[1] = std::clamp(std::min(room, name), kNarrowestName, kWidestName);
  const size_t rest = width > taken() ? (width - taken()) / Form06aColumns().size() : 0;
  // Three at most: wider gaps only make rows harder to follow.
  for (size_t i = 2; i < widths.size(); ++i) widths[i] += std::min<size_t>(rest, 3);
  return widths;
}

// Puts the headings that span several columns, and the heading of each column.
void PutHead(BoxTable& table) {
  const auto put = [&](absl::string_view text, size_t row, size_t column, size_t rows, size_t columns) {
    table.Put({.text = std::string(text),
               .row = row,
               .column = column,
               .row_span = rows,
               .column_span = columns,
               .align = BoxAlign::kCenter});
  };
  const std::vector<Form06aColumn>& columns = Form06aColumns();
  put(kForm06aFirst, 0, 0, kHeadRows - 1, 1);
  put(kForm06aSecond, 0, 1, kHeadRows - 1, 1);
  // How many columns from here on share a heading, which becomes one cell.
  const auto same = [&](size_t from, auto heading) {
    size_t to = from;
    while (to < columns.size() && columns[to].*heading == columns[from].*heading) ++to;
    return to - from;
  };
  for (size_t i = 0; i < columns.size(); i += same(i, &Form06aColumn::top)) {
    put(columns[i].top, 0, i + 2, 1, same(i, &Form06aColumn::top));
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    const bool three_levels = !columns[i].middle.empty();
    if (three_levels && (i == 0 || columns[i - 1].middle != columns[i].middle)) {
      put(columns[i].middle, 1, i + 2, 1, same(i, &Form06aColumn::middle));
    }
    put(columns[i].bottom, three_levels ? 2 : 1, i + 2, three_levels ? 1 : 2, 1);
  }
  for (size_t i = 0; i < columns.size() + 2; ++i) put(absl::StrCat("(", i + 1, ")"), kHeadRows - 1, i, 1, 1);
  for (size_t row = 0; row < kHeadRows; ++row) table.RuleBelow(row);
}

void PutRow(BoxTable& table, size_t at, const v1::Report06aRow& row, const std::string& name) {
  table.Put({.text = row.number(), .row = at, .column = 0, .align = BoxAlign::kCenter});
  table.Put({.text = name, .row = at, .column = 1});
  for (size_t i = 0; i < Form06aColumns().size(); ++i) {
    table.Put({.text = FormatAmount((row.*Form06aColumns()[i].value)()),
               .row = at,
               .column = i + 2,
               .align = BoxAlign::kRight});
  }
}

void AppendCentered(absl::string_view text, size_t width, std::string* out) {
  for (const std::string& line : WrapToWidth(text, width)) {
    const size_t used = DisplayWidth(line);
    absl::StrAppend(out, std::string(used < width ? (width - used) / 2 : 0, ' '), line, "\n");
  }
}

// Two texts at the two edges of the form, or below each other if they do not fit.
void AppendEdges(absl::string_view left, absl::string_view right, size_t width, std::string* out) {
  const size_t used = DisplayWidth(left) + DisplayWidth(right);
  if (used + 2 > width) {
    absl::StrAppend(out, left, "\n", right, "\n");
  } else {
    absl::StrAppend(out, left, std::string(width - used, ' '), right, "\n");
  }
}

}  // namespace

const std::vector<Form06aColumn>& Form06aColumns() {
  using R = v1::Report06aRow;
  static constexpr const char* kReceived = "Nhận giải quyết";
  static constexpr const char* kInPeriod = "Trong kỳ";
  static constexpr const char* kResolved = "Đã giải quyết";
  static constexpr const char* kOpen = "Đang giải quyết";
  static const auto* const columns = new std::vector<Form06aColumn>{
      {3, kReceived, "", "Tổng số", &R::received_count},
      {4, kReceived, kInPeriod, "Trực tuyến", &R::received_online_count},
      {5, kReceived, kInPeriod, "Trực tiếp, dịch vụ bưu chính", &R::received_direct_count},
      {6, kReceived, "", "Từ kỳ trước", &R::carried_over_count},
      {7, kResolved, "", "Tổng số", &R::resolved_count},
      {8, kResolved, "", "Trước hạn", &R::resolved_early_count},
      {9, kResolved, "", "Đúng hạn", &R::resolved_on_time_count},
      {10, kResolved, "", "Quá hạn", &R::resolved_late_count},
      {11, kOpen, "", "Tổng số", &R::open_count},
      {12, kOpen, "", "Trong hạn", &R::open_in_term_count},
      {13, kOpen, "", "Quá hạn", &R::open_overdue_count},
  };
  return *columns;
}

std::string Form06aPeriod(const v1::Report06a& report) {
  const absl::Time from = FromProto(report.basis().period().start_time());
  const absl::Time to = FromProto(report.basis().period().end_time());
  // Times of day are written only if the period has any. Otherwise the form names the last day, not the day after it.
  if (LocalSecondOfDay(from) != 0 || LocalSecondOfDay(to) != 0) {
    return absl::StrCat("Từ ", FormatForPeople(from), " đến trước ", FormatForPeople(to));
  }
  return absl::StrCat("Từ ngày ", FormatDateForPeople(from), " đến ngày ", FormatDateForPeople(to - absl::Hours(24)));
}

std::string Form06aOffice(const v1::Report06a& report) {
  const std::string& name = report.office_display_name();
  return absl::StrCat("Đơn vị báo cáo: ", !name.empty()             ? name
                                          : report.office().empty() ? "tất cả cơ quan"
                                                                    : report.office());
}

std::string Form06aBasis(const v1::Report06a& report) {
  const v1::StatisticsBasis& basis = report.basis();
  const absl::Time as_of = FromProto(basis.as_of_time());
  std::string text = absl::StrCat("Số liệu đã ghi đến ", FormatForPeople(as_of), ", số thay đổi ", basis.revision());
  const absl::Time evaluated = FromProto(basis.evaluate_time());
  // The instant just before the end is the end.
  if (evaluated + absl::Seconds(1) < FromProto(basis.period().end_time())) {
    absl::StrAppend(&text, "; kỳ chưa kết thúc, hồ sơ đang giải quyết xét tại ", FormatForPeople(evaluated));
  }
  return text;
}

// Fields are numbered 1, 2, …; procedures 1.1, 1.2, ….
bool IsFieldRow(const v1::Report06aRow& row) { return !absl::StrContains(row.number(), '.'); }

absl::Status CheckReport06a(const v1::Report06a& report) {
  for (const v1::Report06aRow& row : report.rows()) TTHC_RETURN_IF_ERROR(CheckRow(row));
  TTHC_RETURN_IF_ERROR(CheckRow(report.total()));
  for (const Form06aColumn& column : Form06aColumns()) {
    // Fields only: a procedure is part of its field and would count twice.
    int64_t sum = 0;
    for (const v1::Report06aRow& row : report.rows()) sum += IsFieldRow(row) ? (row.*column.value)() : 0;
    const int64_t total = (report.total().*column.value)();
    if (sum != total) {
      return Inconsistent(kForm06aTotal, absl::StrCat("(", column.number, "): ", sum, " ≠ ", total));
    }
  }
  return absl::OkStatus();
}

std::string RenderReport06a(const v1::Report06a& report, size_t width) {
  BoxTable table(FormWidths(report, width == 0 ? kPaperWidth : width));
  PutHead(table);
  size_t at = kHeadRows;
  for (const v1::Report06aRow& row : report.rows()) PutRow(table, at++, row, row.display_name());
  table.RuleBelow(at - 1);
  PutRow(table, at, report.total(), kForm06aTotal);
  const size_t paper = table.width();
  std::string out;
  AppendEdges(kForm06aNumber, Form06aOffice(report), paper, &out);
  absl::StrAppend(&out, kForm06aLaw, "\n\n");
  AppendCentered(kForm06aTitle, paper, &out);
  AppendCentered(kForm06aSubtitle, paper, &out);
  AppendCentered(Form06aPeriod(report), paper, &out);
  absl::StrAppend(&out, "\n", PadToWidth(kForm06aUnit, paper, /*right=*/true), "\n", table.Render());
  for (const std::string& line : WrapToWidth(Form06aBasis(report), paper)) absl::StrAppend(&out, line, "\n");
  absl::StrAppend(&out, "\n");
  // The place for the signature is in the right half.
  const size_t half = paper / 2;
  for (const char* const line : {kForm06aPlaceAndDay, kForm06aAuthor, kForm06aSign}) {
    std::string centered;
    AppendCentered(line, paper - half, &centered);
    absl::StrAppend(&out, std::string(half, ' '), centered);
  }
  return out;
}

std::string FormatReport06aCsv(const v1::Report06a& report) {
  std::string out;
  std::vector<std::string> cells = {"(1) STT", absl::StrCat("(2) ", kForm06aSecond)};
  for (const Form06aColumn& column : Form06aColumns()) {
    // One line of headers, because CSV has no levels of headings.
    cells.push_back(absl::StrCat("(", column.number, ") ", column.top, ": ",
                                 column.middle.empty() ? "" : absl::StrCat(column.middle, ", "), column.bottom));
  }
  AppendCsvRow(cells, {}, &out);
  const auto add = [&](const v1::Report06aRow& row, const std::string& name) {
    cells = {row.number(), name};
    for (const Form06aColumn& column : Form06aColumns()) cells.push_back(absl::StrCat((row.*column.value)()));
    AppendCsvRow(cells, {}, &out);
  };
  for (const v1::Report06aRow& row : report.rows()) add(row, row.display_name());
  add(report.total(), kForm06aTotal);
  return out;
}

}  // namespace tthc::cli
