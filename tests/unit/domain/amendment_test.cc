#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/util/message_differencer.h"
#include "server/domain/fold.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"
#include "tests/testing/sample_events.h"

namespace tthc::domain {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::AmendmentOf;
using testing::At;
using testing::History;
using testing::SampleEvent;
using testing::VoidOf;

std::string DueOf(const v1::Dossier& dossier) { return FormatForPeople(FromProto(dossier.due().due_time())); }

// 1 accepted, 2 paused, 3 resumed, 4 note.
History Paused() {
  History history;
  history.On("2026-08-21T09:15", v1::Event::kAccepted).On("2026-08-22T10:00", v1::Event::kPaused);
  return history.On("2026-08-25T10:00", v1::Event::kResumed).On("2026-08-25T11:00", v1::Event::kNoted);
}

v1::Event At(absl::string_view when, v1::Event event) {
  *event.mutable_occur_time() = ToProto(testing::At(when));
  return event;
}

TEST(Amendment, TheReplacementCountsInThePlaceOfTheOriginal) {
  v1::Event better = testing::AcceptedEvent();
  better.mutable_accepted()->mutable_request()->mutable_applicant()->set_display_name("Nguyễn Thị Hoà");
  History history = Paused();
  const v1::Dossier before = history.Fold();
  v1::Dossier after = history.On("2026-08-26T08:00", AmendmentOf(1, better)).Fold();
  EXPECT_EQ(after.request().applicant().display_name(), "Nguyễn Thị Hoà");
  EXPECT_EQ(after.event_count(), 5);
  EXPECT_EQ(after.revision(), 5);
  // Nothing else has changed.
  *after.mutable_request()->mutable_applicant() = before.request().applicant();
  after.set_event_count(before.event_count());
  after.set_revision(before.revision());
  EXPECT_TRUE(MessageDifferencer::Equals(before, after)) << before.DebugString() << after.DebugString();
}

TEST(Amendment, AMovedTimeMovesExactlyWhatDependsOnIt) {
  History history = Paused();
  EXPECT_EQ(DueOf(history.Fold()), "17:00 27/08/2026") << "22/8 and 24/8 taken out";
  history.On("2026-08-26T08:00", AmendmentOf(3, At("2026-08-24T10:00", SampleEvent(v1::Event::kResumed))));
  EXPECT_EQ(DueOf(history.Fold()), "17:00 26/08/2026") << "22/8 taken out";
  EXPECT_EQ(history.Fold().due_revision(), 5);
}

TEST(Amendment, WithoutATimeTheOldOneStays) {
  History history = Paused();
  history.On("2026-08-26T08:00", AmendmentOf(2, SampleEvent(v1::Event::kPaused)));
  EXPECT_EQ(FromProto(history.Fold().waits(0).start_time()), testing::At("2026-08-22T10:00"));
}

TEST(Amendment, AVoidedEventHasNoEffect) {
  History history = Paused();
  history.On("2026-08-26T08:00", VoidOf(3)).On("2026-08-26T08:01", VoidOf(2));
  const v1::Dossier dossier = history.Fold();
  EXPECT_EQ(DueOf(dossier), "17:00 25/08/2026");
  EXPECT_EQ(dossier.waits_size(), 0);
  EXPECT_EQ(dossier.state(), v1::Dossier::STATE_ACCEPTED);
  EXPECT_EQ(dossier.event_count(), 6);
  EXPECT_EQ(dossier.due_revision(), 5) << "the promise fell back when the end of the pause was voided";
}

TEST(Amendment, AmendingTwiceReplacesTheFirstAmendment) {
  v1::Event first = SampleEvent(v1::Event::kNoted);
  first.mutable_noted()->set_text("một");
  v1::Event second = first;
  second.mutable_noted()->set_text("hai");
  History history = Paused();
  history.On("2026-08-26T08:00", AmendmentOf(4, first)).On("2026-08-26T09:00", AmendmentOf(4, second));
  const auto effective = EffectiveEvents(history.events());
  ASSERT_TRUE(effective.ok());
  EXPECT_EQ((*effective)[3].noted().text(), "hai");
  EXPECT_EQ((*effective)[3].amended_by_revision(), 6);
  EXPECT_EQ((*effective)[3].revision(), 4);
  EXPECT_EQ((*effective)[4].payload_case(), v1::Event::kAmended);
}

TEST(Amendment, AVoidedEventCanBeBroughtBack) {
  History history = Paused();
  history.On("2026-08-26T08:00", VoidOf(4)).On("2026-08-26T09:00", AmendmentOf(4, SampleEvent(v1::Event::kNoted)));
  const auto effective = EffectiveEvents(history.events());
  ASSERT_TRUE(effective.ok());
  EXPECT_EQ((*effective)[3].payload_case(), v1::Event::kNoted);
}

TEST(Amendment, AWrongTargetIsRefusedWithTheReason) {
  v1::Event recomputed;
  recomputed.mutable_recomputed()->set_calendar_version(1);
  History history = Paused();
  history.On("2026-08-26T08:00", recomputed).On("2026-08-26T08:01", AmendmentOf(4, SampleEvent(v1::Event::kNoted)));
  const auto refusal = [&](const v1::Event& amendment) {
    History tried = history;
    const absl::Status status = tried.On("2026-08-26T09:00", amendment).Refusal();
    EXPECT_EQ(ErrorMetadata(status, "target_revision"), std::to_string(amendment.amended().target_revision()));
    return ErrorReason(status);
  };
  EXPECT_EQ(refusal(AmendmentOf(99, SampleEvent(v1::Event::kNoted))), "AMENDMENT_NOT_POSSIBLE") << "no such event";
  EXPECT_EQ(refusal(AmendmentOf(7, SampleEvent(v1::Event::kNoted))), "AMENDMENT_NOT_POSSIBLE") << "itself";
  EXPECT_EQ(refusal(AmendmentOf(4, SampleEvent(v1::Event::kPaid))), "AMENDMENT_NOT_POSSIBLE") << "another kind";
  EXPECT_EQ(refusal(VoidOf(6)), "AMENDMENT_NOT_POSSIBLE") << "an amendment";
  EXPECT_EQ(refusal(VoidOf(5)), "AMENDMENT_NOT_POSSIBLE") << "a recomputation";
  EXPECT_EQ(refusal(VoidOf(1)), "AMENDMENT_NOT_POSSIBLE") << "what opened the dossier";
}

TEST(Amendment, AnAcceptanceAfterASubmissionCanNotBeVoidedEither) {
  History history;
  history.On("2026-08-20T08:00", v1::Event::kSubmitted).On("2026-08-21T09:15", v1::Event::kAccepted);
  EXPECT_EQ(ErrorReason(History(history).On("2026-08-21T10:00", VoidOf(2)).Refusal()), "AMENDMENT_NOT_POSSIBLE");
  EXPECT_EQ(ErrorReason(History(history).On("2026-08-21T10:00", VoidOf(1)).Refusal()), "AMENDMENT_NOT_POSSIBLE");
}

TEST(Amendment, AnAmendmentThatMakesALaterEventImpossibleIsRefused) {
  // Without the pause nothing can be resumed.
  EXPECT_EQ(ErrorReason(Paused().On("2026-08-26T08:00", VoidOf(2)).Refusal()), "TRANSITION_NOT_ALLOWED");
  // A resumption before its pause.
  const v1::Event early = At("2026-08-22T09:59", SampleEvent(v1::Event::kResumed));
  EXPECT_EQ(ErrorField(Paused().On("2026-08-26T08:00", AmendmentOf(3, early)).Refusal()), "event.occur_time");
  // Into a year that is not loaded.
  History late;
  late.On("2026-12-22T09:15", v1::Event::kAccepted);
  const v1::Event later = At("2026-12-30T09:15", testing::AcceptedEvent());
  EXPECT_EQ(ErrorReason(late.On("2026-12-31T09:15", AmendmentOf(1, later)).Refusal()), "CALENDAR_YEAR_NOT_LOADED");
}

TEST(Amendment, APrefixGivesTheStateAsOfItsLastRevision) {
  History history = Paused();
  const v1::Dossier then = history.Fold();
  history.On("2026-08-26T08:00", VoidOf(3));
  const std::vector<v1::Event> prefix(history.events().begin(), history.events().begin() + 4);
  const auto folded = Fold(history.calendars(), prefix);
  ASSERT_TRUE(folded.ok());
  EXPECT_TRUE(MessageDifferencer::Equals(*folded, then)) << "a later amendment does not change an earlier state";
}

// The name is recorded beside the events and not in them, so the fold from the beginning must not lose it.
TEST(Amendment, KeepsTheNameOfTheDossier) {
  History history = Paused();
  v1::Dossier before = history.Fold();
  EXPECT_EQ(before.name(), "");
  before.set_name("dossiers/0123456789bcdfgh");
  history.On("2026-08-26T08:00", VoidOf(4));
  const auto amended = Amend(history.calendars(), before, history.events());
  ASSERT_TRUE(amended.ok()) << amended.status();
  EXPECT_EQ(amended->name(), "dossiers/0123456789bcdfgh");
}

TEST(Amendment, TheDueRevisionIsTheRevisionThatLastMovedThePromise) {
  History history = Paused();
  EXPECT_EQ(history.Fold().due_revision(), 3);
  // Another note does not move the promise.
  history.On("2026-08-26T08:00", AmendmentOf(4, SampleEvent(v1::Event::kNoted)));
  EXPECT_EQ(history.Fold().due_revision(), 3);
  // Nor does the same resumption again.
  history.On("2026-08-26T08:00", AmendmentOf(3, SampleEvent(v1::Event::kResumed)));
  EXPECT_EQ(history.Fold().due_revision(), 3);
  // Moving the pause itself does, although a later event ended it.
  history.On("2026-08-26T08:00", AmendmentOf(2, At("2026-08-24T10:00", SampleEvent(v1::Event::kPaused))));
  EXPECT_EQ(DueOf(history.Fold()), "17:00 26/08/2026");
  EXPECT_EQ(history.Fold().due_revision(), 7);
}

}  // namespace
}  // namespace tthc::domain
