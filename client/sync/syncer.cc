#include "client/sync/syncer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/base/backoff.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"

namespace tthc::sync {
namespace {

using tthc::v1::MirrorOutcome;

// First wait after a refused login; it grows with each further refusal. Trying again as after a busy answer would lock
// the account.
constexpr absl::Duration kRefusedLoginDelay = absl::Seconds(30);
// So many sessions in a row that expire at once count as a failure of the target.
constexpr int kSessionsLostMax = 3;

// Keeps the last exchanges only: a task may fail for days before it is recorded.
void AddExchange(const Answer& answer, MirrorOutcome& progress) {
  *progress.add_exchanges() = answer.exchange;
  while (progress.exchanges_size() > static_cast<int>(limits::kMirrorExchangesMax)) {
    progress.mutable_exchanges()->DeleteSubrange(0, 1);
  }
}

// The error that the item will show. Its time is that of the attempt, by which the server recognizes a repetition.
void SetError(const Answer& answer, const std::string& reason, MirrorOutcome& progress) {
  tthc::v1::MirrorError& error = *progress.mutable_error();
  error.set_reason(reason);
  error.set_code(answer.code);
  error.set_message(answer.message);
  *error.mutable_error_time() = answer.exchange.send_time();
}

}  // namespace

Syncer::Syncer(Options options)
    : options_(std::move(options)),
      breaker_({.failures_max = options_.failures_before_open,
                .delay_first = options_.retry_delay_first,
                .delay_max = options_.retry_delay_max,
                .uniform = options_.uniform}) {}

// Outcomes that were not recorded are dropped, too: they belong to the old fence, and the server would refuse them.
// Their dossiers are still pending there. The session and the breaker stay: they are about the target, which does not
// know of leases.
void Syncer::Begin(bool clean, int64_t head_revision) {
  tasks_.clear();
  window_bytes_ = 0;
  ready_.clear();
  waiting_.clear();
  calls_.clear();
  outcomes_.clear();
  logging_in_ = false;
  suspect_until_revision_ = clean ? 0 : head_revision;
}

int Syncer::room() const {
  // An empty window accepts any dossier: one that is larger than the bound must be sent, too.
  if (!tasks_.empty() && window_bytes_ >= options_.window_bytes) return 0;
  return std::max(0, options_.window - static_cast<int>(tasks_.size()));
}

void Syncer::BeginFetch() { fetching_ = true; }

void Syncer::EndFetch() {
  fetching_ = false;
  left_during_fetch_.clear();
}

bool Syncer::Add(tthc::v1::MirrorDelivery delivery) {
  Plan plan = MakePlan(*options_.profile, delivery);
  return Add(std::make_shared<const tthc::v1::MirrorDelivery>(std::move(delivery)), std::move(plan));
}

bool Syncer::Add(DeliveryPtr delivery, Plan plan) {
  const int64_t number = delivery->number();
  if (room() == 0 || tasks_.contains(number) || left_during_fetch_.contains(number)) return false;
  // The attempts of earlier programs count: a dossier that always fails is parked even if the program restarts in
  // between.
  Task& task = tasks_[number];
  task.attempts = delivery->item().attempt_count();
  task.bytes = delivery->ByteSizeLong();
  window_bytes_ += task.bytes;
  task.delivery = std::move(delivery);
  task.plan = std::move(plan);
  Prepare(task);
  if (task.plan.excluded) {
    Finish(number, task, MirrorOutcome::RESULT_EXCLUDED);
  } else if (!task.plan.hold.reason().empty()) {
    *task.progress.mutable_error() = task.plan.hold;
    Finish(number, task, MirrorOutcome::RESULT_REFUSED);
  } else {
    Continue(number, task);
  }
  return true;
}

void Syncer::Prepare(Task& task) {
  const tthc::v1::MirrorItem& item = task.delivery->item();
  task.steps.assign(task.plan.steps.begin(), task.plan.steps.end());
  task.progress.set_known_to_target(item.known_to_target());
  // A person asked for another attempt after the last confirmation: the target may not have what it confirmed.
  const bool retried = item.has_decision_time() && FromProto(item.decision_time()) >= FromProto(item.confirmed_time());
  // The record may have been sent without a recorded outcome, or an older one may have been sent in between. An error
  // is cleared only when everything is confirmed.
  const bool record_doubtful = retried || item.has_last_error() || item.confirmed_revision() < suspect_until_revision_;
  const bool steps_doubtful = retried || std::any_of(task.steps.begin(), task.steps.end(),
                                                     [this](int64_t step) { return step <= suspect_until_revision_; });
  if (task.plan.record_pending || record_doubtful) {
    task.record = item.known_to_target() ? RecordCall::kUpdate : NewRecordCall();
  }
  const bool look_up = options_.adapter->can_look_up() && steps_doubtful && !task.steps.empty();
  task.stage = look_up ? Stage::kLookUp : StageAfterLookUp(task);
}

// For a record that the target does not have.
Syncer::RecordCall Syncer::NewRecordCall() const {
  return options_.adapter->has_insert() ? RecordCall::kInsert : RecordCall::kUpdate;
}

Syncer::Stage Syncer::StageAfterLookUp(const Task& task) {
  if (task.record != RecordCall::kNone) return Stage::kRecord;
  return task.steps.empty() ? Stage::kFinished : Stage::kSteps;
}

void Syncer::Continue(int64_t number, Task& task) {
  if (task.stage != Stage::kLookUp) task.stage = StageAfterLookUp(task);
  if (task.stage == Stage::kFinished) {
    Finish(number, task, MirrorOutcome::RESULT_DONE);
  } else {
    ready_.push_back(number);
  }
}

// The task stays in the window until its outcome is recorded, so that it is not fetched and sent again in between.
void Syncer::Finish(int64_t number, Task& task, MirrorOutcome::Result result) {
  task.stage = Stage::kFinished;
  task.progress.set_result(result);
  task.progress.set_dossier(task.delivery->dossier().name());
  task.progress.set_revision(task.delivery->dossier().revision());
  if (result == MirrorOutcome::RESULT_DONE) {
    task.progress.clear_error();
    ++counts_.finished;
  }
  if (result == MirrorOutcome::RESULT_REFUSED) ++counts_.refused;
  outcomes_.push_back({.outcome = std::move(task.progress), .number = number, .final = true});
}

std::vector<Syncer::Outcome> Syncer::TakeOutcomes(size_t count_max) {
  std::vector<Outcome> taken;
  while (!outcomes_.empty() && taken.size() < count_max) {
    taken.push_back(std::move(outcomes_.front()));
    outcomes_.pop_front();
  }
  return taken;
}

void Syncer::OnRecorded(const std::vector<Outcome>& outcomes) {
  for (const Outcome& outcome : outcomes) {
    const auto task = tasks_.find(outcome.number);
    // Progress leaves the task in the window. The window may also have been dropped since.
    if (!outcome.final || task == tasks_.end()) continue;
    window_bytes_ -= task->second.bytes;
    tasks_.erase(task);
    if (fetching_) left_during_fetch_.insert(outcome.number);
  }
}

bool Syncer::has_unknown_ends() const {
  return std::any_of(tasks_.begin(), tasks_.end(), [](const auto& entry) {
    const Task& task = entry.second;
    return task.stage == Stage::kLookUp || task.record_in_doubt;
  });
}

bool Syncer::needs_login(absl::Time now) const {
  return options_.adapter->has_login() && (session_.empty() || now >= session_end_);
}

// Moves tasks whose wait is over to the queue.
void Syncer::WakeWaiting(absl::Time now) {
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    ready_.push_back(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
  }
}

// A login goes before everything else, alone: calls without a session would all fail.
std::optional<Syncer::StartedCall> Syncer::NextCall(absl::Time now) {
  WakeWaiting(now);
  if (paused_ || ready_.empty() || logging_in_) return std::nullopt;
  if (calls_in_flight() >= options_.workers || !breaker_.Allows(now, calls_in_flight())) return std::nullopt;
  if (needs_login(now)) {
    // Set until its answer comes: no other worker logs in as well.
    logging_in_ = true;
    ++counts_.logins;
    return Start(-1, {.kind = CallKind::kLogin});
  }
  const int64_t number = ready_.front();
  ready_.pop_front();
  return Start(number, MakeCall(tasks_.at(number)));
}

Call Syncer::MakeCall(const Task& task) const {
  Call call{.kind = CallKind::kSteps, .delivery = task.delivery};
  if (task.stage == Stage::kLookUp) {
    call.kind = CallKind::kLookup;
  } else if (task.stage == Stage::kRecord) {
    call.kind = task.record == RecordCall::kInsert ? CallKind::kInsert : CallKind::kUpdate;
  } else {
    // From the front: steps go out in their order, and the next call waits for this one.
    const auto most = static_cast<size_t>(std::max(1, options_.profile->steps_per_call()));
    const auto count = static_cast<std::ptrdiff_t>(std::min(task.steps.size(), most));
    call.steps.assign(task.steps.begin(), task.steps.begin() + count);
  }
  return call;
}

// The generation of the session shows later whether the call failed with the present session or an older one.
std::optional<Syncer::StartedCall> Syncer::Start(int64_t number, Call call) {
  const uint64_t id = ++last_call_id_;
  ++counts_.calls;
  calls_[id] = {.number = number, .call = call, .session_generation = session_generation_};
  return StartedCall{.id = id, .call = std::move(call), .session = number < 0 ? "" : session_};
}

void Syncer::OnAnswer(uint64_t id, const Answer& answer, absl::Time now) {
  const auto found = calls_.find(id);
  // The call belongs to a lease that is over.
  if (found == calls_.end()) return;
  const Flight flight = std::move(found->second);
  calls_.erase(found);
  if (flight.number < 0) {
    OnLoginAnswer(answer, now);
  } else {
    OnTaskAnswer(flight.number, flight, answer, now);
  }
}

// A successful login closes the breaker: the target answers. The wait after refusals grows with their number.
void Syncer::OnLoginAnswer(const Answer& answer, absl::Time now) {
  logging_in_ = false;
  if (answer.verdict == Verdict::kDone && !answer.session.empty()) {
    session_ = answer.session;
    ++session_generation_;
    const absl::Duration life = answer.session_life > absl::ZeroDuration()
                                    ? std::min(answer.session_life, options_.session_life)
                                    : options_.session_life;
    session_end_ = now + life;
    login_refused_ = false;
    logins_refused_ = 0;
    breaker_.OnAnswered(now);
    return;
  }
  ++counts_.failures;
  last_error_ = absl::StrCat(answer.reason, answer.code.empty() ? "" : " ", answer.code);
  if (answer.verdict == Verdict::kRefused) {
    login_refused_ = true;
    ++logins_refused_;
    breaker_.Open(now, std::min(kRefusedLoginDelay * logins_refused_, limits::kSyncRetryAfterMax));
    return;
  }
  breaker_.OnFailure(now, answer.retry_after);
}

// Answers about the session or the target as a whole leave the task where it is. All others are about the dossier.
void Syncer::OnTaskAnswer(int64_t number, const Flight& flight, const Answer& answer, absl::Time now) {
  Task& task = tasks_.at(number);
  AddExchange(answer, task.progress);
  if (answer.verdict == Verdict::kSessionExpired) {
    OnSessionExpired(flight, now);
    // To the front: the dossier keeps its turn.
    ready_.push_front(number);
    return;
  }
  if (answer.verdict == Verdict::kBusy || answer.verdict == Verdict::kUnreadable) {
    OnFailed(number, task, flight.call, answer, now);
    return;
  }
  // Whatever the answer says about the dossier, the target works.
  breaker_.OnAnswered(now);
  sessions_lost_ = 0;
  switch (answer.verdict) {
    case Verdict::kDone:
      OnDone(task, flight.call, answer, now);
      break;
    case Verdict::kExists:
      OnExists(task, flight.call, answer, now);
      break;
    case Verdict::kMissing:
      OnMissing(task, flight.call, answer);
      break;
    default:
      Refuse(task, answer, answer.reason.empty() ? "REFUSED" : answer.reason);
      break;
  }
  if (task.progress.result() == MirrorOutcome::RESULT_REFUSED) {
    Finish(number, task, MirrorOutcome::RESULT_REFUSED);
  } else {
    Continue(number, task);
  }
}

void Syncer::OnDone(Task& task, const Call& call, const Answer& answer, absl::Time now) {
  ++successes_;
  task.failures = 0;
  switch (call.kind) {
    case CallKind::kLookup:
      OnLookedUp(task, answer);
      break;
    case CallKind::kInsert:
    case CallKind::kUpdate:
      ++counts_.records;
      last_confirmed_ = now;
      task.record = RecordCall::kNone;
      task.record_in_doubt = false;
      task.progress.set_known_to_target(true);
      task.progress.set_sent_status(task.plan.status);
      task.progress.set_confirmed_digest(task.plan.record_digest);
      break;
    case CallKind::kSteps:
      last_confirmed_ = now;
      for (const int64_t step : call.steps) {
        task.progress.add_confirmed_steps(step);
        // The steps of the call are the first ones of the task: nothing else takes from it during a call.
        task.steps.pop_front();
        ++counts_.steps;
      }
      break;
    case CallKind::kLogin:
      break;
  }
}

void Syncer::OnLookedUp(Task& task, const Answer& answer) {
  ++counts_.lookups;
  task.progress.set_known_to_target(answer.found);
  if (!answer.found) return ResendAll(task);
  if (task.record == RecordCall::kInsert) task.record = RecordCall::kUpdate;
  // A target that does not report its steps leaves the doubt: the steps are sent again, since a missing one is worse
  // than a double one.
  if (answer.reports_steps) {
    const std::set<int64_t> known(answer.known_steps.begin(), answer.known_steps.end());
    std::deque<int64_t> left;
    for (const int64_t step : task.steps) {
      if (known.count(step) > 0) {
        task.progress.add_confirmed_steps(step);
      } else {
        left.push_back(step);
      }
    }
    task.steps = std::move(left);
  }
  task.stage = StageAfterLookUp(task);
}

// The target does not have the dossier, whatever it has confirmed: plans again as if it had confirmed nothing.
void Syncer::ResendAll(Task& task) {
  tthc::v1::MirrorDelivery unconfirmed = *task.delivery;
  unconfirmed.mutable_item()->clear_confirmed_steps();
  unconfirmed.mutable_item()->clear_confirmed_digest();
  unconfirmed.mutable_item()->clear_known_to_target();
  task.plan = MakePlan(*options_.profile, unconfirmed);
  task.record = NewRecordCall();
  task.steps.assign(task.plan.steps.begin(), task.plan.steps.end());
  task.stage = Stage::kRecord;
}

void Syncer::OnExists(Task& task, const Call& call, const Answer& answer, absl::Time now) {
  ++successes_;
  if (call.kind == CallKind::kSteps) {
    // The target has these steps already: that confirms them.
    OnDone(task, call, answer, now);
    return;
  }
  if (call.kind != CallKind::kInsert || task.switched) {
    Refuse(task, answer, "CONTRADICTION");
    return;
  }
  task.switched = true;
  task.record = RecordCall::kUpdate;
  // Another system sent the record before, or we did without a recorded outcome. The steps may have been sent, too.
  if (options_.adapter->can_look_up() && !task.steps.empty()) task.stage = Stage::kLookUp;
}

// An update or steps of a dossier that the target does not have. Only an insert can create it there.
void Syncer::OnMissing(Task& task, const Call& call, const Answer& answer) {
  ++successes_;
  if (task.switched || call.kind == CallKind::kInsert || !options_.adapter->has_insert()) {
    Refuse(task, answer, task.switched ? "CONTRADICTION" : "UNKNOWN_TO_TARGET");
    return;
  }
  task.switched = true;
  ResendAll(task);
}

// A refusal counts as a success of the target: it processed the call. That matters for the question which of two is to
// blame for failures, the target or the dossier.
void Syncer::Refuse(Task& task, const Answer& answer, const std::string& reason) {
  ++successes_;
  SetError(answer, reason, task.progress);
  task.progress.set_result(MirrorOutcome::RESULT_REFUSED);
}

void Syncer::OnSessionExpired(const Flight& flight, absl::Time now) {
  // Several calls may find the same session expired. Only the first drops it, so that one login serves them all.
  if (flight.session_generation != session_generation_ || session_.empty()) return;
  session_.clear();
  if (++sessions_lost_ > kSessionsLostMax) {
    last_error_ = "SESSION_EXPIRED";
    breaker_.OnFailure(now, absl::ZeroDuration());
  }
}

// No usable answer: the task waits for another attempt, and is parked after attempts_max of them that are its own
// fault.
void Syncer::OnFailed(int64_t number, Task& task, const Call& call, const Answer& answer, absl::Time now) {
  ++counts_.failures;
  ++task.failures;
  last_error_ = absl::StrCat(answer.reason, answer.code.empty() ? "" : " ", answer.code);
  breaker_.OnFailure(now, answer.retry_after);
  if (answer.may_have_applied) {
    if (call.kind != CallKind::kSteps) {
      task.record_in_doubt = true;
    } else if (options_.adapter->can_look_up()) {
      task.stage = Stage::kLookUp;
    }
  }
  // During an outage all calls fail and no dossier is to blame. A dossier is, if others got through between its
  // failures.
  const bool blames_dossier = task.successes_at_failure >= 0 && successes_ > task.successes_at_failure;
  task.successes_at_failure = successes_;
  if (blames_dossier) {
    ++task.attempts;
    task.progress.set_counts_as_attempt(true);
  }
  SetError(answer, answer.reason, task.progress);
  if (task.attempts >= options_.attempts_max) {
    Finish(number, task, MirrorOutcome::RESULT_REFUSED);
    return;
  }
  // Jittered, so that the dossiers of an outage do not all come back in the same second.
  const absl::Time next =
      now + FullJitter(options_.retry_delay_first, options_.retry_delay_max, task.failures, options_.uniform());
  waiting_.emplace(next, number);
  // During an outage nothing is recorded that did not change: millions of dossiers may fail.
  if (!blames_dossier && task.progress.confirmed_steps().empty() && task.progress.sent_status().empty()) return;
  *task.progress.mutable_next_try_time() = ToProto(next);
  Report(number, task);
}

// Passes on what was confirmed so far. `known_to_target` stays in the progress: the next outcome must not lack it.
void Syncer::Report(int64_t number, Task& task) {
  MirrorOutcome progress = std::move(task.progress);
  progress.set_result(MirrorOutcome::RESULT_UNFINISHED);
  progress.set_dossier(task.delivery->dossier().name());
  progress.set_revision(task.delivery->dossier().revision());
  task.progress.Clear();
  task.progress.set_known_to_target(progress.known_to_target());
  outcomes_.push_back({.outcome = std::move(progress), .number = number, .final = false});
}

void Syncer::ReportProgress() {
  for (auto& [number, task] : tasks_) {
    const bool made = !task.progress.confirmed_steps().empty() || !task.progress.sent_status().empty();
    if (task.stage != Stage::kFinished && made) Report(number, task);
  }
}

// Lets a worker sleep until something can happen. Answers, deliveries and resumption notify it anyway.
absl::Time Syncer::NextWake(absl::Time now) const {
  if (paused_ || logging_in_ || calls_in_flight() >= options_.workers) return absl::InfiniteFuture();
  absl::Time next = ready_.empty() ? absl::InfiniteFuture() : now;
  if (!waiting_.empty()) next = std::min(next, waiting_.begin()->first);
  if (next == absl::InfiniteFuture() || !breaker_.is_open()) return next;
  // While the breaker is open, one call at a time goes out as a probe.
  return calls_in_flight() > 0 ? absl::InfiniteFuture() : std::max(next, breaker_.next_try_time());
}

tthc::v1::MirrorCondition Syncer::Condition() const {
  tthc::v1::MirrorCondition condition;
  condition.set_state(tthc::v1::MirrorCondition::STATE_HEALTHY);
  if (breaker_.is_open()) {
    condition.set_state(login_refused_ ? tthc::v1::MirrorCondition::STATE_LOGIN_REFUSED
                                       : tthc::v1::MirrorCondition::STATE_UNREACHABLE);
    *condition.mutable_next_try_time() = ToProto(breaker_.next_try_time());
  }
  condition.set_error(last_error_);
  if (breaker_.state_time() > absl::InfinitePast()) *condition.mutable_state_time() = ToProto(breaker_.state_time());
  if (last_confirmed_ > absl::InfinitePast()) *condition.mutable_last_success_time() = ToProto(last_confirmed_);
  return condition;
}

}  // namespace tthc::sync
