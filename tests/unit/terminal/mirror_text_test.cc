#include "client/terminal/mirror_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tthc::terminal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(FormatElapsed, SaysTheTwoGreatestUnits) {
  EXPECT_EQ(FormatElapsed(absl::ZeroDuration(), Lang::kVi), "0 giây");
  EXPECT_EQ(FormatElapsed(absl::Milliseconds(999), Lang::kVi), "0 giây");
  EXPECT_EQ(FormatElapsed(absl::Seconds(59), Lang::kVi), "59 giây");
  EXPECT_EQ(FormatElapsed(absl::Minutes(3) + absl::Seconds(20), Lang::kVi), "3 phút 20 giây");
  EXPECT_EQ(FormatElapsed(absl::Hours(2), Lang::kVi), "2 giờ");
  EXPECT_EQ(FormatElapsed(absl::Hours(26) + absl::Minutes(59), Lang::kVi), "1 ngày 2 giờ");
  EXPECT_EQ(FormatElapsed(absl::Hours(24) + absl::Minutes(59), Lang::kEn), "1 d");
  EXPECT_EQ(FormatElapsed(-absl::Hours(1), Lang::kEn), "0 s");
}

TEST(FormatShare, IsNeverAHundredBeforeItIs) {
  EXPECT_EQ(FormatShare(1, Lang::kVi), "100,00 %");
  EXPECT_EQ(FormatShare(99'999.0 / 100'000, Lang::kVi), "99,99 %");
  EXPECT_EQ(FormatShare(0.57, Lang::kEn), "57.00 %");
  EXPECT_EQ(FormatShare(0, Lang::kEn), "0.00 %");
}

TEST(MirrorReasons, EachHasWordsAndAdviceInBothLanguages) {
  EXPECT_FALSE(MirrorReasons().empty());
  for (const std::string& reason : MirrorReasons()) {
    for (const Lang lang : {Lang::kVi, Lang::kEn}) {
      EXPECT_THAT(MirrorReasonLabel(reason, lang), Not(::testing::AnyOf("", reason))) << reason;
      EXPECT_NE(MirrorAdvice(reason, lang), "") << reason;
    }
  }
  EXPECT_EQ(MirrorReasonLabel("SOMETHING_NEW", Lang::kVi), "SOMETHING_NEW");
  EXPECT_EQ(MirrorAdvice("SOMETHING_NEW", Lang::kVi), "");
}

TEST(MirrorTroubleLabel, KeepsWhatTheTargetSaid) {
  EXPECT_EQ(MirrorTroubleLabel("NO_ANSWER", Lang::kVi), "không trả lời (NO_ANSWER)");
  EXPECT_EQ(MirrorTroubleLabel("LOGIN_REFUSED 4", Lang::kEn), "name or password refused (LOGIN_REFUSED 4)");
  EXPECT_EQ(MirrorTroubleLabel("BUSYBODY", Lang::kVi), "BUSYBODY");
  EXPECT_EQ(MirrorTroubleLabel("", Lang::kVi), "");
}

TEST(MirrorOutcomeLabel, KnowsWhatClientsWrite) {
  EXPECT_EQ(MirrorOutcomeLabel("refused", Lang::kVi), "từ chối");
  EXPECT_EQ(MirrorOutcomeLabel("no answer", Lang::kVi), "không trả lời");
  EXPECT_EQ(MirrorOutcomeLabel("refused", Lang::kEn), "refused");
  EXPECT_EQ(MirrorOutcomeLabel("else", Lang::kVi), "else");
}

TEST(HarmlessText, LeavesNothingThatMovesTheCursor) {
  EXPECT_EQ(HarmlessText("Đã nhận\tđủ\r\nhồ sơ"), "Đã nhận\tđủ\nhồ sơ");
  EXPECT_EQ(HarmlessText("\x1b[2Jxóa"), "·[2Jxóa");
  EXPECT_EQ(HarmlessText("\xc2\x9b"
                         "31m"),
            "·31m");
  EXPECT_EQ(HarmlessText("\u202Eđảo"), "·đảo");
  EXPECT_EQ(HarmlessText(std::string("a\0b", 3)), "a·b");
}

TEST(HarmlessText, ReplacesWhatIsNotText) {
  EXPECT_EQ(HarmlessText("a\xff"), "a\uFFFD");
  EXPECT_EQ(HarmlessText("\xe1\xbb"), "\uFFFD\uFFFD") << "a character that was cut";
  EXPECT_EQ(HarmlessText("\xc0\xaf"), "\uFFFD\uFFFD") << "overlong";
  EXPECT_EQ(HarmlessText("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD") << "half of a pair";
}

TEST(LayOutBody, LaysOutJsonAndLeavesTheRest) {
  EXPECT_EQ(LayOutBody(R"({"b":"Hòa","a":[1]})"), "{\n  \"b\": \"Hòa\",\n  \"a\": [\n    1\n  ]\n}");
  EXPECT_EQ(LayOutBody("<html>lỗi</html>\n"), "<html>lỗi</html>");
  EXPECT_EQ(LayOutBody(R"({"cut":"o)"), R"({"cut":"o)");
  EXPECT_EQ(LayOutBody(""), "");
  EXPECT_THAT(LayOutBody("{\"a\":\"\\u001b[2J\"}"), HasSubstr("\\u001b[2J"));
}

}  // namespace
}  // namespace tthc::terminal
