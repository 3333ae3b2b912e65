#include "client/sync/target_runner.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/sdk/retry.h"
#include "client/sync/plan.h"
#include "client/sync/profile.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/log.h"
#include "storage/base/proto_duration.h"

namespace tthc::sync {
namespace {

using std::chrono::steady_clock;

constexpr absl::Duration kLookAgain = absl::Seconds(1);
// In one message of outcomes: the writer, whom counters wait for, is done with so few in about a millisecond.
constexpr size_t kOutcomesPerMessage = 16;
// How long an end waits for a server that does not answer.
constexpr absl::Duration kStopPatience = absl::Seconds(10);

absl::Duration OrDefault(const google::protobuf::Duration& duration, absl::Duration otherwise) {
  const absl::Duration value = FromProto(duration);
  return value > absl::ZeroDuration() ? value : otherwise;
}

Syncer::Options SyncerOptions(const TargetRunner::Options& options) {
  const v1::Target& target = *options.target;
  const int lanes = target.lanes() > 0 ? target.lanes() : limits::kSyncLanesDefault;
  return {.profile = options.profile,
          .adapter = options.adapter,
          .lanes = lanes,
          .window = lanes * limits::kSyncDeliveriesPerLane,
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

TargetRunner::TargetRunner(Options options)
    : options_(std::move(options)),
      name_(absl::StrCat("mirrorTargets/", options_.target->id())),
      lease_duration_(OrDefault(options_.target->lease_duration(), limits::kMirrorLeaseDefault)),
      start_time_(absl::Now()),
      start_steady_(steady_clock::now()),
      syncer_(SyncerOptions(options_)) {}

TargetRunner::~TargetRunner() { Stop(); }

absl::Time TargetRunner::Now() const { return start_time_ + absl::FromChrono(steady_clock::now() - start_steady_); }

void TargetRunner::WaitUntil(std::unique_lock<std::mutex>& lock, absl::Time until) {
  const absl::Duration wait = std::clamp(until - Now(), absl::ZeroDuration(), kLookAgain);
  changed_.wait_for(lock, absl::ToChronoMilliseconds(wait + absl::Milliseconds(1)));
}

bool TargetRunner::LeaseHolds() const { return fence_ != 0 && Now() < lease_end_; }

void TargetRunner::Start() {
  lease_thread_ = std::thread([this] { KeepLease(); });
  fetch_thread_ = std::thread([this] { Fetch(); });
  record_thread_ = std::thread([this] { Record(); });
  const int lanes = SyncerOptions(options_).lanes;
  for (int i = 0; i < lanes; ++i) lanes_.emplace_back([this] { WorkLane(); });
}

void TargetRunner::WakeUp() {
  {
    MutexLock lock(mutex_);
    // Known already: while the window is full, as beside a target that is down, no lane wakes up for nothing.
    if (std::exchange(more_, true)) return;
  }
  changed_.notify_all();
}

Syncer::Counts TargetRunner::counts() {
  MutexLock lock(mutex_);
  return syncer_.counts();
}

bool TargetRunner::holds_lease() {
  MutexLock lock(mutex_);
  return LeaseHolds();
}

// --- The lease -------------------------------------------------------------------------------------------------------

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
    std::unique_lock<std::mutex> lock(mutex_.native());
    const absl::Time next = Now() + LeasePause();
    while (phase_ != Phase::kStopped && !lost_lease_ && Now() < next) {
      // Whatever is under way when the lease may be over must not reach the target any more.
      abort_calls_.store(!(fence_ != 0 && Now() < lease_end_));
      WaitUntil(lock, std::min(next, std::max(lease_end_, Now() + absl::Milliseconds(100))));
    }
    abort_calls_.store(!(fence_ != 0 && Now() < lease_end_));
  }
}

absl::Duration TargetRunner::LeasePause() {
  return lost_lease_ ? absl::Milliseconds(100) : std::min(lease_duration_ / 4, absl::Seconds(5));
}

void TargetRunner::Acquire() {
  tthc::v1::AcquireMirrorTargetRequest request;
  request.set_name(name_);
  request.set_display_name(options_.target->display_name());
  request.set_holder(options_.holder);
  *request.mutable_lease_duration() = ToProto(lease_duration_);
  request.set_start_date(options_.target->start_date());
  request.set_profile_digest(ProfileDigest(*options_.profile));
  const absl::Time asked = Now();
  const absl::StatusOr<tthc::v1::AcquireMirrorTargetResponse> answer = options_.client->AcquireMirrorTarget(request);
  if (!answer.ok()) {
    Log(LogLevel::kWarning, "mirror_not_acquired", {{"target", name_}, {"reason", ErrorReason(answer.status())}});
    return;
  }
  {
    MutexLock lock(mutex_);
    const int64_t fence = answer->target().lease().fence();
    // Nobody else was in between: what is known here is all there is to know.
    const bool goes_on = fence_ != 0 && fence == fence_ + 1;
    fence_ = fence;
    lease_end_ = asked + lease_duration_;
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
  changed_.notify_all();
  Log(LogLevel::kInfo, "mirror_acquired",
      {{"target", name_}, {"fence", absl::StrCat(answer->target().lease().fence())},
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
  const absl::Time asked = Now();
  const absl::StatusOr<tthc::v1::RenewMirrorTargetResponse> answer = options_.client->RenewMirrorTarget(request);
  MutexLock lock(mutex_);
  if (!answer.ok()) {
    lost_lease_ = lost_lease_ || IsLeaseLost(answer.status());
    return;
  }
  lease_end_ = std::max(lease_end_, asked + lease_duration_);
  if (paused_ != answer->paused() && phase_ == Phase::kRunning) {
    paused_ = answer->paused();
    syncer_.SetPaused(paused_);
    changed_.notify_all();
  }
  more_ = more_ || answer->pending() > static_cast<int64_t>(syncer_.task_count());
  if (more_) changed_.notify_all();
}

void TargetRunner::Release() {
  tthc::v1::ReleaseMirrorTargetRequest request;
  request.set_name(name_);
  {
    MutexLock lock(mutex_);
    if (fence_ == 0) return;
    request.set_fence(fence_);
    request.set_unclean(syncer_.has_unknown_ends() || syncer_.has_outcomes() || recording_);
  }
  const absl::Status released = options_.client->ReleaseMirrorTarget(request).status();
  Log(LogLevel::kInfo, "mirror_released", {{"target", name_}, {"reason", ErrorReason(released)}});
}

// --- What is pending -------------------------------------------------------------------------------------------------

void TargetRunner::Fetch() {
  int64_t after_number = 0;
  absl::Time next_poll = absl::InfinitePast();
  while (true) {
    int room = 0;
    {
      std::unique_lock<std::mutex> lock(mutex_.native());
      const auto wanted = [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
        const int half = SyncerOptions(options_).window / 2;
        return LeaseHolds() && !paused_ && syncer_.room() >= std::max(1, half) && (more_ || Now() >= next_poll);
      };
      while (phase_ == Phase::kRunning && !wanted()) {
        // Later than the poll it is room that is missing, or the lease: who brings it notifies.
        WaitUntil(lock, Now() < next_poll ? next_poll : absl::InfiniteFuture());
      }
      if (phase_ != Phase::kRunning) return;
      room = syncer_.room();
      // What comes from here on sets it again.
      more_ = false;
    }
    bool moved_on = false;
    const absl::StatusOr<int64_t> next = FetchPage(after_number, room, &moved_on);
    next_poll = Now() + limits::kSyncPollInterval;
    if (!next.ok()) {
      after_number = 0;
      // A lost lease is seen by its own thread; everything else is tried again.
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
  request.set_name(name_);
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
  std::vector<std::pair<DeliveryPtr, Plan>> fetched;
  for (tthc::v1::MirrorDelivery& delivery : *answer->mutable_deliveries()) {
    Plan plan = MakePlan(*options_.profile, delivery);
    fetched.emplace_back(std::make_shared<const tthc::v1::MirrorDelivery>(std::move(delivery)), std::move(plan));
  }
  {
    MutexLock lock(mutex_);
    const bool is_ours = lease_number == lease_number_;
    for (auto& [delivery, plan] : fetched) {
      *moved_on = (is_ours && syncer_.Add(std::move(delivery), std::move(plan))) || *moved_on;
    }
    syncer_.EndFetch();
    if (!is_ours) return 0;
  }
  changed_.notify_all();
  return answer->next_number();
}

// --- What came of it -------------------------------------------------------------------------------------------------

void TargetRunner::Record() {
  while (true) {
    std::vector<Syncer::Outcome> outcomes;
    uint64_t lease_number = 0;
    {
      std::unique_lock<std::mutex> lock(mutex_.native());
      while (!syncer_.has_outcomes()) {
        if (phase_ == Phase::kStopped) return;
        changed_.wait_for(lock, absl::ToChronoMilliseconds(kLookAgain));
      }
      outcomes = syncer_.TakeOutcomes(kOutcomesPerMessage);
      recording_ = true;
      lease_number = lease_number_;
    }
    const bool recorded = RecordAll(outcomes, lease_number);
    {
      MutexLock lock(mutex_);
      recording_ = phase_ == Phase::kStopped && !recorded;
      if (recorded && lease_number == lease_number_) syncer_.OnRecorded(outcomes);
      if (recording_) return;
    }
    changed_.notify_all();
  }
}

bool TargetRunner::RecordAll(const std::vector<Syncer::Outcome>& outcomes, uint64_t lease_number) {
  for (int failures = 0;;) {
    const absl::Status status = Send(outcomes);
    if (status.ok()) return true;
    if (!IsLeaseLost(status) && !sdk::IsTransient(status) && outcomes.size() > 1) {
      // One of them is at fault: the others must not wait for it.
      for (const Syncer::Outcome& outcome : outcomes) {
        if (!RecordAll({outcome}, lease_number)) return false;
      }
      return true;
    }
    if (!IsLeaseLost(status) && !sdk::IsTransient(status) && status.code() != absl::StatusCode::kDeadlineExceeded) {
      // Left as it is, the dossier stays pending at the server and comes again.
      Log(LogLevel::kError, "outcome_not_recorded",
          {{"target", name_}, {"dossier", outcomes[0].outcome.dossier()}, {"reason", ErrorReason(status)}});
      return true;
    }
    std::unique_lock<std::mutex> lock(mutex_.native());
    lost_lease_ = lost_lease_ || IsLeaseLost(status);
    const absl::Time next =
        Now() + FullJitter(absl::Milliseconds(200), absl::Seconds(5), ++failures, options_.uniform());
    changed_.notify_all();
    while (Now() < next && phase_ != Phase::kStopped) WaitUntil(lock, next);
    if (phase_ == Phase::kStopped || lease_number != lease_number_) return false;
  }
}

absl::Status TargetRunner::Send(const std::vector<Syncer::Outcome>& outcomes) {
  tthc::v1::RecordMirrorOutcomesRequest request;
  request.set_name(name_);
  for (const Syncer::Outcome& outcome : outcomes) *request.add_outcomes() = outcome.outcome;
  {
    MutexLock lock(mutex_);
    request.set_fence(fence_);
  }
  const absl::StatusOr<tthc::v1::RecordMirrorOutcomesResponse> answer = options_.client->RecordMirrorOutcomes(request);
  if (!answer.ok()) return answer.status();
  for (const int state : answer->states()) {
    if (state != tthc::v1::MirrorItem::PENDING) continue;
    // It moved on while it was told.
    MutexLock lock(mutex_);
    more_ = true;
    break;
  }
  return absl::OkStatus();
}

// --- The lanes -------------------------------------------------------------------------------------------------------

void TargetRunner::WorkLane() {
  std::unique_lock<std::mutex> lock(mutex_.native());
  while (true) {
    if (phase_ != Phase::kRunning) return;
    std::optional<Syncer::StartedCall> started;
    if (LeaseHolds()) started = syncer_.NextCall(Now());
    if (!started.has_value()) {
      WaitUntil(lock, LeaseHolds() ? syncer_.NextWake(Now()) : absl::InfiniteFuture());
      continue;
    }
    const uint64_t lease_number = lease_number_;
    lock.unlock();
    const Answer answer = Carry(*started);
    lock.lock();
    const bool was_open = syncer_.Condition().state() != tthc::v1::MirrorCondition::HEALTHY;
    if (lease_number == lease_number_) syncer_.OnAnswer(started->id, answer, Now());
    // Others wait for a login, for a target that comes back, or for outcomes.
    if (was_open || started->call.kind == CallKind::kLogin || syncer_.has_outcomes()) changed_.notify_all();
  }
}

Answer TargetRunner::Carry(const Syncer::StartedCall& started) {
  std::string password;
  if (started.call.kind == CallKind::kLogin) {
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

// --- The end ---------------------------------------------------------------------------------------------------------

void TargetRunner::Stop() {
  {
    MutexLock lock(mutex_);
    if (phase_ != Phase::kRunning) return;
    phase_ = Phase::kStopping;
    syncer_.SetPaused(true);
  }
  changed_.notify_all();
  // A lane ends with the call that it carries.
  for (std::thread& lane : lanes_) lane.join();
  if (fetch_thread_.joinable()) fetch_thread_.join();
  {
    std::unique_lock<std::mutex> lock(mutex_.native());
    syncer_.ReportProgress();
    changed_.notify_all();
    const absl::Time patience = Now() + kStopPatience;
    while ((syncer_.has_outcomes() || recording_) && Now() < patience) WaitUntil(lock, patience);
  }
  {
    MutexLock lock(mutex_);
    phase_ = Phase::kStopped;
  }
  changed_.notify_all();
  if (record_thread_.joinable()) record_thread_.join();
  if (lease_thread_.joinable()) lease_thread_.join();
  Release();
}

}  // namespace tthc::sync
