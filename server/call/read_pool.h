#pragma once

#include <deque>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "storage/base/mutex.h"

namespace tthc::server {

// A few threads for reads that may wait for the disk or compute for long, so that they never block a thread of the
// wire.
//
// Tasks run in the order in which they were posted, several at a time. The queue is bounded: past
// limits::kReadQueueMax a task is refused at once, because a caller with an error and a retry delay is better off than
// one who waits past his deadline. Thread-safe.
class ReadPool {
 public:
  using Task = absl::AnyInvocable<void()>;

  // Starts the threads.
  explicit ReadPool(int threads);
  // Runs what was posted, then ends the threads.
  ~ReadPool();

  // Queues a task. On an error it is not run, and `task` is left as it was, so that the caller can answer:
  // RESOURCE_EXHAUSTED QUEUE_FULL when the queue is full; UNAVAILABLE SHUTTING_DOWN after Stop.
  absl::Status Post(Task&& task);
  // Takes no more tasks and returns when those that were posted have run. Idempotent.
  void Stop();

 private:
  // What each thread does.
  void Work();

  Mutex mutex_;
  CondVar wake_;
  // Posted and not begun.
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace tthc::server
