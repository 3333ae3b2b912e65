#include "server/statistics/period_scan.h"

#include <algorithm>

#include "storage/base/local_time.h"

namespace tthc::server {
namespace {

// The first second of the local day that holds `second`.
int64_t MidnightBefore(int64_t second) {
  return (second + kLocalOffsetSeconds) / kSecondsPerDay * kSecondsPerDay - kLocalOffsetSeconds;
}

}  // namespace

// Flags are no part of a cell: with them there would be 32 bits more.
bool PeriodScan::Answers(const CountPart& part) {
  switch (part.by) {
    case CountBy::kAccept:
    case CountBy::kEnd:
      return (part.mask & ~kBits) == 0;
    case CountBy::kOpen:
      return part.mask == 0;
    case CountBy::kInTerm06a:
    case CountBy::kOverdue06a:
      return part.mask == 0 && !part.at_beginning;
    default:
      return false;
  }
}

PeriodScan::PeriodScan(int64_t from, int64_t to)
    : from_(from), to_(to), over_before_(std::min(from, to + 1)), overdue_before_(MidnightBefore(to)) {}

bool PeriodScan::IsEmpty(size_t group) const {
  // Every dossier of a group is in exactly one of these, whether it came in the period or before.
  const Group& cells = groups_[group];
  return cells.in_term == 0 && cells.overdue == 0 &&
         std::all_of(cells.ended.begin(), cells.ended.end(), [](uint32_t count) { return count == 0; });
}

int64_t PeriodScan::Count(const CountPart& part, size_t group) const {
  const Group& cells = groups_[group];
  switch (part.by) {
    case CountBy::kOpen:
      return part.at_beginning ? cells.carried_over : cells.in_term + cells.overdue;
    case CountBy::kInTerm06a:
      return cells.in_term;
    case CountBy::kOverdue06a:
      return cells.overdue;
    default:
      break;
  }
  // A cell is the combination of bits that its index spells.
  int64_t sum = 0;
  for (size_t cell = 0; cell < kCells; ++cell) {
    if (part.Holds(TraitsOf(cell))) sum += (part.by == CountBy::kAccept ? cells.accepted : cells.ended)[cell];
  }
  return sum;
}

}  // namespace tthc::server
