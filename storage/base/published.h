#pragma once

#include <memory>
#include <utility>

#include "storage/base/mutex.h"

namespace tthc {

// A value that one thread replaces as a whole and many threads read. Readers get a shared pointer to an immutable
// value: it stays as it was for as long as they hold it, whatever is published meanwhile. Get costs one lock for
// reading and one reference count. Thread-safe.
template <typename T>
class Published {
 public:
  // `value` must not be null.
  explicit Published(std::shared_ptr<const T> value) : value_(std::move(value)) {}

  std::shared_ptr<const T> Get() const {
    ReaderLock lock(mutex_);
    return value_;
  }
  // Callers of Get from now on see `value`.
  void Set(std::shared_ptr<const T> value) {
    WriterLock lock(mutex_);
    value_ = std::move(value);
  }

 private:
  mutable SharedMutex mutex_;
  std::shared_ptr<const T> value_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tthc
