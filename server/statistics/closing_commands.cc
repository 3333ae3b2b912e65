#include "server/statistics/closing_commands.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/catalogue/catalogue_errors.h"
#include "server/commit/request_ids.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

// By the times of the period and not by its name: "q3/2026" and "15/06 to 14/09" are one period.
absl::Status CheckNotClosed(const domain::Catalogue& catalogue, const v1::Closing& closing) {
  const v1::Period& period = closing.report().basis().period();
  for (const auto& [name, known] : catalogue.closings()) {
    const v1::Period& other = known->report().basis().period();
    const bool same = FromProto(other.start_time()) == FromProto(period.start_time()) &&
                      FromProto(other.end_time()) == FromProto(period.end_time()) &&
                      known->report().office() == closing.report().office();
    if (!same) continue;
    return MakeError({.code = absl::StatusCode::kAlreadyExists,
                      .reason = "PERIOD_CLOSED",
                      .message = absl::StrCat("this period is closed as ", name,
                                              "; check that one, or set repeat to close it once more"),
                      .message_vi = absl::StrCat("Kỳ này đã chốt (", name,
                                                 "); hãy đối chiếu lần chốt đó, hoặc chốt lại bằng --again"),
                      .metadata = {{"closing", name}},
                      .field = "period"});
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Closing> ClosePeriod(CommitScope& scope, const ClosePeriodCommand& command) {
  if (!command.repeat) TTHC_RETURN_IF_ERROR(CheckNotClosed(scope.catalogue(), command.closing));
  const auto& known = scope.catalogue().closings();
  if (known.size() >= limits::kClosingsMax) return CatalogueFull("closings", limits::kClosingsMax);
  v1::Closing next = command.closing;
  // Six digits, so that the order of the names is the order of closing. Since none is ever deleted, their number is the
  // last one's.
  next.set_name(absl::StrFormat("closings/%06d", known.size() + 1));
  *next.mutable_record_time() = ToProto(scope.now());
  storage::v1::LogRecord record;
  *record.mutable_closing() = next;
  TTHC_RETURN_IF_ERROR(scope.PutCatalogue(std::move(record)));
  return next;
}

}  // namespace

absl::StatusOr<v1::Closing> RunClosePeriod(CommitScope& scope, ClosePeriodCommand& command) {
  return RunOnce<v1::Closing>(
      scope, command.request_id, command.content_hash, [&](CommitScope& own) { return ClosePeriod(own, command); },
      // The figures of the first call, although those in `command` may be others by now.
      [](CommitScope& own, int64_t first_revision, int32_t) -> absl::StatusOr<v1::Closing> {
        TTHC_ASSIGN_OR_RETURN(const auto record, own.LoadLog(first_revision));
        return record.closing();
      });
}

}  // namespace tthc::server
