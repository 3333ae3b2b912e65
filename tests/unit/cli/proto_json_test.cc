#include "client/cli/proto_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/terminal/messages.h"
#include "storage/base/local_time.h"
#include "tthc/v1/due_time.pb.h"
#include "tthc/v1/event.pb.h"
#include "tthc/v1/mirror.pb.h"

namespace tthc::cli {
namespace {

using terminal::IsUsageError;

TEST(ToJson, TimesHaveTheLocalOffsetAndNumbersAreNumbers) {
  v1::DueInterval interval;
  interval.set_kind(v1::DueInterval::KIND_COUNTED);
  *interval.mutable_start_time() = ToProto(*ParseLocalTime("2026-11-26T10:00"));
  interval.set_counted_minutes(480);
  interval.set_reason_vi("Trong \"giờ\"\n");
  EXPECT_EQ(ToJson(interval), R"({"kind":"KIND_COUNTED","startTime":"2026-11-26T10:00:00+07:00","countedMinutes":480,)"
                              R"("reasonVi":"Trong \"giờ\"\n"})");
}

TEST(ToJson, DefaultsOnlyWhenAsked) {
  EXPECT_EQ(ToJson(v1::StepTaken()), "{}");
  EXPECT_THAT(ToJson(v1::DueTimeExplanation(), {.with_defaults = true}), ::testing::HasSubstr(R"("intervals":[])"));
  EXPECT_THAT(ToJson(v1::DueTimeExplanation(), {.with_defaults = true}),
              ::testing::Not(::testing::HasSubstr("dueTime")));
}

TEST(ToJson, IsReadBackToTheSameMessage) {
  v1::Event event;
  event.set_revision(int64_t{1} << 40);
  *event.mutable_occur_time() = ToProto(*ParseLocalTime("2026-11-26T10:00") + absl::Microseconds(250));
  v1::Accepted& accepted = *event.mutable_accepted();
  accepted.mutable_request()->add_aliases("một");
  accepted.mutable_request()->add_aliases("hai");
  accepted.mutable_request()->add_documents()->set_digitized(true);
  accepted.mutable_agreed_limit()->set_minutes(720);
  for (const int indent : {0, 2}) {
    v1::Event again;
    ASSERT_TRUE(FromJson("x", ToJson(event, {.indent = indent}), again).ok());
    EXPECT_EQ(again.SerializeAsString(), event.SerializeAsString());
  }
}

TEST(ToJson, WritesBytesAndDurationsAsProto3JsonDoes) {
  v1::MirrorExchange exchange;
  exchange.set_request("\xff{\"a\":1}");
  const auto with = [&](int64_t seconds, int32_t nanos) {
    exchange.mutable_duration()->set_seconds(seconds);
    exchange.mutable_duration()->set_nanos(nanos);
    return ToJson(exchange);
  };
  EXPECT_EQ(with(3, 0), R"({"duration":"3s","request":"/3siYSI6MX0="})");
  EXPECT_THAT(with(0, 250'000'000), ::testing::HasSubstr(R"("0.250s")"));
  EXPECT_THAT(with(1, 2'000), ::testing::HasSubstr(R"("1.000002s")"));
  EXPECT_THAT(with(0, 7), ::testing::HasSubstr(R"("0.000000007s")"));
  EXPECT_THAT(with(-1, -500'000'000), ::testing::HasSubstr(R"("-1.500s")"));
  v1::MirrorExchange again;
  ASSERT_TRUE(FromJson("x", ToJson(exchange), again).ok());
  EXPECT_EQ(again.SerializeAsString(), exchange.SerializeAsString());
}

TEST(FromJson, SaysWhatIsWrong) {
  v1::Noted noted;
  EXPECT_TRUE(IsUsageError(FromJson("--json", "{\"txt\":1}", noted)));
  EXPECT_TRUE(IsUsageError(FromJson("--json", "{", noted)));
}

}  // namespace
}  // namespace tthc::cli
