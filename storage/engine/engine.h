#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Ordered bytes with atomic, conditional, durable commits and snapshots: all that the store asks of a database, in
// terms that any ordered transactional one can meet.
namespace tthc::storage {

// Where an engine keeps its revision: no Get or Scan shows it, and a batch that writes it is INVALID_ARGUMENT.
inline constexpr char kRevisionKey[] = "mrev";

// A consistent view of one revision. Thread-safe. Must be destroyed before its engine.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  // Revision of the last commit that it sees.
  virtual int64_t revision() const = 0;
  // nullopt if there is no such key. DATA_LOSS, UNAVAILABLE from the disk.
  virtual absl::StatusOr<std::optional<std::string>> Get(absl::string_view key) const = 0;
  // Visits keys in [from, to) in byte order (to "" = no upper bound), descending with `reverse`, until `visit` returns
  // false. The views are valid during the call only.
  struct ScanOptions {
    bool reverse = false;
    // Reading much once: does not push hot data out of the cache.
    bool bulk = false;
  };
  using Visit = std::function<bool(absl::string_view key, absl::string_view value)>;
  virtual absl::Status Scan(absl::string_view from, absl::string_view to, const ScanOptions& options,
                            const Visit& visit) const = 0;
};

// Writes that happen together. A later one on the same key wins.
class Batch {
 public:
  void Put(std::string key, std::string value) { writes_.push_back({std::move(key), std::move(value)}); }
  void Delete(std::string key) { writes_.push_back({std::move(key), std::nullopt}); }

  struct Write {
    std::string key;
    std::optional<std::string> value;
  };
  const std::vector<Write>& writes() const { return writes_; }
  size_t bytes() const;
  bool empty() const { return writes_.empty(); }

 private:
  std::vector<Write> writes_;
};

class Engine {
 public:
  virtual ~Engine() = default;

  virtual std::unique_ptr<Snapshot> TakeSnapshot() const = 0;

  // Applies all of `batch` or nothing, durably, and moves the revision from `expected_revision` to `new_revision` (>=
  // expected). When it returns OK a crash or power loss can't undo it. ABORTED if the revision is not
  // `expected_revision` (someone else wrote); UNAVAILABLE STORE_READ_ONLY (with retry delay) when the disk is full or
  // failing: nothing is applied, reads go on, and a later call succeeds once there is space. DATA_LOSS for corruption.
  virtual absl::Status Commit(const Batch& batch, int64_t expected_revision, int64_t new_revision) = 0;

  virtual int64_t revision() const = 0;

  // For operators and benchmarks.
  struct Stats {
    uint64_t bytes_on_disk = 0;
    uint64_t keys_estimate = 0;
    bool read_only = false;
  };
  virtual absl::StatusOr<Stats> GetStats() const = 0;
  // Rewrites everything into its smallest form; slow.
  virtual absl::Status CompactAll() = 0;
};

}  // namespace tthc::storage
