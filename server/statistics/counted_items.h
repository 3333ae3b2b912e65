#pragma once

#include <algorithm>
#include <cstdint>

#include "server/domain/fact.h"
#include "server/facts/fact_columns.h"
#include "server/statistics/metric.h"
#include "storage/base/local_time.h"
#include "tthc/v1/statistics.pb.h"

// When each thing that can be counted counts.
//
// Figures and the lists behind them both go through here, which is why a list has as many entries as its figure says.
// The functions are templates in a header since every row of every scan runs through them; `visit` is inlined.
//
// Vocabulary:
// - item: a dossier itself, or a moment of it (a step, a rating, a petition, a wait).
// - interval: when the item counts. A flow counts at a moment, a level at every second within.
// - word: what predicates of metrics look at. The traits of the dossier, or the MomentWord of the moment.
//
// What counts when is decided here and nowhere else:
// - A dossier that was never accepted counts only by its submission and its refusal at intake.
// - An end counts by the moment of finishing or stopping, never by that of the hand-over.
// - A wait that was never answered lasts until the dossier ends.
// - A petition is in term until its due moment, that second included, and overdue from the next one on.
//
// Times are Unix seconds. In the columns 0 stands for "never"; here kNever does, so that times can be compared.
//
// Pure: the caller keeps the columns from changing meanwhile. Thread-safe.
namespace tthc::server {

// Later than every time.
inline constexpr int64_t kNever = INT64_MAX;

// Of a flow begin and end are both its moment; a level counts in [begin, end), which is not empty.
struct Interval {
  int64_t begin = 0;
  int64_t end = 0;
};

// A time of the columns, where 0 is none.
inline int64_t OrNever(uint32_t second) { return second == 0 ? kNever : second; }

// The first second of the local day after the one that holds `second`.
inline int64_t NextMidnight(int64_t second) {
  return (second + kLocalOffsetSeconds) / kSecondsPerDay * kSecondsPerDay + kSecondsPerDay - kLocalOffsetSeconds;
}

// The second from which an open dossier is overdue by form 06a. The form compares dates, so a dossier is in term for
// the whole of its due day. One that waits since before it was overdue stays in term: the applicant's delay is not
// counted against the office. Without a due time it is never overdue.
inline int64_t OverdueFrom06a(const FactColumns& columns, size_t row) {
  const bool held = (Traits::Flags(columns.traits[row]) & domain::kFactHeld) != 0;
  return columns.due[row] == 0 || held ? kNever : NextMidnight(columns.due[row]);
}

// The same by Decision 766/QĐ-TTg, which compares moments: the last second in term is due_766.
inline int64_t OverdueFrom766(const FactColumns& columns, size_t row) {
  return columns.due_766[row] == 0 ? kNever : int64_t{columns.due_766[row]} + 1;
}

// Only a result can be handed over; stopped and withdrawn dossiers have none.
inline bool HasResult(uint64_t traits) {
  return Traits::Outcome(traits) == v1::OUTCOME_GRANTED || Traits::Outcome(traits) == v1::OUTCOME_REFUSED;
}

// Calls visit(interval, word, nullptr) at most once: if the dossier itself counts. A level is cut to the time in which
// the dossier was accepted and not ended.
template <typename Visit>
void VisitDossier(const FactColumns& columns, CountBy by, size_t row, Visit visit) {
  const uint64_t traits = columns.traits[row];
  const int64_t accept = columns.accept[row];
  // 0: it has not happened.
  const auto flow = [&](int64_t second) {
    if (second != 0) visit(Interval{second, second}, traits, nullptr);
  };
  const auto level = [&](int64_t begin, int64_t end) {
    if (accept != 0 && begin < end) visit(Interval{begin, end}, traits, nullptr);
  };
  const int64_t end = OrNever(columns.end[row]);
  switch (by) {
    case CountBy::kAccept:
      return flow(accept);
    case CountBy::kEnd:
      return flow(accept == 0 ? 0 : columns.end[row]);
    case CountBy::kSubmit:
      return flow(columns.submit[row]);
    case CountBy::kIntakeRefusal:
      return flow(Traits::Outcome(traits) == v1::OUTCOME_INTAKE_REFUSED ? columns.end[row] : 0);
    case CountBy::kReturn:
      return flow(columns.returned[row]);
    case CountBy::kOpen:
      return level(accept, end);
    case CountBy::kInTerm06a:
      return level(accept, std::min(end, OverdueFrom06a(columns, row)));
    case CountBy::kOverdue06a:
      return level(std::max(accept, OverdueFrom06a(columns, row)), end);
    case CountBy::kInTerm766:
      return level(accept, std::min(end, OverdueFrom766(columns, row)));
    case CountBy::kOverdue766:
      return level(std::max(accept, OverdueFrom766(columns, row)), end);
    case CountBy::kAwaitingHandOver:
      return HasResult(traits) ? level(end, OrNever(columns.returned[row])) : void();
    default:
      return;
  }
}

// The kind of moments that a way of counting looks at. Of ways without moments it means nothing.
inline FactMoment::Kind MomentKind(CountBy by) {
  switch (by) {
    case CountBy::kStep:
      return FactMoment::kStep;
    case CountBy::kRating:
      return FactMoment::kRating;
    case CountBy::kPetitionAnswer:
      return FactMoment::kPetitionAnswer;
    case CountBy::kReschedule:
      return FactMoment::kReschedule;
    case CountBy::kRepeatedSupplement:
    case CountBy::kAwaitingSupplement:
      return FactMoment::kSupplement;
    case CountBy::kAwaitingPayment:
      return FactMoment::kFinancial;
    case CountBy::kPaused:
      return FactMoment::kPause;
    default:
      return FactMoment::kPetition;
  }
}

// Calls visit(interval, word, moment) for every moment of the dossier that counts, in their order. The moment is valid
// during the call only.
template <typename Visit>
void VisitMoments(const FactColumns& columns, CountBy by, size_t row, Visit visit) {
  const FactMoment::Kind kind = MomentKind(by);
  const int64_t dossier_end = OrNever(columns.end[row]);
  // A petition that was answered: the answer is the next moment of the table and ends the petition's interval.
  const FactMoment* answered = nullptr;
  const auto petition = [&](const FactMoment& moment, int64_t answer) {
    const int64_t overdue = int64_t{moment.other} + 1;
    const Interval interval = by == CountBy::kPetitionInTerm
                                  ? Interval{moment.time, std::min(answer, overdue)}
                                  : Interval{std::max<int64_t>(moment.time, overdue), answer};
    if (interval.begin < interval.end) visit(interval, MomentWord::Of(moment), &moment);
  };
  columns.moments.ForEach(columns.moment_refs[row], [&](const FactMoment& moment) {
    if (answered != nullptr) {
      petition(*answered, moment.time);
      answered = nullptr;
    }
    if (moment.kind != kind) return;
    switch (by) {
      case CountBy::kPetitionInTerm:
      case CountBy::kPetitionOverdue:
        if (moment.flag != 0) {
          answered = &moment;
        } else {
          petition(moment, kNever);
        }
        return;
      // A wait has the end in `time` and the beginning in `other`. One that was never answered ends with the dossier.
      case CountBy::kAwaitingSupplement:
      case CountBy::kAwaitingPayment:
      case CountBy::kPaused: {
        const Interval interval{moment.other, std::min(OrNever(moment.time), dossier_end)};
        if (interval.begin < interval.end) visit(interval, MomentWord::Of(moment), &moment);
        return;
      }
      // By the moment of the request, which is the beginning of the wait.
      case CountBy::kRepeatedSupplement:
        if (moment.flag != 0) visit(Interval{moment.other, moment.other}, MomentWord::Of(moment), &moment);
        return;
      default:
        if (moment.time != 0) visit(Interval{moment.time, moment.time}, MomentWord::Of(moment), &moment);
        return;
    }
  });
}

// One of the two, by the kind of counting.
template <typename Visit>
void VisitItems(const FactColumns& columns, CountBy by, size_t row, Visit visit) {
  if (IsOfMoments(by)) {
    VisitMoments(columns, by, row, visit);
  } else {
    VisitDossier(columns, by, row, visit);
  }
}

}  // namespace tthc::server
