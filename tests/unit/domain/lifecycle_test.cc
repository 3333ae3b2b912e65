#include "server/domain/lifecycle.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "storage/base/errors.h"
#include "tests/testing/sample_events.h"

namespace tthc::domain {
namespace {

using testing::History;
using testing::SampleEvent;
using State = v1::Dossier::State;
using Kind = Transition::Kind;

// The table of the lifecycle written a second time, as sentences: for each event, the states in which it is possible
// and the state after it. "4 > 5" to a state, "4" stays, "5 > back" to the state before. A state that is not mentioned
// does not allow the event. 0: no dossier yet.
struct Sentence {
  const char* event;
  const char* moves;
};
constexpr Sentence kSentences[] = {
    {"submitted", "0 > 1"},
    {"accepted", "0 > 2, 1 > 2"},
    {"intake_refused", "0 > 3, 1 > 3, 5 > 3"},
    {"forwarded", "2 > 4, 4 > 4"},
    {"step_taken", "2 > 4, 4 > 4"},
    {"step_done", "4 > 4"},
    {"supplement_requested", "1 > 5, 2 > 5, 4 > 5"},
    {"supplement_received", "5 > back"},
    {"financial_obligation_requested", "2 > 6, 4 > 6"},
    {"financial_obligation_met", "6 > back"},
    {"paused", "2 > 11, 4 > 11"},
    {"resumed", "11 > back, 7 > back"},
    {"opinion_asked", "2 > 4, 4 > 4"},
    {"opinion_given", "4, 5, 6, 7, 11"},
    {"rescheduled", "2, 4"},
    {"withdrawal_requested", "1 > 7, 2 > 7, 4 > 7, 5 > 7, 6 > 7, 11 > 7"},
    {"stopped", "1 > 8, 2 > 8, 4 > 8, 5 > 8, 6 > 8, 7 > 8, 11 > 8"},
    {"finished", "2 > 9, 4 > 9, 7 > 9"},
    {"returned", "9 > 10"},
    {"rated", "2, 4, 5, 6, 7, 8, 9, 10, 11"},
    {"petition_received", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"},
    {"petition_answered", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"},
    {"noted", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"},
    {"document_added", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"},
    {"paid", "1, 2, 4, 5, 6, 7, 8, 9, 10, 11"},
    {"alias_added", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"},
    {"amended", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"},
    {"recomputed", "2, 4, 5, 6, 7, 11"},
};
constexpr int kSaidEvents = 28;
constexpr int kSaidStates = 12;

struct Cell {
  Kind kind = Kind::kNotAllowed;
  int to = 0;
};

// By event name and state number, from the sentences.
std::map<std::string, std::map<int, Cell>> SaidCells() {
  std::map<std::string, std::map<int, Cell>> cells;
  for (const Sentence& sentence : kSentences) {
    for (const absl::string_view move : absl::StrSplit(sentence.moves, ", ")) {
      const std::vector<std::string> ends = absl::StrSplit(move, " > ");
      const int from = std::stoi(ends[0]);
      Cell& cell = cells[sentence.event][from];
      if (ends.size() == 1) {
        cell = {.kind = Kind::kStay, .to = from};
      } else if (ends[1] == "back") {
        cell = {.kind = Kind::kBack, .to = 0};
      } else {
        cell = {.kind = Kind::kTo, .to = std::stoi(ends[1])};
      }
    }
  }
  return cells;
}

v1::Event::PayloadCase CaseOf(const std::string& name) {
  const auto* field = v1::Event::descriptor()->FindFieldByName(name);
  return field == nullptr ? v1::Event::PAYLOAD_NOT_SET : static_cast<v1::Event::PayloadCase>(field->number());
}

std::vector<v1::Event::PayloadCase> AllEvents() {
  std::vector<v1::Event::PayloadCase> all;
  const auto* payload = v1::Event::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < payload->field_count(); ++i) {
    all.push_back(static_cast<v1::Event::PayloadCase>(payload->field(i)->number()));
  }
  return all;
}

// The shortest history that leads to a state, with what some events need: a note to amend (revision 2), an open step,
// an opinion that was asked for, an unanswered petition.
struct Way {
  State state;
  // The state that "back" leads to.
  State behind;
  History history;
};

History Accepted() {
  History history(testing::SampleTerms(testing::WorkingDays(30)));
  history.On("2026-08-21T08:00", v1::Event::kAccepted).On("2026-08-21T08:01", v1::Event::kNoted);
  return history.On("2026-08-21T08:02", v1::Event::kPetitionReceived);
}

History Submitted() {
  History history(testing::SampleTerms(testing::WorkingDays(30)));
  history.On("2026-08-21T08:00", v1::Event::kSubmitted).On("2026-08-21T08:01", v1::Event::kNoted);
  return history.On("2026-08-21T08:02", v1::Event::kPetitionReceived);
}

History Processing() {
  return Accepted().On("2026-08-21T09:00", v1::Event::kForwarded).On("2026-08-21T09:01", v1::Event::kOpinionAsked);
}

std::vector<Way> AllWays() {
  const auto then = [](History history, v1::Event::PayloadCase kind) { return history.On("2026-08-21T10:00", kind); };
  using D = v1::Dossier;
  History refused = Submitted();
  refused.On("2026-08-21T08:30", v1::Event::kIntakeRefused);
  const History finished = then(Processing(), v1::Event::kFinished);
  return {
      {D::STATE_SUBMITTED, D::STATE_SUBMITTED, Submitted()},
      {D::STATE_ACCEPTED, D::STATE_ACCEPTED, Accepted()},
      {D::STATE_INTAKE_REFUSED, D::STATE_INTAKE_REFUSED, refused},
      {D::STATE_PROCESSING, D::STATE_PROCESSING, Processing()},
      {D::STATE_AWAITING_SUPPLEMENT, D::STATE_PROCESSING, then(Processing(), v1::Event::kSupplementRequested)},
      {D::STATE_AWAITING_SUPPLEMENT, D::STATE_SUBMITTED, then(Submitted(), v1::Event::kSupplementRequested)},
      {D::STATE_AWAITING_PAYMENT, D::STATE_PROCESSING, then(Processing(), v1::Event::kFinancialObligationRequested)},
      {D::STATE_WITHDRAWAL_REQUESTED, D::STATE_PROCESSING, then(Processing(), v1::Event::kWithdrawalRequested)},
      {D::STATE_WITHDRAWAL_REQUESTED, D::STATE_SUBMITTED, then(Submitted(), v1::Event::kWithdrawalRequested)},
      {D::STATE_WITHDRAWAL_REQUESTED, D::STATE_PAUSED,
       then(then(Processing(), v1::Event::kPaused), v1::Event::kWithdrawalRequested)},
      {D::STATE_WITHDRAWAL_REQUESTED, D::STATE_AWAITING_PAYMENT,
       then(then(Processing(), v1::Event::kFinancialObligationRequested), v1::Event::kWithdrawalRequested)},
      {D::STATE_WITHDRAWAL_REQUESTED, D::STATE_AWAITING_SUPPLEMENT,
       then(then(Processing(), v1::Event::kSupplementRequested), v1::Event::kWithdrawalRequested)},
      {D::STATE_STOPPED, D::STATE_STOPPED, then(Processing(), v1::Event::kStopped)},
      {D::STATE_FINISHED, D::STATE_FINISHED, finished},
      {D::STATE_RETURNED, D::STATE_RETURNED, then(finished, v1::Event::kReturned)},
      {D::STATE_PAUSED, D::STATE_PROCESSING, then(Processing(), v1::Event::kPaused)},
  };
}

v1::Event EventFor(v1::Event::PayloadCase kind) {
  v1::Event event = kind == v1::Event::kAmended ? testing::VoidOf(2) : SampleEvent(kind);
  if (event.has_petition_received()) event.mutable_petition_received()->set_petition_id("PA-02");
  return event;
}

// Whether the fold accepts one more event, and the state after it.
void ExpectFolds(const Way& way, v1::Event::PayloadCase kind, const Cell& said) {
  // Opinions are asked for after acceptance only, so that a withdrawn submission has none to give.
  const bool nothing_asked = kind == v1::Event::kOpinionGiven && way.behind == v1::Dossier::STATE_SUBMITTED;
  SCOPED_TRACE(absl::StrCat(EventName(kind), " in ", v1::Dossier::State_Name(way.state), " over ",
                            v1::Dossier::State_Name(way.behind)));
  History history = way.history;
  history.On("2026-08-21T11:00", EventFor(kind));
  const auto folded = history.TryFold();
  // Awaiting a supplement is one state before and after acceptance, but intake can't be refused after it.
  const bool taken_in = kind == v1::Event::kIntakeRefused && way.state == v1::Dossier::STATE_AWAITING_SUPPLEMENT &&
                        way.behind != v1::Dossier::STATE_SUBMITTED;
  // So is the withdrawal request, but before acceptance there is nothing to finish.
  const bool never_taken_in = kind == v1::Event::kFinished && way.behind == v1::Dossier::STATE_SUBMITTED;
  if (said.kind == Kind::kNotAllowed || taken_in || never_taken_in) {
    EXPECT_EQ(ErrorReason(folded.status()), "TRANSITION_NOT_ALLOWED");
    EXPECT_EQ(folded.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ErrorMetadata(folded.status(), "state"), v1::Dossier::State_Name(way.state));
    EXPECT_EQ(ErrorMetadata(folded.status(), "event"), EventName(kind));
    EXPECT_EQ(ErrorMetadata(folded.status(), "allowed"), absl::StrJoin(AllowedEvents(way.state), ","));
    EXPECT_NE(ErrorMessage(folded.status(), "vi").find("Không thể ghi"), std::string::npos);
    return;
  }
  if (nothing_asked) {
    EXPECT_EQ(ErrorReason(folded.status()), "OPINION_NOT_ASKED");
    return;
  }
  ASSERT_TRUE(folded.ok()) << folded.status();
  const State expected = said.kind == Kind::kBack ? way.behind : static_cast<State>(said.to);
  EXPECT_EQ(v1::Dossier::State_Name(folded->state()), v1::Dossier::State_Name(expected));
}

TEST(Lifecycle, TheSentencesCoverEveryEventAndEveryState) {
  std::set<std::string> said;
  for (const Sentence& sentence : kSentences) EXPECT_TRUE(said.insert(sentence.event).second) << sentence.event;
  std::set<std::string> contract;
  for (const v1::Event::PayloadCase kind : AllEvents()) contract.insert(EventName(kind));
  EXPECT_EQ(said, contract);
  EXPECT_EQ(contract.size(), size_t{kSaidEvents});
  EXPECT_EQ(kEventCount, kSaidEvents);
  EXPECT_EQ(kStateCount, kSaidStates);
  EXPECT_EQ(v1::Dossier::State_descriptor()->value_count(), kSaidStates);
}

TEST(Lifecycle, EveryCellOfTheTableAgreesWithTheSentences) {
  auto cells = SaidCells();
  int allowed = 0;
  for (const v1::Event::PayloadCase kind : AllEvents()) {
    for (int from = 0; from < kSaidStates; ++from) {
      const Cell said = cells[EventName(kind)][from];
      const Transition found = FindTransition(static_cast<State>(from), kind);
      SCOPED_TRACE(absl::StrCat(EventName(kind), " in ", v1::Dossier::State_Name(static_cast<State>(from))));
      EXPECT_EQ(static_cast<int>(found.kind), static_cast<int>(said.kind));
      if (said.kind == Kind::kTo || said.kind == Kind::kStay) {
        EXPECT_EQ(static_cast<int>(found.to), said.to);
      }
      allowed += said.kind == Kind::kNotAllowed ? 0 : 1;
    }
  }
  EXPECT_EQ(allowed, 139);
}

TEST(Lifecycle, TheFoldFollowsEveryCell) {
  auto cells = SaidCells();
  std::set<State> reached = {v1::Dossier::STATE_UNSPECIFIED};
  for (const Way& way : AllWays()) {
    const v1::Dossier before = way.history.Fold();
    ASSERT_EQ(v1::Dossier::State_Name(before.state()), v1::Dossier::State_Name(way.state));
    reached.insert(way.state);
    for (const v1::Event::PayloadCase kind : AllEvents()) {
      ExpectFolds(way, kind, cells[EventName(kind)][static_cast<int>(way.state)]);
    }
  }
  EXPECT_EQ(reached.size(), size_t{kSaidStates});
}

TEST(Lifecycle, OnlyThreeEventsOpenADossier) {
  for (const v1::Event::PayloadCase kind : AllEvents()) {
    // An amendment needs a history, and says so in its own words.
    if (kind == v1::Event::kAmended) continue;
    SCOPED_TRACE(EventName(kind));
    History history;
    history.On("2026-08-21T08:00", kind);
    const bool opens =
        kind == v1::Event::kSubmitted || kind == v1::Event::kAccepted || kind == v1::Event::kIntakeRefused;
    EXPECT_EQ(history.TryFold().ok(), opens);
    if (!opens) {
      EXPECT_EQ(ErrorReason(history.TryFold().status()), "TRANSITION_NOT_ALLOWED");
    }
  }
}

TEST(Lifecycle, AllowedEventsAreExactlyThoseOfTheTable) {
  auto cells = SaidCells();
  for (int from = 0; from < kSaidStates; ++from) {
    std::set<std::string> expected;
    for (const auto& [event, by_state] : cells) {
      const auto cell = by_state.find(from);
      if (cell != by_state.end() && cell->second.kind != Kind::kNotAllowed) expected.insert(event);
    }
    const std::vector<std::string> allowed = AllowedEvents(static_cast<State>(from));
    EXPECT_EQ(std::set<std::string>(allowed.begin(), allowed.end()), expected) << from;
  }
}

TEST(Lifecycle, EveryEventAndStateHasItsOwnVietnameseName) {
  std::set<std::string> names;
  for (const v1::Event::PayloadCase kind : AllEvents()) {
    const std::string name(EventNameVi(kind));
    EXPECT_FALSE(name.empty()) << EventName(kind);
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(CaseOf(EventName(kind)), kind);
  }
  names.clear();
  for (int state = 0; state < kSaidStates; ++state) {
    EXPECT_TRUE(names.insert(std::string(StateNameVi(static_cast<State>(state)))).second) << state;
  }
}

TEST(Lifecycle, UnknownStatesAndEventsAreNotAllowed) {
  EXPECT_EQ(FindTransition(v1::Dossier::STATE_PROCESSING, v1::Event::PAYLOAD_NOT_SET).kind, Kind::kNotAllowed);
  EXPECT_EQ(FindTransition(v1::Dossier::STATE_PROCESSING, static_cast<v1::Event::PayloadCase>(48)).kind,
            Kind::kNotAllowed);
  EXPECT_EQ(FindTransition(static_cast<State>(12), v1::Event::kNoted).kind, Kind::kNotAllowed);
}

TEST(Lifecycle, OpenAndEndedStatesAreThoseOfTheReports) {
  using D = v1::Dossier;
  const std::set<State> open = {D::STATE_ACCEPTED,         D::STATE_PROCESSING, D::STATE_AWAITING_SUPPLEMENT,
                                D::STATE_AWAITING_PAYMENT, D::STATE_PAUSED,     D::STATE_WITHDRAWAL_REQUESTED};
  const std::set<State> ended = {D::STATE_INTAKE_REFUSED, D::STATE_STOPPED, D::STATE_FINISHED, D::STATE_RETURNED};
  for (int number = 0; number < kSaidStates; ++number) {
    const auto state = static_cast<State>(number);
    EXPECT_EQ(IsBeingResolved(state), open.contains(state)) << D::State_Name(state);
    EXPECT_EQ(HasEnded(state), ended.contains(state)) << D::State_Name(state);
  }
}

}  // namespace
}  // namespace tthc::domain
