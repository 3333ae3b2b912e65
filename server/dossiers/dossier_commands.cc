#include "server/dossiers/dossier_commands.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/call/errors.h"
#include "server/call/page_token.h"
#include "server/commit/request_ids.h"
#include "server/domain/fold.h"
#include "server/domain/presentation.h"
#include "server/domain/timeliness.h"
#include "server/dossiers/answer_size.h"
#include "server/dossiers/dossier_draft.h"
#include "server/dossiers/dossier_view.h"
#include "server/dossiers/event_check.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

// --- Preparing -------------------------------------------------------------------------------------------------------

// What a retry has to repeat: everything but the view, which only shapes the answer.
template <typename Request>
uint64_t HashOf(const Request& request) {
  if (request.request_id().empty()) return 0;
  if (request.view() == v1::DOSSIER_VIEW_UNSPECIFIED) return HashContent(request);
  Request repeated = request;
  repeated.clear_view();
  return HashContent(repeated);
}

// The part that all commands have in common.
template <typename Command, typename Request>
Command Begin(const RequestContext& context, const Request& request) {
  Command command;
  command.actor = context.caller.actor;
  command.request_id = request.request_id();
  command.content_hash = HashOf(request);
  command.view = ViewOr(request.view(), v1::DOSSIER_VIEW_REFERENCE);
  command.validate_only = request.validate_only();
  return command;
}

// Whether the dossier exists is decided on the commit thread: it may be opened by a command that is queued before.
absl::StatusOr<AppendItem> PrepareItem(const v1::AppendEventRequest& request) {
  TTHC_RETURN_IF_ERROR(CheckText("parent", request.parent(), {.bytes_max = limits::kResourceNameBytesMax}));
  AppendItem item{.parent = request.parent(), .event = request.event(), .etag = request.etag()};
  TTHC_RETURN_IF_ERROR(NormalizeEvent(item.event));
  return item;
}

// What belongs to the whole batch is not set for one item.
absl::Status CheckBatchItem(const v1::AppendEventRequest& item) {
  const char* field = nullptr;
  if (!item.request_id().empty()) field = "request_id";
  if (item.validate_only()) field = "validate_only";
  if (item.view() != v1::DOSSIER_VIEW_UNSPECIFIED) field = "view";
  if (field == nullptr) return absl::OkStatus();
  return InvalidField(field, "belongs to the whole batch", "chỉ đặt cho cả lô");
}

// --- Carrying out ----------------------------------------------------------------------------------------------------

// What a command did: now, or when its request id was first used.
struct Changes {
  struct Changed {
    int64_t number = 0;
    // Before the whole command.
    int64_t revision_before = 0;
    // An event of the command gave the applicant or the procedure, which are worth warnings.
    bool names_applicant = false;
    // After the whole command; set once all events are in.
    std::shared_ptr<const v1::Dossier> dossier = nullptr;
  };

  // In order, with name, revision and record time; whole for the view FULL.
  std::vector<v1::Event> events;
  // In the order of first mention.
  std::vector<Changed> dossiers;
  std::unordered_map<int64_t, size_t> position_of;

  Changed& ChangedOf(int64_t number, int64_t revision_before) {
    const auto [found, is_new] = position_of.try_emplace(number, dossiers.size());
    if (is_new) dossiers.push_back({.number = number, .revision_before = revision_before});
    return dossiers[found->second];
  }
};

// Events whose answer carries warnings.
bool NamesApplicant(const v1::Event& event) {
  return event.has_submitted() || event.has_accepted() || event.has_intake_refused() ||
         (event.has_amended() && !event.amended().voided());
}

// Adds one event to the draft, and what the answer shows of it to the changes.
absl::Status Record(const CommitScope& scope, const std::string& actor, v1::DossierView view, v1::Event event,
                    DossierDraft& draft, Changes& changes) {
  const int64_t revision_before = draft.dossier().revision();
  const bool names_applicant = NamesApplicant(event);
  v1::Event shown;
  // Copying the event is what most callers do not ask for.
  const bool whole = view == v1::DOSSIER_VIEW_FULL;
  TTHC_RETURN_IF_ERROR(draft.Add(actor, std::move(event), whole ? &shown : nullptr));
  if (!whole) {
    shown.set_revision(draft.dossier().revision());
    *shown.mutable_record_time() = ToProto(scope.now());
  }
  domain::PresentEvent(draft.dossier(), shown);
  changes.events.push_back(std::move(shown));
  changes.ChangedOf(draft.number(), revision_before).names_applicant |= names_applicant;
  return absl::OkStatus();
}

// Dossiers are shown as the whole command leaves them, which is also what a replay can find out.
absl::Status LoadChanged(const CommitScope& scope, Changes& changes) {
  for (Changes::Changed& changed : changes.dossiers) {
    TTHC_ASSIGN_OR_RETURN(const DossierStatePtr state, scope.LoadDossier(changed.number));
    changed.dossier = std::shared_ptr<const v1::Dossier>(state, &state->dossier());
  }
  return absl::OkStatus();
}

absl::StatusOr<Changes> Decide(CommitScope& scope, CreateCommand& command) {
  Changes changes;
  TTHC_ASSIGN_OR_RETURN(DossierDraft draft, DossierDraft::New(scope));
  for (size_t i = 0; i < command.events.size(); ++i) {
    const absl::Status added = Record(scope, command.actor, command.view, std::move(command.events[i]), draft, changes);
    if (!added.ok()) return RebaseFields("event", absl::StrCat("events[", i, "]"), added);
  }
  TTHC_RETURN_IF_ERROR(draft.Stage());
  TTHC_RETURN_IF_ERROR(LoadChanged(scope, changes));
  return changes;
}

absl::Status AppendOne(CommitScope& scope, const AppendCommand& command, AppendItem& item, Changes& changes) {
  const std::string code(absl::StripPrefix(item.parent, "dossiers/"));
  TTHC_ASSIGN_OR_RETURN(const std::optional<int64_t> number, scope.FindCode(code));
  if (!number.has_value()) return DossierNotFound("parent", item.parent);
  // The same dossier may come again in a batch; the scope then has what the earlier item staged.
  TTHC_ASSIGN_OR_RETURN(DossierDraft draft, DossierDraft::Open(scope, *number));
  if (!item.etag.empty()) {
    // An earlier item may have changed the dossier already: the etag is about what the client has read.
    const std::string etag =
        domain::EtagOfRevision(changes.ChangedOf(*number, draft.dossier().revision()).revision_before);
    if (item.etag != etag) return EtagMismatch(item.etag, etag);
  }
  TTHC_RETURN_IF_ERROR(Record(scope, command.actor, command.view, std::move(item.event), draft, changes));
  return draft.Stage();
}

absl::StatusOr<Changes> Decide(CommitScope& scope, AppendCommand& command) {
  Changes changes;
  for (size_t i = 0; i < command.items.size(); ++i) {
    const absl::Status appended = AppendOne(scope, command, command.items[i], changes);
    if (appended.ok()) continue;
    return command.is_batch ? PrefixFields(absl::StrCat("requests[", i, "]"), appended) : appended;
  }
  TTHC_RETURN_IF_ERROR(LoadChanged(scope, changes));
  return changes;
}

// The dossier as it was at `revision`: later events do not show in the answer to a retry.
absl::StatusOr<std::shared_ptr<const v1::Dossier>> DossierAsOf(const CommitScope& scope, int64_t number,
                                                               int64_t revision) {
  TTHC_ASSIGN_OR_RETURN(const DossierStatePtr state, scope.LoadDossier(number));
  DossierState then;
  for (const int64_t recorded : state->revisions) {
    if (recorded <= revision) then.revisions.push_back(recorded);
  }
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> events, scope.LoadEvents(then));
  TTHC_ASSIGN_OR_RETURN(v1::Dossier dossier, domain::Fold(scope.catalogue(), events));
  dossier.set_name(state->dossier().name());
  return std::make_shared<const v1::Dossier>(std::move(dossier));
}

// What the command that wrote these revisions did.
absl::StatusOr<Changes> Replay(const CommitScope& scope, v1::DossierView view, int64_t first_revision, int32_t count) {
  Changes changes;
  const int64_t last_revision = first_revision + count - 1;
  for (int64_t revision = first_revision; revision <= last_revision; ++revision) {
    TTHC_ASSIGN_OR_RETURN(storage::v1::LogRecord record, scope.LoadLog(revision));
    const int64_t number = record.dossier_number();
    // The content hash covers the type of the request, so that the id of a command of another capability was refused.
    if (number == 0) return absl::InternalError("the request id belongs to a change that is no event");
    Changes::Changed& changed = changes.ChangedOf(number, 0);
    if (changed.dossier == nullptr) {
      TTHC_ASSIGN_OR_RETURN(changed.dossier, DossierAsOf(scope, number, last_revision));
    }
    changed.names_applicant |= NamesApplicant(record.event());
    v1::Event event;
    if (view == v1::DOSSIER_VIEW_FULL) event = std::move(*record.mutable_event());
    event.set_revision(revision);
    *event.mutable_record_time() = ToProto(absl::FromUnixMicros(record.record_time_us()));
    domain::PresentEvent(*changed.dossier, event);
    changes.events.push_back(std::move(event));
  }
  return changes;
}

// --- Answering -------------------------------------------------------------------------------------------------------

// Entries that were recorded and are worth a second look. Computed from the dossier after the command, and not stored.
void AddWarnings(const domain::Catalogue& catalogue, const v1::Dossier& dossier, v1::Dossier& shown) {
  for (std::string& warning : ApplicantWarnings(dossier.request().applicant())) {
    shown.add_warnings(std::move(warning));
  }
  const auto procedure = catalogue.ProcedureVersion(dossier.request().procedure(), dossier.terms().procedure_version());
  if (procedure != nullptr && !procedure->reviewed()) {
    shown.add_warnings("Thời hạn của thủ tục này chưa được rà soát; hãy đối chiếu quyết định công bố");
  }
}

// A trial issues nothing: a client must not show a name, code, etag or revision that will never exist.
void ClearIssued(v1::Event& event) {
  event.clear_name();
  event.clear_revision();
  if (event.has_accepted()) event.mutable_accepted()->clear_code();
  if (event.has_submitted()) event.mutable_submitted()->clear_code();
  if (event.has_intake_refused()) event.mutable_intake_refused()->clear_code();
}

void ClearIssued(bool is_new, v1::Dossier& dossier) {
  // Of a new dossier, the submission code is among the aliases too; the others are those of the request.
  if (is_new && !dossier.submission_code().empty()) {
    auto& aliases = *dossier.mutable_aliases();
    aliases.erase(std::remove(aliases.begin(), aliases.end(), dossier.submission_code()), aliases.end());
  }
  dossier.clear_name();
  dossier.clear_code();
  dossier.clear_submission_code();
  dossier.clear_etag();
  dossier.clear_revision();
  dossier.clear_due_revision();
}

// How the answer to one command shows what it did.
struct Presenter {
  const CommitScope& scope;
  v1::DossierView view;
  bool validate_only;

  v1::Event Show(v1::Event event) const {
    if (validate_only) ClearIssued(event);
    return event;
  }

  v1::Dossier Show(const Changes::Changed& changed) const {
    const v1::Dossier& dossier = *changed.dossier;
    // The timeliness needs waits and steps, so that the view is applied after it.
    v1::Dossier shown = view == v1::DOSSIER_VIEW_REFERENCE ? ReferenceOf(dossier) : dossier;
    domain::SetEtag(shown);
    if (view != v1::DOSSIER_VIEW_REFERENCE) {
      domain::Present(scope.catalogue(), shown);
      *shown.mutable_timeliness() = domain::Evaluate(scope.catalogue(), dossier, scope.now());
    }
    if (changed.names_applicant) AddWarnings(scope.catalogue(), dossier, shown);
    ApplyView(view, shown);
    if (validate_only) ClearIssued(changed.revision_before == 0, shown);
    return shown;
  }
};

// Carries a command out, or replays it; `answer` makes the response of what it did.
template <typename Response, typename Command>
absl::StatusOr<Response> Run(CommitScope& scope, Command& command,
                             Response (*answer)(const Presenter& presenter, Changes& changes)) {
  const Presenter presenter{.scope = scope, .view = command.view, .validate_only = command.validate_only};
  const auto respond = [&](absl::StatusOr<Changes> changes) -> absl::StatusOr<Response> {
    if (!changes.ok()) return changes.status();
    Response response = answer(presenter, *changes);
    // Within the command, so that an answer that can't be sent refuses the write.
    TTHC_RETURN_IF_ERROR(CheckAnswerSize(response));
    return response;
  };
  return RunOnce<Response>(
      scope, command.request_id, command.content_hash, [&](CommitScope&) { return respond(Decide(scope, command)); },
      [&](CommitScope&, int64_t first_revision, int32_t count) {
        return respond(Replay(scope, command.view, first_revision, count));
      });
}

// Where the dossier stands after the command, and nothing to copy: bulk imports send tens of thousands a second.
v1::StreamAppendResponse AnswerStream(const Presenter& presenter, Changes& changes) {
  v1::StreamAppendResponse response;
  if (presenter.validate_only) return response;
  const v1::Dossier& dossier = *changes.dossiers.back().dossier;
  response.set_dossier(dossier.name());
  response.set_code(dossier.code());
  response.set_revision(dossier.revision());
  response.set_etag(domain::EtagOf(dossier));
  return response;
}

}  // namespace

absl::StatusOr<CreateCommand> PrepareCreate(const RequestContext& context, const v1::CreateDossierRequest& request) {
  TTHC_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  if (request.events().empty() || request.events_size() > static_cast<int>(limits::kEventsPerCreateMax)) {
    return InvalidField("events", absl::StrCat("must be 1 to ", limits::kEventsPerCreateMax, " events"),
                        absl::StrCat("phải có từ 1 đến ", limits::kEventsPerCreateMax, " sự kiện"));
  }
  auto command = Begin<CreateCommand>(context, request);
  for (int i = 0; i < request.events_size(); ++i) {
    command.events.push_back(request.events(i));
    const absl::Status normal = NormalizeEvent(command.events.back());
    if (!normal.ok()) return RebaseFields("event", absl::StrCat("events[", i, "]"), normal);
  }
  return command;
}

absl::StatusOr<v1::CreateDossierResponse> RunCreate(CommitScope& scope, CreateCommand& command) {
  return Run<v1::CreateDossierResponse>(
      scope, command, +[](const Presenter& presenter, Changes& changes) {
        v1::CreateDossierResponse response;
        *response.mutable_dossier() = presenter.Show(changes.dossiers.back());
        for (v1::Event& event : changes.events) *response.add_events() = presenter.Show(std::move(event));
        return response;
      });
}

absl::StatusOr<AppendCommand> PrepareAppend(const RequestContext& context, const v1::AppendEventRequest& request) {
  TTHC_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  TTHC_ASSIGN_OR_RETURN(AppendItem item, PrepareItem(request));
  auto command = Begin<AppendCommand>(context, request);
  command.items.push_back(std::move(item));
  return command;
}

absl::StatusOr<v1::AppendEventResponse> RunAppend(CommitScope& scope, AppendCommand& command) {
  return Run<v1::AppendEventResponse>(
      scope, command, +[](const Presenter& presenter, Changes& changes) {
        v1::AppendEventResponse response;
        *response.mutable_event() = presenter.Show(std::move(changes.events.back()));
        *response.mutable_dossier() = presenter.Show(changes.dossiers.back());
        return response;
      });
}

absl::StatusOr<AppendCommand> PrepareBatchAppend(const RequestContext& context,
                                                 const v1::BatchAppendEventsRequest& request) {
  TTHC_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  if (request.requests().empty() || request.requests_size() > static_cast<int>(limits::kEventsPerBatchMax)) {
    return InvalidField("requests", absl::StrCat("must be 1 to ", limits::kEventsPerBatchMax),
                        absl::StrCat("phải có từ 1 đến ", limits::kEventsPerBatchMax, " sự kiện"));
  }
  auto command = Begin<AppendCommand>(context, request);
  command.is_batch = true;
  for (int i = 0; i < request.requests_size(); ++i) {
    const std::string path = absl::StrCat("requests[", i, "]");
    const absl::Status checked = CheckBatchItem(request.requests(i));
    if (!checked.ok()) return PrefixFields(path, checked);
    absl::StatusOr<AppendItem> item = PrepareItem(request.requests(i));
    if (!item.ok()) return PrefixFields(path, item.status());
    command.items.push_back(*std::move(item));
  }
  return command;
}

absl::StatusOr<v1::BatchAppendEventsResponse> RunBatchAppend(CommitScope& scope, AppendCommand& command) {
  return Run<v1::BatchAppendEventsResponse>(
      scope, command, +[](const Presenter& presenter, Changes& changes) {
        v1::BatchAppendEventsResponse response;
        for (v1::Event& event : changes.events) *response.add_events() = presenter.Show(std::move(event));
        for (const Changes::Changed& changed : changes.dossiers) *response.add_dossiers() = presenter.Show(changed);
        return response;
      });
}

absl::StatusOr<StreamCommand> PrepareStreamAppend(const RequestContext& context,
                                                  const v1::StreamAppendRequest& request) {
  StreamCommand prepared;
  switch (request.command_case()) {
    case v1::StreamAppendRequest::kCreate: {
      TTHC_ASSIGN_OR_RETURN(CreateCommand command, PrepareCreate(context, request.create()));
      prepared.validate_only = command.validate_only;
      prepared.command = std::move(command);
      break;
    }
    case v1::StreamAppendRequest::kAppend: {
      TTHC_ASSIGN_OR_RETURN(AppendCommand command, PrepareAppend(context, request.append()));
      prepared.validate_only = command.validate_only;
      prepared.command = std::move(command);
      break;
    }
    case v1::StreamAppendRequest::COMMAND_NOT_SET:
      return InvalidField("command", "is required: create or append", "phải có lệnh: tạo hồ sơ hoặc ghi sự kiện");
  }
  // An acknowledgment shows no dossier, so that nothing is copied for it.
  std::visit([](auto& command) { command.view = v1::DOSSIER_VIEW_REFERENCE; }, prepared.command);
  return prepared;
}

absl::StatusOr<v1::StreamAppendResponse> RunStreamAppend(CommitScope& scope, StreamCommand& command) {
  return std::visit([&](auto& one) { return Run<v1::StreamAppendResponse>(scope, one, &AnswerStream); },
                    command.command);
}

}  // namespace tthc::server
