#include "server/service/metric.h"

#include <map>
#include <utility>

#include "server/domain/fact.h"

namespace tthc::server {
namespace {

using Kind = MetricSpec::Kind;

// --- Predicates ------------------------------------------------------------------------------------------------------

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

CountPart Judged(domain::VerdictShift meaning, domain::FactVerdict verdict) {
  const int shift = Traits::kVerdicts + meaning;
  return {.by = CountBy::kEnd, .mask = uint64_t{3} << shift, .value = uint64_t{verdict} << shift};
}

// A further condition on the same word.
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

CountPart OfResult(CountPart part) { return And(part, MomentWord::kFlag, MomentWord::kFlag); }
CountPart OfReception(CountPart part) { return And(part, MomentWord::kFlag, 0); }

CountPart CarriedOver() { return {.by = CountBy::kOpen, .at_beginning = true}; }

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
      Count(v1::METRIC_ENDED_EARLY_06A, {Judged(kShift06a, kVerdictEarly)}),
      Count(v1::METRIC_ENDED_ON_TIME_06A, {Judged(kShift06a, kVerdictOnTime)}),
      Count(v1::METRIC_ENDED_LATE_06A, {Judged(kShift06a, kVerdictLate)}),
      Count(v1::METRIC_ENDED_ON_TIME_766, {Judged(kShift766, kVerdictOnTime)}),
      Count(v1::METRIC_ENDED_LATE_766, {Judged(kShift766, kVerdictLate)}),
      Count(v1::METRIC_ENDED_EARLY_SCORE, {Judged(kShiftScore, kVerdictEarly)}),
      Count(v1::METRIC_ENDED_ON_TIME_SCORE, {Judged(kShiftScore, kVerdictOnTime)}),
      Count(v1::METRIC_ENDED_LATE_SCORE, {Judged(kShiftScore, kVerdictLate)}),
      Count(v1::METRIC_ENDED_EARLY_PROMISE, {Judged(kShiftPromise, kVerdictEarly)}),
      Count(v1::METRIC_ENDED_ON_TIME_PROMISE, {Judged(kShiftPromise, kVerdictOnTime)}),
      Count(v1::METRIC_ENDED_LATE_PROMISE, {Judged(kShiftPromise, kVerdictLate)}),
      Count(v1::METRIC_STEPS_EARLY, {Step(kVerdictEarly)}),
      Count(v1::METRIC_STEPS_ON_TIME, {Step(kVerdictOnTime)}),
      Count(v1::METRIC_STEPS_LATE, {Step(kVerdictLate)}),
      Count(v1::METRIC_RESCHEDULED, {All(CountBy::kReschedule)}),
      Count(v1::METRIC_MISSING_APOLOGY, {And(Judged(kShift06a, kVerdictLate), domain::kFactRescheduled, 0),
                                         And(All(CountBy::kOverdue06a), domain::kFactRescheduled, 0)}),
      Count(v1::METRIC_OVER_SUPPLEMENTED, {All(CountBy::kRepeatedSupplement)}),
      Count(v1::METRIC_ENDED_RATED, {WithFlag(CountBy::kEnd, domain::kFactRated)}),
      Count(v1::METRIC_ENDED_WITH_FEE, {WithFlag(CountBy::kEnd, domain::kFactHasFee)}),
      Count(v1::METRIC_ENDED_PAID_ONLINE, {WithFlag(CountBy::kEnd, domain::kFactHasFee | domain::kFactPaidOnline)}),
      Count(v1::METRIC_GRANTED_ELECTRONIC, {And(WithOutcome(v1::OUTCOME_GRANTED), domain::kFactElectronicResult,
                                                domain::kFactElectronicResult)}),
      Count(v1::METRIC_RECEIVED_WITH_DOCUMENTS, {WithFlag(CountBy::kAccept, domain::kFactHasDocuments)}),
      Count(v1::METRIC_RECEIVED_DIGITISED, {WithFlag(CountBy::kAccept, domain::kFactDigitised)}),
      Count(v1::METRIC_ENDED_SUPPLEMENT_NONE, {And(All(CountBy::kEnd), kSupplements, 0)}),
      Count(v1::METRIC_ENDED_SUPPLEMENT_ONCE, {WithFlag(CountBy::kEnd, domain::kFactSupplementOnce)}),
      Count(v1::METRIC_ENDED_SUPPLEMENT_MORE, {WithFlag(CountBy::kEnd, domain::kFactSupplementMore)}),
      Count(v1::METRIC_ENDED_WITH_UPHELD_PETITION, {WithFlag(CountBy::kEnd, domain::kFactUpheldPetition)}),
      // Late, or displeased and not late.
      Count(v1::METRIC_ENDED_DISPLEASED,
            {Judged(kShift06a, kVerdictLate),
             And(Judged(kShift06a, kVerdictEarly), domain::kFactDispleased, domain::kFactDispleased),
             And(Judged(kShift06a, kVerdictOnTime), domain::kFactDispleased, domain::kFactDispleased)}),
      Count(v1::METRIC_ENDED_EARLY_BLAMELESS,
            {And(Judged(kShiftScore, kVerdictEarly), domain::kFactUpheldPetition, 0)}),
      Count(v1::METRIC_ENDED_ON_TIME_BLAMELESS,
            {And(Judged(kShiftScore, kVerdictOnTime), domain::kFactUpheldPetition, 0)}),
      Count(v1::METRIC_ENDED_ONLINE, {And(All(CountBy::kEnd), WithChannel(v1::CHANNEL_ONLINE).mask,
                                          WithChannel(v1::CHANNEL_ONLINE).value)}),
  };
}

std::vector<MetricSpec> Voices() {
  const CountPart very = Rated(v1::RATING_LEVEL_VERY_SATISFIED);
  const CountPart satisfied = Rated(v1::RATING_LEVEL_SATISFIED);
  const CountPart dissatisfied = Rated(v1::RATING_LEVEL_DISSATISFIED);
  const CountPart in_time = {
      .by = CountBy::kPetitionAnswer, .mask = MomentWord::kInTime, .value = MomentWord::kInTime};
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
      {.metric = v1::METRIC_UNSYNCHRONISED, .kind = Kind::kMirror},
  };
}

std::vector<MetricSpec> Shares() {
  return {
      Share(v1::METRIC_ON_TIME_SHARE_06A, {v1::METRIC_ENDED_EARLY_06A, v1::METRIC_ENDED_ON_TIME_06A},
            {v1::METRIC_ENDED_EARLY_06A, v1::METRIC_ENDED_ON_TIME_06A, v1::METRIC_ENDED_LATE_06A}),
      // Decision 766: open and in term counts as on time.
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
      Share(v1::METRIC_DIGITISED_SHARE, {v1::METRIC_RECEIVED_DIGITISED}, {v1::METRIC_RECEIVED_WITH_DOCUMENTS}),
      {.metric = v1::METRIC_SYNCHRONISED_SHARE, .kind = Kind::kMirror},
      Share(v1::METRIC_LATE_SHARE, {v1::METRIC_ENDED_LATE_06A},
            {v1::METRIC_ENDED_EARLY_06A, v1::METRIC_ENDED_ON_TIME_06A, v1::METRIC_ENDED_LATE_06A}),
  };
}

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
  for (const auto& specs : {Flows(), Voices(), Levels(), Shares(), Distributions()}) {
    for (const MetricSpec& spec : specs) table[spec.metric] = spec;
  }
  return table;
}

}  // namespace

const MetricSpec* FindMetric(v1::Metric metric) {
  static const auto& table = *new std::map<v1::Metric, MetricSpec>(MakeTable());
  const auto found = table.find(metric);
  return found == table.end() ? nullptr : &found->second;
}

}  // namespace tthc::server
