#include "server/mirror/mirror_standing.h"

#include <cstddef>

#include "server/mirror/mirror_index.h"
#include "tthc/v1/mirror.pb.h"

namespace tthc::server {

std::vector<MirrorStanding> StandingsOf(const MirrorIndex& index) {
  std::vector<MirrorStanding> standings;
  for (const MirrorIndex::States& states : index.ActiveStates()) {
    if (standings.size() < states.size()) standings.resize(states.size(), MirrorStanding::kExcluded);
    for (size_t row = 0; row < states.size(); ++row) {
      const uint8_t state = states[row];
      if (state == v1::MirrorItem::STATE_UNSPECIFIED || state == v1::MirrorItem::STATE_EXCLUDED) continue;
      const bool confirmed = state == v1::MirrorItem::STATE_CONFIRMED;
      // One target that is behind outweighs any number that are not.
      MirrorStanding& standing = standings[row];
      if (!confirmed || standing == MirrorStanding::kExcluded) {
        standing = confirmed ? MirrorStanding::kConfirmed : MirrorStanding::kNotConfirmed;
      }
    }
  }
  return standings;
}

}  // namespace tthc::server
