#include "client/cli/metric_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "storage/base/errors.h"
#include "storage/base/text.h"

namespace tthc::cli {
namespace {

using terminal::IsUsageError;

using ::testing::HasSubstr;

TEST(MetricWords, EveryMetricOfTheApiHasWordsOnce) {
  const auto* descriptor = v1::Metric_descriptor();
  std::set<int> worded;
  for (const MetricWord& word : MetricWords()) {
    EXPECT_TRUE(worded.insert(word.metric).second) << MetricName(word.metric);
    for (const char* text : {word.label.vi, word.label.en, word.meaning.vi, word.meaning.en}) {
      EXPECT_STRNE(text, "") << MetricName(word.metric);
    }
    EXPECT_LE(DisplayWidth(word.label.vi), 32u) << word.label.vi;
  }
  for (int i = 0; i < descriptor->value_count(); ++i) {
    if (descriptor->value(i)->number() == 0) continue;
    EXPECT_TRUE(worded.contains(descriptor->value(i)->number())) << descriptor->value(i)->name();
  }
}

TEST(MetricWords, LabelsTellMetricsApart) {
  std::set<std::string> vietnamese;
  std::set<std::string> english;
  for (const MetricWord& word : MetricWords()) {
    EXPECT_TRUE(vietnamese.insert(word.label.vi).second) << word.label.vi;
    EXPECT_TRUE(english.insert(word.label.en).second) << word.label.en;
  }
}

TEST(MetricWords, KindsFollowTheNumbers) {
  EXPECT_EQ(KindOf(v1::METRIC_RECEIVED), MetricKind::kInPeriod);
  EXPECT_EQ(KindOf(v1::METRIC_ENDED_DISPLEASED), MetricKind::kInPeriod);
  EXPECT_EQ(KindOf(v1::METRIC_OPEN), MetricKind::kAtEnd);
  EXPECT_EQ(KindOf(v1::METRIC_UNSYNCHRONIZED), MetricKind::kAtEnd);
  EXPECT_EQ(KindOf(v1::METRIC_ON_TIME_SHARE_06A), MetricKind::kShare);
  EXPECT_EQ(KindOf(v1::METRIC_LATE_SHARE), MetricKind::kShare);
  EXPECT_EQ(KindOf(v1::METRIC_TIME_WITH_UNIT), MetricKind::kDistribution);
}

TEST(ParseMetric, TakesNamesAsPeopleTypeThem) {
  for (const char* text : {"open_overdue", "open-overdue", "OPEN_OVERDUE", "METRIC_OPEN_OVERDUE", " open_overdue "}) {
    const auto metric = ParseMetric("--metrics", text);
    ASSERT_TRUE(metric.ok()) << text;
    EXPECT_EQ(*metric, v1::METRIC_OPEN_OVERDUE);
  }
  for (const std::string& name : MetricNames()) EXPECT_EQ(MetricName(*ParseMetric("x", name)), name);
}

TEST(ParseMetric, SuggestsWhatWasMeant) {
  const auto message = [](const char* text) { return ErrorMessage(ParseMetric("--metrics", text).status(), "vi"); };
  EXPECT_THAT(message("recieved"), HasSubstr("có phải ý bạn là received?"));
  EXPECT_THAT(message("ended_late"), HasSubstr("ended_late_06a, ended_late_766, ended_late_score, ended_late_promise"));
  EXPECT_THAT(message("xyz"), HasSubstr("tthc stats metrics"));
  EXPECT_TRUE(IsUsageError(ParseMetric("--metrics", "").status()));
}

}  // namespace
}  // namespace tthc::cli
