#include "server/domain/fact.h"

#include <algorithm>
#include <vector>

#include "absl/time/time.h"
#include "server/domain/due.h"
#include "server/domain/lifecycle.h"
#include "server/domain/presentation.h"
#include "server/domain/timeliness.h"
#include "storage/base/local_time.h"
#include "storage/base/text.h"

namespace tthc::domain {
namespace {

int64_t Seconds(const google::protobuf::Timestamp& timestamp) { return timestamp.seconds(); }

int64_t SecondsOrNone(absl::Time time) { return time == absl::InfiniteFuture() ? 0 : absl::ToUnixSeconds(time); }

// Facts hold verdicts of ended dossiers only: those of open ones change with time and are computed by the scan.
uint32_t ToFactVerdict(v1::Timeliness::Verdict verdict) {
  switch (verdict) {
    case v1::Timeliness::VERDICT_EARLY:
      return kVerdictEarly;
    case v1::Timeliness::VERDICT_ON_TIME:
      return kVerdictOnTime;
    case v1::Timeliness::VERDICT_LATE:
      return kVerdictLate;
    default:
      return kNoVerdict;
  }
}

uint32_t Verdicts(const v1::Timeliness& evaluated) {
  return ToFactVerdict(evaluated.report_06a()) << kShift06a | ToFactVerdict(evaluated.decision_766()) << kShift766 |
         ToFactVerdict(evaluated.officials_score()) << kShiftScore |
         ToFactVerdict(evaluated.promise()) << kShiftPromise;
}

// What the satisfaction figures count: ratings by the applicant, and petitions, of which any is a sign of displeasure.
uint32_t SatisfactionFlags(const v1::Dossier& dossier) {
  uint32_t flags = 0;
  if (!dossier.ratings().empty()) flags |= kFactRated;
  for (const v1::Rating& rating : dossier.ratings()) {
    if (rating.level() == v1::RATING_LEVEL_DISSATISFIED) flags |= kFactDispleased;
  }
  if (!dossier.petitions().empty()) flags |= kFactDispleased;
  for (const v1::Petition& petition : dossier.petitions()) {
    if (petition.upheld()) flags |= kFactUpheldPetition;
  }
  return flags;
}

// "Digitized" means that every document is: the figure is about whole dossiers.
uint32_t DocumentFlags(const v1::Dossier& dossier) {
  const auto& documents = dossier.request().documents();
  if (documents.empty()) return 0;
  const bool all = std::all_of(documents.begin(), documents.end(),
                               [](const v1::Document& document) { return document.digitized(); });
  return all ? kFactHasDocuments | kFactDigitized : uint32_t{kFactHasDocuments};
}

uint32_t Flags(const v1::Dossier& dossier) {
  uint32_t flags = SatisfactionFlags(dossier) | DocumentFlags(dossier);
  if (dossier.result() == v1::Finished::RESULT_REFUSED) flags |= kFactRefused;
  if (dossier.over_supplemented()) flags |= kFactOverSupplemented;
  if (dossier.has_reschedule()) flags |= kFactRescheduled;
  if (dossier.has_accept_time()) flags |= kFactAccepted;
  if (dossier.state() == v1::Dossier::STATE_STOPPED) flags |= kFactStopped;
  if (dossier.withdrawn()) flags |= kFactWithdrawn;
  if (dossier.fee_vnd() > 0) flags |= kFactHasFee;
  if (dossier.paid_online()) flags |= kFactPaidOnline;
  if (dossier.electronic_result()) flags |= kFactElectronicResult;
  if (dossier.supplement_count() == 1) flags |= kFactSupplementOnce;
  if (dossier.supplement_count() > 1) flags |= kFactSupplementMore;
  if (!dossier.due().has_due_time()) return flags;
  const absl::Time due = FromProto(dossier.due().due_time());
  const v1::Wait* open = OpenWait(dossier);
  if (open != nullptr && FromProto(open->start_time()) <= due) flags |= kFactHeld;
  if (HasEnded(dossier.state()) && EvaluationTime(dossier, absl::InfiniteFuture()) > due) flags |= kFactEndedPastDue;
  return flags;
}

// Counts working minutes by the hours of the office that the dossier is counted by, and by its frozen calendar.
class MinuteCounter {
 public:
  MinuteCounter(const CalendarSource& calendars, const v1::Dossier& dossier)
      : calendar_(calendars.FindCalendar(dossier.terms().calendar_version())), office_(CountingOffice(dossier)) {
    for (const v1::Wait& wait : dossier.waits()) {
      if (wait.before_acceptance()) continue;
      waits_.push_back(
          {FromProto(wait.start_time()), wait.has_end_time() ? FromProto(wait.end_time()) : absl::InfiniteFuture()});
    }
  }

  // In [from, to); -1 if the interval touches a year that is not loaded: statistics leave such a dossier out.
  int32_t All(absl::Time from, absl::Time to) const { return Minutes(from, to, {}); }
  // The same without the waits since acceptance; an open wait lasts to the end of the interval.
  int32_t Working(absl::Time from, absl::Time to) const { return Minutes(from, to, waits_); }

 private:
  int32_t Minutes(absl::Time from, absl::Time to, const std::vector<timing::Span>& off) const {
    if (from >= to) return 0;
    if (calendar_ == nullptr) return -1;
    const auto total = calendar_->WorkingSeconds(office_, from, to);
    if (!total.ok()) return -1;
    int64_t seconds = *total;
    for (const timing::Span& wait : off) {
      const auto waited = calendar_->WorkingSeconds(office_, std::max(from, wait.start), std::min(to, wait.end));
      if (!waited.ok()) return -1;
      seconds -= *waited;
    }
    return static_cast<int32_t>(seconds / 60);
  }

  const std::shared_ptr<const timing::Calendar> calendar_;
  const std::string office_;
  std::vector<timing::Span> waits_;
};

// Since when the unit that has the dossier now has had it.
int64_t HolderSince(const v1::Dossier& dossier) {
  if (!dossier.steps().empty()) return Seconds(dossier.steps().rbegin()->forward_time());
  return Seconds(dossier.has_accept_time() ? dossier.accept_time() : dossier.submit_time());
}

// By dates, as form 06 compares. Without a limit of its own, or before it is done, a step has no verdict.
uint32_t StepVerdict(const v1::Step& step) {
  if (!step.has_due_time() || !step.has_done_time()) return kNoVerdict;
  return ToFactVerdict(CompareDates(true, FromProto(step.due_time()), FromProto(step.done_time())));
}

void AddStep(const std::string& unit, const std::string& officer, absl::Time from, absl::Time until,
             const MinuteCounter& counter, const NumberOfName& number_of, storage::v1::Fact& fact) {
  storage::v1::FactStep& bucket = *fact.add_steps();
  bucket.set_unit(number_of(unit));
  bucket.set_officer(number_of(officer));
  bucket.set_until_time(SecondsOrNone(until));
  if (until != absl::InfiniteFuture()) bucket.set_minutes(counter.Working(from, until));
}

// First the interval in which the counter has the dossier, then one for each step. The fold closes a step when the
// dossier is handed on or ends, so that only the last interval can be open.
void AddSteps(const v1::Dossier& dossier, absl::Time end, const MinuteCounter& counter, const NumberOfName& number_of,
              storage::v1::Fact& fact) {
  const absl::Time counter_until = dossier.steps().empty() ? end : FromProto(dossier.steps(0).forward_time());
  AddStep(dossier.accept_unit(), dossier.accept_officer(), FromProto(dossier.accept_time()), counter_until, counter,
          number_of, fact);
  for (const v1::Step& step : dossier.steps()) {
    const absl::Time until = step.has_done_time() ? FromProto(step.done_time()) : absl::InfiniteFuture();
    AddStep(step.unit(), step.officer(), FromProto(step.forward_time()), until, counter, number_of, fact);
    fact.mutable_steps()->rbegin()->set_verdict(StepVerdict(step));
  }
}

void AddWaits(const v1::Dossier& dossier, const MinuteCounter& counter, storage::v1::Fact& fact) {
  int supplements = 0;
  for (const v1::Wait& wait : dossier.waits()) {
    storage::v1::FactWait& added = *fact.add_waits();
    added.set_kind(wait.kind());
    added.set_start_time(Seconds(wait.start_time()));
    added.set_end_time(Seconds(wait.end_time()));
    if (wait.has_end_time()) added.set_minutes(counter.All(FromProto(wait.start_time()), FromProto(wait.end_time())));
    added.set_before_acceptance(wait.before_acceptance());
    // Only requests since acceptance count toward "once" (rule D11).
    if (wait.before_acceptance() || wait.kind() != v1::Wait::KIND_SUPPLEMENT) continue;
    added.set_repeated_request(++supplements > 1);
  }
}

void AddRatings(const v1::Dossier& dossier, storage::v1::Fact& fact) {
  for (const v1::Petition& petition : dossier.petitions()) {
    storage::v1::FactPetition& added = *fact.add_petitions();
    added.set_receive_time(Seconds(petition.receive_time()));
    added.set_due_time(Seconds(petition.due_time()));
    added.set_answer_time(Seconds(petition.answer_time()));
    added.set_upheld(petition.upheld());
  }
  for (const v1::Rating& rating : dossier.ratings()) {
    storage::v1::FactRating& added = *fact.add_ratings();
    added.set_phase(rating.phase());
    added.set_level(rating.level());
    added.set_rate_time(Seconds(rating.rate_time()));
  }
}

void AddForStatistics(const CalendarSource& calendars, const v1::Dossier& dossier, const NumberOfName& number_of,
                      storage::v1::Fact& fact) {
  const MinuteCounter counter(calendars, dossier);
  AddWaits(dossier, counter, fact);
  AddRatings(dossier, fact);
  fact.set_late_reason(number_of(dossier.late_reason()));
  if (dossier.has_reschedule()) fact.set_reschedule_time(Seconds(dossier.reschedule().reschedule_time()));
  // What follows is about resolution: a submission that was never accepted has none.
  if (!dossier.has_accept_time()) return;
  const absl::Time accepted = FromProto(dossier.accept_time());
  const absl::Time end = EndTime(dossier);
  AddSteps(dossier, end, counter, number_of, fact);
  fact.set_responsible_unit(number_of(ResponsibleUnit(dossier)));
  fact.set_due_766_time(SecondsOrNone(Due766(dossier)));
  if (dossier.has_submit_time()) {
    fact.set_submitted_minutes(counter.All(FromProto(dossier.submit_time()), accepted));
  }
  if (end == absl::InfiniteFuture()) return;
  fact.set_verdicts(Verdicts(Evaluate(calendars, dossier, end)));
  fact.set_handling_minutes(counter.Working(accepted, end));
  if (dossier.has_return_time()) fact.set_hand_over_minutes(counter.All(end, FromProto(dossier.return_time())));
}

}  // namespace

storage::v1::Fact MakeFact(const CalendarSource& calendars, const v1::Dossier& dossier, const NumberOfName& number_of) {
  const v1::Request& request = dossier.request();
  storage::v1::Fact fact;
  fact.set_version(kFactVersion);
  fact.set_state(dossier.state());
  fact.set_channel(request.channel());
  fact.set_procedure(number_of(request.procedure()));
  fact.set_field(number_of(dossier.terms().field()));
  fact.set_office(number_of(request.office()));
  fact.set_unit(number_of(dossier.unit()));
  fact.set_officer(number_of(dossier.officer()));
  fact.set_submit_time(Seconds(dossier.submit_time()));
  fact.set_accept_time(Seconds(dossier.accept_time()));
  fact.set_due_time(Seconds(dossier.due().due_time()));
  fact.set_overdue_time(SecondsOrNone(OverdueTime(dossier)));
  fact.set_end_time(SecondsOrNone(EndTime(dossier)));
  fact.set_return_time(Seconds(dossier.return_time()));
  fact.set_flags(Flags(dossier));
  fact.set_folded_name(FoldForSearch(request.applicant().display_name()));
  fact.set_phone_digits(PhoneDigits(request.applicant().phone_number()));
  fact.set_identity_digits(DigitsOf(request.applicant().identity_number()));
  fact.set_code(dossier.code());
  *fact.mutable_aliases() = dossier.aliases();
  fact.set_uid(std::string(UidOf(dossier)));
  fact.set_holder_since_time(HolderSince(dossier));
  AddForStatistics(calendars, dossier, number_of, fact);
  return fact;
}

const std::string& ResponsibleUnit(const v1::Dossier& dossier) {
  const std::string* unit = &dossier.accept_unit();
  for (const v1::Step& step : dossier.steps()) {
    // Forwarded after the due time had passed: the unit before it held the dossier at that time.
    const bool passed =
        dossier.due().has_due_time() && FromProto(step.forward_time()) > FromProto(dossier.due().due_time());
    if (passed) break;
    unit = &step.unit();
  }
  return *unit;
}

v1::Outcome OutcomeOf(const storage::v1::Fact& fact) {
  if (fact.state() == v1::Dossier::STATE_INTAKE_REFUSED) return v1::OUTCOME_INTAKE_REFUSED;
  if (fact.end_time() == 0) return v1::OUTCOME_OPEN;
  if ((fact.flags() & kFactStopped) != 0) {
    return (fact.flags() & kFactWithdrawn) != 0 ? v1::OUTCOME_WITHDRAWN : v1::OUTCOME_STOPPED;
  }
  return (fact.flags() & kFactRefused) != 0 ? v1::OUTCOME_REFUSED : v1::OUTCOME_GRANTED;
}

}  // namespace tthc::domain
