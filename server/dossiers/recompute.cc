#include "server/service/recompute.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/service/dossier_commands.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

std::string TimeOrEmpty(bool has, const google::protobuf::Timestamp& time) {
  return has ? FormatRfc3339(FromProto(time)) : "";
}

// Recomputes one dossier of a portion; what becomes of it goes into `response`. An error is of the store's, not of the
// dossier's.
absl::Status RecomputeOne(CommitScope& scope, int64_t number, const v1::RecomputeDueTimesRequest& request,
                          const std::string& actor, v1::RecomputeDueTimesResponse& response) {
  TTHC_ASSIGN_OR_RETURN(const DossierStatePtr state, scope.LoadDossier(number));
  response.set_checked_count(response.checked_count() + 1);
  const auto outcome = RunRecompute(scope, number, request.calendar_version(), request.reason(), actor);
  if (!outcome.ok()) {
    response.set_failed_count(response.failed_count() + 1);
    v1::RecomputedDossier& failed = *response.add_moved();
    failed.set_dossier(DossierName(state->dossier()));
    failed.set_error(ErrorMessage(outcome.status(), "vi"));
    return absl::OkStatus();
  }
  if (!outcome->has_value()) return absl::OkStatus();
  const v1::Due& before = (*outcome)->before.due();
  const v1::Due& after = (*outcome)->after.due();
  if (FromProto(before.due_time()) == FromProto(after.due_time())) return absl::OkStatus();
  response.set_moved_count(response.moved_count() + 1);
  v1::RecomputedDossier& moved = *response.add_moved();
  moved.set_dossier(DossierName(state->dossier()));
  moved.set_previous_due_time(TimeOrEmpty(before.has_due_time(), before.due_time()));
  moved.set_due_time(TimeOrEmpty(after.has_due_time(), after.due_time()));
  return absl::OkStatus();
}

}  // namespace

RecomputeStream::RecomputeStream(CommitPipeline* pipeline, std::vector<int64_t> open_dossiers,
                                 v1::RecomputeDueTimesRequest request, std::string actor)
    : pipeline_(*pipeline), numbers_(std::move(open_dossiers)), request_(std::move(request)), actor_(std::move(actor)) {
  totals_->set_total_count(static_cast<int64_t>(numbers_.size()));
}

void RecomputeStream::Next(Reply<std::optional<v1::RecomputeDueTimesResponse>> reply) {
  if (cancelled_.load()) return reply(absl::CancelledError("the recomputation was cancelled"));
  if (done_) return reply(std::optional<v1::RecomputeDueTimesResponse>());
  const size_t begin = next_;
  next_ = std::min(begin + limits::kRecomputePortion, numbers_.size());
  done_ = next_ == numbers_.size();
  const std::vector<int64_t> portion(numbers_.begin() + static_cast<ptrdiff_t>(begin),
                                     numbers_.begin() + static_cast<ptrdiff_t>(next_));
  auto response = std::make_shared<v1::RecomputeDueTimesResponse>(*totals_);
  response->set_done(done_);
  const absl::Status queued = pipeline_.Submit(
      {.run = [portion, request = request_, actor = actor_, response](CommitScope& scope) -> absl::Status {
         for (const int64_t number : portion) {
           TTHC_RETURN_IF_ERROR(RecomputeOne(scope, number, request, actor, *response));
         }
         return absl::OkStatus();
       },
       .done =
           [response, reply, totals = totals_](const absl::Status& status) {
             if (!status.ok()) return reply(status);
             *totals = *response;
             totals->clear_moved();
             reply(std::optional<v1::RecomputeDueTimesResponse>(std::move(*response)));
           },
       .validate_only = request_.validate_only()});
  if (!queued.ok()) reply(queued);
}

}  // namespace tthc::server
