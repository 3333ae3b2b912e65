#include "tests/testing/faulty_engine.h"

#include <utility>

#include "storage/base/status_macros.h"

namespace tthc::testing {

void FaultyEngine::ScriptCommit(When when, absl::Status status) {
  MutexLock lock(mutex_);
  script_.push_back({.when = when, .status = std::move(status)});
}

void FaultyEngine::FailAllCommits(absl::Status status) {
  MutexLock lock(mutex_);
  always_ = std::move(status);
}

int FaultyEngine::commits() const {
  MutexLock lock(mutex_);
  return commits_;
}

absl::Status FaultyEngine::Commit(const storage::Batch& batch, int64_t expected_revision, int64_t new_revision) {
  Step step;
  {
    MutexLock lock(mutex_);
    ++commits_;
    step.status = always_;
    if (!script_.empty()) {
      step = std::move(script_.front());
      script_.pop_front();
    }
  }
  if (step.when == When::kBefore) TTHC_RETURN_IF_ERROR(step.status);
  TTHC_RETURN_IF_ERROR(engine_->Commit(batch, expected_revision, new_revision));
  return step.status;
}

}  // namespace tthc::testing
