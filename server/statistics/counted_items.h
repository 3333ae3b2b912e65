#pragma once

#include <algorithm>
#include <cstdint>

#include "server/domain/fact.h"
#include "server/service/fact_columns.h"
#include "server/service/metric.h"
#include "storage/base/local_time.h"
#include "tthc/v1/statistics.pb.h"

// When each thing that can be counted counts: the one place that both figures and the lists behind them go by.
// Templates, since every row of every scan comes through here. Pure.
namespace tthc::server {

inline constexpr int64_t kNever = INT64_MAX;

// A flow's moment is [begin, begin]; a level's stretch [begin, end).
struct Stretch {
  int64_t begin = 0;
  int64_t end = 0;
};

inline int64_t OrNever(uint32_t second) { return second == 0 ? kNever : second; }

// The first second of the local day after the one that holds `second`.
inline int64_t NextMidnight(int64_t second) {
  return (second + kLocalOffsetSeconds) / kSecondsPerDay * kSecondsPerDay + kSecondsPerDay - kLocalOffsetSeconds;
}

// From when on an open dossier is late, by dates.
inline int64_t OverdueFrom06a(const FactColumns& columns, size_t row) {
  const bool held = (Traits::Flags(columns.traits[row]) & domain::kFactHeld) != 0;
  return columns.due[row] == 0 || held ? kNever : NextMidnight(columns.due[row]);
}

inline int64_t OverdueFrom766(const FactColumns& columns, size_t row) {
  return columns.due_766[row] == 0 ? kNever : int64_t{columns.due_766[row]} + 1;
}

inline bool HasResult(uint64_t traits) {
  return Traits::Outcome(traits) == v1::OUTCOME_GRANTED || Traits::Outcome(traits) == v1::OUTCOME_REFUSED;
}

// Visits (stretch, word, moment or nullptr) of a dossier itself; at most one.
template <typename Visit>
void VisitDossier(const FactColumns& columns, CountBy by, size_t row, Visit visit) {
  const uint64_t traits = columns.traits[row];
  const int64_t accept = columns.accept[row];
  const auto flow = [&](int64_t second) {
    if (second != 0) visit(Stretch{second, second}, traits, nullptr);
  };
  const auto level = [&](int64_t begin, int64_t end) {
    if (accept != 0 && begin < end) visit(Stretch{begin, end}, traits, nullptr);
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

// Which kind of moment a way of counting goes by.
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

// As VisitDossier, of the moments of a dossier.
template <typename Visit>
void VisitMoments(const FactColumns& columns, CountBy by, size_t row, Visit visit) {
  const FactMoment::Kind kind = MomentKind(by);
  const int64_t dossier_end = OrNever(columns.end[row]);
  // A petition whose answer comes next.
  const FactMoment* answered = nullptr;
  const auto petition = [&](const FactMoment& moment, int64_t answer) {
    const int64_t overdue = int64_t{moment.other} + 1;
    const Stretch stretch = by == CountBy::kPetitionInTerm
                                ? Stretch{moment.time, std::min(answer, overdue)}
                                : Stretch{std::max<int64_t>(moment.time, overdue), answer};
    if (stretch.begin < stretch.end) visit(stretch, MomentWord::Of(moment), &moment);
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
      case CountBy::kAwaitingSupplement:
      case CountBy::kAwaitingPayment:
      case CountBy::kPaused: {
        const Stretch stretch{moment.other, std::min(OrNever(moment.time), dossier_end)};
        if (stretch.begin < stretch.end) visit(stretch, MomentWord::Of(moment), &moment);
        return;
      }
      case CountBy::kRepeatedSupplement:
        if (moment.flag != 0) visit(Stretch{moment.other, moment.other}, MomentWord::Of(moment), &moment);
        return;
      default:
        if (moment.time != 0) visit(Stretch{moment.time, moment.time}, MomentWord::Of(moment), &moment);
        return;
    }
  });
}

template <typename Visit>
void VisitItems(const FactColumns& columns, CountBy by, size_t row, Visit visit) {
  if (IsOfMoments(by)) {
    VisitMoments(columns, by, row, visit);
  } else {
    VisitDossier(columns, by, row, visit);
  }
}

// Minutes that came to their end at a moment, and whose they were.
template <typename Visit>
void VisitMinutes(const FactColumns& columns, v1::Metric metric, size_t row, Visit visit) {
  const auto one = [&](uint32_t second, int64_t minutes) {
    if (second != 0) visit(int64_t{second}, minutes, nullptr);
  };
  const auto of_moment = [&](const FactMoment& moment) {
    const bool unknown = moment.value == FactMoment::kUnknownMinutes;
    if (moment.time != 0) visit(int64_t{moment.time}, unknown ? int64_t{-1} : int64_t{moment.value}, &moment);
  };
  const auto of_kind = [&](FactMoment::Kind kind) {
    columns.moments.ForEach(columns.moment_refs[row], [&](const FactMoment& moment) {
      if (moment.kind == kind) of_moment(moment);
    });
  };
  const bool accepted = columns.accept[row] != 0;
  switch (metric) {
    case v1::METRIC_HANDLING_TIME:
      return one(accepted ? columns.end[row] : 0, columns.handling_minutes.At(row));
    case v1::METRIC_TIME_PROCESSING: {
      if (!accepted || columns.end[row] == 0) return;
      const int64_t handling = columns.handling_minutes.At(row);
      const FactMoment& counter = columns.moments.First(columns.moment_refs[row]);
      const bool unknown = handling < 0 || counter.value == FactMoment::kUnknownMinutes;
      return one(columns.end[row], unknown ? -1 : handling - int64_t{counter.value});
    }
    case v1::METRIC_TIME_SUBMITTED:
      return one(columns.submit[row] != 0 ? columns.accept[row] : 0, columns.submitted_minutes.At(row));
    case v1::METRIC_TIME_ACCEPTED:
      if (accepted) of_moment(columns.moments.First(columns.moment_refs[row]));
      return;
    case v1::METRIC_TIME_AWAITING_HAND_OVER:
      return one(columns.returned[row], columns.hand_over_minutes.At(row));
    case v1::METRIC_TIME_AWAITING_SUPPLEMENT:
      return of_kind(FactMoment::kSupplement);
    case v1::METRIC_TIME_AWAITING_PAYMENT:
      return of_kind(FactMoment::kFinancial);
    case v1::METRIC_TIME_PAUSED:
      return of_kind(FactMoment::kPause);
    default:
      return of_kind(FactMoment::kStep);
  }
}

}  // namespace tthc::server
