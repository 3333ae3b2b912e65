#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/portal_sim/portal.h"

// The simulator's page, for people who want to see statuses arrive: Vietnamese, without scripts, readable by all and on
// paper. Personal data is masked. Pure; thread-safe as long as the portal rests.
namespace tthc::portal_sim {

// Newest dossiers first; `page` counts from 1.
std::string OverviewPage(const Portal& portal, size_t page, absl::Time now);
// "" if there is no such dossier.
std::string DossierPage(const Portal& portal, absl::string_view system, absl::string_view code, absl::Time now);

}  // namespace tthc::portal_sim
