#include "storage/base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "storage/base/errors.h"

namespace tthc {
namespace {

using ::testing::HasSubstr;

// "Nguyễn" with its diacritics as characters of their own, as some keyboards send it.
constexpr char kDecomposed[] = "Nguye\xcc\x82\xcc\x83n";

TEST(FoldForSearch, FindsWhatClerksType) {
  const std::pair<std::string, std::string> cases[] = {
      {"Nguyễn  Thị HÒA", "nguyen thi hoa"},
      {"NGUYỄN THỊ HÒA", "nguyen thi hoa"},
      {kDecomposed, "nguyen"},
      {"Đặng Đình Đức", "dang dinh duc"},
      {"ĐƯỜNG Ươm ợ", "duong uom o"},
      {"  Trần\t\nVăn   An  ", "tran van an"},
      {"hoà hòa", "hoa hoa"},
      {"Ỷ ỵ Ằ ặ", "y y a a"},
      {"ＡＢＣ１２", "abc12"},
      {"Công ty TNHH A&B-12", "cong ty tnhh a&b-12"},
      {"", ""},
      {"   ", ""},
      {"a\xff\xfe"
       "b",
       "ab"},
      {"ab\xc4", "ab"},
  };
  for (const auto& [text, folded] : cases) {
    EXPECT_EQ(FoldForSearch(text), folded) << text;
    EXPECT_EQ(FoldForSearch(folded), folded) << "folding twice changes nothing";
  }
}

// Texts of Latin letters only take a faster path than others.
TEST(FoldForSearch, FoldsALetterTheSameWhateverSurroundsIt) {
  for (char32_t c = 0x20; c < 0x1f00; c = c == 0x2ff ? 0x1e00 : c + 1) {
    std::string text = "x";
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else if (c < 0x800) {
      text += static_cast<char>(0xc0 | c >> 6);
      text += static_cast<char>(0x80 | (c & 0x3f));
    } else {
      text += static_cast<char>(0xe0 | c >> 12);
      text += static_cast<char>(0x80 | (c >> 6 & 0x3f));
      text += static_cast<char>(0x80 | (c & 0x3f));
    }
    text += "y";
    EXPECT_EQ(FoldForSearch(text) + "漢", FoldForSearch(text + "漢")) << text;
    EXPECT_EQ(ToNfc(text) + "漢", ToNfc(text + "漢")) << text;
  }
}

TEST(ToNfc, JoinsLettersThatKeyboardsSendInParts) {
  EXPECT_EQ(ToNfc(kDecomposed), "Nguyễn");
  EXPECT_EQ(ToNfc("Nguyễn"), "Nguyễn");
  EXPECT_EQ(ToNfc(""), "");
}

TEST(CheckText, RefusesInvalidInvisibleAndTooLongText) {
  const TextRule rule = {.bytes_max = 20};
  EXPECT_TRUE(CheckText("f", "Nguyễn Thị Hòa", rule).ok());
  EXPECT_TRUE(CheckText("f", std::string(20, 'x'), rule).ok());
  EXPECT_TRUE(CheckText("f", "", rule).ok());
  for (const std::string& bad :
       {std::string(21, 'x'), std::string("a\nb"), std::string("a\tb"), std::string("a\0b", 3), std::string("a\x7f"),
        std::string("a\xc2\x85"), std::string("a\xff"), std::string("\xe1\xbb"),
        std::string("a\xe2\x80\xae"
                    "b"),
        std::string("\xef\xbb\xbf"
                    "a"),
        std::string("\xed\xa0\x80")}) {
    const absl::Status status = CheckText("event.note", bad, rule);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_EQ(ErrorField(status), "event.note");
  }
  EXPECT_THAT(ErrorMessage(CheckText("f", std::string(21, 'x'), rule), "vi"), HasSubstr("tối đa 20"));
}

TEST(CheckText, AllowsLineBreaksOnlyInMultiLineTexts) {
  const TextRule rule = {.bytes_max = 20, .multi_line = true};
  EXPECT_TRUE(CheckText("f", "a\r\n\tb", rule).ok());
  EXPECT_FALSE(CheckText("f", "a\x1b[31m", rule).ok());
}

TEST(DigitsOf, KeepsAsciiDigitsOnly) {
  EXPECT_EQ(DigitsOf("+84 (912) 345-678"), "84912345678");
  EXPECT_EQ(DigitsOf("１２ab"), "");
}

TEST(DisplayWidth, CountsColumnsOfATerminal) {
  EXPECT_EQ(DisplayWidth("Nguyễn"), 6u);
  EXPECT_EQ(DisplayWidth(kDecomposed), 6u);
  EXPECT_EQ(DisplayWidth("漢字"), 4u);
  EXPECT_EQ(DisplayWidth(""), 0u);
}

TEST(Mask, ShowsInitialsAndLastDigitsOnly) {
  EXPECT_EQ(MaskName("Nguyễn Thị Hòa"), "N. T. H.");
  EXPECT_EQ(MaskName("  Đức "), "Đ.");
  EXPECT_EQ(MaskName(""), "");
  EXPECT_EQ(MaskNumber("001099012789"), "•••789");
  EXPECT_EQ(MaskNumber("789"), "•••");
  EXPECT_EQ(MaskNumber(""), "");
}

}  // namespace
}  // namespace tthc
