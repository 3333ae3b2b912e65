#include "client/sync/syncer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"

namespace tthc::sync {
namespace {

using tthc::v1::MirrorOutcome;

// A login that is refused is not tried at the pace of a busy line: accounts get locked.
constexpr absl::Duration kRefusedLoginDelay = absl::Seconds(30);
// Sessions that are lost as soon as they are made: the target is not well.
constexpr int kSessionsLostMax = 3;

void AddExchange(const Answer& answer, MirrorOutcome& progress) {
  *progress.add_exchanges() = answer.exchange;
  while (progress.exchanges_size() > static_cast<int>(limits::kMirrorExchangesMax)) {
    progress.mutable_exchanges()->DeleteSubrange(0, 1);
  }
}

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
  Task& task = tasks_[number];
  task.attempts = delivery->item().attempts();
  task.bytes = delivery->ByteSizeLong();
  window_bytes_ += task.bytes;
  task.delivery = std::move(delivery);
  task.plan = std::move(plan);
  Prepare(task);
  if (!task.plan.owed) {
    Finish(number, task, MirrorOutcome::NOT_OWED);
  } else if (!task.plan.hold.reason().empty()) {
    *task.progress.mutable_error() = task.plan.hold;
    Finish(number, task, MirrorOutcome::REFUSED);
  } else {
    Continue(number, task);
  }
  return true;
}

void Syncer::Prepare(Task& task) {
  const tthc::v1::MirrorItem& item = task.delivery->item();
  task.record_owed = task.plan.record_owed;
  task.steps.assign(task.plan.steps.begin(), task.plan.steps.end());
  task.insert = !item.known_to_target() && options_.adapter->has_insert();
  task.progress.set_known_to_target(item.known_to_target());
  // Whoever asks for another try may be wrong about what the target has.
  const bool asked_again =
      item.has_decision_time() && FromProto(item.decision_time()) >= FromProto(item.confirmed_time());
  // Something may have been told without a record of it: steps, and the record as it was in between, to which it may
  // have gone and come back from. An error stands only until all has been confirmed.
  const bool record_doubtful =
      asked_again || item.has_last_error() || item.confirmed_revision() < suspect_until_revision_;
  const bool steps_doubtful = asked_again ||
                              std::any_of(task.steps.begin(), task.steps.end(),
                                          [this](int64_t step) { return step <= suspect_until_revision_; });
  task.record_owed = task.record_owed || record_doubtful;
  task.look_up = options_.adapter->can_look_up() && steps_doubtful && !task.steps.empty();
}

void Syncer::Continue(int64_t number, Task& task) {
  if (!task.look_up && !task.record_owed && task.steps.empty()) {
    Finish(number, task, MirrorOutcome::DONE);
  } else {
    ready_.push_back(number);
  }
}

void Syncer::Finish(int64_t number, Task& task, MirrorOutcome::Result result) {
  task.finished = true;
  task.progress.set_result(result);
  task.progress.set_dossier(task.delivery->dossier().name());
  task.progress.set_revision(task.delivery->dossier().revision());
  if (result == MirrorOutcome::DONE) {
    task.progress.clear_error();
    ++counts_.finished;
  }
  if (result == MirrorOutcome::REFUSED) ++counts_.refused;
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
    if (!outcome.final || task == tasks_.end()) continue;
    window_bytes_ -= task->second.bytes;
    tasks_.erase(task);
    if (fetching_) left_during_fetch_.insert(outcome.number);
  }
}

bool Syncer::has_unknown_ends() const {
  return std::any_of(tasks_.begin(), tasks_.end(), [](const auto& entry) {
    const Task& task = entry.second;
    return task.look_up || task.record_unknown;
  });
}

bool Syncer::needs_login(absl::Time now) const {
  return options_.adapter->has_login() && (session_.empty() || now >= session_end_);
}

void Syncer::WakeWaiting(absl::Time now) {
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    ready_.push_back(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
  }
}

std::optional<Syncer::StartedCall> Syncer::NextCall(absl::Time now) {
  WakeWaiting(now);
  if (paused_ || ready_.empty() || logging_in_) return std::nullopt;
  if (calls_in_flight() >= options_.lanes || !breaker_.Allows(now, calls_in_flight())) return std::nullopt;
  if (needs_login(now)) {
    logging_in_ = true;
    ++counts_.logins;
    return Start(-1, {.kind = CallKind::kLogin});
  }
  const int64_t number = ready_.front();
  ready_.pop_front();
  return Start(number, MakeCall(tasks_.at(number)));
}

Call Syncer::MakeCall(Task& task) const {
  Call call{.kind = CallKind::kSteps, .delivery = task.delivery};
  if (task.look_up) {
    call.kind = CallKind::kLookup;
  } else if (task.record_owed) {
    call.kind = task.insert ? CallKind::kInsert : CallKind::kUpdate;
  } else {
    const auto most = static_cast<size_t>(std::max(1, options_.profile->steps_per_call()));
    const auto count = static_cast<std::ptrdiff_t>(std::min(task.steps.size(), most));
    call.steps.assign(task.steps.begin(), task.steps.begin() + count);
  }
  return call;
}

std::optional<Syncer::StartedCall> Syncer::Start(int64_t number, Call call) {
  const uint64_t id = ++last_call_id_;
  ++counts_.calls;
  calls_[id] = {.number = number, .call = call, .session_generation = session_generation_};
  return StartedCall{.id = id, .call = std::move(call), .session = number < 0 ? "" : session_};
}

void Syncer::OnAnswer(uint64_t id, const Answer& answer, absl::Time now) {
  const auto found = calls_.find(id);
  // Of a lease that is over.
  if (found == calls_.end()) return;
  const Flight flight = std::move(found->second);
  calls_.erase(found);
  if (flight.number < 0) {
    OnLoginAnswer(answer, now);
  } else {
    OnTaskAnswer(flight.number, flight, answer, now);
  }
}

void Syncer::OnLoginAnswer(const Answer& answer, absl::Time now) {
  logging_in_ = false;
  if (answer.verdict == Verdict::kDone && !answer.session.empty()) {
    session_ = answer.session;
    ++session_generation_;
    const absl::Duration life =
        answer.session_life > absl::ZeroDuration() ? std::min(answer.session_life, options_.session_life)
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

void Syncer::OnTaskAnswer(int64_t number, const Flight& flight, const Answer& answer, absl::Time now) {
  Task& task = tasks_.at(number);
  AddExchange(answer, task.progress);
  if (answer.verdict == Verdict::kSessionExpired) {
    OnSessionExpired(flight, now);
    ready_.push_front(number);
    return;
  }
  if (answer.verdict == Verdict::kBusy || answer.verdict == Verdict::kUnreadable) {
    OnFailed(number, task, flight.call, answer, now);
    return;
  }
  breaker_.OnAnswered(now);
  sessions_lost_ = 0;
  switch (answer.verdict) {
    case Verdict::kDone:
      OnDone(task, flight.call, answer);
      break;
    case Verdict::kExists:
      OnExists(task, flight.call, answer);
      break;
    case Verdict::kMissing:
      OnMissing(task, flight.call, answer);
      break;
    default:
      Refuse(task, answer, answer.reason.empty() ? "REFUSED" : answer.reason);
      break;
  }
  if (task.progress.result() == MirrorOutcome::REFUSED) {
    Finish(number, task, MirrorOutcome::REFUSED);
  } else {
    Continue(number, task);
  }
}

void Syncer::OnDone(Task& task, const Call& call, const Answer& answer) {
  ++successes_;
  task.failures = 0;
  switch (call.kind) {
    case CallKind::kLookup:
      OnLookedUp(task, answer);
      break;
    case CallKind::kInsert:
    case CallKind::kUpdate:
      ++counts_.records;
      task.record_owed = false;
      task.record_unknown = false;
      task.progress.set_known_to_target(true);
      task.progress.set_sent_status(task.plan.status);
      task.progress.set_confirmed_digest(task.plan.record_digest);
      break;
    case CallKind::kSteps:
      for (const int64_t step : call.steps) {
        task.progress.add_confirmed_steps(step);
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
  task.look_up = false;
  task.progress.set_known_to_target(answer.found);
  if (!answer.found) {
    TellAllAgain(task);
    return;
  }
  task.insert = false;
  if (!answer.tells_steps) return;
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

// What was confirmed once is not there: the target has lost it.
void Syncer::TellAllAgain(Task& task) {
  tthc::v1::MirrorDelivery forgotten = *task.delivery;
  forgotten.mutable_item()->clear_confirmed_steps();
  forgotten.mutable_item()->clear_confirmed_digest();
  forgotten.mutable_item()->clear_known_to_target();
  task.plan = MakePlan(*options_.profile, forgotten);
  task.record_owed = true;
  task.insert = options_.adapter->has_insert();
  task.steps.assign(task.plan.steps.begin(), task.plan.steps.end());
}

void Syncer::OnExists(Task& task, const Call& call, const Answer& answer) {
  ++successes_;
  if (call.kind == CallKind::kSteps) {
    // It says that it has them.
    OnDone(task, call, answer);
    return;
  }
  if (call.kind != CallKind::kInsert || task.switched) {
    Refuse(task, answer, "CONTRADICTION");
    return;
  }
  task.switched = true;
  task.insert = false;
  // Told by someone before us, or by us without knowing it: then so may have been its steps.
  task.look_up = options_.adapter->can_look_up() && !task.steps.empty();
}

void Syncer::OnMissing(Task& task, const Call& call, const Answer& answer) {
  ++successes_;
  if (task.switched || call.kind == CallKind::kInsert || !options_.adapter->has_insert()) {
    Refuse(task, answer, task.switched ? "CONTRADICTION" : "UNKNOWN_TO_TARGET");
    return;
  }
  task.switched = true;
  TellAllAgain(task);
}

void Syncer::Refuse(Task& task, const Answer& answer, const std::string& reason) {
  ++successes_;
  SetError(answer, reason, task.progress);
  task.progress.set_result(MirrorOutcome::REFUSED);
}

void Syncer::OnSessionExpired(const Flight& flight, absl::Time now) {
  // The others' calls with the same session say the same: one login serves them all.
  if (flight.session_generation != session_generation_ || session_.empty()) return;
  session_.clear();
  if (++sessions_lost_ > kSessionsLostMax) {
    last_error_ = "SESSION_EXPIRED";
    breaker_.OnFailure(now, absl::ZeroDuration());
  }
}

void Syncer::OnFailed(int64_t number, Task& task, const Call& call, const Answer& answer, absl::Time now) {
  ++counts_.failures;
  ++task.failures;
  last_error_ = absl::StrCat(answer.reason, answer.code.empty() ? "" : " ", answer.code);
  breaker_.OnFailure(now, answer.retry_after);
  if (answer.may_have_applied && call.kind == CallKind::kSteps) task.look_up = options_.adapter->can_look_up();
  if (answer.may_have_applied && call.kind != CallKind::kSteps) task.record_unknown = true;
  const bool blames_dossier = task.successes_at_failure >= 0 && successes_ > task.successes_at_failure;
  task.successes_at_failure = successes_;
  if (blames_dossier) {
    ++task.attempts;
    task.progress.set_counts_as_attempt(true);
  }
  SetError(answer, answer.reason, task.progress);
  if (task.attempts >= options_.attempts_max) {
    Finish(number, task, MirrorOutcome::REFUSED);
    return;
  }
  const absl::Time next = now + FullJitter(options_.retry_delay_first, options_.retry_delay_max, task.failures,
                                           options_.uniform());
  waiting_.emplace(next, number);
  // An outage that changes nothing writes nothing.
  if (!blames_dossier && task.progress.confirmed_steps().empty() && task.progress.sent_status().empty()) return;
  *task.progress.mutable_next_try_time() = ToProto(next);
  Report(number, task);
}

void Syncer::Report(int64_t number, Task& task) {
  MirrorOutcome progress = std::move(task.progress);
  progress.set_result(MirrorOutcome::UNFINISHED);
  progress.set_dossier(task.delivery->dossier().name());
  progress.set_revision(task.delivery->dossier().revision());
  task.progress.Clear();
  task.progress.set_known_to_target(progress.known_to_target());
  outcomes_.push_back({.outcome = std::move(progress), .number = number, .final = false});
}

void Syncer::ReportProgress() {
  for (auto& [number, task] : tasks_) {
    const bool made = !task.progress.confirmed_steps().empty() || !task.progress.sent_status().empty();
    if (!task.finished && made) Report(number, task);
  }
}

absl::Time Syncer::NextWake(absl::Time now) const {
  if (paused_ || logging_in_ || calls_in_flight() >= options_.lanes) return absl::InfiniteFuture();
  absl::Time next = ready_.empty() ? absl::InfiniteFuture() : now;
  if (!waiting_.empty()) next = std::min(next, waiting_.begin()->first);
  if (next == absl::InfiniteFuture() || !breaker_.is_open()) return next;
  // The answers under way come first.
  return calls_in_flight() > 0 ? absl::InfiniteFuture() : std::max(next, breaker_.next_try_time());
}

tthc::v1::MirrorCondition Syncer::Condition() const {
  tthc::v1::MirrorCondition condition;
  condition.set_state(tthc::v1::MirrorCondition::HEALTHY);
  if (breaker_.is_open()) {
    condition.set_state(login_refused_ ? tthc::v1::MirrorCondition::LOGIN_REFUSED
                                       : tthc::v1::MirrorCondition::UNREACHABLE);
    *condition.mutable_next_try_time() = ToProto(breaker_.next_try_time());
  }
  condition.set_error(last_error_);
  if (breaker_.state_time() > absl::InfinitePast()) *condition.mutable_state_time() = ToProto(breaker_.state_time());
  if (breaker_.last_answer_time() > absl::InfinitePast()) {
    *condition.mutable_last_success_time() = ToProto(breaker_.last_answer_time());
  }
  return condition;
}

}  // namespace tthc::sync
