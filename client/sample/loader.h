#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/sample/sample.h"
#include "client/sdk/client.h"

namespace tthc::sample {

struct LoadResult {
  // This seed's sample was there before, from another day or with other options: nothing was added.
  bool already_there = false;
  // Added now; what an earlier run has added does not count.
  int64_t dossiers = 0;
  int64_t events = 0;
  int64_t refused = 0;
  // The first refusal.
  absl::Status first_refusal = absl::OkStatus();
};

// What the server's catalogue and newest calendar say. Errors as the client's and Centre::Make's.
absl::StatusOr<Centre> FetchCentre(sdk::Client& client);

// Makes the sample and sends it. What was loaded with the same options before is not added twice, and a load that was
// cut off goes on. `progress` is told how many of all commands are done. Errors as MakeSample's and the connection's.
absl::StatusOr<LoadResult> LoadSample(sdk::Client& client, const SampleOptions& options,
                                      const std::function<void(size_t done, size_t all)>& progress);

}  // namespace tthc::sample
