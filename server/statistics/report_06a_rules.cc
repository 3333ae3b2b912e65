#include "server/statistics/report_06a_rules.h"

#include <algorithm>

namespace tthc::server {
namespace {

// Circular 01/2020/TT-VPCP, form II.06a. A new version goes to the end; the ones before it never change.
const std::vector<Report06aRules>& AllRules() {
  static const auto& rules = *new std::vector<Report06aRules>{
      {.version = 1,
       .addends = {{4, v1::METRIC_RECEIVED_ONLINE},
                   // What did not come on-line, so that a dossier without a known channel is not lost.
                   {5, v1::METRIC_RECEIVED},
                   {5, v1::METRIC_RECEIVED_ONLINE, -1},
                   {6, v1::METRIC_CARRIED_OVER},
                   {8, v1::METRIC_ENDED_EARLY_06A},
                   {9, v1::METRIC_ENDED_ON_TIME_06A},
                   {10, v1::METRIC_ENDED_LATE_06A},
                   {12, v1::METRIC_OPEN_IN_TERM},
                   {13, v1::METRIC_OPEN_OVERDUE}}},
  };
  return rules;
}

}  // namespace

const Report06aRules& CurrentReport06aRules() { return AllRules().back(); }

const Report06aRules* FindReport06aRules(int32_t version) {
  const auto& rules = AllRules();
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const Report06aRules& known) {
    return known.version == std::max(version, 1) && version >= 0;
  });
  return found == rules.end() ? nullptr : &*found;
}

}  // namespace tthc::server
