#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/cli/commands.h"
#include "client/cli/dossier_view.h"
#include "client/cli/field_value.h"
#include "client/cli/filter_options.h"
#include "client/cli/output.h"
#include "client/cli/paged_list.h"
#include "client/cli/sheet.h"
#include "client/cli/words.h"
#include "client/terminal/format.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

// list, find, late, due-soon, summary: reading many dossiers.
// Lists end after a page unless --all or --limit says otherwise, so that a filter with a typing error does not print
// the whole register. Counts go to standard error, so that a pipe gets rows only.
namespace tthc::cli {
namespace {

using terminal::FormatTableTime;
using terminal::ParsePeriod;
using terminal::ParsePeriodEnd;
using terminal::ParseTimeOption;
using terminal::Period;
using terminal::Session;
using terminal::Text;
using terminal::UsageError;

constexpr char kSummaryGroups[] = "field|procedure|office|unit|officer|channel";

struct ListArguments {
  FilterOptions filter;
  std::vector<std::string> query;
  PageOptions pages;
  bool late = false;
  bool due_soon = false;
  std::string order = "newest";
  std::string within;
};

struct ListLayout {
  Text title;
  std::vector<OutputColumn> columns;
};

SheetOptions ToSheet(const Session& session, const ListLayout& layout) {
  // In characters. Columns that may shrink on a terminal hold names; the others hold codes, times and numbers.
  constexpr double kWide = 40;
  constexpr double kNarrow = 18;
  // Printed lists are read days later, so each says when it was made.
  const absl::Time now = session.environment().clock->Now();
  SheetOptions options{
      .title = session.Say(layout.title), .lines = {FormatForPeople(now)}, .columns = {}, .created = now};
  for (const OutputColumn& column : layout.columns) {
    options.columns.push_back({.header = session.Say(column.header), .width = column.shrinks ? kWide : kNarrow});
  }
  return options;
}

// Shows a list page by page. A spreadsheet always gets all rows, whatever --limit says.
template <typename Request, typename List, typename CellsOf>
absl::Status ShowList(Session& session, const ListArguments& arguments, const ListLayout& layout,
                      const Request& request, List list, CellsOf cells_of) {
  if (!session.is_xlsx()) {
    ListWriter writer(session, layout.columns);
    return ShowPages(
        session, arguments.pages, request, list, [&](const auto& row) { writer.Add(row, cells_of(row)); },
        [&] { writer.EndPortion(); });
  }
  PageOptions pages = arguments.pages;
  pages.all = true;
  TTHC_ASSIGN_OR_RETURN(const auto sheet, SheetWriter::Open(session, ToSheet(session, layout)));
  // After an error nothing is written: half a spreadsheet would look complete.
  TTHC_RETURN_IF_ERROR(ShowPages(
      session, pages, request, list,
      [&](const auto& row) {
        std::vector<SheetCell> cells;
        for (std::string& text : cells_of(row)) cells.push_back(TextCell(std::move(text)));
        sheet->Add(cells);
      },
      [] {}));
  return sheet->Finish();
}

absl::StatusOr<int32_t> WithinMinutes(const std::string& within) {
  if (within.empty()) return 0;
  // Borrows a message that has a limit, so that "2wd" and "4h" are read by the same rules as everywhere.
  v1::OpinionAsked holder;
  TTHC_RETURN_IF_ERROR(SetField(holder, {"limit"}, "--within", within));
  const v1::Limit& limit = holder.limit();
  // Only units of working time: a calendar day or a month has no fixed number of working minutes.
  if ((limit.unit() == v1::Limit::UNIT_WORKING_DAY || limit.unit() == v1::Limit::UNIT_HOUR) &&
      limit.minutes() <= INT32_MAX) {
    return static_cast<int32_t>(limit.minutes());
  }
  return UsageError("--within", "write working days or hours, such as 2wd or 4h",
                    "hãy viết ngày hoặc giờ làm việc, như 2wd hoặc 4h");
}

absl::StatusOr<v1::ListDossiersRequest::OrderBy> ParseOrder(const std::string& order) {
  if (order == "newest") return v1::ListDossiersRequest::ORDER_BY_NEWEST_FIRST;
  if (order == "oldest") return v1::ListDossiersRequest::ORDER_BY_OLDEST_FIRST;
  // CLI11 has checked the word, so "due" is what remains.
  return v1::ListDossiersRequest::ORDER_BY_DUE_FIRST;
}

absl::Status List(Session& session, const ListArguments& arguments) {
  v1::ListDossiersRequest request;
  TTHC_ASSIGN_OR_RETURN(*request.mutable_filter(), arguments.filter.Build());
  TTHC_ASSIGN_OR_RETURN(const v1::ListDossiersRequest::OrderBy order, ParseOrder(arguments.order));
  request.set_order_by(order);
  request.set_view(ViewFor(session));
  // Words that are typed apart are one query, so that a name needs no quotes.
  request.mutable_filter()->set_query(absl::StrJoin(arguments.query, " "));
  // For overdue dossiers in the usual order; `late` has an order of its own, and the columns about lateness.
  if (arguments.late) request.mutable_filter()->set_lateness(v1::DossierFilter::LATENESS_OVERDUE);
  if (arguments.due_soon) request.mutable_filter()->set_lateness(v1::DossierFilter::LATENESS_DUE_SOON);
  return ShowList(
      session, arguments, {.title = {"Danh sách hồ sơ", "Dossiers"}, .columns = DossierColumns()}, request,
      [&](const v1::ListDossiersRequest& page) { return session.client().ListDossiers(page); },
      [&](const v1::Dossier& dossier) { return DossierCells(session, dossier); });
}

absl::Status Late(Session& session, const ListArguments& arguments) {
  v1::ListLateDossiersRequest request;
  request.set_view(ViewFor(session));
  TTHC_ASSIGN_OR_RETURN(*request.mutable_filter(), arguments.filter.Build());
  std::vector<OutputColumn> columns = DossierColumns();
  // Beside the code: how late is what a supervisor looks for first.
  columns.insert(columns.begin() + 1, {.header = {"Ngày trễ", "Days late"}, .right = true});
  columns.push_back({.header = {"Giữ từ", "Since"}});
  return ShowList(
      session, arguments, {.title = {"Hồ sơ đang quá hạn", "Overdue dossiers"}, .columns = columns}, request,
      [&](const v1::ListLateDossiersRequest& page) { return session.client().ListLateDossiers(page); },
      [&](const v1::LateDossier& late) {
        std::vector<std::string> cells = DossierCells(session, late.dossier());
        cells.insert(cells.begin() + 1, absl::StrCat(late.days_late()));
        cells.push_back(FormatTableTime(late.holder_since_time()));
        return cells;
      });
}

absl::Status DueSoon(Session& session, const ListArguments& arguments) {
  v1::ListDueSoonDossiersRequest request;
  request.set_view(ViewFor(session));
  TTHC_ASSIGN_OR_RETURN(*request.mutable_filter(), arguments.filter.Build());
  TTHC_ASSIGN_OR_RETURN(const int32_t within, WithinMinutes(arguments.within));
  // 0 leaves the choice to the server.
  request.set_within_minutes(within);
  return ShowList(
      session, arguments, {.title = {"Hồ sơ sắp đến hạn", "Dossiers due soon"}, .columns = DossierColumns()}, request,
      [&](const v1::ListDueSoonDossiersRequest& page) { return session.client().ListDueSoonDossiers(page); },
      [&](const v1::Dossier& dossier) { return DossierCells(session, dossier); });
}

struct SummaryArguments {
  FilterOptions filter;
  std::string period;
  std::string from;
  std::string to;
  std::string group_by;
};

absl::StatusOr<Period> SummaryPeriod(const Session& session, const SummaryArguments& arguments) {
  if (!arguments.period.empty()) return ParsePeriod("--period", arguments.period);
  // The whole month, although it is not over: the server evaluates up to its present.
  const absl::CivilMonth month(LocalCivilDay(session.environment().clock->Now()));
  Period period{.from = LocalMidnight(DayNumber(absl::CivilDay(month))),
                .to = LocalMidnight(DayNumber(absl::CivilDay(month + 1)))};
  // Either may be typed alone: the other end is then that of this month.
  if (!arguments.from.empty()) {
    TTHC_ASSIGN_OR_RETURN(period.from, ParseTimeOption("--from", arguments.from));
  }
  if (!arguments.to.empty()) {
    TTHC_ASSIGN_OR_RETURN(period.to, ParsePeriodEnd("--to", arguments.to));
  }
  return period;
}

std::vector<std::string> SummaryCells(const Session& session, const v1::TimelinessRow& row, bool total) {
  const auto count = [](int64_t value) { return absl::StrCat(value); };
  const std::string group = row.display_name().empty() ? ResourceId(row.group()) : row.display_name();
  // The last one is blank without a denominator: 0 would read as if everything had been late.
  return {total ? session.Say({"Tổng", "Total"}) : group,
          count(row.received_count()),
          count(row.received_online_count()),
          count(row.carried_over_count()),
          count(row.ended_early_count()),
          count(row.ended_on_time_count()),
          count(row.ended_late_count()),
          count(row.open_in_term_count()),
          count(row.open_overdue_count()),
          row.has_on_time_percent() ? absl::StrFormat("%.2f", row.on_time_percent()) : ""};
}

// A summary groups by what a dossier has one of at any time.
absl::StatusOr<v1::GroupBy> ParseSummaryGroup(const std::string& text) {
  TTHC_ASSIGN_OR_RETURN(const int group, ParseEnum(*v1::GroupBy_descriptor(), "--by", text));
  switch (group) {
    case v1::GROUP_BY_FIELD:
    case v1::GROUP_BY_PROCEDURE:
    case v1::GROUP_BY_OFFICE:
    case v1::GROUP_BY_UNIT:
    case v1::GROUP_BY_OFFICER:
    case v1::GROUP_BY_CHANNEL:
      return static_cast<v1::GroupBy>(group);
    default:
      return UsageError(
          "--by", absl::StrCat("\"", text, "\" is not one of ", kSummaryGroups, "; tthc stats has the others"),
          absl::StrCat("\"", text, "\" không hợp lệ; hãy chọn một trong ", kSummaryGroups, ", hoặc dùng tthc stats"));
  }
}

absl::Status Summary(Session& session, const SummaryArguments& arguments) {
  v1::SummarizeTimelinessRequest request;
  TTHC_ASSIGN_OR_RETURN(*request.mutable_filter(), arguments.filter.Build());
  TTHC_ASSIGN_OR_RETURN(const Period period, SummaryPeriod(session, arguments));
  *request.mutable_start_time() = ToProto(period.from);
  *request.mutable_end_time() = ToProto(period.to);
  if (!arguments.group_by.empty()) {
    TTHC_ASSIGN_OR_RETURN(const v1::GroupBy group_by, ParseSummaryGroup(arguments.group_by));
    request.set_group_by(group_by);
  }
  TTHC_ASSIGN_OR_RETURN(const v1::TimelinessSummary summary, session.client().SummarizeTimeliness(request));
  if (!session.is_table() && !session.is_csv()) {
    WriteRecord(session, summary);
    return absl::OkStatus();
  }
  ListWriter writer(session, {{.header = {"Nhóm", "Group"}, .shrinks = true},
                              {.header = {"Nhận", "Received"}, .right = true},
                              {.header = {"Trực tuyến", "On-line"}, .right = true},
                              {.header = {"Kỳ trước", "Carried"}, .right = true},
                              {.header = {"Trước hạn", "Early"}, .right = true},
                              {.header = {"Đúng hạn", "On time"}, .right = true},
                              {.header = {"Quá hạn", "Late"}, .right = true},
                              {.header = {"Đang trong hạn", "Open in term"}, .right = true},
                              {.header = {"Đang quá hạn", "Open overdue"}, .right = true},
                              {.header = {"% đúng hạn", "% on time"}, .right = true}});
  for (const v1::TimelinessRow& row : summary.rows()) writer.Add(row, SummaryCells(session, row, false));
  // The total of the server, because shares cannot be added up from those of the rows.
  writer.Add(summary.total(), SummaryCells(session, summary.total(), true));
  writer.Finish();
  if (session.is_table()) {
    // The moment belongs to the figures: open dossiers are late or not only at some moment.
    session.Print(absl::StrCat(FormatTableTime(period.from), " – ", FormatTableTime(period.to),
                               session.Say({", tính đến ", ", evaluated at "}),
                               FormatTableTime(summary.evaluate_time())));
  }
  return absl::OkStatus();
}

using ListAction = absl::Status (*)(Session&, const ListArguments&);

CLI::App* AddListCommand(CLI::App& app, Session& session, const CommandSpec& spec,
                         const std::shared_ptr<ListArguments>& arguments, ListAction action) {
  // The action owns the arguments: CLI11 fills them after this function has returned, and the action runs after that.
  CLI::App* command =
      AddCommand(app, session, spec, [&session, action, arguments] { return action(session, *arguments); });
  arguments->filter.AddTo(*command, session);
  arguments->pages.AddTo(*command, session);
  return command;
}

void AddOrderOptions(CLI::App& command, const Session& session, ListArguments& arguments) {
  command.add_option("--order", arguments.order, session.Say({"Thứ tự", "Order"}))
      ->check(CLI::IsMember({"newest", "oldest", "due"}))
      ->option_text("newest|oldest|due");
  command.add_flag("--late", arguments.late, session.Say({"Chỉ hồ sơ đang quá hạn", "Only overdue ones"}));
  command.add_flag("--due-soon", arguments.due_soon, session.Say({"Chỉ hồ sơ sắp đến hạn", "Only ones due soon"}));
}

void AddSummaryCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<SummaryArguments>();
  CLI::App* command = AddCommand(app, session,
                                 {"summary",
                                  {"Tình hình giải quyết trong kỳ, cách tính mẫu 06a; mặc định từ đầu tháng",
                                   "How a period went, by the rules of form 06a; default this month so far"},
                                  {"summary --period 2026-Q3 --by field", "summary --from 01/09/2026 --to 30/09/2026"}},
                                 [&session, arguments] { return Summary(session, *arguments); });
  arguments->filter.AddTo(*command, session);
  const auto add = [&](const char* name, std::string& value, const Text& help) {
    command->add_option(name, value, session.Say(help))->type_name("");
  };
  add("--period", arguments->period, {"Kỳ: 2026, 2026-Q3, 09/2026", "Period: 2026, 2026-Q3, 09/2026"});
  add("--from", arguments->from, {"Từ", "From"});
  add("--to", arguments->to, {"Đến hết ngày, hoặc trước thời điểm", "Up to that day, or before that time"});
  add("--by", arguments->group_by,
      {"Nhóm theo: field|procedure|office|unit|officer|channel",
       "Group by: field|procedure|office|unit|officer|channel"});
}

}  // namespace

void AddListCommands(CLI::App& app, Session& session) {
  auto list = std::make_shared<ListArguments>();
  AddOrderOptions(*AddListCommand(app, session,
                                  {"list",
                                   {"Danh sách hồ sơ, mới nhất trước", "Dossiers, newest first"},
                                   {"list --open --unit tu-phap", "list --accepted-from 01/09/2026 --all -o csv"},
                                   /*xlsx=*/true},
                                  list, List),
                  session, *list);

  auto find = std::make_shared<ListArguments>();
  CLI::App* command = AddListCommand(app, session,
                                     {"find",
                                      {"Tìm theo mã, đuôi mã, tên không dấu, điện thoại, số định danh",
                                       "Find by code, tail, name without diacritics, phone, identity number"},
                                      {"find nguyen thi hoa", "find 0912345678", "find 0001 --open"},
                                      /*xlsx=*/true},
                                     find, List);
  command->add_option("text", find->query, session.Say({"Từ cần tìm", "What to find"}))->required()->type_name("");
  AddOrderOptions(*command, session, *find);

  AddListCommand(app, session,
                 {"late",
                  {"Hồ sơ đang quá hạn, trễ nhất trước", "Overdue dossiers, the longest overdue first"},
                  {"late", "late --unit tu-phap -o csv", "late --out qua-han.xlsx"},
                  /*xlsx=*/true},
                 std::make_shared<ListArguments>(), Late);

  // late and due-soon have an order of their own, so they take no --order.
  auto due_soon = std::make_shared<ListArguments>();
  command = AddListCommand(app, session,
                           {"due-soon",
                            {"Hồ sơ sắp đến hạn, gần nhất trước", "Dossiers due soon, the nearest first"},
                            {"due-soon", "due-soon --within 4h", "due-soon --within 4h --out sap-den-han.xlsx"},
                            /*xlsx=*/true},
                           due_soon, DueSoon);
  command
      ->add_option("--within", due_soon->within,
                   session.Say({"Trong bao lâu, mặc định 2wd", "How far ahead; default 2wd"}))
      ->type_name("");
  AddSummaryCommand(app, session);
}

}  // namespace tthc::cli
