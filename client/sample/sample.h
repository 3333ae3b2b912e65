#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "client/sample/center.h"
#include "tthc/v1/dossier_service.pb.h"

// An invented quarter of a commune as commands for the bulk stream: dossiers, their histories and ratings. Pure: the
// same options and center make the same commands on every machine, so that loading twice adds nothing twice.
//
// An arrival (when somebody comes, with what, by which channel) becomes a story (story.h), and each story becomes
// commands: one that opens the dossier, one for every later event. All commands are in memory at once, at most
// limits::kSampleDossiersMax dossiers.
namespace tthc::sample {

// What is to be made.
struct SampleOptions {
  uint64_t seed = 1;
  int dossiers = 5000;
  // First and last day on which something happens; all of both years must be in the calendar.
  absl::CivilDay from;
  absl::CivilDay to;
};

// One command and when it happened.
struct SampleCommand {
  // When it happened. Commands are sorted by it.
  absl::Time time;
  // With a request_id of its own, the same for the same options.
  v1::StreamAppendRequest request;
  // For an amendment: the request_id of the command whose last event it corrects, to be put into target_revision.
  std::string corrects_request_id;
};

// Makes all commands. Every event is marked as imported, since a quarter is longer than the bound for late entries.
// Dossiers near the end stay open, so that some are late, due soon or waiting.
// Errors: INVALID_ARGUMENT FIELD_INVALID ("dossiers", "to"), CALENDAR_YEAR_NOT_LOADED.
absl::StatusOr<std::vector<SampleCommand>> MakeSample(const SampleOptions& options, const Center& center);

// The alias of the first dossier of a seed's sample. If a dossier has it, the sample is loaded.
std::string FirstAlias(uint64_t seed);

}  // namespace tthc::sample
