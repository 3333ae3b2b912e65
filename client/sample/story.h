#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/sample/centre.h"
#include "client/sample/random.h"
#include "tthc/v1/event.pb.h"

namespace tthc::sample {

// One event of a dossier's life.
struct Told {
  absl::Time time;
  v1::Event event;
  // Index of the event that an amendment corrects; its target_revision is known only once that one is recorded.
  std::optional<size_t> corrects = std::nullopt;
};

struct StoryOptions {
  // Outlives the call.
  const Centre* centre = nullptr;
  const Centre::Offer* offer = nullptr;
  // When the applicant comes to the counter or presses the button.
  absl::Time arrival;
  // Nothing is told that happens later.
  absl::Time horizon;
  bool online = false;
  // Under which it stands in the register that the sample pretends to come from.
  std::string alias;
  // Of the national portal, for on-line dossiers.
  std::string portal_code;
};

struct Story {
  // In the order of their times; every prefix is possible by the lifecycle.
  std::vector<Told> events;
  // How many of the first events are one visit to the counter, recorded in one command.
  size_t opening = 0;
};

// The life of one dossier: mostly the straight way, now and then one of the odd ones. Empty if it begins after the
// horizon. The same `random` tells the same story.
Story TellStory(const StoryOptions& options, Random& random);

}  // namespace tthc::sample
