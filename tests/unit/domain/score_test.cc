#include "server/domain/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/scheme.h"
#include "storage/base/errors.h"
#include "tests/testing/schemes.h"

namespace tthc::domain {
namespace {

using ::testing::HasSubstr;
using tthc::testing::FromText;
using tthc::testing::ShippedScheme;
using Counts = std::map<v1::Metric, int64_t>;

v1::StatisticsValue CountValue(v1::Metric metric, int64_t count) {
  v1::StatisticsValue value;
  value.set_metric(metric);
  value.set_count(count);
  return value;
}

v1::StatisticsValue ShareValue(v1::Metric metric, int64_t numerator, int64_t denominator) {
  v1::StatisticsValue value;
  value.set_metric(metric);
  value.set_numerator(numerator);
  value.set_denominator(denominator);
  return value;
}

MetricCounts CountsOf(const Counts& counts) {
  MetricCounts result;
  for (const auto& [metric, count] : counts) result.Add(CountValue(metric, count));
  return result;
}

// All metrics that the scheme needs: the given ones, and 0 for the others; shares are 0 of 0.
ScoreFacts FactsFor(const v1::Scheme& scheme, const Counts& counts) {
  ScoreFacts facts;
  for (const v1::Metric metric : MetricsOf(scheme)) {
    const auto found = counts.find(metric);
    const int64_t count = found == counts.end() ? 0 : found->second;
    const bool share = IsShareMetric(metric);
    facts.all.Add(share ? ShareValue(metric, count, count) : CountValue(metric, count));
    facts.online.Add(share ? ShareValue(metric, 0, 0) : CountValue(metric, 0));
  }
  return facts;
}

const v1::IndicatorScore& Line(const v1::Score& score, const std::string& id) {
  for (const v1::IndicatorScore& line : score.indicators()) {
    if (line.id() == id) return line;
  }
  ADD_FAILURE() << "no indicator " << id;
  return score.indicators(0);
}

GivenPoints Given(const std::map<std::string, double>& points) {
  GivenPoints given;
  for (const auto& [id, value] : points) given[id] = value;
  return given;
}

// One indicator as a scheme.
v1::Scheme One(const std::string& indicator, v1::Scheme::Kind kind = v1::Scheme::KIND_QUALITY_INDEX) {
  v1::Scheme scheme = FromText<v1::Scheme>("name: \"schemes/mot\" display_name: \"Một\" start_date: \"2026-01-01\"");
  scheme.set_kind(kind);
  *scheme.add_indicators() = FromText<v1::Indicator>("id: \"1\" display_name: \"a\" " + indicator);
  EXPECT_EQ(CheckScheme("scheme", scheme), absl::OkStatus()) << indicator;
  return scheme;
}

constexpr char kOnline[] =
    "max_points: 6 source: SOURCE_METRICS target: 0.5 numerators: METRIC_RECEIVED_ONLINE denominators: "
    "METRIC_RECEIVED ";

// --- max × min(1, ratio ÷ target) ------------------------------------------------------------------------------------

TEST(ScoreTest, PointsRiseWithTheRatioUpToTheTarget) {
  const v1::Scheme scheme = One(kOnline);
  const struct {
    int64_t online;
    int64_t received;
    double points;
  } rows[] = {{0, 10, 0},       {1, 10, 1.2},  {5, 10, 6},       {9, 10, 6},      {10, 10, 6},  {1, 3, 4},
              {333, 1000, 4},   {1, 7, 1.71},  {2, 7, 3.43},     {49, 100, 5.88}, {50, 100, 6}, {499'999, 1'000'000, 6},
              {1, 1'000, 0.01}, {1, 2'401, 0}, {1, 2'399, 0.01}, {1, 2'400, 0.01}};
  for (const auto& row : rows) {
    const v1::Score score = Evaluate(
        scheme, FactsFor(scheme, {{v1::METRIC_RECEIVED_ONLINE, row.online}, {v1::METRIC_RECEIVED, row.received}}), {});
    const v1::IndicatorScore& line = score.indicators(0);
    EXPECT_DOUBLE_EQ(line.points(), row.points) << row.online << " of " << row.received;
    EXPECT_DOUBLE_EQ(score.points(), row.points);
    EXPECT_EQ(line.numerator(), row.online);
    EXPECT_EQ(line.denominator(), row.received);
    EXPECT_DOUBLE_EQ(line.ratio(), static_cast<double>(row.online) / static_cast<double>(row.received));
    EXPECT_DOUBLE_EQ(line.target(), 0.5);
    EXPECT_EQ(score.missing_points(), 0);
  }
}

TEST(ScoreTest, AnEmptyDenominatorGivesThePointsThatTheSchemeSets) {
  const struct {
    const char* when_empty;
    std::optional<double> points;
  } rows[] = {{"", std::nullopt},
              {"when_empty: WHEN_EMPTY_NO_VALUE", std::nullopt},
              {"when_empty: WHEN_EMPTY_FULL_POINTS", 6},
              {"when_empty: WHEN_EMPTY_ZERO_POINTS", 0}};
  for (const auto& row : rows) {
    const v1::Scheme scheme = One(absl::StrCat(kOnline, row.when_empty));
    const v1::Score score = Evaluate(scheme, FactsFor(scheme, {}), {});
    const v1::IndicatorScore& line = score.indicators(0);
    EXPECT_EQ(line.has_points(), row.points.has_value()) << row.when_empty;
    EXPECT_EQ(line.points(), row.points.value_or(0));
    EXPECT_FALSE(line.has_ratio());
    EXPECT_TRUE(line.has_denominator());
    EXPECT_EQ(score.max_points(), row.points.has_value() ? 6 : 0);
    EXPECT_EQ(score.missing_points(), row.points.has_value() ? 0 : 6);
  }
}

TEST(ScoreTest, AMetricWithoutAValueIsNeitherEmptyNorZero) {
  // A missing value must not give the full points of an empty denominator.
  const v1::Scheme scheme =
      One("max_points: 6 source: SOURCE_METRICS numerators: METRIC_SYNCHRONIZED_SHARE denominators: "
          "METRIC_SYNCHRONIZED_SHARE "
          "when_empty: WHEN_EMPTY_FULL_POINTS");
  v1::StatisticsValue unknown;
  unknown.set_metric(v1::METRIC_SYNCHRONIZED_SHARE);
  ScoreFacts facts;
  facts.all.Add(unknown);
  for (const ScoreFacts& each : {facts, ScoreFacts()}) {
    const v1::Score score = Evaluate(scheme, each, {});
    EXPECT_FALSE(score.indicators(0).has_points());
    EXPECT_FALSE(score.indicators(0).has_denominator());
    EXPECT_EQ(score.missing_points(), 6);
  }
  // Nor may a value that is known in part.
  facts.all.Add(ShareValue(v1::METRIC_SYNCHRONIZED_SHARE, 5, 5));
  EXPECT_FALSE(Evaluate(scheme, facts, {}).indicators(0).has_points());
}

TEST(ScoreTest, AShareStandsForTheCountsThatItDivides) {
  const v1::Scheme scheme =
      One("max_points: 10 source: SOURCE_METRICS numerators: METRIC_ONLINE_SHARE numerators: METRIC_RECEIVED_BY_POST "
          "denominators: METRIC_ONLINE_SHARE");
  ScoreFacts facts;
  // Two rows of a finer grouping add up.
  facts.all.Add(ShareValue(v1::METRIC_ONLINE_SHARE, 3, 12));
  facts.all.Add(ShareValue(v1::METRIC_ONLINE_SHARE, 1, 8));
  facts.all.Add(CountValue(v1::METRIC_RECEIVED_BY_POST, 1));
  const v1::Score score = Evaluate(scheme, facts, {});
  EXPECT_EQ(score.indicators(0).numerator(), 5);
  EXPECT_EQ(score.indicators(0).denominator(), 20);
  EXPECT_DOUBLE_EQ(score.points(), 2.5);
}

TEST(ScoreTest, TheTotalIsRoundedOnceFromExactPoints) {
  // Three thirds of a point: 0.33 each where written, 1 in all.
  v1::Scheme scheme = One("max_points: 1 source: SOURCE_METRICS numerators: METRIC_GRANTED denominators: METRIC_ENDED");
  for (const char* id : {"2", "3"}) {
    *scheme.add_indicators() = scheme.indicators(0);
    scheme.mutable_indicators(scheme.indicators_size() - 1)->set_id(id);
  }
  const v1::Score score = Evaluate(scheme, FactsFor(scheme, {{v1::METRIC_GRANTED, 1}, {v1::METRIC_ENDED, 3}}), {});
  EXPECT_DOUBLE_EQ(score.indicators(0).points(), 0.33);
  EXPECT_DOUBLE_EQ(score.points(), 1);
}

TEST(ScoreTest, HalvesGoUpDespiteBinaryFractions) {
  // 1.005 × 100 is less than 100.5 in doubles.
  const v1::Scheme scheme = One("max_points: 2 source: SOURCE_GIVEN");
  for (const auto& [given, points] : {std::pair{1.005, 1.01}, {1.0049, 1.0}, {1.015, 1.02}, {0.005, 0.01}}) {
    EXPECT_DOUBLE_EQ(Evaluate(scheme, {}, Given({{"1", given}})).points(), points) << given;
  }
}

TEST(ScoreTest, PointsAreNeverNegative) {
  // Figures that contradict each other must not take points away elsewhere.
  const v1::Scheme scheme =
      One("max_points: 6 source: SOURCE_METRICS_COMPLEMENT numerators: METRIC_RESCHEDULED denominators: METRIC_ENDED");
  const v1::Score score = Evaluate(scheme, FactsFor(scheme, {{v1::METRIC_RESCHEDULED, 3}, {v1::METRIC_ENDED, 2}}), {});
  EXPECT_EQ(score.points(), 0);
  EXPECT_EQ(score.indicators(0).numerator(), 0);
}

// --- Decision 766 ----------------------------------------------------------------------------------------------------

// The counts of a good quarter.
Counts GoodQuarter() {
  return {{v1::METRIC_SYNCHRONIZED_SHARE, 200},
          {v1::METRIC_ENDED_ON_TIME_766, 150},
          {v1::METRIC_OPEN_IN_TERM_766, 40},
          {v1::METRIC_ENDED_LATE_766, 8},
          {v1::METRIC_OPEN_OVERDUE_766, 2},
          {v1::METRIC_RECEIVED_ONLINE, 120},
          {v1::METRIC_RECEIVED, 200},
          {v1::METRIC_ENDED_PAID_ONLINE, 30},
          {v1::METRIC_ENDED_WITH_FEE, 40},
          {v1::METRIC_GRANTED_ELECTRONIC, 75},
          {v1::METRIC_GRANTED, 150},
          {v1::METRIC_RECEIVED_DIGITIZED, 60},
          {v1::METRIC_RECEIVED_WITH_DOCUMENTS, 100},
          {v1::METRIC_ENDED_DISPLEASED, 9},
          {v1::METRIC_ENDED, 158}};
}

GivenPoints AllGiven() {
  return Given({{"1.1", 6},
                {"1.2", 4},
                {"1.3", 2},
                {"3.1", 2},
                {"3.2", 4},
                {"4.1", 2},
                {"4.2", 2},
                {"5.3", 2},
                {"5.4", 2},
                {"5.5", 4},
                {"6.2", 6}});
}

TEST(QualityIndexTest, IsComputedFromTheEventsOfTheOffice) {
  const v1::Scheme scheme = ShippedScheme("qd766-2022");
  ASSERT_EQ(CheckGiven("given", scheme, AllGiven()), absl::OkStatus());
  const v1::Score score = Evaluate(scheme, FactsFor(scheme, GoodQuarter()), AllGiven());
  EXPECT_DOUBLE_EQ(Line(score, "1.4").points(), 6);
  // 190 of 200.
  EXPECT_DOUBLE_EQ(Line(score, "2.1").points(), 19);
  EXPECT_DOUBLE_EQ(Line(score, "3.3").points(), 6);
  EXPECT_DOUBLE_EQ(Line(score, "4.3").points(), 4.5);
  EXPECT_DOUBLE_EQ(Line(score, "5.1").points(), 3);
  EXPECT_DOUBLE_EQ(Line(score, "5.2").points(), 3);
  // A commune gets the full points of an indicator that does not apply to it.
  EXPECT_DOUBLE_EQ(Line(score, "5.6").points(), 2);
  EXPECT_DOUBLE_EQ(Line(score, "5.7").points(), 2);
  // No petitions at all.
  EXPECT_DOUBLE_EQ(Line(score, "6.1").points(), 6);
  // 1 - 9/158 is above 90 %.
  EXPECT_EQ(Line(score, "6.3").numerator(), 149);
  EXPECT_DOUBLE_EQ(Line(score, "6.3").points(), 6);
  EXPECT_EQ(score.missing_points(), 0);
  EXPECT_EQ(score.max_points(), 100);
  EXPECT_DOUBLE_EQ(score.points(), 36 + 6 + 19 + 6 + 4.5 + 3 + 3 + 4 + 6 + 6);
  EXPECT_EQ(score.band(), "Xuất sắc");
}

TEST(QualityIndexTest, SatisfactionIsOneMinusTheDispleasedAgainstNinetyPerCent) {
  const v1::Scheme scheme = ShippedScheme("qd766-2022");
  const struct {
    int64_t displeased;
    int64_t ended;
    double points;
  } rows[] = {{0, 10, 6}, {1, 10, 6}, {2, 10, 5.33}, {11, 100, 5.93}, {10, 100, 6}, {10, 10, 0}, {0, 0, 0}};
  for (const auto& row : rows) {
    const Counts counts = {{v1::METRIC_ENDED_DISPLEASED, row.displeased}, {v1::METRIC_ENDED, row.ended}};
    const v1::Score score = Evaluate(scheme, FactsFor(scheme, counts), {});
    ASSERT_TRUE(Line(score, "6.3").has_points());
    EXPECT_DOUBLE_EQ(Line(score, "6.3").points(), row.points) << row.displeased << " of " << row.ended;
  }
}

TEST(QualityIndexTest, PetitionsLateOrLeftOpenCostPoints) {
  const v1::Scheme scheme = ShippedScheme("qd766-2022");
  const Counts counts = {{v1::METRIC_PETITIONS_ANSWERED_IN_TIME, 6},
                         {v1::METRIC_PETITIONS_ANSWERED_LATE, 1},
                         {v1::METRIC_PETITIONS_OPEN_OVERDUE, 1}};
  EXPECT_DOUBLE_EQ(Line(Evaluate(scheme, FactsFor(scheme, counts), {}), "6.1").points(), 4.5);
}

TEST(QualityIndexTest, NoBandIsNamedWhileMissingPointsCouldChangeIt) {
  const v1::Scheme scheme = ShippedScheme("qd766-2022");
  const v1::Score alone = Evaluate(scheme, FactsFor(scheme, GoodQuarter()), {});
  EXPECT_EQ(alone.missing_points(), 36);
  EXPECT_EQ(alone.max_points(), 64);
  EXPECT_DOUBLE_EQ(alone.points(), 57.5);
  EXPECT_EQ(alone.band(), "");
  // With 0.5 points missing of 99.5 nothing can change any more.
  GivenPoints most = AllGiven();
  most.erase("1.3");
  const v1::Score nearly = Evaluate(scheme, FactsFor(scheme, GoodQuarter()), most);
  EXPECT_EQ(nearly.missing_points(), 2);
  EXPECT_EQ(nearly.band(), "Xuất sắc");
}

TEST(QualityIndexTest, BandsBeginExactlyAtTheirEdges) {
  const v1::Scheme scheme = ShippedScheme("qd766-2022");
  v1::Scheme flat = scheme;
  flat.clear_indicators();
  *flat.add_indicators() =
      FromText<v1::Indicator>("id: \"1\" display_name: \"a\" max_points: 100 source: SOURCE_GIVEN");
  const std::pair<double, const char*> rows[] = {
      {100, "Xuất sắc"}, {90, "Xuất sắc"}, {89.995, "Xuất sắc"},  {89.994, "Tốt"},    {89.99, "Tốt"}, {80, "Tốt"},
      {79.99, "Khá"},    {70, "Khá"},      {69.99, "Trung bình"}, {50, "Trung bình"}, {49.99, "Yếu"}, {0, "Yếu"}};
  for (const auto& [points, band] : rows) {
    EXPECT_EQ(Evaluate(flat, {}, Given({{"1", points}})).band(), band) << points;
  }
}

// --- Circular 01/2018 ------------------------------------------------------------------------------------------------

TEST(OfficialsScoreTest, EachIndexIsTheMeanOfItsDossiers) {
  const v1::Scheme scheme = ShippedScheme("tt01-2018-officials");
  const Counts counts = {// 7 × 2 + 2 × 1 of 10.
                         {v1::METRIC_ENDED_EARLY_SCORE, 7},
                         {v1::METRIC_ENDED_ON_TIME_SCORE, 2},
                         {v1::METRIC_ENDED_LATE_SCORE, 1},
                         // 3 × 2 + 1 of 7 = 1.
                         {v1::METRIC_STEPS_EARLY, 3},
                         {v1::METRIC_STEPS_ON_TIME, 1},
                         {v1::METRIC_STEPS_LATE, 3},
                         // 8 × 2 + 1 of 10.
                         {v1::METRIC_ENDED_SUPPLEMENT_NONE, 8},
                         {v1::METRIC_ENDED_SUPPLEMENT_ONCE, 1},
                         {v1::METRIC_ENDED_SUPPLEMENT_MORE, 1},
                         // 4 of 10 on-line.
                         {v1::METRIC_ENDED, 10},
                         {v1::METRIC_ENDED_ONLINE, 4},
                         // Of the 7 early ones one had an upheld petition: 6 × 2 + 2 of 10.
                         {v1::METRIC_ENDED_EARLY_BLAMELESS, 6},
                         {v1::METRIC_ENDED_ON_TIME_BLAMELESS, 2}};
  const v1::Score score = Evaluate(scheme, FactsFor(scheme, counts), {});
  EXPECT_DOUBLE_EQ(Line(score, "1").points(), 1.6);
  EXPECT_DOUBLE_EQ(Line(score, "2").points(), 1);
  EXPECT_DOUBLE_EQ(Line(score, "3").points(), 1.7);
  EXPECT_DOUBLE_EQ(Line(score, "4").points(), 1.4);
  EXPECT_DOUBLE_EQ(Line(score, "7").points(), 1.4);
  EXPECT_EQ(Line(score, "7").denominator(), 10);
  EXPECT_DOUBLE_EQ(score.points(), 7.1);
  EXPECT_EQ(score.max_points(), 10);
  EXPECT_EQ(score.band(), "Hoàn thành 100 % nhiệm vụ");
}

TEST(OfficialsScoreTest, AnIndexIsRoundedToOneDecimalBeforeTheSum) {
  const v1::Scheme scheme = ShippedScheme("tt01-2018-officials");
  // 1.65 → 1.7 (halves go up), 4/3 → 1.3, 5/3 → 1.7; their sum is that of the rounded ones.
  const Counts counts = {{v1::METRIC_ENDED_EARLY_SCORE, 13},
                         {v1::METRIC_ENDED_ON_TIME_SCORE, 7},
                         {v1::METRIC_STEPS_EARLY, 1},
                         {v1::METRIC_STEPS_ON_TIME, 2},
                         {v1::METRIC_ENDED_SUPPLEMENT_NONE, 2},
                         {v1::METRIC_ENDED_SUPPLEMENT_ONCE, 1},
                         {v1::METRIC_ENDED, 20},
                         {v1::METRIC_ENDED_ONLINE, 1},
                         {v1::METRIC_ENDED_EARLY_BLAMELESS, 13},
                         {v1::METRIC_ENDED_ON_TIME_BLAMELESS, 7}};
  const v1::Score score = Evaluate(scheme, FactsFor(scheme, counts), {});
  EXPECT_DOUBLE_EQ(Line(score, "1").points(), 1.7);
  EXPECT_DOUBLE_EQ(Line(score, "2").points(), 1.3);
  EXPECT_DOUBLE_EQ(Line(score, "3").points(), 1.7);
  EXPECT_DOUBLE_EQ(Line(score, "4").points(), 1.1);
  EXPECT_DOUBLE_EQ(score.points(), 1.7 + 1.3 + 1.7 + 1.1 + 1.7);
}

// Points of 2, 1 and 0 for so many dossiers in every index that is a mean.
Counts Even(int64_t two, int64_t one, int64_t none) {
  const int64_t all = two + one + none;
  return {{v1::METRIC_ENDED_EARLY_SCORE, two},      {v1::METRIC_ENDED_ON_TIME_SCORE, one},
          {v1::METRIC_ENDED_LATE_SCORE, none},      {v1::METRIC_STEPS_EARLY, two},
          {v1::METRIC_STEPS_ON_TIME, one},          {v1::METRIC_STEPS_LATE, none},
          {v1::METRIC_ENDED_SUPPLEMENT_NONE, two},  {v1::METRIC_ENDED_SUPPLEMENT_ONCE, one},
          {v1::METRIC_ENDED_SUPPLEMENT_MORE, none}, {v1::METRIC_ENDED, all},
          {v1::METRIC_ENDED_EARLY_BLAMELESS, two},  {v1::METRIC_ENDED_ON_TIME_BLAMELESS, one}};
}

TEST(OfficialsScoreTest, BandsBeginExactlyAtFiveAndThreeAndAHalf) {
  const v1::Scheme scheme = ShippedScheme("tt01-2018-officials");
  const char* const whole = "Hoàn thành 100 % nhiệm vụ";
  const char* const part = "Hoàn thành từ 70 % đến dưới 100 % nhiệm vụ";
  const char* const little = "Hoàn thành dưới 70 % nhiệm vụ";
  const struct {
    Counts counts;
    double points;
    const char* band;
  } rows[] = {
      // Five indices of 1.
      {Even(0, 10, 0), 5, whole},
      // Index 4 gives at least 1; the four others 0.6 each, so 3.4: just below.
      {Even(0, 6, 4), 3.4, little},
      {Even(0, 10, 0), 5, whole},
      {Even(0, 0, 10), 1, little},
  };
  for (const auto& row : rows) {
    const v1::Score score = Evaluate(scheme, FactsFor(scheme, row.counts), {});
    EXPECT_DOUBLE_EQ(score.points(), row.points);
    EXPECT_EQ(score.band(), row.band) << row.points;
  }
  // One index a tenth lower or higher than these.
  Counts counts = Even(0, 10, 0);
  counts[v1::METRIC_STEPS_ON_TIME] = 9;
  counts[v1::METRIC_STEPS_LATE] = 1;
  EXPECT_DOUBLE_EQ(Evaluate(scheme, FactsFor(scheme, counts), {}).points(), 4.9);
  EXPECT_EQ(Evaluate(scheme, FactsFor(scheme, counts), {}).band(), part);
  counts = Even(0, 6, 4);
  counts[v1::METRIC_STEPS_ON_TIME] = 7;
  counts[v1::METRIC_STEPS_LATE] = 3;
  EXPECT_DOUBLE_EQ(Evaluate(scheme, FactsFor(scheme, counts), {}).points(), 3.5);
  EXPECT_EQ(Evaluate(scheme, FactsFor(scheme, counts), {}).band(), part);
}

TEST(OfficialsScoreTest, SumsOfTenthsReachTheirBandsDespiteBinaryFractions) {
  // 0.7 × 5 is 3.4999999999999996 when added up in doubles.
  v1::Scheme scheme = ShippedScheme("tt01-2018-officials");
  const google::protobuf::RepeatedPtrField<v1::Band> bands = scheme.bands();
  scheme.clear_indicators();
  for (const char* id : {"1", "2", "3", "4", "7"}) {
    *scheme.add_indicators() = FromText<v1::Indicator>(
        absl::StrCat("id: \"", id, "\" display_name: \"a\" max_points: 2 source: SOURCE_GIVEN"));
  }
  for (int tenths = 0; tenths <= 20; ++tenths) {
    const double each = tenths / 10.0;
    const v1::Score score =
        Evaluate(scheme, {}, Given({{"1", each}, {"2", each}, {"3", each}, {"4", each}, {"7", each}}));
    const int total = 5 * tenths;
    EXPECT_DOUBLE_EQ(score.points(), total / 10.0);
    const int band = total >= 50 ? 0 : total >= 35 ? 1 : 2;
    EXPECT_EQ(score.band(), bands[band].display_name()) << total;
  }
}

TEST(OfficialsScoreTest, WithoutStepsAnIndexIsMissingAndNotZero) {
  const v1::Scheme scheme = ShippedScheme("tt01-2018-officials");
  Counts counts = Even(10, 0, 0);
  counts[v1::METRIC_STEPS_EARLY] = 0;
  const v1::Score score = Evaluate(scheme, FactsFor(scheme, counts), {});
  EXPECT_FALSE(Line(score, "2").has_points());
  EXPECT_DOUBLE_EQ(score.points(), 7);
  EXPECT_EQ(score.max_points(), 8);
  EXPECT_EQ(score.missing_points(), 2);
  // 7 to 9 points are in one band.
  EXPECT_EQ(score.band(), "Hoàn thành 100 % nhiệm vụ");
  EXPECT_EQ(Evaluate(scheme, FactsFor(scheme, {}), {}).band(), "");
}

TEST(UnitsScoreTest, BandsBeginExactlyAtTheirEdges) {
  v1::Scheme scheme = ShippedScheme("tt01-2018-units");
  scheme.clear_indicators();
  for (int i = 1; i <= 9; ++i) {
    *scheme.add_indicators() =
        FromText<v1::Indicator>(absl::StrCat("id: \"", i, "\" display_name: \"a\" max_points: 2 source: SOURCE_GIVEN"));
  }
  const auto band_of = [&](int tenths) {
    // Spread over nine indices, so that the sum is one of many tenths.
    GivenPoints given;
    for (int i = 1; i <= 9; ++i) given[absl::StrCat(i)] = (tenths / 9 + (i <= tenths % 9 ? 1 : 0)) / 10.0;
    const v1::Score score = Evaluate(scheme, {}, given);
    EXPECT_DOUBLE_EQ(score.points(), tenths / 10.0);
    return score.band();
  };
  const std::pair<int, const char*> rows[] = {
      {180, "Xuất sắc"}, {150, "Xuất sắc"},  {149, "Tốt"},       {120, "Tốt"}, {119, "Khá"},
      {90, "Khá"},       {89, "Trung bình"}, {60, "Trung bình"}, {59, "Yếu"},  {0, "Yếu"}};
  for (const auto& [tenths, band] : rows) EXPECT_EQ(band_of(tenths), band) << tenths;
}

TEST(UnitsScoreTest, PetitionsCountByTheirShareInTime) {
  const v1::Scheme scheme = ShippedScheme("tt01-2018-units");
  const struct {
    int64_t in_time;
    int64_t late;
    int64_t overdue;
    double points;
  } rows[] = {{0, 0, 0, 2}, {7, 0, 0, 2},  {9, 1, 0, 1},     {63, 7, 0, 1},   {89, 10, 1, 0},
              {0, 1, 0, 0}, {99, 0, 1, 1}, {900, 50, 50, 1}, {899, 51, 50, 0}};
  for (const auto& row : rows) {
    const Counts counts = {{v1::METRIC_PETITIONS_ANSWERED_IN_TIME, row.in_time},
                           {v1::METRIC_PETITIONS_ANSWERED_LATE, row.late},
                           {v1::METRIC_PETITIONS_OPEN_OVERDUE, row.overdue}};
    const v1::Score score = Evaluate(scheme, FactsFor(scheme, counts), {});
    EXPECT_DOUBLE_EQ(Line(score, "8").points(), row.points) << row.in_time << " " << row.late << " " << row.overdue;
  }
}

TEST(UnitsScoreTest, OnlineServiceNeedsDossiersProceduresAndNothingOverdue) {
  const v1::Scheme scheme = ShippedScheme("tt01-2018-units");
  const struct {
    int64_t online;
    int64_t received;
    int64_t procedures_online;
    int64_t procedures;
    int64_t late_online;
    std::optional<double> points;
  } rows[] = {{30, 100, 2, 10, 0, 2}, {29, 100, 2, 10, 0, 1},  {30, 100, 1, 10, 0, 1},
              {15, 100, 0, 10, 0, 1}, {14, 100, 10, 10, 0, 0}, {30, 100, 2, 10, 1, 0},
              {3, 10, 1, 5, 0, 2},    {0, 10, 0, 5, 0, 0},     {0, 0, 0, 0, 0, std::nullopt}};
  for (const auto& row : rows) {
    ScoreFacts facts = FactsFor(scheme, {{v1::METRIC_RECEIVED_ONLINE, row.online},
                                         {v1::METRIC_RECEIVED, row.received},
                                         // Late ones of the counter cost nothing here.
                                         {v1::METRIC_ENDED_LATE_06A, 50}});
    facts.online.Add(CountValue(v1::METRIC_ENDED_LATE_06A, row.late_online));
    facts.procedures = row.procedures;
    facts.procedures_online = row.procedures_online;
    const v1::Score score = Evaluate(scheme, facts, {});
    EXPECT_EQ(Line(score, "9").has_points(), row.points.has_value());
    EXPECT_DOUBLE_EQ(Line(score, "9").points(), row.points.value_or(0)) << row.online << " of " << row.received;
  }
}

// --- Points given by people ------------------------------------------------------------------------------------------

TEST(GivenPointsTest, MustBelongToAGivenIndicatorAndBeWithinItsMaximum) {
  const v1::Scheme scheme = ShippedScheme("qd766-2022");
  EXPECT_EQ(CheckGiven("given", scheme, {}), absl::OkStatus());
  EXPECT_EQ(CheckGiven("given", scheme, Given({{"1.1", 0}, {"1.2", 4}})), absl::OkStatus());
  const struct {
    const char* id;
    double points;
    const char* words;
  } rows[] = {{"1.1", 6.01, "0 to 6"},
              {"1.1", -0.01, "0 to 6"},
              {"1.1", std::nan(""), "0 to 6"},
              {"2.1", 20, "1.1, 1.2"},
              {"9.9", 1, "people give points for"},
              {"", 1, "people give points for"},
              {"5.6", 2, "people give points for"}};
  for (const auto& row : rows) {
    const absl::Status status = CheckGiven("given", scheme, Given({{row.id, row.points}}));
    EXPECT_EQ(ErrorReason(status), "FIELD_INVALID");
    EXPECT_EQ(ErrorField(status), absl::StrCat("given[", row.id, "]"));
    EXPECT_THAT(ErrorMessage(status, "en"), HasSubstr(row.words));
  }
  const v1::Scheme officials = ShippedScheme("tt01-2018-officials");
  EXPECT_EQ(ErrorReason(CheckGiven("given", officials, Given({{"1", 2}}))), "FIELD_INVALID");
}

// --- Plans -----------------------------------------------------------------------------------------------------------

v1::Indicator Target(const std::string& text) {
  return FromText<v1::Indicator>("id: \"1\" display_name: \"a\" note: \"n\" " + text);
}

constexpr char kSatisfaction[] =
    "source: SOURCE_METRICS numerators: METRIC_SATISFACTION_RATE denominators: METRIC_SATISFACTION_RATE ";

MetricCounts Satisfied(int64_t satisfied, int64_t all) {
  MetricCounts counts;
  counts.Add(ShareValue(v1::METRIC_SATISFACTION_RATE, satisfied, all));
  return counts;
}

TEST(PlanTest, AFixedTargetIsMetAtItsEdge) {
  const v1::Indicator at_least = Target(absl::StrCat(kSatisfaction, "target: 0.9 direction: DIRECTION_AT_LEAST"));
  EXPECT_TRUE(Compare(at_least, Satisfied(9, 10), Satisfied(1, 2)).met());
  EXPECT_TRUE(Compare(at_least, Satisfied(63, 70), Satisfied(1, 2)).met());
  EXPECT_FALSE(Compare(at_least, Satisfied(89, 100), Satisfied(1, 2)).met());
  EXPECT_FALSE(Compare(at_least, Satisfied(899'999, 1'000'000), Satisfied(1, 2)).met());
  // 0.55 × 180 is more than 99 in doubles, 0.7 × 90 less than 63.
  const v1::Indicator odd = Target(absl::StrCat(kSatisfaction, "target: 0.55 direction: DIRECTION_AT_LEAST"));
  EXPECT_TRUE(Compare(odd, Satisfied(99, 180), {}).met());
  EXPECT_FALSE(Compare(odd, Satisfied(98, 180), {}).met());
  const v1::Indicator odd_most = Target(absl::StrCat(kSatisfaction, "target: 0.7 direction: DIRECTION_AT_MOST"));
  EXPECT_TRUE(Compare(odd_most, Satisfied(63, 90), {}).met());
  EXPECT_FALSE(Compare(odd_most, Satisfied(64, 90), {}).met());
  const v1::Indicator at_most = Target(absl::StrCat(kSatisfaction, "target: 0.1 direction: DIRECTION_AT_MOST"));
  EXPECT_TRUE(Compare(at_most, Satisfied(1, 10), {}).met());
  EXPECT_TRUE(Compare(at_most, Satisfied(7, 70), {}).met());
  EXPECT_FALSE(Compare(at_most, Satisfied(11, 100), {}).met());
}

TEST(PlanTest, ShowsThisPeriodBesideTheOneBefore) {
  const v1::Indicator indicator = Target(absl::StrCat(kSatisfaction, "target: 0.9 direction: DIRECTION_AT_LEAST"));
  const v1::PlanResult result = Compare(indicator, Satisfied(19, 20), Satisfied(8, 10));
  EXPECT_EQ(result.id(), "1");
  EXPECT_EQ(result.note(), "n");
  EXPECT_EQ(result.direction(), v1::Indicator::DIRECTION_AT_LEAST);
  EXPECT_DOUBLE_EQ(result.target(), 0.9);
  EXPECT_EQ(result.value().metric(), v1::METRIC_SATISFACTION_RATE);
  EXPECT_DOUBLE_EQ(result.value().percent(), 95);
  EXPECT_EQ(result.value().numerator(), 19);
  EXPECT_EQ(result.previous().denominator(), 10);
  EXPECT_DOUBLE_EQ(result.previous().percent(), 80);
  EXPECT_EQ(result.trend(), v1::PlanResult::TREND_BETTER);
  EXPECT_TRUE(result.has_met() && result.met());
}

TEST(PlanTest, WithoutAValueMetIsUnset) {
  const v1::Indicator indicator = Target(absl::StrCat(kSatisfaction, "target: 0.9 direction: DIRECTION_AT_LEAST"));
  for (const MetricCounts& counts : {Satisfied(0, 0), MetricCounts()}) {
    const v1::PlanResult result = Compare(indicator, counts, Satisfied(1, 2));
    EXPECT_FALSE(result.has_met());
    EXPECT_FALSE(result.value().has_percent());
    EXPECT_EQ(result.trend(), v1::PlanResult::TREND_UNSPECIFIED);
    EXPECT_TRUE(result.previous().has_percent());
  }
  const v1::PlanResult first = Compare(indicator, Satisfied(1, 2), Satisfied(0, 0));
  EXPECT_TRUE(first.has_met());
  EXPECT_EQ(first.trend(), v1::PlanResult::TREND_UNSPECIFIED);
}

MetricCounts Overdue(int64_t count) { return CountsOf({{v1::METRIC_OPEN_OVERDUE, count}}); }

TEST(PlanTest, AFallingCountIsMetIfItIsLessOrZero) {
  const v1::Indicator falling =
      Target("source: SOURCE_COUNT numerators: METRIC_OPEN_OVERDUE direction: DIRECTION_FALLING");
  const struct {
    int64_t now;
    int64_t before;
    bool met;
    v1::PlanResult::Trend trend;
  } rows[] = {{2, 3, true, v1::PlanResult::TREND_BETTER},
              {3, 3, false, v1::PlanResult::TREND_SAME},
              {4, 3, false, v1::PlanResult::TREND_WORSE},
              {0, 0, true, v1::PlanResult::TREND_SAME},
              {1, 0, false, v1::PlanResult::TREND_WORSE}};
  for (const auto& row : rows) {
    const v1::PlanResult result = Compare(falling, Overdue(row.now), Overdue(row.before));
    EXPECT_EQ(result.met(), row.met) << row.now << " after " << row.before;
    EXPECT_EQ(result.trend(), row.trend);
    EXPECT_EQ(result.value().metric(), v1::METRIC_OPEN_OVERDUE);
    EXPECT_EQ(result.value().count(), row.now);
    EXPECT_FALSE(result.value().has_percent());
  }
  EXPECT_TRUE(Compare(falling, Overdue(0), {}).met());
  EXPECT_FALSE(Compare(falling, Overdue(1), {}).has_met());
}

TEST(PlanTest, ARisingShareIsMetIfItIsMoreOrWhole) {
  const v1::Indicator rising = Target(
      "source: SOURCE_METRICS numerators: METRIC_RECEIVED_ONLINE denominators: METRIC_RECEIVED direction: "
      "DIRECTION_RISING");
  const auto share = [](int64_t online, int64_t all) {
    return CountsOf({{v1::METRIC_RECEIVED_ONLINE, online}, {v1::METRIC_RECEIVED, all}});
  };
  EXPECT_TRUE(Compare(rising, share(2, 3), share(1, 3)).met());
  // Compared as fractions: 1/3 is 333333/999999.
  EXPECT_FALSE(Compare(rising, share(333'333, 999'999), share(1, 3)).met());
  EXPECT_EQ(Compare(rising, share(333'333, 999'999), share(1, 3)).trend(), v1::PlanResult::TREND_SAME);
  EXPECT_EQ(Compare(rising, share(333'334, 999'999), share(1, 3)).trend(), v1::PlanResult::TREND_BETTER);
  EXPECT_TRUE(Compare(rising, share(5, 5), share(3, 3)).met());
  EXPECT_EQ(Compare(rising, share(1, 3), share(1, 2)).trend(), v1::PlanResult::TREND_WORSE);
  EXPECT_EQ(Compare(rising, share(1, 3), share(1, 2)).value().metric(), v1::METRIC_UNSPECIFIED);
}

}  // namespace
}  // namespace tthc::domain
