#include "server/service/dossier_commands.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/domain/fold.h"
#include "server/domain/lifecycle.h"
#include "server/service/event_check.h"
#include "server/service/event_completion.h"
#include "server/service/service_errors.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

// A dossier as one command changes it, event by event.
struct Draft {
  int64_t number = 0;
  std::shared_ptr<DossierState> state = std::make_shared<DossierState>();
  // What it is known by already; aliases are added at the end, but for what an amendment does.
  std::string known_code = {};
  int known_aliases = 0;
};

absl::StatusOr<Draft> OpenDraft(CommitScope& scope, int64_t number) {
  TTHC_ASSIGN_OR_RETURN(std::shared_ptr<DossierState> state, scope.TakeDossier(number));
  const std::string code = state->dossier().code();
  const int aliases = state->dossier().aliases_size();
  return Draft{.number = number, .state = std::move(state), .known_code = code, .known_aliases = aliases};
}

// Folds one completed event in, and stages it. `recorded` gets a copy, if it is there.
absl::Status AddEvent(CommitScope& scope, const std::string& actor, v1::Event event, Draft& draft,
                      std::vector<v1::Event>* recorded) {
  const bool amends = event.payload_case() == v1::Event::kAmended;
  v1::Dossier& dossier = *draft.state->mutable_dossier();
  event.set_actor(actor);
  if (!amends) {
    TTHC_RETURN_IF_ERROR(CompleteEvent(scope, draft.number, dossier, event));
    event.set_revision(scope.NewRevision());
    TTHC_RETURN_IF_ERROR(domain::Apply(scope.catalogue(), event, dossier));
  } else {
    TTHC_ASSIGN_OR_RETURN(std::vector<v1::Event> events, scope.LoadEvents(*draft.state));
    TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> effective, domain::EffectiveEvents(events));
    TTHC_RETURN_IF_ERROR(CompleteAmendment(scope, draft.number, dossier, events, effective, event));
    event.set_revision(scope.NewRevision());
    events.push_back(event);
    TTHC_ASSIGN_OR_RETURN(dossier, domain::Amend(scope.catalogue(), dossier, events));
    draft.known_code.clear();
    draft.known_aliases = 0;
  }
  if (draft.number == 0) draft.number = scope.NewDossierNumber();
  draft.state->revisions.push_back(event.revision());
  if (recorded != nullptr) recorded->push_back(event);
  scope.PutEvent(draft.number, std::move(event));
  return absl::OkStatus();
}

absl::Status CheckSize(const v1::Dossier& dossier) {
  const size_t bytes = dossier.ByteSizeLong();
  if (bytes <= limits::kDossierBytesMax) return absl::OkStatus();
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "DOSSIER_TOO_LARGE",
                    .message = absl::StrCat("the dossier would hold ", bytes, " bytes; at most ",
                                            limits::kDossierBytesMax, ": shorten the texts"),
                    .message_vi = absl::StrCat("Hồ sơ sẽ dài ", bytes, " byte, vượt mức ", limits::kDossierBytesMax,
                                               "; hãy rút ngắn nội dung"),
                    .metadata = {{"bytes", absl::StrCat(bytes)}}});
}

absl::Status StageDossier(CommitScope& scope, const Draft& draft) {
  const v1::Dossier& dossier = draft.state->dossier();
  TTHC_RETURN_IF_ERROR(CheckSize(dossier));
  const auto stage = [&](const std::string& code) -> absl::Status {
    // Checked where the code came in; here once more for all, since a code must never change hands.
    TTHC_ASSIGN_OR_RETURN(const std::optional<int64_t> owner, scope.FindCode(code));
    TTHC_CHECK(!owner.has_value() || *owner == draft.number);
    scope.PutCode(storage::CanonicalCode(code), draft.number);
    return absl::OkStatus();
  };
  if (dossier.code() != draft.known_code) TTHC_RETURN_IF_ERROR(stage(dossier.code()));
  for (int i = draft.known_aliases; i < dossier.aliases_size(); ++i) TTHC_RETURN_IF_ERROR(stage(dossier.aliases(i)));
  scope.PutDossier(draft.number, draft.state);
  return absl::OkStatus();
}

absl::StatusOr<v1::Dossier> StateAsOf(CommitScope& scope, int64_t number, int64_t revision) {
  TTHC_ASSIGN_OR_RETURN(const DossierStatePtr state, scope.LoadDossier(number));
  DossierState then;
  for (const int64_t recorded : state->revisions) {
    if (recorded <= revision) then.revisions.push_back(recorded);
  }
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> events, scope.LoadEvents(then));
  return domain::Fold(scope.catalogue(), events);
}

// The state and events that a command with this request id led to, for its retry.
absl::StatusOr<CommandOutcome> Replay(CommitScope& scope, const storage::v1::RequestRecord& request) {
  CommandOutcome outcome;
  const int64_t last = request.first_revision() + request.revision_count() - 1;
  std::map<int64_t, v1::Dossier> then;
  for (int64_t revision = request.first_revision(); revision <= last; ++revision) {
    TTHC_ASSIGN_OR_RETURN(const storage::v1::LogRecord record, scope.LoadLog(revision));
    const int64_t number = record.dossier_number();
    if (number == 0) return absl::InternalError("the request id belongs to a change of the catalogue");
    if (!then.contains(number)) {
      TTHC_ASSIGN_OR_RETURN(then[number], StateAsOf(scope, number, last));
    }
    v1::Event event = record.event();
    event.set_revision(revision);
    *event.mutable_record_time() = ToProto(absl::FromUnixMicros(record.record_time_us()));
    PresentEvent(then[number], event);
    outcome.events.push_back(std::move(event));
    if (revision == last) outcome.dossier = std::move(then[number]);
  }
  outcome.dossier_name = DossierName(outcome.dossier);
  outcome.revision = last;
  return outcome;
}

// The earlier answer if `request_id` was carried out already, nullopt if it is new.
absl::StatusOr<std::optional<CommandOutcome>> FindReplay(CommitScope& scope, const std::string& request_id,
                                                        uint64_t content_hash) {
  if (request_id.empty()) return std::nullopt;
  TTHC_ASSIGN_OR_RETURN(const auto request, scope.FindRequest(request_id));
  if (!request.has_value()) return std::nullopt;
  if (request->content_hash() != content_hash) return RequestIdReused(request_id);
  TTHC_ASSIGN_OR_RETURN(CommandOutcome outcome, Replay(scope, *request));
  return outcome;
}

void AddWarnings(const CommitScope& scope, const std::vector<v1::Event>& events, v1::Dossier& dossier) {
  for (const v1::Event& event : events) {
    const bool names_applicant = event.has_submitted() || event.has_accepted() || event.has_intake_refused() ||
                                 (event.has_amended() && !event.amended().voided());
    if (!names_applicant) continue;
    for (std::string& warning : ApplicantWarnings(dossier.request().applicant())) {
      dossier.add_warnings(std::move(warning));
    }
    const auto procedure = scope.catalogue().ProcedureVersion(dossier.request().procedure(),
                                                              dossier.terms().procedure_version());
    if (procedure != nullptr && !procedure->reviewed()) {
      dossier.add_warnings("Thời hạn của thủ tục này chưa được rà soát; hãy đối chiếu quyết định công bố");
    }
    break;
  }
}

absl::StatusOr<Draft> OpenItem(CommitScope& scope, const AppendItem& item) {
  int64_t number = item.number;
  if (number == 0) {
    const std::string code(absl::StripPrefix(item.parent, "dossiers/"));
    TTHC_ASSIGN_OR_RETURN(const std::optional<int64_t> found, scope.FindCode(code));
    if (!found.has_value()) return DossierNotFound("parent", item.parent);
    number = *found;
  }
  TTHC_ASSIGN_OR_RETURN(Draft draft, OpenDraft(scope, number));
  const std::string etag = item.etag.empty() ? "" : EtagOf(draft.state->dossier());
  if (item.etag != etag) return EtagMismatch(item.etag, etag);
  return draft;
}

// Returns the dossier's number.
absl::StatusOr<int64_t> AppendOne(CommitScope& scope, AppendItem& item, const std::string& actor,
                                  std::vector<v1::Event>* recorded) {
  TTHC_ASSIGN_OR_RETURN(Draft draft, OpenItem(scope, item));
  TTHC_RETURN_IF_ERROR(AddEvent(scope, actor, std::move(item.event), draft, recorded));
  TTHC_RETURN_IF_ERROR(StageDossier(scope, draft));
  return draft.number;
}

std::vector<v1::Event>* EventsWanted(AnswerKind answer, CommandOutcome& outcome) {
  return answer == AnswerKind::kRevision ? nullptr : &outcome.events;
}

// What can be said of a command once all of it is staged; `last` is the dossier of its last event.
void CompleteOutcome(const DossierState& last, AnswerKind answer, CommandOutcome& outcome) {
  outcome.dossier_name = DossierName(last.dossier());
  outcome.revision = last.revisions.back();
  if (answer == AnswerKind::kEventsAndDossier) outcome.dossier = last.dossier();
}

void PresentOutcome(const CommitScope& scope, AnswerKind answer, CommandOutcome& outcome) {
  if (answer != AnswerKind::kEventsAndDossier) return;
  AddWarnings(scope, outcome.events, outcome.dossier);
  Present(scope.catalogue(), outcome.dossier);
}

}  // namespace

std::string DossierName(const v1::Dossier& dossier) {
  if (!dossier.code().empty()) return absl::StrCat("dossiers/", dossier.code());
  return absl::StrCat("dossiers/", dossier.aliases().empty() ? "" : dossier.aliases(0));
}

std::string EtagOf(const v1::Dossier& dossier) { return absl::StrCat("\"r", dossier.revision(), "\""); }

void Present(const Catalogue& catalogue, v1::Dossier& dossier) {
  dossier.set_name(DossierName(dossier));
  dossier.set_etag(EtagOf(dossier));
  std::shared_ptr<const v1::Procedure> procedure;
  if (dossier.has_terms()) {
    procedure = catalogue.ProcedureVersion(dossier.request().procedure(), dossier.terms().procedure_version());
  } else if (const auto versions = catalogue.procedures().find(dossier.request().procedure());
             versions != catalogue.procedures().end()) {
    procedure = versions->second.rbegin()->second;
  }
  if (procedure != nullptr) dossier.set_procedure_display_name(procedure->display_name());
}

void PresentEvent(const v1::Dossier& dossier, v1::Event& event) {
  event.set_name(absl::StrCat(DossierName(dossier), "/events/", event.revision()));
}

absl::StatusOr<CommandOutcome> RunCreate(CommitScope& scope, CreateCommand& command) {
  TTHC_ASSIGN_OR_RETURN(std::optional<CommandOutcome> outcome,
                        FindReplay(scope, command.request_id, command.content_hash));
  if (!outcome.has_value()) {
    outcome.emplace();
    Draft draft;
    for (size_t i = 0; i < command.events.size(); ++i) {
      const absl::Status added = AddEvent(scope, command.actor, std::move(command.events[i]), draft,
                                          EventsWanted(command.answer, *outcome));
      if (!added.ok()) return RebaseFields("event", absl::StrCat("events[", i, "]"), added);
    }
    TTHC_RETURN_IF_ERROR(StageDossier(scope, draft));
    TTHC_RETURN_IF_ERROR(scope.EndCommand(command.request_id, command.content_hash));
    CompleteOutcome(*draft.state, command.answer, *outcome);
    for (v1::Event& event : outcome->events) PresentEvent(draft.state->dossier(), event);
  }
  PresentOutcome(scope, command.answer, *outcome);
  return *std::move(outcome);
}

absl::StatusOr<CommandOutcome> RunAppend(CommitScope& scope, AppendCommand& command) {
  TTHC_ASSIGN_OR_RETURN(std::optional<CommandOutcome> outcome,
                        FindReplay(scope, command.request_id, command.content_hash));
  if (!outcome.has_value()) {
    outcome.emplace();
    std::vector<int64_t> numbers;
    for (size_t i = 0; i < command.items.size(); ++i) {
      const absl::StatusOr<int64_t> number =
          AppendOne(scope, command.items[i], command.actor, EventsWanted(command.answer, *outcome));
      if (!number.ok()) {
        return command.is_batch ? PrefixFields(absl::StrCat("requests[", i, "]"), number.status()) : number.status();
      }
      numbers.push_back(*number);
    }
    TTHC_RETURN_IF_ERROR(scope.EndCommand(command.request_id, command.content_hash));
    // Called as the whole command leaves them, which is what a retry can tell too.
    for (size_t i = 0; i < outcome->events.size(); ++i) {
      TTHC_ASSIGN_OR_RETURN(const DossierStatePtr state, scope.LoadDossier(numbers[i]));
      PresentEvent(state->dossier(), outcome->events[i]);
    }
    TTHC_ASSIGN_OR_RETURN(const DossierStatePtr last, scope.LoadDossier(numbers.back()));
    CompleteOutcome(*last, command.answer, *outcome);
  }
  PresentOutcome(scope, command.answer, *outcome);
  return *std::move(outcome);
}

absl::StatusOr<std::optional<RecomputeOutcome>> RunRecompute(CommitScope& scope, int64_t number,
                                                             int64_t calendar_version, const std::string& reason,
                                                             const std::string& actor) {
  TTHC_ASSIGN_OR_RETURN(const DossierStatePtr state, scope.LoadDossier(number));
  const v1::Dossier& before = state->dossier();
  if (!domain::IsOpen(before) || before.terms().calendar_version() == calendar_version) return std::nullopt;

  v1::Event event;
  *event.mutable_occur_time() = ToProto(scope.now());
  v1::Recomputed& recomputed = *event.mutable_recomputed();
  recomputed.set_calendar_version(calendar_version);
  recomputed.set_reason(reason);
  // A trial fold says where the promise moves to. The event is written even if it stays: later waits must be counted by
  // the new calendar too.
  v1::Dossier after = before;
  event.set_revision(scope.head().revision() + 1);
  TTHC_RETURN_IF_ERROR(domain::Apply(scope.catalogue(), event, after));
  if (before.due().has_due_time()) *recomputed.mutable_previous_due_time() = before.due().due_time();
  if (after.due().has_due_time()) *recomputed.mutable_due_time() = after.due().due_time();

  TTHC_ASSIGN_OR_RETURN(Draft draft, OpenDraft(scope, number));
  TTHC_RETURN_IF_ERROR(AddEvent(scope, actor, std::move(event), draft, nullptr));
  TTHC_RETURN_IF_ERROR(StageDossier(scope, draft));
  TTHC_RETURN_IF_ERROR(scope.EndCommand("", 0));
  return RecomputeOutcome{.before = before, .after = draft.state->dossier()};
}

}  // namespace tthc::server
