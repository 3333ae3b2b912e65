#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
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

// Drives one target's Syncer with real threads, a real server and real calls: one thread keeps the lease, one fetches
// pending dossiers, one records outcomes, and each lane carries one call at a time.
//
// No call begins or goes on once the lease may have ended: with two programs on one target only one of them speaks.
// Outcomes that the server can't take are kept and tried again for as long as it takes; meanwhile the window fills up
// and the lanes rest. Thread-safe.
class TargetRunner {
 public:
  struct Options {
    // These outlive the runner.
    sdk::Client* client = nullptr;
    Http* http = nullptr;
    const Adapter* adapter = nullptr;
    // Name, lanes, delays.
    const v1::Target* target = nullptr;
    const v1::Profile* profile = nullptr;
    // Who holds the lease, unique to this process.
    std::string holder;
    // Asked at every login.
    std::function<absl::StatusOr<std::string>()> read_password;
    // Uniform in [0, 1); called under the runner's lock.
    std::function<double()> uniform;
  };

  explicit TargetRunner(Options options);
  // Stops first.
  ~TargetRunner();

  void Start();
  // Something was recorded at the server.
  void WakeUp();
  // Lets calls under way end, records what came of them, gives the lease back. Blocks, at most about a call's timeout.
  void Stop();

  Syncer::Counts counts();
  bool holds_lease();

 private:
  enum class Phase { kRunning, kStopping, kStopped };

  void KeepLease();
  void Fetch();
  void Record();
  void WorkLane();

  void Acquire();
  void Renew();
  absl::Duration LeasePause();
  void Release();
  // Records all of `outcomes`, however long it takes. False if their lease is over.
  bool RecordAll(const std::vector<Syncer::Outcome>& outcomes, uint64_t lease_number);
  absl::Status Send(const std::vector<Syncer::Outcome>& outcomes);
  absl::StatusOr<int64_t> FetchPage(int64_t after_number, int room, bool* moved_on);
  Answer Carry(const Syncer::StartedCall& started);

  // Of a clock that does not go back.
  absl::Time Now() const;
  // Until `until`, a notification, or a second: whoever waits looks again.
  void WaitUntil(std::unique_lock<std::mutex>& lock, absl::Time until);
  bool LeaseHolds() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  const std::string name_;
  const absl::Duration lease_duration_;
  const absl::Time start_time_;
  const std::chrono::steady_clock::time_point start_steady_;

  Mutex mutex_;
  std::condition_variable changed_;
  Syncer syncer_ ABSL_GUARDED_BY(mutex_);
  Phase phase_ ABSL_GUARDED_BY(mutex_) = Phase::kRunning;
  // 0 = none.
  int64_t fence_ ABSL_GUARDED_BY(mutex_) = 0;
  // Rises when the window is begun anew: what was taken before must not be recorded under it.
  uint64_t lease_number_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time lease_end_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool paused_ ABSL_GUARDED_BY(mutex_) = false;
  // There may be pending dossiers that were not fetched.
  bool more_ ABSL_GUARDED_BY(mutex_) = true;
  bool recording_ ABSL_GUARDED_BY(mutex_) = false;
  bool lost_lease_ ABSL_GUARDED_BY(mutex_) = false;
  std::atomic<bool> abort_calls_{false};

  std::thread lease_thread_;
  std::thread fetch_thread_;
  std::thread record_thread_;
  std::vector<std::thread> lanes_;
};

}  // namespace tthc::sync
