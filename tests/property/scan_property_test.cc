// Many made-up rows: the fast ways of counting give the figures of the plain ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/fact.h"
#include "server/statistics/statistics_scan.h"
#include "tests/testing/calendars.h"
#include "tests/testing/seed.h"

namespace tthc::server {
namespace {

using testing::ValueOrDie;

constexpr int64_t kStart = 1'787'000'000;
constexpr int64_t kYear = 365 * 86'400;
constexpr size_t kRows = 60'000;

class ScanTest : public ::testing::Test {
 protected:
  ScanTest() : random_(testing::TestSeed()) {
    columns_.Resize(kRows);
    for (size_t row = 0; row < kRows; ++row) columns_.Set(row, MakeUp());
  }

  int64_t Number(int64_t from, int64_t to) { return std::uniform_int_distribution<int64_t>(from, to)(random_); }

  storage::v1::Fact MakeUp() {
    storage::v1::Fact fact;
    fact.set_field(static_cast<uint32_t>(Number(1, 9)));
    fact.set_procedure(static_cast<uint32_t>(Number(10, 80)));
    fact.set_office(static_cast<uint32_t>(Number(100, 110)));
    fact.set_channel(static_cast<int32_t>(Number(1, 3)));
    fact.set_state(v1::Dossier::STATE_PROCESSING);
    if (Number(0, 19) == 0) return fact;  // submitted only
    fact.set_accept_time(kStart + Number(0, kYear));
    fact.set_flags(domain::kFactAccepted | (Number(0, 9) == 0 ? domain::kFactHeld : 0u));
    if (Number(0, 9) > 0) fact.set_due_time(fact.accept_time() + Number(0, 30 * 86'400));
    fact.add_steps();
    if (Number(0, 9) == 0) return fact;
    fact.set_state(v1::Dossier::STATE_FINISHED);
    fact.set_end_time(fact.accept_time() + Number(0, 40 * 86'400));
    fact.set_verdicts(static_cast<uint32_t>(Number(1, 3)));
    // A few longer than what counting one by one takes.
    const bool is_long = long_minutes_ && Number(0, 999) == 0;
    fact.set_handling_minutes(static_cast<int32_t>(is_long ? Number(60'000, 200'000) : Number(0, 20'000)));
    return fact;
  }

  ScanPlan Plan() {
    ScanPlan plan;
    plan.bounds = {kStart + Number(0, kYear / 2)};
    plan.bounds.push_back(plan.bounds[0] + Number(1, kYear / 2));
    plan.evaluated = Number(0, 3) > 0 ? plan.bounds[1] - 1 : kStart + Number(0, kYear);
    plan.metrics = {v1::METRIC_RECEIVED,
                    v1::METRIC_RECEIVED_ONLINE,
                    v1::METRIC_CARRIED_OVER,
                    v1::METRIC_ENDED_EARLY_06A,
                    v1::METRIC_ENDED_ON_TIME_06A,
                    v1::METRIC_ENDED_LATE_06A,
                    v1::METRIC_OPEN,
                    v1::METRIC_OPEN_IN_TERM,
                    v1::METRIC_OPEN_OVERDUE,
                    v1::METRIC_GRANTED,
                    v1::METRIC_ON_TIME_SHARE_06A};
    return plan;
  }

  static std::string Text(const Figure& figure) {
    const auto text = [](std::optional<int64_t> value) { return value.has_value() ? absl::StrCat(*value) : "-"; };
    return absl::StrCat(text(figure.count), "/", text(figure.numerator), "/", text(figure.denominator));
  }

  // By codes; `metrics` of the figures.
  static std::map<std::vector<uint32_t>, std::string> Texts(const ScanResult& result, size_t metrics) {
    std::map<std::vector<uint32_t>, std::string> texts;
    for (const ScanResult::Group& group : result.groups) {
      std::string& text = texts[group.codes];
      for (size_t i = 0; i < metrics; ++i) absl::StrAppend(&text, Text(group.figures[0][i]), " ");
      if (text.find_first_of("123456789") == std::string::npos) texts.erase(group.codes);
    }
    return texts;
  }

  bool long_minutes_ = false;
  std::mt19937_64 random_;
  FactColumns columns_;
};

TEST_F(ScanTest, OnePeriodCountedByCellsIsThatCountedRowByRow) {
  const std::vector<std::vector<v1::GroupBy>> groupings = {
      {},
      {v1::GROUP_BY_FIELD},
      {v1::GROUP_BY_CHANNEL},
      {v1::GROUP_BY_RESULT},
      {v1::GROUP_BY_OFFICE},
      {v1::GROUP_BY_FIELD, v1::GROUP_BY_PROCEDURE},
      {v1::GROUP_BY_CHANNEL, v1::GROUP_BY_OFFICE, v1::GROUP_BY_FIELD}};
  for (int round = 0; round < 6; ++round) {
    for (const std::vector<v1::GroupBy>& grouping : groupings) {
      ScanPlan plan = Plan();
      for (const v1::GroupBy by : grouping) plan.groups.push_back({.by = by});
      // The first two offices count as one.
      if (grouping == std::vector<v1::GroupBy>{v1::GROUP_BY_OFFICE}) {
        const size_t codes = columns_.codes[FactColumns::kOffice].size();
        for (size_t code = 0; code < codes; ++code) {
          plan.groups[0].counts_as.push_back(static_cast<uint16_t>(code == 2 ? 1 : code));
        }
      }
      if (round % 2 == 1) plan.filter.channels = 0b0110;
      const size_t metrics = plan.metrics.size();
      const ScanResult by_cells = ValueOrDie(Scan(columns_, plan));
      // Cells do not distinguish flags: with such a metric every row is looked at.
      plan.metrics.push_back(v1::METRIC_ENDED_RATED);
      const ScanResult row_by_row = ValueOrDie(Scan(columns_, plan));
      EXPECT_EQ(Texts(by_cells, metrics), Texts(row_by_row, metrics));
      EXPECT_GT(Texts(by_cells, metrics).size(), 0u);
      for (size_t i = 0; i < metrics; ++i) EXPECT_EQ(Text(by_cells.total[i]), Text(row_by_row.total[i]));
    }
  }
}

TEST_F(ScanTest, RanksAreThoseOfTheSortedValuesHoweverManyAndHowLong) {
  for (const bool with_long : {false, true}) {
    long_minutes_ = with_long;
    for (size_t row = 0; row < kRows; ++row) columns_.Set(row, MakeUp());
    ScanPlan plan = Plan();
    plan.bounds = {kStart, kStart + 2 * kYear};
    plan.evaluated = plan.bounds[1] - 1;
    plan.metrics = {v1::METRIC_HANDLING_TIME};
    plan.groups = {{.by = v1::GROUP_BY_FIELD}};
    std::vector<int64_t> sorted;
    for (size_t row = 0; row < kRows; ++row) {
      if (columns_.accept[row] != 0 && columns_.end[row] != 0) sorted.push_back(columns_.handling_minutes.At(row));
    }
    std::sort(sorted.begin(), sorted.end());
    ASSERT_GT(sorted.size(), 40'000u);
    const auto rank = [&](double share) {
      return sorted[static_cast<size_t>(std::ceil(share * static_cast<double>(sorted.size()))) - 1];
    };
    const ScanResult result = ValueOrDie(Scan(columns_, plan));
    EXPECT_EQ(*result.total[0].count, static_cast<int64_t>(sorted.size()));
    EXPECT_EQ(result.total[0].median, rank(0.5));
    EXPECT_EQ(result.total[0].p90, rank(0.9));
    EXPECT_EQ(result.total[0].p99, rank(0.99));
    EXPECT_EQ(result.groups.size(), 9u);
  }
}

}  // namespace
}  // namespace tthc::server
