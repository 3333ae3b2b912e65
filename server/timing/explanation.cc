// Writes a count down as intervals and sentences; the counting itself is in counting.cc. Whatever is said here is
// derived from the same Count, so that an explanation can't contradict its due time.
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "server/timing/counting.h"
#include "server/timing/deadline.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::timing {
namespace {

using counting::Count;
using counting::Method;
using counting::Prepared;

constexpr size_t kDaysNamedMax = 6;
constexpr size_t kPausesNamedMax = 3;

struct Words {
  std::string vi;
  std::string en;
};

Words WeekdayName(int64_t day) {
  switch (absl::GetWeekday(CivilDayOf(day))) {
    case absl::Weekday::saturday:
      return {"Thứ Bảy", "Saturday"};
    case absl::Weekday::sunday:
      return {"Chủ nhật", "Sunday"};
    default:
      return {"Ngày nghỉ", "Day off"};
  }
}

Words WithReason(absl::string_view vi, absl::string_view en, absl::string_view reason) {
  if (reason.empty()) return {std::string(vi), std::string(en)};
  return {absl::StrCat(vi, ": ", reason), absl::StrCat(en, ": ", reason)};
}

Words DayOffWords(int64_t day, const DayKind& kind) {
  if (kind.kind == DayKind::Kind::kWeekend) return WeekdayName(day);
  return WithReason("Ngày nghỉ", "Day off", kind.reason);
}

v1::DueInterval::Kind DayOffKind(const DayKind& kind) {
  return kind.kind == DayKind::Kind::kWeekend ? v1::DueInterval::KIND_WEEKEND : v1::DueInterval::KIND_HOLIDAY;
}

Words CutOffWords(const v1::CutOff& cut_off) {
  switch (cut_off.kind()) {
    case v1::CutOff::KIND_AFTER_TIME: {
      const std::string time = FormatCutOff(cut_off);
      return {absl::StrCat("Tiếp nhận sau ", time, " nên tính từ ngày làm việc tiếp theo"),
              absl::StrCat("Received after ", time, ", so it counts from the next working day")};
    }
    case v1::CutOff::KIND_LAST_MINUTES:
      return {absl::StrCat("Tiếp nhận trong ", cut_off.minutes(),
                           " phút cuối của ngày làm việc hoặc muộn hơn nên tính từ ngày làm việc tiếp theo"),
              absl::StrCat("Received in the last ", cut_off.minutes(),
                           " minutes of the working day or later, so it counts from the next working day")};
    default:
      return {"Tiếp nhận sau giờ làm việc hoặc vào ngày nghỉ nên tính từ ngày làm việc tiếp theo",
              "Received after closing time or on a day off, so it counts from the next working day"};
  }
}

const Words& PauseWords() {
  static const Words& words = *new Words{"Tạm dừng, không tính vào thời hạn", "Paused, does not count"};
  return words;
}

const Words& ClosedWords() {
  static const Words& words = *new Words{"Ngoài giờ làm việc", "Outside office hours"};
  return words;
}

// Collects intervals in order, without a gap. Counted seconds become minutes on the running total, so that rounding
// never adds up and the minutes of all intervals sum up to the limit.
class Intervals {
 public:
  struct Piece {
    v1::DueInterval::Kind kind = v1::DueInterval::KIND_UNSPECIFIED;
    absl::Time start;
    absl::Time end;
    int64_t counted_seconds = 0;
    Words reason;
  };

  explicit Intervals(v1::DueTimeExplanation* explanation) : explanation_(explanation) {}

  absl::Status Add(Piece piece) {
    if (piece.start >= piece.end) return absl::OkStatus();
    if (Extends(piece)) {
      *explanation_->mutable_intervals()->rbegin()->mutable_end_time() = ToProto(piece.end);
      return absl::OkStatus();
    }
    if (static_cast<size_t>(explanation_->intervals_size()) >= limits::kExplanationIntervalsMax) {
      return MakeError(
          {.code = absl::StatusCode::kInvalidArgument,
           .reason = "EXPLANATION_TOO_LONG",
           .message = absl::StrCat("the explanation has more than ", limits::kExplanationIntervalsMax,
                                   " intervals; ask for the due time alone, or for a shorter limit"),
           .message_vi = absl::StrCat("Phần giải thích có hơn ", limits::kExplanationIntervalsMax,
                                      " khoảng thời gian; hãy chỉ hỏi hạn trả hoặc dùng thời hạn ngắn hơn")});
    }
    const int64_t minutes_before = counted_seconds_ / 60;
    counted_seconds_ += piece.counted_seconds;
    v1::DueInterval& interval = *explanation_->add_intervals();
    interval.set_kind(piece.kind);
    *interval.mutable_start_time() = ToProto(piece.start);
    *interval.mutable_end_time() = ToProto(piece.end);
    interval.set_counted_minutes(counted_seconds_ / 60 - minutes_before);
    interval.set_reason_vi(std::move(piece.reason.vi));
    interval.set_reason_en(std::move(piece.reason.en));
    return absl::OkStatus();
  }

 private:
  // One evening and the morning after it are one interval, and so is one pause over many days.
  // Other kinds stay apart: each day off has a reason of its own.
  bool Extends(const Piece& piece) const {
    if (piece.kind != v1::DueInterval::KIND_CLOSED && piece.kind != v1::DueInterval::KIND_PAUSED) return false;
    if (explanation_->intervals().empty()) return false;
    return explanation_->intervals().rbegin()->kind() == piece.kind;
  }

  v1::DueTimeExplanation* explanation_;
  int64_t counted_seconds_ = 0;
};

// Whole days: the day of the start, then day by day up to the due time, each an interval of its own. Days that one
// pause took out are joined.
absl::Status AddDays(const Calendar& calendar, const Count& count, Intervals* intervals) {
  const int64_t start_day = LocalDayNumber(count.start);
  const bool working = count.method == Method::kWorkingDays;
  const int64_t minutes_per_day = working ? limits::kMinutesPerWorkingDay : limits::kMinutesPerCalendarDay;
  TTHC_RETURN_IF_ERROR(intervals->Add({.kind = v1::DueInterval::KIND_START_DAY,
                                       .start = count.start,
                                       .end = LocalMidnight(start_day + 1),
                                       .reason = {"Ngày tiếp nhận hồ sơ không tính (Điều 147 Bộ luật Dân sự)",
                                                  "The day of receipt does not count (Civil Code art. 147)"}}));
  auto excluded = count.excluded.begin();
  int64_t number = 0;
  for (int64_t day = start_day + 1; day <= LocalDayNumber(count.due); ++day) {
    while (excluded != count.excluded.end() && excluded->end <= day) ++excluded;
    Intervals::Piece piece{.kind = v1::DueInterval::KIND_COUNTED,
                           .start = LocalMidnight(day),
                           .end = std::min(LocalMidnight(day + 1), count.due),
                           .reason = {}};
    TTHC_ASSIGN_OR_RETURN(const DayKind kind, calendar.KindOf(day));
    const bool worked = kind.kind == DayKind::Kind::kWorking;
    if (excluded != count.excluded.end() && excluded->first <= day) {
      piece.kind = v1::DueInterval::KIND_PAUSED;
      piece.reason = PauseWords();
      // The limit is used up, but ended on a day off: these days are only waited for (Civil Code art. 148).
    } else if (day > count.last_day) {
      piece.kind = v1::DueInterval::KIND_ROLLED;
      const Words why = worked ? Words{"ngày làm việc tiếp theo", "the next working day"} : DayOffWords(day, kind);
      piece.reason = {
          absl::StrCat("Hết hạn vào ngày nghỉ nên chuyển sang ngày làm việc (Điều 148 Bộ luật Dân sự): ", why.vi),
          absl::StrCat("Ended on a day off, carried over (Civil Code art. 148): ", why.en)};
      // By calendar days weekends and holidays count like any other day.
    } else if (working && !worked) {
      piece.kind = DayOffKind(kind);
      piece.reason = DayOffWords(day, kind);
    } else {
      piece.counted_seconds = minutes_per_day * 60;
      ++number;
      piece.reason = WithReason(absl::StrCat(working ? "Ngày làm việc thứ " : "Ngày thứ ", number),
                                absl::StrCat(working ? "Working day " : "Day ", number), kind.reason);
    }
    TTHC_RETURN_IF_ERROR(intervals->Add(std::move(piece)));
  }
  return absl::OkStatus();
}

// Walks the hours between two moments, from one change to the next. Pauses go before opening hours: time that is both
// is shown as paused.
class HourWalk {
 public:
  struct Options {
    const Calendar& calendar;
    const Prepared& prepared;
    // Every worked day is one interval up to its last closing time, and nothing counts toward a limit.
    bool same_day = false;
  };

  HourWalk(const Options& options, Intervals* intervals) : options_(options), intervals_(intervals) {}

  absl::Status Add(absl::Time from, absl::Time to) {
    auto pause = options_.prepared.pauses.begin();
    const auto pauses_end = options_.prepared.pauses.end();
    absl::Time at = from;
    // Each turn adds one interval up to the next change, so it ends after a bounded number of them.
    while (at < to) {
      while (pause != pauses_end && pause->end <= at) ++pause;
      Intervals::Piece piece;
      piece.start = at;
      if (pause != pauses_end && pause->start <= at) {
        piece.kind = v1::DueInterval::KIND_PAUSED;
        piece.end = pause->end;
        piece.reason = PauseWords();
      } else {
        TTHC_RETURN_IF_ERROR(FillFromDay(at, &piece));
        if (pause != pauses_end) piece.end = std::min(piece.end, pause->start);
      }
      piece.end = std::min(piece.end, to);
      if (piece.kind == v1::DueInterval::KIND_COUNTED && !options_.same_day) {
        piece.counted_seconds = absl::ToInt64Seconds(piece.end - piece.start);
      }
      at = piece.end;
      TTHC_RETURN_IF_ERROR(intervals_->Add(std::move(piece)));
    }
    return absl::OkStatus();
  }

 private:
  // Fills in what the time from `at` on is, by its day, and where that changes: at an opening, a closing or midnight.
  absl::Status FillFromDay(absl::Time at, Intervals::Piece* piece) const {
    const int64_t day = LocalDayNumber(at);
    TTHC_ASSIGN_OR_RETURN(const DayKind kind, options_.calendar.KindOf(day));
    piece->end = LocalMidnight(day + 1);
    if (kind.kind != DayKind::Kind::kWorking) {
      piece->kind = DayOffKind(kind);
      piece->reason = DayOffWords(day, kind);
      return absl::OkStatus();
    }
    TTHC_ASSIGN_OR_RETURN(std::vector<SessionSpan> spans, options_.calendar.SessionsOn(options_.prepared.office, day));
    if (options_.same_day) spans = {{.open_second = 0, .close_second = spans.back().close_second}};
    const int64_t second = LocalSecondOfDay(at);
    piece->kind = v1::DueInterval::KIND_CLOSED;
    piece->reason = ClosedWords();
    for (const SessionSpan& span : spans) {
      if (second >= span.close_second) continue;
      const bool open = second >= span.open_second;
      piece->end = LocalMidnight(day) + absl::Seconds(open ? span.close_second : span.open_second);
      if (!open) break;
      piece->kind = v1::DueInterval::KIND_COUNTED;
      piece->reason = options_.same_day
                          ? WithReason("Giải quyết trong ngày làm việc", "Resolved within the working day", kind.reason)
                          : WithReason("Trong giờ làm việc", "Within office hours", kind.reason);
      break;
    }
    return absl::OkStatus();
  }

  const Options options_;
  Intervals* intervals_;
};

absl::Status AddIntervals(const Calendar& calendar, const DueInput& input, const Prepared& prepared, const Count& count,
                          Intervals* intervals) {
  absl::Time from = prepared.received;
  // By the cut-off the time up to the next working day is one interval, whatever days lie in it.
  if (prepared.cut_off_hit) {
    TTHC_RETURN_IF_ERROR(intervals->Add({.kind = v1::DueInterval::KIND_CUT_OFF,
                                         .start = prepared.received,
                                         .end = prepared.start,
                                         .reason = CutOffWords(input.cut_off)}));
    from = prepared.start;
  }
  switch (count.method) {
    case Method::kNone:
      return absl::OkStatus();
    case Method::kWorkingDays:
    case Method::kCalendarDays:
      return AddDays(calendar, count, intervals);
    case Method::kSameDay:
      return HourWalk({.calendar = calendar, .prepared = prepared, .same_day = true}, intervals).Add(from, count.due);
    case Method::kClock:
    case Method::kClockToClosing:
      TTHC_RETURN_IF_ERROR(
          HourWalk({.calendar = calendar, .prepared = prepared}, intervals).Add(from, count.clock_end));
      return intervals->Add({.kind = v1::DueInterval::KIND_ROLLED,
                             .start = count.clock_end,
                             .end = count.due,
                             .reason = {"Trả kết quả trước giờ đóng cửa của ngày hết hạn",
                                        "Due at the closing time of the day on which it ends"}});
  }
  return absl::OkStatus();
}

// What the summary has to name. Days are kept by number, since one day may be several intervals.
struct Findings {
  size_t weekend_days = 0;
  std::map<int64_t, std::string> days_off;
  std::map<int64_t, std::string> worked_weekends;
  std::vector<Span> pauses;
  bool rolled = false;
};

// The first few by name and the rest by number: a summary of a year-long limit must stay a few lines.
std::string NamedDays(const std::map<int64_t, std::string>& days, absl::string_view and_others) {
  std::vector<std::string> names;
  for (const auto& [day, reason] : days) {
    if (names.size() == kDaysNamedMax) break;
    const std::string date = FormatDateForPeople(LocalMidnight(day));
    names.push_back(reason.empty() ? date : absl::StrCat(date, " (", reason, ")"));
  }
  std::string text = absl::StrJoin(names, ", ");
  if (days.size() > names.size()) absl::StrAppend(&text, " ", and_others, " ", days.size() - names.size());
  return text;
}

// Reads them off the intervals, which hold everything that was counted or skipped.
absl::StatusOr<Findings> Find(const Calendar& calendar, const v1::DueTimeExplanation& explanation) {
  Findings found;
  int64_t last_weekend_day = INT64_MIN;
  for (const v1::DueInterval& interval : explanation.intervals()) {
    const absl::Time start = FromProto(interval.start_time());
    const int64_t day = LocalDayNumber(start);
    switch (interval.kind()) {
      case v1::DueInterval::KIND_WEEKEND:
        found.weekend_days += day == last_weekend_day ? 0 : 1;
        last_weekend_day = day;
        break;
      case v1::DueInterval::KIND_HOLIDAY: {
        TTHC_ASSIGN_OR_RETURN(const DayKind kind, calendar.KindOf(day));
        found.days_off[day] = std::string(kind.reason);
        break;
      }
      case v1::DueInterval::KIND_COUNTED: {
        if (!IsWeekendDay(day)) break;
        TTHC_ASSIGN_OR_RETURN(const DayKind kind, calendar.KindOf(day));
        if (kind.kind == DayKind::Kind::kWorking) found.worked_weekends[day] = std::string(kind.reason);
        break;
      }
      case v1::DueInterval::KIND_PAUSED:
        found.pauses.push_back({.start = start, .end = FromProto(interval.end_time())});
        break;
      case v1::DueInterval::KIND_ROLLED:
        found.rolled = true;
        break;
      default:
        break;
    }
  }
  return found;
}

// How it was counted, with the article of the law, as a clerk would say it to an applicant.
Words RuleWords(const Count& count) {
  switch (count.method) {
    case Method::kWorkingDays:
      return {
          "Cách tính theo ngày: không tính ngày tiếp nhận (Điều 147 Bộ luật Dân sự), chỉ tính ngày làm việc, hẹn trả "
          "vào giờ đóng cửa của ngày cuối cùng.",
          "Counted by days: the day of receipt does not count (Civil Code art. 147), only working days do; due at "
          "closing time of the last one."};
    case Method::kCalendarDays:
      return {
          "Cách tính theo ngày liên tục: không tính ngày tiếp nhận (Điều 147 Bộ luật Dân sự), nếu hết hạn vào ngày "
          "nghỉ "
          "thì chuyển sang ngày làm việc tiếp theo (Điều 148).",
          "Counted by calendar days: the day of receipt does not count (Civil Code art. 147); a period that ends on a "
          "day off ends with the next working day (art. 148)."};
    case Method::kClock:
      return {"Cách tính theo giờ: cộng từng phút trong giờ làm việc, 1 ngày làm việc là 8 giờ.",
              "Counted by the clock: minutes of office hours are added up, 1 working day is 8 hours."};
    case Method::kClockToClosing:
      return {"Cách tính: cộng từng phút trong giờ làm việc, hẹn trả vào giờ đóng cửa của ngày hết hạn.",
              "Counted by the clock, due at closing time of the day on which it ends."};
    case Method::kSameDay:
      return {"Trả kết quả trong ngày làm việc, trước giờ đóng cửa.",
              "Due within the working day, before closing time."};
    case Method::kNone:
      return {"Thủ tục này không quy định thời hạn.", "This procedure has no time limit."};
  }
  return {};
}

// Adds sentences to the explanation, each in both languages, in the order in which they are read.
class Summary {
 public:
  explicit Summary(v1::DueTimeExplanation* explanation) : explanation_(explanation) {}

  void Line(const Words& words) {
    explanation_->add_summary_vi(words.vi);
    explanation_->add_summary_en(words.en);
  }

  void AddStart(const DueInput& input, const Prepared& prepared, const Count& count) {
    const std::string received = FormatForPeople(prepared.received);
    Line({absl::StrCat("Tiếp nhận lúc ", received, "; thời hạn: ", FormatLimitForPeople(input.limit, "vi"), "."),
          absl::StrCat("Received at ", received, "; limit: ", FormatLimitForPeople(input.limit, "en"), ".")});
    const std::string start = FormatForPeople(count.start);
    if (prepared.cut_off_hit) {
      const Words why = CutOffWords(input.cut_off);
      Line({absl::StrCat(why.vi, ": ", start, "."), absl::StrCat(why.en, ": ", start, ".")});
    } else if (count.start > prepared.received) {
      Line({absl::StrCat("Tiếp nhận ngoài giờ làm việc nên bắt đầu tính từ ", start, "."),
            absl::StrCat("Received outside office hours, so it counts from ", start, ".")});
    }
  }

  void AddSkipped(const Findings& found) {
    std::vector<std::string> vi;
    std::vector<std::string> en;
    if (found.weekend_days > 0) {
      vi.push_back(absl::StrCat("không tính ", found.weekend_days, " ngày cuối tuần"));
      en.push_back(
          absl::StrCat(found.weekend_days, " weekend day", found.weekend_days == 1 ? "" : "s", " not counted"));
    }
    if (!found.days_off.empty()) {
      vi.push_back(absl::StrCat("không tính ngày nghỉ ", NamedDays(found.days_off, "và số ngày khác:")));
      en.push_back(absl::StrCat("days off not counted: ", NamedDays(found.days_off, "and others:")));
    }
    if (!found.worked_weekends.empty()) {
      vi.push_back(absl::StrCat("có tính ngày làm bù ", NamedDays(found.worked_weekends, "và số ngày khác:")));
      en.push_back(absl::StrCat("counted, though a weekend: ", NamedDays(found.worked_weekends, "and others:")));
    }
    if (!vi.empty()) {
      Line({absl::StrCat("Ngày nghỉ: ", absl::StrJoin(vi, "; "), "."),
            absl::StrCat("Days: ", absl::StrJoin(en, "; "), ".")});
    }
  }

  void AddPauses(const Findings& found) {
    if (found.pauses.empty()) return;
    std::vector<std::string> vi;
    std::vector<std::string> en;
    for (const Span& pause : found.pauses) {
      if (vi.size() == kPausesNamedMax) break;
      // By dates pauses take out whole days, which are named without hours.
      const bool days = LocalSecondOfDay(pause.start) == 0 && LocalSecondOfDay(pause.end) == 0;
      const std::string start = days ? FormatDateForPeople(pause.start) : FormatForPeople(pause.start);
      const std::string end = days ? FormatDateForPeople(pause.end - absl::Seconds(1)) : FormatForPeople(pause.end);
      if (days && start == end) {
        vi.push_back(absl::StrCat("cả ngày ", start));
        en.push_back(absl::StrCat("all of ", start));
        continue;
      }
      vi.push_back(absl::StrCat("từ ", start, days ? " đến hết " : " đến ", end));
      en.push_back(absl::StrCat("from ", start, days ? " to the end of " : " to ", end));
    }
    const bool more = found.pauses.size() > vi.size();
    Line({absl::StrCat("Tạm dừng ", found.pauses.size(), " lần, không tính: ", absl::StrJoin(vi, "; "),
                       more ? "; …" : "."),
          absl::StrCat("Paused ", found.pauses.size(), found.pauses.size() == 1 ? " time" : " times",
                       ", not counted: ", absl::StrJoin(en, "; "), more ? "; …" : ".")});
  }

  void AddRolled(const Count& count) {
    const std::string date = FormatDateForPeople(LocalMidnight(count.last_day));
    Line({absl::StrCat("Thời hạn kết thúc vào ngày nghỉ ", date,
                       " nên chuyển sang ngày làm việc tiếp theo (Điều 148 Bộ luật Dân sự)."),
          absl::StrCat("The period ends on ", date,
                       ", a day off, so it ends with the next working day (Civil Code art. 148).")});
  }

  void AddEnd(const v1::DueTimeExplanation& explanation) {
    if (explanation.provisional()) {
      Line({"Lịch nghỉ trong khoảng này là tạm tính, chưa có thông báo chính thức; hạn trả có thể thay đổi.",
            "Days off in this interval are provisional, not announced yet; the due time may change."});
    }
    if (!explanation.has_due_time()) {
      Line({"Không có ngày hẹn trả.", "Nothing is ever due."});
      return;
    }
    const std::string due = FormatForPeople(FromProto(explanation.due_time()));
    Line({absl::StrCat("Hẹn trả: ", due, "."), absl::StrCat("Due: ", due, ".")});
  }

 private:
  v1::DueTimeExplanation* explanation_;
};

absl::Status Summarize(const Calendar& calendar, const DueInput& input, const Prepared& prepared, const Count& count,
                       v1::DueTimeExplanation* explanation) {
  TTHC_ASSIGN_OR_RETURN(const Findings found, Find(calendar, *explanation));
  Summary summary(explanation);
  summary.AddStart(input, prepared, count);
  summary.Line(RuleWords(count));
  summary.AddSkipped(found);
  summary.AddPauses(found);
  if (found.rolled && count.method == Method::kCalendarDays) summary.AddRolled(count);
  summary.AddEnd(*explanation);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::DueTimeExplanation> ExplainDueTime(const Calendar& calendar, const DueInput& input) {
  TTHC_ASSIGN_OR_RETURN(const DueTimes times, ComputeDueTimes(calendar, input));
  // Counted once more, by the chosen rule, for what ComputeDueTimes does not hand out.
  TTHC_ASSIGN_OR_RETURN(const Prepared prepared, counting::Prepare(calendar, input));
  TTHC_ASSIGN_OR_RETURN(const Count count, counting::CountLimit(calendar, prepared, input.counting_rule));
  v1::DueTimeExplanation explanation;
  explanation.set_counting_rule(input.counting_rule);
  *explanation.mutable_received_time() = ToProto(prepared.received);
  *explanation.mutable_start_time() = ToProto(times.start);
  *explanation.mutable_limit() = input.limit;
  explanation.set_calendar_version(calendar.version());
  if (times.due.has_value()) {
    *explanation.mutable_due_time() = ToProto(*times.due);
    explanation.set_due_date(FormatIsoDate(LocalCivilDay(*times.due)));
    *explanation.mutable_date_rule_due_time() = ToProto(*times.date_rule);
    *explanation.mutable_clock_rule_due_time() = ToProto(*times.clock_rule);
    explanation.set_provisional(calendar.IsProvisional(LocalDayNumber(prepared.received), LocalDayNumber(*times.due)));
    Intervals intervals(&explanation);
    TTHC_RETURN_IF_ERROR(AddIntervals(calendar, input, prepared, count, &intervals));
  }
  TTHC_RETURN_IF_ERROR(Summarize(calendar, input, prepared, count, &explanation));
  return explanation;
}

}  // namespace tthc::timing
