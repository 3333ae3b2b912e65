// Schemes as entries of the catalogue, and what they come to over random centers.
#include "server/domain/scheme.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"
#include "tests/testing/random_year.h"
#include "tests/testing/sample_catalogue.h"
#include "tests/testing/schemes.h"
#include "tests/testing/seed.h"
#include "tests/testing/service_fixture.h"

namespace tthc::server {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;
using testing::EngineKind;
using testing::FromText;
using testing::RandomYear;
using testing::ServiceFixture;
using testing::ShippedScheme;
using testing::ShippedSchemeIds;
using testing::TestSeed;
using testing::ValueOrDie;

absl::StatusOr<v1::Scheme> Update(ServiceFixture& fixture, const v1::Scheme& scheme) {
  v1::UpdateSchemeRequest request;
  *request.mutable_scheme() = scheme;
  request.set_allow_missing(true);
  return fixture.Call<v1::Scheme>(request);
}

std::vector<v1::Scheme> List(ServiceFixture& fixture) {
  const auto answer = ValueOrDie(fixture.Call<v1::ListSchemesResponse>(v1::ListSchemesRequest()));
  return {answer.schemes().begin(), answer.schemes().end()};
}

void LoadShipped(ServiceFixture& fixture) {
  for (const std::string& id : ShippedSchemeIds()) ValueOrDie(Update(fixture, ShippedScheme(id)));
}

// But for what the server fills in.
bool SaysTheSame(v1::Scheme a, v1::Scheme b) {
  for (v1::Scheme* scheme : {&a, &b}) {
    scheme->clear_record_time();
    scheme->clear_etag();
  }
  return MessageDifferencer::Equals(a, b);
}

v1::Metric AnyCount(std::mt19937_64& random) {
  const auto* metrics = v1::Metric_descriptor();
  while (true) {
    const auto metric = static_cast<v1::Metric>(
        metrics->value(std::uniform_int_distribution<int>(1, metrics->value_count() - 1)(random))->number());
    if (!domain::IsShareMetric(metric) && !domain::IsDistributionMetric(metric)) return metric;
  }
}

// A score's scheme with indicators of every kind.
v1::Scheme AnyScheme(std::mt19937_64& random, const std::string& name) {
  const auto upto = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  v1::Scheme scheme = FromText<v1::Scheme>("display_name: \"Thử\" kind: KIND_UNITS start_date: \"2026-01-01\"");
  scheme.set_name(name);
  if (upto(1) == 0) scheme.set_end_date("2027-12-31");
  if (upto(2) == 0) scheme.add_offices(testing::kOffice);
  double most = 0;
  const int count = 1 + upto(8);
  for (int i = 0; i < count; ++i) {
    v1::Indicator& indicator = *scheme.add_indicators();
    indicator.set_id(absl::StrCat(i));
    indicator.set_display_name("Tiêu chí");
    indicator.set_max_points(upto(40) / 4.0);
    indicator.set_source(v1::Indicator::Source(v1::Indicator::SOURCE_METRICS + upto(5)));
    most += indicator.max_points();
    const bool per_dossier = indicator.source() == v1::Indicator::SOURCE_POINTS_PER_DOSSIER;
    const bool by_ratio = indicator.source() == v1::Indicator::SOURCE_POINTS_BY_RATIO;
    if (per_dossier || by_ratio) {
      v1::Indicator::Step& step = *indicator.add_steps();
      step.set_points(indicator.max_points() * upto(4) / 4);
      if (per_dossier) step.add_metrics(AnyCount(random));
      if (by_ratio) step.set_from_ratio(upto(10) / 10.0);
    }
    const bool given =
        indicator.source() == v1::Indicator::SOURCE_GIVEN || indicator.source() == v1::Indicator::SOURCE_NOT_APPLICABLE;
    if (given || per_dossier) continue;
    indicator.add_numerators(AnyCount(random));
    indicator.add_denominators(AnyCount(random));
    if (!by_ratio) indicator.set_target(upto(100) / 100.0);
  }
  if (most > 0) *scheme.add_bands() = FromText<v1::Band>("from_points: 0 display_name: \"Có điểm\"");
  return scheme;
}

class SchemeTest : public ::testing::TestWithParam<EngineKind> {};

TEST_P(SchemeTest, ListedSchemesAreThoseThatWereStoredAlsoAfterARestart) {
  std::mt19937_64 random(TestSeed());
  ServiceFixture fixture({.engine = GetParam()});
  std::map<std::string, v1::Scheme> expected;
  for (const std::string& id : ShippedSchemeIds()) expected[ShippedScheme(id).name()] = ShippedScheme(id);
  for (int i = 0; i < 30; ++i) {
    const std::string name = absl::StrCat("schemes/thu-", i);
    expected[name] = AnyScheme(random, name);
    ASSERT_EQ(domain::CheckScheme("scheme", expected[name]), absl::OkStatus()) << expected[name].DebugString();
  }
  const int64_t before = fixture.head_revision();
  for (const auto& [name, scheme] : expected) {
    const v1::Scheme made = ValueOrDie(Update(fixture, scheme));
    EXPECT_TRUE(SaysTheSame(made, scheme));
    EXPECT_EQ(FromProto(made.record_time()), fixture.clock().Now());
  }
  EXPECT_EQ(fixture.head_revision(), before + static_cast<int64_t>(expected.size()));
  const std::vector<v1::Scheme> listed = List(fixture);
  fixture.Restart();
  const std::vector<v1::Scheme> again = List(fixture);
  ASSERT_EQ(listed.size(), expected.size());
  ASSERT_EQ(again.size(), expected.size());
  size_t at = 0;
  for (const auto& [name, scheme] : expected) {
    EXPECT_TRUE(SaysTheSame(listed[at], scheme)) << name;
    EXPECT_TRUE(MessageDifferencer::Equals(listed[at], again[at])) << name;
    ++at;
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, SchemeTest, ::testing::Values(EngineKind::kMemory, EngineKind::kRocksDb),
                         [](const auto& param) { return param.param == EngineKind::kMemory ? "Memory" : "RocksDb"; });

TEST(SchemeUpdateTest, WritingTheSameAgainChangesNothing) {
  ServiceFixture fixture;
  LoadShipped(fixture);
  const std::string stored = fixture.StoredBytes();
  fixture.clock().Advance(absl::Hours(5));
  for (v1::Scheme scheme : List(fixture)) {
    const v1::Scheme before = scheme;
    // The server sets the record time, whatever a client sends.
    scheme.mutable_record_time()->set_seconds(1);
    EXPECT_TRUE(MessageDifferencer::Equals(ValueOrDie(Update(fixture, scheme)), before));
  }
  EXPECT_EQ(fixture.StoredBytes(), stored);
}

TEST(SchemeUpdateTest, ALaterOneOfTheNameReplacesItAndTheLogKeepsBoth) {
  ServiceFixture fixture;
  v1::Scheme scheme = ShippedScheme("qd766-2022");
  const int64_t first = fixture.head_revision() + 1;
  ValueOrDie(Update(fixture, scheme));
  scheme.set_end_date("2026-12-31");
  ValueOrDie(Update(fixture, scheme));
  ASSERT_EQ(List(fixture).size(), 1u);
  EXPECT_EQ(List(fixture)[0].end_date(), "2026-12-31");
  v1::ListChangesRequest request;
  request.set_start_revision(first);
  const auto changes = ValueOrDie(fixture.Call<v1::ListChangesResponse>(request));
  ASSERT_EQ(changes.changes_size(), 2);
  EXPECT_EQ(changes.changes(0).scheme().end_date(), "");
  EXPECT_EQ(changes.changes(1).scheme().end_date(), "2026-12-31");
}

TEST(SchemeUpdateTest, WhatIsWrongIsNamedAndChangesNothing) {
  ServiceFixture fixture;
  LoadShipped(fixture);
  const std::string stored = fixture.StoredBytes();
  const v1::Scheme good = ShippedScheme("tt01-2018-units");
  const std::vector<std::pair<std::string, std::function<void(v1::Scheme*)>>> rows = {
      {"scheme.name", [](v1::Scheme* s) { s->set_name("tt01"); }},
      {"scheme.kind", [](v1::Scheme* s) { s->clear_kind(); }},
      {"scheme.start_date", [](v1::Scheme* s) { s->set_start_date("2026-13-01"); }},
      {"scheme.end_date", [](v1::Scheme* s) { s->set_end_date("2018-01-01"); }},
      {"scheme.indicators[3].id", [](v1::Scheme* s) { s->mutable_indicators(3)->set_id("1"); }},
      {"scheme.indicators[0].steps[1].metrics[0]",
       [](v1::Scheme* s) { s->mutable_indicators(0)->mutable_steps(1)->set_metrics(0, v1::METRIC_UNSPECIFIED); }},
      {"scheme.indicators[7].steps[1].from_ratio",
       [](v1::Scheme* s) { s->mutable_indicators(7)->mutable_steps(1)->set_from_ratio(1); }},
      {"scheme.bands[4].from_points", [](v1::Scheme* s) { s->mutable_bands(4)->set_from_points(7); }},
      // In order, but of an office that is not in the catalogue.
      {"scheme.offices[1]", [](v1::Scheme* s) {
         s->add_offices(testing::kOffice);
         s->add_offices("offices/H24.1");
       }}};
  for (const auto& [field, spoil] : rows) {
    v1::Scheme bad = good;
    spoil(&bad);
    const absl::Status status = Update(fixture, bad).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << field;
    EXPECT_EQ(ErrorReason(status), "FIELD_INVALID");
    EXPECT_EQ(ErrorField(status), field);
    EXPECT_EQ(fixture.StoredBytes(), stored) << field;
  }
  v1::UpdateSchemeRequest dry_run;
  *dry_run.mutable_scheme() = good;
  dry_run.mutable_scheme()->set_end_date("2030-12-31");
  dry_run.set_validate_only(true);
  EXPECT_TRUE(fixture.Call<v1::Scheme>(dry_run).ok());
  EXPECT_EQ(fixture.StoredBytes(), stored);
}

TEST(SchemeUpdateTest, AFullCatalogueRefusesNewOnesAndStillTakesChanges) {
  std::mt19937_64 random(TestSeed());
  ServiceFixture fixture;
  for (size_t i = 0; i < limits::kSchemesMax; ++i) {
    ValueOrDie(Update(fixture, AnyScheme(random, absl::StrCat("schemes/", i))));
  }
  EXPECT_EQ(ErrorReason(Update(fixture, AnyScheme(random, "schemes/mot-nua")).status()), "CATALOGUE_FULL");
  EXPECT_TRUE(Update(fixture, AnyScheme(random, "schemes/0")).ok());
  EXPECT_EQ(List(fixture).size(), limits::kSchemesMax);
}

// A scheme of the shipped ones, changed by an update with a mask.
v1::UpdateSchemeRequest MaskedUpdate(const std::string& name, const std::vector<std::string>& paths) {
  v1::UpdateSchemeRequest request;
  request.mutable_scheme()->set_name(name);
  for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
  return request;
}

TEST(SchemeUpdateTest, AMaskChangesTheFieldsThatItNamesAndNothingElse) {
  ServiceFixture fixture;
  const v1::Scheme stored = ValueOrDie(Update(fixture, ShippedScheme("qd766-2022")));
  v1::UpdateSchemeRequest request = MaskedUpdate(stored.name(), {"end_date", "bands", "name", "record_time", "etag"});
  request.mutable_scheme()->set_end_date("2030-12-31");
  request.mutable_scheme()->set_display_name("not in the mask");
  v1::Scheme expected = stored;
  expected.set_end_date("2030-12-31");
  expected.clear_bands();
  const v1::Scheme updated = ValueOrDie(fixture.Call<v1::Scheme>(request));
  EXPECT_TRUE(SaysTheSame(updated, expected)) << updated.DebugString();
  EXPECT_TRUE(MessageDifferencer::Equals(List(fixture)[0], updated));
}

TEST(SchemeUpdateTest, AMaskIsCheckedAgainstTheMergedScheme) {
  ServiceFixture fixture;
  const v1::Scheme stored = ValueOrDie(Update(fixture, ShippedScheme("qd766-2022")));
  v1::UpdateSchemeRequest request = MaskedUpdate(stored.name(), {"end_date"});
  request.mutable_scheme()->set_end_date("2001-01-01");
  EXPECT_EQ(ErrorField(fixture.Status(request)), "scheme.end_date") << "before the stored start_date";
  EXPECT_EQ(ErrorField(fixture.Status(MaskedUpdate(stored.name(), {"indicators"}))), "scheme.indicators");
  for (const char* path : {"titel", "indicators.id", "*", ""}) {
    const absl::Status status = fixture.Status(MaskedUpdate(stored.name(), {"end_date", path}));
    EXPECT_EQ(ErrorReason(status), "FIELD_INVALID") << path;
    EXPECT_EQ(ErrorField(status), "update_mask") << path;
  }
  EXPECT_TRUE(MessageDifferencer::Equals(List(fixture)[0], stored));
}

TEST(SchemeUpdateTest, AMissingSchemeIsCreatedOnlyIfThatIsAllowed) {
  ServiceFixture fixture;
  v1::UpdateSchemeRequest request;
  *request.mutable_scheme() = ShippedScheme("qd766-2022");
  absl::Status status = fixture.Status(request);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ErrorReason(status), "SCHEME_NOT_FOUND");
  EXPECT_EQ(ErrorField(status), "scheme.name");
  request.set_allow_missing(true);
  request.mutable_scheme()->set_etag("\"h1\"");
  status = fixture.Status(request);
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << "an etag is that of a scheme that was there";
  EXPECT_EQ(ErrorReason(status), "ETAG_MISMATCH");
  request.mutable_scheme()->clear_etag();
  // Of a new one everything is taken, whatever the mask says.
  request.mutable_update_mask()->add_paths("display_name");
  EXPECT_TRUE(SaysTheSame(ValueOrDie(fixture.Call<v1::Scheme>(request)), ShippedScheme("qd766-2022")));
}

TEST(SchemeUpdateTest, AnEtagOfAnEarlierStateIsRefused) {
  ServiceFixture fixture;
  const v1::Scheme first = ValueOrDie(Update(fixture, ShippedScheme("qd766-2022")));
  v1::Scheme next = first;
  next.set_end_date("2030-12-31");
  const v1::Scheme second = ValueOrDie(Update(fixture, next));
  EXPECT_NE(second.etag(), first.etag());
  next.set_end_date("2031-12-31");
  const absl::Status status = Update(fixture, next).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ErrorReason(status), "ETAG_MISMATCH");
  EXPECT_EQ(ErrorField(status), "scheme.etag");
  EXPECT_EQ(ErrorMetadata(status, "current_etag"), second.etag());
  next.set_etag(second.etag());
  EXPECT_TRUE(Update(fixture, next).ok());
}

TEST(SchemeUpdateTest, ARepeatedRequestTakesEffectOnce) {
  ServiceFixture fixture;
  v1::UpdateSchemeRequest request;
  *request.mutable_scheme() = ShippedScheme("qd766-2022");
  request.set_allow_missing(true);
  request.set_request_id("2f6c2f7e-2f0e-4c43-9d47-6a0bd1b1a001");
  const v1::Scheme first = ValueOrDie(fixture.Call<v1::Scheme>(request));
  v1::Scheme other = first;
  other.set_end_date("2030-12-31");
  ValueOrDie(Update(fixture, other));
  const std::string stored = fixture.StoredBytes();
  for (const bool restarted : {false, true}) {
    if (restarted) fixture.Restart();
    const v1::Scheme again = ValueOrDie(fixture.Call<v1::Scheme>(request));
    EXPECT_TRUE(MessageDifferencer::Equals(again, first)) << again.DebugString();
  }
  request.mutable_scheme()->set_end_date("2029-12-31");
  EXPECT_EQ(ErrorReason(fixture.Status(request)), "REQUEST_ID_REUSED");
  EXPECT_EQ(fixture.StoredBytes(), stored);
}

TEST(SchemeListTest, PagesHoldEverySchemeOfTheKindOnceInTheOrderOfNames) {
  std::mt19937_64 random(TestSeed());
  ServiceFixture fixture;
  LoadShipped(fixture);
  for (int i = 0; i < 12; ++i) ValueOrDie(Update(fixture, AnyScheme(random, absl::StrCat("schemes/thu-", i))));
  for (const v1::Scheme::Kind kind : {v1::Scheme::KIND_UNSPECIFIED, v1::Scheme::KIND_UNITS, v1::Scheme::KIND_PLAN}) {
    std::vector<std::string> expected;
    for (const v1::Scheme& scheme : List(fixture)) {
      if (kind == v1::Scheme::KIND_UNSPECIFIED || scheme.kind() == kind) expected.push_back(scheme.name());
    }
    std::vector<std::string> listed;
    v1::ListSchemesRequest request;
    request.set_kind(kind);
    request.set_page_size(5);
    do {
      const auto page = ValueOrDie(fixture.Call<v1::ListSchemesResponse>(request));
      EXPECT_LE(page.schemes_size(), 5);
      EXPECT_EQ(page.total_size(), static_cast<int64_t>(expected.size()));
      for (const v1::Scheme& scheme : page.schemes()) listed.push_back(scheme.name());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(listed, expected) << kind;
  }
  v1::GetSchemeRequest get;
  get.set_name("schemes/thu-3");
  const v1::Scheme scheme = ValueOrDie(fixture.Call<v1::Scheme>(get));
  const std::vector<v1::Scheme> all = List(fixture);
  EXPECT_TRUE(std::any_of(all.begin(), all.end(),
                          [&](const v1::Scheme& listed) { return MessageDifferencer::Equals(listed, scheme); }));
  get.set_name("schemes/khac");
  EXPECT_EQ(ErrorReason(fixture.Status(get)), "SCHEME_NOT_FOUND");
}

// --- Which scheme ----------------------------------------------------------------------------------------------------

v1::ComputeScoresRequest ScoresOf(v1::Scheme::Kind kind, const std::string& preset) {
  v1::ComputeScoresRequest request;
  request.set_kind(kind);
  request.mutable_period()->set_preset(preset);
  return request;
}

TEST(ScoresTest, TheSchemeInForceOnThePeriodsLastDayCounts) {
  ServiceFixture fixture;
  const absl::Status none =
      fixture.Call<v1::ComputeScoresResponse>(ScoresOf(v1::Scheme::KIND_OFFICIALS, "q3/2026")).status();
  EXPECT_EQ(none.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ErrorReason(none), "SCHEME_NOT_FOUND");
  EXPECT_EQ(ErrorMetadata(none, "kind"), "KIND_OFFICIALS");
  EXPECT_EQ(ErrorMetadata(none, "on_date"), "2026-09-14");
  LoadShipped(fixture);
  v1::Scheme later = ShippedScheme("tt01-2018-officials");
  later.set_name("schemes/thong-tu-moi");
  later.set_start_date("2026-09-14");
  ValueOrDie(Update(fixture, later));
  const auto scheme_of = [&](const std::string& preset) {
    return ValueOrDie(fixture.Call<v1::ComputeScoresResponse>(ScoresOf(v1::Scheme::KIND_OFFICIALS, preset)))
        .scheme()
        .name();
  };
  EXPECT_EQ(scheme_of("q2/2026"), "schemes/tt01-2018-officials");
  EXPECT_EQ(scheme_of("q3/2026"), "schemes/thong-tu-moi");
  EXPECT_EQ(scheme_of("d13/9/2026"), "schemes/tt01-2018-officials");
  EXPECT_EQ(scheme_of("d14/9/2026"), "schemes/thong-tu-moi");
}

TEST(ScoresTest, BadRequestsNameTheField) {
  ServiceFixture fixture;
  LoadShipped(fixture);
  const auto field_of = [&](const v1::ComputeScoresRequest& request) {
    const absl::Status status = fixture.Call<v1::ComputeScoresResponse>(request).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return ErrorField(status);
  };
  EXPECT_EQ(field_of(ScoresOf(v1::Scheme::KIND_PLAN, "2026")), "kind");
  EXPECT_EQ(field_of(ScoresOf(v1::Scheme::KIND_UNSPECIFIED, "2026")), "kind");
  EXPECT_EQ(field_of(ScoresOf(v1::Scheme::KIND_UNITS, "q9/2026")), "period");
  v1::ComputeScoresRequest given = ScoresOf(v1::Scheme::KIND_UNITS, "2026");
  (*given.mutable_given_points())["5"] = 2.1;
  EXPECT_EQ(field_of(given), "given_points[5]");
  given.mutable_given_points()->clear();
  (*given.mutable_given_points())["1"] = 1;
  EXPECT_EQ(field_of(given), "given_points[1]");
}

// --- Beside the same figures asked for in other ways -----------------------------------------------------------------

// A center that has lived, and plain questions to it.
struct Center {
  explicit Center(uint64_t seed) : fixture({.now = testing::RandomYearOptions().start}), year(seed, &fixture, {}) {
    LoadShipped(fixture);
    year.Run();
    period.set_preset("2026");
    period.set_scheme(v1::Period::SCHEME_CALENDAR);
  }

  // A count by the first name of the rows' keys; "" = in all.
  std::map<std::string, int64_t> Count(v1::Metric metric, std::optional<v1::GroupBy> by,
                                       const v1::StatisticsFilter& filter = {}) {
    v1::QueryStatisticsRequest request;
    *request.mutable_period() = period;
    request.add_metrics(metric);
    if (by.has_value()) request.add_group_by(*by);
    *request.mutable_filter() = filter;
    const auto answer = ValueOrDie(fixture.Call<v1::QueryStatisticsResponse>(request));
    std::map<std::string, int64_t> counts;
    if (!by.has_value()) counts[""] = answer.total().values(0).count();
    for (const v1::StatisticsRow& row : answer.rows()) counts[row.keys(0).name()] += row.values(0).count();
    return counts;
  }

  v1::ComputeScoresResponse Scores(v1::Scheme::Kind kind) {
    v1::ComputeScoresRequest request;
    request.set_kind(kind);
    *request.mutable_period() = period;
    return ValueOrDie(fixture.Call<v1::ComputeScoresResponse>(request));
  }

  ServiceFixture fixture;
  RandomYear year;
  v1::Period period;
};

std::optional<double> PointsOf(const v1::Score& score, const std::string& id) {
  for (const v1::IndicatorScore& line : score.indicators()) {
    if (line.id() == id) return line.has_points() ? std::optional(line.points()) : std::nullopt;
  }
  ADD_FAILURE() << "no indicator " << id;
  return std::nullopt;
}

// Points of `points` for 2 and 1 dossiers each of so many, as the circular rounds them.
std::optional<double> Mean(int64_t two, int64_t one, int64_t all) {
  if (all == 0) return std::nullopt;
  // Tenths, halves up, in whole numbers.
  return static_cast<double>((20 * (2 * two + one) + all) / (2 * all)) / 10;
}

void ExpectTheCircularsMeans(Center& center, v1::GroupBy by, const v1::ComputeScoresResponse& response) {
  const auto count = [&](v1::Metric metric) { return center.Count(metric, by); };
  auto ended = count(v1::METRIC_ENDED), online = count(v1::METRIC_ENDED_ONLINE);
  auto early = count(v1::METRIC_ENDED_EARLY_SCORE), on_time = count(v1::METRIC_ENDED_ON_TIME_SCORE);
  auto late = count(v1::METRIC_ENDED_LATE_SCORE);
  auto early_step = count(v1::METRIC_STEPS_EARLY), on_time_step = count(v1::METRIC_STEPS_ON_TIME);
  auto late_step = count(v1::METRIC_STEPS_LATE);
  auto none = count(v1::METRIC_ENDED_SUPPLEMENT_NONE), once = count(v1::METRIC_ENDED_SUPPLEMENT_ONCE);
  auto more = count(v1::METRIC_ENDED_SUPPLEMENT_MORE);
  auto early_blameless = count(v1::METRIC_ENDED_EARLY_BLAMELESS);
  auto on_time_blameless = count(v1::METRIC_ENDED_ON_TIME_BLAMELESS);
  double before = 1e9;
  for (const v1::Score& score : response.scores()) {
    const std::string& who = score.subject();
    SCOPED_TRACE(who);
    EXPECT_EQ(PointsOf(score, "1"), Mean(early[who], on_time[who], early[who] + on_time[who] + late[who]));
    EXPECT_EQ(PointsOf(score, "2"),
              Mean(early_step[who], on_time_step[who], early_step[who] + on_time_step[who] + late_step[who]));
    EXPECT_EQ(PointsOf(score, "3"), Mean(none[who], once[who], none[who] + once[who] + more[who]));
    EXPECT_EQ(PointsOf(score, "4"), Mean(online[who], ended[who] - online[who], ended[who]));
    EXPECT_EQ(PointsOf(score, "7"),
              Mean(early_blameless[who], on_time_blameless[who], early[who] + on_time[who] + late[who]));
    EXPECT_EQ(score.dossier_count(), ended[who]);
    double sum = 0;
    for (const v1::IndicatorScore& line : score.indicators()) sum += line.points();
    EXPECT_NEAR(score.points(), sum, 1e-9);
    EXPECT_LE(score.points(), before) << "best first";
    before = score.points();
    ended.erase(who);
  }
  // No officer or unit with a dossier was left out or is there twice.
  ended.erase("");
  for (const auto& [who, dossiers] : ended) EXPECT_EQ(dossiers, 0) << who;
}

TEST(ScoresTest, OfficialsAndUnitsGetTheMeansOfTheirDossiers) {
  const uint64_t seed = TestSeed();
  for (uint64_t i = 0; i < 6; ++i) {
    Center center(seed + i);
    const auto officials = center.Scores(v1::Scheme::KIND_OFFICIALS);
    const auto units = center.Scores(v1::Scheme::KIND_UNITS);
    EXPECT_GT(officials.scores_size(), 1);
    EXPECT_GT(units.scores_size(), 1);
    ExpectTheCircularsMeans(center, v1::GROUP_BY_OFFICER, officials);
    ExpectTheCircularsMeans(center, v1::GROUP_BY_UNIT, units);
    EXPECT_EQ(units.basis().revision(), center.fixture.head_revision());
  }
}

TEST(ScoresTest, OnlinePointsOfAUnitComeFromItsOwnOnlineDossiers) {
  const uint64_t seed = TestSeed();
  for (uint64_t i = 0; i < 6; ++i) {
    Center center(seed + i);
    v1::StatisticsFilter only_online;
    only_online.add_channels(v1::CHANNEL_ONLINE);
    auto received = center.Count(v1::METRIC_RECEIVED, v1::GROUP_BY_UNIT);
    auto online = center.Count(v1::METRIC_RECEIVED, v1::GROUP_BY_UNIT, only_online);
    auto late = center.Count(v1::METRIC_ENDED_LATE_06A, v1::GROUP_BY_UNIT, only_online);
    auto overdue = center.Count(v1::METRIC_OPEN_OVERDUE, v1::GROUP_BY_UNIT, only_online);
    const auto units = center.Scores(v1::Scheme::KIND_UNITS);
    for (const v1::Score& score : units.scores()) {
      v1::StatisticsFilter own;
      own.add_units(score.subject());
      const auto procedures = center.Count(v1::METRIC_RECEIVED, v1::GROUP_BY_PROCEDURE, own);
      *own.mutable_channels() = only_online.channels();
      const auto procedures_online = center.Count(v1::METRIC_RECEIVED, v1::GROUP_BY_PROCEDURE, own);
      const auto with_any = [](const std::map<std::string, int64_t>& counts) {
        return std::count_if(counts.begin(), counts.end(), [](const auto& entry) { return entry.second > 0; });
      };
      const std::string& unit = score.subject();
      std::optional<double> expected;
      if (received[unit] > 0) {
        const bool clean = late[unit] + overdue[unit] == 0;
        const bool wide =
            10 * online[unit] >= 3 * received[unit] && 10 * with_any(procedures_online) >= 2 * with_any(procedures);
        const bool some = 100 * online[unit] >= 15 * received[unit];
        expected = clean && wide ? 2 : clean && some ? 1 : 0;
      }
      EXPECT_EQ(PointsOf(score, "9"), expected) << unit;
    }
  }
}

TEST(ScoresTest, TheQualityIndexIsOneScoreFromItsCounts) {
  const uint64_t seed = TestSeed();
  for (uint64_t i = 0; i < 6; ++i) {
    Center center(seed + i);
    const auto total = [&](v1::Metric metric) { return center.Count(metric, std::nullopt)[""]; };
    const auto response = center.Scores(v1::Scheme::KIND_QUALITY_INDEX);
    ASSERT_EQ(response.scores_size(), 1);
    const v1::Score& score = response.scores(0);
    EXPECT_EQ(score.subject(), "");
    const int64_t good = total(v1::METRIC_ENDED_ON_TIME_766) + total(v1::METRIC_OPEN_IN_TERM_766);
    const int64_t all = good + total(v1::METRIC_ENDED_LATE_766) + total(v1::METRIC_OPEN_OVERDUE_766);
    ASSERT_GT(all, 0);
    EXPECT_NEAR(*PointsOf(score, "2.1"), 20.0 * static_cast<double>(good) / static_cast<double>(all), 0.005 + 1e-9);
    const int64_t ended = total(v1::METRIC_ENDED);
    ASSERT_GT(ended, 0);
    const double content = 1 - static_cast<double>(total(v1::METRIC_ENDED_DISPLEASED)) / static_cast<double>(ended);
    EXPECT_NEAR(*PointsOf(score, "6.3"), std::min(6.0, 6 * content / 0.9), 0.005 + 1e-9);
    // No mirror, so nothing about synchronizing is known, and no points were given.
    EXPECT_EQ(PointsOf(score, "1.4"), std::nullopt);
    EXPECT_GE(score.missing_points(), 42);
    EXPECT_EQ(score.max_points() + score.missing_points(), 100);
  }
}

TEST(ScoresTest, GivenPointsCountAndTheScoreOfOneOfficeHasItsName) {
  Center center(TestSeed());
  v1::ComputeScoresRequest request;
  request.set_kind(v1::Scheme::KIND_QUALITY_INDEX);
  *request.mutable_period() = center.period;
  request.mutable_filter()->add_offices(testing::kOffice);
  const v1::Score without = ValueOrDie(center.fixture.Call<v1::ComputeScoresResponse>(request)).scores(0);
  (*request.mutable_given_points())["1.1"] = 5.5;
  const v1::Score with = ValueOrDie(center.fixture.Call<v1::ComputeScoresResponse>(request)).scores(0);
  EXPECT_EQ(with.subject(), testing::kOffice);
  EXPECT_NE(with.display_name(), "");
  EXPECT_NEAR(with.points(), without.points() + 5.5, 1e-9);
  EXPECT_EQ(with.missing_points(), without.missing_points() - 6);
}

// --- Plans -----------------------------------------------------------------------------------------------------------

TEST(PlanResultsTest, CompareThePeriodWithTheOneBefore) {
  Center center(TestSeed());
  v1::ComputePlanResultsRequest request;
  request.mutable_period()->set_preset("q3/2026");
  const auto plan = ValueOrDie(center.fixture.Call<v1::ComputePlanResultsResponse>(request));
  EXPECT_EQ(plan.basis().period().preset(), "q3/2026");
  EXPECT_EQ(plan.previous_period().preset(), "q2/2026");
  EXPECT_EQ(plan.scheme().name(), "schemes/plan-hop-tien-2025");
  const auto figures = [&](const char* preset) {
    v1::QueryStatisticsRequest query;
    query.mutable_period()->set_preset(preset);
    for (const v1::Metric metric : {v1::METRIC_SATISFACTION_RATE, v1::METRIC_LATE_SHARE, v1::METRIC_OPEN_OVERDUE}) {
      query.add_metrics(metric);
    }
    return ValueOrDie(center.fixture.Call<v1::QueryStatisticsResponse>(query)).total();
  };
  const v1::StatisticsRow now = figures("q3/2026");
  const v1::StatisticsRow before = figures("q2/2026");
  ASSERT_EQ(plan.results_size(), 7);
  for (int i = 0; i < 3; ++i) {
    const v1::PlanResult& result = plan.results(i + 1);
    EXPECT_TRUE(MessageDifferencer::Equals(result.value(), now.values(i))) << result.DebugString();
    EXPECT_TRUE(MessageDifferencer::Equals(result.previous(), before.values(i))) << result.DebugString();
  }
  // Without a mirror there is no value.
  EXPECT_FALSE(plan.results(0).has_met());
  EXPECT_FALSE(plan.results(0).value().has_denominator());
}

TEST(PlanResultsTest, APeriodThatNoCalendarReachesHasNoValuesBefore) {
  Center center(TestSeed());
  v1::Scheme plan = ShippedScheme("plan-hop-tien-2025");
  plan.set_start_date("2025-01-01");
  ValueOrDie(Update(center.fixture, plan));
  v1::ComputePlanResultsRequest request;
  // The sample calendar begins with 2025.
  request.mutable_period()->set_preset("2025");
  request.mutable_period()->set_scheme(v1::Period::SCHEME_CALENDAR);
  const auto answer = ValueOrDie(center.fixture.Call<v1::ComputePlanResultsResponse>(request));
  EXPECT_EQ(answer.previous_period().preset(), "2024");
  for (const v1::PlanResult& result : answer.results()) {
    EXPECT_FALSE(result.previous().has_count() || result.previous().has_denominator());
    EXPECT_EQ(result.trend(), v1::PlanResult::TREND_UNSPECIFIED);
  }
  request.mutable_period()->set_preset("2024");
  EXPECT_FALSE(center.fixture.Call<v1::ComputePlanResultsResponse>(request).ok());
}

}  // namespace
}  // namespace tthc::server
