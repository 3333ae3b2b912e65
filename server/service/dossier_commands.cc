#include "server/service/dossier_commands.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/domain/fold.h"
#include "server/domain/lifecycle.h"
#include "server/service/event_check.h"
#include "server/service/event_completion.h"
#include "server/service/service_errors.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

// A dossier as one command changes it, event by event.
struct Draft {
  int64_t number = 0;
  DossierState state;
  std::set<std::string> codes_before;
};

std::set<std::string> CodesOf(const v1::Dossier& dossier) {
  std::set<std::string> codes(dossier.aliases().begin(), dossier.aliases().end());
  if (!dossier.code().empty()) codes.insert(dossier.code());
  return codes;
}

// Folds one completed event in, and stages it.
absl::Status AddEvent(CommitScope& scope, const std::string& actor, v1::Event event, Draft& draft,
                      std::vector<v1::Event>* recorded) {
  const bool amends = event.payload_case() == v1::Event::kAmended;
  event.set_actor(actor);
  if (!amends) {
    TTHC_RETURN_IF_ERROR(CompleteEvent(scope, draft.number, draft.state.dossier, event));
    event.set_revision(scope.NewRevision());
    TTHC_RETURN_IF_ERROR(domain::Apply(scope.catalogue(), event, draft.state.dossier));
  } else {
    TTHC_ASSIGN_OR_RETURN(std::vector<v1::Event> events, scope.LoadEvents(draft.state));
    TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> effective, domain::EffectiveEvents(events));
    TTHC_RETURN_IF_ERROR(CompleteAmendment(scope, draft.number, draft.state.dossier, events, effective, event));
    event.set_revision(scope.NewRevision());
    events.push_back(event);
    TTHC_ASSIGN_OR_RETURN(draft.state.dossier, domain::Amend(scope.catalogue(), draft.state.dossier, events));
  }
  if (draft.number == 0) draft.number = scope.NewDossierNumber();
  draft.state.revisions.push_back(event.revision());
  scope.PutEvent(draft.number, event);
  recorded->push_back(std::move(event));
  return absl::OkStatus();
}

void StageDossier(CommitScope& scope, const Draft& draft) {
  for (const std::string& code : CodesOf(draft.state.dossier)) {
    if (!draft.codes_before.contains(code)) scope.PutCode(storage::CanonicalCode(code), draft.number);
  }
  scope.PutDossier(draft.number, std::make_shared<DossierState>(draft.state));
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
absl::StatusOr<AppendOutcome> Replay(CommitScope& scope, const storage::v1::RequestRecord& request) {
  AppendOutcome outcome;
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
  return outcome;
}

// The earlier answer if `request_id` was carried out already, nullopt if it is new.
absl::StatusOr<std::optional<AppendOutcome>> FindReplay(CommitScope& scope, const std::string& request_id,
                                                        uint64_t content_hash) {
  if (request_id.empty()) return std::nullopt;
  TTHC_ASSIGN_OR_RETURN(const auto request, scope.FindRequest(request_id));
  if (!request.has_value()) return std::nullopt;
  if (request->content_hash() != content_hash) return RequestIdReused(request_id);
  TTHC_ASSIGN_OR_RETURN(AppendOutcome outcome, Replay(scope, *request));
  return outcome;
}

void AddWarnings(const CommitScope& scope, const std::vector<v1::Event>& events, v1::Dossier& dossier) {
  for (const v1::Event& event : events) {
    const bool opens = event.payload_case() == v1::Event::kSubmitted || event.payload_case() == v1::Event::kAccepted;
    if (!opens) continue;
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

absl::StatusOr<Draft> OpenDraft(CommitScope& scope, const AppendItem& item) {
  Draft draft;
  draft.number = item.number;
  if (draft.number == 0) {
    const std::string code(absl::StripPrefix(item.parent, "dossiers/"));
    TTHC_ASSIGN_OR_RETURN(const std::optional<int64_t> found, scope.FindCode(code));
    if (!found.has_value()) return DossierNotFound("parent", item.parent);
    draft.number = *found;
  }
  TTHC_ASSIGN_OR_RETURN(const DossierStatePtr state, scope.LoadDossier(draft.number));
  draft.state = *state;
  draft.codes_before = CodesOf(draft.state.dossier);
  return draft;
}

// Returns the dossier's number.
absl::StatusOr<int64_t> AppendOne(CommitScope& scope, const AppendItem& item, const std::string& actor,
                                  AppendOutcome* outcome) {
  TTHC_ASSIGN_OR_RETURN(Draft draft, OpenDraft(scope, item));
  if (!item.etag.empty() && item.etag != EtagOf(draft.state.dossier)) {
    return EtagMismatch(item.etag, EtagOf(draft.state.dossier));
  }
  TTHC_RETURN_IF_ERROR(AddEvent(scope, actor, item.event, draft, &outcome->events));
  StageDossier(scope, draft);
  outcome->dossier = std::move(draft.state.dossier);
  return draft.number;
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

absl::StatusOr<v1::CreateDossierResponse> RunCreate(CommitScope& scope, const CreateCommand& command) {
  TTHC_ASSIGN_OR_RETURN(std::optional<AppendOutcome> outcome,
                        FindReplay(scope, command.request_id, command.content_hash));
  if (!outcome.has_value()) {
    outcome.emplace();
    Draft draft;
    for (size_t i = 0; i < command.events.size(); ++i) {
      const absl::Status added = AddEvent(scope, command.actor, command.events[i], draft, &outcome->events);
      if (!added.ok()) return RebaseFields("event", absl::StrCat("events[", i, "]"), added);
    }
    StageDossier(scope, draft);
    scope.EndCommand(command.request_id, command.content_hash);
    outcome->dossier = std::move(draft.state.dossier);
    for (v1::Event& event : outcome->events) PresentEvent(outcome->dossier, event);
  }
  AddWarnings(scope, outcome->events, outcome->dossier);
  Present(scope.catalogue(), outcome->dossier);

  v1::CreateDossierResponse response;
  *response.mutable_dossier() = std::move(outcome->dossier);
  for (v1::Event& event : outcome->events) *response.add_events() = std::move(event);
  return response;
}

absl::StatusOr<AppendOutcome> RunAppend(CommitScope& scope, const AppendCommand& command) {
  TTHC_ASSIGN_OR_RETURN(std::optional<AppendOutcome> outcome,
                        FindReplay(scope, command.request_id, command.content_hash));
  if (!outcome.has_value()) {
    outcome.emplace();
    std::vector<int64_t> numbers;
    for (size_t i = 0; i < command.items.size(); ++i) {
      const absl::StatusOr<int64_t> number = AppendOne(scope, command.items[i], command.actor, &*outcome);
      if (!number.ok()) {
        return command.is_batch ? PrefixFields(absl::StrCat("requests[", i, "]"), number.status()) : number.status();
      }
      numbers.push_back(*number);
    }
    scope.EndCommand(command.request_id, command.content_hash);
    // Called as the whole command leaves them, which is what a retry can tell too.
    for (size_t i = 0; i < numbers.size(); ++i) {
      TTHC_ASSIGN_OR_RETURN(const DossierStatePtr state, scope.LoadDossier(numbers[i]));
      PresentEvent(state->dossier, outcome->events[i]);
    }
  }
  AddWarnings(scope, outcome->events, outcome->dossier);
  Present(scope.catalogue(), outcome->dossier);
  return *std::move(outcome);
}

absl::StatusOr<std::optional<RecomputeOutcome>> RunRecompute(CommitScope& scope, int64_t number,
                                                             int64_t calendar_version, const std::string& reason,
                                                             const std::string& actor) {
  TTHC_ASSIGN_OR_RETURN(const DossierStatePtr state, scope.LoadDossier(number));
  const v1::Dossier& before = state->dossier;
  if (!domain::IsOpen(before.state()) || before.terms().calendar_version() == calendar_version) return std::nullopt;

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

  Draft draft{.number = number, .state = *state, .codes_before = CodesOf(before)};
  std::vector<v1::Event> recorded;
  TTHC_RETURN_IF_ERROR(AddEvent(scope, actor, std::move(event), draft, &recorded));
  StageDossier(scope, draft);
  scope.EndCommand("", 0);
  return RecomputeOutcome{.before = before, .after = draft.state.dossier};
}

}  // namespace tthc::server
