#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

// A store as a commune or a city has it after most of a year, written by the real service, command by command.
namespace tthc::bench {

struct FillOptions {
  std::string directory;
  std::string seed_directory;
  int64_t dossiers = 0;
  // Called now and then with the number of dossiers so far.
  std::function<void(int64_t)> on_progress = {};
};

struct Filled {
  int64_t dossiers = 0;
  int64_t events = 0;
  // Size of the directory as the service left it, and after a full compaction.
  uint64_t bytes_as_written = 0;
  uint64_t bytes_compacted = 0;
  std::vector<std::string> names;
};

// Fills `options.directory`, or reads what an earlier run left there: a fill of other lives, another number of dossiers
// or another format of records is made anew. Record times end now when it is made. Eight events a dossier, spread over
// 300 days as they would come in; 3 of 100 dossiers stay open.
absl::StatusOr<Filled> FillStore(const FillOptions& options);

// Another directory with the same content, so that the filled one stays as it is.
absl::Status CopyStore(const std::string& from, const std::string& to);

// Events a second that the store writes in large synced commits, with records made beforehand.
absl::StatusOr<double> MeasureStoreImport(const std::string& directory, const std::string& seed_directory);

// A register of `rows` dossiers as offices keep it, one row each with reception, result and hand-over. Codes begin with
// `prefix`.
absl::Status WriteRegister(const std::string& path, const std::string& prefix, int64_t rows);

}  // namespace tthc::bench
