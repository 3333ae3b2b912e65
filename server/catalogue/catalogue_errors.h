#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// Errors of everything that is kept in the catalogue. Also for server/statistics, whose schemes and closings are
// entries of it. Pure; thread-safe.
namespace tthc::server {

// RESOURCE_EXHAUSTED CATALOGUE_FULL: the catalogue already holds `max` entries of this kind ("procedures").
absl::Status CatalogueFull(absl::string_view kind, size_t max);

}  // namespace tthc::server
