#pragma once

#include "absl/status/status.h"
#include "tthc/v1/statistics.pb.h"

// Form 06a/VPCP/KSTT of Circular 01/2020/TT-VPCP: what its columns are made of, and what must hold between them. Pure;
// thread-safe.
namespace tthc::domain {

// The counts that the form is made of, each dossier in one of the first three and in one of the others.
struct Counts06a {
  int64_t received_online = 0;
  int64_t received_direct_or_post = 0;
  int64_t carried_over = 0;
  int64_t ended_early = 0;
  int64_t ended_on_time = 0;
  int64_t ended_late = 0;
  int64_t open_in_term = 0;
  int64_t open_overdue = 0;
};

// Columns 3 to 13.
v1::Report06aRow MakeRow06a(const Counts06a& counts);

// Adds the columns of `row` to those of `total`.
void AddRow06a(const v1::Report06aRow& row, v1::Report06aRow& total);

// Law 5: 3 = 4 + 5 + 6, 7 = 8 + 9 + 10, 11 = 12 + 13, 3 = 7 + 11 on every row and on the total, and the total is the
// sum of the fields. INTERNAL names the row and the identity that does not hold.
absl::Status CheckReport06a(const v1::Report06a& report);

}  // namespace tthc::domain
