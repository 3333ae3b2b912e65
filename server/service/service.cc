#include "server/service/service.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/domain/due.h"
#include "server/domain/timeliness.h"
#include "server/service/catalogue_commands.h"
#include "server/service/catalogue_queries.h"
#include "server/service/commit_pipeline.h"
#include "server/service/dossier_commands.h"
#include "server/service/dossier_queries.h"
#include "server/service/due_time_queries.h"
#include "server/service/event_check.h"
#include "server/service/fact_index.h"
#include "server/service/fact_upgrade.h"
#include "server/service/page_token.h"
#include "server/service/recompute.h"
#include "server/service/service_errors.h"
#include "server/service/service_impl.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

absl::StatusOr<std::shared_ptr<const Catalogue>> LoadCatalogue(const storage::StoreReader& reader) {
  auto catalogue = std::make_shared<Catalogue>();
  absl::Status failed;
  TTHC_RETURN_IF_ERROR(reader.ScanCatalogue([&](const storage::v1::LogRecord& record) {
    if (failed.ok()) failed = catalogue->Add(record);
  }));
  TTHC_RETURN_IF_ERROR(failed);
  return std::shared_ptr<const Catalogue>(std::move(catalogue));
}

}  // namespace

Service::Service(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Service::~Service() {
  if (impl_ == nullptr) return;
  impl_->Shutdown();
  impl_->SaveFacts();
}

absl::StatusOr<std::unique_ptr<Service>> Service::Open(std::unique_ptr<storage::Store> store, const Options& options) {
  TTHC_ASSIGN_OR_RETURN(auto catalogue, LoadCatalogue(store->Read()));
  TTHC_RETURN_IF_ERROR(UpgradeFacts(*store, *catalogue));
  auto impl = std::make_unique<Impl>(std::move(store), options, std::move(catalogue));
  TTHC_RETURN_IF_ERROR(impl->Start(options));
  return std::unique_ptr<Service>(new Service(std::move(impl)));
}

void Service::Shutdown() { impl_->Shutdown(); }

bool Service::IsWritable() const { return impl_->pipeline_->is_writable(); }

// --- DossierService --------------------------------------------------------------------------------------------------

namespace {

absl::StatusOr<CreateCommand> ToCommand(const RequestContext& context, const v1::CreateDossierRequest& request) {
  TTHC_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  if (request.events().empty() || request.events_size() > static_cast<int>(limits::kEventsPerCreateMax)) {
    return InvalidField("events", absl::StrCat("must be 1 to ", limits::kEventsPerCreateMax, " events"),
                        absl::StrCat("phải có từ 1 đến ", limits::kEventsPerCreateMax, " sự kiện"));
  }
  CreateCommand command{.events = {},
                        .actor = context.caller.actor,
                        .request_id = request.request_id(),
                        .content_hash = request.request_id().empty() ? 0 : HashContent(request)};
  for (int i = 0; i < request.events_size(); ++i) {
    command.events.push_back(request.events(i));
    const absl::Status normal = NormalizeEvent(command.events.back());
    if (!normal.ok()) return RebaseFields("event", absl::StrCat("events[", i, "]"), normal);
  }
  return command;
}

absl::StatusOr<AppendItem> ToItem(const v1::AppendEventRequest& request) {
  TTHC_RETURN_IF_ERROR(CheckText("parent", request.parent(), {.bytes_max = limits::kResourceNameBytesMax}));
  AppendItem item{.parent = request.parent(), .number = 0, .event = request.event(), .etag = request.etag()};
  TTHC_RETURN_IF_ERROR(NormalizeEvent(item.event));
  return item;
}

absl::StatusOr<AppendCommand> ToCommand(const RequestContext& context, const v1::AppendEventRequest& request) {
  TTHC_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  TTHC_ASSIGN_OR_RETURN(AppendItem item, ToItem(request));
  AppendCommand command{.items = {},
                        .actor = context.caller.actor,
                        .request_id = request.request_id(),
                        .content_hash = request.request_id().empty() ? 0 : HashContent(request)};
  command.items.push_back(std::move(item));
  return command;
}

absl::StatusOr<AppendCommand> ToCommand(const RequestContext& context, const v1::BatchAppendEventsRequest& request) {
  TTHC_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  if (request.requests().empty() || request.requests_size() > static_cast<int>(limits::kEventsPerBatchMax)) {
    return InvalidField("requests", absl::StrCat("must be 1 to ", limits::kEventsPerBatchMax),
                        absl::StrCat("phải có từ 1 đến ", limits::kEventsPerBatchMax, " sự kiện"));
  }
  AppendCommand command{.items = {},
                        .actor = context.caller.actor,
                        .request_id = request.request_id(),
                        .content_hash = request.request_id().empty() ? 0 : HashContent(request),
                        .is_batch = true};
  for (int i = 0; i < request.requests_size(); ++i) {
    const std::string path = absl::StrCat("requests[", i, "]");
    const v1::AppendEventRequest& one = request.requests(i);
    if (!one.request_id().empty() || one.validate_only()) {
      return InvalidField(absl::StrCat(path, ".request_id"), "belongs to the whole batch", "chỉ đặt cho cả lô");
    }
    absl::StatusOr<AppendItem> item = ToItem(one);
    if (!item.ok()) return PrefixFields(path, item.status());
    command.items.push_back(*std::move(item));
  }
  return command;
}

// Numbers the dossiers that an append names by code or alias. False if some other name is left, which only the index
// can tell for a tail of a code, and the command was not carried out before, so that nothing is left to tell.
absl::StatusOr<bool> KnowsParents(const CommitScope& scope, AppendCommand& command) {
  bool known = true;
  for (AppendItem& item : command.items) {
    if (item.number != 0) continue;
    TTHC_ASSIGN_OR_RETURN(const auto number, scope.FindCode(std::string(absl::StripPrefix(item.parent, "dossiers/"))));
    known &= number.has_value();
    item.number = number.value_or(0);
  }
  if (known || command.request_id.empty()) return known;
  TTHC_ASSIGN_OR_RETURN(const auto request, scope.FindRequest(command.request_id));
  return request.has_value();
}

// A trial issues no code: whoever shows its answer must not show one.
void ForgetCodes(CommandOutcome& outcome) {
  outcome.dossier.clear_name();
  outcome.dossier.clear_code();
  outcome.dossier.clear_etag();
  for (v1::Event& event : outcome.events) {
    event.clear_name();
    event.clear_revision();
    if (event.has_accepted()) event.mutable_accepted()->clear_code();
    if (event.has_submitted()) event.mutable_submitted()->clear_code();
    if (event.has_intake_refused()) event.mutable_intake_refused()->clear_code();
  }
}

v1::Dossier TakeJudged(const CommitScope& scope, CommandOutcome& outcome) {
  *outcome.dossier.mutable_timeliness() = domain::Judge(scope.catalogue(), outcome.dossier, scope.now());
  return std::move(outcome.dossier);
}

}  // namespace

// Commands run once, so they are taken apart while they run.

template <typename T>
void Service::Impl::Create(const RequestContext& context, const v1::CreateDossierRequest& request, AnswerKind answer,
                           T (*make_answer)(const CommitScope&, CommandOutcome&), Reply<T> reply) {
  absl::StatusOr<CreateCommand> command = ToCommand(context, request);
  if (!command.ok()) return reply(command.status());
  command->answer = answer;
  Write<T>(
      context, request.validate_only(), request.ByteSizeLong(),
      [command = *std::move(command), make_answer, validate_only = request.validate_only()](
          CommitScope& scope) mutable -> absl::StatusOr<T> {
        TTHC_ASSIGN_OR_RETURN(CommandOutcome outcome, RunCreate(scope, command));
        if (validate_only) ForgetCodes(outcome);
        return make_answer(scope, outcome);
      },
      std::move(reply));
}

template <typename T, typename Request>
void Service::Impl::Append(const RequestContext& context, const Request& request, AnswerKind answer,
                           T (*make_answer)(const CommitScope&, CommandOutcome&), Reply<T> reply) {
  absl::StatusOr<AppendCommand> command = ToCommand(context, request);
  if (!command.ok()) return reply(command.status());
  command->answer = answer;
  auto pending = std::make_shared<PendingAppend<T>>();
  pending->command = *std::move(command);
  pending->validate_only = request.validate_only();
  pending->bytes = request.ByteSizeLong();
  pending->deadline = context.deadline;
  pending->make_answer = make_answer;
  pending->reply = std::move(reply);
  Submit(std::move(pending));
}

template <typename T>
void Service::Impl::Submit(std::shared_ptr<PendingAppend<T>> pending) {
  const absl::Status queued = pipeline_->Submit(
      {.run = [pending](CommitScope& scope) -> absl::Status {
         TTHC_ASSIGN_OR_RETURN(const bool known, KnowsParents(scope, pending->command));
         pending->has_tails = !known;
         if (pending->has_tails) return absl::OkStatus();
         TTHC_ASSIGN_OR_RETURN(CommandOutcome outcome, RunAppend(scope, pending->command));
         pending->answer = pending->make_answer(scope, outcome);
         return absl::OkStatus();
       },
       .done =
           [this, pending](const absl::Status& status) {
             if (!status.ok()) return pending->reply(status);
             if (!pending->has_tails) return pending->reply(std::move(pending->answer));
             const absl::Status posted = pool_.Post([this, pending] { ResolveTails(pending); });
             if (!posted.ok()) pending->reply(posted);
           },
       .validate_only = pending->validate_only,
       .bytes = pending->bytes,
       .deadline = pending->deadline});
  if (!queued.ok()) pending->reply(queued);
}

template <typename T>
void Service::Impl::ResolveTails(std::shared_ptr<PendingAppend<T>> pending) {
  const storage::StoreReader reader = store_->Read();
  std::vector<AppendItem>& items = pending->command.items;
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].number != 0) continue;
    const absl::StatusOr<int64_t> number = Queries().Resolve(reader, "parent", items[i].parent);
    if (!number.ok()) {
      return pending->reply(pending->command.is_batch ? PrefixFields(absl::StrCat("requests[", i, "]"), number.status())
                                                      : number.status());
    }
    items[i].number = *number;
  }
  Submit(std::move(pending));
}

void Service::CreateDossier(const RequestContext& context, const v1::CreateDossierRequest& request,
                            Reply<v1::CreateDossierResponse> reply) {
  impl_->Create<v1::CreateDossierResponse>(
      context, request, AnswerKind::kEventsAndDossier,
      [](const CommitScope& scope, CommandOutcome& outcome) {
        v1::CreateDossierResponse response;
        *response.mutable_dossier() = TakeJudged(scope, outcome);
        for (v1::Event& event : outcome.events) *response.add_events() = std::move(event);
        return response;
      },
      std::move(reply));
}

void Service::AppendEvent(const RequestContext& context, const v1::AppendEventRequest& request,
                          Reply<v1::AppendEventResponse> reply) {
  impl_->Append<v1::AppendEventResponse>(
      context, request, AnswerKind::kEventsAndDossier,
      [](const CommitScope& scope, CommandOutcome& outcome) {
        v1::AppendEventResponse response;
        *response.mutable_event() = std::move(outcome.events.back());
        *response.mutable_dossier() = TakeJudged(scope, outcome);
        return response;
      },
      std::move(reply));
}

void Service::BatchAppendEvents(const RequestContext& context, const v1::BatchAppendEventsRequest& request,
                                Reply<v1::BatchAppendEventsResponse> reply) {
  impl_->Append<v1::BatchAppendEventsResponse>(
      context, request, AnswerKind::kEvents,
      [](const CommitScope&, CommandOutcome& outcome) {
        v1::BatchAppendEventsResponse response;
        for (v1::Event& event : outcome.events) *response.add_events() = std::move(event);
        return response;
      },
      std::move(reply));
}

void Service::StreamAppend(const RequestContext& context, const v1::StreamAppendRequest& request,
                           Reply<v1::StreamAppendResponse> reply) {
  const auto make_ack = [](const CommitScope&, CommandOutcome& outcome) {
    v1::StreamAppendResponse response;
    response.set_dossier(std::move(outcome.dossier_name));
    response.set_revision(outcome.revision);
    return response;
  };
  const auto acknowledge = [sequence = request.sequence(),
                            reply = std::move(reply)](absl::StatusOr<v1::StreamAppendResponse> ack) {
    v1::StreamAppendResponse response;
    if (ack.ok()) {
      response = *std::move(ack);
    } else {
      *response.mutable_error() = ToRpcStatus(ack.status());
    }
    response.set_sequence(sequence);
    reply(std::move(response));
  };
  switch (request.command_case()) {
    case v1::StreamAppendRequest::kCreate:
      return impl_->Create<v1::StreamAppendResponse>(context, request.create(), AnswerKind::kRevision, make_ack,
                                                     acknowledge);
    case v1::StreamAppendRequest::kAppend:
      return impl_->Append<v1::StreamAppendResponse>(context, request.append(), AnswerKind::kRevision, make_ack,
                                                     acknowledge);
    case v1::StreamAppendRequest::COMMAND_NOT_SET:
      return acknowledge(
          InvalidField("command", "is required: create or append", "phải có lệnh: tạo hồ sơ hoặc ghi sự kiện"));
  }
}

void Service::GetDossier(const RequestContext& context, const v1::GetDossierRequest& request,
                         Reply<v1::Dossier> reply) {
  impl_->Read<v1::Dossier>(
      context, [impl = impl_.get(), request] { return impl->Queries().Get(request, impl->Now()); }, std::move(reply));
}

void Service::ListDossiers(const RequestContext& context, const v1::ListDossiersRequest& request,
                           Reply<v1::ListDossiersResponse> reply) {
  impl_->Read<v1::ListDossiersResponse>(
      context, [impl = impl_.get(), request] { return impl->Queries().List(request, impl->Now()); }, std::move(reply));
}

void Service::BatchGetDossiers(const RequestContext& context, const v1::BatchGetDossiersRequest& request,
                               Reply<v1::BatchGetDossiersResponse> reply) {
  impl_->Read<v1::BatchGetDossiersResponse>(
      context, [impl = impl_.get(), request] { return impl->Queries().BatchGet(request, impl->Now()); },
      std::move(reply));
}

void Service::ListEvents(const RequestContext& context, const v1::ListEventsRequest& request,
                         Reply<v1::ListEventsResponse> reply) {
  impl_->Read<v1::ListEventsResponse>(
      context, [impl = impl_.get(), request] { return impl->Queries().ListEvents(request); }, std::move(reply));
}

// --- CatalogueService ------------------------------------------------------------------------------------------------

void Service::GetProcedure(const RequestContext&, const v1::GetProcedureRequest& request, Reply<v1::Procedure> reply) {
  reply(server::GetProcedure(*impl_->catalogue_.Get(), request, impl_->Now()));
}

void Service::ListProcedures(const RequestContext& context, const v1::ListProceduresRequest& request,
                             Reply<v1::ListProceduresResponse> reply) {
  // Folds every name for a query: no work for a thread of the wire's.
  impl_->Read<v1::ListProceduresResponse>(
      context,
      [impl = impl_.get(), request] { return server::ListProcedures(*impl->catalogue_.Get(), request, impl->Now()); },
      std::move(reply));
}

void Service::UpdateProcedure(const RequestContext& context, const v1::UpdateProcedureRequest& request,
                              Reply<v1::Procedure> reply) {
  if (const absl::Status status = CheckUpdateProcedure(request); !status.ok()) return reply(status);
  impl_->Write<v1::Procedure>(
      context, request.validate_only(), request.ByteSizeLong(),
      [request](CommitScope& scope) -> absl::StatusOr<v1::Procedure> {
        TTHC_ASSIGN_OR_RETURN(const v1::Procedure procedure, RunUpdateProcedure(scope, request.procedure()));
        return ShownProcedure(procedure);
      },
      std::move(reply));
}

void Service::ListOffices(const RequestContext&, const v1::ListOfficesRequest&, Reply<v1::ListOfficesResponse> reply) {
  const auto catalogue = impl_->catalogue_.Get();
  v1::ListOfficesResponse response;
  for (const auto& [name, office] : catalogue->offices()) *response.add_offices() = *office;
  for (const auto& [name, unit] : catalogue->units()) *response.add_units() = *unit;
  for (const auto& [name, officer] : catalogue->officers()) *response.add_officers() = *officer;
  reply(std::move(response));
}

void Service::UpdateOffices(const RequestContext& context, const v1::UpdateOfficesRequest& request,
                            Reply<v1::UpdateOfficesResponse> reply) {
  if (const absl::Status status = CheckUpdateOffices(request); !status.ok()) return reply(status);
  impl_->Write<v1::UpdateOfficesResponse>(
      context, request.validate_only(), request.ByteSizeLong(),
      [request](CommitScope& scope) { return RunUpdateOffices(scope, request); }, std::move(reply));
}

void Service::GetCalendar(const RequestContext&, const v1::GetCalendarRequest& request, Reply<v1::Calendar> reply) {
  reply(server::GetCalendar(*impl_->catalogue_.Get(), request));
}

void Service::ListCalendars(const RequestContext&, const v1::ListCalendarsRequest&,
                            Reply<v1::ListCalendarsResponse> reply) {
  const auto catalogue = impl_->catalogue_.Get();
  v1::ListCalendarsResponse response;
  const auto& calendars = catalogue->calendar_protos();
  for (auto it = calendars.rbegin(); it != calendars.rend(); ++it) *response.add_calendars() = *it->second;
  reply(std::move(response));
}

void Service::CreateCalendar(const RequestContext& context, const v1::CreateCalendarRequest& request,
                             Reply<v1::Calendar> reply) {
  const absl::Status description =
      CheckText("calendar.description", request.calendar().description(), {.bytes_max = limits::kShortTextBytesMax});
  if (!description.ok()) return reply(description);
  impl_->Write<v1::Calendar>(
      context, request.validate_only(), request.ByteSizeLong(),
      [request](CommitScope& scope) { return RunCreateCalendar(scope, request.calendar()); }, std::move(reply));
}

absl::StatusOr<std::unique_ptr<ServerStream<v1::RecomputeDueTimesResponse>>> Service::RecomputeDueTimes(
    const RequestContext& context, const v1::RecomputeDueTimesRequest& request) {
  TTHC_RETURN_IF_ERROR(
      CheckText("reason", request.reason(), {.bytes_max = limits::kLongTextBytesMax, .multi_line = true}));
  const auto catalogue = impl_->catalogue_.Get();
  v1::RecomputeDueTimesRequest resolved = request;
  if (resolved.calendar_version() == 0) resolved.set_calendar_version(catalogue->latest_calendar_version());
  TTHC_RETURN_IF_ERROR(domain::RequireCalendar(*catalogue, resolved.calendar_version()).status());
  return std::unique_ptr<ServerStream<v1::RecomputeDueTimesResponse>>(std::make_unique<RecomputeStream>(
      impl_->pipeline_.get(), impl_->index_.OpenDossiers(), std::move(resolved), context.caller.actor));
}

// --- DueTimeService --------------------------------------------------------------------------------------------------

void Service::PreviewDueTime(const RequestContext& context, const v1::PreviewDueTimeRequest& request,
                             Reply<v1::DueTimeExplanation> reply) {
  impl_->Read<v1::DueTimeExplanation>(
      context,
      [impl = impl_.get(), request]() -> absl::StatusOr<v1::DueTimeExplanation> {
        const auto explanation = server::PreviewDueTime(*impl->catalogue_.Get(), request, impl->Now());
        return explanation.ok() ? explanation : RebaseFields("request.", "", explanation.status());
      },
      std::move(reply));
}

void Service::ExplainDueTime(const RequestContext& context, const v1::ExplainDueTimeRequest& request,
                             Reply<v1::DueTimeExplanation> reply) {
  impl_->Read<v1::DueTimeExplanation>(
      context,
      [impl = impl_.get(), request]() -> absl::StatusOr<v1::DueTimeExplanation> {
        const storage::StoreReader reader = impl->store_->Read();
        TTHC_ASSIGN_OR_RETURN(const int64_t number, impl->Queries().Resolve(reader, "name", request.name()));
        TTHC_ASSIGN_OR_RETURN(const v1::Dossier dossier, impl->Queries().Load(reader, number));
        return ExplainDossier(*impl->catalogue_.Get(), dossier);
      },
      std::move(reply));
}

// --- ChangeService ---------------------------------------------------------------------------------------------------

void Service::ListChanges(const RequestContext& context, const v1::ListChangesRequest& request,
                          Reply<v1::ListChangesResponse> reply) {
  impl_->Read<v1::ListChangesResponse>(
      context, [impl = impl_.get(), request] { return impl->feed_->List(request); }, std::move(reply));
}

absl::StatusOr<std::unique_ptr<ServerStream<v1::WatchChangesResponse>>> Service::WatchChanges(
    const RequestContext&, const v1::WatchChangesRequest& request) {
  return impl_->feed_->Watch(request);
}

void Service::CompactChanges(const RequestContext& context, const v1::CompactChangesRequest& request,
                             Reply<v1::CompactChangesResponse> reply) {
  impl_->Write<v1::CompactChangesResponse>(
      context, false, 0,
      [impl = impl_.get(), request](CommitScope& scope) -> absl::StatusOr<v1::CompactChangesResponse> {
        const int64_t max = scope.head().revision() + 1;
        if (request.revision() < 0 || request.revision() > max) {
          return InvalidField("revision", absl::StrCat("must be 0 to ", max), absl::StrCat("phải từ 0 đến ", max));
        }
        // The floor only rises.
        const int64_t oldest = std::max(request.revision(), scope.head().oldest_revision());
        if (oldest > scope.head().oldest_revision()) {
          const absl::Status waits = CheckCompaction(impl->mirror_.Targets(), oldest, scope.head().revision());
          if (!waits.ok()) return waits;
        }
        scope.SetOldestRevision(oldest);
        v1::CompactChangesResponse response;
        response.set_oldest_revision(oldest);
        return response;
      },
      std::move(reply));
}

// --- ReportService ---------------------------------------------------------------------------------------------------

void Service::ListLateDossiers(const RequestContext& context, const v1::ListLateDossiersRequest& request,
                               Reply<v1::ListLateDossiersResponse> reply) {
  impl_->Read<v1::ListLateDossiersResponse>(
      context, [impl = impl_.get(), request] { return impl->Queries().ListLate(request, impl->Now()); },
      std::move(reply));
}

void Service::ListDueSoonDossiers(const RequestContext& context, const v1::ListDueSoonDossiersRequest& request,
                                  Reply<v1::ListDueSoonDossiersResponse> reply) {
  impl_->Read<v1::ListDueSoonDossiersResponse>(
      context, [impl = impl_.get(), request] { return impl->Queries().ListDueSoon(request, impl->Now()); },
      std::move(reply));
}

void Service::SummarizeTimeliness(const RequestContext& context, const v1::SummarizeTimelinessRequest& request,
                                  Reply<v1::TimelinessSummary> reply) {
  impl_->Report<v1::TimelinessSummary>(
      context, [impl = impl_.get(), request] { return impl->Queries().Summarize(request, impl->Now()); },
      std::move(reply));
}

}  // namespace tthc::server
