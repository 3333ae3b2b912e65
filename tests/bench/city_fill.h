#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/domain/catalogue.h"
#include "storage/store.h"

// A store with two years of a city (city.h) and their whole history. It is written into the store directly, because the
// service would need an hour for the millions of commands.
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
// can be queried.
absl::StatusOr<FilledCity> FillCity(const CityFillOptions& options);

absl::StatusOr<std::shared_ptr<const domain::Catalogue>> LoadCatalogue(const storage::StoreReader& reader);

}  // namespace tthc::bench
