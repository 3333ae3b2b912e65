#include "client/cli/period_options.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/cli/words.h"
#include "client/terminal/format.h"
#include "server/timing/period.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::cli {
namespace {

using terminal::FormatTableTime;
using terminal::Lang;
using terminal::ParsePeriodEnd;
using terminal::ParseTimeOption;
using terminal::Session;
using terminal::Text;
using terminal::UsageError;

// Words for periods relative to today, folded: the Vietnamese ones without diacritics.
struct RelativePeriod {
  const char* en;
  const char* vi;
  timing::PeriodKind kind;
  bool last;
};
constexpr RelativePeriod kRelativePeriods[] = {
    {"today", "hom-nay", timing::PeriodKind::kDay, false},
    {"yesterday", "hom-qua", timing::PeriodKind::kDay, true},
    {"this-week", "tuan-nay", timing::PeriodKind::kWeek, false},
    {"last-week", "tuan-truoc", timing::PeriodKind::kWeek, true},
    {"this-month", "thang-nay", timing::PeriodKind::kMonth, false},
    {"last-month", "thang-truoc", timing::PeriodKind::kMonth, true},
    {"this-quarter", "quy-nay", timing::PeriodKind::kQuarter, false},
    {"last-quarter", "quy-truoc", timing::PeriodKind::kQuarter, true},
    {"this-year", "nam-nay", timing::PeriodKind::kYear, false},
    {"last-year", "nam-truoc", timing::PeriodKind::kYear, true},
};

std::string PresetOf(timing::PeriodKind kind, v1::Period::Scheme scheme, absl::Time now) {
  const absl::CivilDay today = LocalCivilDay(now);
  // Also gives the year: a reporting year begins on 15 December of the calendar year before.
  const std::string quarter = timing::RunningQuarter(scheme, now).preset;
  switch (kind) {
    case timing::PeriodKind::kDay:
      return absl::StrCat("d", FormatDateForPeople(now));
    case timing::PeriodKind::kWeek:
      return absl::StrCat("w", IsoWeek(now));
    case timing::PeriodKind::kMonth:
      return absl::StrCat("m", today.month(), "/", today.year());
    case timing::PeriodKind::kYear:
      return quarter.substr(quarter.find('/') + 1);
    default:
      return quarter;
  }
}

// Other ways of writing the API's names: "2026-Q3" and "Q3/2026", "09/2026" and "2026-09".
std::string Normalize(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
  std::vector<std::string> parts = absl::StrSplit(lower, absl::ByAnyChar("-/"));
  if (parts.size() != 2 || parts[0].empty() || parts[1].empty()) return lower;
  // Four digits are the year, which the API writes last.
  if (parts[0].size() == 4 && parts[1].size() < 4) std::swap(parts[0], parts[1]);
  int month = 0;
  if (absl::SimpleAtoi(parts[0], &month)) parts[0] = absl::StrCat("m", month);
  return absl::StrCat(parts[0], "/", parts[1]);
}

bool IsDayAlone(absl::string_view text) { return absl::StripAsciiWhitespace(text).size() == 10; }

}  // namespace

void PeriodOptions::AddTo(CLI::App& command, const Session& session, const Choices& choices) {
  choices_ = choices;
  const char* const group = session.Say({"Kỳ", "Period"});
  const auto add = [&](const char* name, std::string& value, const Text& help) {
    return command.add_option(name, value, session.Say(help))->group(group)->type_name("");
  };
  add("--period", preset_,
      choices.required
          ? Text{"q3/2026, h1/2026, 2026, m11/2026, w47/2026, d23/11/2026, quy-truoc, thang-nay…",
                 "q3/2026, h1/2026, 2026, m11/2026, w47/2026, d23/11/2026, last-quarter, this-month…"}
          : Text{"q3/2026, h1/2026, 2026, m11/2026, w47/2026, d23/11/2026, quy-truoc, thang-nay…; mặc định "
                 "quý này",
                 "q3/2026, h1/2026, 2026, m11/2026, w47/2026, d23/11/2026, last-quarter, this-month…; default "
                 "this quarter"});
  add("--scheme", scheme_,
      choices.scheme == v1::Period::SCHEME_CALENDAR
          ? Text{"Năm và quý: kỳ báo cáo (15/12-14/12) hay dương lịch, mặc định",
                 "Years and quarters: of reports (15/12-14/12) or of the calendar, the default"}
          : Text{"Năm và quý: kỳ báo cáo (15/12-14/12), mặc định, hay dương lịch",
                 "Years and quarters: of reports (15/12-14/12), the default, or of the calendar"})
      ->option_text("report|calendar");
  add("--from", from_, {"Từ ngày, thay cho --period", "From that day, instead of --period"});
  add("--to", to_, {"Đến hết ngày, mặc định hôm nay", "Up to the end of that day; default today"});
  if (!choices.with_as_of) return;
  add("--as-of", as_of_,
      {"Như đã ghi đến lúc đó: 30/09/2026, \"30/09/2026 17:00\" hoặc số thay đổi r12345",
       "As recorded up to then: 30/09/2026, \"30/09/2026 17:00\", or a revision r12345"});
}

absl::StatusOr<v1::Period> PeriodOptions::FromDates(const Session& session) const {
  if (from_.empty()) return UsageError("--from", "is missing beside --to", "còn thiếu khi đã có --to");
  v1::Period period;
  TTHC_ASSIGN_OR_RETURN(const absl::Time from, ParseTimeOption("--from", from_));
  // Without --to, up to the end of today.
  absl::Time to = LocalMidnight(LocalDayNumber(session.environment().clock->Now()) + 1);
  if (!to_.empty()) {
    TTHC_ASSIGN_OR_RETURN(to, ParsePeriodEnd("--to", to_));
  }
  if (from >= to) {
    return UsageError("--to", absl::StrCat("must not be before --from (", FormatTableTime(from), ")"),
                      absl::StrCat("không được trước --from (", FormatTableTime(from), ")"));
  }
  *period.mutable_start_time() = ToProto(from);
  *period.mutable_end_time() = ToProto(to);
  return period;
}

absl::StatusOr<v1::Period> PeriodOptions::Build(const Session& session) const {
  v1::Period::Scheme scheme = choices_.scheme;
  if (!scheme_.empty()) {
    TTHC_ASSIGN_OR_RETURN(const int typed, ParseEnum(*v1::Period::Scheme_descriptor(), "--scheme", scheme_));
    scheme = static_cast<v1::Period::Scheme>(typed);
  }
  const absl::Time now = session.environment().clock->Now();
  v1::Period period;
  if (!from_.empty() || !to_.empty()) {
    // Two periods in one command line are a mistake that only the person can settle.
    if (!preset_.empty()) {
      return UsageError("--period", "stands instead of --from and --to", "không đi cùng --from, --to");
    }
    TTHC_ASSIGN_OR_RETURN(period, FromDates(session));
  } else if (!preset_.empty()) {
    period.set_preset(Normalize(preset_));
  } else if (choices_.required) {
    return UsageError("--period", "is missing; write q3/2026, last-quarter, or --from and --to",
                      "còn thiếu; hãy viết q3/2026, quy-truoc, hoặc --from và --to");
  } else {
    period.set_preset(timing::RunningQuarter(scheme, now).preset);
  }
  period.set_scheme(scheme);
  const std::string folded = absl::StrReplaceAll(FoldForSearch(preset_), {{" ", "-"}});
  // Resolved here and not by the server: the answer then names a period that can be asked for again tomorrow.
  for (const RelativePeriod& relative : kRelativePeriods) {
    if (folded != relative.en && folded != relative.vi) continue;
    period.set_preset(PresetOf(relative.kind, scheme, now));
    // The one before is found by the rules of the server, which know the turn of a year in both schemes.
    if (!relative.last) break;
    TTHC_ASSIGN_OR_RETURN(const timing::ResolvedPeriod this_one, timing::ResolvePeriod(period, now));
    period.set_preset(timing::PreviousPeriod(this_one).preset);
  }
  // Checked here as well, so that the error names the option instead of a field of the request.
  const absl::Status sound = timing::ResolvePeriod(period, now).status();
  if (!sound.ok()) {
    return UsageError(preset_.empty() ? "--from" : "--period", ErrorMessage(sound, "en"), ErrorMessage(sound, "vi"));
  }
  return period;
}

absl::StatusOr<v1::AsOf> PeriodOptions::BuildAsOf(const Session& session) const {
  v1::AsOf as_of;
  if (as_of_.empty()) return as_of;
  // The form in which FormatBasis prints revisions: a figure is reproduced by copying it.
  absl::string_view digits = absl::StripAsciiWhitespace(as_of_);
  int64_t revision = 0;
  if (absl::ConsumePrefix(&digits, "r") && absl::SimpleAtoi(digits, &revision) && revision > 0) {
    as_of.set_revision(revision);
    return as_of;
  }
  absl::StatusOr<absl::Time> time = ParseTimeOption("--as-of", as_of_);
  if (!time.ok()) {
    return UsageError("--as-of",
                      "write a time such as 30/09/2026 or \"30/09/2026 17:00\", or a revision such as r12345",
                      "hãy viết thời điểm như 30/09/2026 hoặc \"30/09/2026 17:00\", hoặc số thay đổi như r12345");
  }
  if (IsDayAlone(as_of_)) {
    const absl::Time now = session.environment().clock->Now();
    // The end of today is still to come, so the present is meant.
    if (LocalDayNumber(*time) == LocalDayNumber(now)) return as_of;
    // The last microsecond of the day: as_of is inclusive.
    *time += absl::Hours(24) - absl::Microseconds(1);
  }
  *as_of.mutable_time() = ToProto(*time);
  return as_of;
}

std::vector<std::string> RelativePeriods() {
  std::vector<std::string> words;
  for (const RelativePeriod& relative : kRelativePeriods) {
    words.emplace_back(relative.en);
    words.emplace_back(relative.vi);
  }
  return words;
}

std::string IsoWeek(absl::Time time) {
  const absl::CivilDay thursday = absl::PrevWeekday(LocalCivilDay(time) + 1, absl::Weekday::monday) + 3;
  return absl::StrCat((absl::GetYearDay(thursday) - 1) / 7 + 1, "/", thursday.year());
}

std::string FormatPeriod(const v1::Period& period) {
  const absl::Time from = FromProto(period.start_time());
  const absl::Time to = FromProto(period.end_time());
  const bool days = LocalSecondOfDay(from) == 0 && LocalSecondOfDay(to) == 0;
  if (!days) return absl::StrCat(FormatTableTime(from), " – ", FormatTableTime(to));
  const std::string first = FormatDateForPeople(from);
  // The end is exclusive; people name the last day that counts.
  const std::string last = FormatDateForPeople(to - absl::Hours(24));
  return first == last ? first : absl::StrCat(first, " – ", last);
}

std::string FormatBasis(const v1::StatisticsBasis& basis, Lang lang) {
  const bool vi = lang == Lang::kVi;
  const std::string& preset = basis.period().preset();
  return absl::StrCat(vi ? "Kỳ " : "Period ", FormatPeriod(basis.period()),
                      preset.empty() ? "" : absl::StrCat(" (", preset, ")"), vi ? " · ghi đến " : " · recorded up to ",
                      FormatTableTime(basis.as_of_time()), " · r", basis.revision());
}

}  // namespace tthc::cli
