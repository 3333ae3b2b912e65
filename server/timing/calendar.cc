#include "server/timing/calendar.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::timing {
namespace {

int64_t FirstDayOf(int64_t year) { return DayNumber(absl::CivilDay(year, 1, 1)); }

absl::StatusOr<int64_t> ReadDay(absl::string_view field, const std::string& text) {
  const absl::StatusOr<absl::CivilDay> day = ParseIsoDate(text);
  if (!day.ok()) {
    return InvalidField(field, absl::StrCat("\"", text, "\" is not an existing day; write YYYY-MM-DD"),
                        absl::StrCat("\"", text, "\" không phải là ngày có thật; hãy viết YYYY-MM-DD"));
  }
  return DayNumber(*day);
}

absl::Status CheckSession(absl::string_view field, const v1::Session& session, int32_t previous_close) {
  // A session ends on the day on which it begins: work past midnight is not counted in these offices.
  constexpr int32_t kLastMinute = 24 * 60 - 1;
  if (session.open_minute() < 0 || session.close_minute() > kLastMinute ||
      session.open_minute() >= session.close_minute()) {
    return InvalidField(field, "must open before it closes, between 00:00 and 23:59",
                        "giờ mở cửa phải trước giờ đóng cửa, trong khoảng 00:00 đến 23:59");
  }
  if (session.open_minute() < previous_close) {
    return InvalidField(field, "overlaps the session before it; list sessions in order",
                        "chồng lên buổi trước; hãy ghi các buổi theo thứ tự");
  }
  return absl::OkStatus();
}

// Infinite and absurd times would overflow the arithmetic on days. What lies beyond the years that can be loaded is
// moved to a day just outside of them, where every question answers that the year is not loaded.
absl::Time Bounded(absl::Time time) {
  static const absl::Time kFirst = LocalMidnight(FirstDayOf(limits::kYearMin) - 1);
  static const absl::Time kLast = LocalMidnight(FirstDayOf(limits::kYearMax + 1)) + absl::Seconds(1);
  return std::clamp(time, kFirst, kLast);
}

absl::Status TooMany(absl::string_view field, size_t count, size_t max) {
  return InvalidField(field, absl::StrCat("has ", count, " entries; at most ", max, " are allowed"),
                      absl::StrCat("có ", count, " mục; tối đa ", max));
}

}  // namespace

// Fills one calendar step by step; each step reads one part of the proto.
class Calendar::Builder {
 public:
  explicit Builder(const v1::Calendar& proto) : proto_(proto), calendar_(new Calendar) {}

  absl::StatusOr<std::shared_ptr<const Calendar>> Build() {
    calendar_->version_ = proto_.version();
    // In this order: days need the table of the years, sums need the days, and schedules need the sums.
    TTHC_RETURN_IF_ERROR(ReadYears());
    TTHC_RETURN_IF_ERROR(ReadDays());
    SumDays();
    TTHC_RETURN_IF_ERROR(ReadSessions());
    return std::shared_ptr<const Calendar>(std::move(calendar_));
  }

 private:
  // A session rule: table indexes [first, end), cut to the loaded years. from_day is not cut, since the rule that
  // begins last wins, also among rules that began before the first loaded year.
  struct Rule {
    int64_t first = 0;
    int64_t end = 0;
    int64_t from_day = 0;
    size_t session_set = 0;
  };
  // Which session set applies from a table index up to the next entry; kNoSessions: none. It begins with index 0.
  using Painting = std::map<int64_t, size_t>;
  static constexpr size_t kNoSessions = static_cast<size_t>(-1);

  absl::Status ReadYears() {
    if (proto_.years().empty()) {
      return InvalidField("years", "must name at least one year", "phải có ít nhất một năm");
    }
    const auto count = static_cast<size_t>(proto_.years_size());
    if (count > limits::kCalendarYearsMax) return TooMany("years", count, limits::kCalendarYearsMax);
    for (int i = 0; i < proto_.years_size(); ++i) {
      const int year = proto_.years(i);
      const std::string field = absl::StrCat("years[", i, "]");
      if (year < limits::kYearMin || year > limits::kYearMax) {
        return InvalidField(
            field, absl::StrCat(year, " is not between ", limits::kYearMin, " and ", limits::kYearMax),
            absl::StrCat("năm ", year, " không nằm trong khoảng ", limits::kYearMin, " đến ", limits::kYearMax));
      }
      if (!years_.insert(year).second) {
        return InvalidField(field, absl::StrCat(year, " is listed twice"), absl::StrCat("năm ", year, " bị lặp lại"));
      }
    }
    for (int i = 0; i < proto_.provisional_years_size(); ++i) {
      const int year = proto_.provisional_years(i);
      if (years_.count(year) == 0) {
        return InvalidField(absl::StrCat("provisional_years[", i, "]"), absl::StrCat(year, " is not among `years`"),
                            absl::StrCat("năm ", year, " không có trong danh sách năm"));
      }
      provisional_years_.insert(year);
    }
    LayOutYears();
    return absl::OkStatus();
  }

  // The tables run without a gap from the first to the last loaded year. Days of years in between that are not loaded
  // are there as holidays, so that sums and indexes stay simple; loaded_until_ keeps every question away from them.
  void LayOutYears() {
    Calendar& c = *calendar_;
    const int64_t first_year = *years_.begin();
    c.first_day_ = FirstDayOf(first_year);
    const int64_t last_year = *years_.rbegin();
    c.kinds_.assign(static_cast<size_t>(FirstDayOf(last_year + 1) - c.first_day_), DayKind::Kind::kHoliday);
    c.loaded_until_.assign(c.kinds_.size(), 0);
    // Backward, so that the end of an unbroken run of years is known when its days are filled in.
    int64_t run_end = 0;
    for (int64_t year = last_year; year >= first_year; --year) {
      if (years_.count(year) == 0) {
        run_end = 0;
        continue;
      }
      const auto begin = c.loaded_until_.begin() + (FirstDayOf(year) - c.first_day_);
      const auto end = c.loaded_until_.begin() + (FirstDayOf(year + 1) - c.first_day_);
      if (run_end == 0) run_end = FirstDayOf(year + 1) - c.first_day_;
      std::fill(begin, end, run_end);
    }
    provisional_.assign(c.kinds_.size(), false);
    for (const int64_t year : years_) {
      const bool provisional = provisional_years_.count(year) > 0;
      for (int64_t day = FirstDayOf(year); day < FirstDayOf(year + 1); ++day) {
        const auto at = static_cast<size_t>(day - c.first_day_);
        c.kinds_[at] = IsWeekendDay(day) ? DayKind::Kind::kWeekend : DayKind::Kind::kWorking;
        provisional_[at] = provisional;
      }
    }
  }

  absl::Status ReadDays() {
    const auto count = static_cast<size_t>(proto_.days_size());
    if (count > limits::kCalendarDaysMax) return TooMany("days", count, limits::kCalendarDaysMax);
    for (int i = 0; i < proto_.days_size(); ++i) {
      TTHC_RETURN_IF_ERROR(ReadCalendarDay(absl::StrCat("days[", i, "]"), proto_.days(i)));
    }
    return absl::OkStatus();
  }

  absl::Status ReadCalendarDay(const std::string& field, const v1::CalendarDay& day) {
    Calendar& c = *calendar_;
    const std::string date_field = absl::StrCat(field, ".date");
    TTHC_ASSIGN_OR_RETURN(const int64_t number, ReadDay(date_field, day.date()));
    const int64_t year = CivilDayOf(number).year();
    if (years_.count(year) == 0) {
      return InvalidField(date_field, absl::StrCat(day.date(), " lies in a year that is not among `years`"),
                          absl::StrCat("ngày ", day.date(), " thuộc năm không có trong danh sách năm"));
    }
    if (!seen_days_.insert(number).second) {
      return InvalidField(date_field, absl::StrCat(day.date(), " is listed twice"),
                          absl::StrCat("ngày ", day.date(), " bị lặp lại"));
    }
    // Entries that say nothing new are refused: they are mostly typing errors in the date.
    const bool weekend = IsWeekendDay(number);
    if (day.kind() == v1::CalendarDay::KIND_OFF && weekend) {
      return InvalidField(absl::StrCat(field, ".kind"), absl::StrCat(day.date(), " is a weekend: it is off anyway"),
                          absl::StrCat("ngày ", day.date(), " là cuối tuần, vốn đã nghỉ; hãy bỏ dòng này"));
    }
    if (day.kind() == v1::CalendarDay::KIND_WORK && !weekend) {
      return InvalidField(absl::StrCat(field, ".kind"), absl::StrCat(day.date(), " is a weekday: it is worked anyway"),
                          absl::StrCat("ngày ", day.date(), " không phải cuối tuần, vốn đã làm việc; hãy bỏ dòng này"));
    }
    if (day.kind() != v1::CalendarDay::KIND_OFF && day.kind() != v1::CalendarDay::KIND_WORK) {
      return InvalidField(absl::StrCat(field, ".kind"), "must be OFF or WORK", "phải là OFF (nghỉ) hoặc WORK (làm bù)");
    }
    const int64_t index = number - c.first_day_;
    c.kinds_[static_cast<size_t>(index)] =
        day.kind() == v1::CalendarDay::KIND_OFF ? DayKind::Kind::kHoliday : DayKind::Kind::kWorking;
    // Only ever set, because a day cannot be more certain than its year.
    if (day.provisional()) provisional_[static_cast<size_t>(index)] = true;
    if (!day.reason().empty()) c.reasons_[index] = day.reason();
    return absl::OkStatus();
  }

  // Prefix sums, one entry more than days: the number in [a, b) is sum[b] - sum[a].
  void SumDays() {
    Calendar& c = *calendar_;
    c.working_before_.reserve(c.kinds_.size() + 1);
    c.provisional_before_.reserve(c.kinds_.size() + 1);
    c.working_before_.push_back(0);
    c.provisional_before_.push_back(0);
    for (size_t i = 0; i < c.kinds_.size(); ++i) {
      const bool worked = c.kinds_[i] == DayKind::Kind::kWorking;
      if (worked) c.working_days_.push_back(static_cast<int64_t>(i));
      c.working_before_.push_back(c.working_before_.back() + (worked ? 1 : 0));
      c.provisional_before_.push_back(c.provisional_before_.back() + (provisional_[i] ? 1 : 0));
    }
  }

  absl::Status ReadSessions() {
    const auto count = static_cast<size_t>(proto_.sessions_size());
    if (count > limits::kSessionRulesMax) return TooMany("sessions", count, limits::kSessionRulesMax);
    std::map<std::string, std::vector<Rule>> rules;
    for (int i = 0; i < proto_.sessions_size(); ++i) {
      const std::string field = absl::StrCat("sessions[", i, "]");
      const v1::SessionRule& rule = proto_.sessions(i);
      TTHC_ASSIGN_OR_RETURN(Rule read, ReadRule(field, rule));
      std::vector<Rule>& of_office = rules[rule.office()];
      if (of_office.size() >= limits::kSessionRulesPerOfficeMax) {
        return TooMany(field, of_office.size() + 1, limits::kSessionRulesPerOfficeMax);
      }
      for (const Rule& other : of_office) {
        if (other.from_day != read.from_day) continue;
        return InvalidField(absl::StrCat(field, ".start_date"), "another rule of this office begins on the same day",
                            "đã có giờ làm việc khác của cơ quan này bắt đầu cùng ngày");
      }
      of_office.push_back(read);
    }
    // Rules for all offices first; those of an office are painted over a copy of the result.
    Painting common = {{0, kNoSessions}};
    // Adds the entry if the proto has no common rule, because ScheduleOf relies on a schedule for "".
    Paint(rules[""], &common);
    TTHC_RETURN_IF_ERROR(CheckCovered(common));
    for (const auto& [office, of_office] : rules) {
      Painting painting = common;
      Paint(of_office, &painting);
      calendar_->schedules_[office] = ToSchedule(painting);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Rule> ReadRule(const std::string& field, const v1::SessionRule& rule) {
    Calendar& c = *calendar_;
    if (!rule.office().empty() && !absl::StartsWith(rule.office(), "offices/")) {
      return InvalidField(absl::StrCat(field, ".office"), "must be offices/{code}, or empty for all offices",
                          "phải có dạng offices/{mã cơ quan}, hoặc để trống cho mọi cơ quan");
    }
    // Open ends become days just outside of the years that can be loaded. A rule without start_date then begins before
    // every other one, and so gives way to each of them.
    int64_t from_day = FirstDayOf(limits::kYearMin) - 1;
    int64_t to_day = FirstDayOf(limits::kYearMax + 1) - 1;
    if (!rule.start_date().empty()) {
      TTHC_ASSIGN_OR_RETURN(from_day, ReadDay(absl::StrCat(field, ".start_date"), rule.start_date()));
    }
    if (!rule.end_date().empty()) {
      TTHC_ASSIGN_OR_RETURN(to_day, ReadDay(absl::StrCat(field, ".end_date"), rule.end_date()));
    }
    if (to_day < from_day) {
      return InvalidField(absl::StrCat(field, ".end_date"), "is before start_date", "sớm hơn ngày bắt đầu");
    }
    TTHC_ASSIGN_OR_RETURN(const size_t session_set, ReadSessionSet(field, rule));
    return Rule{.first = std::clamp<int64_t>(from_day - c.first_day_, 0, c.DayCount()),
                .end = std::clamp<int64_t>(to_day + 1 - c.first_day_, 0, c.DayCount()),
                .from_day = from_day,
                .session_set = session_set};
  }

  absl::StatusOr<size_t> ReadSessionSet(const std::string& field, const v1::SessionRule& rule) {
    const auto count = static_cast<size_t>(rule.sessions_size());
    if (count == 0) {
      return InvalidField(absl::StrCat(field, ".sessions"), "must hold at least one session",
                          "phải có ít nhất một buổi làm việc");
    }
    if (count > limits::kSessionsPerDayMax) {
      return TooMany(absl::StrCat(field, ".sessions"), count, limits::kSessionsPerDayMax);
    }
    SessionSet set;
    int32_t previous_close = 0;
    for (int i = 0; i < rule.sessions_size(); ++i) {
      const v1::Session& session = rule.sessions(i);
      TTHC_RETURN_IF_ERROR(CheckSession(absl::StrCat(field, ".sessions[", i, "]"), session, previous_close));
      previous_close = session.close_minute();
      set.spans.push_back({.open_second = session.open_minute() * 60, .close_second = session.close_minute() * 60});
      set.seconds += set.spans.back().close_second - set.spans.back().open_second;
    }
    calendar_->session_sets_.push_back(std::move(set));
    return calendar_->session_sets_.size() - 1;
  }

  // The rule with the latest start_date wins, so it is painted last. Where a rule ends, what was there before goes on.
  static void Paint(std::vector<Rule> rules, Painting* painting) {
    std::sort(rules.begin(), rules.end(), [](const Rule& a, const Rule& b) { return a.from_day < b.from_day; });
    for (const Rule& rule : rules) {
      if (rule.first >= rule.end) continue;
      // Read before the erase removes it.
      const size_t behind = std::prev(painting->upper_bound(rule.end))->second;
      painting->erase(painting->lower_bound(rule.first), painting->upper_bound(rule.end));
      (*painting)[rule.first] = rule.session_set;
      (*painting)[rule.end] = behind;
    }
  }

  // Every loaded day needs common hours, days off included. So a gap in the hours is found when the calendar is loaded,
  // and not when the first dossier of that day is accepted.
  absl::Status CheckCovered(const Painting& common) const {
    for (auto it = common.begin(); it != common.end(); ++it) {
      if (it->second != kNoSessions) continue;
      const int64_t end = std::next(it) == common.end() ? calendar_->DayCount() : std::next(it)->first;
      for (int64_t index = it->first; index < end; ++index) {
        if (calendar_->LoadedUntil(index) == 0) continue;
        const std::string date = FormatIsoDate(CivilDayOf(calendar_->first_day_ + index));
        return InvalidField("sessions", absl::StrCat("no common opening hours on ", date),
                            absl::StrCat("không có giờ làm việc chung cho ngày ", date));
      }
    }
    return absl::OkStatus();
  }

  // Only days that are not loaded may be without sessions. They are not worked, so any set adds nothing there.
  Schedule ToSchedule(const Painting& painting) const {
    Schedule schedule;
    int64_t seconds = 0;
    for (auto it = painting.begin(); it != painting.end() && it->first < calendar_->DayCount(); ++it) {
      const size_t set = it->second == kNoSessions ? 0 : it->second;
      schedule.push_back({.first = it->first, .session_set = set, .seconds_before = seconds});
      const int64_t end = std::next(it) == painting.end() ? calendar_->DayCount()
                                                          : std::min(std::next(it)->first, calendar_->DayCount());
      const int64_t days = calendar_->working_before_[static_cast<size_t>(end)] -
                           calendar_->working_before_[static_cast<size_t>(it->first)];
      seconds += days * calendar_->session_sets_[set].seconds;
    }
    return schedule;
  }

  const v1::Calendar& proto_;
  std::unique_ptr<Calendar> calendar_;
  // Sorted, so that the first and the last are at hand.
  std::set<int64_t> years_;
  std::set<int64_t> provisional_years_;
  std::set<int64_t> seen_days_;
  std::vector<bool> provisional_;
};

absl::StatusOr<std::shared_ptr<const Calendar>> Calendar::FromProto(const v1::Calendar& proto) {
  return Builder(proto).Build();
}

// The first day decides: years are loaded whole.
bool Calendar::IsYearLoaded(int64_t year) const {
  return year >= limits::kYearMin && year <= limits::kYearMax && LoadedUntil(FirstDayOf(year) - first_day_) > 0;
}

int64_t Calendar::LoadedUntil(int64_t index) const {
  return index < 0 || index >= DayCount() ? 0 : loaded_until_[static_cast<size_t>(index)];
}

bool Calendar::IsWorked(int64_t index) const { return kinds_[static_cast<size_t>(index)] == DayKind::Kind::kWorking; }

absl::Status Calendar::NotLoaded(int64_t index) const {
  const int64_t year = CivilDayOf(first_day_ + index).year();
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "CALENDAR_YEAR_NOT_LOADED",
                    .message = absl::StrCat("the calendar of ", year, " is not loaded; import it with `tthc calendar ",
                                            "import` and try again"),
                    .message_vi = absl::StrCat("Lịch năm ", year, " chưa được nạp; hãy nạp lịch năm ", year,
                                               " bằng lệnh `tthc calendar import` rồi thử lại"),
                    .metadata = {{"year", absl::StrCat(year)}}});
}

absl::StatusOr<int64_t> Calendar::IndexOf(absl::Time time) const {
  const int64_t index = LocalDayNumber(Bounded(time)) - first_day_;
  if (LoadedUntil(index) == 0) return NotLoaded(index);
  return index;
}

// Offices without rules of their own have the common hours.
const Calendar::Schedule& Calendar::ScheduleOf(absl::string_view office) const {
  const auto it = schedules_.find(office);
  return it != schedules_.end() ? it->second : schedules_.find("")->second;
}

const Calendar::SessionSet& Calendar::SessionsAt(const Schedule& schedule, int64_t index) const {
  const auto behind = std::upper_bound(schedule.begin(), schedule.end(), index,
                                       [](int64_t at, const Segment& segment) { return at < segment.first; });
  return session_sets_[std::prev(behind)->session_set];
}

// Within a segment every working day is as long as the other, so the days before `index` are counted and multiplied.
int64_t Calendar::WorkedBefore(const Schedule& schedule, int64_t index) const {
  const auto behind = std::upper_bound(schedule.begin(), schedule.end(), index,
                                       [](int64_t at, const Segment& segment) { return at < segment.first; });
  const Segment& segment = *std::prev(behind);
  const int64_t days =
      working_before_[static_cast<size_t>(index)] - working_before_[static_cast<size_t>(segment.first)];
  return segment.seconds_before + days * session_sets_[segment.session_set].seconds;
}

int64_t Calendar::WorkedBefore(const Schedule& schedule, int64_t index, int64_t second_of_day) const {
  int64_t worked = WorkedBefore(schedule, index);
  // Days off have sessions as well, see CheckCovered. They add nothing.
  if (second_of_day == 0 || !IsWorked(index)) return worked;
  for (const SessionSpan& span : SessionsAt(schedule, index).spans) {
    worked += std::clamp<int64_t>(second_of_day - span.open_second, 0, span.close_second - span.open_second);
  }
  return worked;
}

absl::Time Calendar::At(int64_t index, int64_t second_of_day) const {
  return LocalMidnight(first_day_ + index) + absl::Seconds(second_of_day);
}

absl::Status Calendar::CheckLoaded(int64_t from_day, int64_t to_day) const {
  const int64_t from = from_day - first_day_;
  const int64_t to = to_day - first_day_;
  // Both days must lie in one unbroken run: a gap of years in between must not be jumped over.
  const int64_t until = LoadedUntil(from);
  if (until == 0) return NotLoaded(from);
  if (to >= until) return NotLoaded(until);
  return absl::OkStatus();
}

absl::StatusOr<DayKind> Calendar::KindOf(int64_t day_number) const {
  TTHC_RETURN_IF_ERROR(CheckLoaded(day_number, day_number));
  const int64_t index = day_number - first_day_;
  DayKind kind{
      .kind = kinds_[static_cast<size_t>(index)], .reason = {}, .provisional = IsProvisional(day_number, day_number)};
  if (const auto it = reasons_.find(index); it != reasons_.end()) kind.reason = it->second;
  return kind;
}

absl::StatusOr<std::vector<SessionSpan>> Calendar::SessionsOn(absl::string_view office, int64_t day_number) const {
  TTHC_RETURN_IF_ERROR(CheckLoaded(day_number, day_number));
  const int64_t index = day_number - first_day_;
  if (!IsWorked(index)) return std::vector<SessionSpan>{};
  return SessionsAt(ScheduleOf(office), index).spans;
}

absl::StatusOr<int64_t> Calendar::WorkingSeconds(absl::string_view office, absl::Time from, absl::Time to) const {
  if (from >= to) return 0;
  TTHC_ASSIGN_OR_RETURN(const int64_t from_index, IndexOf(from));
  // An interval that ends at midnight does not touch the day that begins there, whose year need not be loaded.
  const absl::Time last = Bounded(to) - absl::Seconds(LocalSecondOfDay(Bounded(to)) == 0 ? 1 : 0);
  TTHC_ASSIGN_OR_RETURN(const int64_t last_index, IndexOf(last));
  const int64_t until_second = last < Bounded(to) ? kSecondsPerDay : LocalSecondOfDay(to);
  TTHC_RETURN_IF_ERROR(CheckLoaded(first_day_ + from_index, first_day_ + std::max(from_index, last_index)));
  const Schedule& schedule = ScheduleOf(office);
  const int64_t before = WorkedBefore(schedule, from_index, LocalSecondOfDay(from));
  const int64_t until = WorkedBefore(schedule, last_index, until_second);
  return until - before;
}

absl::StatusOr<absl::Time> Calendar::AddWorkingSeconds(absl::string_view office, absl::Time from,
                                                       int64_t seconds) const {
  // 0 would have two answers: the end of a session, and the opening of the next one.
  TTHC_CHECK(seconds > 0);
  TTHC_ASSIGN_OR_RETURN(const int64_t from_index, IndexOf(from));
  const int64_t until = LoadedUntil(from_index);
  const Schedule& schedule = ScheduleOf(office);
  const int64_t worked = WorkedBefore(schedule, from_index, LocalSecondOfDay(from));
  // What is left of the unbroken run. If that is not enough, the first day behind it is what is missing.
  const int64_t available = WorkedBefore(schedule, until - 1, kSecondsPerDay) - worked;
  if (seconds > available) return NotLoaded(until);
  const int64_t target = worked + seconds;

  // The segment in which the target is reached, then the working day within it, then the session of that day. A target
  // that is exactly the end of a day belongs to that day and not to the opening of the next.
  const auto behind = std::partition_point(schedule.begin(), schedule.end(),
                                           [&](const Segment& segment) { return segment.seconds_before < target; });
  const Segment& segment = *std::prev(behind);
  const SessionSet& set = session_sets_[segment.session_set];
  const int64_t into_segment = target - segment.seconds_before;
  const int64_t whole_days = (into_segment - 1) / set.seconds;
  const int64_t first_working = working_before_[static_cast<size_t>(segment.first)];
  const int64_t index = working_days_[static_cast<size_t>(first_working + whole_days)];
  int64_t left = into_segment - whole_days * set.seconds;
  for (const SessionSpan& span : set.spans) {
    const int64_t length = span.close_second - span.open_second;
    if (left <= length) return At(index, span.open_second + left);
    left -= length;
  }
  TTHC_CHECK(left == 0);
  return At(index, set.spans.back().close_second);
}

// Of a time within a session it is the time itself; a closing time lies within no session.
absl::StatusOr<absl::Time> Calendar::NextWorkingMoment(absl::string_view office, absl::Time time) const {
  TTHC_ASSIGN_OR_RETURN(const int64_t index, IndexOf(time));
  const Schedule& schedule = ScheduleOf(office);
  if (IsWorked(index)) {
    const int64_t second = LocalSecondOfDay(time);
    for (const SessionSpan& span : SessionsAt(schedule, index).spans) {
      if (second < span.close_second) return At(index, std::max(second, span.open_second));
    }
  }
  TTHC_ASSIGN_OR_RETURN(const int64_t next, WorkingDayAtOrAfter(first_day_ + index + 1));
  return At(next - first_day_, SessionsAt(schedule, next - first_day_).spans.front().open_second);
}

absl::StatusOr<int64_t> Calendar::WorkingDays(int64_t from_day, int64_t to_day) const {
  if (from_day >= to_day) return 0;
  TTHC_RETURN_IF_ERROR(CheckLoaded(from_day, to_day - 1));
  return working_before_[static_cast<size_t>(to_day - first_day_)] -
         working_before_[static_cast<size_t>(from_day - first_day_)];
}

// O(1): the table of working days is indexed by how many lie before.
absl::StatusOr<int64_t> Calendar::NthWorkingDay(int64_t day_number, int64_t n) const {
  TTHC_CHECK(n >= 1);
  TTHC_RETURN_IF_ERROR(CheckLoaded(day_number, day_number));
  const int64_t index = day_number - first_day_;
  const int64_t until = LoadedUntil(index);
  const int64_t before = working_before_[static_cast<size_t>(index)];
  // working_days_ goes on behind a gap of years, so the number is compared with the run and not with the table: no
  // answer may jump over a year that is not loaded.
  if (n > working_before_[static_cast<size_t>(until)] - before) return NotLoaded(until);
  return first_day_ + working_days_[static_cast<size_t>(before + n - 1)];
}

absl::StatusOr<int64_t> Calendar::WorkingDayAtOrAfter(int64_t day_number) const { return NthWorkingDay(day_number, 1); }

absl::StatusOr<absl::Time> Calendar::ClosingTime(absl::string_view office, int64_t day_number) const {
  TTHC_RETURN_IF_ERROR(CheckLoaded(day_number, day_number));
  const int64_t index = day_number - first_day_;
  if (!IsWorked(index)) {
    const std::string date = FormatIsoDate(CivilDayOf(day_number));
    return MakeError({.code = absl::StatusCode::kInvalidArgument,
                      .reason = "FIELD_INVALID",
                      .message = absl::StrCat(date, " is a day off; it has no closing time"),
                      .message_vi = absl::StrCat("Ngày ", date, " là ngày nghỉ, không có giờ đóng cửa"),
                      .metadata = {{"date", date}}});
  }
  return At(index, SessionsAt(ScheduleOf(office), index).spans.back().close_second);
}

absl::StatusOr<absl::Time> Calendar::ClosingAtOrAfter(absl::string_view office, absl::Time time) const {
  TTHC_ASSIGN_OR_RETURN(const int64_t index, IndexOf(time));
  if (IsWorked(index)) {
    TTHC_ASSIGN_OR_RETURN(const absl::Time closing, ClosingTime(office, first_day_ + index));
    // A time of the evening belongs to the next working day.
    if (closing >= time) return closing;
  }
  TTHC_ASSIGN_OR_RETURN(const int64_t next, WorkingDayAtOrAfter(first_day_ + index + 1));
  return ClosingTime(office, next);
}

// What lies outside of the loaded years is not provisional but unknown, and never gets this far.
bool Calendar::IsProvisional(int64_t from_day, int64_t to_day) const {
  const int64_t from = std::clamp<int64_t>(from_day - first_day_, 0, DayCount());
  const int64_t end = std::clamp<int64_t>(to_day - first_day_ + 1, 0, DayCount());
  return from < end && provisional_before_[static_cast<size_t>(end)] > provisional_before_[static_cast<size_t>(from)];
}

}  // namespace tthc::timing
