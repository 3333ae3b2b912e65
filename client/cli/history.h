#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/sdk/client.h"
#include "tthc/v1/event.pb.h"

namespace tthc::cli {

// All events of a dossier, oldest first.
absl::StatusOr<std::vector<v1::Event>> FetchEvents(sdk::Client& client, const std::string& name);

// For each corrected revision the last event that amends it. Points into `events`.
std::map<int64_t, const v1::Event*> LastAmendments(const std::vector<v1::Event>& events);

// What counts now: amendments put in the place of what they amend, voided events, amendments themselves and
// recomputations left out. Revisions are the originals'.
std::vector<v1::Event> EventsInForce(const std::vector<v1::Event>& events);

}  // namespace tthc::cli
