#include "client/cli/history.h"

#include "client/sdk/paging.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

namespace tthc::cli {

absl::StatusOr<std::vector<v1::Event>> FetchEvents(sdk::Client& client, const std::string& name) {
  std::vector<v1::Event> events;
  v1::ListEventsRequest request;
  request.set_parent(name);
  // A history is always needed whole, so in as few calls as possible.
  request.set_page_size(limits::kPageSizeMax);
  TTHC_RETURN_IF_ERROR(sdk::ForEachPage(
      request, [&](const v1::ListEventsRequest& page) { return client.ListEvents(page); },
      [&](const v1::ListEventsResponse& page) {
        events.insert(events.end(), page.events().begin(), page.events().end());
        return true;
      }));
  return events;
}

std::map<int64_t, const v1::Event*> LastAmendments(const std::vector<v1::Event>& events) {
  std::map<int64_t, const v1::Event*> amendments;
  // Oldest first, so the last assignment is the amendment in force.
  for (const v1::Event& event : events) {
    if (event.has_amended()) amendments[event.amended().target_revision()] = &event;
  }
  return amendments;
}

std::vector<v1::Event> EventsInForce(const std::vector<v1::Event>& events) {
  const std::map<int64_t, const v1::Event*> amendments = LastAmendments(events);
  std::vector<v1::Event> in_force;
  for (const v1::Event& event : events) {
    // Both are about other events and say nothing where those are already in their final form.
    if (event.has_amended() || event.has_recomputed()) continue;
    const auto found = amendments.find(event.revision());
    if (found == amendments.end()) {
      in_force.push_back(event);
      continue;
    }
    const v1::Amended& amended = found->second->amended();
    if (amended.voided()) continue;
    // Order and identity stay those of the amended event; a replacement without a time keeps the original one.
    v1::Event corrected = amended.replacement();
    corrected.set_revision(event.revision());
    if (!corrected.has_occur_time()) *corrected.mutable_occur_time() = event.occur_time();
    in_force.push_back(std::move(corrected));
  }
  return in_force;
}

}  // namespace tthc::cli
