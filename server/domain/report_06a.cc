#include "server/domain/report_06a.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "storage/base/status_macros.h"

namespace tthc::domain {
namespace {

absl::Status CheckRow(const v1::Report06aRow& row) {
  const auto broken = [&](const char* identity) {
    return absl::InternalError(absl::StrCat("form 06a, row \"", row.number(), "\": ", identity, " does not hold"));
  };
  if (row.received_total() != row.received_online() + row.received_direct_or_post() + row.carried_over()) {
    return broken("3 = 4 + 5 + 6");
  }
  if (row.resolved_total() != row.resolved_early() + row.resolved_on_time() + row.resolved_late()) {
    return broken("7 = 8 + 9 + 10");
  }
  if (row.open_total() != row.open_in_term() + row.open_overdue()) return broken("11 = 12 + 13");
  if (row.received_total() != row.resolved_total() + row.open_total()) return broken("3 = 7 + 11");
  return absl::OkStatus();
}

}  // namespace

v1::Report06aRow MakeRow06a(const Counts06a& counts) {
  v1::Report06aRow row;
  row.set_received_online(counts.received_online);
  row.set_received_direct_or_post(counts.received_direct_or_post);
  row.set_carried_over(counts.carried_over);
  row.set_received_total(counts.received_online + counts.received_direct_or_post + counts.carried_over);
  row.set_resolved_early(counts.ended_early);
  row.set_resolved_on_time(counts.ended_on_time);
  row.set_resolved_late(counts.ended_late);
  row.set_resolved_total(counts.ended_early + counts.ended_on_time + counts.ended_late);
  row.set_open_in_term(counts.open_in_term);
  row.set_open_overdue(counts.open_overdue);
  row.set_open_total(counts.open_in_term + counts.open_overdue);
  return row;
}

void AddRow06a(const v1::Report06aRow& row, v1::Report06aRow& total) {
  total.set_received_total(total.received_total() + row.received_total());
  total.set_received_online(total.received_online() + row.received_online());
  total.set_received_direct_or_post(total.received_direct_or_post() + row.received_direct_or_post());
  total.set_carried_over(total.carried_over() + row.carried_over());
  total.set_resolved_total(total.resolved_total() + row.resolved_total());
  total.set_resolved_early(total.resolved_early() + row.resolved_early());
  total.set_resolved_on_time(total.resolved_on_time() + row.resolved_on_time());
  total.set_resolved_late(total.resolved_late() + row.resolved_late());
  total.set_open_total(total.open_total() + row.open_total());
  total.set_open_in_term(total.open_in_term() + row.open_in_term());
  total.set_open_overdue(total.open_overdue() + row.open_overdue());
}

absl::Status CheckReport06a(const v1::Report06a& report) {
  v1::Report06aRow sum;
  for (const v1::Report06aRow& row : report.rows()) {
    TTHC_RETURN_IF_ERROR(CheckRow(row));
    // Procedures are parts of their field.
    if (row.number().find('.') == std::string::npos) AddRow06a(row, sum);
  }
  TTHC_RETURN_IF_ERROR(CheckRow(report.total()));
  v1::Report06aRow total = report.total();
  total.clear_display_name();
  if (google::protobuf::util::MessageDifferencer::Equals(sum, total)) return absl::OkStatus();
  return absl::InternalError("form 06a: the total is not the sum of the fields");
}

}  // namespace tthc::domain
