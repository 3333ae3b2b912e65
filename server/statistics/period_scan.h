#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "server/domain/fact.h"
#include "server/facts/fact_columns.h"
#include "server/statistics/metric.h"

// The question that is asked most, in a tight loop: what came in, what ended and what is open in one period. Form 06a,
// the summaries and most scores are made of such counts.
//
// Vocabulary:
// - came in: accepted in the period, or accepted before and open at its beginning (carried over).
// - became: ended in the period, or open at its end, in term or overdue by form 06a.
// - cell: a combination of the few bits of the traits that such counts look at (kBits); there are 128.
//
// Each row of the facts adds one to what it came in as and one to what it became, in the row's group and cell. Any of
// the counts is then a sum of cells, whatever its predicate. So a row costs two additions however many metrics are
// asked for, where the plain scan goes over the row once for each way of counting.
//
// Scan uses this where it can (Answers) and gets exactly the figures that it would compute row by row; a property test
// compares the two over random facts.
//
// Use: AddGroup, at least once; Run, once; then IsEmpty and Count. Nothing fails. Belongs to one scan and keeps no
// reference to the columns. Not thread-safe.
namespace tthc::server {

class PeriodScan {
 public:
  // The bits of the traits that cells distinguish: form 06a's verdict, the channel, the outcome.
  static constexpr uint64_t kBits =
      uint64_t{3} << Traits::kVerdicts | uint64_t{3} << Traits::kChannel | uint64_t{7} << Traits::kOutcome;
  // One for each value of these bits together.
  static constexpr size_t kCells = 128;

  // Whether a part of a metric is a sum of cells.
  static bool Answers(const CountPart& part);

  // [from, to] in Unix seconds; open dossiers are evaluated at `to`.
  PeriodScan(int64_t from, int64_t to);

  // Returns its index, counted from 0.
  size_t AddGroup() {
    groups_.emplace_back();
    return groups_.size() - 1;
  }

  // Counts the rows of `columns`. `group_of(row)` gives the index of a group, which it may have added; `matches(row)`
  // says whether a row takes part.
  template <typename GroupOf, typename Matches>
  void Run(const FactColumns& columns, GroupOf group_of, Matches matches);

  // Whether no row was counted in the group.
  bool IsEmpty(size_t group) const;
  // The count of a part that Answers.
  int64_t Count(const CountPart& part, size_t group) const;

 private:
  using Cells = std::array<uint32_t, kCells>;
  struct Group {
    // By cell.
    Cells accepted{};
    Cells ended{};
    // Not by cell: counts of these have no predicate.
    uint32_t carried_over = 0;
    uint32_t in_term = 0;
    uint32_t overdue = 0;
  };

  // The bits of the verdict, then those of channel and outcome, which lie together in the traits.
  static size_t CellOf(uint64_t traits) {
    return (traits >> Traits::kVerdicts & 3) | (traits >> Traits::kChannel & 31) << 2;
  }
  // Waits since before it was overdue, so that it stays in term.
  static bool IsHeld(uint64_t traits) { return (Traits::Flags(traits) & domain::kFactHeld) != 0; }
  // The bits of a cell where the traits have them, so that a predicate can look at them.
  static uint64_t TraitsOf(size_t cell) {
    return static_cast<uint64_t>(cell & 3) << Traits::kVerdicts | static_cast<uint64_t>(cell >> 2) << Traits::kChannel;
  }

  const int64_t from_;
  const int64_t to_;
  // What ended before this second was over at the beginning, or at the evaluation if that is earlier, and counts in
  // nothing.
  const int64_t over_before_;
  // By form 06a what is due before this second is overdue at `to`: the midnight before it, since dates are compared.
  const int64_t overdue_before_;
  std::vector<Group> groups_;
};

// Pointers to the columns are taken out of the loop: the compiler can't know that counting does not move the vectors.
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
    // Never accepted, accepted later, or over before.
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
