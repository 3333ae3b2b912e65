#pragma once

namespace tthc::sync {

// The profiles of deploy/data/profiles, compiled in and sorted by id, so that the program needs no files of its own.
// The build generates the definition from the files (shipped_profiles.cc.in).
//
// They are parsed and checked like a profile from a file; `text` is the whole file. Constant for the life of the
// program.
struct ShippedProfile {
  const char* id;
  const char* text;
};
extern const ShippedProfile kShippedProfiles[3];

}  // namespace tthc::sync
