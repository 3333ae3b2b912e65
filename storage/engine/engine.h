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

// Ordered bytes with atomic, conditional, durable commits and snapshots: everything that the store needs of a database,
// in terms that any ordered transactional database can provide.
//
// An engine keeps one map of keys to values and one number, its *revision*, which moves only with commits. It knows
// nothing of what the bytes mean. All of tests/conformance/engine_conformance_test.cc holds for every engine; a new one
// instantiates it.
//
// Engines and snapshots are thread-safe. Reads never wait for commits, nor commits for reads.
namespace tthc::storage {

// The key under which an engine keeps its revision. Get and Scan do not show it, and a batch that writes it is
// INVALID_ARGUMENT.
inline constexpr char kRevisionKey[] = "mrev";

// What the engine held after one commit; later commits do not change it. Must be destroyed before its engine, and soon:
// while it lives the engine keeps every value that it may still read.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  // Revision after the last commit that it shows.
  virtual int64_t revision() const = 0;
  // The value of a key; nullopt if there is none. DATA_LOSS when the disk returns damaged bytes, UNAVAILABLE when it
  // can't be read.
  virtual absl::StatusOr<std::optional<std::string>> Get(absl::string_view key) const = 0;
  // Visits keys in [from, to) in byte order (to "" = no upper bound), descending with `reverse`, until `visit` returns
  // false. The views are valid during the call only. Errors as Get; what was visited before the error was sound.
  struct ScanOptions {
    bool reverse = false;
    // Reading much once: does not push hot data out of the cache.
    bool bulk = false;
  };
  using Visit = std::function<bool(absl::string_view key, absl::string_view value)>;
  virtual absl::Status Scan(absl::string_view from, absl::string_view to, const ScanOptions& options,
                            const Visit& visit) const = 0;
};

// Writes that happen together. A later write of the same key wins. Not thread-safe.
class Batch {
 public:
  void Put(std::string key, std::string value) { writes_.push_back({std::move(key), std::move(value)}); }
  void Delete(std::string key) { writes_.push_back({std::move(key), std::nullopt}); }

  // nullopt: the key is deleted.
  struct Write {
    std::string key;
    std::optional<std::string> value;
  };
  const std::vector<Write>& writes() const { return writes_; }
  // Of all keys and values.
  size_t bytes() const;
  bool empty() const { return writes_.empty(); }

 private:
  std::vector<Write> writes_;
};

// One database. Destroying it closes it; what was committed stays.
class Engine {
 public:
  virtual ~Engine() = default;

  // Shows the last commit that has returned OK, or a later one.
  virtual std::unique_ptr<Snapshot> TakeSnapshot() const = 0;

  // Applies all of `batch` or nothing, durably, and moves the revision from `expected_revision` to `new_revision` (>=
  // expected; equal where records change that are not part of the history). When it returns OK, neither a crash nor a
  // power loss can undo it.
  // ABORTED REVISION_CONFLICT if the revision is not `expected_revision`: somebody else has committed. UNAVAILABLE
  // STORE_READ_ONLY (with a retry delay) when the disk is full or failing: nothing is applied, reads go on, and a later
  // call succeeds once there is space. DATA_LOSS for corruption.
  virtual absl::Status Commit(const Batch& batch, int64_t expected_revision, int64_t new_revision) = 0;

  // After the last commit; 0 in an empty engine.
  virtual int64_t revision() const = 0;

  // For operators and benchmarks.
  struct Stats {
    uint64_t bytes_on_disk = 0;
    // May count keys that are deleted already.
    uint64_t keys_estimate = 0;
    // The last write failed.
    bool read_only = false;
  };
  virtual absl::StatusOr<Stats> GetStats() const = 0;
  // Rewrites all files into their smallest form. Slow, for benchmarks and maintenance; reads and commits go on.
  virtual absl::Status CompactAll() = 0;
};

}  // namespace tthc::storage
