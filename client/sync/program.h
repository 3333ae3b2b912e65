#pragma once

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

// `tthc-sync run`: all targets of one configuration.
//
// Each target has its TargetRunner. One thread watches the change feed of the server and wakes the runners; a watch
// that ends is begun again, and the runners poll beside it, so that a missed change costs time only. A target with a
// pull_interval has a thread that pulls what was filed there.
//
// Targets are independent: an outage, a refused login or a pause of one does not hold up another. They share the
// connection to the server and nothing else.
//
// A kill loses nothing: what is pending is known to the server, and calls whose outcome was not recorded are looked up
// by the next program that takes the lease. Thread-safe.
class Program {
 public:
  struct Options {
    // $CREDENTIALS_DIRECTORY, or empty.
    std::string credentials_directory;
    // Name under which the leases are held, unique to this process.
    std::string holder;
    // Seed of the jitter of waits.
    uint64_t seed = 0;
  };

  // Starts all threads. INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED for certificates and keys that can't be used. A
  // server or target that does not answer is no error; it is tried again.
  static absl::StatusOr<std::unique_ptr<Program>> Start(Setup setup, const Options& options);
  // Stops first.
  ~Program();

  // Waits for the calls under way and records their outcomes; blocks. Idempotent.
  void Stop();

 private:
  struct Target {
    std::unique_ptr<Http> http;
    std::unique_ptr<Adapter> adapter;
    std::unique_ptr<TargetRunner> runner;
    // Only with a pull_interval.
    std::thread pull_thread;
  };

  explicit Program(Setup setup) : setup_(std::move(setup)) {}
  // Bodies of the threads.
  void Watch();
  void PullAtIntervals(const TargetSetup& setup, Http& http, const Options& options);
  // Waits for `duration` or until Stop is called. False if the program stops.
  bool Wait(absl::Duration duration);

  // Runners hold pointers into it.
  const Setup setup_;
  // Destroyed after the targets, whose runners use it.
  std::unique_ptr<sdk::Client> client_;
  std::vector<Target> targets_;
  // Also ends the queries of pulls.
  std::atomic<bool> stopping_{false};
  // Only for waiting on `stop_`; protects no data.
  Mutex wait_mutex_;
  CondVar stop_;
  std::thread watch_thread_;
};

// Options of a client for programs that retry by themselves: one attempt per call, and deadlines shorter than a lease.
sdk::ClientOptions ClientOptionsOf(const Setup& setup);

}  // namespace tthc::sync
