#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/dossier_lookup.h"
#include "client/cli/event_table.h"
#include "client/cli/field_value.h"
#include "client/cli/output.h"
#include "client/cli/period_options.h"
#include "client/cli/report_06a.h"
#include "client/sdk/paging.h"
#include "client/terminal/format.h"
#include "client/terminal/progress.h"
#include "client/terminal/table.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

// close, close list, close check, verify: fixed figures, and the proof that the history still gives them.
// A closing keeps form 06a of one period together with a digest. `close check` compares twice: with the history as of
// the closing, which proves that nobody changed the past, and with the history as of today, which shows what was
// recorded since. Only the first comparison can fail; exit status 1 then means that the figures must not be used.
namespace tthc::cli {
namespace {

using terminal::FormatTableTime;
using terminal::Progress;
using terminal::Session;
using terminal::Text;

// --- close -----------------------------------------------------------------------------------------------------------

struct CloseArguments {
  PeriodOptions period;
  std::string office;
  std::string note;
  bool again = false;
};

std::string OfficeOf(const Session& session, const v1::Report06a& report) {
  if (!report.office_display_name().empty()) return report.office_display_name();
  return report.office().empty() ? session.Say({"tất cả", "all"}) : ResourceId(report.office());
}

// Enough of a digest to compare it by eye.
constexpr size_t kDigestShown = 8;

std::vector<OutputColumn> ClosingColumns(const Session& session) {
  std::vector<OutputColumn> columns = {{.header = {"Mã", "Id"}},
                                       {.header = {"Kỳ", "Period"}},
                                       {.header = {"Cơ quan", "Office"}, .shrinks = true, .folds = true},
                                       {.header = {"Chốt lúc", "Closed"}},
                                       {.header = {"Mã băm", "Digest"}},
                                       {.header = {"Ghi chú", "Note"}, .shrinks = true, .folds = true}};
  // A terminal of 80 columns has no room for more; files have everything.
  if (session.is_table()) return columns;
  columns.push_back({.header = {"Số thay đổi", "Revision"}});
  columns.push_back({.header = {"Người chốt", "By"}});
  return columns;
}

std::vector<std::string> ClosingCells(const Session& session, const v1::Closing& closing) {
  std::vector<std::string> cells = {ResourceId(closing.name()),
                                    FormatPeriod(closing.report().basis().period()),
                                    OfficeOf(session, closing.report()),
                                    FormatTableTime(closing.record_time()),
                                    session.is_table() ? closing.digest().substr(0, kDigestShown) : closing.digest(),
                                    closing.note()};
  if (session.is_table()) return cells;
  cells.push_back(absl::StrCat(closing.report().basis().revision()));
  cells.push_back(closing.actor());
  return cells;
}

absl::Status Close(Session& session, const CloseArguments& arguments) {
  v1::ClosePeriodRequest request;
  TTHC_ASSIGN_OR_RETURN(*request.mutable_period(), arguments.period.Build(session));
  request.set_office(ResourceName("offices", arguments.office));
  request.set_note(arguments.note);
  // Without it the server refuses a second closing of the same period, so typing the command twice does no harm.
  request.set_repeat(arguments.again);
  TTHC_ASSIGN_OR_RETURN(const v1::Closing closing, session.client().ClosePeriod(request));
  if (session.is_csv()) {
    ListWriter writer(session, ClosingColumns(session));
    writer.Add(closing, ClosingCells(session, closing));
    return absl::OkStatus();
  }
  if (!session.is_table()) {
    WriteRecord(session, closing);
    return absl::OkStatus();
  }
  session.out() << session.Say({"Đã chốt kỳ ", "Closed "}) << FormatPeriod(closing.report().basis().period()) << ", "
                << OfficeOf(session, closing.report()) << "\n"
                << session.Say({"Mã          ", "Name        "}) << ResourceId(closing.name()) << "\n"
                << session.Say({"Mã băm      ", "Digest      "}) << closing.digest() << "\n"
                << session.Say({"Số thay đổi ", "Revision    "}) << closing.report().basis().revision() << "\n"
                << session.Say({"Kiểm lại    tthc close check ", "Check       tthc close check "})
                << ResourceId(closing.name()) << "\n";
  return absl::OkStatus();
}

// Newest first, until `visit` returns false.
template <typename Visit>
absl::Status ForEachClosing(Session& session, Visit visit) {
  return sdk::ForEachPage(
      v1::ListClosingsRequest(),
      [&](const v1::ListClosingsRequest& page) { return session.client().ListClosings(page); },
      [&](const v1::ListClosingsResponse& page) {
        for (const v1::Closing& closing : page.closings()) {
          if (!visit(closing)) return false;
        }
        return true;
      });
}

absl::Status ListClosings(Session& session) {
  ListWriter writer(session, ClosingColumns(session));
  return ForEachClosing(session, [&](const v1::Closing& closing) {
    writer.Add(closing, ClosingCells(session, closing));
    return true;
  });
}

// --- close check -----------------------------------------------------------------------------------------------------

// "(3) …: 14 → 15" for each column of the totals that differs.
std::vector<std::string> TotalDifferences(const v1::Report06a& closed, const v1::Report06a& now) {
  std::vector<std::string> lines;
  for (const Form06aColumn& column : Form06aColumns()) {
    const int64_t before = (closed.total().*column.value)();
    const int64_t after = (now.total().*column.value)();
    if (before == after) continue;
    lines.push_back(
        absl::StrCat("(", column.number, ") ", column.top, ", ", column.bottom, ": ", before, " → ", after));
  }
  return lines;
}

// How many rows differ in some column, or are in one of the two reports only.
int64_t RowDifferences(const v1::Report06a& closed, const v1::Report06a& now) {
  int64_t differing = 0;
  const auto same = [](const v1::Report06aRow& a, const v1::Report06aRow& b) {
    for (const Form06aColumn& column : Form06aColumns()) {
      if ((a.*column.value)() != (b.*column.value)()) return false;
    }
    return true;
  };
  // Rows are matched by name, because one new procedure moves the position of all rows below it. Comparing each with
  // each is fast enough: a form has a few hundred rows.
  for (const v1::Report06aRow& row : now.rows()) {
    const v1::Report06aRow* other = nullptr;
    for (const v1::Report06aRow& candidate : closed.rows()) {
      if (candidate.name() == row.name()) other = &candidate;
    }
    differing += other == nullptr || !same(*other, row) ? 1 : 0;
  }
  for (const v1::Report06aRow& row : closed.rows()) {
    // A row that is in the closing alone differs, too: its procedure or field counts nothing any more.
    bool gone = true;
    for (const v1::Report06aRow& candidate : now.rows()) gone = gone && candidate.name() != row.name();
    differing += gone ? 1 : 0;
  }
  return differing;
}

// The kind as it is stored; one that is newer than this program has no label.
std::string EventLabel(const Session& session, const std::string& kind) {
  const EventSpec* spec = FindEventKind(kind);
  return spec == nullptr ? kind : session.Say(spec->label);
}

// On a terminal, columns are joined to fit 80 characters; CSV has a cell for each.
absl::Status WriteLaterEvents(Session& session, const v1::CheckClosingResponse& response) {
  std::vector<std::string> names;
  for (const v1::LaterEvent& event : response.later_events()) names.push_back(event.dossier());
  // Events carry names only, which people do not know; all codes are fetched at once.
  DossierCodes codes(session);
  TTHC_RETURN_IF_ERROR(codes.Load(names));
  std::vector<OutputColumn> columns = {
      {.header = {"Hồ sơ", "Dossier"}}, {.header = {"Sự kiện", "Event"}}, {.header = {"Ghi lúc", "Recorded"}}};
  if (session.is_table()) {
    columns.push_back({.header = {"Cột 06a", "Columns"}});
    columns.push_back({.header = {"Ai, vì sao", "Who, why"}, .shrinks = true, .folds = true});
  } else {
    for (const Text& header : {Text{"Cột lúc chốt", "Columns at closing"}, Text{"Cột nay", "Columns now"},
                               Text{"Người ghi", "By"}, Text{"Lý do", "Reason"}}) {
      columns.push_back({.header = header});
    }
  }
  ListWriter writer(session, columns);
  for (const v1::LaterEvent& event : response.later_events()) {
    const std::string by = ResourceId(event.actor());
    std::vector<std::string> cells = {codes.Of(event.dossier()), EventLabel(session, event.kind())};
    if (session.is_table()) {
      cells.push_back(FormatDateForPeople(FromProto(event.record_time())));
      cells.push_back(absl::StrCat(event.columns_at_closing(), " → ", event.columns_now()));
      cells.push_back(event.reason().empty() ? by : absl::StrCat(by, ": ", event.reason()));
    } else {
      cells.insert(cells.end(), {FormatTableTime(event.record_time()), event.columns_at_closing(), event.columns_now(),
                                 by, event.reason()});
    }
    writer.Add(event, std::move(cells));
  }
  return absl::OkStatus();
}

void WriteLines(const Session& session, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) session.out() << "  " << line << "\n";
}

absl::Status WriteCheck(Session& session, const v1::CheckClosingResponse& response) {
  const v1::Closing& closing = response.closing();
  session.out() << session.Say({"Kỳ ", "Period "}) << FormatPeriod(closing.report().basis().period()) << ", "
                << OfficeOf(session, closing.report()) << session.Say({"; chốt lúc ", "; closed "})
                << FormatTableTime(closing.record_time()) << session.Say({", số thay đổi ", ", revision "})
                << closing.report().basis().revision() << "\n"
                << session.Say({"Mã băm ", "Digest "}) << closing.digest() << "\n";
  // The proof comes first: the list of later changes is worth reading only if it holds.
  if (response.digest_matches()) {
    session.out() << session.Say(
        {"✓ Tính lại từ lịch sử: khớp số đã chốt.\n", "✓ Computed again from the history: the same figures.\n"});
  } else {
    session.out() << session.Say({"✗ Tính lại từ lịch sử: KHÔNG khớp số đã chốt.\n",
                                  "✗ Computed again from the history: NOT the figures that were stored.\n"});
    WriteLines(session, TotalDifferences(closing.report(), response.recomputed()));
  }
  const std::vector<std::string> totals = TotalDifferences(closing.report(), response.current());
  const int64_t rows = RowDifferences(closing.report(), response.current());
  // Totals may agree although rows differ, such as after a dossier was moved to another field.
  if (totals.empty() && rows == 0) {
    session.out() << session.Say(
        {"Số liệu của kỳ tính theo hôm nay: không đổi.\n", "The same period as known today: unchanged.\n"});
  } else {
    session.out() << session.Say({"Số liệu của kỳ tính theo hôm nay: khác ở ", "The same period as known today: "})
                  << rows
                  << session.Say(
                         {" dòng; dòng tổng số, lúc chốt → nay:\n", " rows differ; totals, at closing → now:\n"});
    WriteLines(session, totals);
  }
  if (response.later_event_count() == 0) return absl::OkStatus();
  session.out() << session.Say({"Việc ghi sau khi chốt làm số đổi: ", "Recorded since, and why: "})
                << response.later_event_count() << "\n";
  TTHC_RETURN_IF_ERROR(WriteLaterEvents(session, response));
  // The server bounds the list but not the count.
  if (response.later_events_size() < response.later_event_count()) {
    session.Print(
        absl::StrCat(response.later_events_size(), session.Say({" trong số ", " of "}), response.later_event_count()));
  }
  return absl::OkStatus();
}

// The newest one without a name; a number alone stands for the id with its zeros.
absl::StatusOr<std::string> FindClosing(Session& session, const std::string& name) {
  int64_t number = 0;
  if (!name.empty() && !absl::SimpleAtoi(name, &number)) return ResourceName("closings", name);
  std::string found;
  TTHC_RETURN_IF_ERROR(ForEachClosing(session, [&](const v1::Closing& closing) {
    int64_t own = 0;
    const bool matches = name.empty() || (absl::SimpleAtoi(ResourceId(closing.name()), &own) && own == number);
    if (matches) found = closing.name();
    return !matches;
  }));
  if (!found.empty()) return found;
  // No closing has this number. The server answers that, so that every client shows the same error.
  if (!name.empty()) return ResourceName("closings", name);
  return MakeError({.code = absl::StatusCode::kNotFound,
                    .reason = "CLOSING_NOT_FOUND",
                    .message = "no period has been closed yet; close one: tthc close --period q3/2026",
                    .message_vi = "chưa chốt kỳ nào; chốt bằng: tthc close --period q3/2026"});
}

absl::Status Check(Session& session, const std::string& name) {
  v1::CheckClosingRequest request;
  TTHC_ASSIGN_OR_RETURN(*request.mutable_name(), FindClosing(session, name));
  TTHC_ASSIGN_OR_RETURN(const v1::CheckClosingResponse response, session.client().CheckClosing(request));
  if (session.is_csv()) {
    TTHC_RETURN_IF_ERROR(WriteLaterEvents(session, response));
  } else if (session.is_table()) {
    TTHC_RETURN_IF_ERROR(WriteCheck(session, response));
  } else {
    // With defaults, because JSON would leave out a digest_matches that is false, which is what a script looks for.
    WriteRecord(session, response, {.with_defaults = true});
  }
  // The details are printed before the error, so that people see what differs.
  if (response.digest_matches()) return absl::OkStatus();
  return MakeError({.code = absl::StatusCode::kDataLoss,
                    .reason = "DIGEST_DIFFERS",
                    .message = absl::StrCat(response.closing().name(),
                                            ": the history does not give the stored figures; run tthc verify"),
                    .message_vi = absl::StrCat(response.closing().name(),
                                               ": lịch sử không cho lại số đã chốt; hãy chạy tthc verify"),
                    .metadata = {{"closing", response.closing().name()}}});
}

// --- verify ----------------------------------------------------------------------------------------------------------

// Which copy differs from the history.
std::string CopyLabel(const Session& session, const std::string& copy) {
  if (copy == "dossier") return session.Say({"hồ sơ trên đĩa", "dossier on disk"});
  if (copy == "fact") return session.Say({"số liệu trên đĩa", "fact on disk"});
  if (copy == "memory") return session.Say({"số liệu trong bộ nhớ", "fact in memory"});
  return copy;
}

absl::Status Verify(Session& session) {
  ListWriter writer(session, {{.header = {"Hồ sơ", "Dossier"}},
                              {.header = {"Bản sai", "Copy"}},
                              {.header = {"Trường", "Field"}, .shrinks = true}});
  Progress progress(session, session.Say({"Đối chiếu", "Verifying"}));
  DossierCodes codes(session);
  v1::VerifyFactsResponse last;
  TTHC_RETURN_IF_ERROR(session.client().VerifyFacts({}, [&](const v1::VerifyFactsResponse& portion) {
    std::vector<std::string> names;
    for (const v1::FactDifference& difference : portion.differences()) names.push_back(difference.dossier());
    // A dossier that is damaged may not be readable either: its uid is shown then.
    codes.Load(names).IgnoreError();
    for (const v1::FactDifference& difference : portion.differences()) {
      writer.Add(difference,
                 {codes.Of(difference.dossier()), CopyLabel(session, difference.copy()), difference.field()});
    }
    // The counts of each portion are those of the run so far, so the last portion has the result.
    last = portion;
    progress.Show(portion.checked_count(), portion.total_count());
  }));
  // Before the table, which may go to the same terminal.
  progress.Clear();
  writer.Finish();
  // A stream that ended early must not look like success: what comes after the last portion was never compared.
  if (!last.done()) {
    return MakeError({.code = absl::StatusCode::kUnavailable,
                      .reason = "VERIFY_INTERRUPTED",
                      .message = "the server stopped half-way; run it again",
                      .message_vi = "máy chủ ngừng giữa chừng; hãy chạy lại"});
  }
  session.Print(absl::StrCat(session.Say({"Đã đối chiếu ", "Compared "}), last.checked_count(),
                             session.Say({" hồ sơ với lịch sử, khác ", " dossiers with the history, different "}),
                             last.difference_count()));
  if (last.difference_count() == 0) return absl::OkStatus();
  return MakeError({.code = absl::StatusCode::kDataLoss,
                    .reason = "FACTS_DIFFER",
                    .message = absl::StrCat(last.difference_count(),
                                            " differences from the history, which is right: do not report figures of "
                                            "this server before its administrator has seen the list"),
                    .message_vi = absl::StrCat(last.difference_count(),
                                               " chỗ khác với lịch sử, mà lịch sử mới đúng: chưa báo cáo số liệu của "
                                               "máy chủ này khi người quản trị chưa xem danh sách trên"),
                    .metadata = {{"differences", absl::StrCat(last.difference_count())}}});
}

}  // namespace

void AddClosingCommands(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<CloseArguments>();
  CLI::App* close =
      AddCommand(app, session,
                 {.name = "close",
                  .help = {"Chốt số liệu một kỳ đã kết thúc: về sau luôn cho lại đúng số đó",
                           "Fix the figures of a period that is over: they can be reproduced at any time"},
                  .examples = {"close --period q3/2026 --note \"Báo cáo quý III đã gửi\"",
                               "close --period quy-truoc --office H24.99.1 --again"}},
                 [&session, arguments] { return Close(session, *arguments); });
  // No default: these figures are fixed for good, so the period is always typed. No --as-of either: a closing holds
  // what is recorded now.
  arguments->period.AddTo(*close, session, {.required = true, .with_as_of = false});
  const auto add = [&](const char* name, std::string& value, const Text& help) {
    close->add_option(name, value, session.Say(help))->type_name("");
  };
  add("--office", arguments->office, {"Một cơ quan; mặc định tất cả", "One office; default all"});
  add("--note", arguments->note, {"Ghi chú", "Note"});
  close->add_flag("--again", arguments->again,
                  session.Say({"Chốt thêm lần nữa; lần trước vẫn còn", "Close it again; the earlier closing stays"}));
  AddCommand(
      *close, session,
      {.name = "list", .help = {"Các lần chốt, mới nhất trước", "Closings, newest first"}, .examples = {"close list"}},
      [&session] { return ListClosings(session); });
  auto name = std::make_shared<std::string>();
  CLI::App* check = AddCommand(*close, session,
                               {.name = "check",
                                .help = {"Tính lại số đã chốt từ lịch sử; nói vì sao hôm nay khác",
                                         "Compute a closing again from the history; explain why today differs"},
                                .examples = {"close check", "close check 1 -o json"}},
                               [&session, name] { return Check(session, *name); });
  check
      ->add_option("closing", *name, session.Say({"Mã lần chốt; mặc định mới nhất", "The closing; default the newest"}))
      ->type_name("");

  AddCommand(app, session,
             {.name = "verify",
              .help = {"Tính lại mọi số liệu từ lịch sử và đối chiếu; khác thì mã kết thúc khác 0",
                       "Compute everything again from the history and compare; exit status is not 0 if it differs"},
              .examples = {"verify", "verify -o json"}},
             [&session] { return Verify(session); });
}

}  // namespace tthc::cli
