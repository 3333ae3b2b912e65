#pragma once

#include <string>
#include <vector>

#include "client/portal_sim/portal.h"
#include "client/sync/adapter.h"
#include "tthc/sync/v1/profile.pb.h"
#include "tthc/v1/mirror.pb.h"

namespace tthc::testing {

// Differences between the dossiers of a server and those of a simulated portal. Empty: Law 7 holds, that is, each is
// confirmed, its record at the portal is the newest, and its steps are there once each and in order. Dossiers that the
// portal refuses have to be parked; excluded ones must be unknown to it.
std::vector<std::string> PortalDifferences(const std::vector<tthc::v1::MirrorDelivery>& deliveries,
                                           const sync::v1::Profile& profile, const sync::Adapter& adapter,
                                           const portal_sim::Portal& portal);

}  // namespace tthc::testing
