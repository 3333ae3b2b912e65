#include "server/call/read_pool.h"

#include <utility>

#include "server/call/errors.h"
#include "storage/base/limits.h"

namespace tthc::server {

ReadPool::ReadPool(int threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

ReadPool::~ReadPool() { Stop(); }

absl::Status ReadPool::Post(Task&& task) {
  {
    MutexLock lock(mutex_);
    if (stopping_) return ShuttingDown();
    if (tasks_.size() >= limits::kReadQueueMax) return QueueFull("reads");
    tasks_.push_back(std::move(task));
  }
  wake_.NotifyOne();
  return absl::OkStatus();
}

void ReadPool::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.NotifyAll();
  // Joined without the lock: the tasks that still run may post.
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void ReadPool::Work() {
  while (true) {
    Task task;
    {
      MutexLock lock(mutex_);
      while (!stopping_ && tasks_.empty()) wake_.Wait(mutex_);
      // Stopping, and everything that was posted has run.
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    // Without the lock, so that others can post and run meanwhile.
    task();
  }
}

}  // namespace tthc::server
