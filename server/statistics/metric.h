#pragma once

#include <cstdint>
#include <vector>

#include "server/facts/fact_columns.h"
#include "tthc/v1/statistics.pb.h"

// What each metric of tthc.v1 counts, as data. docs/statistics.md says the same in words, with the source in law.
//
// Vocabulary:
// - A count has parts that are added up. A part says by what something counts (CountBy) and which of these things count
//   (a predicate on one word of bits).
// - A share divides sums of counts by sums of counts. A distribution is made of durations
//   (statistics_scan.cc). A figure of the mirror comes from what targets have confirmed, not from facts.
// - A flow counts in the bucket that holds its moment. A level counts at the end (or beginning) of a bucket if it holds
//   then.
//
// To add a metric: a row in the table of the .cc file; if it needs something of a dossier that is not in the facts yet,
// also domain::MakeFact and FactColumns. A row that closed periods were computed with never changes.
//
// Everything here is constant data. Thread-safe.
namespace tthc::server {

// By what a dossier, or something that happened to it, counts.
enum class CountBy : uint8_t {
  // Flows of the dossier itself, by one of its moments. Predicates look at its traits.
  kAccept,
  // Finished or stopped; of accepted dossiers only.
  kEnd,
  // On-line, whether or not it was accepted later.
  kSubmit,
  kIntakeRefusal,
  // The result was handed over.
  kReturn,
  // Flows by moments of which a dossier may have several. Predicates look at a MomentWord.
  // A unit reported it done, or handed on.
  kStep,
  // The last rating of each phase.
  kRating,
  // When it was received, and when it was answered.
  kPetition,
  kPetitionAnswer,
  // A supplement request during resolution that was not the first.
  kRepeatedSupplement,
  // An apology with a new appointment.
  kReschedule,
  // Levels of the dossier itself: accepted and not ended, and what is true of it meanwhile.
  kOpen,
  // By the dates of form 06a; the two exclude each other and make up kOpen.
  kInTerm06a,
  kOverdue06a,
  // By the moments of Decision 766/QĐ-TTg, likewise.
  kInTerm766,
  kOverdue766,
  // Ended with a result that is not handed over.
  kAwaitingHandOver,
  // Levels by moments: waits and petitions.
  kAwaitingSupplement,
  kAwaitingPayment,
  // For a typed reason, by the officer.
  kPaused,
  // Received and not answered, by the due moment of the answer.
  kPetitionInTerm,
  kPetitionOverdue,
};
inline constexpr size_t kCountByCount = 22;
// The order of the enum decides both.
constexpr bool IsLevel(CountBy by) { return by >= CountBy::kOpen; }
constexpr bool IsOfMoments(CountBy by) {
  return (by >= CountBy::kStep && by <= CountBy::kReschedule) || by >= CountBy::kAwaitingSupplement;
}

// The word that predicates of moments look at.
struct MomentWord {
  // FactMoment.verdict: of steps a domain::FactVerdict, of ratings the level.
  static constexpr uint64_t kVerdict = 3;
  // FactMoment.flag.
  static constexpr uint64_t kFlag = 4;
  // It came no later than FactMoment.other, which is when it was due.
  static constexpr uint64_t kInTime = 8;
  static uint64_t Of(const FactMoment& moment) {
    return moment.verdict | (moment.flag != 0 ? kFlag : 0) | (moment.time <= moment.other ? kInTime : 0);
  }
};

// One addend of a count.
struct CountPart {
  CountBy by = CountBy::kAccept;
  // What counts has `value` in the bits of `mask`. The word is the dossier's traits, or the MomentWord.
  uint64_t mask = 0;
  uint64_t value = 0;
  // Of a level: at the moment before the period instead of at its end.
  bool at_beginning = false;

  bool Holds(uint64_t word) const { return (word & mask) == value; }
};

struct MetricSpec {
  enum class Kind { kCount, kShare, kDistribution, kMirror };

  v1::Metric metric = v1::METRIC_UNSPECIFIED;
  Kind kind = Kind::kCount;
  // Of a count. Nothing may match two parts, or it would count twice.
  std::vector<CountPart> parts = {};
  // Of a share: counts whose sums are divided.
  std::vector<v1::Metric> numerators = {};
  std::vector<v1::Metric> denominators = {};
};

// nullptr for a number that is no metric. The result lives as long as the program.
const MetricSpec* FindMetric(v1::Metric metric);

}  // namespace tthc::server
