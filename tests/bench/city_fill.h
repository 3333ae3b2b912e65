#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/service/catalogue.h"
#include "storage/store.h"

// A store with a city's two years in it (city.h), its whole history included: written into the store directly, since
// millions of commands would take the service an hour.
namespace tthc::bench {

struct CityFillOptions {
  std::string directory;
  std::string seed_directory;
  int64_t dossiers = 0;
  // Called now and then with the number of dossiers so far.
  std::function<void(int64_t)> on_progress = {};
};

struct FilledCity {
  int64_t dossiers = 0;
  int64_t events = 0;
};

// Fills `options.directory`, or takes what an earlier run left there. Every event is completed, recorded and folded as
// the service would do it, at the moment it happened, so that the facts are those of the history and any past moment
// can be asked for.
absl::StatusOr<FilledCity> FillCity(const CityFillOptions& options);

absl::StatusOr<std::shared_ptr<const server::Catalogue>> LoadCatalogue(const storage::StoreReader& reader);

}  // namespace tthc::bench
