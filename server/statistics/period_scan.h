#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "server/domain/fact.h"
#include "server/service/fact_columns.h"
#include "server/service/metric.h"

// The question that is asked most, in a tight loop: what came in, what ended and what is open in one period, by one
// grouping. Each row falls into one cell of what it came as and one of what became of it; any count is a sum of cells.
// Says exactly what Scan says the long way. Pure.
namespace tthc::server {

class PeriodScan {
 public:
  // The bits of the traits that cells tell apart: form 06a's verdict, the channel, the outcome.
  static constexpr uint64_t kBits = uint64_t{3} << Traits::kVerdicts | uint64_t{3} << Traits::kChannel |
                                    uint64_t{7} << Traits::kOutcome;
  static constexpr size_t kCells = 128;

  // True for parts that cells can answer.
  static bool Answers(const CountPart& part);

  // [from, to] in Unix seconds, `to` being judged at.
  PeriodScan(int64_t from, int64_t to);

  // Its index; from 0 on.
  size_t AddGroup() {
    groups_.emplace_back();
    return groups_.size() - 1;
  }

  // Counts the rows of `columns`. `group_of(row)` gives the index of a group, which it may have added; `matches(row)`
  // says whether a row takes part.
  template <typename GroupOf, typename Matches>
  void Run(const FactColumns& columns, GroupOf group_of, Matches matches);

  bool IsEmpty(size_t group) const;
  int64_t Count(const CountPart& part, size_t group) const;

 private:
  using Cells = std::array<uint32_t, kCells>;
  struct Group {
    Cells accepted{};
    Cells ended{};
    uint32_t carried_over = 0;
    uint32_t in_term = 0;
    uint32_t overdue = 0;
  };

  static size_t CellOf(uint64_t traits) {
    return (traits >> Traits::kVerdicts & 3) | (traits >> Traits::kChannel & 31) << 2;
  }
  static bool IsHeld(uint64_t traits) { return (Traits::Flags(traits) & domain::kFactHeld) != 0; }
  static uint64_t TraitsOf(size_t cell) {
    return static_cast<uint64_t>(cell & 3) << Traits::kVerdicts | static_cast<uint64_t>(cell >> 2) << Traits::kChannel;
  }

  const int64_t from_;
  const int64_t to_;
  // What ended before was over at the beginning, or when it is judged if that is earlier.
  const int64_t over_before_;
  // Due before this second is overdue at `to`, by dates.
  const int64_t overdue_before_;
  std::vector<Group> groups_;
};

template <typename GroupOf, typename Matches>
void PeriodScan::Run(const FactColumns& columns, GroupOf group_of, Matches matches) {
  const uint32_t* accept = columns.accept.data();
  const uint32_t* end = columns.end.data();
  const uint32_t* due = columns.due.data();
  const uint64_t* traits = columns.traits.data();
  const size_t rows = columns.size();
  for (size_t row = 0; row < rows; ++row) {
    const int64_t came = accept[row];
    const int64_t went = end[row];
    // Never taken in, later than asked, or over before.
    if (came == 0 || came > to_ || (went != 0 && went < over_before_) || !matches(row)) continue;
    const size_t index = group_of(row);
    Group& group = groups_[index];
    const size_t cell = CellOf(traits[row]);
    if (came >= from_) {
      ++group.accepted[cell];
    } else {
      ++group.carried_over;
    }
    if (went != 0 && went <= to_) {
      ++group.ended[cell];
    } else if (due[row] != 0 && due[row] < overdue_before_ && !IsHeld(traits[row])) {
      ++group.overdue;
    } else {
      ++group.in_term;
    }
  }
}

}  // namespace tthc::server
