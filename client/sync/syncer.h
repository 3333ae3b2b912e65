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

// The mind of the mirror of one target: given pending dossiers, answers and the time, says which call comes next and
// what is to be recorded. No threads, no clock, no sockets, no server: a program drives it (see runner.h), and so does
// a simulation that tries thousands of schedules.
//
// Words: a *task* is one dossier in the window; the *window* is bounded, so that millions behind cost nothing here. One
// dossier has at most one task, and a task at most one call under way: that keeps the order of each dossier. A task
// leaves the window when its outcome has been recorded.
//
// Not thread-safe. Times may come from any clock that does not go back.
class Syncer {
 public:
  struct Options {
    // Both outlive the syncer.
    const v1::Profile* profile = nullptr;
    const Adapter* adapter = nullptr;
    int lanes = 1;
    // Dossiers, and what their deliveries take. One dossier is let in however large it is.
    int window = 1;
    size_t window_bytes = 0;
    absl::Duration retry_delay_first;
    absl::Duration retry_delay_max;
    int failures_before_open = 1;
    int attempts_max = 1;
    // Used unless the login's answer names a shorter one.
    absl::Duration session_life = absl::InfiniteDuration();
    // Uniform in [0, 1).
    std::function<double()> uniform;
  };

  explicit Syncer(Options options);

  // A lease begins: forgets all tasks and calls under way. Unless `clean`, steps of events up to `head_revision` may
  // have been told without a record of it; the target is asked before they are told again.
  void Begin(bool clean, int64_t head_revision);

  // How many more dossiers it takes.
  int room() const;
  // Around the asking for pending dossiers, one at a time: what is added in between may be as old as the beginning. A
  // dossier that has left the window since is not taken in again, or it would be told what was told already; if it
  // still owes something, the next list has it.
  void BeginFetch();
  void EndFetch();
  // False if it has the dossier already, had it since BeginFetch(), or has no room.
  bool Add(tthc::v1::MirrorDelivery delivery);
  // The same with MakePlan() done already: it takes most of the time.
  bool Add(DeliveryPtr delivery, Plan plan);

  struct StartedCall {
    uint64_t id = 0;
    Call call;
    std::string session;
  };
  // The next call to begin now, or nullopt. Calls end by OnAnswer.
  std::optional<StartedCall> NextCall(absl::Time now);
  void OnAnswer(uint64_t id, const Answer& answer, absl::Time now);
  // When NextCall may have something that it has not now, unless something comes from outside; InfiniteFuture = never.
  absl::Time NextWake(absl::Time now) const;

  // What is to be recorded at the server, in this order, at most so many; to be given back by OnRecorded once it is.
  struct Outcome {
    tthc::v1::MirrorOutcome outcome;
    int64_t number = 0;
    // Its task leaves the window with it.
    bool final = false;
  };
  std::vector<Outcome> TakeOutcomes(size_t count_max);
  void OnRecorded(const std::vector<Outcome>& outcomes);
  // Has what was confirmed of unfinished dossiers recorded too: before an end.
  void ReportProgress();

  // While paused or stopping no call begins; those under way end as ever.
  void SetPaused(bool paused) { paused_ = paused; }
  int calls_in_flight() const { return static_cast<int>(calls_.size()); }
  bool has_outcomes() const { return !outcomes_.empty(); }
  // Some call of a task in the window ended without telling whether it took effect.
  bool has_unknown_ends() const;
  size_t task_count() const { return tasks_.size(); }

  // How the target answers.
  tthc::v1::MirrorCondition Condition() const;

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
  struct Task {
    DeliveryPtr delivery;
    size_t bytes = 0;
    Plan plan;
    // What has come of it since it came in, and is not yet in an outcome.
    tthc::v1::MirrorOutcome progress;
    // The record is to be inserted rather than updated.
    bool insert = false;
    // It has been switched from one to the other: once is enough.
    bool switched = false;
    bool record_owed = false;
    // A call of it ended without telling whether it took effect.
    bool record_unknown = false;
    std::deque<int64_t> steps;
    // The target has to be asked what it knows before anything else is told.
    bool look_up = false;
    int attempts = 0;
    int failures = 0;
    // successes_ when it failed last: if others went through since, it is not the target that fails.
    int64_t successes_at_failure = -1;
    bool finished = false;
  };
  struct Flight {
    // -1 for a login.
    int64_t number = -1;
    Call call;
    int64_t session_generation = 0;
  };

  void Prepare(Task& task);
  Call MakeCall(Task& task) const;
  std::optional<StartedCall> Start(int64_t number, Call call);
  void OnLoginAnswer(const Answer& answer, absl::Time now);
  void OnTaskAnswer(int64_t number, const Flight& flight, const Answer& answer, absl::Time now);
  void OnDone(Task& task, const Call& call, const Answer& answer);
  void OnLookedUp(Task& task, const Answer& answer);
  void OnExists(Task& task, const Call& call, const Answer& answer);
  void OnMissing(Task& task, const Call& call, const Answer& answer);
  // No answer, or none of use.
  void OnFailed(int64_t number, Task& task, const Call& call, const Answer& answer, absl::Time now);
  void OnSessionExpired(const Flight& flight, absl::Time now);
  void Refuse(Task& task, const Answer& answer, const std::string& reason);
  // Puts the task where it goes after an answer: finished, or ready for its next call.
  void Continue(int64_t number, Task& task);
  void Finish(int64_t number, Task& task, tthc::v1::MirrorOutcome::Result result);
  void Report(int64_t number, Task& task);
  void TellAllAgain(Task& task);
  void WakeWaiting(absl::Time now);
  bool needs_login(absl::Time now) const;

  const Options options_;
  CircuitBreaker breaker_;
  // By dossier number.
  std::unordered_map<int64_t, Task> tasks_;
  size_t window_bytes_ = 0;
  bool fetching_ = false;
  std::unordered_set<int64_t> left_during_fetch_;
  std::deque<int64_t> ready_;
  std::multimap<absl::Time, int64_t> waiting_;
  std::unordered_map<uint64_t, Flight> calls_;
  std::deque<Outcome> outcomes_;
  uint64_t last_call_id_ = 0;
  int64_t suspect_until_revision_ = 0;
  bool paused_ = false;

  std::string session_;
  absl::Time session_end_ = absl::InfinitePast();
  int64_t session_generation_ = 0;
  bool logging_in_ = false;
  // Sessions lost since the last call that went through.
  int sessions_lost_ = 0;
  int logins_refused_ = 0;
  bool login_refused_ = false;
  std::string last_error_;

  int64_t successes_ = 0;
  Counts counts_;
};

}  // namespace tthc::sync
