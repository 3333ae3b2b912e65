#include "server/dossiers/recompute.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/domain/due.h"
#include "server/domain/fold.h"
#include "server/domain/lifecycle.h"
#include "server/domain/presentation.h"
#include "server/dossiers/dossier_draft.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

// A dossier before and after its recomputation.
struct Recomputation {
  v1::Dossier before;
  v1::Dossier after;
};

// nullopt if the dossier has ended meanwhile or is counted by this version already. An error leaves nothing in the
// scope, so that the rest of the portion can go on.
absl::StatusOr<std::optional<Recomputation>> RunRecompute(CommitScope& scope, int64_t number,
                                                          const v1::RecomputeDueTimesRequest& request,
                                                          const std::string& actor) {
  TTHC_ASSIGN_OR_RETURN(const DossierStatePtr state, scope.LoadDossier(number));
  const v1::Dossier& before = state->dossier();
  // Never back to an older version: a fold keeps the newer one, so each further run would add another event.
  if (!domain::IsOpen(before) || before.terms().calendar_version() >= request.calendar_version()) return std::nullopt;

  v1::Event event;
  *event.mutable_occur_time() = ToProto(scope.now());
  v1::Recomputed& recomputed = *event.mutable_recomputed();
  recomputed.set_calendar_version(request.calendar_version());
  recomputed.set_reason(request.reason());
  // A trial fold computes the due time that the event records, and finds every error before the scope is touched.
  v1::Dossier after = before;
  event.set_revision(scope.head().revision() + 1);
  TTHC_RETURN_IF_ERROR(domain::Apply(scope.catalogue(), event, after));
  TTHC_RETURN_IF_ERROR(CheckDossierSize(after));
  if (before.due().has_due_time()) *recomputed.mutable_previous_due_time() = before.due().due_time();
  if (after.due().has_due_time()) *recomputed.mutable_due_time() = after.due().due_time();

  TTHC_ASSIGN_OR_RETURN(DossierDraft draft, DossierDraft::Open(scope, number));
  TTHC_RETURN_IF_ERROR(draft.Add(actor, std::move(event), nullptr));
  TTHC_RETURN_IF_ERROR(draft.Stage());
  return Recomputation{.before = before, .after = std::move(after)};
}

// Recomputes one dossier of a portion and reports it in `response`. An error is one of the store; those of the dossier
// are in the report.
absl::Status RecomputeOne(CommitScope& scope, int64_t number, const v1::RecomputeDueTimesRequest& request,
                          const std::string& actor, v1::RecomputeDueTimesResponse& response) {
  TTHC_ASSIGN_OR_RETURN(const DossierStatePtr state, scope.LoadDossier(number));
  response.set_checked_count(response.checked_count() + 1);
  const auto report = [&]() -> v1::RecomputedDossier& {
    v1::RecomputedDossier& reported = *response.add_dossiers();
    reported.set_name(domain::DossierName(state->dossier()));
    reported.set_code(domain::CodeForPeople(state->dossier()));
    if (state->dossier().due().has_due_time()) {
      *reported.mutable_previous_due_time() = state->dossier().due().due_time();
    }
    return reported;
  };
  const auto recomputed = RunRecompute(scope, number, request, actor);
  if (!recomputed.ok()) {
    response.set_failed_count(response.failed_count() + 1);
    *report().mutable_error() = ToRpcStatus(recomputed.status());
    return absl::OkStatus();
  }
  if (!recomputed->has_value()) return absl::OkStatus();
  const v1::Due& before = (*recomputed)->before.due();
  const v1::Due& after = (*recomputed)->after.due();
  if (FromProto(before.due_time()) == FromProto(after.due_time())) return absl::OkStatus();
  response.set_moved_count(response.moved_count() + 1);
  v1::RecomputedDossier& moved = report();
  if (after.has_due_time()) *moved.mutable_due_time() = after.due_time();
  return absl::OkStatus();
}

// One Next is one portion. The dossiers are chosen when the stream begins: one that is accepted later is counted by the
// new calendar anyway.
class RecomputeStream final : public ServerStream<v1::RecomputeDueTimesResponse> {
 public:
  RecomputeStream(CommitPipeline* pipeline, std::vector<int64_t> open_dossiers, v1::RecomputeDueTimesRequest request,
                  std::string actor)
      : pipeline_(*pipeline),
        numbers_(std::move(open_dossiers)),
        request_(std::move(request)),
        actor_(std::move(actor)) {
    totals_->set_total_count(static_cast<int64_t>(numbers_.size()));
  }

  void Next(Reply<std::optional<v1::RecomputeDueTimesResponse>> reply) override;
  void Cancel() override { canceled_.store(true); }

 private:
  CommitPipeline& pipeline_;
  const std::vector<int64_t> numbers_;
  const v1::RecomputeDueTimesRequest request_;
  const std::string actor_;
  std::atomic<bool> canceled_{false};
  // ServerStream::Next is called by one caller at a time, so these need no lock.
  size_t next_ = 0;
  bool done_ = false;
  // The counts so far. Shared with the portion under way: the stream may be destroyed before that portion is answered.
  const std::shared_ptr<v1::RecomputeDueTimesResponse> totals_ = std::make_shared<v1::RecomputeDueTimesResponse>();
};

void RecomputeStream::Next(Reply<std::optional<v1::RecomputeDueTimesResponse>> reply) {
  if (canceled_.load()) return reply(absl::CancelledError("the recomputation was canceled"));
  if (done_) return reply(std::optional<v1::RecomputeDueTimesResponse>());
  const size_t begin = next_;
  next_ = std::min(begin + limits::kRecomputePortion, numbers_.size());
  done_ = next_ == numbers_.size();
  const std::vector<int64_t> portion(numbers_.begin() + static_cast<ptrdiff_t>(begin),
                                     numbers_.begin() + static_cast<ptrdiff_t>(next_));
  auto response = std::make_shared<v1::RecomputeDueTimesResponse>(*totals_);
  response->set_done(done_);
  CommitPipeline::Command command{
      .run = [portion, request = request_, actor = actor_, response](CommitScope& scope) -> absl::Status {
        for (const int64_t number : portion) {
          TTHC_RETURN_IF_ERROR(RecomputeOne(scope, number, request, actor, *response));
        }
        return scope.EndCommand("", 0);
      },
      .done =
          [response, reply = std::move(reply), totals = totals_](const absl::Status& status) mutable {
            if (!status.ok()) return reply(status);
            *totals = *response;
            totals->clear_dossiers();
            reply(std::optional<v1::RecomputeDueTimesResponse>(std::move(*response)));
          },
      .validate_only = request_.validate_only()};
  // A refused command is left as it was, with the reply inside.
  const absl::Status queued = pipeline_.Submit(std::move(command));
  if (!queued.ok()) command.done(queued);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerStream<v1::RecomputeDueTimesResponse>>> StartRecompute(
    CommitPipeline* pipeline, const FactIndex& index, const domain::Catalogue& catalogue, const RequestContext& context,
    const v1::RecomputeDueTimesRequest& request) {
  TTHC_RETURN_IF_ERROR(
      CheckText("reason", request.reason(), {.bytes_max = limits::kLongTextBytesMax, .multi_line = true}));
  v1::RecomputeDueTimesRequest resolved = request;
  if (resolved.calendar_version() == 0) resolved.set_calendar_version(catalogue.latest_calendar_version());
  TTHC_RETURN_IF_ERROR(domain::RequireCalendar(catalogue, resolved.calendar_version()).status());
  return std::unique_ptr<ServerStream<v1::RecomputeDueTimesResponse>>(
      std::make_unique<RecomputeStream>(pipeline, index.OpenDossiers(), std::move(resolved), context.caller.actor));
}

}  // namespace tthc::server
