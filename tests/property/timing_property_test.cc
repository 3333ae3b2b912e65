// Laws of counting time, over random calendars and inputs, and a slow walk that knows nothing of prefix sums.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "server/timing/deadline.h"
#include "storage/base/errors.h"
#include "tests/testing/calendars.h"
#include "tests/testing/seed.h"

namespace tthc::timing {
namespace {

using tthc::testing::Day;
using tthc::testing::TestSeed;
using tthc::testing::ValueOrDie;

constexpr char kOffice[] = "offices/H24.60.4";
constexpr int kCalendars = 60;
constexpr int kInputsPerCalendar = 50;

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  int64_t Between(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(engine_); }
  bool OneIn(int64_t n) { return Between(1, n) == 1; }

 private:
  std::mt19937_64 engine_;
};

bool IsWeekendDay(int64_t day) {
  const absl::Weekday weekday = absl::GetWeekday(CivilDayOf(day));
  return weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
}

std::string DateOf(int64_t day) { return FormatIsoDate(CivilDayOf(day)); }

v1::SessionRule RandomSessions(Random& random) {
  std::set<int32_t> edges;
  const size_t count = static_cast<size_t>(random.Between(1, 4)) * 2;
  while (edges.size() < count) edges.insert(static_cast<int32_t>(random.Between(6 * 60, 20 * 60)));
  v1::SessionRule rule;
  for (auto it = edges.begin(); it != edges.end(); ++it) {
    v1::Session& session = *rule.add_sessions();
    session.set_open_minute(*it++);
    session.set_close_minute(*it);
  }
  // Now and then two sessions that touch.
  if (rule.sessions_size() > 1 && random.OneIn(4)) {
    rule.mutable_sessions(1)->set_open_minute(rule.sessions(0).close_minute());
  }
  return rule;
}

v1::Calendar RandomCalendar(Random& random) {
  v1::Calendar proto;
  for (const int32_t year : {2025, 2026}) proto.add_years(year);
  for (int64_t day = Day("2025-01-01"); day <= Day("2026-12-31"); ++day) {
    if (!random.OneIn(12)) continue;
    v1::CalendarDay& entry = *proto.add_days();
    entry.set_date(DateOf(day));
    entry.set_kind(IsWeekendDay(day) ? v1::CalendarDay::KIND_WORK : v1::CalendarDay::KIND_OFF);
    if (random.OneIn(2)) entry.set_reason(absl::StrCat("ngày ", day));
  }
  *proto.add_sessions() = random.OneIn(2) ? timing::DefaultSessions() : RandomSessions(random);
  std::set<std::string> begins;
  for (int64_t i = random.Between(0, 5); i > 0; --i) {
    const int64_t from = random.Between(Day("2025-01-01"), Day("2026-12-31"));
    if (!begins.insert(DateOf(from)).second) continue;
    v1::SessionRule rule = RandomSessions(random);
    if (random.OneIn(2)) rule.set_office(kOffice);
    rule.set_start_date(DateOf(from));
    if (random.OneIn(2)) rule.set_end_date(DateOf(from + random.Between(0, 200)));
    *proto.add_sessions() = rule;
  }
  return proto;
}

v1::Limit RandomLimit(Random& random) {
  v1::Limit limit;
  switch (random.Between(1, 10)) {
    case 1:
      limit.set_unit(v1::Limit::UNIT_SAME_DAY);
      break;
    case 2:
      limit.set_unit(v1::Limit::UNIT_MONTH);
      limit.set_months(static_cast<int32_t>(random.Between(1, 3)));
      break;
    case 3:
      limit.set_unit(v1::Limit::UNIT_HOUR);
      limit.set_minutes(random.Between(1, 600));
      break;
    case 4:
    case 5:
      limit.set_unit(v1::Limit::UNIT_CALENDAR_DAY);
      limit.set_minutes(random.OneIn(4) ? random.Between(1, 20 * 1440) : random.Between(1, 20) * 1440);
      break;
    default:
      limit.set_unit(v1::Limit::UNIT_WORKING_DAY);
      limit.set_minutes(random.OneIn(4) ? random.Between(1, 12 * 480) : random.Between(1, 24) * 240);
  }
  return limit;
}

v1::CutOff RandomCutOff(Random& random) {
  v1::CutOff cut_off;
  cut_off.set_kind(static_cast<v1::CutOff::Kind>(random.Between(v1::CutOff::Kind_MIN, v1::CutOff::Kind_MAX)));
  if (cut_off.kind() == v1::CutOff::KIND_AFTER_TIME) cut_off.set_minutes(static_cast<int32_t>(random.Between(0, 1439)));
  if (cut_off.kind() == v1::CutOff::KIND_LAST_MINUTES)
    cut_off.set_minutes(static_cast<int32_t>(random.Between(1, 300)));
  return cut_off;
}

absl::Time MinuteAt(int64_t minute) { return LocalMidnight(0) + absl::Minutes(minute); }
int64_t MinuteOf(absl::Time time) { return absl::ToInt64Minutes(time - LocalMidnight(0)); }
int64_t DayOfMinute(int64_t minute) { return minute / 1440; }

timing::Span RandomPause(Random& random, absl::Time around) {
  const int64_t start = MinuteOf(around) + random.Between(-2 * 1440, 15 * 1440);
  const int64_t length = random.OneIn(3) ? random.Between(0, 300) : random.Between(0, 6 * 1440);
  return {.start = MinuteAt(start), .end = MinuteAt(start + length)};
}

// Whole minutes, mostly at hours where something happens.
timing::DueInput RandomInput(Random& random) {
  timing::DueInput input;
  const int64_t day = random.OneIn(10) ? random.Between(Day("2026-12-15"), Day("2026-12-31"))
                                       : random.Between(Day("2025-01-01"), Day("2026-08-31"));
  const int64_t minute = random.OneIn(3) ? random.Between(0, 1439) : random.Between(30, 36) * 30;
  input.received = MinuteAt(day * 1440 + minute);
  input.limit = RandomLimit(random);
  input.counting_rule = random.OneIn(2) ? v1::COUNTING_RULE_CLOCK : v1::COUNTING_RULE_DATE;
  if (random.OneIn(2)) input.cut_off = RandomCutOff(random);
  for (int64_t i = random.Between(0, 4); i > 0; --i) input.pauses.push_back(RandomPause(random, input.received));
  if (random.OneIn(3)) input.office = kOffice;
  return input;
}

std::string Describe(const timing::DueInput& input) {
  std::string text =
      absl::StrCat("received ", FormatRfc3339(input.received), " limit ", timing::FormatLimit(input.limit), " rule ",
                   v1::CountingRule_Name(input.counting_rule), " cut-off ", timing::FormatCutOff(input.cut_off),
                   " office ", input.office);
  for (const timing::Span& pause : input.pauses) {
    absl::StrAppend(&text, " pause ", FormatRfc3339(pause.start), "..", FormatRfc3339(pause.end));
  }
  return text;
}

// Asks day by day and minute by minute, straight from the proto. nullopt: stepped on a day that is not loaded.
class Oracle {
 public:
  explicit Oracle(const v1::Calendar& proto) : proto_(proto) {
    for (const v1::CalendarDay& day : proto.days()) entries_[Day(day.date())] = day.kind();
  }

  bool IsLoaded(int64_t day) const {
    return std::count(proto_.years().begin(), proto_.years().end(), CivilDayOf(day).year()) > 0;
  }

  bool IsWorked(int64_t day) const {
    const auto it = entries_.find(day);
    return it == entries_.end() ? !IsWeekendDay(day) : it->second == v1::CalendarDay::KIND_WORK;
  }

  const v1::SessionRule& RuleOn(const std::string& office, int64_t day) const {
    const v1::SessionRule* best = nullptr;
    const std::string date = DateOf(day);
    for (const std::string& wanted : {office, std::string()}) {
      for (const v1::SessionRule& rule : proto_.sessions()) {
        const bool holds = rule.office() == wanted && rule.start_date() <= date &&
                           (rule.end_date().empty() || date <= rule.end_date());
        if (holds && (best == nullptr || rule.start_date() > best->start_date())) best = &rule;
      }
      if (best != nullptr) break;
    }
    return *best;
  }

  int64_t ClosingMinute(const std::string& office, int64_t day) const {
    return day * 1440 + RuleOn(office, day).sessions().rbegin()->close_minute();
  }

  std::vector<bool> WorkedMinutes(const std::string& office, int64_t day) const {
    std::vector<bool> worked(1440, false);
    if (!IsWorked(day)) return worked;
    for (const v1::Session& session : RuleOn(office, day).sessions()) {
      for (int32_t m = session.open_minute(); m < session.close_minute(); ++m) worked[static_cast<size_t>(m)] = true;
    }
    return worked;
  }

  std::optional<int64_t> Start(const timing::DueInput& input) const {
    const int64_t received = MinuteOf(input.received);
    const int64_t day = DayOfMinute(received);
    if (!IsLoaded(day)) return std::nullopt;
    bool hit = false;
    switch (input.cut_off.kind()) {
      case v1::CutOff::KIND_AFTER_TIME:
        hit = received % 1440 > input.cut_off.minutes();
        break;
      case v1::CutOff::KIND_LAST_MINUTES:
        hit = IsWorked(day) && received > ClosingMinute(input.office, day) - input.cut_off.minutes();
        break;
      case v1::CutOff::KIND_AFTER_CLOSING:
        hit = !IsWorked(day) || received > ClosingMinute(input.office, day);
        break;
      default:
        break;
    }
    if (!hit) return received;
    for (int64_t next = day + 1; IsLoaded(next); ++next) {
      if (IsWorked(next)) return next * 1440 + RuleOn(input.office, next).sessions(0).open_minute();
    }
    return std::nullopt;
  }

  // Minutes of all pauses, and of each run of them its first and the one behind its last.
  static bool IsPaused(const timing::DueInput& input, int64_t minute) {
    return std::any_of(input.pauses.begin(), input.pauses.end(), [&](const timing::Span& pause) {
      return MinuteOf(pause.start) <= minute && minute < MinuteOf(pause.end);
    });
  }

  static std::vector<std::pair<int64_t, int64_t>> Buckets(const timing::DueInput& input, int64_t from) {
    int64_t end = from;
    for (const timing::Span& pause : input.pauses) end = std::max(end, MinuteOf(pause.end));
    std::vector<std::pair<int64_t, int64_t>> buckets;
    for (int64_t minute = from; minute < end; ++minute) {
      if (!IsPaused(input, minute)) continue;
      if (!buckets.empty() && buckets.back().second == minute) {
        ++buckets.back().second;
      } else {
        buckets.emplace_back(minute, minute + 1);
      }
    }
    return buckets;
  }

  std::optional<int64_t> ByClock(const timing::DueInput& input, int64_t start) const {
    int64_t left = input.limit.minutes();
    for (int64_t day = DayOfMinute(start); IsLoaded(day); ++day) {
      const std::vector<bool> worked = WorkedMinutes(input.office, day);
      for (int64_t m = day == DayOfMinute(start) ? start % 1440 : 0; m < 1440; ++m) {
        if (!worked[static_cast<size_t>(m)] || IsPaused(input, day * 1440 + m)) continue;
        if (--left == 0) return day * 1440 + m + 1;
      }
    }
    return std::nullopt;
  }

  // The closing time of the first worked day from `day` on.
  std::optional<int64_t> ClosingFrom(const std::string& office, int64_t day) const {
    while (IsLoaded(day) && !IsWorked(day)) ++day;
    if (!IsLoaded(day)) return std::nullopt;
    return ClosingMinute(office, day);
  }

  std::optional<int64_t> ByDays(const timing::DueInput& input, int64_t start, int64_t days, bool working) const {
    const int64_t start_day = DayOfMinute(start);
    const auto buckets = Buckets(input, start);
    int64_t counted = 0;
    for (int64_t day = start_day + 1; IsLoaded(day); ++day) {
      bool out = false;
      bool stops_today = false;
      int64_t stop = 0;
      for (const auto& [first, end] : buckets) {
        const int64_t first_day = DayOfMinute(first);
        const int64_t end_day = DayOfMinute(end);
        if (first_day == start_day) {
          out |= day <= end_day;
        } else if (first_day < day) {
          out |= day < end_day;
        } else if (first_day == day && end_day > day) {
          stops_today = true;
          stop = first;
        }
      }
      if (out || (working && !IsWorked(day))) continue;
      const std::optional<int64_t> closing = ClosingFrom(input.office, day);
      const bool would_be_last = counted + 1 == days;
      if (would_be_last && !closing.has_value()) return std::nullopt;
      if (stops_today && !(would_be_last && *closing <= stop)) continue;
      if (++counted == days) return closing;
    }
    return std::nullopt;
  }

  std::optional<int64_t> SameDay(const timing::DueInput& input, int64_t start) const {
    const auto buckets = Buckets(input, start - 20 * 1440);
    for (int64_t day = DayOfMinute(start); IsLoaded(day); ++day) {
      if (!IsWorked(day) || ClosingMinute(input.office, day) < start) continue;
      const int64_t closing = ClosingMinute(input.office, day);
      const bool inside = std::any_of(buckets.begin(), buckets.end(), [&](const auto& bucket) {
        return bucket.first < closing && closing < bucket.second;
      });
      if (!inside) return closing;
    }
    return std::nullopt;
  }

  static int64_t DaysOfMonths(int64_t start_day, int32_t months) {
    const absl::CivilDay start = CivilDayOf(start_day);
    int64_t day_of_month = start.day();
    int64_t year = start.year();
    int month = start.month();
    for (int32_t i = 0; i < months; ++i) {
      if (++month > 12) {
        month = 1;
        ++year;
      }
    }
    // A day that does not exist is normalized into the next month.
    while (absl::CivilDay(year, month, static_cast<int>(day_of_month)).month() != month) --day_of_month;
    return DayNumber(absl::CivilDay(year, month, static_cast<int>(day_of_month))) - start_day;
  }

  std::optional<int64_t> Due(const timing::DueInput& input, v1::CountingRule rule) const {
    const std::optional<int64_t> start = Start(input);
    if (!start.has_value()) return std::nullopt;
    const v1::Limit& limit = input.limit;
    switch (limit.unit()) {
      case v1::Limit::UNIT_WORKING_DAY:
        if (rule == v1::COUNTING_RULE_CLOCK) return ByClock(input, *start);
        return ByDays(input, *start, (limit.minutes() + 479) / 480, /*working=*/true);
      case v1::Limit::UNIT_HOUR: {
        const std::optional<int64_t> end = ByClock(input, *start);
        if (rule == v1::COUNTING_RULE_CLOCK || !end.has_value()) return end;
        return ClosingMinute(input.office, DayOfMinute(*end));
      }
      case v1::Limit::UNIT_CALENDAR_DAY:
        return ByDays(input, *start, (limit.minutes() + 1439) / 1440, /*working=*/false);
      case v1::Limit::UNIT_MONTH:
        return ByDays(input, *start, DaysOfMonths(DayOfMinute(*start), limit.months()), /*working=*/false);
      default:
        return SameDay(input, *start);
    }
  }

 private:
  const v1::Calendar& proto_;
  std::map<int64_t, v1::CalendarDay::Kind> entries_;
};

struct Sample {
  Random& random;
  const v1::Calendar& proto;
  const timing::Calendar& calendar;
  const timing::DueInput& input;
};

// Runs `law` on random calendars and inputs; a failure prints the seed and the input.
template <typename Law>
void ForRandomSamples(Law law) {
  Random random(TestSeed());
  for (int i = 0; i < kCalendars; ++i) {
    const v1::Calendar proto = RandomCalendar(random);
    const auto calendar = ValueOrDie(timing::Calendar::FromProto(proto));
    for (int j = 0; j < kInputsPerCalendar; ++j) {
      const timing::DueInput input = RandomInput(random);
      SCOPED_TRACE(absl::StrCat("calendar ", i, ": ", Describe(input)));
      law(Sample{.random = random, .proto = proto, .calendar = *calendar, .input = input});
      if (::testing::Test::HasFailure()) return;
    }
  }
}

bool IsNotLoaded(const absl::Status& status) { return ErrorReason(status) == "CALENDAR_YEAR_NOT_LOADED"; }

// Neither count of `later` is before that of `earlier`; not being computable is later than everything.
void ExpectNotEarlier(const absl::StatusOr<timing::DueTimes>& earlier, const absl::StatusOr<timing::DueTimes>& later) {
  if (!later.ok()) {
    EXPECT_TRUE(IsNotLoaded(later.status())) << later.status();
    return;
  }
  ASSERT_TRUE(earlier.ok()) << earlier.status();
  EXPECT_LE(*earlier->date_rule, *later->date_rule);
  EXPECT_LE(*earlier->clock_rule, *later->clock_rule);
}

void ExpectSame(const absl::StatusOr<timing::DueTimes>& a, const absl::StatusOr<timing::DueTimes>& b) {
  ASSERT_EQ(a.ok(), b.ok()) << a.status() << b.status();
  if (!a.ok()) return;
  EXPECT_EQ(a->start, b->start);
  EXPECT_EQ(a->date_rule, b->date_rule);
  EXPECT_EQ(a->clock_rule, b->clock_rule);
}

TEST(DeadlineLaws, AgreeWithASlowWalk) {
  int computed = 0;
  int not_loaded = 0;
  ForRandomSamples([&](const Sample& sample) {
    const Oracle oracle(sample.proto);
    const auto by_date = oracle.Due(sample.input, v1::COUNTING_RULE_DATE);
    const auto by_clock = oracle.Due(sample.input, v1::COUNTING_RULE_CLOCK);
    const absl::StatusOr<timing::DueTimes> times = timing::ComputeDueTimes(sample.calendar, sample.input);
    if (!by_date.has_value() || !by_clock.has_value()) {
      ++not_loaded;
      EXPECT_TRUE(IsNotLoaded(times.status())) << times.status();
      return;
    }
    ++computed;
    ASSERT_TRUE(times.ok()) << times.status();
    EXPECT_EQ(FormatRfc3339(*times->date_rule), FormatRfc3339(MinuteAt(*by_date)));
    EXPECT_EQ(FormatRfc3339(*times->clock_rule), FormatRfc3339(MinuteAt(*by_clock)));
  });
  if (HasFailure()) return;
  EXPECT_GT(computed, kCalendars * kInputsPerCalendar / 2);
  EXPECT_GT(not_loaded, 10);
}

TEST(DeadlineLaws, AreMonotoneInTheLimit) {
  ForRandomSamples([](const Sample& sample) {
    if (sample.input.limit.unit() == v1::Limit::UNIT_SAME_DAY) return;
    timing::DueInput longer = sample.input;
    if (longer.limit.unit() == v1::Limit::UNIT_MONTH) {
      longer.limit.set_months(longer.limit.months() + 1);
    } else {
      longer.limit.set_minutes(longer.limit.minutes() + sample.random.Between(1, 2000));
    }
    ExpectNotEarlier(timing::ComputeDueTimes(sample.calendar, sample.input),
                     timing::ComputeDueTimes(sample.calendar, longer));
  });
}

TEST(DeadlineLaws, AreMonotoneInTheStart) {
  ForRandomSamples([](const Sample& sample) {
    timing::DueInput earlier = sample.input;
    // A month that is cut to its last day forgets how long it was: with pauses on top, a later start may then end
    // earlier.
    if (earlier.limit.unit() == v1::Limit::UNIT_MONTH) earlier.pauses.clear();
    timing::DueInput later = earlier;
    later.received +=
        absl::Minutes(sample.random.OneIn(2) ? sample.random.Between(1, 120) : sample.random.Between(1, 5 * 1440));
    const Oracle oracle(sample.proto);
    const std::optional<int64_t> earlier_start = oracle.Start(earlier);
    const std::optional<int64_t> later_start = oracle.Start(later);
    if (earlier_start.has_value() && later_start.has_value() &&
        DayOfMinute(*later_start) < DayOfMinute(*earlier_start)) {
      // Friday after the cut-off starts on Monday, Saturday in time starts on Saturday. No other cut-off may do so.
      EXPECT_TRUE(earlier.cut_off.kind() == v1::CutOff::KIND_AFTER_TIME ||
                  earlier.cut_off.kind() == v1::CutOff::KIND_LAST_MINUTES);
      return;
    }
    ExpectNotEarlier(timing::ComputeDueTimes(sample.calendar, earlier),
                     timing::ComputeDueTimes(sample.calendar, later));
  });
}

TEST(DeadlineLaws, AddingAHolidayNeverMakesADueTimeEarlier) {
  ForRandomSamples([](const Sample& sample) {
    const int64_t received_day = LocalDayNumber(sample.input.received);
    const int64_t day = received_day + sample.random.Between(0, 12);
    // The last minutes before closing exist only on a worked day: without it the cut-off is not hit.
    if (day == received_day && sample.input.cut_off.kind() == v1::CutOff::KIND_LAST_MINUTES) return;
    // A holiday may move the start: a month that is cut to its last day then forgets days that a pause had given back.
    if (sample.input.limit.unit() == v1::Limit::UNIT_MONTH && !sample.input.pauses.empty()) return;
    const Oracle oracle(sample.proto);
    if (!oracle.IsLoaded(day) || !oracle.IsWorked(day)) return;
    v1::Calendar proto = sample.proto;
    if (IsWeekendDay(day)) {
      auto& days = *proto.mutable_days();
      days.erase(std::remove_if(days.begin(), days.end(),
                                [&](const v1::CalendarDay& entry) { return entry.date() == DateOf(day); }),
                 days.end());
    } else {
      v1::CalendarDay& entry = *proto.add_days();
      entry.set_date(DateOf(day));
      entry.set_kind(v1::CalendarDay::KIND_OFF);
    }
    const auto calendar = ValueOrDie(timing::Calendar::FromProto(proto));
    ExpectNotEarlier(timing::ComputeDueTimes(sample.calendar, sample.input),
                     timing::ComputeDueTimes(*calendar, sample.input));
  });
}

TEST(DeadlineLaws, APauseOfZeroChangesNothing) {
  ForRandomSamples([](const Sample& sample) {
    timing::DueInput input = sample.input;
    const absl::Time moment = RandomPause(sample.random, input.received).start;
    input.pauses.insert(input.pauses.begin(), {.start = moment, .end = moment});
    ExpectSame(timing::ComputeDueTimes(sample.calendar, sample.input), timing::ComputeDueTimes(sample.calendar, input));
  });
}

TEST(DeadlineLaws, PausesThatTouchOrOverlapCountOnce) {
  ForRandomSamples([](const Sample& sample) {
    timing::DueInput whole = sample.input;
    whole.pauses.push_back(RandomPause(sample.random, whole.received));
    const timing::Span pause = whole.pauses.back();
    const auto within = [&] {
      return pause.start + absl::Minutes(sample.random.Between(0, MinuteOf(pause.end) - MinuteOf(pause.start)));
    };
    timing::DueInput pieces = whole;
    const absl::Time a = within();
    const absl::Time b = within();
    pieces.pauses.push_back({.start = pause.start, .end = a});
    pieces.pauses.insert(pieces.pauses.begin(), {.start = std::min(a, b), .end = std::max(a, b)});
    ExpectSame(timing::ComputeDueTimes(sample.calendar, whole), timing::ComputeDueTimes(sample.calendar, pieces));
  });
}

TEST(DeadlineLaws, SplittingAnIntervalChangesNothing) {
  ForRandomSamples([](const Sample& sample) {
    timing::DueInput split = sample.input;
    split.pauses.clear();
    for (const timing::Span& pause : sample.input.pauses) {
      const absl::Time middle =
          pause.start + absl::Minutes(sample.random.Between(0, MinuteOf(pause.end) - MinuteOf(pause.start)));
      split.pauses.insert(split.pauses.begin(), {.start = middle, .end = pause.end});
      split.pauses.push_back({.start = pause.start, .end = middle});
    }
    ExpectSame(timing::ComputeDueTimes(sample.calendar, sample.input), timing::ComputeDueTimes(sample.calendar, split));
  });
}

TEST(DeadlineLaws, WorkingMinutesLessPausesEqualTheLimitByClock) {
  int counted = 0;
  ForRandomSamples([&](const Sample& sample) {
    const v1::Limit& limit = sample.input.limit;
    if (limit.unit() != v1::Limit::UNIT_WORKING_DAY && limit.unit() != v1::Limit::UNIT_HOUR) return;
    const absl::StatusOr<timing::DueTimes> times = timing::ComputeDueTimes(sample.calendar, sample.input);
    if (!times.ok()) return;
    const Oracle oracle(sample.proto);
    const int64_t start = *oracle.Start(sample.input);
    const int64_t due = MinuteOf(*times->clock_rule);
    int64_t minutes = 0;
    bool last_counts = false;
    for (int64_t day = DayOfMinute(start); day <= DayOfMinute(due); ++day) {
      const std::vector<bool> worked = oracle.WorkedMinutes(sample.input.office, day);
      for (int64_t m = std::max(start, day * 1440); m < std::min(due, (day + 1) * 1440); ++m) {
        last_counts = worked[static_cast<size_t>(m % 1440)] && !Oracle::IsPaused(sample.input, m);
        minutes += last_counts ? 1 : 0;
      }
    }
    EXPECT_EQ(minutes, limit.minutes());
    EXPECT_TRUE(last_counts) << "due later than the limit was used up";
    ++counted;
  });
  EXPECT_GT(counted, kCalendars * kInputsPerCalendar / 4);
}

int64_t ExpectedMinutes(const timing::DueInput& input, const timing::DueTimes& times) {
  const v1::Limit& limit = input.limit;
  const bool by_clock = input.counting_rule == v1::COUNTING_RULE_CLOCK || limit.unit() == v1::Limit::UNIT_HOUR;
  switch (limit.unit()) {
    case v1::Limit::UNIT_WORKING_DAY:
      return by_clock ? limit.minutes() : (limit.minutes() + 479) / 480 * 480;
    case v1::Limit::UNIT_CALENDAR_DAY:
      return (limit.minutes() + 1439) / 1440 * 1440;
    case v1::Limit::UNIT_MONTH:
      return Oracle::DaysOfMonths(LocalDayNumber(times.start), limit.months()) * 1440;
    default:
      return limit.minutes();
  }
}

TEST(DeadlineLaws, ExplanationsAreGaplessAndSumUpToTheLimit) {
  ForRandomSamples([](const Sample& sample) {
    timing::DueInput input = sample.input;
    input.received += absl::Seconds(sample.random.OneIn(2) ? sample.random.Between(0, 59) : 0);
    const absl::StatusOr<timing::DueTimes> times = timing::ComputeDueTimes(sample.calendar, input);
    const absl::StatusOr<v1::DueTimeExplanation> explanation = timing::ExplainDueTime(sample.calendar, input);
    EXPECT_EQ(times.status(), explanation.status());
    if (!times.ok()) return;
    EXPECT_EQ(FromProto(explanation->due_time()), *times->due);
    EXPECT_EQ(FromProto(explanation->start_time()), times->start);
    EXPECT_EQ(explanation->due_date(), FormatIsoDate(LocalCivilDay(*times->due)));
    absl::Time at = input.received;
    int64_t minutes = 0;
    for (const v1::DueInterval& interval : explanation->intervals()) {
      EXPECT_EQ(FromProto(interval.start_time()), at);
      at = FromProto(interval.end_time());
      EXPECT_LT(FromProto(interval.start_time()), at);
      EXPECT_TRUE(interval.kind() == v1::DueInterval::KIND_COUNTED || interval.counted_minutes() == 0);
      EXPECT_FALSE(interval.reason_vi().empty() || interval.reason_en().empty());
      minutes += interval.counted_minutes();
    }
    EXPECT_EQ(at, *times->due);
    EXPECT_EQ(minutes, ExpectedMinutes(input, *times));
    EXPECT_GE(explanation->summary_vi_size(), 3);
    EXPECT_LE(explanation->summary_vi_size(), 8);
    EXPECT_EQ(explanation->summary_vi_size(), explanation->summary_en_size());
  });
}

TEST(DeadlineLaws, PuttingOffAPromiseEqualsPausingTheCount) {
  int compared = 0;
  ForRandomSamples([&](const Sample& sample) {
    timing::DueInput without = sample.input;
    if (without.limit.unit() != v1::Limit::UNIT_WORKING_DAY) return;
    without.pauses.clear();
    timing::DueInput with = without;
    with.pauses = {RandomPause(sample.random, without.received)};
    const timing::Span pause = with.pauses[0];
    const absl::StatusOr<timing::DueTimes> before = timing::ComputeDueTimes(sample.calendar, without);
    const absl::StatusOr<timing::DueTimes> after = timing::ComputeDueTimes(sample.calendar, with);
    if (!before.ok() || !after.ok() || LocalDayNumber(pause.start) <= LocalDayNumber(before->start)) return;
    const absl::StatusOr<absl::Time> put_off =
        timing::PutOff(sample.calendar, with.office, with.counting_rule, *before->due, pause);
    ASSERT_TRUE(put_off.ok()) << put_off.status();
    EXPECT_EQ(*put_off, *after->due);
    ++compared;
  });
  EXPECT_GT(compared, 100);
}

}  // namespace
}  // namespace tthc::timing
