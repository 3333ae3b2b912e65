#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/portal_sim/portal.h"

// The simulator's page, for people who want to see statuses arrive: in Vietnamese, without scripts, accessible and
// printable. It says on every page that this is not the national portal.
//
// Names and numbers of people are masked, since real records do get into test systems. Texts of callers are escaped.
// Pure; thread-safe while the portal does not change.
namespace tthc::portal_sim {

// Newest dossiers first; `page` counts from 1.
std::string OverviewPage(const Portal& portal, size_t page, absl::Time now);
// "" if there is no such dossier.
std::string DossierPage(const Portal& portal, absl::string_view system, absl::string_view code, absl::Time now);

}  // namespace tthc::portal_sim
