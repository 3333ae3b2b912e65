#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/lifecycle.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"
#include "tests/testing/random_center.h"
#include "tests/testing/sample_events.h"
#include "tests/testing/seed.h"

// Law 6: moving a pause, a holiday or an amendment moves exactly the due times that depend on it, and says why.
namespace tthc::server {
namespace {

using testing::AcceptedEvent;
using testing::At;
using testing::EngineKind;
using testing::SampleEvent;
using testing::ServiceFixture;
using testing::SyncStream;
using testing::ValueOrDie;

constexpr char kHoliday[] = "2026-08-24";

std::string DueOf(const v1::Dossier& dossier) {
  return dossier.due().has_due_time() ? FormatForPeople(FromProto(dossier.due().due_time())) : "none";
}

v1::Event AtTime(v1::Event event, absl::string_view when) {
  *event.mutable_occur_time() = ToProto(At(when));
  return event;
}

struct Recomputed {
  // Name of the dossier → "old → new", or the reason of the error.
  std::map<std::string, std::string> moved;
  v1::RecomputeDueTimesResponse totals;
  int messages = 0;
};

Recomputed Recompute(ServiceFixture& fixture, bool validate_only) {
  v1::RecomputeDueTimesRequest request;
  request.set_reason("Thông báo nghỉ ngày 24/8");
  request.set_validate_only(validate_only);
  SyncStream stream(ValueOrDie(fixture.service().methods().Open<v1::RecomputeDueTimesResponse>(
      {.caller = {.actor = "officers/hcc01"}}, request)));
  Recomputed result;
  while (true) {
    const auto message = ValueOrDie(stream.Next());
    if (!message.has_value()) return result;
    ++result.messages;
    EXPECT_FALSE(result.totals.done()) << "a message after the last one";
    for (const v1::RecomputedDossier& one : message->dossiers()) {
      EXPECT_EQ(one.code(), fixture.MustGet(one.name()).code());
      const std::string what = one.has_error() ? ErrorReason(FromRpcStatus(one.error()))
                                               : absl::StrCat(FormatRfc3339(FromProto(one.previous_due_time())), " → ",
                                                              FormatRfc3339(FromProto(one.due_time())));
      EXPECT_TRUE(result.moved.emplace(one.name(), what).second) << one.name();
    }
    result.totals = *message;
  }
}

void CreateCalendar(ServiceFixture& fixture, const v1::Calendar& calendar) {
  v1::CreateCalendarRequest request;
  *request.mutable_calendar() = calendar;
  ValueOrDie(fixture.Call<v1::Calendar>(request));
}

v1::DueTimeExplanation Explain(ServiceFixture& fixture, const std::string& name) {
  v1::ExplainDueTimeRequest request;
  request.set_name(name);
  return ValueOrDie(fixture.Call<v1::DueTimeExplanation>(request));
}

bool SaysWhy(const v1::DueTimeExplanation& explanation, v1::DueInterval::Kind kind, absl::string_view day) {
  for (const v1::DueInterval& interval : explanation.intervals()) {
    const absl::Time from = FromProto(interval.start_time());
    const absl::Time to = FromProto(interval.end_time());
    if (interval.kind() == kind && from <= At(day) + absl::Hours(12) && At(day) + absl::Hours(12) < to) return true;
  }
  return false;
}

class MovesTest : public ::testing::TestWithParam<EngineKind> {
 protected:
  std::string Add(const std::string& procedure, absl::string_view when) {
    return fixture_.MustCreate({AtTime(AcceptedEvent(procedure), when)}).name();
  }
  std::string DueNow(const std::string& name) { return DueOf(fixture_.MustGet(name)); }

  // Friday evening; Saturday the 22nd is worked.
  ServiceFixture fixture_{{.engine = GetParam(), .now = At("2026-08-21T18:00")}};
};

TEST_P(MovesTest, MovingAPauseAHolidayOrAnAmendmentMovesExactlyWhatDependsOnIt) {
  const std::string counts_over = Add(testing::kThreeDays, "2026-08-21T09:15");
  const std::string due_before = Add(testing::kThreeDays, "2026-08-19T09:15");
  const std::string calendar_days = Add(testing::kCalendarDays, "2026-08-21T09:15");
  const std::string no_limit = Add(testing::kNoLimit, "2026-08-21T09:15");
  const std::string by_clock = Add(testing::kByClock, "2026-08-21T09:15");
  const std::string finished = Add(testing::kThreeDays, "2026-08-21T09:15");
  fixture_.MustAppend(finished, SampleEvent(v1::Event::kFinished));
  const std::string rescheduled = Add(testing::kThreeDays, "2026-08-21T09:15");
  v1::Event reschedule = SampleEvent(v1::Event::kRescheduled);
  *reschedule.mutable_rescheduled()->mutable_new_due_time() = ToProto(At("2026-08-28T17:00"));
  fixture_.MustAppend(rescheduled, reschedule);
  ASSERT_EQ(DueNow(counts_over), "17:00 25/08/2026");
  ASSERT_EQ(DueNow(due_before), "17:00 22/08/2026");
  ASSERT_EQ(DueNow(calendar_days), "17:00 03/09/2026");
  ASSERT_EQ(DueNow(by_clock), "14:45 04/09/2026");

  CreateCalendar(fixture_, testing::SampleCalendarWithHoliday(kHoliday));
  const std::string bytes = fixture_.StoredBytes();
  const Recomputed preview = Recompute(fixture_, true);
  EXPECT_EQ(fixture_.StoredBytes(), bytes) << "a preview moves nothing";
  const Recomputed done = Recompute(fixture_, false);
  EXPECT_EQ(done.moved, preview.moved) << "and says what will move";
  const std::map<std::string, std::string> expected = {
      {counts_over, "2026-08-25T17:00:00+07:00 → 2026-08-26T17:00:00+07:00"},
      {by_clock, "2026-09-04T14:45:00+07:00 → 2026-09-07T14:45:00+07:00"}};
  EXPECT_EQ(done.moved, expected);
  EXPECT_EQ(done.totals.moved_count(), 2);
  EXPECT_EQ(done.totals.checked_count(), 6) << "the open ones";
  EXPECT_EQ(done.totals.total_count(), 6);
  EXPECT_EQ(done.totals.failed_count(), 0);
  EXPECT_TRUE(done.totals.done());

  EXPECT_EQ(DueNow(counts_over), "17:00 26/08/2026");
  EXPECT_EQ(DueNow(due_before), "17:00 22/08/2026");
  EXPECT_EQ(DueNow(calendar_days), "17:00 03/09/2026");
  EXPECT_EQ(DueNow(no_limit), "none");
  EXPECT_EQ(DueNow(finished), "17:00 25/08/2026") << "what has ended stays as it was promised";
  EXPECT_EQ(DueNow(rescheduled), "17:00 28/08/2026") << "an appointment that was given holds";
  EXPECT_TRUE(SaysWhy(Explain(fixture_, counts_over), v1::DueInterval::KIND_HOLIDAY, kHoliday));
  const v1::Event recorded = fixture_.MustListEvents(counts_over).back();
  EXPECT_EQ(recorded.recomputed().reason(), "Thông báo nghỉ ngày 24/8");
  EXPECT_EQ(recorded.actor(), "officers/hcc01");
  EXPECT_EQ(FormatForPeople(FromProto(recorded.recomputed().previous_due_time())), "17:00 25/08/2026");

  const std::string settled = fixture_.StoredBytes();
  const Recomputed again = Recompute(fixture_, false);
  EXPECT_TRUE(again.moved.empty());
  EXPECT_EQ(again.totals.moved_count(), 0);
  EXPECT_EQ(fixture_.StoredBytes(), settled) << "a second run finds nothing to do";
}

TEST_P(MovesTest, AMovedPauseMovesItsOwnDossierOnlyAndTheExplanationSaysSo) {
  const std::string other = Add(testing::kThreeDays, "2026-08-19T09:15");
  const std::string name = Add(testing::kThreeDays, "2026-08-18T09:15");
  fixture_.MustAppend(name, AtTime(SampleEvent(v1::Event::kPaused), "2026-08-19T10:00"));
  const v1::Dossier resumed = fixture_.MustAppend(name, AtTime(SampleEvent(v1::Event::kResumed), "2026-08-21T10:00"));
  EXPECT_EQ(DueOf(resumed), "17:00 24/08/2026") << "19/8 and 20/8 taken out: 21, 22, 24";
  const std::string before = fixture_.MustGet(other).DebugString();
  const v1::Dossier moved = fixture_.MustAppend(
      name, testing::AmendmentOf(resumed.revision(), AtTime(SampleEvent(v1::Event::kResumed), "2026-08-20T10:00")));
  EXPECT_EQ(DueOf(moved), "17:00 22/08/2026");
  EXPECT_EQ(moved.due_revision(), moved.revision());
  EXPECT_EQ(fixture_.MustGet(other).DebugString(), before);
  const v1::DueTimeExplanation explanation = Explain(fixture_, name);
  EXPECT_TRUE(SaysWhy(explanation, v1::DueInterval::KIND_PAUSED, "2026-08-19"));
  EXPECT_FALSE(SaysWhy(explanation, v1::DueInterval::KIND_PAUSED, "2026-08-20"));
  EXPECT_EQ(FromProto(explanation.due_time()), FromProto(moved.due().due_time()));
}

TEST_P(MovesTest, ADossierThatCanNotBeCountedIsReportedWithItsErrorAndNotChanged) {
  const std::string good = Add(testing::kThreeDays, "2026-08-21T09:15");
  v1::Event old = AtTime(AcceptedEvent(), "2025-12-30T09:15");
  old.set_imported(true);
  const std::string early = fixture_.MustCreate({old}).name();
  v1::Calendar only_2026 = testing::SampleCalendarWithHoliday(kHoliday);
  only_2026.clear_years();
  only_2026.add_years(2026);
  only_2026.clear_days();
  const v1::Calendar whole = testing::SampleCalendarWithHoliday(kHoliday);
  for (const v1::CalendarDay& day : whole.days()) {
    if (day.date().rfind("2026", 0) == 0) *only_2026.add_days() = day;
  }
  CreateCalendar(fixture_, only_2026);
  const std::string before = fixture_.MustGet(early).DebugString();
  const Recomputed done = Recompute(fixture_, false);
  EXPECT_EQ(done.moved.at(early), "CALENDAR_YEAR_NOT_LOADED");
  EXPECT_EQ(done.totals.failed_count(), 1);
  EXPECT_EQ(done.totals.moved_count(), 1);
  EXPECT_EQ(fixture_.MustGet(early).DebugString(), before);
  EXPECT_EQ(DueNow(good), "17:00 26/08/2026");
}

TEST_P(MovesTest, ManyDossiersMoveInPortionsWithRunningTotals) {
  const int count = static_cast<int>(limits::kRecomputePortion) * 2 + 37;
  for (int i = 0; i < count; ++i) Add(testing::kThreeDays, "2026-08-21T09:15");
  CreateCalendar(fixture_, testing::SampleCalendarWithHoliday(kHoliday));
  const Recomputed done = Recompute(fixture_, false);
  EXPECT_EQ(done.messages, 3);
  EXPECT_EQ(done.totals.checked_count(), count);
  EXPECT_EQ(done.totals.moved_count(), count);
  EXPECT_EQ(done.moved.size(), static_cast<size_t>(count));
}

TEST_P(MovesTest, WithoutOpenDossiersTheOnlyMessageIsTheLast) {
  CreateCalendar(fixture_, testing::SampleCalendarWithHoliday(kHoliday));
  const Recomputed done = Recompute(fixture_, false);
  EXPECT_EQ(done.messages, 1);
  EXPECT_TRUE(done.totals.done());
  EXPECT_EQ(done.totals.total_count(), 0);
}

TEST_P(MovesTest, ANewCalendarAloneMovesNothing) {
  const std::string name = Add(testing::kThreeDays, "2026-08-21T09:15");
  CreateCalendar(fixture_, testing::SampleCalendarWithHoliday(kHoliday));
  EXPECT_EQ(DueNow(name), "17:00 25/08/2026") << "frozen at acceptance";
  fixture_.MustAppend(name, SampleEvent(v1::Event::kPaused));
  fixture_.clock().Set(At("2026-08-22T10:00"));
  EXPECT_EQ(DueOf(fixture_.MustAppend(name, SampleEvent(v1::Event::kResumed))), "17:00 26/08/2026")
      << "the 22nd taken out; the 24th is worked in the calendar that was frozen";
  EXPECT_EQ(DueNow(Add(testing::kThreeDays, "2026-08-21T09:15")), "17:00 26/08/2026");
}

TEST(Moves, OnARandomCenterOnlyOpenDossiersChangeAndExactlyTheMovedOnesAreReported) {
  testing::RandomCenter center(testing::TestSeed(), {});
  center.Run(400);
  ServiceFixture& fixture = center.fixture();
  const std::vector<v1::Dossier> before = center.AllDossiers();
  absl::CivilDay day = LocalCivilDay(fixture.clock().Now()) + 3;
  v1::Calendar calendar = testing::SampleCalendarWithHoliday(FormatIsoDate(day));
  while (!timing::Calendar::FromProto(calendar).ok())
    calendar = testing::SampleCalendarWithHoliday(FormatIsoDate(++day));
  CreateCalendar(fixture, calendar);
  const Recomputed done = Recompute(fixture, false);
  std::set<std::string> moved;
  for (const v1::Dossier& old : before) {
    const v1::Dossier now = fixture.MustGet(old.name());
    if (!domain::IsOpen(old)) {
      EXPECT_EQ(now.DebugString(), old.DebugString());
      continue;
    }
    const bool failed = done.moved.contains(old.name()) && done.moved.at(old.name()).find(" → ") == std::string::npos;
    EXPECT_EQ(now.event_count(), old.event_count() + (failed ? 0 : 1));
    EXPECT_EQ(now.state(), old.state());
    if (DueOf(now) != DueOf(old)) moved.insert(old.name());
    // A promise that ends before the new day off does not depend on it.
    if (old.due().has_due_time() && FromProto(old.due().due_time()) < LocalMidnight(DayNumber(day))) {
      EXPECT_EQ(DueOf(now), DueOf(old)) << old.name();
    }
    EXPECT_EQ(DueOf(now) != DueOf(old), !failed && done.moved.contains(old.name())) << old.name();
  }
  EXPECT_EQ(static_cast<int64_t>(moved.size()), done.totals.moved_count());
}

INSTANTIATE_TEST_SUITE_P(Engines, MovesTest, ::testing::Values(EngineKind::kMemory, EngineKind::kRocksDb),
                         [](const auto& param) { return param.param == EngineKind::kMemory ? "Memory" : "RocksDb"; });

}  // namespace
}  // namespace tthc::server
