#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "client/sync/adapter.h"
#include "client/sync/call.h"
#include "client/sync/circuit_breaker.h"
#include "client/sync/plan.h"
#include "tthc/sync/v1/profile.pb.h"
#include "tthc/v1/mirror.pb.h"

namespace tthc::sync {

// Decides the next call for one target: given pending dossiers, answers and the time, it says which call to make next
// and which outcomes to record.
//
// Vocabulary:
//   task     one dossier that is being delivered
//   window   the tasks held in memory. It is bounded, so that millions of pending dossiers cost nothing here.
//   call     one request to the target; at most `workers` of them are under way
//   outcome  what the server records of a task: its end, or its progress so far
//   lease    the right to send, and the time from Begin() to the next Begin()
//
// Order. A dossier has at most one task, and a task at most one call under way: that keeps the order of its record and
// its steps. Different dossiers go in parallel. A task leaves the window when its last outcome has been recorded.
//
// In doubt. A call that ended without an answer may have taken effect. A record is then sent again, which does no harm.
// Steps would be doubled, so the target is asked first which of them it has, if it can be asked.
//
// Failures. Those of the target hold everything back (CircuitBreaker) and are no dossier's fault. A dossier that fails
// while others get through is tried attempts_max times and then parked, which is an outcome like any other. Nothing is
// ever dropped: what has no recorded outcome is still pending at the server.
//
// It has no threads, clock, sockets or server. TargetRunner drives it with real ones; a simulation drives it through
// thousands of schedules. Not thread-safe. Times may come from any clock that does not go back.
class Syncer {
 public:
  struct Options {
    // Both outlive the syncer.
    const v1::Profile* profile = nullptr;
    const Adapter* adapter = nullptr;
    // Calls under way at the same time, logins included.
    int workers = 1;
    // Bounds of the window: tasks, and bytes of their deliveries. A single dossier is accepted whatever its size.
    int window = 1;
    size_t window_bytes = 0;
    // Waits of a task, and of the breaker, as in FullJitter.
    absl::Duration retry_delay_first;
    absl::Duration retry_delay_max;
    // Failures in a row that open the breaker, and failures of its own after which a dossier is parked.
    int failures_before_open = 1;
    int attempts_max = 1;
    // How long a session lasts, unless the answer to the login says less.
    absl::Duration session_life = absl::InfiniteDuration();
    // Uniform in [0, 1).
    std::function<double()> uniform;
  };

  explicit Syncer(Options options);

  // A lease begins: drops all tasks and calls under way. Unless `clean`, events up to `head_revision` may have been
  // sent without a recorded outcome; the target is asked which steps it has before they are sent again.
  void Begin(bool clean, int64_t head_revision);

  // How many more dossiers fit into the window.
  int room() const;
  // Enclose one request for pending dossiers. Its answer may be as old as BeginFetch(). A dossier that left the window
  // in between would be sent again what is recorded by now, so Add() refuses it; if it is still pending, the next list
  // has it.
  void BeginFetch();
  void EndFetch();
  // False if the dossier is in the window, was there since BeginFetch(), or does not fit.
  bool Add(tthc::v1::MirrorDelivery delivery);
  // The same with MakePlan() done by the caller, outside its lock: it takes most of the time.
  bool Add(DeliveryPtr delivery, Plan plan);

  // A call for a worker to make. `session` is the one to make it with; a secret.
  struct StartedCall {
    uint64_t id = 0;
    Call call;
    std::string session;
  };
  // The next call to begin now, or nullopt. Calls end by OnAnswer.
  std::optional<StartedCall> NextCall(absl::Time now);
  // Exactly once for each started call. An answer to a call of an earlier lease is ignored.
  void OnAnswer(uint64_t id, const Answer& answer, absl::Time now);
  // When NextCall may return a call that it does not return now. Answers, new dossiers and SetPaused() may change that
  // at any time. InfiniteFuture: only these.
  absl::Time NextWake(absl::Time now) const;

  // The next outcomes to record at the server, in order, at most `count_max`. Pass them to OnRecorded() once they are.
  struct Outcome {
    tthc::v1::MirrorOutcome outcome;
    int64_t number = 0;
    // The task ends with this outcome and leaves the window once it is recorded.
    bool final = false;
  };
  std::vector<Outcome> TakeOutcomes(size_t count_max);
  void OnRecorded(const std::vector<Outcome>& outcomes);
  // Adds outcomes for what unfinished tasks have confirmed so far. Call it before a shutdown.
  void ReportProgress();

  // While paused, no call begins; calls under way end as usual.
  void SetPaused(bool paused) { paused_ = paused; }
  int calls_in_flight() const { return static_cast<int>(calls_.size()); }
  bool has_outcomes() const { return !outcomes_.empty(); }
  // Some task in the window is in doubt: a call of it may have taken effect.
  bool has_unknown_ends() const;
  size_t task_count() const { return tasks_.size(); }

  // How the target answers, for the server.
  tthc::v1::MirrorCondition Condition() const;

  // Since construction, over all leases. For tests and logs.
  struct Counts {
    int64_t calls = 0;
    int64_t failures = 0;
    int64_t logins = 0;
    int64_t lookups = 0;
    int64_t records = 0;
    int64_t steps = 0;
    int64_t finished = 0;
    int64_t refused = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  // What comes next for a task. The stages follow each other in this order. A call that fails in doubt, and a target
  // that contradicts our view of it, lead back.
  enum class Stage {
    // The target must be asked what it has before anything is sent.
    kLookUp,
    // The record is to be sent, as Task::record says.
    kRecord,
    // Task::steps are to be sent.
    kSteps,
    // The last outcome waits to be recorded.
    kFinished,
  };
  // How the record is to be sent. kNone: the target has it.
  enum class RecordCall { kNone, kInsert, kUpdate };

  struct Task {
    DeliveryPtr delivery;
    size_t bytes = 0;
    Plan plan;
    // What was confirmed and attempted and is not in an outcome yet.
    tthc::v1::MirrorOutcome progress;
    Stage stage = Stage::kRecord;
    RecordCall record = RecordCall::kNone;
    // The target has contradicted us once, and the call for the record was switched from insert to update or back. A
    // second contradiction ends the task.
    bool switched = false;
    // A call for the record may have taken effect.
    bool record_in_doubt = false;
    // Revisions of steps to send, in order.
    std::deque<int64_t> steps;
    int attempts = 0;
    int failures = 0;
    // successes_ at the last failure. If other calls succeeded since, the failures are the dossier's, not the target's.
    int64_t successes_at_failure = -1;
  };
  struct Flight {
    // -1 for a login.
    int64_t number = -1;
    Call call;
    int64_t session_generation = 0;
  };

  void Prepare(Task& task);
  Call MakeCall(const Task& task) const;
  std::optional<StartedCall> Start(int64_t number, Call call);
  void OnLoginAnswer(const Answer& answer, absl::Time now);
  void OnTaskAnswer(int64_t number, const Flight& flight, const Answer& answer, absl::Time now);
  void OnDone(Task& task, const Call& call, const Answer& answer, absl::Time now);
  void OnLookedUp(Task& task, const Answer& answer);
  void OnExists(Task& task, const Call& call, const Answer& answer, absl::Time now);
  void OnMissing(Task& task, const Call& call, const Answer& answer);
  // No answer, or one that says nothing about the dossier.
  void OnFailed(int64_t number, Task& task, const Call& call, const Answer& answer, absl::Time now);
  void OnSessionExpired(const Flight& flight, absl::Time now);
  void Refuse(Task& task, const Answer& answer, const std::string& reason);
  RecordCall NewRecordCall() const;
  static Stage StageAfterLookUp(const Task& task);
  // Finishes the task if nothing is left to send, else queues it for its next call.
  void Continue(int64_t number, Task& task);
  void Finish(int64_t number, Task& task, tthc::v1::MirrorOutcome::Result result);
  void Report(int64_t number, Task& task);
  void ResendAll(Task& task);
  void WakeWaiting(absl::Time now);
  bool needs_login(absl::Time now) const;

  const Options options_;
  CircuitBreaker breaker_;
  // By dossier number.
  std::unordered_map<int64_t, Task> tasks_;
  size_t window_bytes_ = 0;
  bool fetching_ = false;
  // Only while fetching_.
  std::unordered_set<int64_t> left_during_fetch_;
  // Numbers of tasks: those that can make a call now, in the order of their turn, and those that wait, by the time at
  // which they may. A task with a call under way is in neither.
  std::deque<int64_t> ready_;
  std::multimap<absl::Time, int64_t> waiting_;
  // By id of the call. An id that is not here belongs to an earlier lease.
  std::unordered_map<uint64_t, Flight> calls_;
  // Not taken yet. Those that were taken are the caller's until OnRecorded().
  std::deque<Outcome> outcomes_;
  uint64_t last_call_id_ = 0;
  // Events up to here may have been sent without a recorded outcome.
  int64_t suspect_until_revision_ = 0;
  bool paused_ = false;

  // The session and its generation, which rises with every login. Kept over a new lease.
  std::string session_;
  absl::Time session_end_ = absl::InfinitePast();
  int64_t session_generation_ = 0;
  bool logging_in_ = false;
  // Sessions that expired since the last call that was answered.
  int sessions_lost_ = 0;
  int logins_refused_ = 0;
  bool login_refused_ = false;
  std::string last_error_;

  // Calls that the target answered for their dossier.
  int64_t successes_ = 0;
  absl::Time last_confirmed_ = absl::InfinitePast();
  Counts counts_;
};

}  // namespace tthc::sync
