#include "storage/engine/memory_engine.h"

#include <algorithm>
#include <utility>

#include "storage/base/status_macros.h"
#include "storage/engine/engine_errors.h"

namespace tthc::storage {

// Rows that a scan copies at a time under the lock. `visit` runs without the lock, so that it may read and commit.
constexpr size_t kScanChunk = 256;

class MemorySnapshot final : public Snapshot {
 public:
  MemorySnapshot(const MemoryEngine& engine, int64_t sequence, int64_t revision)
      : engine_(engine), sequence_(sequence), revision_(revision) {}

  ~MemorySnapshot() override {
    WriterLock lock(engine_.mutex_);
    // One of possibly several with the same sequence. Its versions go with the next commits to their keys.
    engine_.live_snapshots_.erase(engine_.live_snapshots_.find(sequence_));
  }

  int64_t revision() const override { return revision_; }

  absl::StatusOr<std::optional<std::string>> Get(absl::string_view key) const override {
    ReaderLock lock(engine_.mutex_);
    const auto found = engine_.map_.find(key);
    if (found == engine_.map_.end()) return std::nullopt;
    const std::string* value = MemoryEngine::Visible(found->second, sequence_);
    if (value == nullptr) return std::nullopt;
    return *value;
  }

  absl::Status Scan(absl::string_view from, absl::string_view to, const ScanOptions& options,
                    const Visit& visit) const override {
    std::string low(from);
    std::string high(to);
    bool bounded_above = !high.empty();
    std::vector<std::pair<std::string, std::string>> rows;
    do {
      rows.clear();
      if (options.reverse) {
        CopyBefore(low, high, bounded_above, &rows);
      } else {
        CopyAfter(low, high, bounded_above, &rows);
      }
      for (const auto& [key, value] : rows) {
        if (!visit(key, value)) return absl::OkStatus();
      }
      if (rows.empty()) break;
      if (options.reverse) {
        high = rows.back().first;
        bounded_above = true;
      } else {
        // The smallest key after it.
        low = rows.back().first + '\0';
      }
    } while (rows.size() == kScanChunk);
    return absl::OkStatus();
  }

 private:
  using Rows = std::vector<std::pair<std::string, std::string>>;

  void CopyAfter(const std::string& low, const std::string& high, bool bounded_above, Rows* rows) const {
    ReaderLock lock(engine_.mutex_);
    for (auto at = engine_.map_.lower_bound(low); at != engine_.map_.end() && rows->size() < kScanChunk; ++at) {
      if (bounded_above && at->first >= high) return;
      const std::string* value = MemoryEngine::Visible(at->second, sequence_);
      if (value != nullptr) rows->emplace_back(at->first, *value);
    }
  }

  void CopyBefore(const std::string& low, const std::string& high, bool bounded_above, Rows* rows) const {
    ReaderLock lock(engine_.mutex_);
    auto at = bounded_above ? engine_.map_.lower_bound(high) : engine_.map_.end();
    while (at != engine_.map_.begin() && rows->size() < kScanChunk) {
      --at;
      if (at->first < low) return;
      const std::string* value = MemoryEngine::Visible(at->second, sequence_);
      if (value != nullptr) rows->emplace_back(at->first, *value);
    }
  }

  const MemoryEngine& engine_;
  const int64_t sequence_;
  const int64_t revision_;
};

const std::string* MemoryEngine::Visible(const Versions& versions, int64_t sequence) {
  // From the newest on: most readers want that one.
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    if (version->sequence <= sequence) return version->value.has_value() ? &*version->value : nullptr;
  }
  return nullptr;
}

std::unique_ptr<Snapshot> MemoryEngine::TakeSnapshot() const {
  WriterLock lock(mutex_);
  live_snapshots_.insert(sequence_);
  return std::make_unique<MemorySnapshot>(*this, sequence_, revision_);
}

absl::Status MemoryEngine::Commit(const Batch& batch, int64_t expected_revision, int64_t new_revision) {
  WriterLock lock(mutex_);
  TTHC_RETURN_IF_ERROR(CheckCommit(batch, revision_, expected_revision, new_revision));
  ++sequence_;
  revision_ = new_revision;
  for (const Batch::Write& write : batch.writes()) {
    const auto at = map_.try_emplace(write.key).first;
    Versions& versions = at->second;
    // A batch may write a key twice; the later write replaces the earlier one in the same version.
    if (versions.empty() || versions.back().sequence != sequence_) versions.push_back({.sequence = sequence_});
    versions.back().value = write.value;
    DropUnseen(at);
  }
  return absl::OkStatus();
}

// A version is visible to the snapshots from its own sequence up to that of the next version. So all but the last
// version at or before the oldest living snapshot can go.
void MemoryEngine::DropUnseen(Map::iterator at) {
  Versions& versions = at->second;
  // New snapshots see the newest commit.
  const int64_t oldest = live_snapshots_.empty() ? sequence_ : *live_snapshots_.begin();
  size_t first = 0;
  while (first + 1 < versions.size() && versions[first + 1].sequence <= oldest) ++first;
  versions.erase(versions.begin(), versions.begin() + static_cast<ptrdiff_t>(first));
  const bool is_deleted_for_all = versions.size() == 1 && !versions[0].value.has_value();
  if (is_deleted_for_all) map_.erase(at);
}

int64_t MemoryEngine::revision() const {
  ReaderLock lock(mutex_);
  return revision_;
}

absl::StatusOr<Engine::Stats> MemoryEngine::GetStats() const {
  ReaderLock lock(mutex_);
  return Stats{.keys_estimate = map_.size()};
}

absl::Status MemoryEngine::CompactAll() {
  WriterLock lock(mutex_);
  // Advanced before the call, which may erase the entry.
  for (auto at = map_.begin(); at != map_.end();) DropUnseen(at++);
  return absl::OkStatus();
}

}  // namespace tthc::storage
