// How people write limits and cut-offs; the rest of deadline.h is in deadline.cc.
#include <array>
#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "server/timing/deadline.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/text.h"

namespace tthc::timing {
namespace {

// A text that is longer is not a limit. Amounts of minutes whose decimal ends need at most five places, and with nine
// digits before the point all arithmetic stays within 64 bits.
constexpr size_t kLimitTextBytesMax = 64;
constexpr int kDecimalsMax = 6;
constexpr int kWholeDigitsMax = 9;

struct UnitWord {
  // As FoldForSearch leaves it.
  absl::string_view word;
  v1::Limit::Unit unit;
};

// What people write in catalogues and at the counter. The first word of a unit is the one that is written back.
constexpr std::array<UnitWord, 24> kUnitWords = {{
    {"wd", v1::Limit::UNIT_WORKING_DAY},
    {"ngay lam viec", v1::Limit::UNIT_WORKING_DAY},
    {"ngay lv", v1::Limit::UNIT_WORKING_DAY},
    {"working day", v1::Limit::UNIT_WORKING_DAY},
    {"working days", v1::Limit::UNIT_WORKING_DAY},
    {"cd", v1::Limit::UNIT_CALENDAR_DAY},
    {"d", v1::Limit::UNIT_CALENDAR_DAY},
    {"ngay", v1::Limit::UNIT_CALENDAR_DAY},
    {"calendar day", v1::Limit::UNIT_CALENDAR_DAY},
    {"calendar days", v1::Limit::UNIT_CALENDAR_DAY},
    {"h", v1::Limit::UNIT_HOUR},
    {"gio", v1::Limit::UNIT_HOUR},
    {"gio lam viec", v1::Limit::UNIT_HOUR},
    {"working hour", v1::Limit::UNIT_HOUR},
    {"working hours", v1::Limit::UNIT_HOUR},
    {"mo", v1::Limit::UNIT_MONTH},
    {"thang", v1::Limit::UNIT_MONTH},
    {"month", v1::Limit::UNIT_MONTH},
    {"months", v1::Limit::UNIT_MONTH},
    {"same", v1::Limit::UNIT_SAME_DAY},
    {"trong ngay", v1::Limit::UNIT_SAME_DAY},
    {"none", v1::Limit::UNIT_NONE},
    {"khong", v1::Limit::UNIT_NONE},
    {"khong quy dinh", v1::Limit::UNIT_NONE},
}};

// UNSPECIFIED for a word that is none.
v1::Limit::Unit UnitOf(absl::string_view word) {
  for (const UnitWord& known : kUnitWords) {
    if (known.word == word) return known.unit;
  }
  return v1::Limit::UNIT_UNSPECIFIED;
}

absl::string_view WordOf(v1::Limit::Unit unit) {
  for (const UnitWord& known : kUnitWords) {
    if (known.unit == unit) return known.word;
  }
  return "";
}

// 0 for units that are not counted in minutes.
int64_t MinutesPer(v1::Limit::Unit unit) {
  switch (unit) {
    case v1::Limit::UNIT_WORKING_DAY:
      return limits::kMinutesPerWorkingDay;
    case v1::Limit::UNIT_CALENDAR_DAY:
      return limits::kMinutesPerCalendarDay;
    case v1::Limit::UNIT_HOUR:
      return 60;
    default:
      return 0;
  }
}

// What was typed, for a message, unless it is too long or not valid text.
std::string Quoted(absl::string_view text) {
  const bool shown = CheckText("", text, {.bytes_max = kLimitTextBytesMax}).ok();
  return absl::StrCat("\"", shown ? text : "…", "\"");
}

absl::Status NotALimit(absl::string_view text) {
  return InvalidField(
      "limit", absl::StrCat(Quoted(text), " is not a limit; write 8.5wd, 10cd, 1h, 2mo, same or none"),
      absl::StrCat(Quoted(text), " không phải là thời hạn; hãy viết 8.5wd (ngày làm việc), 10cd (ngày), 1h (giờ làm ",
                   "việc), 2mo (tháng), same (trong ngày) hoặc none (không quy định)"));
}

// The number value/scale, so that 8.5 days become minutes without a rounding error.
struct Decimal {
  int64_t value = 0;
  int64_t scale = 1;
};

// Takes a decimal from the front of `text`, with a point or a comma; nullopt if there is none or it has too many
// digits.
std::optional<Decimal> TakeDecimal(absl::string_view* text) {
  Decimal decimal;
  int whole_digits = 0;
  int decimals = -1;
  size_t at = 0;
  for (; at < text->size(); ++at) {
    const char c = (*text)[at];
    if ((c == '.' || c == ',') && decimals < 0) {
      decimals = 0;
      continue;
    }
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) break;
    if (decimals < 0 ? ++whole_digits > kWholeDigitsMax : ++decimals > kDecimalsMax) return std::nullopt;
    decimal.value = decimal.value * 10 + (c - '0');
    if (decimals > 0) decimal.scale *= 10;
  }
  if (whole_digits == 0 || decimals == 0) return std::nullopt;
  text->remove_prefix(at);
  return decimal;
}

// "8.5" for 4080/480; nullopt if the decimal does not end, as 100/480, which is written as minutes instead.
std::optional<std::string> FormatDecimal(int64_t value, int64_t per, char point) {
  std::string text = absl::StrCat(value / per);
  int64_t rest = value % per;
  if (rest == 0) return text;
  text.push_back(point);
  for (int i = 0; i < kDecimalsMax && rest != 0; ++i) {
    rest *= 10;
    text.push_back(static_cast<char>('0' + rest / per));
    rest %= per;
  }
  if (rest != 0) return std::nullopt;
  return text;
}

absl::StatusOr<v1::Limit> MakeLimit(absl::string_view text, const Decimal& amount, absl::string_view word) {
  v1::Limit limit;
  // "100min/wd": the amount is in minutes, the word says of which day.
  const bool minutes = absl::ConsumePrefix(&word, "min/");
  limit.set_unit(UnitOf(word));
  const int64_t per = minutes && MinutesPer(limit.unit()) > 0 ? 1 : MinutesPer(limit.unit());
  if (limit.unit() == v1::Limit::UNIT_MONTH && !minutes && amount.value % amount.scale == 0) {
    limit.set_months(static_cast<int32_t>(amount.value / amount.scale));
  } else if (per > 0) {
    // Limits are whole minutes. What is not can't be what a decision says.
    if (amount.value * per % amount.scale != 0) {
      return InvalidField("limit", absl::StrCat(Quoted(text), " is no whole number of minutes"),
                          absl::StrCat(Quoted(text), " không tròn phút"));
    }
    limit.set_minutes(amount.value * per / amount.scale);
  } else {
    return NotALimit(text);
  }
  return limit;
}

std::string TimeOfDay(int32_t minutes) { return absl::StrFormat("%02d:%02d", minutes / 60, minutes % 60); }

}  // namespace

absl::StatusOr<v1::Limit> ParseLimit(absl::string_view text) {
  if (text.size() > kLimitTextBytesMax) return NotALimit(text);
  const std::string folded = FoldForSearch(text);
  absl::string_view rest = folded;
  v1::Limit limit;
  // Without diacritics and case, since these are typed in a hurry.
  const v1::Limit::Unit unit = UnitOf(rest);
  if (unit == v1::Limit::UNIT_SAME_DAY || unit == v1::Limit::UNIT_NONE) {
    limit.set_unit(unit);
    return limit;
  }
  const std::optional<Decimal> amount = TakeDecimal(&rest);
  if (!amount.has_value()) return NotALimit(text);
  absl::StatusOr<v1::Limit> made = MakeLimit(text, *amount, absl::StripLeadingAsciiWhitespace(rest));
  if (!made.ok()) return made;
  if (absl::Status status = CheckLimit("limit", *made); !status.ok()) return status;
  return made;
}

std::string FormatLimit(const v1::Limit& limit) {
  const absl::string_view word = WordOf(limit.unit());
  if (limit.unit() == v1::Limit::UNIT_MONTH) return absl::StrCat(limit.months(), word);
  const int64_t per = MinutesPer(limit.unit());
  if (per == 0) return std::string(word);
  if (const auto decimal = FormatDecimal(limit.minutes(), per, '.')) return absl::StrCat(*decimal, word);
  return absl::StrCat(limit.minutes(), "min/", word);
}

std::string FormatLimitForPeople(const v1::Limit& limit, absl::string_view locale) {
  // Vietnamese has no plural, and writes decimals with a comma.
  const bool english = locale == "en";
  if (limit.unit() == v1::Limit::UNIT_SAME_DAY) return english ? "the same working day" : "trong ngày làm việc";
  if (limit.unit() == v1::Limit::UNIT_NONE) return english ? "no time limit" : "không quy định thời hạn";
  std::string amount = absl::StrCat(limit.months());
  absl::string_view word_vi = "tháng";
  absl::string_view word_en = "month";
  if (const int64_t per = MinutesPer(limit.unit()); per > 0) {
    const bool calendar_day = limit.unit() == v1::Limit::UNIT_CALENDAR_DAY;
    const bool hour = limit.unit() == v1::Limit::UNIT_HOUR;
    word_vi = calendar_day ? "ngày" : hour ? "giờ làm việc" : "ngày làm việc";
    word_en = calendar_day ? "day" : hour ? "working hour" : "working day";
    if (const auto decimal = FormatDecimal(limit.minutes(), per, english ? '.' : ',')) {
      amount = *decimal;
    } else {
      amount = absl::StrCat(limit.minutes());
      word_vi = calendar_day ? "phút" : "phút làm việc";
      word_en = calendar_day ? "minute" : "working minute";
    }
  }
  if (!english) return absl::StrCat(amount, " ", word_vi);
  return absl::StrCat(amount, " ", word_en, amount == "1" ? "" : "s");
}

absl::StatusOr<v1::CutOff> ParseCutOff(absl::string_view text) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(text);
  absl::string_view rest = trimmed;
  v1::CutOff cut_off;
  int32_t minutes = 0;
  bool ok = true;
  if (rest.empty() || rest == "none") {
    cut_off.set_kind(v1::CutOff::KIND_NONE);
  } else if (rest == "closing") {
    cut_off.set_kind(v1::CutOff::KIND_AFTER_CLOSING);
  } else if (absl::ConsumePrefix(&rest, "last:")) {
    cut_off.set_kind(v1::CutOff::KIND_LAST_MINUTES);
    ok = rest.size() <= 4 && absl::SimpleAtoi(rest, &minutes);
  } else {
    cut_off.set_kind(v1::CutOff::KIND_AFTER_TIME);
    int32_t hour = 0;
    int32_t minute = 0;
    ok = rest.size() == 5 && rest[2] == ':' && absl::SimpleAtoi(rest.substr(0, 2), &hour) &&
         absl::SimpleAtoi(rest.substr(3), &minute) && hour >= 0 && minute >= 0 && minute < 60;
    minutes = hour * 60 + minute;
  }
  cut_off.set_minutes(minutes);
  // One message for everything that is wrong: what to write instead.
  if (!ok || !CheckCutOff("cut_off", cut_off).ok()) {
    return InvalidField(
        "cut_off", absl::StrCat(Quoted(trimmed), " is not a cut-off; write none, 15:00, last:60 or closing"),
        absl::StrCat(Quoted(trimmed), " không phải là mốc chuyển ngày; hãy viết none (không có), 15:00 ",
                     "(sau giờ này), last:60 (60 phút cuối) hoặc closing (sau giờ đóng cửa)"));
  }
  return cut_off;
}

std::string FormatCutOff(const v1::CutOff& cut_off) {
  switch (cut_off.kind()) {
    case v1::CutOff::KIND_AFTER_TIME:
      return TimeOfDay(cut_off.minutes());
    case v1::CutOff::KIND_LAST_MINUTES:
      return absl::StrCat("last:", cut_off.minutes());
    case v1::CutOff::KIND_AFTER_CLOSING:
      return "closing";
    default:
      return "none";
  }
}

}  // namespace tthc::timing
