#include "server/domain/due.h"

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::domain {
namespace {

// The waits that move a count which began at `since`. Those before acceptance ran no clock, and those that ended before
// the count began belong to an earlier one.
std::vector<timing::Span> ClosedWaitsSince(const v1::Dossier& dossier, absl::Time since) {
  std::vector<timing::Span> spans;
  for (const v1::Wait& wait : dossier.waits()) {
    if (!wait.has_end_time() || wait.before_acceptance()) continue;
    const timing::Span span{FromProto(wait.start_time()), FromProto(wait.end_time())};
    if (span.end > since) spans.push_back(span);
  }
  return spans;
}

// The new promise is a given time, so that waits after the apology put it off one by one instead of being counted anew.
absl::StatusOr<absl::Time> RescheduledDue(const timing::Calendar& calendar, const v1::Dossier& dossier) {
  const absl::Time rescheduled = FromProto(dossier.reschedule().reschedule_time());
  absl::Time due = FromProto(dossier.reschedule().new_due_time());
  for (const timing::Span& wait : ClosedWaitsSince(dossier, rescheduled)) {
    // The apology was made during this wait, and its promise allows for it.
    if (wait.start < rescheduled) continue;
    TTHC_ASSIGN_OR_RETURN(
        due, timing::PutOff(calendar, CountingOffice(dossier), dossier.terms().counting_rule(), due, wait));
  }
  return due;
}

}  // namespace

std::string CountingOffice(const v1::Dossier& dossier) {
  const v1::Request& request = dossier.request();
  return request.competent_office().empty() ? request.office() : request.competent_office();
}

absl::StatusOr<std::shared_ptr<const timing::Calendar>> RequireCalendar(const CalendarSource& calendars,
                                                                        int64_t version) {
  std::shared_ptr<const timing::Calendar> calendar = calendars.FindCalendar(version);
  if (calendar == nullptr) {
    return MakeError({.code = absl::StatusCode::kNotFound,
                      .reason = "CALENDAR_NOT_FOUND",
                      .message = absl::StrCat("calendars/", version, " does not exist; import a calendar first"),
                      .message_vi = absl::StrCat("Không có lịch làm việc phiên bản ", version,
                                                 "; hãy nạp lịch trước (tthc calendar import)"),
                      .metadata = {{"version", absl::StrCat(version)}}});
  }
  return calendar;
}

bool RescheduleHolds(const v1::Dossier& dossier) {
  return dossier.has_reschedule() &&
         FromProto(dossier.reschedule().reschedule_time()) >= FromProto(dossier.due().start_time());
}

const v1::Wait* OpenWait(const v1::Dossier& dossier) {
  // Waits do not overlap, so only the last one can be open.
  if (dossier.waits().empty()) return nullptr;
  const v1::Wait& last = *dossier.waits().rbegin();
  return last.has_end_time() ? nullptr : &last;
}

timing::DueInput DueInputOf(const v1::Dossier& dossier) {
  const absl::Time start = FromProto(dossier.due().start_time());
  return {.received = start,
          .limit = dossier.terms().limit(),
          .counting_rule = dossier.terms().counting_rule(),
          .cut_off = dossier.terms().cut_off(),
          .pauses = ClosedWaitsSince(dossier, start),
          .office = CountingOffice(dossier)};
}

absl::Status RefreshDueTimes(const CalendarSource& calendars, int64_t revision, v1::Dossier& dossier) {
  TTHC_ASSIGN_OR_RETURN(const auto calendar, RequireCalendar(calendars, dossier.terms().calendar_version()));
  TTHC_ASSIGN_OR_RETURN(timing::DueTimes times, timing::ComputeDueTimes(*calendar, DueInputOf(dossier)));
  // Both rules stay as counted, for comparison; only the promise itself is replaced.
  if (times.due.has_value() && RescheduleHolds(dossier)) {
    TTHC_ASSIGN_OR_RETURN(times.due, RescheduledDue(*calendar, dossier));
  }

  v1::Due& due = *dossier.mutable_due();
  const bool had_due = due.has_due_time();
  const absl::Time before = FromProto(due.due_time());
  // A limit of "none" has no due time: the fields of an earlier count must not stay.
  const auto set = [](const std::optional<absl::Time>& time, auto* field_owner, auto setter, auto clearer) {
    if (time.has_value()) {
      *(field_owner->*setter)() = ToProto(*time);
    } else {
      (field_owner->*clearer)();
    }
  };
  set(times.due, &due, &v1::Due::mutable_due_time, &v1::Due::clear_due_time);
  set(times.date_rule, &due, &v1::Due::mutable_date_rule_due_time, &v1::Due::clear_date_rule_due_time);
  set(times.clock_rule, &due, &v1::Due::mutable_clock_rule_due_time, &v1::Due::clear_clock_rule_due_time);
  // Kept for good: Decision 766 and the applicant's receipt refer to it whatever moves the promise later (rule D20).
  if (times.due.has_value() && !due.has_original_due_time()) *due.mutable_original_due_time() = ToProto(*times.due);
  if (had_due != times.due.has_value() || (had_due && before != *times.due)) dossier.set_due_revision(revision);
  return absl::OkStatus();
}

absl::StatusOr<google::protobuf::Timestamp> InnerDueTime(const CalendarSource& calendars, const v1::Dossier& dossier,
                                                         const google::protobuf::Timestamp& start,
                                                         const v1::Limit& limit) {
  TTHC_ASSIGN_OR_RETURN(const auto calendar, RequireCalendar(calendars, dossier.terms().calendar_version()));
  timing::DueInput input = DueInputOf(dossier);
  input.received = FromProto(start);
  input.limit = limit;
  // A cut-off is about receiving dossiers; a hand-over inside the office counts at any hour.
  input.cut_off.Clear();
  input.pauses = ClosedWaitsSince(dossier, input.received);
  TTHC_ASSIGN_OR_RETURN(const timing::DueTimes times, timing::ComputeDueTimes(*calendar, input));
  if (!times.due.has_value()) return google::protobuf::Timestamp();
  return ToProto(*times.due);
}

}  // namespace tthc::domain
