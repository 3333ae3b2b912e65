#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "storage/base/mutex.h"

namespace tthc::server {

// A few threads for reads that may touch the disk, so that nothing blocks a thread of the wire's. Thread-safe.
class ReadPool {
 public:
  explicit ReadPool(int threads);
  // Finishes what was posted.
  ~ReadPool();

  // RESOURCE_EXHAUSTED QUEUE_FULL past limits::kReadQueueMax; UNAVAILABLE SHUTTING_DOWN after Stop.
  absl::Status Post(std::function<void()> task);
  void Stop();

 private:
  void Work();

  Mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace tthc::server
