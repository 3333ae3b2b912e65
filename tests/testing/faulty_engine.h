#pragma once

#include <deque>
#include <memory>

#include "storage/base/mutex.h"
#include "storage/engine/engine.h"

namespace tthc::testing {

// Forwards everything to another engine and fails the commits that a test scripts. Thread-safe.
class FaultyEngine final : public storage::Engine {
 public:
  explicit FaultyEngine(std::unique_ptr<storage::Engine> engine) : engine_(std::move(engine)) {}

  enum class When {
    // Nothing is applied.
    kBefore,
    // All is applied, yet the caller gets an error: as when a connection breaks before the answer.
    kAfter,
  };
  // Scripts the next commit that has no script yet: it answers `status`, or passes with OK.
  void ScriptCommit(When when, absl::Status status);
  // Every commit without a script answers `status` and applies nothing, until this is called with OK.
  void FailAllCommits(absl::Status status);
  int commits() const;

  std::unique_ptr<storage::Snapshot> TakeSnapshot() const override { return engine_->TakeSnapshot(); }
  absl::Status Commit(const storage::Batch& batch, int64_t expected_revision, int64_t new_revision) override;
  int64_t revision() const override { return engine_->revision(); }
  absl::StatusOr<Stats> GetStats() const override { return engine_->GetStats(); }
  absl::Status CompactAll() override { return engine_->CompactAll(); }

 private:
  struct Step {
    When when = When::kBefore;
    absl::Status status;
  };

  const std::unique_ptr<storage::Engine> engine_;
  mutable Mutex mutex_;
  std::deque<Step> script_ ABSL_GUARDED_BY(mutex_);
  absl::Status always_ ABSL_GUARDED_BY(mutex_);
  int commits_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tthc::testing
