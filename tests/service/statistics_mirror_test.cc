#include <gtest/gtest.h>

#include <string>

#include "tests/testing/mirror_target.h"
#include "tests/testing/scripted_center.h"

// The rules of docs/statistics.md about the mirror.
namespace tthc::server {
namespace {

using testing::AcceptedEvent;
using testing::Preset;
using testing::ScriptedCenter;
using testing::ValueOrDie;

constexpr char kAccepted[] = "2026-06-15T08:00";

v1::Period June() { return Preset("m6/2026"); }

TEST(StatisticsRules, FiguresOfTheMirrorHaveNoValueWhileThereIsNone) {
  ScriptedCenter center;
  center.Open(kAccepted, AcceptedEvent());
  const v1::StatisticsValue count = center.Value(v1::METRIC_UNSYNCHRONIZED, June());
  EXPECT_FALSE(count.has_count()) << "unknown is not 0";
  const v1::StatisticsValue share = center.Value(v1::METRIC_SYNCHRONIZED_SHARE, June());
  EXPECT_FALSE(share.has_percent());
  EXPECT_FALSE(share.has_denominator());
}

TEST(StatisticsRules, FiguresOfTheMirrorCountWhatEveryTargetHasConfirmedByNow) {
  ScriptedCenter center;
  testing::MirrorTargetClient city(&center.fixture(), "thanh-pho");
  testing::MirrorTargetClient nation(&center.fixture(), "dvcqg");
  const std::string first = center.Open("2026-05-25T08:00", AcceptedEvent());
  const std::string second = center.Open(kAccepted, AcceptedEvent());
  center.Open(kAccepted, AcceptedEvent());
  const int64_t then = center.fixture().head_revision();
  for (auto* target : {&city, &nation}) ValueOrDie(target->Acquire());
  const auto expect = [&](const v1::Period& period, int64_t behind, int64_t confirmed, int64_t received) {
    EXPECT_EQ(center.Count(v1::METRIC_UNSYNCHRONIZED, period), behind);
    const v1::StatisticsValue share = center.Value(v1::METRIC_SYNCHRONIZED_SHARE, period);
    EXPECT_EQ(share.numerator(), confirmed);
    EXPECT_EQ(share.denominator(), received);
    EXPECT_EQ(share.has_percent(), received > 0);
  };
  expect(June(), 3, 0, 2);
  const auto confirm = [&](testing::MirrorTargetClient& target, const std::string& name) {
    const auto page = ValueOrDie(target.List(0, 0, {name}));
    target.MustRecord(testing::MirrorTargetClient::Outcome(page.deliveries(0), v1::MirrorOutcome::RESULT_DONE));
  };
  for (const std::string& name : {first, second}) confirm(city, name);
  confirm(nation, second);
  expect(June(), 2, 1, 2);
  // A period that is over: how many were behind at its end is not known, but which of its dossiers are confirmed now
  // is.
  const v1::Period may = Preset("m5/2026");
  EXPECT_FALSE(center.Value(v1::METRIC_UNSYNCHRONIZED, may).has_count());
  EXPECT_EQ(center.Value(v1::METRIC_SYNCHRONIZED_SHARE, may).denominator(), 1);
  EXPECT_EQ(center.Value(v1::METRIC_SYNCHRONIZED_SHARE, may).numerator(), 0);
  ValueOrDie(nation.Retire());
  expect(June(), 1, 1, 2);
  EXPECT_EQ(center.Value(v1::METRIC_SYNCHRONIZED_SHARE, may).numerator(), 1);
  // How dossiers stood earlier is not kept.
  v1::QueryStatisticsRequest request;
  *request.mutable_period() = June();
  request.mutable_as_of()->set_revision(then - 1);
  request.add_metrics(v1::METRIC_UNSYNCHRONIZED);
  request.add_metrics(v1::METRIC_SYNCHRONIZED_SHARE);
  request.add_group_by(v1::GROUP_BY_CHANNEL);
  const v1::QueryStatisticsResponse earlier = center.Ask(request);
  EXPECT_FALSE(earlier.total().values(0).has_count());
  EXPECT_FALSE(earlier.total().values(1).has_denominator());
  request.clear_as_of();
  const v1::QueryStatisticsResponse now = center.Ask(request);
  ASSERT_EQ(now.rows_size(), 1);
  EXPECT_EQ(now.rows(0).values(0).count(), 1);
  EXPECT_DOUBLE_EQ(now.rows(0).values(1).percent(), 50.0);
}

}  // namespace
}  // namespace tthc::server
