#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/commands.h"
#include "client/cli/dossier_lookup.h"
#include "client/cli/dossier_view.h"
#include "client/cli/event_table.h"
#include "client/cli/field_value.h"
#include "client/cli/history.h"
#include "client/cli/output.h"
#include "client/cli/proto_json.h"
#include "client/terminal/format.h"
#include "client/terminal/suggest.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

// amend: a wrong entry is corrected by another event.
// The server keeps the old content, the new one, who approved and why. The replacement is built here from the event in
// force, so that fields that were not typed stay the same.
namespace tthc::cli {
namespace {

using terminal::FormatTableTime;
using terminal::ParseTimeOption;
using terminal::Session;
using terminal::Suggest;
using terminal::Text;
using terminal::UsageError;

struct AmendArguments {
  std::string code;
  int64_t revision = 0;
  std::string reason;
  std::string approver;
  std::string basis;
  std::vector<std::string> sets;
  std::string json;
  std::string at;
  std::string request_id;
  std::string etag;
  bool voided = false;
  bool dry_run = false;
};

absl::Status NoSuchField(const EventSpec& spec, const std::string& key) {
  std::vector<std::string> keys;
  for (const FieldSpec& field : spec.fields) keys.emplace_back(field.column);
  const std::string near = Suggest(key, keys);
  return UsageError("--set",
                    absl::StrCat("there is no field ", key, near.empty() ? "" : "; did you mean " + near,
                                 "; fields: ", absl::StrJoin(keys, ", ")),
                    absl::StrCat("không có trường ", key, near.empty() ? "" : "; có phải ý bạn là " + near,
                                 "; các trường: ", absl::StrJoin(keys, ", ")));
}

// "unit=tu-phap", by column key or by the proto's path.
absl::Status ApplySet(const EventSpec& spec, const std::string& set, google::protobuf::Message& payload) {
  const size_t equals = set.find('=');
  if (equals == std::string::npos) return UsageError("--set", "write field=value", "hãy viết trường=giá trị");
  const std::string key = set.substr(0, equals);
  const auto field = std::find_if(spec.fields.begin(), spec.fields.end(), [&](const FieldSpec& candidate) {
    return key == candidate.column || key == candidate.field.path;
  });
  if (field == spec.fields.end()) return NoSuchField(spec, key);
  return SetField(payload, field->field, absl::StrCat("--set ", key), set.substr(equals + 1));
}

// Found among the events in force: what an amendment is based on has earlier amendments applied.
absl::StatusOr<v1::Event> FindTarget(Session& session, const std::string& dossier, const AmendArguments& arguments) {
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> events, FetchEvents(session.client(), dossier));
  for (const v1::Event& event : EventsInForce(events)) {
    if (event.revision() == arguments.revision) return event;
  }
  return MakeError({.code = absl::StatusCode::kNotFound,
                    .reason = "EVENT_NOT_FOUND",
                    .message = absl::StrCat("this dossier has no event ", arguments.revision,
                                            " to amend; see tthc history ", arguments.code),
                    .message_vi = absl::StrCat("hồ sơ này không có sự kiện số ", arguments.revision,
                                               " để đính chính; xem tthc history ", arguments.code),
                    .metadata = {{"revision", absl::StrCat(arguments.revision)}}});
}

absl::StatusOr<v1::Event> BuildReplacement(Session& session, const std::string& dossier,
                                           const AmendArguments& arguments) {
  TTHC_ASSIGN_OR_RETURN(const v1::Event target, FindTarget(session, dossier, arguments));
  const EventSpec* spec = FindEventSpec(target.payload_case());
  // An event of a kind that is newer than this program: its fields would be lost in the replacement.
  if (spec == nullptr)
    return UsageError("revision", "this event can't be amended here", "không đính chính được sự kiện này");
  v1::Event replacement;
  google::protobuf::Message& payload = MutablePayload(replacement, target.payload_case());
  // A replacement is a whole payload, which the server does not merge. It begins as a copy, and only what was typed
  // changes.
  payload.CopyFrom(*FindPayload(target));
  if (replacement.has_accepted()) {
    // The server sets them at acceptance and refuses them in a replacement.
    replacement.mutable_accepted()->clear_terms();
    replacement.mutable_accepted()->clear_code();
  }
  if (replacement.has_petition_received()) replacement.mutable_petition_received()->clear_calendar_version();
  // --json before --set: what was named field by field wins.
  if (!arguments.json.empty()) TTHC_RETURN_IF_ERROR(FromJson("--json", arguments.json, payload));
  for (const std::string& set : arguments.sets) TTHC_RETURN_IF_ERROR(ApplySet(*spec, set, payload));
  if (!arguments.at.empty()) {
    TTHC_ASSIGN_OR_RETURN(const absl::Time at, ParseTimeOption("--at", arguments.at));
    *replacement.mutable_occur_time() = ToProto(at);
  }
  return replacement;
}

absl::Status Amend(Session& session, const AmendArguments& arguments) {
  // Exactly one of the two: a replacement or a void.
  const bool changes = !arguments.sets.empty() || !arguments.json.empty() || !arguments.at.empty();
  if (changes == arguments.voided) {
    return UsageError("--set", "say what is right with --set, --json or --at, or --void",
                      "hãy nêu nội dung đúng bằng --set, --json, --at, hoặc hủy bằng --void");
  }
  v1::AppendEventRequest request;
  request.set_view(ViewFor(session));
  TTHC_ASSIGN_OR_RETURN(*request.mutable_parent(), ResolveDossier(session, arguments.code));
  v1::Amended& amended = *request.mutable_event()->mutable_amended();
  amended.set_target_revision(arguments.revision);
  amended.set_reason(arguments.reason);
  amended.set_approver(arguments.approver);
  amended.set_basis(arguments.basis);
  amended.set_voided(arguments.voided);
  // A void has no replacement, so the event in force need not be fetched.
  if (changes) {
    TTHC_ASSIGN_OR_RETURN(*amended.mutable_replacement(), BuildReplacement(session, request.parent(), arguments));
  }
  request.set_request_id(arguments.request_id);
  request.set_etag(arguments.etag);
  request.set_validate_only(arguments.dry_run);
  TTHC_ASSIGN_OR_RETURN(const v1::AppendEventResponse response, session.client().AppendEvent(std::move(request)));
  if (!session.is_table()) {
    if (!session.is_csv()) {
      WriteRecord(session, response.dossier());
      return absl::OkStatus();
    }
    ListWriter writer(session, DossierColumns());
    writer.Add(response.dossier(), DossierCells(session, response.dossier()));
    return absl::OkStatus();
  }
  // A dossier without any code is shown as the person typed it.
  const std::string code = DossierCode(response.dossier());
  session.out() << (code.empty() ? arguments.code : code) << ": "
                << (arguments.dry_run ? session.Say({"có thể đính chính sự kiện ", "would amend event "})
                                      : session.Say({"đã đính chính sự kiện ", "amended event "}))
                << arguments.revision << " · " << StateLabel(response.dossier(), session.lang())
                << session.Say({" · hẹn trả ", " · due "}) << FormatTableTime(response.dossier().due().due_time())
                << "\n";
  return absl::OkStatus();
}

}  // namespace

void AddAmendCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<AmendArguments>();
  CLI::App* command =
      AddCommand(app, session,
                 {"amend",
                  {"Đính chính một sự kiện đã ghi: ai, vì sao, cũ, mới đều còn lại",
                   "Correct an event: who, why, old and new all stay"},
                  {"amend 0001 1532 --set unit=tu-phap --reason \"Chọn nhầm phòng\" --approver \"Trần Văn Bình\"",
                   "amend 0001 1532 --at \"25/11/2026 08:10\" --reason \"Ghi nhầm giờ\" --approver \"Trần Văn Bình\"",
                   "amend 0001 1540 --void --reason \"Ghi nhầm hồ sơ\" --approver \"Trần Văn Bình\""}},
                 [&session, arguments] { return Amend(session, *arguments); });
  const auto add = [&](const char* name, auto& value, const Text& help) {
    return command->add_option(name, value, session.Say(help))->type_name("");
  };
  add("code", arguments->code,
      {"Mã hồ sơ, mã khác, hoặc phần đuôi của mã", "Dossier code, alias, or the tail of a code"})
      ->required();
  add("revision", arguments->revision, {"Số của sự kiện, xem tthc history", "Revision of the event, see tthc history"})
      ->required();
  add("--reason", arguments->reason, {"Vì sao đính chính", "Why"});
  add("--approver", arguments->approver, {"Ai duyệt", "Who approved"});
  add("--basis", arguments->basis, {"Căn cứ pháp lý, nếu hẹn trả thay đổi", "Legal basis, if a due time moves"});
  add("--set", arguments->sets, {"trường=giá trị, lặp lại được", "field=value, repeatable"});
  add("--json", arguments->json, {"Phần nội dung còn lại, dạng JSON", "The rest of the content, as JSON"});
  add("--at", arguments->at, {"Thời điểm đúng", "The right time"});
  add("--request-id", arguments->request_id, {"Mã yêu cầu", "Request id"});
  add("--etag", arguments->etag,
      {"Chỉ ghi nếu hồ sơ chưa đổi từ etag này", "Only if the dossier has not changed since"});
  command->add_flag("--void", arguments->voided, session.Say({"Sự kiện không hề xảy ra", "The event never happened"}));
  command->add_flag("--dry-run", arguments->dry_run, session.Say({"Kiểm tra, không ghi gì", "Check, record nothing"}));
}

}  // namespace tthc::cli
