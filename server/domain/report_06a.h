#pragma once

#include "absl/status/status.h"
#include "tthc/v1/statistics.pb.h"

// Form 06a/VPCP/KSTT of Circular 01/2020/TT-VPCP: how its columns follow from counts, and the identities that must hold
// between them. Pure; thread-safe.
//
// Columns by their numbers in the form: 3 received in all, 4 online, 5 directly or by post, 6 carried over; 7 resolved
// in all, 8 early, 9 on time, 10 late; 11 open in all, 12 in term, 13 overdue. Rows are the fields and, below them,
// their procedures; the total adds up the fields.
namespace tthc::domain {

// The counts that a row is made of. Every dossier of the period is counted once among the first three and once among
// the other five.
struct Counts06a {
  int64_t received_online = 0;
  int64_t received_direct = 0;
  int64_t carried_over = 0;
  int64_t ended_early = 0;
  int64_t ended_on_time = 0;
  int64_t ended_late = 0;
  int64_t open_in_term = 0;
  int64_t open_overdue = 0;
};

// Columns 3 to 13, with the sums.
v1::Report06aRow MakeRow06a(const Counts06a& counts);

// Adds the columns of `row` to those of `total`.
void AddRow06a(const v1::Report06aRow& row, v1::Report06aRow& total);

// 3 = 4 + 5 + 6, 7 = 8 + 9 + 10, 11 = 12 + 13 and 3 = 7 + 11 on every row and on the total, and the total is the sum of
// the fields. INTERNAL names the row and the identity that does not hold: a report that does not add up is never
// returned.
absl::Status CheckReport06a(const v1::Report06a& report);

}  // namespace tthc::domain
