#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/commands.h"
#include "client/cli/dossier_lookup.h"
#include "client/cli/dossier_view.h"
#include "client/cli/event_table.h"
#include "client/cli/explanation_view.h"
#include "client/cli/field_value.h"
#include "client/cli/history.h"
#include "client/cli/output.h"
#include "client/cli/words.h"
#include "client/terminal/format.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

// show, history, explain, lookup: reading one dossier.
namespace tthc::cli {
namespace {

using terminal::CutToWidth;
using terminal::FormatTableTime;
using terminal::PadToWidth;
using terminal::Privacy;
using terminal::Session;
using terminal::Text;
using terminal::WrapToWidth;

// `show` is meant for one screen of 24 lines: half of it for the sheet, half for the newest events.
constexpr size_t kTimelineRows = 12;

// Reads the server's transition table through an event that is certainly not allowed: the refusal names those that are,
// so that the client has no copy of the table.
std::vector<std::string> NextEvents(Session& session, const v1::Dossier& dossier) {
  v1::AppendEventRequest request;
  request.set_parent(dossier.name());
  request.set_validate_only(true);
  // Before acceptance nothing can be finished; after it nothing can be accepted again.
  if (dossier.state() == v1::Dossier::STATE_SUBMITTED) {
    request.mutable_event()->mutable_finished()->set_result(v1::Finished::RESULT_GRANTED);
  } else {
    request.mutable_event()->mutable_accepted();
  }
  const absl::StatusOr<v1::AppendEventResponse> answer = session.client().AppendEvent(std::move(request));
  std::vector<std::string> events;
  // No list is shown then, nor after any other error: the rest of the sheet is worth showing without it.
  if (answer.ok()) return events;
  for (const absl::string_view name :
       absl::StrSplit(ErrorMetadata(answer.status(), "allowed"), absl::ByAnyChar(", "), absl::SkipEmpty())) {
    const EventSpec* spec = FindEventKind(name);
    if (spec != nullptr && *spec->command != '\0') events.emplace_back(session.Say(spec->label));
  }
  return events;
}

// Lines of a label and a text. A long text continues below its beginning, so that the labels stay readable.
class Sheet {
 public:
  explicit Sheet(const Session& session) : session_(session) {}

  void Line(const Text& label, const std::string& text) {
    if (text.empty()) return;
    const size_t indent = 13;
    // On a terminal too narrow for both parts nothing is wrapped; its own line breaks are better than a column of
    // syllables.
    const size_t width = session_.width() > indent + 20 ? session_.width() - indent : 0;
    bool first = true;
    for (const std::string& line : WrapToWidth(text, width)) {
      session_.out() << PadToWidth(first ? session_.Say(label) : "", indent) << line << "\n";
      first = false;
    }
  }

 private:
  const Session& session_;
};

std::string ApplicantLine(const Session& session, const v1::Applicant& applicant) {
  std::vector<std::string> parts = {session.Personal(Privacy::kName, applicant.display_name()),
                                    session.Personal(Privacy::kNumber, applicant.identity_number()),
                                    session.Personal(Privacy::kNumber, applicant.phone_number()),
                                    session.Personal(Privacy::kHidden, applicant.address())};
  parts.erase(std::remove(parts.begin(), parts.end(), ""), parts.end());
  return absl::StrJoin(parts, " · ");
}

std::string DueLine(const Session& session, const v1::Dossier& dossier) {
  const v1::Due& due = dossier.due();
  if (!due.has_due_time()) return session.Say({"không có hẹn trả", "nothing is due"});
  std::string line = FormatTableTime(due.due_time());
  const std::string left = TimeLeft(dossier, session.lang());
  if (!left.empty()) absl::StrAppend(&line, " (", left, ")");
  // Both counting rules stand beside the promise: people compare them with receipts and with what other systems show.
  if (due.has_date_rule_due_time()) {
    absl::StrAppend(&line, session.Say({" · theo ngày ", " · by date "}), FormatTableTime(due.date_rule_due_time()));
  }
  if (due.has_clock_rule_due_time()) {
    absl::StrAppend(&line, session.Say({" · theo giờ ", " · by the clock "}),
                    FormatTableTime(due.clock_rule_due_time()));
  }
  if (due.has_original_due_time() && FromProto(due.original_due_time()) != FromProto(due.due_time())) {
    absl::StrAppend(&line, session.Say({" · hẹn đầu ", " · first promise "}), FormatTableTime(due.original_due_time()));
  }
  return line;
}

std::string HolderLine(const Session& session, const v1::Dossier& dossier) {
  const std::string unit = ResourceId(dossier.unit());
  const std::string officer = ResourceId(dossier.officer());
  std::string line = officer.empty() ? unit : absl::StrCat(unit, " / ", officer);
  if (line.empty() || dossier.steps().empty()) return line;
  // The last step is the running one; its unit is the holder.
  const v1::Step& step = dossier.steps(dossier.steps_size() - 1);
  absl::StrAppend(&line, session.Say({" từ ", " since "}), FormatTableTime(step.forward_time()));
  if (step.has_due_time())
    absl::StrAppend(&line, session.Say({", hạn bước ", ", step due "}), FormatTableTime(step.due_time()));
  return line;
}

void ShowTimeline(const Session& session, const std::vector<v1::Event>& events) {
  // The newest events are shown: the end of a history says where the dossier is.
  const size_t first = events.size() > kTimelineRows ? events.size() - kTimelineRows : 0;
  if (first > 0) {
    session.out() << "  … " << first
                  << session.Say({" sự kiện trước đó: xem tthc history", " earlier events: see tthc history"}) << "\n";
  }
  for (size_t i = first; i < events.size(); ++i) {
    const EventSpec* spec = FindEventSpec(events[i].payload_case());
    std::string line = absl::StrCat("  ", FormatTableTime(events[i].occur_time()), "  ",
                                    spec == nullptr ? "" : session.Say(spec->label));
    if (events[i].amended_by_revision() != 0) {
      absl::StrAppend(&line, session.Say({" (đã đính chính)", " (amended)"}));
    }
    // An opening event would repeat what the sheet above it shows, personal data included.
    const bool opens = events[i].has_submitted() || events[i].has_accepted() || events[i].has_intake_refused();
    const std::string details = opens ? "" : SummarizeEvent(events[i], session.describe());
    if (!details.empty()) absl::StrAppend(&line, " · ", details);
    session.out() << (session.width() > 0 ? CutToWidth(line, session.width()) : line) << "\n";
  }
}

absl::Status Show(Session& session, const std::string& code) {
  TTHC_ASSIGN_OR_RETURN(const v1::Dossier dossier, FindDossier(session, code, v1::DOSSIER_VIEW_FULL));
  // One row of the list, so that the outputs of several calls can be joined.
  if (session.is_csv()) {
    ListWriter writer(session, DossierColumns());
    writer.Add(dossier, DossierCells(session, dossier));
    return absl::OkStatus();
  }
  if (!session.is_table()) {
    WriteRecord(session, dossier);
    return absl::OkStatus();
  }
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> events, FetchEvents(session.client(), dossier.name()));
  const bool color = session.color_out();
  session.out() << (color ? "\x1b[1m" : "") << DossierCode(dossier) << (color ? "\x1b[0m" : "") << "  "
                << StateLabel(dossier, session.lang()) << "\n";
  Sheet sheet(session);
  sheet.Line({"Thủ tục", "Procedure"}, ProcedureLabel(dossier));
  sheet.Line({"Người nộp", "Applicant"}, ApplicantLine(session, dossier.request().applicant()));
  sheet.Line({"Tiếp nhận", "Accepted"},
             absl::StrCat(FormatTableTime(dossier.accept_time()), dossier.has_accept_time() ? " · " : "",
                          ResourceId(dossier.request().office()), " · ",
                          EnumLabel(*v1::Channel_descriptor(), dossier.request().channel(), session.lang())));
  sheet.Line({"Hẹn trả", "Due"}, DueLine(session, dossier));
  sheet.Line({"Đang ở", "With"}, HolderLine(session, dossier));
  sheet.Line({"Xử lý xong", "Finished"}, FormatTableTime(dossier.finish_time()));
  sheet.Line({"Trả kết quả", "Returned"}, FormatTableTime(dossier.return_time()));
  sheet.Line({"Lý do", "Reason"}, dossier.end_reason());
  sheet.Line({"Mã khác", "Aliases"}, absl::StrJoin(dossier.aliases(), ", "));
  sheet.Line({"Tiếp theo", "Next"}, absl::StrJoin(NextEvents(session, dossier), " · "));
  session.out() << session.Say({"Diễn biến", "History"}) << " (" << events.size() << ")\n";
  ShowTimeline(session, events);
  return absl::OkStatus();
}

// "Đơn vị: a → b" for every field that differs.
std::string DescribeAmendment(const Session& session, const v1::Amended& amended) {
  std::vector<std::string> changes;
  if (amended.voided()) {
    changes.push_back(
        absl::StrCat(session.Say({"hủy bỏ: ", "voided: "}), SummarizeEvent(amended.previous(), session.describe())));
  }
  const v1::Event& before = amended.previous();
  const v1::Event& after = amended.replacement();
  const EventSpec* spec = FindEventSpec(after.payload_case());
  // Field by field through the event table: both sides get the same words, and personal data stays masked in both.
  if (spec != nullptr && before.payload_case() == after.payload_case()) {
    for (const FieldSpec& field : spec->fields) {
      const std::string from = DescribeField(*FindPayload(before), field.field, session.lang());
      const std::string to = DescribeField(*FindPayload(after), field.field, session.lang());
      if (from == to) continue;
      const ColumnSpec& column = *FindColumn(field.column);
      changes.push_back(absl::StrCat(session.Say(column.header), ": ", session.Personal(column.privacy, from), " → ",
                                     session.Personal(column.privacy, to)));
    }
  }
  if (after.has_occur_time() && FromProto(after.occur_time()) != FromProto(before.occur_time())) {
    changes.push_back(absl::StrCat(session.Say({"thời điểm: ", "time: "}), FormatTableTime(before.occur_time()), " → ",
                                   FormatTableTime(after.occur_time())));
  }
  return absl::StrCat(session.Say({"sự kiện ", "event "}), amended.target_revision(), " · ",
                      absl::StrJoin(changes, " · "), session.Say({" · lý do: ", " · reason: "}), amended.reason(),
                      session.Say({" · duyệt: ", " · approver: "}), amended.approver());
}

std::vector<std::string> HistoryCells(const Session& session, const v1::Event& event) {
  const EventSpec* spec = FindEventSpec(event.payload_case());
  std::string label = spec == nullptr ? "" : session.Say(spec->label);
  // These marks stand at the name of the event, because a column of their own might be cut on a narrow terminal.
  if (event.late_entry()) absl::StrAppend(&label, session.Say({" (ghi muộn)", " (late entry)"}));
  if (event.imported()) absl::StrAppend(&label, session.Say({" (nhập)", " (imported)"}));
  if (event.amended_by_revision() != 0) {
    absl::StrAppend(&label, session.Say({" (đính chính bởi ", " (amended by "}), event.amended_by_revision(), ")");
  }
  return {absl::StrCat(event.revision()),
          FormatTableTime(event.occur_time()),
          label,
          event.has_amended() ? DescribeAmendment(session, event.amended()) : SummarizeEvent(event, session.describe()),
          event.actor(),
          FormatTableTime(event.record_time())};
}

absl::Status History(Session& session, const std::string& code) {
  TTHC_ASSIGN_OR_RETURN(const std::string name, ResolveDossier(session, code));
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> events, FetchEvents(session.client(), name));
  ListWriter writer(session, {{.header = {"Số", "Revision"}, .right = true},
                              {.header = {"Thời điểm", "Time"}},
                              {.header = {"Sự kiện", "Event"}},
                              {.header = {"Nội dung", "Content"}, .shrinks = true},
                              {.header = {"Người ghi", "Recorded by"}, .shrinks = true},
                              {.header = {"Ghi lúc", "Recorded"}}});
  for (const v1::Event& event : events) writer.Add(event, HistoryCells(session, event));
  return absl::OkStatus();
}

// The server explains from the terms that were frozen at acceptance, not from the calendar of today.
absl::Status Explain(Session& session, const std::string& code) {
  v1::ExplainDueTimeRequest request;
  TTHC_ASSIGN_OR_RETURN(*request.mutable_name(), ResolveDossier(session, code));
  TTHC_ASSIGN_OR_RETURN(const v1::DueTimeExplanation explanation, session.client().ExplainDueTime(request));
  WriteExplanation(session, explanation);
  return absl::OkStatus();
}

// Shows only what anyone may know (Circular 01/2018/TT-VPCP art. 16.2.d): the code and the state.
absl::Status Lookup(Session& session, const std::string& code) {
  TTHC_ASSIGN_OR_RETURN(const v1::Dossier dossier, FindDossier(session, code, v1::DOSSIER_VIEW_REFERENCE));
  // A new message with two fields, instead of the answer with fields removed: what the API adds later stays hidden.
  v1::Dossier known;
  known.set_code(DossierCode(dossier));
  known.set_state(dossier.state());
  if (!session.is_table() && !session.is_csv()) {
    WriteRecord(session, known);
    return absl::OkStatus();
  }
  ListWriter writer(session, {{.header = {"Mã hồ sơ", "Code"}}, {.header = {"Tình trạng", "State"}}});
  writer.Add(known, {known.code(), StateLabel(dossier, session.lang())});
  return absl::OkStatus();
}

using CodeAction = absl::Status (*)(Session&, const std::string&);

void AddCodeCommand(CLI::App& app, Session& session, const CommandSpec& spec, CodeAction action) {
  auto code = std::make_shared<std::string>();
  CLI::App* command = AddCommand(app, session, spec, [&session, action, code] { return action(session, *code); });
  command
      ->add_option(
          "code", *code,
          session.Say({"Mã hồ sơ, mã khác, hoặc phần đuôi của mã", "Dossier code, alias, or the tail of a code"}))
      ->required()
      ->type_name("");
}

}  // namespace

void AddDossierCommands(CLI::App& app, Session& session) {
  AddCodeCommand(app, session,
                 {"show",
                  {"Xem một hồ sơ trên một màn hình", "One dossier on one screen"},
                  {"show 0001", "show H24.60.4-261126-0001 --reveal", "show 0001 -o json"}},
                 Show);
  AddCodeCommand(app, session,
                 {"history",
                  {"Mọi sự kiện của hồ sơ, cả đính chính", "Every event of a dossier, amendments too"},
                  {"history 0001", "history 0001 -o jsonl"}},
                 History);
  AddCodeCommand(
      app, session,
      {"explain", {"Vì sao hẹn trả ngày đó", "Why it is due then"}, {"explain 0001", "explain 0001 -o json"}}, Explain);
  AddCodeCommand(app, session,
                 {"lookup",
                  {"Tra cứu công khai: chỉ mã và tình trạng", "Public lookup: only the code and how far it has got"},
                  {"lookup H24.60.4-261126-0001"}},
                 Lookup);
}

}  // namespace tthc::cli
