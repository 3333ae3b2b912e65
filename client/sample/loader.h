#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/sample/sample.h"
#include "client/sdk/client.h"

// Sends a sample to a server over one bulk stream, in the order of time, so that the server sees a quarter as it would
// have happened. One thread. Retries and lost connections are handled by the client library; request ids are the same
// in every run, so whatever was sent before is recognized.
namespace tthc::sample {

// What became of a load.
struct LoadResult {
  // This seed's sample was loaded before, on another day or with other options: nothing was added.
  bool already_there = false;
  // Added by this run, without what an earlier run added.
  int64_t dossiers = 0;
  int64_t events = 0;
  // Commands that the server refused for good; the load goes on after them.
  int64_t refused = 0;
  // The first refusal.
  absl::Status first_refusal = absl::OkStatus();
};

// Makes the center from the server's catalogue and newest calendar. Errors of the client and of Center::Make.
absl::StatusOr<Center> FetchCenter(sdk::Client& client);

// Makes the sample and sends it. Commands that an earlier run with the same options has sent are not recorded twice, so
// a load that was interrupted continues. `progress` receives how many commands of all have been sent. Errors of
// FetchCenter, of MakeSample and of the connection; refused commands are counted instead.
absl::StatusOr<LoadResult> LoadSample(sdk::Client& client, const SampleOptions& options,
                                      const std::function<void(size_t done, size_t all)>& progress);

}  // namespace tthc::sample
