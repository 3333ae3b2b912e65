#pragma once

#include <cstdint>
#include <vector>

// The one thing that statistics know of the mirror. This header says no more, so that server/statistics depends on
// nothing else of this room.
namespace tthc::server {

class MirrorIndex;

// How a dossier stands with all active targets together.
enum class MirrorStanding : uint8_t {
  // No target takes it.
  kExcluded,
  // Every target that takes it has confirmed its newest event.
  kConfirmed,
  // Some target that takes it has not.
  kNotConfirmed,
};

// By row (dossier number - 1), as of now; dossiers behind the end are excluded. Empty if there is no active target, or
// if the states of one are still being counted after a start: then nothing is known. Copies the states under the
// index's lock, one byte a dossier and target. Thread-safe.
std::vector<MirrorStanding> StandingsOf(const MirrorIndex& index);

}  // namespace tthc::server
