#include "server/domain/report_06a.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "storage/base/status_macros.h"

namespace tthc::domain {
namespace {

// The identities of one row. They hold by construction of MakeRow06a; a row that was stored in a closing, or added up
// from others, is checked before anyone relies on it.
absl::Status CheckRow(const v1::Report06aRow& row) {
  const auto broken = [&](const char* identity) {
    return absl::InternalError(absl::StrCat("form 06a, row \"", row.number(), "\": ", identity, " does not hold"));
  };
  if (row.received_count() != row.received_online_count() + row.received_direct_count() + row.carried_over_count()) {
    return broken("3 = 4 + 5 + 6");
  }
  if (row.resolved_count() != row.resolved_early_count() + row.resolved_on_time_count() + row.resolved_late_count()) {
    return broken("7 = 8 + 9 + 10");
  }
  if (row.open_count() != row.open_in_term_count() + row.open_overdue_count()) return broken("11 = 12 + 13");
  if (row.received_count() != row.resolved_count() + row.open_count()) return broken("3 = 7 + 11");
  return absl::OkStatus();
}

}  // namespace

v1::Report06aRow MakeRow06a(const Counts06a& counts) {
  v1::Report06aRow row;
  row.set_received_online_count(counts.received_online);
  row.set_received_direct_count(counts.received_direct);
  row.set_carried_over_count(counts.carried_over);
  row.set_received_count(counts.received_online + counts.received_direct + counts.carried_over);
  row.set_resolved_early_count(counts.ended_early);
  row.set_resolved_on_time_count(counts.ended_on_time);
  row.set_resolved_late_count(counts.ended_late);
  row.set_resolved_count(counts.ended_early + counts.ended_on_time + counts.ended_late);
  row.set_open_in_term_count(counts.open_in_term);
  row.set_open_overdue_count(counts.open_overdue);
  row.set_open_count(counts.open_in_term + counts.open_overdue);
  return row;
}

void AddRow06a(const v1::Report06aRow& row, v1::Report06aRow& total) {
  total.set_received_count(total.received_count() + row.received_count());
  total.set_received_online_count(total.received_online_count() + row.received_online_count());
  total.set_received_direct_count(total.received_direct_count() + row.received_direct_count());
  total.set_carried_over_count(total.carried_over_count() + row.carried_over_count());
  total.set_resolved_count(total.resolved_count() + row.resolved_count());
  total.set_resolved_early_count(total.resolved_early_count() + row.resolved_early_count());
  total.set_resolved_on_time_count(total.resolved_on_time_count() + row.resolved_on_time_count());
  total.set_resolved_late_count(total.resolved_late_count() + row.resolved_late_count());
  total.set_open_count(total.open_count() + row.open_count());
  total.set_open_in_term_count(total.open_in_term_count() + row.open_in_term_count());
  total.set_open_overdue_count(total.open_overdue_count() + row.open_overdue_count());
}

absl::Status CheckReport06a(const v1::Report06a& report) {
  v1::Report06aRow sum;
  for (const v1::Report06aRow& row : report.rows()) {
    TTHC_RETURN_IF_ERROR(CheckRow(row));
    // Rows of procedures ("1.2") are parts of the row of their field ("1") and must not be added twice.
    if (row.number().find('.') == std::string::npos) AddRow06a(row, sum);
  }
  TTHC_RETURN_IF_ERROR(CheckRow(report.total()));
  v1::Report06aRow total = report.total();
  // The only part of the total that is not a count.
  total.clear_display_name();
  if (google::protobuf::util::MessageDifferencer::Equals(sum, total)) return absl::OkStatus();
  return absl::InternalError("form 06a: the total is not the sum of the fields");
}

}  // namespace tthc::domain
