#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"
#include "tests/testing/random_center.h"
#include "tests/testing/random_year.h"
#include "tests/testing/sample_events.h"
#include "tests/testing/seed.h"
#include "tests/testing/statistics_queries.h"

// Figures of random centers beside those that the oracle counts from the recorded events.
namespace tthc::server {
namespace {

using testing::EngineKind;
using testing::Hit;
using testing::LinesOf;
using testing::OracleFor;
using testing::RandomQuestions;
using testing::RandomYear;
using testing::RandomYearOptions;
using testing::RecordedHistory;
using testing::Same;
using testing::ServiceFixture;
using testing::StatisticsOracle;
using testing::ValueOrDie;
using Query = v1::QueryStatisticsRequest;
using Answer = v1::QueryStatisticsResponse;
using List = v1::ListCountedDossiersRequest;

// One center after it has lived, and what it recorded.
struct Center {
  // With a disk it is started again in the middle of its life.
  explicit Center(uint64_t seed, RandomYearOptions options = {}, EngineKind engine = EngineKind::kMemory)
      : fixture({.engine = engine, .now = options.start}), year(seed, &fixture, options) {
    if (engine == EngineKind::kRocksDb) {
      year.RunUntil(options.start + options.length / 2);
      fixture.Restart();
    }
    year.Run();
    history = testing::ReadHistory(fixture);
  }

  absl::Time now() { return fixture.clock().Now(); }
  Answer Ask(const Query& query) { return ValueOrDie(fixture.Call<v1::QueryStatisticsResponse>(query)); }

  ServiceFixture fixture;
  RandomYear year;
  RecordedHistory history;
};

// The same query with its period spelt out, as the answer spells it.
template <typename Request>
Request Resolved(Request request, const v1::StatisticsBasis& basis) {
  *request.mutable_period() = basis.period();
  return request;
}

void ExpectTheOraclesAnswer(Center& center, const StatisticsOracle& oracle, const Query& query) {
  SCOPED_TRACE(query.ShortDebugString());
  const auto answer = center.fixture.Call<v1::QueryStatisticsResponse>(query);
  ASSERT_TRUE(answer.ok()) << answer.status();
  const Answer expected = oracle.Query(Resolved(query, answer->basis()));
  ASSERT_TRUE(Same(LinesOf(expected), LinesOf(*answer)));
  EXPECT_EQ(answer->basis().DebugString(), expected.basis().DebugString());
  for (const v1::StatisticsRow& row : answer->rows()) {
    ASSERT_EQ(row.keys_size(), query.group_by_size());
    ASSERT_EQ(row.values_size(), query.metrics_size());
    for (const v1::StatisticsKey& key : row.keys()) {
      // Of what the catalogue knows; other names speak for themselves.
      EXPECT_EQ(key.display_name().empty(), !absl::StrContains(key.name(), "s/")) << key.ShortDebugString();
    }
  }
}

void ExpectTheOraclesAnswer(Center& center, const Query& query) {
  ExpectTheOraclesAnswer(center, OracleFor(center.history, query.as_of(), center.now()), query);
}

TEST(StatisticsOracle, CountsWhatTheServiceCountsWhateverIsAsked) {
  const uint64_t seed = testing::TestSeed();
  size_t lives = 0;
  for (uint64_t i = 0; i < 60; ++i) {
    Center center(seed + i, {}, i % 10 == 9 ? EngineKind::kRocksDb : EngineKind::kMemory);
    lives += center.history.dossiers.size();
    RandomQuestions questions(&center.year, &center.history);
    for (int asked = 0; asked < 12; ++asked) {
      ExpectTheOraclesAnswer(center, questions.Query(center.now()));
      ASSERT_FALSE(HasFailure()) << "TTHC_TEST_SEED=" << seed + i;
    }
  }
  EXPECT_GT(lives, 2000u);
}

TEST(StatisticsOracle, CountsEveryMetricInEveryGroupingAlone) {
  Center center(testing::TestSeed(), {.dossiers = 250});
  RandomQuestions questions(&center.year, &center.history);
  const StatisticsOracle oracle = OracleFor(center.history, {}, center.now());
  std::set<v1::Metric> seen;
  for (int group = 0; group <= v1::GroupBy_MAX; ++group) {
    for (int i = 0; i < 3; ++i) {
      Query query;
      query.mutable_period()->set_preset("2026");
      if (i > 0) *query.mutable_period() = questions.Period();
      for (const v1::Metric metric : testing::AllMetrics()) query.add_metrics(metric);
      if (group != 0) query.add_group_by(static_cast<v1::GroupBy>(group));
      ExpectTheOraclesAnswer(center, oracle, query);
      ASSERT_FALSE(HasFailure());
      const Answer answer = center.Ask(query);
      for (const v1::StatisticsValue& value : answer.total().values()) {
        if (value.count() != 0 || value.has_percent()) seen.insert(value.metric());
      }
      if (i > 0) continue;
      // One by one: counts of one period have a shorter way of their own.
      for (const v1::Metric metric : testing::AllMetrics()) {
        query.clear_metrics();
        query.add_metrics(metric);
        ExpectTheOraclesAnswer(center, oracle, query);
        ASSERT_FALSE(HasFailure());
      }
    }
  }
  // A center in which hardly anything happens would prove nothing.
  for (const v1::Metric metric : testing::AllMetrics()) {
    const bool of_the_mirror = metric == v1::METRIC_UNSYNCHRONIZED || metric == v1::METRIC_SYNCHRONIZED_SHARE;
    EXPECT_NE(seen.contains(metric), of_the_mirror) << v1::Metric_Name(metric);
  }
}

// Wild histories, of commands that no center would send.
TEST(StatisticsOracle, CountsWildHistoriesToo) {
  const uint64_t seed = testing::TestSeed();
  for (uint64_t i = 0; i < 12; ++i) {
    testing::RandomCenter wild(seed + i, {}, 20);
    wild.Run(300);
    wild.ChangeCalendar();
    const RecordedHistory history = testing::ReadHistory(wild.fixture());
    const absl::Time now = wild.fixture().clock().Now();
    const StatisticsOracle oracle(history, history.head_revision(), now);
    for (int group = 0; group <= v1::GroupBy_MAX; ++group) {
      Query query;
      *query.mutable_period()->mutable_start_time() = ToProto(now - absl::Hours(wild.history().Number(1, 3000)));
      *query.mutable_period()->mutable_end_time() = ToProto(now + absl::Hours(wild.history().Number(0, 100)));
      for (const v1::Metric metric : testing::AllMetrics()) query.add_metrics(metric);
      if (group != 0) query.add_group_by(static_cast<v1::GroupBy>(group));
      const Answer answer = ValueOrDie(wild.fixture().Call<v1::QueryStatisticsResponse>(query));
      ASSERT_TRUE(Same(LinesOf(oracle.Query(Resolved(query, answer.basis()))), LinesOf(answer)))
          << query.ShortDebugString() << " TTHC_TEST_SEED=" << seed + i;
    }
  }
}

// Into a year that no calendar has: durations are unknown, counts are not.
TEST(StatisticsOracle, LeavesOutAndCountsDurationsOverAYearThatIsNotLoaded) {
  const uint64_t seed = testing::TestSeed();
  int64_t unknown = 0;
  for (uint64_t i = 0; i < 10; ++i) {
    Center center(seed + i, {.start = testing::At("2026-11-20"), .length = absl::Hours(24 * 60)});
    RandomQuestions questions(&center.year, &center.history);
    for (int asked = 0; asked < 4; ++asked) {
      Query query = questions.Query(center.now());
      // A period that no calendar knows anything of is refused.
      if (query.period().end_time().seconds() > absl::ToUnixSeconds(testing::At("2027-01-01"))) {
        *query.mutable_period()->mutable_start_time() = ToProto(testing::At("2026-11-20"));
      }
      ExpectTheOraclesAnswer(center, query);
    }
    ASSERT_FALSE(HasFailure()) << "TTHC_TEST_SEED=" << seed + i;
    Query query;
    *query.mutable_period()->mutable_start_time() = ToProto(testing::At("2026-11-01"));
    *query.mutable_period()->mutable_end_time() = ToProto(testing::At("2027-12-01"));
    query.add_metrics(v1::METRIC_HANDLING_TIME);
    unknown += center.Ask(query).total().values(0).unknown_count();
  }
  EXPECT_GT(unknown, 0);
}

// --- Lists behind figures --------------------------------------------------------------------------------------------

struct Listed {
  std::multiset<std::pair<std::string, int64_t>> entries;
  int64_t total_size = 0;
};

Listed ListAll(Center& center, List request, int page_size) {
  Listed listed;
  request.set_page_size(page_size);
  do {
    const auto page = ValueOrDie(center.fixture.Call<v1::ListCountedDossiersResponse>(request));
    for (const v1::CountedDossier& entry : page.dossiers()) {
      listed.entries.emplace(entry.dossier().name(), entry.count_time().seconds());
    }
    listed.total_size = page.total_size();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return listed;
}

// Of figures at the period's end the moment is since when, which the figure does not depend on.
std::multiset<std::pair<std::string, int64_t>> Expected(const std::vector<Hit>& hits, const Listed& listed) {
  std::multiset<std::pair<std::string, int64_t>> expected;
  std::multimap<std::string, int64_t> times(listed.entries.begin(), listed.entries.end());
  for (const Hit& hit : hits) {
    int64_t time = hit.time;
    const auto found = times.find(hit.life->name);
    if (found != times.end() && time == 0) time = found->second;
    const std::pair<const std::string, int64_t> entry(hit.life->name, time);
    const auto exact = std::find(times.begin(), times.end(), entry);
    if (exact != times.end()) times.erase(exact);
    expected.emplace(hit.life->name, time);
  }
  return expected;
}

void ExpectTheListBehind(Center& center, const Query& query, const v1::StatisticsRow& row,
                         const v1::StatisticsValue& value, const StatisticsOracle& oracle, const Answer& answer) {
  List request;
  *request.mutable_period() = query.period();
  request.set_metric(value.metric());
  *request.mutable_filter() = query.filter();
  if (query.has_as_of()) *request.mutable_as_of() = query.as_of();
  for (const v1::StatisticsKey& key : row.keys()) {
    request.add_keys()->set_group_by(key.group_by());
    request.mutable_keys()->rbegin()->set_name(key.name());
  }
  SCOPED_TRACE(request.ShortDebugString());
  const Listed listed = ListAll(center, request, static_cast<int>(center.year.Number(1, 20)));
  ASSERT_EQ(listed.total_size, value.count());
  ASSERT_EQ(static_cast<int64_t>(listed.entries.size()), value.count());
  EXPECT_EQ(listed.entries, Expected(oracle.List(Resolved(request, answer.basis())), listed));
}

TEST(CountedDossiers, ThereAreAsManyAsTheFigureSaysInEveryRow) {
  const uint64_t seed = testing::TestSeed();
  int lists = 0;
  // Some seeds ask for much that is nought: they go on until enough was looked at.
  for (uint64_t i = 0; i < 12 || (lists <= 200 && i < 60); ++i) {
    Center center(seed + i);
    RandomQuestions questions(&center.year, &center.history);
    for (int asked = 0; asked < 5; ++asked) {
      const Query query = questions.Query(center.now());
      const Answer answer = center.Ask(query);
      const StatisticsOracle oracle = OracleFor(center.history, query.as_of(), center.now());
      std::vector<v1::StatisticsRow> rows(answer.rows().begin(), answer.rows().end());
      rows.push_back(answer.total());
      for (const v1::StatisticsRow& row : rows) {
        for (const v1::StatisticsValue& value : row.values()) {
          const bool counts = testing::IsCount(value.metric()) && value.has_count();
          if (!counts || !center.year.Chance(value.count() == 0 ? 1 : 8)) continue;
          ExpectTheListBehind(center, query, row, value, oracle, answer);
          ASSERT_FALSE(HasFailure()) << "TTHC_TEST_SEED=" << seed + i;
          ++lists;
        }
      }
    }
  }
  EXPECT_GT(lists, 200);
}

TEST(CountedDossiers, PagesOfEverySizeMakeTheSameWhole) {
  Center center(testing::TestSeed());
  List request;
  request.mutable_period()->set_preset("2026");
  request.set_metric(v1::METRIC_RECEIVED);
  request.set_page_size(1000);
  const auto order = [](const v1::ListCountedDossiersResponse& page, std::vector<std::string>& names) {
    for (const v1::CountedDossier& entry : page.dossiers()) names.push_back(entry.dossier().name());
  };
  std::vector<std::string> whole;
  order(ValueOrDie(center.fixture.Call<v1::ListCountedDossiersResponse>(request)), whole);
  ASSERT_GT(whole.size(), 10u);
  for (int size = 1; size < static_cast<int>(whole.size()) + 2; size += 3) {
    request.set_page_size(size);
    request.clear_page_token();
    std::vector<std::string> walked;
    do {
      const auto page = ValueOrDie(center.fixture.Call<v1::ListCountedDossiersResponse>(request));
      order(page, walked);
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(walked, whole) << "pages of " << size;
  }
}

// --- Reading one's own writes ----------------------------------------------------------------------------------------

TEST(Statistics, AQueryRightAfterAnAppendCountsIt) {
  ServiceFixture fixture;
  Query query;
  query.mutable_period()->set_preset("today");
  for (const v1::Metric metric : {v1::METRIC_RECEIVED, v1::METRIC_OPEN, v1::METRIC_ENDED}) query.add_metrics(metric);
  const auto figures = [&] {
    const Answer answer = ValueOrDie(fixture.Call<v1::QueryStatisticsResponse>(query));
    EXPECT_EQ(answer.basis().revision(), fixture.head_revision());
    return std::vector<int64_t>{answer.total().values(0).count(), answer.total().values(1).count(),
                                answer.total().values(2).count()};
  };
  for (int64_t i = 1; i <= 50; ++i) {
    const std::string name = fixture.MustCreate({testing::AcceptedEvent()}).name();
    ASSERT_EQ(figures(), (std::vector<int64_t>{i, 1, i - 1}));
    fixture.MustAppend(name, testing::SampleEvent(v1::Event::kFinished));
    ASSERT_EQ(figures(), (std::vector<int64_t>{i, 0, i}));
  }
}

// --- What is stored and in memory, against the history ---------------------------------------------------------------

v1::VerifyFactsResponse Verify(ServiceFixture& fixture, std::vector<v1::FactDifference>& differences) {
  testing::SyncStream stream(ValueOrDie(fixture.Open<v1::VerifyFactsResponse>(v1::VerifyFactsRequest())));
  v1::VerifyFactsResponse last;
  while (true) {
    const std::optional<v1::VerifyFactsResponse> message = ValueOrDie(stream.Next());
    if (!message.has_value()) return last;
    EXPECT_GE(message->checked_count(), last.checked_count());
    differences.insert(differences.end(), message->differences().begin(), message->differences().end());
    last = *message;
  }
}

TEST(VerifyFacts, FindsNothingAfterRandomHistories) {
  const uint64_t seed = testing::TestSeed();
  for (uint64_t i = 0; i < 6; ++i) {
    Center center(seed + i, {}, i % 2 == 0 ? EngineKind::kMemory : EngineKind::kRocksDb);
    for (const bool restarted : {false, true}) {
      if (restarted) center.fixture.Restart();
      std::vector<v1::FactDifference> differences;
      const v1::VerifyFactsResponse last = Verify(center.fixture, differences);
      EXPECT_TRUE(last.done());
      EXPECT_EQ(last.checked_count(), static_cast<int64_t>(center.history.dossiers.size()));
      EXPECT_EQ(last.total_count(), last.checked_count());
      EXPECT_EQ(last.difference_count(), 0) << "TTHC_TEST_SEED=" << seed + i;
      for (const v1::FactDifference& difference : differences) ADD_FAILURE() << difference.ShortDebugString();
    }
  }
}

TEST(VerifyFacts, FindsAWrongRecordAndNamesTheField) {
  ServiceFixture fixture;
  for (int i = 0; i < 5; ++i) fixture.MustCreate({testing::AcceptedEvent()});
  const std::string name = fixture.MustCreate({testing::AcceptedEvent()}).name();
  const auto plant = [&](const auto& change) {
    const storage::StoreReader reader = fixture.store().Read();
    const int64_t number = ValueOrDie(reader.FindCode(name.substr(std::string("dossiers/").size()))).value_or(0);
    storage::v1::DossierRecord record = *ValueOrDie(reader.GetDossier(number));
    change(record);
    storage::StoreWrites writes;
    writes.PutDossier(number, record);
    ASSERT_TRUE(fixture.store().Commit(std::move(writes), fixture.store().head()).ok());
    fixture.Restart();
  };
  const auto found = [&] {
    std::vector<v1::FactDifference> differences;
    const v1::VerifyFactsResponse last = Verify(fixture, differences);
    EXPECT_EQ(last.difference_count(), static_cast<int64_t>(differences.size()));
    std::set<std::string> all;
    for (const v1::FactDifference& difference : differences) {
      EXPECT_EQ(difference.dossier(), name);
      all.insert(absl::StrCat(difference.copy(), ".", difference.field()));
    }
    return all;
  };
  EXPECT_EQ(found(), std::set<std::string>());
  plant([](storage::v1::DossierRecord& record) { record.mutable_fact()->set_accept_time(12'345); });
  EXPECT_EQ(found(), std::set<std::string>{"fact.accept_time"}) << "the first copy that differs";
  plant([](storage::v1::DossierRecord& record) {
    record.mutable_fact()->set_accept_time(record.dossier().accept_time().seconds());
    record.mutable_dossier()->set_late_reason("bịa");
  });
  EXPECT_EQ(found(), std::set<std::string>{"dossier.late_reason"});
}

}  // namespace
}  // namespace tthc::server
