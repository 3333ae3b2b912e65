#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/field_value.h"
#include "client/cli/format.h"
#include "client/cli/output.h"
#include "client/cli/period_options.h"
#include "client/cli/progress.h"
#include "client/cli/report_06a.h"
#include "client/cli/table.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

// close, close list, close check, verify: figures that stay, and proof that they do.
namespace tthc::cli {
namespace {

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

// Digests are told apart by their beginning.
constexpr size_t kDigestShown = 8;

std::vector<OutputColumn> ClosingColumns(const Session& session) {
  std::vector<OutputColumn> columns = {{.header = {"Mã", "Id"}},
                                       {.header = {"Kỳ", "Period"}},
                                       {.header = {"Cơ quan", "Office"}, .shrinks = true, .folds = true},
                                       {.header = {"Chốt lúc", "Closed"}},
                                       {.header = {"Mã băm", "Digest"}},
                                       {.header = {"Ghi chú", "Note"}, .shrinks = true, .folds = true}};
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
  request.set_again(arguments.again);
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

absl::Status ListClosings(Session& session) {
  TTHC_ASSIGN_OR_RETURN(const v1::ListClosingsResponse response, session.client().ListClosings({}));
  ListWriter writer(session, ClosingColumns(session));
  for (const v1::Closing& closing : response.closings()) writer.Add(closing, ClosingCells(session, closing));
  return absl::OkStatus();
}

// --- close check -----------------------------------------------------------------------------------------------------

// "14 → 15" for each column of the totals that differs.
std::vector<std::string> TotalDifferences(const v1::Report06a& then, const v1::Report06a& now) {
  std::vector<std::string> lines;
  for (const Form06aColumn& column : Form06aColumns()) {
    const int64_t before = (then.total().*column.value)();
    const int64_t after = (now.total().*column.value)();
    if (before == after) continue;
    lines.push_back(
        absl::StrCat("(", column.number, ") ", column.top, ", ", column.bottom, ": ", before, " → ", after));
  }
  return lines;
}

// Rows of fields that differ in some column.
int64_t RowDifferences(const v1::Report06a& then, const v1::Report06a& now) {
  int64_t differing = 0;
  const auto same = [](const v1::Report06aRow& a, const v1::Report06aRow& b) {
    for (const Form06aColumn& column : Form06aColumns()) {
      if ((a.*column.value)() != (b.*column.value)()) return false;
    }
    return true;
  };
  for (const v1::Report06aRow& row : now.rows()) {
    const v1::Report06aRow* other = nullptr;
    for (const v1::Report06aRow& candidate : then.rows()) {
      if (candidate.name() == row.name()) other = &candidate;
    }
    differing += other == nullptr || !same(*other, row) ? 1 : 0;
  }
  for (const v1::Report06aRow& row : then.rows()) {
    bool gone = true;
    for (const v1::Report06aRow& candidate : now.rows()) gone = gone && candidate.name() != row.name();
    differing += gone ? 1 : 0;
  }
  return differing;
}

std::string EventLabel(const Session& session, const std::string& kind) {
  const EventSpec* spec = FindEventKind(kind);
  return spec == nullptr ? kind : session.Say(spec->label);
}

// On a terminal what fits 80 columns; as CSV a cell each.
void WriteLaterEvents(const Session& session, const v1::CheckClosingResponse& response) {
  std::vector<OutputColumn> columns = {
      {.header = {"Hồ sơ", "Dossier"}}, {.header = {"Sự kiện", "Event"}}, {.header = {"Ghi lúc", "Recorded"}}};
  if (session.is_table()) {
    columns.push_back({.header = {"Cột 06a", "Columns"}});
    columns.push_back({.header = {"Ai, vì sao", "Who, why"}, .shrinks = true, .folds = true});
  } else {
    for (const Text& header : {Text{"Cột lúc chốt", "Columns then"}, Text{"Cột nay", "Columns now"},
                               Text{"Người ghi", "By"}, Text{"Lý do", "Reason"}}) {
      columns.push_back({.header = header});
    }
  }
  ListWriter writer(session, columns);
  for (const v1::LaterEvent& event : response.later_events()) {
    const std::string by = ResourceId(event.actor());
    std::vector<std::string> cells = {ResourceId(event.dossier()), EventLabel(session, event.kind())};
    if (session.is_table()) {
      cells.push_back(FormatDateForPeople(FromProto(event.record_time())));
      cells.push_back(absl::StrCat(event.columns_then(), " → ", event.columns_now()));
      cells.push_back(event.reason().empty() ? by : absl::StrCat(by, ": ", event.reason()));
    } else {
      cells.insert(cells.end(), {FormatTableTime(event.record_time()), event.columns_then(), event.columns_now(), by,
                                 event.reason()});
    }
    writer.Add(event, std::move(cells));
  }
}

void WriteLines(const Session& session, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) session.out() << "  " << line << "\n";
}

void WriteCheck(const Session& session, const v1::CheckClosingResponse& response) {
  const v1::Closing& closing = response.closing();
  session.out() << session.Say({"Kỳ ", "Period "}) << FormatPeriod(closing.report().basis().period()) << ", "
                << OfficeOf(session, closing.report()) << session.Say({"; chốt lúc ", "; closed "})
                << FormatTableTime(closing.record_time()) << session.Say({", số thay đổi ", ", revision "})
                << closing.report().basis().revision() << "\n"
                << session.Say({"Mã băm ", "Digest "}) << closing.digest() << "\n";
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
  if (totals.empty() && rows == 0) {
    session.out() << session.Say(
        {"Số liệu của kỳ tính theo hôm nay: không đổi.\n", "The same period as known today: unchanged.\n"});
  } else {
    session.out() << session.Say({"Số liệu của kỳ tính theo hôm nay: khác ở ", "The same period as known today: "})
                  << rows
                  << session.Say({" dòng; dòng tổng số, lúc chốt → nay:\n", " rows differ; totals, then → now:\n"});
    WriteLines(session, totals);
  }
  if (response.later_event_count() == 0) return;
  session.out() << session.Say({"Việc ghi sau khi chốt làm số đổi: ", "Recorded since, and why: "})
                << response.later_event_count() << "\n";
  WriteLaterEvents(session, response);
  if (response.later_events_size() < response.later_event_count()) {
    session.Tell(
        absl::StrCat(response.later_events_size(), session.Say({" trong số ", " of "}), response.later_event_count()));
  }
}

// The newest one without a name; a number alone stands for the id with its zeros.
absl::StatusOr<std::string> FindClosing(Session& session, const std::string& name) {
  int64_t number = 0;
  if (!name.empty() && !absl::SimpleAtoi(name, &number)) return ResourceName("closings", name);
  TTHC_ASSIGN_OR_RETURN(const v1::ListClosingsResponse response, session.client().ListClosings({}));
  for (const v1::Closing& closing : response.closings()) {
    int64_t own = 0;
    if (name.empty() || (absl::SimpleAtoi(ResourceId(closing.name()), &own) && own == number)) return closing.name();
  }
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
    WriteLaterEvents(session, response);
  } else if (session.is_table()) {
    WriteCheck(session, response);
  } else {
    WriteRecord(session, response, {.with_defaults = true});
  }
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
  v1::VerifyFactsResponse last;
  TTHC_RETURN_IF_ERROR(session.client().VerifyFacts({}, [&](const v1::VerifyFactsResponse& portion) {
    for (const v1::FactDifference& difference : portion.differences()) {
      writer.Add(difference,
                 {ResourceId(difference.dossier()), CopyLabel(session, difference.copy()), difference.field()});
    }
    last = portion;
    progress.Show(portion.checked_count(), portion.total_count());
  }));
  progress.Clear();
  writer.Finish();
  if (!last.done()) {
    return MakeError({.code = absl::StatusCode::kUnavailable,
                      .reason = "VERIFY_INTERRUPTED",
                      .message = "the server stopped half-way; run it again",
                      .message_vi = "máy chủ ngừng giữa chừng; hãy chạy lại"});
  }
  session.Tell(absl::StrCat(session.Say({"Đã đối chiếu ", "Compared "}), last.checked_count(),
                            session.Say({" hồ sơ với lịch sử, khác ", " dossiers with the history, different "}),
                            last.difference_count()));
  if (last.difference_count() == 0) return absl::OkStatus();
  return MakeError({.code = absl::StatusCode::kDataLoss,
                    .reason = "FACTS_DIFFER",
                    .message = absl::StrCat(last.difference_count(),
                                            " differences from the history, which is right: do not report figures of "
                                            "this server before whoever runs it has seen the list"),
                    .message_vi = absl::StrCat(last.difference_count(),
                                               " chỗ khác với lịch sử, mà lịch sử mới đúng: chưa báo cáo số liệu của "
                                               "máy chủ này khi người quản trị chưa xem danh sách trên"),
                    .metadata = {{"differences", absl::StrCat(last.difference_count())}}});
}

}  // namespace

void AddClosingCommands(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<CloseArguments>();
  CLI::App* close = AddCommand(app, session,
                               {.name = "close",
                                .help = {"Chốt số liệu một kỳ đã kết thúc: về sau luôn cho lại đúng số đó",
                                         "Fix the figures of a period that is over: they can be had again for ever"},
                                .examples = {"close --period q3/2026 --note \"Báo cáo quý III đã gửi\"",
                                             "close --period quy-truoc --office H24.99.1 --again"}},
                               [&session, arguments] { return Close(session, *arguments); });
  arguments->period.AddTo(*close, session, {.required = true, .with_as_of = false});
  const auto add = [&](const char* name, std::string& value, const Text& help) {
    close->add_option(name, value, session.Say(help))->type_name("");
  };
  add("--office", arguments->office, {"Một cơ quan; mặc định tất cả", "One office; default all"});
  add("--note", arguments->note, {"Ghi chú", "Note"});
  close->add_flag(
      "--again", arguments->again,
      session.Say({"Chốt thêm lần nữa; lần trước vẫn còn", "Close it once more; the earlier closing stays"}));
  AddCommand(
      *close, session,
      {.name = "list", .help = {"Các lần chốt, mới nhất trước", "Closings, newest first"}, .examples = {"close list"}},
      [&session] { return ListClosings(session); });
  auto name = std::make_shared<std::string>();
  CLI::App* check = AddCommand(*close, session,
                               {.name = "check",
                                .help = {"Tính lại số đã chốt từ lịch sử; nói vì sao hôm nay khác",
                                         "Compute a closing again from the history; say why today differs"},
                                .examples = {"close check", "close check 1 -o json"}},
                               [&session, name] { return Check(session, *name); });
  check
      ->add_option("closing", *name, session.Say({"Mã lần chốt; mặc định mới nhất", "The closing; default the newest"}))
      ->type_name("");

  AddCommand(app, session,
             {.name = "verify",
              .help = {"Tính lại mọi số liệu từ lịch sử và đối chiếu; khác thì mã kết thúc khác 0",
                       "Compute everything again from the history and compare; exit status not 0 if it differs"},
              .examples = {"verify", "verify -o json"}},
             [&session] { return Verify(session); });
}

}  // namespace tthc::cli
