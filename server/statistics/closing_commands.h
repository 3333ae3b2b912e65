#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "server/commit/commit_scope.h"
#include "tthc/v1/statistics.pb.h"

// Storing a closing: the half of ClosePeriod that runs on the commit thread.
//
// A closing is one log record and an entry of the catalogue. It is never changed or deleted: a period that is closed
// once more gets another one. The command carries the figures, so that the commit thread computes nothing; if the
// commit fails, nothing of the closing remains and its name is given to the next one.
namespace tthc::server {

// Made by ClosingQueries::Prepare.
struct ClosePeriodCommand {
  // Complete but for name and record_time.
  v1::Closing closing = {};
  std::string request_id = {};
  // Of the request and not of the closing: a repetition computes other figures if something was recorded meanwhile, and
  // must be answered with those of the first call.
  uint64_t content_hash = 0;
  // Whether a period may be closed once more.
  bool repeat = false;

  // What the command holds while it waits in the queue.
  size_t ByteSizeLong() const { return closing.ByteSizeLong(); }
};

// Stores the closing under the next name. ALREADY_EXISTS PERIOD_CLOSED (metadata closing) if the same period is closed
// for the same office and `repeat` is not set; RESOURCE_EXHAUSTED CATALOGUE_FULL; errors of RunOnce.
absl::StatusOr<v1::Closing> RunClosePeriod(CommitScope& scope, ClosePeriodCommand& command);

}  // namespace tthc::server
