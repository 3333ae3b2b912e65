#include "client/sync/target_runner.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/sdk/retry.h"
#include "client/sync/plan.h"
#include "client/sync/profile.h"
#include "storage/base/backoff.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/log.h"
#include "storage/base/proto_duration.h"

namespace tthc::sync {
namespace {

using std::chrono::steady_clock;

constexpr absl::Duration kWaitMax = absl::Seconds(1);
// Outcomes in one RecordMirrorOutcomes. Bounds it to about 1 ms of the server's commit thread, so that appends from
// counters are not delayed.
constexpr size_t kOutcomesPerMessage = 16;
// How long Stop waits for a server that does not answer.
constexpr absl::Duration kStopPatience = absl::Seconds(10);

absl::Duration OrDefault(const google::protobuf::Duration& duration, absl::Duration otherwise) {
  const absl::Duration value = FromProto(duration);
  return value > absl::ZeroDuration() ? value : otherwise;
}

Syncer::Options SyncerOptions(const TargetRunner::Options& options) {
  const v1::Target& target = *options.target;
  const int workers = target.worker_count() > 0 ? target.worker_count() : limits::kSyncWorkersDefault;
  return {.profile = options.profile,
          .adapter = options.adapter,
          .workers = workers,
          .window = workers * limits::kSyncDeliveriesPerWorker,
          .window_bytes = limits::kSyncWindowBytesMax,
          .retry_delay_first = OrDefault(target.retry_delay_first(), limits::kSyncRetryDelayFirst),
          .retry_delay_max = OrDefault(target.retry_delay_max(), limits::kSyncRetryDelayMax),
          .failures_before_open = limits::kSyncFailuresBeforeOpen,
          .attempts_max = target.attempts_max() > 0 ? target.attempts_max() : limits::kSyncAttemptsMax,
          .session_life = OrDefault(options.profile->session_life(), absl::InfiniteDuration()),
          .uniform = options.uniform};
}

bool IsLeaseLost(const absl::Status& status) { return ErrorReason(status) == "MIRROR_LEASE_LOST"; }

}  // namespace

// Times are the wall clock at the start plus monotonic time since: conditions show sensible times, and none goes back
// when the machine's clock is set.
TargetRunner::TargetRunner(Options options)
    : options_(std::move(options)),
      name_(absl::StrCat("mirrorTargets/", options_.target->id())),
      lease_duration_(OrDefault(options_.target->lease_duration(), limits::kMirrorLeaseDefault)),
      start_time_(absl::Now()),
      start_steady_(steady_clock::now()),
      syncer_(SyncerOptions(options_)) {}

TargetRunner::~TargetRunner() { Stop(); }

absl::Time TargetRunner::Now() const { return start_time_ + absl::FromChrono(steady_clock::now() - start_steady_); }

void TargetRunner::WaitUntil(absl::Time until) {
  const absl::Duration wait = std::clamp(until - Now(), absl::ZeroDuration(), kWaitMax);
  changed_.WaitFor(mutex_, wait + absl::Milliseconds(1));
}

// Counted from the moment at which the lease was requested, so that it ends here before it ends at the server.
bool TargetRunner::LeaseHolds() const { return fence_ != 0 && Now() < lease_end_; }

void TargetRunner::Start() {
  lease_thread_ = std::thread([this] { KeepLease(); });
  fetch_thread_ = std::thread([this] { Fetch(); });
  record_thread_ = std::thread([this] { Record(); });
  const int workers = SyncerOptions(options_).workers;
  for (int i = 0; i < workers; ++i) workers_.emplace_back([this] { RunWorker(); });
}

void TargetRunner::WakeUp() {
  {
    MutexLock lock(mutex_);
    // If it was set already, nobody waits for it: the window is full, as during an outage of the target.
    if (std::exchange(more_, true)) return;
  }
  changed_.NotifyAll();
}

Syncer::Counts TargetRunner::counts() {
  MutexLock lock(mutex_);
  return syncer_.counts();
}

// --- The lease -------------------------------------------------------------------------------------------------------

// Runs until the phase is kStopped, longer than the workers: outcomes need the lease to be recorded.
void TargetRunner::KeepLease() {
  while (true) {
    bool held = false;
    {
      MutexLock lock(mutex_);
      if (phase_ == Phase::kStopped) return;
      held = fence_ != 0 && !lost_lease_;
    }
    if (held) {
      Renew();
    } else {
      Acquire();
    }
    MutexLock lock(mutex_);
    const absl::Time next = Now() + RenewInterval();
    while (phase_ != Phase::kStopped && !lost_lease_ && Now() < next) {
      // Once the lease may be over, another program may send: calls under way must not reach the target any more.
      abort_calls_.store(!(fence_ != 0 && Now() < lease_end_));
      WaitUntil(std::min(next, std::max(lease_end_, Now() + absl::Milliseconds(100))));
    }
    abort_calls_.store(!(fence_ != 0 && Now() < lease_end_));
  }
}

// Several renewals per lease, so that a lost one costs nothing.
absl::Duration TargetRunner::RenewInterval() const {
  return lost_lease_ ? absl::Milliseconds(100) : std::min(lease_duration_ / 4, absl::Seconds(5));
}

void TargetRunner::Acquire() {
  tthc::v1::AcquireMirrorTargetRequest request;
  request.set_name(name_);
  request.set_display_name(options_.target->display_name());
  request.set_holder(options_.holder);
  *request.mutable_lease_duration() = ToProto(lease_duration_);
  request.set_start_date(options_.target->start_date());
  // A changed profile makes the server requeue what the old one could not render.
  request.set_profile_digest(ProfileDigest(*options_.profile));
  const absl::Time request_time = Now();
  const absl::StatusOr<tthc::v1::AcquireMirrorTargetResponse> answer = options_.client->AcquireMirrorTarget(request);
  if (!answer.ok()) {
    Log(LogLevel::kWarning, "mirror_not_acquired", {{"target", name_}, {"reason", ErrorReason(answer.status())}});
    return;
  }
  {
    MutexLock lock(mutex_);
    const int64_t fence = answer->target().lease().fence();
    // Nobody acquired the target in between, so that our window is still right.
    const bool goes_on = fence_ != 0 && fence == fence_ + 1;
    fence_ = fence;
    lease_end_ = request_time + lease_duration_;
    lost_lease_ = false;
    paused_ = answer->target().paused();
    more_ = true;
    if (!goes_on) {
      ++lease_number_;
      syncer_.Begin(answer->clean(), answer->head_revision());
    }
    if (phase_ == Phase::kRunning) syncer_.SetPaused(paused_);
  }
  abort_calls_.store(false);
  changed_.NotifyAll();
  Log(LogLevel::kInfo, "mirror_acquired",
      {{"target", name_},
       {"fence", absl::StrCat(answer->target().lease().fence())},
       {"clean", answer->clean() ? "true" : "false"}});
}

void TargetRunner::Renew() {
  tthc::v1::RenewMirrorTargetRequest request;
  request.set_name(name_);
  {
    MutexLock lock(mutex_);
    request.set_fence(fence_);
    *request.mutable_condition() = syncer_.Condition();
  }
  const absl::Time request_time = Now();
  const absl::StatusOr<tthc::v1::RenewMirrorTargetResponse> answer = options_.client->RenewMirrorTarget(request);
  MutexLock lock(mutex_);
  if (!answer.ok()) {
    lost_lease_ = lost_lease_ || IsLeaseLost(answer.status());
    return;
  }
  // From the request on, not from the answer: the server counts from a moment in between.
  lease_end_ = std::max(lease_end_, request_time + lease_duration_);
  // People pause targets at the server; renewals bring the decision here.
  if (paused_ != answer->paused() && phase_ == Phase::kRunning) {
    paused_ = answer->paused();
    syncer_.SetPaused(paused_);
    changed_.NotifyAll();
  }
  // Covers changes that the watch missed.
  more_ = more_ || answer->pending_count() > static_cast<int64_t>(syncer_.task_count());
  if (more_) changed_.NotifyAll();
}

void TargetRunner::Release() {
  tthc::v1::ReleaseMirrorTargetRequest request;
  request.set_name(name_);
  {
    MutexLock lock(mutex_);
    if (fence_ == 0) return;
    request.set_fence(fence_);
    // Anything in doubt or unrecorded makes the release unclean: the next holder looks it up.
    request.set_unclean(syncer_.has_unknown_ends() || syncer_.has_outcomes() || recording_);
  }
  // If it fails, the lease runs out by itself and the next holder begins as after a crash.
  const absl::Status released = options_.client->ReleaseMirrorTarget(request).status();
  Log(LogLevel::kInfo, "mirror_released", {{"target", name_}, {"reason", ErrorReason(released)}});
}

// --- Pending dossiers ------------------------------------------------------------------------------------------------

// Pages through pending dossiers whenever half of the window is free. The cursor goes on behind dossiers in the window
// and returns to the beginning at the end of the list.
void TargetRunner::Fetch() {
  int64_t after_number = 0;
  absl::Time next_poll = absl::InfinitePast();
  while (true) {
    int room = 0;
    {
      MutexLock lock(mutex_);
      const auto wanted = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        const int half = SyncerOptions(options_).window / 2;
        return LeaseHolds() && !paused_ && syncer_.room() >= std::max(1, half) && (more_ || Now() >= next_poll);
      };
      while (phase_ == Phase::kRunning && !wanted()) {
        // After the poll time the lease or room in the window is missing; both come with a notification.
        WaitUntil(Now() < next_poll ? next_poll : absl::InfiniteFuture());
      }
      if (phase_ != Phase::kRunning) return;
      room = syncer_.room();
      // Whatever is recorded at the server from here on sets it again.
      more_ = false;
    }
    bool moved_on = false;
    const absl::StatusOr<int64_t> next = FetchPage(after_number, room, &moved_on);
    next_poll = Now() + limits::kSyncPollInterval;
    if (!next.ok()) {
      after_number = 0;
      // The lease thread handles a lost lease. Everything else is tried again.
      next_poll = Now() + absl::Seconds(1);
      continue;
    }
    after_number = *next;
    if (after_number == 0 && !moved_on) continue;
    MutexLock lock(mutex_);
    more_ = true;
  }
}

absl::StatusOr<int64_t> TargetRunner::FetchPage(int64_t after_number, int room, bool* moved_on) {
  tthc::v1::ListMirrorDeliveriesRequest request;
  request.set_parent(name_);
  request.set_after_number(after_number);
  request.set_page_size(std::min(room, limits::kMirrorDeliveriesPageMax));
  uint64_t lease_number = 0;
  {
    MutexLock lock(mutex_);
    request.set_fence(fence_);
    lease_number = lease_number_;
    syncer_.BeginFetch();
  }
  absl::StatusOr<tthc::v1::ListMirrorDeliveriesResponse> answer = options_.client->ListMirrorDeliveries(request);
  if (!answer.ok()) {
    MutexLock lock(mutex_);
    syncer_.EndFetch();
    lost_lease_ = lost_lease_ || IsLeaseLost(answer.status());
    return answer.status();
  }
  // Planned without the lock: rendering a page of records takes longer than any worker should wait.
  std::vector<std::pair<DeliveryPtr, Plan>> fetched;
  for (tthc::v1::MirrorDelivery& delivery : *answer->mutable_deliveries()) {
    Plan plan = MakePlan(*options_.profile, delivery);
    fetched.emplace_back(std::make_shared<const tthc::v1::MirrorDelivery>(std::move(delivery)), std::move(plan));
  }
  {
    MutexLock lock(mutex_);
    // If the lease changed hands during the call, the deliveries are those of another window.
    const bool is_ours = lease_number == lease_number_;
    for (auto& [delivery, plan] : fetched) {
      *moved_on = (is_ours && syncer_.Add(std::move(delivery), std::move(plan))) || *moved_on;
    }
    syncer_.EndFetch();
    if (!is_ours) return 0;
  }
  changed_.NotifyAll();
  return answer->next_number();
}

// --- Outcomes --------------------------------------------------------------------------------------------------------

// One message at a time, in order. What can't be recorded stays here, and the window fills up behind it.
void TargetRunner::Record() {
  while (true) {
    std::vector<Syncer::Outcome> outcomes;
    uint64_t lease_number = 0;
    {
      MutexLock lock(mutex_);
      while (!syncer_.has_outcomes()) {
        if (phase_ == Phase::kStopped) return;
        changed_.WaitFor(mutex_, kWaitMax);
      }
      outcomes = syncer_.TakeOutcomes(kOutcomesPerMessage);
      recording_ = true;
      lease_number = lease_number_;
    }
    const bool recorded = RecordAll(outcomes, lease_number);
    {
      MutexLock lock(mutex_);
      // Stays set if the outcomes are given up: Release() then reports that the end is unclean.
      recording_ = phase_ == Phase::kStopped && !recorded;
      if (recorded && lease_number == lease_number_) syncer_.OnRecorded(outcomes);
      if (recording_) return;
    }
    changed_.NotifyAll();
  }
}

// Transient errors are tried again until the lease or the program ends; a permanent one is narrowed down to the outcome
// that causes it.
bool TargetRunner::RecordAll(const std::vector<Syncer::Outcome>& outcomes, uint64_t lease_number) {
  for (int failures = 0;;) {
    const absl::Status status = Send(outcomes);
    if (status.ok()) return true;
    if (!IsLeaseLost(status) && !sdk::IsTransient(status) && outcomes.size() > 1) {
      // One of them is at fault. Recorded one by one, the others go through.
      for (const Syncer::Outcome& outcome : outcomes) {
        if (!RecordAll({outcome}, lease_number)) return false;
      }
      return true;
    }
    if (!IsLeaseLost(status) && !sdk::IsTransient(status) && status.code() != absl::StatusCode::kDeadlineExceeded) {
      // The dossier stays pending at the server and is fetched again.
      Log(LogLevel::kError, "outcome_not_recorded",
          {{"target", name_}, {"dossier", outcomes[0].outcome.dossier()}, {"reason", ErrorReason(status)}});
      return true;
    }
    MutexLock lock(mutex_);
    lost_lease_ = lost_lease_ || IsLeaseLost(status);
    const absl::Time next =
        Now() + FullJitter(absl::Milliseconds(200), absl::Seconds(5), ++failures, options_.uniform());
    changed_.NotifyAll();
    while (Now() < next && phase_ != Phase::kStopped) WaitUntil(next);
    if (phase_ == Phase::kStopped || lease_number != lease_number_) return false;
  }
}

absl::Status TargetRunner::Send(const std::vector<Syncer::Outcome>& outcomes) {
  tthc::v1::RecordMirrorOutcomesRequest request;
  request.set_parent(name_);
  for (const Syncer::Outcome& outcome : outcomes) *request.add_outcomes() = outcome.outcome;
  {
    MutexLock lock(mutex_);
    request.set_fence(fence_);
  }
  const absl::StatusOr<tthc::v1::RecordMirrorOutcomesResponse> answer = options_.client->RecordMirrorOutcomes(request);
  if (!answer.ok()) return answer.status();
  for (const int state : answer->states()) {
    if (state != tthc::v1::MirrorItem::STATE_PENDING) continue;
    // The dossier has a newer event than the delivery.
    MutexLock lock(mutex_);
    more_ = true;
    break;
  }
  return absl::OkStatus();
}

// --- The workers -----------------------------------------------------------------------------------------------------

// The lock is not held during the call. An answer that comes after the window was dropped is ignored.
void TargetRunner::RunWorker() {
  while (true) {
    std::optional<Syncer::StartedCall> started;
    uint64_t lease_number = 0;
    {
      MutexLock lock(mutex_);
      started = WaitForCall();
      if (!started.has_value()) return;
      lease_number = lease_number_;
    }
    const Answer answer = MakeCall(*started);
    MutexLock lock(mutex_);
    const bool was_open = syncer_.Condition().state() != tthc::v1::MirrorCondition::STATE_HEALTHY;
    if (lease_number == lease_number_) syncer_.OnAnswer(started->id, answer, Now());
    // Other workers may wait for this login or for the end of an outage, and the record thread for outcomes.
    if (was_open || started->call.kind == CallKind::kLogin || syncer_.has_outcomes()) changed_.NotifyAll();
  }
}

std::optional<Syncer::StartedCall> TargetRunner::WaitForCall() {
  while (phase_ == Phase::kRunning) {
    if (LeaseHolds()) {
      if (std::optional<Syncer::StartedCall> started = syncer_.NextCall(Now()); started.has_value()) return started;
    }
    WaitUntil(LeaseHolds() ? syncer_.NextWake(Now()) : absl::InfiniteFuture());
  }
  return std::nullopt;
}

Answer TargetRunner::MakeCall(const Syncer::StartedCall& started) {
  std::string password;
  if (started.call.kind == CallKind::kLogin) {
    // Read at every login, so that a changed password needs no restart.
    const absl::StatusOr<std::string> read = options_.read_password();
    if (!read.ok()) {
      Log(LogLevel::kError, "secret_unreadable", {{"target", name_}, {"reason", ErrorReason(read.status())}});
      Answer answer;
      answer.verdict = Verdict::kRefused;
      answer.reason = "SECRET_UNREADABLE";
      return answer;
    }
    password = *read;
  }
  const HttpRequest request = options_.adapter->MakeRequest(started.call, started.session, password);
  const absl::Time sent = Now();
  const absl::StatusOr<HttpResponse> response = options_.http->Send(request, &abort_calls_);
  return options_.adapter->ReadAnswer(started.call, request, response, sent, Now() - sent);
}

// --- Stopping --------------------------------------------------------------------------------------------------------

// In this order: no new calls, the calls under way, their outcomes, the lease. Each step needs what the next one ends.
void TargetRunner::Stop() {
  {
    MutexLock lock(mutex_);
    if (phase_ != Phase::kRunning) return;
    phase_ = Phase::kStopping;
    syncer_.SetPaused(true);
  }
  changed_.NotifyAll();
  // Each worker ends after the call that it makes.
  for (std::thread& worker : workers_) worker.join();
  if (fetch_thread_.joinable()) fetch_thread_.join();
  {
    MutexLock lock(mutex_);
    syncer_.ReportProgress();
    changed_.NotifyAll();
    const absl::Time patience = Now() + kStopPatience;
    while ((syncer_.has_outcomes() || recording_) && Now() < patience) WaitUntil(patience);
  }
  {
    MutexLock lock(mutex_);
    phase_ = Phase::kStopped;
  }
  changed_.NotifyAll();
  if (record_thread_.joinable()) record_thread_.join();
  if (lease_thread_.joinable()) lease_thread_.join();
  Release();
}

}  // namespace tthc::sync
