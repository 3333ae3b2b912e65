#pragma once

namespace tthc::sync {

// deploy/data/profiles as they were when this was built, sorted by id: the program needs no files beside it.
struct ShippedProfile {
  const char* id;
  const char* text;
};
extern const ShippedProfile kShippedProfiles[3];

}  // namespace tthc::sync
