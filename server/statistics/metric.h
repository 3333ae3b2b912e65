#pragma once

#include <cstdint>
#include <vector>

#include "server/service/fact_columns.h"
#include "tthc/v1/statistics.pb.h"

// What each metric of tthc.v1 counts, as data: docs/statistics.md says it in words, with the source in law. Pure;
// thread-safe.
namespace tthc::server {

// By what a dossier, or something that happened to it, counts. Flows have a moment and count in the period that holds
// it; levels have a stretch and count at the moments within.
enum class CountBy : uint8_t {
  kAccept,
  kEnd,
  kSubmit,
  kIntakeRefusal,
  kReturn,
  // Of moments, several a dossier; predicates look at a MomentWord.
  kStep,
  kRating,
  kPetition,
  kPetitionAnswer,
  kRepeatedSupplement,
  kReschedule,
  // Levels.
  kOpen,
  kInTerm06a,
  kOverdue06a,
  kInTerm766,
  kOverdue766,
  kAwaitingHandOver,
  kAwaitingSupplement,
  kAwaitingPayment,
  kPaused,
  kPetitionInTerm,
  kPetitionOverdue,
};
inline constexpr size_t kCountByCount = 22;
constexpr bool IsLevel(CountBy by) { return by >= CountBy::kOpen; }
constexpr bool IsOfMoments(CountBy by) {
  return (by >= CountBy::kStep && by <= CountBy::kReschedule) || by >= CountBy::kAwaitingSupplement;
}

// What predicates of moments look at: FactMoment.verdict, .flag, and whether it came no later than `other`.
struct MomentWord {
  static constexpr uint64_t kVerdict = 3;
  static constexpr uint64_t kFlag = 4;
  static constexpr uint64_t kInTime = 8;
  static uint64_t Of(const FactMoment& moment) {
    return moment.verdict | (moment.flag != 0 ? kFlag : 0) | (moment.time <= moment.other ? kInTime : 0);
  }
};

// One addend of a count: those whose word (traits, or MomentWord) has `value` under `mask`.
struct CountPart {
  CountBy by = CountBy::kAccept;
  uint64_t mask = 0;
  uint64_t value = 0;
  // Levels: at the moment before the period instead of at its end.
  bool at_beginning = false;

  bool Holds(uint64_t word) const { return (word & mask) == value; }
};

struct MetricSpec {
  // kMirror: a count or a share that comes from what targets have confirmed, not from facts.
  enum class Kind { kCount, kShare, kDistribution, kMirror };

  v1::Metric metric = v1::METRIC_UNSPECIFIED;
  Kind kind = Kind::kCount;
  // kCount: what to add up.
  std::vector<CountPart> parts = {};
  // kShare: sums of counts.
  std::vector<v1::Metric> numerators = {};
  std::vector<v1::Metric> denominators = {};
};

// nullptr for a number that is no metric.
const MetricSpec* FindMetric(v1::Metric metric);

}  // namespace tthc::server
