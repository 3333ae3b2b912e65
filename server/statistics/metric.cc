#include "server/statistics/metric.h"

#include <map>
#include <utility>

#include "server/domain/fact.h"

namespace tthc::server {
namespace {

using Kind = MetricSpec::Kind;

// --- Parts of counts -------------------------------------------------------------------------------------------------

CountPart All(CountBy by) { return {.by = by}; }

CountPart WithFlag(CountBy by, uint64_t flag) { return {.by = by, .mask = flag, .value = flag}; }

CountPart WithOutcome(v1::Outcome outcome) {
  return {.by = CountBy::kEnd,
          .mask = uint64_t{7} << Traits::kOutcome,
          .value = static_cast<uint64_t>(outcome) << Traits::kOutcome};
}

CountPart WithChannel(v1::Channel channel) {
  return {.by = CountBy::kAccept,
          .mask = uint64_t{3} << Traits::kChannel,
          .value = static_cast<uint64_t>(channel) << Traits::kChannel};
}

// Ended with a verdict, by one of the meanings of "on time". The verdicts of all meanings are in the traits, two bits
// each, computed once when the fact was made.
CountPart Evaluated(domain::VerdictShift meaning, domain::FactVerdict verdict) {
  const int shift = Traits::kVerdicts + meaning;
  return {.by = CountBy::kEnd, .mask = uint64_t{3} << shift, .value = uint64_t{verdict} << shift};
}

// A further condition on the same word. Its bits must not be in the mask yet.
CountPart And(CountPart part, uint64_t mask, uint64_t value) {
  part.mask |= mask;
  part.value |= value;
  return part;
}

CountPart Step(domain::FactVerdict verdict) {
  return {.by = CountBy::kStep, .mask = MomentWord::kVerdict, .value = verdict};
}

CountPart Rated(v1::RatingLevel level) {
  return {.by = CountBy::kRating, .mask = MomentWord::kVerdict, .value = static_cast<uint64_t>(level)};
}

// Ratings have the flag set if they are about the result, and not if they are about the reception.
CountPart OfResult(CountPart part) { return And(part, MomentWord::kFlag, MomentWord::kFlag); }
CountPart OfReception(CountPart part) { return And(part, MomentWord::kFlag, 0); }

// What was open at the last second before the period.
CountPart CarriedOver() { return {.by = CountBy::kOpen, .at_beginning = true}; }

// None of the two bits: no supplement request during resolution.
constexpr uint64_t kSupplements = domain::kFactSupplementOnce | domain::kFactSupplementMore;

// --- The table -------------------------------------------------------------------------------------------------------

MetricSpec Count(v1::Metric metric, std::vector<CountPart> parts) {
  return {.metric = metric, .kind = Kind::kCount, .parts = std::move(parts)};
}

MetricSpec Share(v1::Metric metric, std::vector<v1::Metric> numerators, std::vector<v1::Metric> denominators) {
  return {.metric = metric,
          .kind = Kind::kShare,
          .numerators = std::move(numerators),
          .denominators = std::move(denominators)};
}

// Counts by moments in the period.
std::vector<MetricSpec> Flows() {
  using domain::kShift06a, domain::kShift766, domain::kShiftPromise, domain::kShiftScore;
  using domain::kVerdictEarly, domain::kVerdictLate, domain::kVerdictOnTime;
  return {
      Count(v1::METRIC_RECEIVED, {All(CountBy::kAccept)}),
      Count(v1::METRIC_RECEIVED_AT_COUNTER, {WithChannel(v1::CHANNEL_COUNTER)}),
      Count(v1::METRIC_RECEIVED_ONLINE, {WithChannel(v1::CHANNEL_ONLINE)}),
      Count(v1::METRIC_RECEIVED_BY_POST, {WithChannel(v1::CHANNEL_POST)}),
      Count(v1::METRIC_SUBMITTED, {All(CountBy::kSubmit)}),
      Count(v1::METRIC_REFUSED_AT_INTAKE, {All(CountBy::kIntakeRefusal)}),
      Count(v1::METRIC_CARRIED_OVER, {CarriedOver()}),
      Count(v1::METRIC_ENDED, {All(CountBy::kEnd)}),
      Count(v1::METRIC_GRANTED, {WithOutcome(v1::OUTCOME_GRANTED)}),
      Count(v1::METRIC_REFUSED, {WithOutcome(v1::OUTCOME_REFUSED)}),
      Count(v1::METRIC_STOPPED, {WithOutcome(v1::OUTCOME_STOPPED)}),
      Count(v1::METRIC_WITHDRAWN, {WithOutcome(v1::OUTCOME_WITHDRAWN)}),
      Count(v1::METRIC_RETURNED, {All(CountBy::kReturn)}),
      Count(v1::METRIC_ENDED_EARLY_06A, {Evaluated(kShift06a, kVerdictEarly)}),
      Count(v1::METRIC_ENDED_ON_TIME_06A, {Evaluated(kShift06a, kVerdictOnTime)}),
      Count(v1::METRIC_ENDED_LATE_06A, {Evaluated(kShift06a, kVerdictLate)}),
      Count(v1::METRIC_ENDED_ON_TIME_766, {Evaluated(kShift766, kVerdictOnTime)}),
      Count(v1::METRIC_ENDED_LATE_766, {Evaluated(kShift766, kVerdictLate)}),
      Count(v1::METRIC_ENDED_EARLY_SCORE, {Evaluated(kShiftScore, kVerdictEarly)}),
      Count(v1::METRIC_ENDED_ON_TIME_SCORE, {Evaluated(kShiftScore, kVerdictOnTime)}),
      Count(v1::METRIC_ENDED_LATE_SCORE, {Evaluated(kShiftScore, kVerdictLate)}),
      Count(v1::METRIC_ENDED_EARLY_PROMISE, {Evaluated(kShiftPromise, kVerdictEarly)}),
      Count(v1::METRIC_ENDED_ON_TIME_PROMISE, {Evaluated(kShiftPromise, kVerdictOnTime)}),
      Count(v1::METRIC_ENDED_LATE_PROMISE, {Evaluated(kShiftPromise, kVerdictLate)}),
      Count(v1::METRIC_STEPS_EARLY, {Step(kVerdictEarly)}),
      Count(v1::METRIC_STEPS_ON_TIME, {Step(kVerdictOnTime)}),
      Count(v1::METRIC_STEPS_LATE, {Step(kVerdictLate)}),
      Count(v1::METRIC_RESCHEDULED, {All(CountBy::kReschedule)}),
      Count(v1::METRIC_MISSING_APOLOGY, {And(Evaluated(kShift06a, kVerdictLate), domain::kFactRescheduled, 0),
                                         And(All(CountBy::kOverdue06a), domain::kFactRescheduled, 0)}),
      Count(v1::METRIC_OVER_SUPPLEMENTED, {All(CountBy::kRepeatedSupplement)}),
      Count(v1::METRIC_ENDED_RATED, {WithFlag(CountBy::kEnd, domain::kFactRated)}),
      Count(v1::METRIC_ENDED_WITH_FEE, {WithFlag(CountBy::kEnd, domain::kFactHasFee)}),
      Count(v1::METRIC_ENDED_PAID_ONLINE, {WithFlag(CountBy::kEnd, domain::kFactHasFee | domain::kFactPaidOnline)}),
      Count(v1::METRIC_GRANTED_ELECTRONIC,
            {And(WithOutcome(v1::OUTCOME_GRANTED), domain::kFactElectronicResult, domain::kFactElectronicResult)}),
      Count(v1::METRIC_RECEIVED_WITH_DOCUMENTS, {WithFlag(CountBy::kAccept, domain::kFactHasDocuments)}),
      Count(v1::METRIC_RECEIVED_DIGITIZED, {WithFlag(CountBy::kAccept, domain::kFactDigitized)}),
      Count(v1::METRIC_ENDED_SUPPLEMENT_NONE, {And(All(CountBy::kEnd), kSupplements, 0)}),
      Count(v1::METRIC_ENDED_SUPPLEMENT_ONCE, {WithFlag(CountBy::kEnd, domain::kFactSupplementOnce)}),
      Count(v1::METRIC_ENDED_SUPPLEMENT_MORE, {WithFlag(CountBy::kEnd, domain::kFactSupplementMore)}),
      Count(v1::METRIC_ENDED_WITH_UPHELD_PETITION, {WithFlag(CountBy::kEnd, domain::kFactUpheldPetition)}),
      // Decision 766: a dossier displeases if it ended late, or if not, by a petition or a rating. Three parts that
      // exclude each other, since nothing may count twice.
      Count(v1::METRIC_ENDED_DISPLEASED,
            {Evaluated(kShift06a, kVerdictLate),
             And(Evaluated(kShift06a, kVerdictEarly), domain::kFactDispleased, domain::kFactDispleased),
             And(Evaluated(kShift06a, kVerdictOnTime), domain::kFactDispleased, domain::kFactDispleased)}),
      Count(v1::METRIC_ENDED_EARLY_BLAMELESS,
            {And(Evaluated(kShiftScore, kVerdictEarly), domain::kFactUpheldPetition, 0)}),
      Count(v1::METRIC_ENDED_ON_TIME_BLAMELESS,
            {And(Evaluated(kShiftScore, kVerdictOnTime), domain::kFactUpheldPetition, 0)}),
      Count(v1::METRIC_ENDED_ONLINE,
            {And(All(CountBy::kEnd), WithChannel(v1::CHANNEL_ONLINE).mask, WithChannel(v1::CHANNEL_ONLINE).value)}),
  };
}

// Ratings and petitions, of which a dossier may have several.
std::vector<MetricSpec> RatingCounts() {
  const CountPart very = Rated(v1::RATING_LEVEL_VERY_SATISFIED);
  const CountPart satisfied = Rated(v1::RATING_LEVEL_SATISFIED);
  const CountPart dissatisfied = Rated(v1::RATING_LEVEL_DISSATISFIED);
  const CountPart in_time = {.by = CountBy::kPetitionAnswer, .mask = MomentWord::kInTime, .value = MomentWord::kInTime};
  const CountPart late = {.by = CountBy::kPetitionAnswer, .mask = MomentWord::kInTime};
  const CountPart upheld = {.by = CountBy::kPetitionAnswer, .mask = MomentWord::kFlag, .value = MomentWord::kFlag};
  return {
      Count(v1::METRIC_RATED_VERY_SATISFIED, {very}),
      Count(v1::METRIC_RATED_SATISFIED, {satisfied}),
      Count(v1::METRIC_RATED_DISSATISFIED, {dissatisfied}),
      Count(v1::METRIC_RATED_RECEPTION_VERY_SATISFIED, {OfReception(very)}),
      Count(v1::METRIC_RATED_RECEPTION_SATISFIED, {OfReception(satisfied)}),
      Count(v1::METRIC_RATED_RECEPTION_DISSATISFIED, {OfReception(dissatisfied)}),
      Count(v1::METRIC_RATED_RESULT_VERY_SATISFIED, {OfResult(very)}),
      Count(v1::METRIC_RATED_RESULT_SATISFIED, {OfResult(satisfied)}),
      Count(v1::METRIC_RATED_RESULT_DISSATISFIED, {OfResult(dissatisfied)}),
      Count(v1::METRIC_PETITIONS_RECEIVED, {All(CountBy::kPetition)}),
      Count(v1::METRIC_PETITIONS_ANSWERED_IN_TIME, {in_time}),
      Count(v1::METRIC_PETITIONS_ANSWERED_LATE, {late}),
      Count(v1::METRIC_PETITIONS_UPHELD, {upheld}),
      Count(v1::METRIC_PETITIONS_OPEN_IN_TERM, {All(CountBy::kPetitionInTerm)}),
      Count(v1::METRIC_PETITIONS_OPEN_OVERDUE, {All(CountBy::kPetitionOverdue)}),
  };
}

// Counts at the end of the period.
std::vector<MetricSpec> Levels() {
  return {
      Count(v1::METRIC_OPEN, {All(CountBy::kOpen)}),
      Count(v1::METRIC_OPEN_IN_TERM, {All(CountBy::kInTerm06a)}),
      Count(v1::METRIC_OPEN_OVERDUE, {All(CountBy::kOverdue06a)}),
      Count(v1::METRIC_OPEN_IN_TERM_766, {All(CountBy::kInTerm766)}),
      Count(v1::METRIC_OPEN_OVERDUE_766, {All(CountBy::kOverdue766)}),
      Count(v1::METRIC_WAITING_FOR_SUPPLEMENT, {All(CountBy::kAwaitingSupplement)}),
      Count(v1::METRIC_WAITING_FOR_PAYMENT, {All(CountBy::kAwaitingPayment)}),
      Count(v1::METRIC_PAUSED_CLOCK, {All(CountBy::kPaused)}),
      Count(v1::METRIC_WAITING_FOR_HAND_OVER, {All(CountBy::kAwaitingHandOver)}),
      {.metric = v1::METRIC_UNSYNCHRONIZED, .kind = Kind::kMirror},
  };
}

// The four meanings of "on time" and the per-step one have a share each; none is computed from another's counts.
std::vector<MetricSpec> Shares() {
  return {
      Share(v1::METRIC_ON_TIME_SHARE_06A, {v1::METRIC_ENDED_EARLY_06A, v1::METRIC_ENDED_ON_TIME_06A},
            {v1::METRIC_ENDED_EARLY_06A, v1::METRIC_ENDED_ON_TIME_06A, v1::METRIC_ENDED_LATE_06A}),
      // Decision 766/QĐ-TTg: what is open and in term counts as on time, so levels stand beside flows in one fraction.
      Share(v1::METRIC_ON_TIME_SHARE_766, {v1::METRIC_ENDED_ON_TIME_766, v1::METRIC_OPEN_IN_TERM_766},
            {v1::METRIC_ENDED_ON_TIME_766, v1::METRIC_ENDED_LATE_766, v1::METRIC_OPEN_IN_TERM_766,
             v1::METRIC_OPEN_OVERDUE_766}),
      Share(v1::METRIC_ON_TIME_SHARE_SCORE, {v1::METRIC_ENDED_EARLY_SCORE, v1::METRIC_ENDED_ON_TIME_SCORE},
            {v1::METRIC_ENDED_EARLY_SCORE, v1::METRIC_ENDED_ON_TIME_SCORE, v1::METRIC_ENDED_LATE_SCORE}),
      Share(v1::METRIC_ON_TIME_SHARE_PROMISE, {v1::METRIC_ENDED_EARLY_PROMISE, v1::METRIC_ENDED_ON_TIME_PROMISE},
            {v1::METRIC_ENDED_EARLY_PROMISE, v1::METRIC_ENDED_ON_TIME_PROMISE, v1::METRIC_ENDED_LATE_PROMISE}),
      Share(v1::METRIC_ON_TIME_SHARE_STEPS, {v1::METRIC_STEPS_EARLY, v1::METRIC_STEPS_ON_TIME},
            {v1::METRIC_STEPS_EARLY, v1::METRIC_STEPS_ON_TIME, v1::METRIC_STEPS_LATE}),
      Share(v1::METRIC_SATISFACTION_RATE, {v1::METRIC_RATED_VERY_SATISFIED, v1::METRIC_RATED_SATISFIED},
            {v1::METRIC_RATED_VERY_SATISFIED, v1::METRIC_RATED_SATISFIED, v1::METRIC_RATED_DISSATISFIED}),
      Share(v1::METRIC_RESPONSE_RATE, {v1::METRIC_ENDED_RATED}, {v1::METRIC_ENDED}),
      Share(v1::METRIC_ONLINE_SHARE, {v1::METRIC_RECEIVED_ONLINE}, {v1::METRIC_RECEIVED}),
      Share(v1::METRIC_ONLINE_PAYMENT_SHARE, {v1::METRIC_ENDED_PAID_ONLINE}, {v1::METRIC_ENDED_WITH_FEE}),
      Share(v1::METRIC_PETITIONS_IN_TIME_SHARE, {v1::METRIC_PETITIONS_ANSWERED_IN_TIME},
            {v1::METRIC_PETITIONS_ANSWERED_IN_TIME, v1::METRIC_PETITIONS_ANSWERED_LATE,
             v1::METRIC_PETITIONS_OPEN_OVERDUE}),
      Share(v1::METRIC_ELECTRONIC_RESULT_SHARE, {v1::METRIC_GRANTED_ELECTRONIC}, {v1::METRIC_GRANTED}),
      Share(v1::METRIC_DIGITIZED_SHARE, {v1::METRIC_RECEIVED_DIGITIZED}, {v1::METRIC_RECEIVED_WITH_DOCUMENTS}),
      {.metric = v1::METRIC_SYNCHRONIZED_SHARE, .kind = Kind::kMirror},
      Share(v1::METRIC_LATE_SHARE, {v1::METRIC_ENDED_LATE_06A},
            {v1::METRIC_ENDED_EARLY_06A, v1::METRIC_ENDED_ON_TIME_06A, v1::METRIC_ENDED_LATE_06A}),
  };
}

// What a distribution is made of is code, not data: see VisitMinutes.
std::vector<MetricSpec> Distributions() {
  std::vector<MetricSpec> specs;
  for (const v1::Metric metric :
       {v1::METRIC_HANDLING_TIME, v1::METRIC_TIME_SUBMITTED, v1::METRIC_TIME_ACCEPTED, v1::METRIC_TIME_PROCESSING,
        v1::METRIC_TIME_AWAITING_SUPPLEMENT, v1::METRIC_TIME_AWAITING_PAYMENT, v1::METRIC_TIME_PAUSED,
        v1::METRIC_TIME_AWAITING_HAND_OVER, v1::METRIC_TIME_WITH_UNIT}) {
    specs.push_back({.metric = metric, .kind = Kind::kDistribution});
  }
  return specs;
}

std::map<v1::Metric, MetricSpec> MakeTable() {
  std::map<v1::Metric, MetricSpec> table;
  for (const auto& specs : {Flows(), RatingCounts(), Levels(), Shares(), Distributions()}) {
    for (const MetricSpec& spec : specs) table[spec.metric] = spec;
  }
  return table;
}

}  // namespace

const MetricSpec* FindMetric(v1::Metric metric) {
  // Never destroyed: report threads may still run while the process ends.
  static const auto& table = *new std::map<v1::Metric, MetricSpec>(MakeTable());
  const auto found = table.find(metric);
  return found == table.end() ? nullptr : &found->second;
}

}  // namespace tthc::server
