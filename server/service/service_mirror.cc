#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/service/mirror_commands.h"
#include "server/service/mirror_queries.h"
#include "server/service/service_impl.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/log.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

// Service's methods of MirrorService.
namespace tthc::server {
namespace {

// What a status or a field was missing for may be there in another profile.
const std::vector<std::string>& ReasonsOfProfile() {
  static const auto* const reasons = new std::vector<std::string>{"STATUS_UNMAPPED", "FIELD_MISSING"};
  return *reasons;
}

// For commands that answer with nothing of their own.
struct Done {};

absl::StatusOr<Done> ToDone(const absl::Status& status) {
  if (!status.ok()) return status;
  return Done{};
}

absl::StatusOr<size_t> RetryCount(const v1::RetryMirrorItemsRequest& request) {
  constexpr auto kMax = static_cast<int>(limits::kMirrorRetryPortion);
  if (request.dossiers_size() > kMax) {
    return InvalidField("dossiers", absl::StrCat("at most ", kMax, " at once"),
                        absl::StrCat("tối đa ", kMax, " hồ sơ một lần"));
  }
  if (request.count_max() < 0) return InvalidField("count_max", "must not be negative", "không được âm");
  return static_cast<size_t>(request.count_max() == 0 ? kMax : std::min(request.count_max(), kMax));
}

absl::Status CheckRetry(const v1::RetryMirrorItemsRequest& request) {
  TTHC_RETURN_IF_ERROR(CheckText("reason", request.reason(),
                                 {.bytes_max = limits::kLongTextBytesMax, .multi_line = true}));
  const bool chosen = !request.dossiers().empty();
  if (!chosen && request.forget_record()) {
    return InvalidField("forget_record", "needs dossiers", "chỉ dùng khi nêu rõ hồ sơ");
  }
  if (request.forget_steps() && !request.forget_record()) {
    return InvalidField("forget_steps", "needs forget_record", "chỉ dùng cùng forget_record");
  }
  if (chosen && !request.error_reason().empty()) {
    return InvalidField("error_reason", "is for calls without dossiers", "chỉ dùng khi không nêu hồ sơ");
  }
  return RetryCount(request).status();
}

}  // namespace

void Service::ListMirrorTargets(const RequestContext& context, const v1::ListMirrorTargetsRequest& request,
                                Reply<v1::ListMirrorTargetsResponse> reply) {
  impl_->Read<v1::ListMirrorTargetsResponse>(
      context, [impl = impl_.get(), request] { return impl->Mirror().ListTargets(request, impl->Now()); },
      std::move(reply));
}

void Service::GetMirrorTarget(const RequestContext& context, const v1::GetMirrorTargetRequest& request,
                              Reply<v1::MirrorTarget> reply) {
  impl_->Read<v1::MirrorTarget>(
      context,
      [impl = impl_.get(), request]() -> absl::StatusOr<v1::MirrorTarget> {
        // What was settled since the last renewal shows at once. If it can't be read, the rest shows all the same.
        TTHC_ASSIGN_OR_RETURN(const MirrorIndex::Target target, impl->Mirror().FindTarget(request.name()));
        AdvancePosition(*impl->store_, target, impl->mirror_).IgnoreError();
        return impl->Mirror().GetTarget(request.name(), impl->Now());
      },
      std::move(reply));
}

void Service::UpdateMirrorTarget(const RequestContext& context, const v1::UpdateMirrorTargetRequest& request,
                                 Reply<v1::MirrorTarget> reply) {
  if (const absl::Status status = CheckUpdateTarget(request); !status.ok()) return reply(status);
  impl_->WriteThenRead<Done, v1::MirrorTarget>(
      context, request.ByteSizeLong(),
      [request](CommitScope& scope) { return ToDone(RunUpdateTarget(scope, request)); },
      [impl = impl_.get(), name = request.name()](const Done&) { return impl->Mirror().GetTarget(name, impl->Now()); },
      std::move(reply));
}

void Service::AcquireMirrorTarget(const RequestContext& context, const v1::AcquireMirrorTargetRequest& request,
                                  Reply<v1::AcquireMirrorTargetResponse> reply) {
  if (const absl::Status status = CheckAcquire(request); !status.ok()) return reply(status);
  Impl* const impl = impl_.get();
  const auto shared_reply = std::make_shared<Reply<v1::AcquireMirrorTargetResponse>>(std::move(reply));
  const auto answer = [shared_reply](absl::StatusOr<v1::AcquireMirrorTargetResponse> response) {
    (*shared_reply)(std::move(response));
  };
  // Looking for the first dossier goes over all of them: no work for the writer.
  impl->Read<int64_t>(
      context,
      [impl, request]() -> absl::StatusOr<int64_t> { return impl->Mirror().FirstNumberFrom(request.start_date()); },
      [impl, context, request, answer](absl::StatusOr<int64_t> first) {
        if (!first.ok()) return answer(first.status());
        impl->WriteThenRead<AcquireOutcome, v1::AcquireMirrorTargetResponse>(
            context, request.ByteSizeLong(),
            [impl, request, first = *first](CommitScope& scope) {
              return RunAcquire(scope, request, first, impl->MirrorPosition(request.name()));
            },
            [impl, request](const AcquireOutcome& outcome) -> absl::StatusOr<v1::AcquireMirrorTargetResponse> {
              v1::AcquireMirrorTargetResponse response;
              response.set_clean(outcome.clean);
              response.set_head_revision(outcome.head_revision);
              TTHC_ASSIGN_OR_RETURN(*response.mutable_target(), impl->Mirror().GetTarget(request.name(), impl->Now()));
              impl->ScheduleAdvance(request.name());
              if (outcome.profile_changed) {
                TTHC_ASSIGN_OR_RETURN(const std::string id, MirrorTargetId(request.name()));
                impl->Requeue(id, outcome.fence, request.profile_digest(), 0);
              }
              return response;
            },
            answer);
      });
}

// On the read pool. A server that stops in between leaves the digest as it was: the next acquisition begins anew.
void Service::Impl::Requeue(const std::string& target_id, int64_t fence, const std::string& profile_digest,
                            int64_t after_number) {
  const auto target = mirror_.Find(target_id);
  if (!target.has_value()) return;
  const absl::StatusOr<std::vector<int64_t>> numbers =
      Mirror().ListParked(*target, ReasonsOfProfile(), after_number, limits::kMirrorRetryPortion);
  const auto give_up = [target_id](const absl::Status& status) {
    Log(LogLevel::kWarning, "mirror_requeue_ended", {{"target", target_id}, {"reason", ErrorReason(status)}});
  };
  if (!numbers.ok()) return give_up(numbers.status());
  const bool is_last = numbers->size() < limits::kMirrorRetryPortion;
  const int64_t last = numbers->empty() ? after_number : numbers->back();
  RetryCommand command{.target_id = target_id,
                       .numbers = *numbers,
                       .parked_only = true,
                       .error_reasons = ReasonsOfProfile(),
                       .decision = {.actor = "tthcd", .reason = "hồ sơ cấu hình đã thay đổi (profile changed)"}};
  Write<Done>(
      {}, false, numbers->size() * sizeof(int64_t),
      [command = std::move(command), fence, profile_digest, is_last](CommitScope& scope) -> absl::StatusOr<Done> {
        TTHC_RETURN_IF_ERROR(RunRequeue(scope, command, fence).status());
        if (!is_last) return Done{};
        return ToDone(RunKeepProfile(scope, command.target_id, fence, profile_digest));
      },
      [this, target_id, fence, profile_digest, is_last, last, give_up](absl::StatusOr<Done> done) {
        if (!done.ok()) return give_up(done.status());
        if (is_last) return;
        const absl::Status posted = pool_.Post(
            [this, target_id, fence, profile_digest, last] { Requeue(target_id, fence, profile_digest, last); });
        if (!posted.ok()) give_up(posted);
      });
}

void Service::RenewMirrorTarget(const RequestContext& context, const v1::RenewMirrorTargetRequest& request,
                                Reply<v1::RenewMirrorTargetResponse> reply) {
  Impl* const impl = impl_.get();
  const absl::StatusOr<MirrorIndex::Target> target = impl->Mirror().FindTarget(request.name());
  if (!target.ok()) return reply(target.status());
  const absl::Status fenced = CheckMirrorFence(target->id, target->record, request.fence());
  if (!fenced.ok()) return reply(fenced);
  if (const auto& error = request.condition().error(); error.size() > limits::kMirrorErrorBytesMax) {
    return reply(InvalidField("condition.error", absl::StrCat("at most ", limits::kMirrorErrorBytesMax, " bytes"),
                              absl::StrCat("tối đa ", limits::kMirrorErrorBytesMax, " byte")));
  }
  if (request.has_condition()) impl->mirror_.SetCondition(target->id, request.fence(), request.condition());
  impl->ScheduleAdvance(request.name());
  const auto answer = [impl, name = request.name()]() -> absl::StatusOr<v1::RenewMirrorTargetResponse> {
    TTHC_ASSIGN_OR_RETURN(const MirrorIndex::Target now, impl->Mirror().FindTarget(name));
    v1::RenewMirrorTargetResponse response;
    response.mutable_lease()->set_holder(now.record.lease_holder());
    response.mutable_lease()->set_fence(now.record.fence());
    *response.mutable_lease()->mutable_expire_time() =
        ToProto(absl::FromUnixMicros(now.record.lease_expire_time_us()));
    response.set_paused(now.record.paused() || now.record.retired());
    response.set_pending(now.counts.pending);
    return response;
  };
  // The holder counts on a whole lease from now on. As long as so much is left there is nothing to write.
  const absl::Duration left = absl::FromUnixMicros(target->record.lease_expire_time_us()) - impl->Now();
  if (left >= absl::Microseconds(target->record.lease_duration_us())) return reply(answer());
  const auto shared_reply = std::make_shared<Reply<v1::RenewMirrorTargetResponse>>(std::move(reply));
  impl->Write<Done>(
      context, false, request.ByteSizeLong(),
      [impl, request](CommitScope& scope) {
        return ToDone(RunRenew(scope, request, impl->MirrorPosition(request.name())));
      },
      [answer, shared_reply](absl::StatusOr<Done> done) {
        if (!done.ok()) return (*shared_reply)(done.status());
        (*shared_reply)(answer());
      });
}

void Service::ReleaseMirrorTarget(const RequestContext& context, const v1::ReleaseMirrorTargetRequest& request,
                                  Reply<v1::ReleaseMirrorTargetResponse> reply) {
  impl_->Write<v1::ReleaseMirrorTargetResponse>(
      context, false, request.ByteSizeLong(),
      [impl = impl_.get(), request](CommitScope& scope) -> absl::StatusOr<v1::ReleaseMirrorTargetResponse> {
        TTHC_RETURN_IF_ERROR(RunRelease(scope, request, impl->MirrorPosition(request.name())));
        return v1::ReleaseMirrorTargetResponse();
      },
      std::move(reply));
}

void Service::ListMirrorDeliveries(const RequestContext& context, const v1::ListMirrorDeliveriesRequest& request,
                                   Reply<v1::ListMirrorDeliveriesResponse> reply) {
  impl_->Read<v1::ListMirrorDeliveriesResponse>(
      context, [impl = impl_.get(), request] { return impl->Mirror().ListDeliveries(request); }, std::move(reply));
}

void Service::RecordMirrorOutcomes(const RequestContext& context, const v1::RecordMirrorOutcomesRequest& request,
                                   Reply<v1::RecordMirrorOutcomesResponse> reply) {
  v1::RecordMirrorOutcomesRequest normal = request;
  if (const absl::Status status = NormalizeOutcomes(normal); !status.ok()) return reply(status);
  const size_t bytes = normal.ByteSizeLong();
  impl_->Write<v1::RecordMirrorOutcomesResponse>(
      context, false, bytes,
      [impl = impl_.get(), normal = std::move(normal)](CommitScope& scope) {
        return RunRecordOutcomes(scope, normal, impl->MirrorPosition(normal.name()));
      },
      [impl = impl_.get(), name = request.name(),
       reply = std::move(reply)](absl::StatusOr<v1::RecordMirrorOutcomesResponse> response) {
        if (response.ok()) impl->ScheduleAdvance(name);
        reply(std::move(response));
      });
}

void Service::ListMirrorItems(const RequestContext& context, const v1::ListMirrorItemsRequest& request,
                              Reply<v1::ListMirrorItemsResponse> reply) {
  impl_->Read<v1::ListMirrorItemsResponse>(
      context, [impl = impl_.get(), request] { return impl->Mirror().ListItems(request); }, std::move(reply));
}

void Service::GetMirrorItems(const RequestContext& context, const v1::GetMirrorItemsRequest& request,
                             Reply<v1::GetMirrorItemsResponse> reply) {
  impl_->Read<v1::GetMirrorItemsResponse>(
      context,
      [impl = impl_.get(), request, actor = context.caller.actor]() -> absl::StatusOr<v1::GetMirrorItemsResponse> {
        if (request.view() == v1::MIRROR_EXCHANGE_VIEW_RAW) {
          // By number: a code leads to a person.
          TTHC_ASSIGN_OR_RETURN(const int64_t number, impl->Mirror().Resolve("dossier", request.dossier()));
          Log(LogLevel::kInfo, "mirror_raw_view",
              {{"caller", actor}, {"dossier_number", absl::StrCat(number)}});
        }
        return impl->Mirror().GetItems(request);
      },
      std::move(reply));
}

void Service::RetryMirrorItems(const RequestContext& context, const v1::RetryMirrorItemsRequest& request,
                               Reply<v1::RetryMirrorItemsResponse> reply) {
  if (const absl::Status status = CheckRetry(request); !status.ok()) return reply(status);
  Impl* const impl = impl_.get();
  const auto shared_reply = std::make_shared<Reply<v1::RetryMirrorItemsResponse>>(std::move(reply));
  const auto answer = [shared_reply](absl::StatusOr<v1::RetryMirrorItemsResponse> response) {
    (*shared_reply)(std::move(response));
  };
  // Names are looked up, and parked ones found, on the read pool; the writer then looks at each once more.
  impl->Read<RetryCommand>(
      context,
      [impl, request, actor = context.caller.actor]() -> absl::StatusOr<RetryCommand> {
        TTHC_ASSIGN_OR_RETURN(const MirrorIndex::Target target, impl->Mirror().FindTarget(request.name()));
        RetryCommand command{.target_id = target.id,
                             .numbers = {},
                             .parked_only = request.dossiers().empty(),
                             .forget_record = request.forget_record(),
                             .forget_steps = request.forget_steps(),
                             .decision = {.actor = actor, .reason = request.reason()}};
        if (!request.error_reason().empty()) command.error_reasons.push_back(request.error_reason());
        if (!command.parked_only) {
          TTHC_ASSIGN_OR_RETURN(command.numbers,
                                impl->Mirror().Resolve({request.dossiers().begin(), request.dossiers().end()}));
          return command;
        }
        TTHC_ASSIGN_OR_RETURN(const size_t count, RetryCount(request));
        TTHC_ASSIGN_OR_RETURN(command.numbers, impl->Mirror().ListParked(target, command.error_reasons, 0, count));
        return command;
      },
      [impl, context, answer, name = request.name()](absl::StatusOr<RetryCommand> command) {
        if (!command.ok()) return answer(command.status());
        impl->WriteThenRead<int64_t, v1::RetryMirrorItemsResponse>(
            context, command->numbers.size() * sizeof(int64_t),
            [command = *command](CommitScope& scope) { return RunRetry(scope, command); },
            [impl, name](const int64_t& retried) -> absl::StatusOr<v1::RetryMirrorItemsResponse> {
              TTHC_ASSIGN_OR_RETURN(const MirrorIndex::Target target, impl->Mirror().FindTarget(name));
              v1::RetryMirrorItemsResponse response;
              response.set_retried(retried);
              response.set_parked(target.counts.parked);
              return response;
            },
            answer);
      });
}

void Service::SkipMirrorItem(const RequestContext& context, const v1::SkipMirrorItemRequest& request,
                             Reply<v1::MirrorItem> reply) {
  Impl* const impl = impl_.get();
  const auto shared_reply = std::make_shared<Reply<v1::MirrorItem>>(std::move(reply));
  const auto answer = [shared_reply](absl::StatusOr<v1::MirrorItem> item) { (*shared_reply)(std::move(item)); };
  impl->Read<int64_t>(
      context,
      [impl, request]() -> absl::StatusOr<int64_t> {
        TTHC_RETURN_IF_ERROR(impl->Mirror().FindTarget(request.name()).status());
        return impl->Mirror().Resolve("dossier", request.dossier());
      },
      [impl, context, request, answer](absl::StatusOr<int64_t> number) {
        if (!number.ok()) return answer(number.status());
        impl->WriteThenRead<int64_t, v1::MirrorItem>(
            context, request.ByteSizeLong(),
            [request, number = *number, actor = context.caller.actor](CommitScope& scope) -> absl::StatusOr<int64_t> {
              TTHC_ASSIGN_OR_RETURN(const std::string id, MirrorTargetId(request.name()));
              TTHC_RETURN_IF_ERROR(RunSkip(scope, id, number, {.actor = actor, .reason = request.reason()}));
              return number;
            },
            [impl, name = request.name()](const int64_t& skipped) { return impl->Mirror().GetItem(name, skipped); },
            answer);
      });
}

}  // namespace tthc::server
