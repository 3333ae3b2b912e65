#include "tests/testing/random_year.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"
#include "tests/testing/random_history.h"
#include "tests/testing/sample_catalogue.h"
#include "tests/testing/sample_events.h"

namespace tthc::testing {
namespace {

using server::Service;

const std::vector<std::string>& YearProcedures() {
  static const auto* const kAllOfYear = new std::vector<std::string>{
      kThreeDays, kThreeDays, kThreeDays,  kByClock, kByClock,    kSameDay,         kCalendarDays,
      kNoLimit,   kNoLimit,   kManyLimits, kLong,    kUnreviewed, kClosedProcedure, kHours};
  return *kAllOfYear;
}

const std::vector<std::string>& YearUnits() {
  static const auto* const kAllOfYear =
      new std::vector<std::string>{kJusticeUnit, kJusticeUnit, kLandUnit, kOtherUnit, kCounterUnit};
  return *kAllOfYear;
}

}  // namespace

// One dossier after the other, moment by moment.
class RandomYear::Author {
 public:
  Author(RandomYear* year, size_t dossier) : year_(*year), dossier_(dossier) {
    time_ = year_.options_.start + absl::Seconds(year_.Number(0, absl::ToInt64Seconds(year_.options_.length)));
    ToAMomentThatMatters();
  }

  void WriteLife() {
    if (!WriteBeginning()) return;
    const int64_t length = year_.Number(0, 7);
    for (int64_t i = 0; i < length; ++i) {
      Pass();
      if (!WriteMiddle()) return;
    }
    if (Chance(15)) return;
    Pass();
    WriteEnd();
    if (Chance(35)) WriteAmendment();
  }

 private:
  bool Chance(int percent) { return year_.Chance(percent); }

  // Hours and days, now and then no time at all.
  void Pass() {
    if (Chance(8)) return;
    const int64_t minutes = Chance(50) ? year_.Number(1, 300) : year_.Number(300, 2 * 1440);
    time_ += absl::Minutes(minutes) + absl::Seconds(year_.Number(0, 59));
    ToAMomentThatMatters();
  }

  void ToAMomentThatMatters() {
    const int64_t second = LocalSecondOfDay(time_);
    if (Chance(6)) time_ += absl::Seconds(kSecondsPerDay - second);
    if (Chance(6)) time_ += absl::Seconds(kSecondsPerDay - 1 - second);
    // Into office hours, most of it.
    if (Chance(70)) time_ += absl::Seconds(9 * 3600 + second % 18'000 - second);
    time_ = std::max(time_, last_);
    last_ = time_;
  }

  void Add(v1::Event event, bool at_due = false) {
    *event.mutable_occur_time() = ToProto(time_);
    // Events of a dossier are recorded in the order in which they happened.
    if (Chance(10)) delay_ += absl::Minutes(year_.Number(1, 5000));
    if (Chance(50)) delay_ = absl::ZeroDuration();
    recorded_ = std::max(recorded_, time_ + delay_);
    event.set_imported(Chance(4));
    year_.plan_.push_back({.record = recorded_, .dossier = dossier_, .event = std::move(event), .at_due = at_due});
  }

  void Add(v1::Event::PayloadCase kind) { Add(SampleEvent(kind)); }

  v1::Request MakeRequest(v1::Channel channel) {
    v1::Request request = SampleRequest(year_.Pick(YearProcedures()));
    request.set_channel(channel);
    const int64_t office = year_.Number(1, 10);
    if (office <= 3) request.set_office(kOtherOffice);
    if (office == 4 && time_ < At("2026-07-01")) request.set_office(kClosedOffice);
    if (Chance(15)) request.set_competent_office(Chance(60) ? kOtherOffice : kOffice);
    for (int64_t papers = year_.Number(-1, 2); papers > 0; --papers) {
      request.add_documents()->set_display_name("Tờ khai");
      request.mutable_documents()->rbegin()->set_digitized(Chance(65));
    }
    return request;
  }

  // False if the dossier is never taken in.
  bool WriteBeginning() {
    const auto channel = static_cast<v1::Channel>(year_.Number(1, 3));
    const v1::Request request = MakeRequest(channel);
    if (channel == v1::CHANNEL_ONLINE && Chance(80)) {
      v1::Event submitted;
      *submitted.mutable_submitted()->mutable_request() = request;
      Add(submitted);
      if (!WriteCheck()) return false;
    } else if (Chance(7)) {
      v1::Event refused = SampleEvent(v1::Event::kIntakeRefused);
      *refused.mutable_intake_refused()->mutable_request() = request;
      Add(refused);
      return false;
    }
    v1::Event accepted = AcceptedEvent();
    *accepted.mutable_accepted()->mutable_request() = request;
    if (Chance(12)) {
      accepted.mutable_accepted()->clear_unit();
      accepted.mutable_accepted()->clear_officer();
    }
    if (Chance(35)) accepted.mutable_accepted()->set_fee_vnd(1'000 * year_.Number(1, 90));
    Add(accepted);
    if (Chance(20)) WriteRating(v1::RATING_PHASE_RECEPTION);
    return true;
  }

  // Of a submission.
  bool WriteCheck() {
    Pass();
    if (Chance(20)) {
      Add(v1::Event::kSupplementRequested);
      Pass();
      if (Chance(80)) Add(v1::Event::kSupplementReceived);
      Pass();
    }
    if (Chance(10)) WritePetition();
    if (Chance(8)) {
      Add(v1::Event::kIntakeRefused);
      year_.plan_.back().event.mutable_intake_refused()->clear_request();
      return false;
    }
    if (Chance(8)) {
      Add(v1::Event::kWithdrawalRequested);
      Pass();
      if (Chance(70)) Add(v1::Event::kStopped);
      return false;
    }
    return Chance(93);
  }

  // False if nothing more happens to it.
  bool WriteMiddle() {
    switch (year_.Number(1, 13)) {
      case 1:
      case 2:
      case 3:
      case 4:
        WriteStep();
        return true;
      case 5:
      case 6:
        if (!WriteWait(v1::Event::kSupplementRequested, v1::Event::kSupplementReceived)) return false;
        return !Chance(35) || WriteWait(v1::Event::kSupplementRequested, v1::Event::kSupplementReceived);
      case 7:
        return WriteWait(v1::Event::kFinancialObligationRequested, v1::Event::kFinancialObligationMet);
      case 8:
        return WriteWait(v1::Event::kPaused, v1::Event::kResumed);
      case 9:
        WriteReschedule();
        return true;
      case 10:
        Add(v1::Event::kWithdrawalRequested);
        Pass();
        Add(v1::Event::kResumed);
        return true;
      case 11:
        WritePayment();
        return true;
      case 12:
        WritePetition();
        return true;
      default:
        Add(v1::Event::kDocumentAdded);
        year_.plan_.back().event.mutable_document_added()->mutable_document()->set_digitized(Chance(60));
        return true;
    }
  }

  void WriteStep() {
    v1::Event forwarded = SampleEvent(v1::Event::kForwarded);
    const std::string& unit = year_.Pick(YearUnits());
    forwarded.mutable_forwarded()->set_to_unit(unit);
    if (Chance(50)) forwarded.mutable_forwarded()->set_to_officer(Chance(50) ? kJusticeOfficer : kLandOfficer);
    if (Chance(60)) {
      *forwarded.mutable_forwarded()->mutable_step_limit() = WorkingDays(0.5 * static_cast<double>(year_.Number(1, 4)));
    }
    if (Chance(85)) Add(forwarded);
    if (Chance(60)) {
      Pass();
      v1::Event taken;
      taken.mutable_step_taken()->set_unit(unit);
      if (Chance(30)) taken.mutable_step_taken()->set_officer(kLandOfficer);
      Add(taken);
    }
    if (Chance(50)) {
      Pass();
      v1::Event done;
      done.mutable_step_done()->set_unit(unit);
      Add(done);
    }
  }

  bool WriteWait(v1::Event::PayloadCase begin, v1::Event::PayloadCase end) {
    v1::Event event = SampleEvent(begin);
    if (event.has_supplement_requested() && Chance(80)) {
      event.mutable_supplement_requested()->set_override_approver("Chủ tịch");
      event.mutable_supplement_requested()->set_override_reason("thiếu thêm giấy tờ");
    }
    Add(event);
    Pass();
    Pass();
    if (Chance(75)) {
      Add(end);
      return true;
    }
    if (Chance(30)) return false;
    if (Chance(50)) Add(v1::Event::kWithdrawalRequested);
    Add(Chance(60) ? v1::Event::kStopped : v1::Event::kFinished);
    return false;
  }

  void WriteReschedule() {
    v1::Event event = SampleEvent(v1::Event::kRescheduled);
    event.mutable_rescheduled()->set_late_notice(Chance(70));
    const absl::CivilDay day = LocalCivilDay(time_) + year_.Number(1, 12);
    *event.mutable_rescheduled()->mutable_new_due_time() = ToProto(LocalMidnight(DayNumber(day)));
    Add(event);
  }

  void WritePayment() {
    v1::Event event = SampleEvent(v1::Event::kPaid);
    event.mutable_paid()->set_online(Chance(60));
    Add(event);
  }

  void WriteRating(v1::RatingPhase phase) {
    v1::Event event = SampleEvent(v1::Event::kRated);
    event.mutable_rated()->set_phase(phase);
    event.mutable_rated()->set_level(static_cast<v1::RatingLevel>(year_.Number(1, 3)));
    Add(event);
  }

  void WritePetition() {
    const std::string id = absl::StrCat("PA-", ++petitions_);
    v1::Event received = SampleEvent(v1::Event::kPetitionReceived);
    received.mutable_petition_received()->set_petition_id(id);
    Add(received);
    if (Chance(30)) return;
    if (Chance(20)) time_ += absl::Hours(24 * year_.Number(15, 25));
    Pass();
    v1::Event answered = SampleEvent(v1::Event::kPetitionAnswered);
    answered.mutable_petition_answered()->set_petition_id(id);
    answered.mutable_petition_answered()->set_upheld(Chance(40));
    Add(answered);
  }

  void WriteEnd() {
    if (Chance(20)) {
      if (Chance(60)) Add(v1::Event::kWithdrawalRequested);
      Pass();
      Add(v1::Event::kStopped);
      return;
    }
    v1::Event event = SampleEvent(v1::Event::kFinished);
    v1::Finished& finished = *event.mutable_finished();
    finished.set_electronic_result(Chance(60));
    if (Chance(20)) {
      finished.set_result(v1::Finished::RESULT_REFUSED);
      finished.set_reason("không đủ điều kiện");
    }
    if (Chance(30)) finished.set_late_reason(Chance(50) ? "thiếu người" : "chờ cấp trên");
    Add(event, Chance(20));
    if (Chance(20)) WritePetition();
    if (Chance(20)) return;
    if (Chance(60)) Pass();
    Add(v1::Event::kReturned);
    if (Chance(60)) WriteRating(v1::RATING_PHASE_RESULT);
  }

  void WriteAmendment() {
    for (int64_t count = year_.Number(1, 3); count > 0; --count) {
      recorded_ += absl::Minutes(year_.Number(1, 40'000));
      year_.plan_.push_back({.record = recorded_, .dossier = dossier_, .event = {}, .amends = true});
    }
  }

  RandomYear& year_;
  const size_t dossier_;
  absl::Time time_;
  absl::Time last_ = absl::InfinitePast();
  absl::Time recorded_ = absl::InfinitePast();
  absl::Duration delay_ = absl::ZeroDuration();
  int petitions_ = 0;
};

RandomYear::RandomYear(uint64_t seed, ServiceFixture* fixture, RandomYearOptions options)
    : fixture_(*fixture), options_(options), random_(seed) {
  for (int i = 0; i < options_.dossiers; ++i) Author(this, static_cast<size_t>(i)).WriteLife();
  known_.resize(static_cast<size_t>(options_.dossiers));
  std::stable_sort(plan_.begin(), plan_.end(), [](const Planned& a, const Planned& b) { return a.record < b.record; });
  catalogue_changes_at_ = static_cast<size_t>(Number(0, static_cast<int64_t>(plan_.size())));
}

int64_t RandomYear::Number(int64_t from, int64_t to) {
  return from + static_cast<int64_t>(random_() % static_cast<uint64_t>(to - from + 1));
}

void RandomYear::RunUntil(absl::Time until) {
  for (; next_ < plan_.size() && plan_[next_].record < until; ++next_) {
    if (next_ == catalogue_changes_at_) ChangeCatalogue();
    Record(plan_[next_]);
  }
}

void RandomYear::Record(const Planned& planned) {
  fixture_.clock().Set(std::max(fixture_.clock().Now(), planned.record));
  Known& known = known_[planned.dossier];
  if (known.name.empty()) return RecordOpening(planned, known);
  v1::Event event = planned.event;
  if (planned.amends) {
    const std::optional<v1::Event> amendment = MakeAmendment(known);
    if (!amendment.has_value()) return;
    event = *amendment;
  }
  if (planned.at_due && known.dossier.due().has_due_time()) {
    *event.mutable_occur_time() = known.dossier.due().due_time();
    if (FromProto(event.occur_time()) < FromProto(known.dossier.last_occur_time())) return;
    fixture_.clock().Set(std::max(fixture_.clock().Now(), FromProto(event.occur_time())));
  }
  const auto appended = fixture_.Append(known.name, event);
  if (!appended.ok()) return;
  known.name = appended->dossier().name();
  known.dossier = appended->dossier();
  known.events.push_back(appended->event());
  occur_times_.push_back(FromProto(appended->event().occur_time()));
}

void RandomYear::RecordOpening(const Planned& planned, Known& known) {
  const auto created = fixture_.Create({planned.event});
  if (!created.ok()) return;
  known.name = created->dossier().name();
  known.dossier = created->dossier();
  for (const v1::Event& event : created->events()) {
    known.events.push_back(event);
    occur_times_.push_back(FromProto(event.occur_time()));
  }
}

std::optional<v1::Event> RandomYear::MakeAmendment(const Known& known) {
  const v1::Event& target = Pick(known.events);
  if (target.has_amended()) return std::nullopt;
  if (Chance(35)) return VoidOf(target.revision());
  v1::Event replacement = target;
  replacement.clear_occur_time();
  if (Chance(60)) {
    *replacement.mutable_occur_time() = ToProto(FromProto(target.occur_time()) + absl::Minutes(Number(-3000, 3000)));
  }
  if (replacement.has_rated()) replacement.mutable_rated()->set_level(static_cast<v1::RatingLevel>(Number(1, 3)));
  if (replacement.has_finished()) replacement.mutable_finished()->set_electronic_result(Chance(50));
  if (replacement.has_petition_answered()) replacement.mutable_petition_answered()->set_upheld(Chance(50));
  if (replacement.has_accepted() && replacement.accepted().has_request()) {
    v1::Request& request = *replacement.mutable_accepted()->mutable_request();
    if (Chance(40)) request.set_procedure(Pick(YearProcedures()));
    if (Chance(30)) request.set_channel(static_cast<v1::Channel>(Number(1, 3)));
    if (Chance(30)) request.set_office(kOffice);
  }
  return AmendmentOf(target.revision(), replacement);
}

void RandomYear::ChangeCatalogue() {
  if (Chance(50)) MergeOffices();
  if (Chance(40)) AnnounceHoliday();
  if (!Chance(40)) return;
  v1::ImportOfficesRequest request;
  *request.add_fields() = SampleFields()[0];
  request.mutable_fields(0)->set_display_name("Hộ tịch, quốc tịch");
  ValueOrDie(fixture_.Call<v1::ImportOfficesResponse>(request));
}

void RandomYear::MergeOffices() {
  v1::ImportOfficesRequest request;
  v1::Office& office = *request.add_offices();
  office = SampleOffices()[1];
  office.set_successor(kOffice);
  // Now and then it takes dossiers in for a while longer.
  office.set_end_date(FormatIsoDate(LocalCivilDay(fixture_.clock().Now()) + Number(0, 40)));
  ValueOrDie(fixture_.Call<v1::ImportOfficesResponse>(request));
}

void RandomYear::AnnounceHoliday() {
  absl::CivilDay day = LocalCivilDay(fixture_.clock().Now());
  v1::CreateCalendarRequest request;
  do {
    day = absl::NextWeekday(day, absl::Weekday::wednesday);
    *request.mutable_calendar() = SampleCalendarWithHoliday(FormatIsoDate(day));
    // A day off already, or of a year that is not loaded.
    if (day.year() > 2026) return;
  } while (!timing::Calendar::FromProto(request.calendar()).ok());
  ValueOrDie(fixture_.Call<v1::Calendar>(request));
  v1::RecomputeDueTimesRequest recompute;
  recompute.set_reason("Thông báo nghỉ");
  SyncStream stream(ValueOrDie(fixture_.Open<v1::RecomputeDueTimesResponse>(recompute)));
  while (ValueOrDie(stream.Next()).has_value()) {
  }
}

}  // namespace tthc::testing
