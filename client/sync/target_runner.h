#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/sdk/client.h"
#include "client/sync/adapter.h"
#include "client/sync/http.h"
#include "client/sync/syncer.h"
#include "storage/base/mutex.h"

namespace tthc::sync {

// Delivers to one target: drives its Syncer with threads, the server and real calls.
//
// Threads. One keeps the lease, one fetches pending dossiers, one records outcomes, and each worker makes one call at a
// time. They share the Syncer under one mutex, which is never held during a call to the server or the target.
//
// The lease. No call begins or continues once the lease may have ended, so that of two programs with the same target
// only one sends. If another program held the lease in between, the window is dropped and begun again.
//
// Failures. Outcomes that the server does not accept are kept and sent again until it does; meanwhile the window fills
// up and the workers wait. Failures of the target are the Syncer's to handle.
//
// A kill leaves the lease to run out. The next holder is then given an unclean start: what may have been sent without a
// recorded outcome is looked up at the target. Thread-safe.
class TargetRunner {
 public:
  struct Options {
    // These outlive the runner.
    sdk::Client* client = nullptr;
    Http* http = nullptr;
    const Adapter* adapter = nullptr;
    // Name, number of workers, delays.
    const v1::Target* target = nullptr;
    const v1::Profile* profile = nullptr;
    // Name under which it holds the lease, unique to this process.
    std::string holder;
    // Called at every login.
    std::function<absl::StatusOr<std::string>()> read_password;
    // Uniform in [0, 1); called under the runner's lock.
    std::function<double()> uniform;
  };

  explicit TargetRunner(Options options);
  // Stops first.
  ~TargetRunner();

  // Once. The server and the target may be down: both are tried until Stop().
  void Start();
  // There may be new pending dossiers: something was recorded at the server.
  void WakeUp();
  // Waits for the calls under way, records their outcomes and releases the lease. Blocks for at most about the timeout
  // of a call. Outcomes that can't be recorded in time are given up; the lease is then released as unclean.
  void Stop();

  // Of this process; for tests and logs.
  Syncer::Counts counts();

 private:
  // kStopping: no call begins, outcomes are still recorded. kStopped: the threads of lease and outcomes end, too.
  enum class Phase { kRunning, kStopping, kStopped };

  // Bodies of the threads.
  void KeepLease();
  void Fetch();
  void Record();
  void RunWorker();

  void Acquire();
  void Renew();
  absl::Duration RenewInterval() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Release();
  // Records all of `outcomes`, however long it takes. False if their lease ended or the runner stopped before.
  bool RecordAll(const std::vector<Syncer::Outcome>& outcomes, uint64_t lease_number);
  absl::Status Send(const std::vector<Syncer::Outcome>& outcomes);
  absl::StatusOr<int64_t> FetchPage(int64_t after_number, int room, bool* moved_on);
  // Reads the password for a login, sends the request and reads the answer. Called without the lock.
  Answer MakeCall(const Syncer::StartedCall& started);

  // The next call to make; nothing once the runner stops.
  std::optional<Syncer::StartedCall> WaitForCall() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Monotonic.
  absl::Time Now() const;
  // Returns on a notification, at `until` or after one second. Callers check their condition again.
  void WaitUntil(absl::Time until) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool LeaseHolds() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  const std::string name_;
  const absl::Duration lease_duration_;
  // Now() is start_time_ plus the steady time since start_steady_.
  const absl::Time start_time_;
  const std::chrono::steady_clock::time_point start_steady_;

  Mutex mutex_;
  CondVar changed_;
  Syncer syncer_ ABSL_GUARDED_BY(mutex_);
  Phase phase_ ABSL_GUARDED_BY(mutex_) = Phase::kRunning;
  // 0 = none.
  int64_t fence_ ABSL_GUARDED_BY(mutex_) = 0;
  // Rises with every new window. Calls and outcomes of an older one are dropped.
  uint64_t lease_number_ ABSL_GUARDED_BY(mutex_) = 0;
  // By Now(). Earlier than the end at the server, so that two programs never send at the same time.
  absl::Time lease_end_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool paused_ ABSL_GUARDED_BY(mutex_) = false;
  // The server may have pending dossiers that are not in the window.
  bool more_ ABSL_GUARDED_BY(mutex_) = true;
  // Outcomes were taken from the Syncer and are not recorded yet.
  bool recording_ ABSL_GUARDED_BY(mutex_) = false;
  // The server said that the fence is not valid any more.
  bool lost_lease_ ABSL_GUARDED_BY(mutex_) = false;
  // Ends the calls under way: the lease is over.
  std::atomic<bool> abort_calls_{false};

  std::thread lease_thread_;
  std::thread fetch_thread_;
  std::thread record_thread_;
  std::vector<std::thread> workers_;
};

}  // namespace tthc::sync
