#include "server/timing/period.h"

#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::timing {
namespace {

constexpr size_t kPresetBytesShown = 32;
// Reporting years, half years and quarters are made of reporting months, which go from one 15th to the next 14th and
// are named after the later calendar month: December's is 15/11 to 14/12, so that the year ends on 14/12.
constexpr int kReportingDay = 15;

absl::Status Invalid(absl::string_view message, absl::string_view message_vi) {
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "PERIOD_INVALID",
                    .message = absl::StrCat("the period ", message),
                    .message_vi = absl::StrCat("Kỳ ", message_vi),
                    .field = "period"});
}

// The text is quoted only if it can be shown: it may be anything.
absl::Status NotAPreset(absl::string_view text) {
  const bool shown = CheckText("", text, {.bytes_max = kPresetBytesShown}).ok();
  const absl::string_view quoted = shown ? text : "…";
  return Invalid(
      absl::StrCat("\"", quoted, "\" is not known; write q3/2026, h1/2026, 2026, m11/2026, w47/2026, d23/11/2026 or ",
                   "today, or give start_time and end_time"),
      absl::StrCat("\"", quoted,
                   "\" không rõ; hãy viết q3/2026 (quý), h1/2026 (nửa năm), 2026 (năm), m11/2026 (tháng), ",
                   "w47/2026 (tuần), d23/11/2026 (ngày) hoặc today (hôm nay), hoặc cho từ ngày và đến ngày"));
}

absl::Time Midnight(absl::CivilDay day) { return LocalMidnight(DayNumber(day)); }

// UNSPECIFIED means REPORTING: most figures are for reports.
v1::Period::Scheme Known(v1::Period::Scheme scheme) {
  return scheme == v1::Period::SCHEME_CALENDAR ? v1::Period::SCHEME_CALENDAR : v1::Period::SCHEME_REPORTING;
}

// First day of the scheme's month: 1/11, or 15/10 for the reports' November.
absl::CivilDay FirstDay(v1::Period::Scheme scheme, absl::CivilMonth month) {
  if (scheme == v1::Period::SCHEME_CALENDAR) return absl::CivilDay(month);
  return absl::CivilDay(month - 1) + (kReportingDay - 1);
}

// The scheme's month that holds the day.
absl::CivilMonth MonthOf(v1::Period::Scheme scheme, absl::CivilDay day) {
  const absl::CivilMonth month(day);
  return scheme == v1::Period::SCHEME_CALENDAR || day.day() < kReportingDay ? month : month + 1;
}

// How many of the scheme's months; 0 for what is not made of them.
int MonthsIn(PeriodKind kind) {
  switch (kind) {
    case PeriodKind::kQuarter:
      return 3;
    case PeriodKind::kHalfYear:
      return 6;
    case PeriodKind::kYear:
      return 12;
    case PeriodKind::kFree:
    case PeriodKind::kDay:
    case PeriodKind::kWeek:
    case PeriodKind::kMonth:
      return 0;
  }
  return 0;
}

// `day` itself if it is a Monday.
absl::CivilDay MondayOf(absl::CivilDay day) { return absl::PrevWeekday(day + 1, absl::Weekday::monday); }

// ISO 8601: the week of 4 January is the year's first.
absl::CivilDay FirstMonday(absl::civil_year_t year) { return MondayOf(absl::CivilDay(year, 1, 4)); }

// The quarter, half year or year that begins with `first`, one of the scheme's months.
ResolvedPeriod OfMonths(PeriodKind kind, v1::Period::Scheme scheme, absl::CivilMonth first) {
  const int months = MonthsIn(kind);
  const int number = (first.month() - 1) / months + 1;
  ResolvedPeriod period = {.scheme = scheme,
                           .kind = kind,
                           .preset = absl::StrCat(first.year()),
                           .from = Midnight(FirstDay(scheme, first)),
                           .to = Midnight(FirstDay(scheme, first + months))};
  if (kind == PeriodKind::kQuarter) period.preset = absl::StrFormat("q%d/%d", number, first.year());
  if (kind == PeriodKind::kHalfYear) period.preset = absl::StrFormat("h%d/%d", number, first.year());
  return period;
}

ResolvedPeriod OfMonth(v1::Period::Scheme scheme, absl::CivilMonth month) {
  return {.scheme = scheme,
          .kind = PeriodKind::kMonth,
          .preset = absl::StrFormat("m%d/%d", month.month(), month.year()),
          .from = Midnight(absl::CivilDay(month)),
          .to = Midnight(absl::CivilDay(month + 1))};
}

// Weeks, months and days are the same in both schemes; the scheme is kept for what is grouped within.
ResolvedPeriod OfWeek(v1::Period::Scheme scheme, absl::CivilDay monday) {
  // A week belongs to the year that its Thursday lies in.
  const absl::civil_year_t year = (monday + 3).year();
  return {.scheme = scheme,
          .kind = PeriodKind::kWeek,
          .preset = absl::StrFormat("w%d/%d", (monday - FirstMonday(year)) / 7 + 1, year),
          .from = Midnight(monday),
          .to = Midnight(monday + 7)};
}

ResolvedPeriod OfDay(v1::Period::Scheme scheme, absl::CivilDay day) {
  return {.scheme = scheme,
          .kind = PeriodKind::kDay,
          .preset = absl::StrCat("d", FormatDateForPeople(Midnight(day))),
          .from = Midnight(day),
          .to = Midnight(day + 1)};
}

// Takes a number of `digits_min` to `digits_max` digits from the front. No sign, no blanks: "q+3/2026" is a typing
// error.
std::optional<int> TakeNumber(absl::string_view* text, size_t digits_min, size_t digits_max) {
  size_t digits = 0;
  while (digits < text->size() && absl::ascii_isdigit(static_cast<unsigned char>((*text)[digits]))) ++digits;
  int number = 0;
  if (digits < digits_min || digits > digits_max || !absl::SimpleAtoi(text->substr(0, digits), &number)) {
    return std::nullopt;
  }
  text->remove_prefix(digits);
  return number;
}

// The year that must be all that is left.
std::optional<int> OnlyYear(absl::string_view text) {
  const std::optional<int> year = TakeNumber(&text, 4, 4);
  if (!text.empty() || !year.has_value() || *year < limits::kYearMin || *year > limits::kYearMax) return std::nullopt;
  return year;
}

std::optional<ResolvedPeriod> ReadDay(v1::Period::Scheme scheme, absl::string_view text) {
  const std::optional<int> day = TakeNumber(&text, 1, 2);
  if (!day.has_value() || !absl::ConsumePrefix(&text, "/")) return std::nullopt;
  const std::optional<int> month = TakeNumber(&text, 1, 2);
  if (!month.has_value() || !absl::ConsumePrefix(&text, "/")) return std::nullopt;
  const std::optional<int> year = OnlyYear(text);
  if (!year.has_value()) return std::nullopt;
  const absl::CivilDay civil(*year, *month, *day);
  // CivilDay makes 03/03 of 31/02.
  if (civil.day() != *day || civil.month() != *month || civil.year() != *year) return std::nullopt;
  return OfDay(scheme, civil);
}

// `text` in lower case, without blanks around it.
std::optional<ResolvedPeriod> ReadPreset(v1::Period::Scheme scheme, absl::string_view text, absl::Time now) {
  // "today" is answered by its date, so that the answer means the same tomorrow.
  if (text == "today") return OfDay(scheme, LocalCivilDay(now));
  if (absl::ConsumePrefix(&text, "d")) return ReadDay(scheme, text);
  // A year needs no letter.
  const char letter = text.empty() ? '\0' : text.front();
  if (letter == 'y' || absl::ascii_isdigit(static_cast<unsigned char>(letter))) {
    absl::ConsumePrefix(&text, "y");
    const std::optional<int> year = OnlyYear(text);
    if (!year.has_value()) return std::nullopt;
    return OfMonths(PeriodKind::kYear, scheme, absl::CivilMonth(*year, 1));
  }
  text.remove_prefix(text.empty() ? 0 : 1);
  const std::optional<int> number = TakeNumber(&text, 1, 2);
  if (!number.has_value() || *number < 1 || !absl::ConsumePrefix(&text, "/")) return std::nullopt;
  const std::optional<int> year = OnlyYear(text);
  if (!year.has_value()) return std::nullopt;
  if (letter == 'q' && *number <= 4) {
    return OfMonths(PeriodKind::kQuarter, scheme, absl::CivilMonth(*year, 3 * *number - 2));
  }
  if (letter == 'h' && *number <= 2) {
    return OfMonths(PeriodKind::kHalfYear, scheme, absl::CivilMonth(*year, 6 * *number - 5));
  }
  if (letter == 'm' && *number <= 12) return OfMonth(scheme, absl::CivilMonth(*year, *number));
  // A year has 52 or 53 weeks: week 53 is one of this year only if it begins before the next year's first.
  const absl::CivilDay monday = FirstMonday(*year) + 7 * (*number - 1);
  if (letter == 'w' && monday < FirstMonday(*year + 1)) return OfWeek(scheme, monday);
  return std::nullopt;
}

// What a free period must be. A preset has a year within bounds and a length by its kind.
absl::Status CheckRange(absl::Time from, absl::Time to) {
  const absl::Time first = Midnight(absl::CivilDay(limits::kYearMin, 1, 1));
  const absl::Time last = Midnight(absl::CivilDay(limits::kYearMax + 1, 1, 1));
  if (from < first || from > last || to < first || to > last) {
    return Invalid(absl::StrCat("must lie in the years ", limits::kYearMin, " to ", limits::kYearMax),
                   absl::StrCat("phải nằm trong các năm từ ", limits::kYearMin, " đến ", limits::kYearMax));
  }
  if (from >= to) {
    return Invalid(
        absl::StrCat(from == to ? "is empty" : "is reversed", ": end_time must be later than start_time; a day ",
                     "counts whole if end_time is the midnight after it"),
        absl::StrCat(from == to ? "rỗng" : "bị ngược", ": mốc kết thúc phải sau mốc bắt đầu; muốn tính cả ",
                     "một ngày thì mốc kết thúc là 0 giờ ngày hôm sau"));
  }
  if (to - from > absl::Hours(24) * limits::kPeriodDaysMax) {
    return Invalid(absl::StrCat("is longer than ", limits::kPeriodDaysMax, " days; ask for shorter ones one by one"),
                   absl::StrCat("dài quá ", limits::kPeriodDaysMax, " ngày; hãy hỏi từng kỳ ngắn hơn"));
  }
  return absl::OkStatus();
}

absl::StatusOr<ResolvedPeriod> FreePeriod(const v1::Period& period) {
  if (period.has_start_time() != period.has_end_time()) {
    return Invalid("has one end only; give both start_time and end_time",
                   "chỉ có một đầu; hãy cho cả mốc bắt đầu (start_time) và mốc kết thúc (end_time)");
  }
  if (!period.has_start_time()) {
    return Invalid("is missing; write q3/2026, m11/2026 or 2026, or give start_time and end_time",
                   "còn thiếu; hãy viết q3/2026, m11/2026 hoặc 2026, hoặc cho từ ngày và đến ngày");
  }
  ResolvedPeriod resolved = {
      .scheme = Known(period.scheme()), .from = FromProto(period.start_time()), .to = FromProto(period.end_time())};
  TTHC_RETURN_IF_ERROR(CheckRange(resolved.from, resolved.to));
  return resolved;
}

}  // namespace

absl::StatusOr<ResolvedPeriod> ResolvePeriod(const v1::Period& period, absl::Time now) {
  const std::string preset = absl::AsciiStrToLower(absl::StripAsciiWhitespace(period.preset()));
  if (!v1::Period::Scheme_IsValid(period.scheme())) {
    return Invalid("has an unknown scheme; write REPORTING or CALENDAR",
                   "có cách chia kỳ không rõ; hãy chọn REPORTING (kỳ báo cáo) hoặc CALENDAR (năm dương lịch)");
  }
  if (preset.empty()) return FreePeriod(period);
  const std::optional<ResolvedPeriod> named = ReadPreset(Known(period.scheme()), preset, now);
  if (!named.has_value()) return NotAPreset(absl::StripAsciiWhitespace(period.preset()));
  // A name together with times is the period of an earlier answer. "today" was answered by its date, so it means the
  // same day tomorrow.
  const bool same_from = !period.has_start_time() || FromProto(period.start_time()) == named->from;
  const bool same_to = !period.has_end_time() || FromProto(period.end_time()) == named->to;
  if (!same_from || !same_to || period.has_start_time() != period.has_end_time()) {
    return Invalid(
        absl::StrCat("is given twice and differently: ", named->preset, " is ", FormatRfc3339(named->from), " to ",
                     FormatRfc3339(named->to), "; leave out the name or the times"),
        absl::StrCat("được cho hai lần mà khác nhau: ", named->preset, " là từ ", FormatForPeople(named->from), " đến ",
                     FormatForPeople(named->to), "; hãy bỏ tên kỳ hoặc bỏ hai mốc thời gian"));
  }
  return *named;
}

v1::Period PeriodToProto(const ResolvedPeriod& period) {
  v1::Period proto;
  proto.set_preset(period.preset);
  proto.set_scheme(period.scheme);
  *proto.mutable_start_time() = ToProto(period.from);
  *proto.mutable_end_time() = ToProto(period.to);
  return proto;
}

ResolvedPeriod PreviousPeriod(const ResolvedPeriod& period) {
  const absl::CivilDay first = LocalCivilDay(period.from);
  switch (period.kind) {
    case PeriodKind::kDay:
      return OfDay(period.scheme, first - 1);
    case PeriodKind::kWeek:
      return OfWeek(period.scheme, first - 7);
    case PeriodKind::kMonth:
      return OfMonth(period.scheme, absl::CivilMonth(first) - 1);
    case PeriodKind::kQuarter:
    case PeriodKind::kHalfYear:
    case PeriodKind::kYear:
      return OfMonths(period.kind, period.scheme, MonthOf(period.scheme, first) - MonthsIn(period.kind));
    case PeriodKind::kFree:
      break;
  }
  // As long as the period, to the second; Vietnam has no summer time, so days stay whole.
  return {.scheme = period.scheme, .from = period.from - (period.to - period.from), .to = period.from};
}

ResolvedPeriod RunningQuarter(v1::Period::Scheme scheme, absl::Time now) {
  const absl::CivilMonth month = MonthOf(Known(scheme), LocalCivilDay(now));
  return OfMonths(PeriodKind::kQuarter, Known(scheme), month - (month.month() - 1) % 3);
}

std::vector<absl::Time> BucketStarts(v1::GroupBy group_by, v1::Period::Scheme scheme, absl::Time from, absl::Time to) {
  // Bounded by limits::kPeriodDaysMax, so at most some seven thousand buckets.
  TTHC_CHECK(from < to);
  const v1::Period::Scheme known = Known(scheme);
  std::vector<absl::Time> starts = {from};
  // The first boundary after `day`. A period that begins within a bucket is cut there, so the first step may be short.
  const auto next = [&](absl::CivilDay day) -> absl::CivilDay {
    // Only quarters and years are made of the scheme's months; months are those of the calendar.
    const absl::CivilMonth month = MonthOf(known, day);
    switch (group_by) {
      case v1::GROUP_BY_DAY:
        return day + 1;
      case v1::GROUP_BY_WEEK:
        return MondayOf(day) + 7;
      case v1::GROUP_BY_MONTH:
        return absl::CivilDay(absl::CivilMonth(day) + 1);
      case v1::GROUP_BY_QUARTER:
        return FirstDay(known, month - (month.month() - 1) % 3 + 3);
      default:
        return FirstDay(known, absl::CivilMonth(month.year() + 1, 1));
    }
  };
  TTHC_CHECK(group_by >= v1::GROUP_BY_DAY && group_by <= v1::GROUP_BY_YEAR);
  for (absl::CivilDay day = next(LocalCivilDay(from)); Midnight(day) < to; day = next(day)) {
    starts.push_back(Midnight(day));
  }
  return starts;
}

}  // namespace tthc::timing
