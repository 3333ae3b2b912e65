#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/domain/fact.h"
#include "server/domain/fold.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"
#include "tests/testing/random_center.h"
#include "tests/testing/seed.h"

// Laws 1 and 3 on random histories.
namespace tthc::server {
namespace {

using testing::EngineKind;
using testing::RandomCenter;
using testing::ServiceFixture;
using testing::ValueOrDie;

struct StoredDossier {
  storage::v1::DossierRecord record;
  std::vector<v1::Event> events;
  // dossiers/{uid}, as the record of the opening event has it.
  std::string name;
};

// Read from the store by the test itself, without the code of the service.
StoredDossier ReadStored(ServiceFixture& fixture, const std::string& name) {
  const storage::StoreReader reader = fixture.store().Read();
  const auto number = ValueOrDie(reader.FindCode(std::string(absl::StripPrefix(name, "dossiers/"))));
  StoredDossier stored;
  stored.record = *ValueOrDie(reader.GetDossier(number.value_or(0)));
  int64_t revision = 0;
  for (const uint64_t delta : stored.record.revision_deltas()) {
    revision += static_cast<int64_t>(delta);
    const storage::v1::LogRecord log = *ValueOrDie(reader.GetLog(revision));
    EXPECT_EQ(log.dossier_number(), *number);
    EXPECT_EQ(log.dossier_uid().empty(), !stored.events.empty()) << "only the opening event has the uid";
    if (!log.dossier_uid().empty()) stored.name = absl::StrCat("dossiers/", log.dossier_uid());
    v1::Event event = log.event();
    event.set_revision(revision);
    *event.mutable_record_time() = ToProto(absl::FromUnixMicros(log.record_time_us()));
    stored.events.push_back(event);
  }
  return stored;
}

class ReplayTest : public ::testing::TestWithParam<EngineKind> {
 protected:
  void ExpectReplayEqualsState(const std::string& name);
  void ExpectPrefixesEqualTheStateThen();
  void ExpectFactsFollow(const std::string& name);

  const uint64_t seed_ = testing::TestSeed();
  RandomCenter center_{seed_, {.engine = GetParam()}};
  // By name: the state after so many events.
  std::map<std::string, std::map<size_t, std::string>> states_then_;
};

// The state that the log gives: the events, and the name beside the first of them.
absl::StatusOr<v1::Dossier> Replay(const domain::CalendarSource& calendars, const StoredDossier& stored, size_t count) {
  const std::vector<v1::Event> prefix(stored.events.begin(), stored.events.begin() + static_cast<ptrdiff_t>(count));
  absl::StatusOr<v1::Dossier> dossier = domain::Fold(calendars, prefix);
  if (dossier.ok()) dossier->set_name(stored.name);
  return dossier;
}

void ReplayTest::ExpectReplayEqualsState(const std::string& name) {
  const StoredDossier stored = ReadStored(center_.fixture(), name);
  ASSERT_EQ(stored.name, name);
  const auto folded = Replay(center_.calendars(), stored, stored.events.size());
  ASSERT_TRUE(folded.ok()) << name << ": " << folded.status();
  ASSERT_EQ(folded->DebugString(), stored.record.dossier().DebugString()) << name;
  states_then_[name][stored.events.size()] = folded->SerializeAsString();
}

void ReplayTest::ExpectPrefixesEqualTheStateThen() {
  size_t checked = 0;
  for (const v1::Dossier& dossier : center_.AllDossiers()) {
    const StoredDossier stored = ReadStored(center_.fixture(), dossier.name());
    for (const auto& [count, state] : states_then_[dossier.name()]) {
      const auto folded = Replay(center_.calendars(), stored, count);
      ASSERT_TRUE(folded.ok()) << dossier.name() << " as of " << count << ": " << folded.status();
      ASSERT_EQ(folded->SerializeAsString(), state) << dossier.name() << " as of " << count;
      ++checked;
    }
  }
  EXPECT_GT(checked, 500u);
}

void ReplayTest::ExpectFactsFollow(const std::string& name) {
  const StoredDossier stored = ReadStored(center_.fixture(), name);
  std::map<std::string, uint32_t> numbers;
  const absl::Status scanned = center_.fixture().store().Read().ScanNames(
      [&](uint32_t number, const std::string& text) { EXPECT_TRUE(numbers.emplace(text, number).second) << text; });
  ASSERT_TRUE(scanned.ok());
  const auto number_of = [&](const std::string& text) -> uint32_t { return text.empty() ? 0 : numbers.at(text); };
  const auto fact = domain::MakeFact(center_.calendars(), stored.record.dossier(), number_of);
  EXPECT_EQ(fact.DebugString(), stored.record.fact().DebugString()) << name;
}

TEST_P(ReplayTest, ReplayEqualsLiveState) {
  std::map<std::string, int> outcomes;
  std::set<int> kinds;
  for (int i = 0; i < 2000; ++i) {
    const RandomCenter::Step step = center_.Next();
    ++outcomes[step.status.ok() ? "OK" : ErrorReason(step.status)];
    // An error without a reason is a defect of the server.
    ASSERT_NE(ErrorReason(step.status), step.status.ok() ? "-" : "UNEXPECTED") << step.status << "\n"
                                                                               << step.command.DebugString();
    for (const std::string& name : step.dossiers) {
      ASSERT_NO_FATAL_FAILURE(ExpectReplayEqualsState(name)) << step.command.DebugString();
    }
    if (i % 600 == 599) {
      center_.ChangeCalendar();
      for (const v1::Dossier& dossier : center_.AllDossiers()) {
        ASSERT_NO_FATAL_FAILURE(ExpectReplayEqualsState(dossier.name()));
      }
    }
  }
  ASSERT_NO_FATAL_FAILURE(ExpectPrefixesEqualTheStateThen());
  for (const v1::Dossier& dossier : center_.AllDossiers()) {
    ExpectFactsFollow(dossier.name());
    for (const v1::Event& event : center_.fixture().MustListEvents(dossier.name())) kinds.insert(event.payload_case());
  }
  for (const auto& [outcome, count] : outcomes) std::cout << outcome << ": " << count << std::endl;
  // Guards against a history in which hardly anything happens.
  EXPECT_GT(outcomes["OK"], 1000);
  EXPECT_GT(outcomes.size(), 10u);
  EXPECT_GE(kinds.size(), 27u);
}

TEST_P(ReplayTest, TheDueRevisionIsTheRevisionThatMovedThePromise) {
  center_.Run(800);
  center_.ChangeCalendar();
  for (const v1::Dossier& dossier : center_.AllDossiers()) {
    const StoredDossier stored = ReadStored(center_.fixture(), dossier.name());
    v1::Dossier before;
    for (size_t count = 1; count <= stored.events.size(); ++count) {
      const std::vector<v1::Event> prefix(stored.events.begin(), stored.events.begin() + static_cast<ptrdiff_t>(count));
      const v1::Dossier after = ValueOrDie(domain::Fold(center_.calendars(), prefix));
      const bool moved = before.due().due_time().SerializeAsString() != after.due().due_time().SerializeAsString();
      ASSERT_EQ(after.due_revision(), moved ? after.revision() : before.due_revision())
          << dossier.name() << " at " << prefix.back().ShortDebugString();
      before = after;
    }
  }
}

TEST_P(ReplayTest, ARestartAnswersTheSameListsAndCounts) {
  center_.Run(800);
  const auto answers = [&] {
    std::string all;
    ServiceFixture& fixture = center_.fixture();
    for (int order = 0; order <= v1::ListDossiersRequest::OrderBy_MAX; ++order) {
      for (int lateness = 0; lateness <= v1::DossierFilter::Lateness_MAX; ++lateness) {
        v1::ListDossiersRequest request;
        request.set_order_by(static_cast<v1::ListDossiersRequest::OrderBy>(order));
        request.mutable_filter()->set_lateness(static_cast<v1::DossierFilter::Lateness>(lateness));
        request.set_page_size(1000);
        const v1::ListDossiersResponse response = ValueOrDie(fixture.List(request));
        absl::StrAppend(&all, response.DebugString());
      }
    }
    for (int group = v1::GROUP_BY_UNSPECIFIED; group <= v1::GROUP_BY_CHANNEL; ++group) {
      v1::SummarizeTimelinessRequest request;
      request.set_group_by(static_cast<v1::GroupBy>(group));
      *request.mutable_start_time() = ToProto(testing::At("2026-08-24"));
      *request.mutable_end_time() = ToProto(testing::At("2026-12-01"));
      absl::StrAppend(&all, ValueOrDie(fixture.Call<v1::TimelinessSummary>(request)).DebugString());
    }
    return all;
  };
  const std::string before = answers();
  const std::string bytes = center_.fixture().StoredBytes();
  center_.fixture().Restart();
  EXPECT_EQ(center_.fixture().StoredBytes(), bytes);
  EXPECT_EQ(answers(), before);
  // New commands are carried out on top.
  center_.Run(20);
}

TEST_P(ReplayTest, SameRequestIdNeverHasTwoEffects) {
  ServiceFixture& fixture = center_.fixture();
  std::vector<std::pair<testing::RandomCommand, std::string>> answered;
  for (int i = 0; i < 200; ++i) {
    // All within the 72 hours for which an id is remembered.
    fixture.clock().Advance(absl::Seconds(center_.history().Number(0, 1200)));
    const testing::RandomCommand command = center_.history().Next(fixture.clock().Now());
    const std::string bytes = fixture.StoredBytes();
    const std::string answer = testing::AnswerOf(fixture, command);
    if (fixture.StoredBytes() == bytes) continue;
    // Repeated at once, before anything else is recorded.
    const int64_t revision = fixture.head_revision();
    ASSERT_EQ(testing::AnswerOf(fixture, command), answer) << command.DebugString();
    ASSERT_EQ(fixture.head_revision(), revision);
    answered.emplace_back(command, answer);
    for (const std::string& name : testing::SendCommand(fixture, command).dossiers) {
      center_.history().Observe(fixture.MustGet(name), fixture.MustListEvents(name));
    }
  }
  ASSERT_GT(answered.size(), 60u);
  for (const bool restarted : {false, true}) {
    if (restarted) fixture.Restart();
    const std::string bytes = fixture.StoredBytes();
    for (const auto& [command, answer] : answered) {
      ASSERT_EQ(testing::AnswerOf(fixture, command), answer) << command.DebugString();
    }
    ASSERT_EQ(fixture.StoredBytes(), bytes) << "the retries changed the store";
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, ReplayTest, ::testing::Values(EngineKind::kMemory, EngineKind::kRocksDb),
                         [](const auto& param) { return param.param == EngineKind::kMemory ? "Memory" : "RocksDb"; });

}  // namespace
}  // namespace tthc::server
