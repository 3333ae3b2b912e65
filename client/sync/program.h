#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/sdk/client.h"
#include "client/sync/config.h"
#include "client/sync/http.h"
#include "client/sync/target_runner.h"
#include "storage/base/mutex.h"

namespace tthc::sync {

// All targets of one configuration, and the watch on the change feed that wakes them; what was filed with those that
// have a pull_interval comes in as often. Thread-safe.
class Program {
 public:
  struct Options {
    // $CREDENTIALS_DIRECTORY, or empty.
    std::string credentials_directory;
    // Who holds the leases, unique to this process.
    std::string holder;
    // Seed of the waits' jitter.
    uint64_t seed = 0;
  };

  // Begins to mirror. INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED for certificates and keys that can't be used; a
  // server or target that does not answer is no error: it is waited for.
  static absl::StatusOr<std::unique_ptr<Program>> Start(Setup setup, const Options& options);
  // Stops first.
  ~Program();

  // Lets calls under way end and records what came of them; blocks. Idempotent.
  void Stop();

 private:
  struct Target {
    std::unique_ptr<Http> http;
    std::unique_ptr<Adapter> adapter;
    std::unique_ptr<TargetRunner> runner;
    // Pulls what was filed there; not for every target.
    std::thread pull_thread;
  };

  explicit Program(Setup setup) : setup_(std::move(setup)) {}
  void Watch();
  void PullAtIntervals(const TargetSetup& setup, Http& http, const Options& options);
  // False if it is to stop.
  bool Rest(absl::Duration duration);

  // Runners point into it.
  const Setup setup_;
  std::unique_ptr<sdk::Client> client_;
  std::vector<Target> targets_;
  std::atomic<bool> stopping_{false};
  // For those who rest; guards nothing.
  Mutex rest_mutex_;
  std::condition_variable stop_;
  std::thread watch_thread_;
};

// A client for programs that never give up by themselves: one try a call, short deadlines.
sdk::ClientOptions ClientOptionsOf(const Setup& setup);

}  // namespace tthc::sync
