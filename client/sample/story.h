#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/sample/center.h"
#include "client/sample/random.h"
#include "tthc/v1/event.pb.h"

// The invented life of one dossier. Pure: everything depends on the options and on `random`.
//
// A story follows the rules of the lifecycle and the calendar of the center: people come and work during opening hours,
// waits take days, some dossiers are late, forgotten, withdrawn or corrected. The server checks every event, so a story
// that breaks a rule shows as a refused command when it is loaded.
namespace tthc::sample {

// One event of a dossier's invented life.
struct StoryEvent {
  absl::Time time;
  v1::Event event;
  // Set for an amendment: index of the event that it corrects. Its target_revision is known only after that event has
  // been recorded.
  std::optional<size_t> corrects = std::nullopt;
};

// What was decided about the dossier before its story begins.
struct StoryOptions {
  // Must outlive the call, as `offer` must.
  const Center* center = nullptr;
  const Center::Offer* offer = nullptr;
  // When the applicant comes to the counter or presses the button.
  absl::Time arrival;
  // Nothing happens later: where the dossier is then, it stays.
  absl::Time horizon;
  // Submitted on-line and accepted later, instead of handed in at the counter.
  bool online = false;
  // The code in the register that the sample pretends to come from.
  std::string alias;
  // The code of the national portal, for on-line dossiers.
  std::string portal_code;
};

struct Story {
  // By time; the lifecycle allows every prefix.
  std::vector<StoryEvent> events;
  // How many of the first events are one visit to the counter, recorded in one command.
  // 0 if the dossier has not begun.
  size_t opening = 0;
};

// Makes the life of one dossier: mostly the straight way, sometimes with a deviation. Empty if it begins after the
// horizon. The same options and the same state of `random` make the same story.
Story MakeStory(const StoryOptions& options, Random& random);

}  // namespace tthc::sample
