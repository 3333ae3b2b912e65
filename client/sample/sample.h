#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "client/sample/centre.h"
#include "tthc/v1/dossier_service.pb.h"

// A commune's quarter, invented: dossiers, what became of them and who rated it, as commands for the bulk stream.
namespace tthc::sample {

struct SampleOptions {
  uint64_t seed = 1;
  int dossiers = 5000;
  // First and last day on which something happens; all of both years must be in the calendar.
  absl::CivilDay from;
  absl::CivilDay to;
};

struct SampleCommand {
  // When it happened: the commands rise in it.
  absl::Time time;
  // With a request_id of its own, the same for the same options.
  v1::StreamAppendRequest request;
  // For an amendment: the request_id of the command whose last event it corrects, to be put into target_revision.
  std::string corrects_request_id;
};

// The same options and centre give the same commands on every machine. Every event is marked as imported: a quarter is
// longer than the late-entry bound. Dossiers near the end stay open, so that some are late, due soon or waiting.
// Errors: INVALID_ARGUMENT FIELD_INVALID ("dossiers", "to"), CALENDAR_YEAR_NOT_LOADED.
absl::StatusOr<std::vector<SampleCommand>> MakeSample(const SampleOptions& options, const Centre& centre);

// Under which the first dossier of a seed's sample is registered: there means loaded.
std::string FirstAlias(uint64_t seed);

}  // namespace tthc::sample
