#include "server/dossiers/due_time_queries.h"

#include "absl/strings/str_cat.h"
#include "server/domain/due.h"
#include "server/domain/lifecycle.h"
#include "server/timing/deadline.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

// Unlike the range of a filter, a pause needs both ends: time that never ends would leave no due time.
absl::Status CheckPause(const std::string& field, const v1::TimeRange& pause) {
  if (!pause.has_start_time()) return InvalidField(field + ".start_time", "is required", "phải có");
  if (!pause.has_end_time()) return InvalidField(field + ".end_time", "is required", "phải có");
  if (FromProto(pause.end_time()) > FromProto(pause.start_time())) return absl::OkStatus();
  return InvalidField(field + ".end_time", "must be after start_time", "phải sau thời điểm bắt đầu");
}

absl::StatusOr<timing::DueInput> ToInput(const domain::Catalogue& catalogue, const v1::PreviewDueTimeRequest& request,
                                         absl::Time now) {
  // Each value of the request takes precedence over that of the procedure.
  timing::DueInput input;
  input.received = request.has_start_time() ? FromProto(request.start_time()) : now;
  if (!request.procedure().empty()) {
    TTHC_ASSIGN_OR_RETURN(const auto procedure,
                          catalogue.ProcedureOn(request.procedure(), LocalDayNumber(input.received)));
    const v1::Channel channel = request.channel() == v1::CHANNEL_UNSPECIFIED ? v1::CHANNEL_COUNTER : request.channel();
    if (!request.has_limit()) {
      TTHC_ASSIGN_OR_RETURN(input.limit,
                            domain::ChooseLimit(*procedure, request.procedure_case(), channel, request.area()));
    }
    input.counting_rule = procedure->counting_rule();
    input.cut_off = procedure->cut_off();
  } else if (!request.has_limit()) {
    return InvalidField("limit", "is required without a procedure", "phải có thời hạn khi không chọn thủ tục");
  }
  if (request.has_limit()) {
    TTHC_RETURN_IF_ERROR(timing::CheckLimit("limit", request.limit()));
    input.limit = request.limit();
  }
  if (request.counting_rule() != v1::COUNTING_RULE_UNSPECIFIED) input.counting_rule = request.counting_rule();
  if (request.has_cut_off()) {
    TTHC_RETURN_IF_ERROR(timing::CheckCutOff("cut_off", request.cut_off()));
    input.cut_off = request.cut_off();
  }
  if (request.pauses_size() > static_cast<int>(limits::kPausesMax)) {
    return InvalidField("pauses", absl::StrCat("at most ", limits::kPausesMax, " are allowed"),
                        absl::StrCat("tối đa ", limits::kPausesMax));
  }
  for (int i = 0; i < request.pauses_size(); ++i) {
    const v1::TimeRange& pause = request.pauses(i);
    TTHC_RETURN_IF_ERROR(CheckPause(absl::StrCat("pauses[", i, "]"), pause));
    input.pauses.push_back({FromProto(pause.start_time()), FromProto(pause.end_time())});
  }
  input.office = request.office();
  return input;
}

// A reschedule is given and not counted: a last interval of its own explains it. By a later calendar the count may end
// behind the new promise; the promise still holds, so that the explanation is cut off there.
void EndAtReschedule(const v1::Dossier& dossier, v1::DueTimeExplanation& explanation) {
  const absl::Time promised = FromProto(dossier.due().due_time());
  auto& intervals = *explanation.mutable_intervals();
  while (!intervals.empty() && FromProto(intervals.rbegin()->start_time()) >= promised) intervals.RemoveLast();
  if (!intervals.empty() && FromProto(intervals.rbegin()->end_time()) > promised) {
    *intervals.rbegin()->mutable_end_time() = dossier.due().due_time();
  }
  if (promised > FromProto(explanation.due_time())) {
    v1::DueInterval& interval = *intervals.Add();
    interval.set_kind(v1::DueInterval::KIND_RESCHEDULED);
    *interval.mutable_start_time() = explanation.due_time();
    *interval.mutable_end_time() = dossier.due().due_time();
    interval.set_reason_vi(absl::StrCat("Xin lỗi, hẹn lại: ", dossier.reschedule().reason()));
    interval.set_reason_en(absl::StrCat("Rescheduled with an apology: ", dossier.reschedule().reason()));
  }
  explanation.add_summary_vi(absl::StrCat("Đã xin lỗi và hẹn lại đến ", FormatForPeople(promised), "."));
  explanation.add_summary_en(absl::StrCat("Rescheduled with an apology to ", FormatForPeople(promised), "."));
  *explanation.mutable_due_time() = dossier.due().due_time();
  explanation.set_due_date(FormatIsoDate(LocalCivilDay(promised)));
}

}  // namespace

absl::StatusOr<v1::DueTimeExplanation> PreviewDueTime(const domain::Catalogue& catalogue,
                                                      const v1::PreviewDueTimeRequest& request, absl::Time now) {
  const absl::StatusOr<timing::DueInput> input = ToInput(catalogue, request, now);
  // The catalogue names the fields of a dossier's request; here they are those of the call.
  if (!input.ok()) return RebaseFields("request.", "", input.status());
  const int64_t version =
      request.calendar_version() == 0 ? catalogue.latest_calendar_version() : request.calendar_version();
  TTHC_ASSIGN_OR_RETURN(const auto calendar, domain::RequireCalendar(catalogue, version));
  return timing::ExplainDueTime(*calendar, *input);
}

absl::StatusOr<v1::DueTimeExplanation> ExplainDossier(const domain::Catalogue& catalogue, const v1::Dossier& dossier) {
  // Two different answers for people: a dossier that is never due, and one that is not due yet.
  if (!dossier.due().has_due_time()) {
    const bool accepted = dossier.has_accept_time();
    return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                      .reason = "NO_DUE_TIME",
                      .message = accepted ? "nothing is due: the procedure has no limit, or its clock has not started"
                                          : "nothing is due before the dossier is accepted",
                      .message_vi = accepted ? "Hồ sơ không có hẹn trả: thủ tục không quy định thời hạn, hoặc chưa bắt "
                                               "đầu tính"
                                             : "Hồ sơ chưa được tiếp nhận nên chưa có hẹn trả"});
  }
  TTHC_ASSIGN_OR_RETURN(const auto calendar, domain::RequireCalendar(catalogue, dossier.terms().calendar_version()));
  TTHC_ASSIGN_OR_RETURN(v1::DueTimeExplanation explanation,
                        timing::ExplainDueTime(*calendar, domain::DueInputOf(dossier)));
  // The engine explains the count; the promise may be the reschedule.
  if (domain::RescheduleHolds(dossier)) EndAtReschedule(dossier, explanation);
  return explanation;
}

}  // namespace tthc::server
