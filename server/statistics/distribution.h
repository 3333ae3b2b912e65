#pragma once

#include <cstdint>
#include <vector>

#include "server/statistics/statistics_scan.h"

// Part of statistics_scan: what a set of durations comes to. The percentiles are values that occurred, never
// interpolated ones, so that a figure can be found in the list of dossiers. Pure; nothing fails; thread-safe.
namespace tthc::server {

// Sets the count, the mean and the percentiles (nearest rank: the least value that so many percent of all are no
// greater than) of `figure` from the minutes in [begin, end), none of them negative. Without values only the count is
// set, to 0. Reorders what it is given.
void Distribute(std::vector<int32_t>::iterator begin, std::vector<int32_t>::iterator end, Figure& figure);

}  // namespace tthc::server
