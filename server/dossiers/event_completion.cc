#include "server/dossiers/event_completion.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "server/domain/due.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

absl::Status FutureTime(absl::Time occur, absl::Time now) {
  return InvalidField("event.occur_time",
                      absl::StrCat("is ", FormatRfc3339(occur), ", in the future (now is ", FormatRfc3339(now),
                                   "); events are recorded once they have happened"),
                      absl::StrCat("là ", FormatForPeople(occur), ", ở tương lai (bây giờ là ", FormatForPeople(now),
                                   "); chỉ ghi việc đã xảy ra"));
}

// Checks and fills both times. An event may be recorded late, but not before it happens, and not so late that a period
// whose figures were reported would change without notice; imported registers are exempt.
absl::Status CompleteTimes(absl::Time now, v1::Event& event) {
  const absl::Time occur = event.has_occur_time() ? FromProto(event.occur_time()) : now;
  if (occur > now + limits::kFutureSkewMax) return FutureTime(occur, now);
  if (now - occur > limits::kLateEntryMax && !event.imported()) {
    const auto days = limits::kLateEntryMax / absl::Hours(24);
    return InvalidField(
        "event.occur_time",
        absl::StrCat("is ", FormatRfc3339(occur), ", more than ", days,
                     " days ago; set imported if it is taken over from another register"),
        absl::StrCat("là ", FormatForPeople(occur), ", quá ", days,
                     " ngày trước; nếu chuyển từ sổ khác sang hãy dùng chức năng nhập sổ (tthc import)"));
  }
  // A client whose clock is a little ahead: its event happened now, or the next one could not follow it.
  *event.mutable_occur_time() = ToProto(std::min(occur, now));
  *event.mutable_record_time() = ToProto(now);
  event.set_late_entry(now - occur > limits::kLateEntryThreshold);
  return absl::OkStatus();
}

// OK if `name` is empty, or an entry that is active on `day`. The error names the successor of a closed entry.
template <typename T>
absl::Status CheckKnown(const domain::Catalogue::ByName<T>& known, const std::string& field, const std::string& name,
                        const std::string& day) {
  if (name.empty()) return absl::OkStatus();
  const auto found = known.find(name);
  if (found == known.end()) {
    return InvalidField(field, absl::StrCat("\"", name, "\" is not in the catalogue; see ListOffices"),
                        absl::StrCat("\"", name, "\" không có trong danh mục; xem: tthc offices list"));
  }
  // ISO dates compare as text.
  const T& entry = *found->second;
  const bool open = (entry.start_date().empty() || entry.start_date() <= day) &&
                    (entry.end_date().empty() || day <= entry.end_date());
  if (open) return absl::OkStatus();
  const std::string hint = entry.successor().empty() ? "" : absl::StrCat("; its work went to ", entry.successor());
  const std::string hint_vi = entry.successor().empty() ? "" : absl::StrCat("; đã chuyển cho ", entry.successor());
  return InvalidField(field, absl::StrCat("\"", name, "\" is not active on ", day, hint),
                      absl::StrCat("\"", name, "\" không hoạt động vào ngày ", day, hint_vi));
}

// Checks the offices, units and officers that an event names, on the day when it happened: an event of last month may
// name a unit that was closed since.
class NameChecker {
 public:
  NameChecker(const domain::Catalogue& catalogue, const v1::Event& event)
      : catalogue_(catalogue), event_(event), day_(FormatIsoDate(LocalCivilDay(FromProto(event.occur_time())))) {}

  absl::Status Run() const {
    switch (event_.payload_case()) {
      case v1::Event::kSubmitted:
        return CheckRequest("event.submitted.request", event_.submitted().request());
      case v1::Event::kIntakeRefused:
        return CheckRequest("event.intake_refused.request", event_.intake_refused().request());
      case v1::Event::kAccepted:
        TTHC_RETURN_IF_ERROR(CheckRequest("event.accepted.request", event_.accepted().request()));
        return CheckHolder("event.accepted", event_.accepted().unit(), event_.accepted().officer());
      case v1::Event::kForwarded: {
        const v1::Forwarded& forwarded = event_.forwarded();
        TTHC_RETURN_IF_ERROR(Unit("event.forwarded.to_unit", forwarded.to_unit()));
        TTHC_RETURN_IF_ERROR(Officer("event.forwarded.to_officer", forwarded.to_officer()));
        TTHC_RETURN_IF_ERROR(Unit("event.forwarded.from_unit", forwarded.from_unit()));
        return Officer("event.forwarded.from_officer", forwarded.from_officer());
      }
      case v1::Event::kStepTaken:
        TTHC_RETURN_IF_ERROR(
            CheckKnown(catalogue_.offices(), "event.step_taken.office", event_.step_taken().office(), day_));
        return CheckHolder("event.step_taken", event_.step_taken().unit(), event_.step_taken().officer());
      case v1::Event::kStepDone:
        return CheckHolder("event.step_done", event_.step_done().unit(), event_.step_done().officer());
      case v1::Event::kSupplementRequested:
        return Officer("event.supplement_requested.officer", event_.supplement_requested().officer());
      case v1::Event::kOpinionAsked:
        return Unit("event.opinion_asked.unit", event_.opinion_asked().unit());
      case v1::Event::kOpinionGiven:
        return Unit("event.opinion_given.unit", event_.opinion_given().unit());
      case v1::Event::kFinished:
        return Officer("event.finished.officer", event_.finished().officer());
      case v1::Event::kReturned:
        return Officer("event.returned.officer", event_.returned().officer());
      default:
        return absl::OkStatus();
    }
  }

 private:
  absl::Status Unit(const std::string& field, const std::string& name) const {
    return CheckKnown(catalogue_.units(), field, name, day_);
  }
  absl::Status Officer(const std::string& field, const std::string& name) const {
    return CheckKnown(catalogue_.officers(), field, name, day_);
  }
  absl::Status CheckHolder(const std::string& path, const std::string& unit, const std::string& officer) const {
    TTHC_RETURN_IF_ERROR(Unit(absl::StrCat(path, ".unit"), unit));
    return Officer(absl::StrCat(path, ".officer"), officer);
  }
  absl::Status CheckRequest(const std::string& path, const v1::Request& request) const {
    TTHC_RETURN_IF_ERROR(CheckKnown(catalogue_.offices(), absl::StrCat(path, ".office"), request.office(), day_));
    return CheckKnown(catalogue_.offices(), absl::StrCat(path, ".competent_office"), request.competent_office(), day_);
  }

  const domain::Catalogue& catalogue_;
  const v1::Event& event_;
  const std::string day_;
};

absl::Status CodeExists(const std::string& field, const std::string& code) {
  return MakeError({.code = absl::StatusCode::kAlreadyExists,
                    .reason = "CODE_EXISTS",
                    .message = absl::StrCat(field, ": the code ", code, " belongs to another dossier already"),
                    .message_vi = absl::StrCat("Mã ", code, " đã thuộc một hồ sơ khác; hãy kiểm tra lại mã"),
                    .metadata = {{"code", code}},
                    .field = field});
}

// A dossier may name its own code again. The index also has uids, so that none can become a code.
absl::Status CheckCodeFree(const CommitScope& scope, const std::string& field, const std::string& code,
                           int64_t number) {
  TTHC_ASSIGN_OR_RETURN(const std::optional<int64_t> owner, scope.FindCode(code));
  return owner.has_value() && *owner != number ? CodeExists(field, code) : absl::OkStatus();
}

absl::Status CheckAliasesFree(const CommitScope& scope, const std::string& field, const v1::Request& request,
                              int64_t number) {
  for (int i = 0; i < request.aliases_size(); ++i) {
    TTHC_RETURN_IF_ERROR(CheckCodeFree(scope, absl::StrCat(field, ".aliases[", i, "]"), request.aliases(i), number));
  }
  return absl::OkStatus();
}

// `<agency>-YYMMDD-NNNN` from a durable counter of agency and local day (Circular 03/2025/TT-VPCP art. 13); `mark` is
// "T" for a submission. A number that another system has assigned already is skipped.
absl::StatusOr<std::string> IssueCode(CommitScope& scope, const std::string& office, absl::Time day, const char* mark) {
  const absl::CivilDay civil = LocalCivilDay(day);
  const std::string prefix = absl::StrFormat("%s-%02d%02d%02d-%s", std::string(absl::StripPrefix(office, "offices/")),
                                             static_cast<int>(civil.year() % 100), civil.month(), civil.day(), mark);
  // Every pass takes the next number, so the loop ends behind the last foreign code of the day.
  while (true) {
    TTHC_ASSIGN_OR_RETURN(const int64_t count, scope.Count(prefix));
    const std::string code = absl::StrFormat("%s%04d", prefix, count);
    TTHC_ASSIGN_OR_RETURN(const std::optional<int64_t> owner, scope.FindCode(code));
    if (!owner.has_value()) return code;
  }
}

// The version that is frozen into new terms.
absl::StatusOr<int64_t> LatestCalendar(const domain::Catalogue& catalogue) {
  if (catalogue.latest_calendar_version() > 0) return catalogue.latest_calendar_version();
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "CALENDAR_NOT_FOUND",
                    .message = "no calendar is loaded; import one first",
                    .message_vi = "Chưa có lịch làm việc; hãy nạp lịch trước: tthc calendar import"});
}

// The terms of a procedure on the day of acceptance, which hold for this dossier whatever the catalogue becomes.
// `fee_vnd` receives the fee of the procedure.
absl::StatusOr<v1::Terms> MakeTerms(const domain::Catalogue& catalogue, const v1::Request& request, absl::Time accepted,
                                    int64_t* fee_vnd) {
  TTHC_ASSIGN_OR_RETURN(const auto procedure, catalogue.ProcedureOn(request.procedure(), LocalDayNumber(accepted)));
  TTHC_ASSIGN_OR_RETURN(const v1::Limit limit,
                        domain::ChooseLimit(*procedure, request.procedure_case(), request.channel(), request.area()));
  TTHC_ASSIGN_OR_RETURN(const int64_t calendar_version, LatestCalendar(catalogue));
  v1::Terms terms;
  terms.set_procedure_version(procedure->version());
  terms.set_field(procedure->field());
  *terms.mutable_limit() = limit;
  terms.set_counting_rule(procedure->counting_rule());
  if (procedure->has_cut_off()) *terms.mutable_cut_off() = procedure->cut_off();
  terms.set_supplement_mode(procedure->supplement_mode());
  terms.set_calendar_version(calendar_version);
  terms.set_supplement_expiry_days(procedure->supplement_expiry_days());
  *fee_vnd = procedure->fee_vnd();
  return terms;
}

// Freezes the terms of an acceptance, and gives it the assigned code or the next one of its day.
absl::Status CompleteAccepted(CommitScope& scope, int64_t number, const v1::Dossier& dossier, absl::Time occur,
                              v1::Accepted& accepted) {
  const v1::Request& request = accepted.has_request() ? accepted.request() : dossier.request();
  if (request.procedure().empty()) {
    return InvalidField("event.accepted.request", "is required when no submission came before",
                        "phải có nội dung yêu cầu khi hồ sơ chưa nộp trực tuyến");
  }
  TTHC_RETURN_IF_ERROR(CheckAliasesFree(scope, "event.accepted.request", request, number));
  int64_t fee_vnd = 0;
  auto terms = MakeTerms(scope.catalogue(), request, occur, &fee_vnd);
  if (!terms.ok()) return PrefixFields("event.accepted", terms.status());
  *accepted.mutable_terms() = *std::move(terms);
  // 0 means that the clerk entered none.
  if (accepted.fee_vnd() == 0) accepted.set_fee_vnd(fee_vnd);
  if (!accepted.assigned_code().empty()) {
    TTHC_RETURN_IF_ERROR(CheckCodeFree(scope, "event.accepted.assigned_code", accepted.assigned_code(), number));
    accepted.set_code(accepted.assigned_code());
    return absl::OkStatus();
  }
  // Of the day when it was accepted, also if it is entered later.
  TTHC_ASSIGN_OR_RETURN(std::string code, IssueCode(scope, request.office(), occur, ""));
  accepted.set_code(std::move(code));
  return absl::OkStatus();
}

// The submission code, which the event that opens a dossier without accepting it gives to it.
absl::Status IssueSubmissionCode(CommitScope& scope, const std::string& field, const v1::Request& request,
                                 absl::Time occur, std::string* code) {
  if (request.procedure().empty()) {
    return InvalidField(field, "is required when no submission came before",
                        "phải có nội dung yêu cầu khi hồ sơ chưa nộp trực tuyến");
  }
  TTHC_RETURN_IF_ERROR(CheckAliasesFree(scope, field, request, 0));
  // Nothing is frozen yet, but a procedure that does not exist could never be accepted.
  const auto known = scope.catalogue().ProcedureOn(request.procedure(), LocalDayNumber(occur));
  if (!known.ok()) return PrefixFields(absl::StripSuffix(field, ".request"), known.status());
  TTHC_ASSIGN_OR_RETURN(*code, IssueCode(scope, request.office(), occur, "T"));
  return absl::OkStatus();
}

// Fills in the office of the unit: taking the dossier in the competent office starts the clock (rule D2). Frozen into
// the event, because a unit may move to another office later.
absl::Status CompleteStepTaken(const domain::Catalogue& catalogue, v1::StepTaken& taken) {
  const auto unit = catalogue.units().find(taken.unit());
  if (unit == catalogue.units().end()) return absl::OkStatus();
  const std::string& office = unit->second->office();
  if (!taken.office().empty() && taken.office() != office) {
    return InvalidField("event.step_taken.office", absl::StrCat(taken.unit(), " belongs to ", office),
                        absl::StrCat(taken.unit(), " thuộc ", office));
  }
  taken.set_office(office);
  return absl::OkStatus();
}

// A form that asks for a date sends its midnight. The promise is then the closing time of that day.
void CompleteRescheduled(const domain::Catalogue& catalogue, const v1::Dossier& dossier, v1::Rescheduled& rescheduled) {
  const absl::Time promised = FromProto(rescheduled.new_due_time());
  const auto calendar = catalogue.FindCalendar(dossier.terms().calendar_version());
  if (LocalSecondOfDay(promised) != 0 || calendar == nullptr) return;
  const absl::StatusOr<absl::Time> closing =
      calendar->ClosingTime(domain::DueInputOf(dossier).office, LocalDayNumber(promised));
  // A day off has no closing time: the time stays as it is, and the fold refuses it with the reason.
  if (closing.ok()) *rescheduled.mutable_new_due_time() = ToProto(*closing);
}

}  // namespace

absl::Status CompleteEvent(CommitScope& scope, int64_t number, const v1::Dossier& dossier, v1::Event& event) {
  TTHC_RETURN_IF_ERROR(CompleteTimes(scope.now(), event));
  // After the times: names are checked on the day of occur_time, which may have been filled in just now.
  TTHC_RETURN_IF_ERROR(NameChecker(scope.catalogue(), event).Run());
  const absl::Time occur = FromProto(event.occur_time());
  switch (event.payload_case()) {
    case v1::Event::kSubmitted:
      return IssueSubmissionCode(scope, "event.submitted.request", event.submitted().request(), occur,
                                 event.mutable_submitted()->mutable_code());
    case v1::Event::kIntakeRefused:
      if (number != 0) {
        return CheckAliasesFree(scope, "event.intake_refused.request", event.intake_refused().request(), number);
      }
      return IssueSubmissionCode(scope, "event.intake_refused.request", event.intake_refused().request(), occur,
                                 event.mutable_intake_refused()->mutable_code());
    case v1::Event::kAccepted:
      return CompleteAccepted(scope, number, dossier, occur, *event.mutable_accepted());
    case v1::Event::kStepTaken:
      return CompleteStepTaken(scope.catalogue(), *event.mutable_step_taken());
    case v1::Event::kRescheduled:
      CompleteRescheduled(scope.catalogue(), dossier, *event.mutable_rescheduled());
      return absl::OkStatus();
    case v1::Event::kPetitionReceived: {
      // A petition may come before acceptance, when the dossier has no calendar of its own.
      TTHC_ASSIGN_OR_RETURN(const int64_t version, LatestCalendar(scope.catalogue()));
      event.mutable_petition_received()->set_calendar_version(version);
      return absl::OkStatus();
    }
    case v1::Event::kAliasAdded:
      if (dossier.aliases_size() >= static_cast<int>(limits::kAliasesPerDossierMax)) {
        return InvalidField("event.alias_added.alias",
                            absl::StrCat("a dossier has at most ", limits::kAliasesPerDossierMax, " aliases"),
                            absl::StrCat("mỗi hồ sơ có tối đa ", limits::kAliasesPerDossierMax, " mã khác"));
      }
      return CheckCodeFree(scope, "event.alias_added.alias", event.alias_added().alias(), number);
    default:
      return absl::OkStatus();
  }
}

namespace {

// An amended acceptance keeps its code, and its terms as well unless the amendment changes what they depend on: fixing
// a typing error in a name must not move a due time because the catalogue has changed since.
absl::Status CompleteAcceptedReplacement(CommitScope& scope, int64_t number, const v1::Dossier& dossier,
                                         const v1::Event& target, v1::Event& replacement) {
  const v1::Accepted& old = target.accepted();
  v1::Accepted& accepted = *replacement.mutable_accepted();
  accepted.set_code(old.code());
  accepted.set_assigned_code(old.assigned_code());
  // A request that is left out stays as it was in the acceptance or the submission.
  if (!accepted.has_request() && old.has_request()) *accepted.mutable_request() = old.request();
  const v1::Request& request = accepted.has_request() ? accepted.request() : dossier.request();
  TTHC_RETURN_IF_ERROR(CheckAliasesFree(scope, "event.amended.replacement.accepted.request", request, number));
  const v1::Request& before = old.has_request() ? old.request() : dossier.request();
  const absl::Time occur = FromProto(replacement.has_occur_time() ? replacement.occur_time() : target.occur_time());
  const bool same_terms = request.procedure() == before.procedure() &&
                          request.procedure_case() == before.procedure_case() &&
                          request.channel() == before.channel() && request.area() == before.area() &&
                          LocalDayNumber(occur) == LocalDayNumber(FromProto(target.occur_time()));
  int64_t fee_vnd = old.fee_vnd();
  if (same_terms) {
    *accepted.mutable_terms() = old.terms();
  } else {
    auto terms = MakeTerms(scope.catalogue(), request, occur, &fee_vnd);
    if (!terms.ok()) return PrefixFields("event.amended.replacement.accepted", terms.status());
    *accepted.mutable_terms() = *std::move(terms);
  }
  // As at acceptance: without a fee, that of the procedure.
  if (accepted.fee_vnd() == 0) accepted.set_fee_vnd(fee_vnd);
  return absl::OkStatus();
}

}  // namespace

namespace {

// An amended time has the same bounds as a first one, or an amendment could move an event to any time.
absl::Status CompleteReplacementTime(absl::Time now, const v1::Event& target, v1::Event& replacement) {
  const absl::Time occur = FromProto(replacement.has_occur_time() ? replacement.occur_time() : target.occur_time());
  if (replacement.has_occur_time() && occur != FromProto(target.occur_time())) {
    v1::Event timed;
    *timed.mutable_occur_time() = replacement.occur_time();
    timed.set_imported(target.imported());
    TTHC_RETURN_IF_ERROR(RebaseFields("event", "event.amended.replacement", CompleteTimes(now, timed)));
    *replacement.mutable_occur_time() = timed.occur_time();
  }
  // By the record_time of the target: the entry was made then, however late it is amended.
  replacement.set_late_entry(FromProto(target.record_time()) - occur > limits::kLateEntryThreshold);
  return absl::OkStatus();
}

}  // namespace

absl::Status CompleteAmendment(CommitScope& scope, int64_t number, const v1::Dossier& dossier,
                               const std::vector<v1::Event>& events, const std::vector<v1::Event>& effective,
                               v1::Event& event) {
  TTHC_RETURN_IF_ERROR(CompleteTimes(scope.now(), event));
  v1::Amended& amended = *event.mutable_amended();
  const auto at = std::find_if(events.begin(), events.end(), [&](const v1::Event& candidate) {
    return candidate.revision() == amended.target_revision();
  });
  // The fold refuses an unknown target, together with the other impossible ones.
  if (at == events.end()) return absl::OkStatus();
  const v1::Event& now_in_force = effective[static_cast<size_t>(at - events.begin())];
  *amended.mutable_previous() = now_in_force;
  amended.mutable_previous()->clear_record_time();
  if (!amended.has_replacement()) return absl::OkStatus();

  // A voided target has no effective content: an amendment that brings it back is completed from what was recorded.
  const v1::Event* const target = now_in_force.payload_case() == v1::Event::PAYLOAD_NOT_SET ? &*at : &now_in_force;
  v1::Event& replacement = *amended.mutable_replacement();
  TTHC_RETURN_IF_ERROR(CompleteReplacementTime(scope.now(), *target, replacement));
  // A copy, because a replacement without a time is recorded without one. The fold then takes that of the event which
  // it amends.
  v1::Event checked = replacement;
  if (!checked.has_occur_time()) *checked.mutable_occur_time() = target->occur_time();
  TTHC_RETURN_IF_ERROR(NameChecker(scope.catalogue(), checked).Run());
  // Another kind of event is refused by the fold.
  if (replacement.payload_case() != target->payload_case()) return absl::OkStatus();
  switch (replacement.payload_case()) {
    case v1::Event::kSubmitted:
      replacement.mutable_submitted()->set_code(target->submitted().code());
      return CheckAliasesFree(scope, "event.amended.replacement.submitted.request", replacement.submitted().request(),
                              number);
    case v1::Event::kIntakeRefused:
      replacement.mutable_intake_refused()->set_code(target->intake_refused().code());
      return CheckAliasesFree(scope, "event.amended.replacement.intake_refused.request",
                              replacement.intake_refused().request(), number);
    case v1::Event::kStepTaken:
      return RebaseFields("event", "event.amended.replacement",
                          CompleteStepTaken(scope.catalogue(), *replacement.mutable_step_taken()));
    case v1::Event::kAccepted:
      return CompleteAcceptedReplacement(scope, number, dossier, *target, replacement);
    case v1::Event::kPetitionReceived:
      replacement.mutable_petition_received()->set_calendar_version(target->petition_received().calendar_version());
      return absl::OkStatus();
    case v1::Event::kAliasAdded:
      return CheckCodeFree(scope, "event.amended.replacement.alias_added.alias", replacement.alias_added().alias(),
                           number);
    default:
      return absl::OkStatus();
  }
}

}  // namespace tthc::server
