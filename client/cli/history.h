#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/sdk/client.h"
#include "tthc/v1/event.pb.h"

// Histories of dossiers as the client needs them: for amendments, export and import.
//
// An amendment does not change the event that it names: both stay in the history, and readers apply the last amendment.
// The server folds in the same way; these functions serve clients that need single events. All events of a dossier are
// held in memory: a history is bounded by limits::kEventsPerDossierMax.
namespace tthc::cli {

// Fetches all events of a dossier, oldest first. `name` is a name as the API accepts it. Errors of ListEvents.
absl::StatusOr<std::vector<v1::Event>> FetchEvents(sdk::Client& client, const std::string& name);

// For each amended revision the last event that amends it. The pointers are into `events`.
std::map<int64_t, const v1::Event*> LastAmendments(const std::vector<v1::Event>& events);

// The events in force: each amended event has the payload and time of its last amendment and its own revision. Left out
// are voided events, amendments themselves, and recomputations.
std::vector<v1::Event> EventsInForce(const std::vector<v1::Event>& events);

}  // namespace tthc::cli
