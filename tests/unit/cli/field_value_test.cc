#include "client/cli/field_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/words.h"
#include "storage/base/local_time.h"
#include "tthc/v1/event.pb.h"

namespace tthc::cli {
namespace {

using terminal::IsUsageError;
using terminal::Lang;

TEST(SetField, NestedResourceNamesGetTheirPrefixOnce) {
  v1::Accepted accepted;
  const FieldPath path = {"request.procedure", "procedures"};
  ASSERT_TRUE(SetField(accepted, path, "x", " 1.004873 ").ok());
  EXPECT_EQ(accepted.request().procedure(), "procedures/1.004873");
  ASSERT_TRUE(SetField(accepted, path, "x", "procedures/1.004873").ok());
  EXPECT_EQ(accepted.request().procedure(), "procedures/1.004873");
  EXPECT_EQ(GetField(accepted, path), "1.004873");
}

TEST(SetField, EmptyClearsAndMakesNothing) {
  v1::Accepted accepted;
  ASSERT_TRUE(SetField(accepted, {"request.content"}, "x", "").ok());
  EXPECT_FALSE(accepted.has_request());
  accepted.mutable_request()->set_content("a");
  ASSERT_TRUE(SetField(accepted, {"request.content"}, "x", "").ok());
  EXPECT_EQ(accepted.request().content(), "");
}

TEST(SetField, AmountsAsPeopleWriteThem) {
  v1::Paid paid;
  for (const char* text : {"1500000", "1.500.000", "1 500 000 đ", "1,500,000 VND", "1.500.000 đồng"}) {
    ASSERT_TRUE(SetField(paid, {"amount_vnd"}, "x", text).ok()) << text;
    EXPECT_EQ(paid.amount_vnd(), 1'500'000) << text;
  }
  for (const char* text : {"nhiều", "12a", "--", "99999999999999999999"}) {
    EXPECT_FALSE(SetField(paid, {"amount_vnd"}, "x", text).ok()) << text;
  }
}

TEST(SetField, EnumsByWordLabelNameOrNumber) {
  v1::Returned returned;
  for (const char* text : {"online", "Trực tuyến", "truc tuyen", "On-line", "CHANNEL_ONLINE", "2"}) {
    returned.Clear();
    ASSERT_TRUE(SetField(returned, {"channel"}, "x", text).ok()) << text;
    EXPECT_EQ(returned.channel(), v1::CHANNEL_ONLINE) << text;
  }
  const absl::Status status = SetField(returned, {"channel"}, "--channel", "fax");
  EXPECT_TRUE(IsUsageError(status));
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("counter|online|post"));
}

TEST(SetField, DocumentsAndAliasesKeepTheirSeparators) {
  v1::Request request;
  const FieldPath path = {"documents"};
  ASSERT_TRUE(SetField(request, path, "x", R"(Tờ khai|Bản sao \| gốc;KQ-1;bản sao;2;có)").ok());
  ASSERT_EQ(request.documents_size(), 2);
  EXPECT_EQ(request.documents(1).display_name(), "Bản sao | gốc");
  EXPECT_EQ(request.documents(1).copy_count(), 2);
  EXPECT_TRUE(request.documents(1).digitized());
  v1::Request again;
  ASSERT_TRUE(SetField(again, path, "x", GetField(request, path)).ok());
  EXPECT_EQ(again.SerializeAsString(), request.SerializeAsString());
}

TEST(SetField, TimesAndLimits) {
  v1::Rescheduled rescheduled;
  ASSERT_TRUE(SetField(rescheduled, {"new_due_time"}, "x", "27/11/2026 17:00").ok());
  EXPECT_EQ(FromProto(rescheduled.new_due_time()), *ParseLocalTime("2026-11-27T17:00"));
  EXPECT_TRUE(IsUsageError(SetField(rescheduled, {"new_due_time"}, "x", "mai")));
  v1::Forwarded forwarded;
  ASSERT_TRUE(SetField(forwarded, {"step_limit"}, "x", "1,5wd").ok());
  EXPECT_EQ(forwarded.step_limit().minutes(), 720);
  EXPECT_EQ(DescribeField(forwarded, {"step_limit"}, Lang::kVi), "1,5 ngày làm việc");
  EXPECT_TRUE(IsUsageError(SetField(forwarded, {"step_limit"}, "x", "soon")));
}

TEST(Words, EveryEnumThatPeopleMeetIsWhole) {
  for (const auto* type : {v1::Channel_descriptor(), v1::PauseReason_descriptor(), v1::RatingLevel_descriptor(),
                           v1::RatingPhase_descriptor(), v1::Finished::Result_descriptor()}) {
    EXPECT_EQ(WordsOf(*type).size() + 1, static_cast<size_t>(type->value_count())) << type->full_name();
  }
}

}  // namespace
}  // namespace tthc::cli
