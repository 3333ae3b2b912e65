#include "tests/testing/statistics_hits.h"

#include <algorithm>
#include <functional>
#include <optional>

namespace tthc::testing {
namespace {

using v1::Metric;

// --- How one dossier lies to its due times ---------------------------------------------------------------------------

// What ended during a wait that was never answered is evaluated at the moment when the clock stopped.
int64_t EndEvaluated(const Life& life) {
  const v1::Wait* wait = life.UnansweredWait();
  return wait == nullptr ? life.ended() : std::min(life.ended(), wait->start_time().seconds());
}

int64_t Promise766(const Life& life) {
  if (life.folded.has_reschedule()) return life.folded.reschedule().new_due_time().seconds();
  return life.folded.due().has_original_due_time() ? life.folded.due().original_due_time().seconds() : kNever;
}

int64_t CompletedSupplementWaits(const Life& life) {
  int64_t total = 0;
  for (const v1::Wait& wait : life.folded.waits()) {
    if (wait.kind() != v1::Wait::KIND_SUPPLEMENT || wait.before_acceptance() || !wait.has_end_time()) continue;
    total += wait.end_time().seconds() - wait.start_time().seconds();
  }
  return total;
}

bool IsUnansweredSupplement(const v1::Wait* wait) {
  return wait != nullptr && wait->kind() == v1::Wait::KIND_SUPPLEMENT;
}

// Working minutes of the count that runs, closed waits since its start taken off.
std::optional<int64_t> ScoreMinutes(const Life& life, int64_t until) {
  const int64_t start = life.folded.due().start_time().seconds();
  const std::optional<int64_t> worked = life.Worked(start, until);
  if (!worked.has_value()) return std::nullopt;
  int64_t seconds = *worked;
  for (const v1::Wait& wait : life.folded.waits()) {
    if (wait.before_acceptance() || !wait.has_end_time() || wait.end_time().seconds() <= start) continue;
    const std::optional<int64_t> off =
        life.Worked(std::max(start, wait.start_time().seconds()), std::min(until, wait.end_time().seconds()));
    if (!off.has_value()) return std::nullopt;
    seconds -= *off;
  }
  return seconds / 60;
}

Lateness Compare(int64_t what, int64_t with) {
  if (what == with) return Lateness::kOnTime;
  return what < with ? Lateness::kEarly : Lateness::kLate;
}

// --- Hits ------------------------------------------------------------------------------------------------------------

// What lies behind the evaluation has not happened as of it.
bool In(int64_t time, const Bucket& bucket) {
  return bucket.from <= time && time < bucket.to && time <= bucket.evaluated;
}

// Ratings, steps, petitions and waits make several hits; all else one, or none.
using Hits = std::vector<Hit>;

Hits Once(const Life& life, int64_t time, bool counts) {
  if (!counts) return {};
  return {{.life = &life, .time = time}};
}

Hits Ended(const Life& life, const Bucket& bucket, bool counts) {
  return Once(life, life.ended(), counts && In(life.ended(), bucket));
}

Hits Received(const Life& life, const Bucket& bucket, bool counts) {
  return Once(life, life.accepted, counts && In(life.accepted, bucket));
}

bool IsOpenAt(const Life& life, int64_t at) { return life.accepted <= at && life.ended() > at; }

Hits OpenAtEnd(const Life& life, const Bucket& bucket, bool counts) {
  return Once(life, 0, counts && IsOpenAt(life, bucket.evaluated));
}

bool WaitsAt(const Life& life, v1::Wait::Kind kind, int64_t at) {
  for (const v1::Wait& wait : life.folded.waits()) {
    if (wait.kind() != kind || wait.before_acceptance()) continue;
    const int64_t end = wait.has_end_time() ? wait.end_time().seconds() : kNever;
    if (wait.start_time().seconds() <= at && at < end) return true;
  }
  return false;
}

Hits Steps(const Life& life, const Bucket& bucket, Lateness wanted) {
  Hits hits;
  for (const v1::Step& step : life.folded.steps()) {
    if (!step.has_done_time() || !step.has_due_time() || !In(step.done_time().seconds(), bucket)) continue;
    const int64_t done = step.done_time().seconds();
    if (Compare(LocalDayOf(done), LocalDayOf(step.due_time().seconds())) != wanted) continue;
    hits.push_back({.life = &life, .time = done, .unit = step.unit(), .officer = step.officer()});
  }
  return hits;
}

Hits LaterSupplementRequests(const Life& life, const Bucket& bucket) {
  Hits hits;
  int asked = 0;
  for (const v1::Wait& wait : life.folded.waits()) {
    if (wait.kind() != v1::Wait::KIND_SUPPLEMENT || wait.before_acceptance()) continue;
    ++asked;
    const int64_t time = wait.start_time().seconds();
    if (asked > 1 && In(time, bucket)) hits.push_back({.life = &life, .time = time});
  }
  return hits;
}

int SupplementRequests(const Life& life) {
  int asked = 0;
  for (const v1::Wait& wait : life.folded.waits()) {
    if (wait.kind() == v1::Wait::KIND_SUPPLEMENT && !wait.before_acceptance()) ++asked;
  }
  return asked;
}

Hits Ratings(const Life& life, const Bucket& bucket, v1::RatingLevel level, v1::RatingPhase phase) {
  Hits hits;
  for (const LifeRating& rating : life.ratings) {
    const bool wanted = rating.level == level && (phase == v1::RATING_PHASE_UNSPECIFIED || rating.phase == phase);
    if (wanted && In(rating.time, bucket)) hits.push_back({.life = &life, .time = rating.time});
  }
  return hits;
}

Hits Petitions(const Life& life, const std::function<int64_t(const LifePetition&)>& time,
               const std::function<bool(const LifePetition&)>& counts) {
  Hits hits;
  for (const LifePetition& petition : life.petitions) {
    if (counts(petition)) hits.push_back({.life = &life, .time = time(petition)});
  }
  return hits;
}

int64_t ReceiveTime(const LifePetition& petition) { return petition.received; }
int64_t AnswerTime(const LifePetition& petition) { return petition.answered; }

bool IsUpheld(const Life& life) {
  return std::any_of(life.petitions.begin(), life.petitions.end(),
                     [](const LifePetition& petition) { return petition.upheld; });
}

bool IsDispleased(const Life& life) {
  const bool dissatisfied = std::any_of(life.ratings.begin(), life.ratings.end(), [](const LifeRating& rating) {
    return rating.level == v1::RATING_LEVEL_DISSATISFIED;
  });
  return EndedBy06a(life) == Lateness::kLate || !life.petitions.empty() || dissatisfied;
}

Hits MissingApologies(const Life& life, const Bucket& bucket) {
  if (life.folded.has_reschedule()) return {};
  Hits hits = Ended(life, bucket, EndedBy06a(life) == Lateness::kLate);
  const Hits open = OpenAtEnd(life, bucket, IsOverdue06a(life, bucket.evaluated));
  hits.insert(hits.end(), open.begin(), open.end());
  return hits;
}

// --- Distributions ---------------------------------------------------------------------------------------------------

Hits Waits(const Life& life, const Bucket& bucket, v1::Wait::Kind kind) {
  Hits hits;
  for (const v1::Wait& wait : life.folded.waits()) {
    if (wait.kind() != kind || wait.before_acceptance() || !wait.has_end_time()) continue;
    if (!In(wait.end_time().seconds(), bucket)) continue;
    const std::optional<int64_t> worked = life.Worked(wait.start_time().seconds(), wait.end_time().seconds());
    hits.push_back(
        {.life = &life, .time = wait.end_time().seconds(), .minutes = worked.has_value() ? *worked / 60 : -1});
  }
  return hits;
}

Hits OfHold(const Life& life, const LifeHold& hold, const Bucket& bucket) {
  if (!In(hold.until, bucket)) return {};
  return {{.life = &life,
           .time = hold.until,
           .minutes = life.MinutesWithoutWaits(hold.from, hold.until),
           .unit = hold.unit,
           .officer = hold.officer}};
}

Hits Holds(const Life& life, const Bucket& bucket) {
  Hits hits;
  for (const LifeHold& hold : life.holds) {
    const Hits one = OfHold(life, hold, bucket);
    hits.insert(hits.end(), one.begin(), one.end());
  }
  return hits;
}

Hits Times(Metric metric, const Life& life, const Bucket& bucket) {
  const auto one = [&](int64_t time, const std::function<int64_t()>& minutes) -> Hits {
    if (!In(time, bucket)) return {};
    return {{.life = &life, .time = time, .minutes = minutes()}};
  };
  const auto all_minutes = [&](int64_t from, int64_t to) {
    const std::optional<int64_t> seconds = life.Worked(from, to);
    return seconds.has_value() ? *seconds / 60 : -1;
  };
  switch (metric) {
    case v1::METRIC_HANDLING_TIME:
      return one(life.ended(), [&] { return life.MinutesWithoutWaits(life.accepted, life.ended()); });
    case v1::METRIC_TIME_SUBMITTED:
      if (life.submitted == kNever) return {};
      return one(life.accepted, [&] { return all_minutes(life.submitted, life.accepted); });
    case v1::METRIC_TIME_ACCEPTED:
      return life.received() ? OfHold(life, life.holds[0], bucket) : Hits();
    case v1::METRIC_TIME_PROCESSING:
      return one(life.ended(), [&]() -> int64_t {
        const int64_t whole = life.MinutesWithoutWaits(life.accepted, life.ended());
        const int64_t at_counter = life.MinutesWithoutWaits(life.accepted, life.holds[0].until);
        return whole < 0 || at_counter < 0 ? -1 : whole - at_counter;
      });
    case v1::METRIC_TIME_AWAITING_HAND_OVER:
      return one(life.returned, [&] { return all_minutes(life.ended(), life.returned); });
    case v1::METRIC_TIME_AWAITING_SUPPLEMENT:
      return Waits(life, bucket, v1::Wait::KIND_SUPPLEMENT);
    case v1::METRIC_TIME_AWAITING_PAYMENT:
      return Waits(life, bucket, v1::Wait::KIND_FINANCIAL);
    case v1::METRIC_TIME_PAUSED:
      return Waits(life, bucket, v1::Wait::KIND_PAUSE);
    default:
      return Holds(life, bucket);
  }
}

// --- Counts by their subject -----------------------------------------------------------------------------------------

Hits Beginnings(Metric metric, const Life& life, const Bucket& bucket) {
  const v1::Channel channel = life.request.channel();
  switch (metric) {
    case v1::METRIC_RECEIVED_AT_COUNTER:
      return Received(life, bucket, channel == v1::CHANNEL_COUNTER);
    case v1::METRIC_RECEIVED_ONLINE:
      return Received(life, bucket, channel == v1::CHANNEL_ONLINE);
    case v1::METRIC_RECEIVED_BY_POST:
      return Received(life, bucket, channel == v1::CHANNEL_POST);
    case v1::METRIC_RECEIVED_WITH_DOCUMENTS:
      return Received(life, bucket, life.document_count > 0);
    case v1::METRIC_RECEIVED_DIGITIZED:
      return Received(life, bucket, life.document_count > 0 && life.digitized_count == life.document_count);
    case v1::METRIC_SUBMITTED:
      return Once(life, life.submitted, In(life.submitted, bucket));
    case v1::METRIC_REFUSED_AT_INTAKE:
      return Once(life, life.refused_at_intake, In(life.refused_at_intake, bucket));
    case v1::METRIC_CARRIED_OVER:
      // So far, if it is still to begin.
      return Once(life, 0, IsOpenAt(life, std::min(bucket.from - 1, bucket.evaluated)));
    default:
      return Received(life, bucket, true);
  }
}

Hits Ends(Metric metric, const Life& life, const Bucket& bucket) {
  switch (metric) {
    case v1::METRIC_GRANTED:
      return Ended(life, bucket, life.outcome == v1::OUTCOME_GRANTED);
    case v1::METRIC_REFUSED:
      return Ended(life, bucket, life.outcome == v1::OUTCOME_REFUSED);
    case v1::METRIC_STOPPED:
      return Ended(life, bucket, life.outcome == v1::OUTCOME_STOPPED);
    case v1::METRIC_WITHDRAWN:
      return Ended(life, bucket, life.outcome == v1::OUTCOME_WITHDRAWN);
    case v1::METRIC_RETURNED:
      return Once(life, life.returned, In(life.returned, bucket));
    case v1::METRIC_ENDED_RATED:
      return Ended(life, bucket, !life.ratings.empty());
    case v1::METRIC_ENDED_WITH_FEE:
      return Ended(life, bucket, life.fee_vnd > 0);
    case v1::METRIC_ENDED_PAID_ONLINE:
      return Ended(life, bucket, life.fee_vnd > 0 && life.paid_online);
    case v1::METRIC_GRANTED_ELECTRONIC:
      return Ended(life, bucket, life.outcome == v1::OUTCOME_GRANTED && life.electronic_result);
    case v1::METRIC_ENDED_SUPPLEMENT_NONE:
      return Ended(life, bucket, SupplementRequests(life) == 0);
    case v1::METRIC_ENDED_SUPPLEMENT_ONCE:
      return Ended(life, bucket, SupplementRequests(life) == 1);
    case v1::METRIC_ENDED_SUPPLEMENT_MORE:
      return Ended(life, bucket, SupplementRequests(life) > 1);
    case v1::METRIC_ENDED_WITH_UPHELD_PETITION:
      return Ended(life, bucket, IsUpheld(life));
    case v1::METRIC_ENDED_DISPLEASED:
      return Ended(life, bucket, IsDispleased(life));
    case v1::METRIC_ENDED_EARLY_BLAMELESS:
      return Ended(life, bucket, !IsUpheld(life) && EndedByScore(life) == Lateness::kEarly);
    case v1::METRIC_ENDED_ON_TIME_BLAMELESS:
      return Ended(life, bucket, !IsUpheld(life) && EndedByScore(life) == Lateness::kOnTime);
    case v1::METRIC_ENDED_ONLINE:
      return Ended(life, bucket, life.request.channel() == v1::CHANNEL_ONLINE);
    default:
      return Ended(life, bucket, true);
  }
}

Hits Verdicts(Metric metric, const Life& life, const Bucket& bucket) {
  using Judge = Lateness (*)(const Life&);
  struct Meaning {
    Metric metric;
    Judge judge;
    Lateness lateness;
  };
  static constexpr Meaning kMeanings[] = {
      {v1::METRIC_ENDED_EARLY_06A, &EndedBy06a, Lateness::kEarly},
      {v1::METRIC_ENDED_ON_TIME_06A, &EndedBy06a, Lateness::kOnTime},
      {v1::METRIC_ENDED_LATE_06A, &EndedBy06a, Lateness::kLate},
      {v1::METRIC_ENDED_ON_TIME_766, &EndedBy766, Lateness::kOnTime},
      {v1::METRIC_ENDED_LATE_766, &EndedBy766, Lateness::kLate},
      {v1::METRIC_ENDED_EARLY_SCORE, &EndedByScore, Lateness::kEarly},
      {v1::METRIC_ENDED_ON_TIME_SCORE, &EndedByScore, Lateness::kOnTime},
      {v1::METRIC_ENDED_LATE_SCORE, &EndedByScore, Lateness::kLate},
      {v1::METRIC_ENDED_EARLY_PROMISE, &EndedByPromise, Lateness::kEarly},
      {v1::METRIC_ENDED_ON_TIME_PROMISE, &EndedByPromise, Lateness::kOnTime},
      {v1::METRIC_ENDED_LATE_PROMISE, &EndedByPromise, Lateness::kLate},
  };
  for (const Meaning& meaning : kMeanings) {
    if (meaning.metric == metric) {
      return Ended(life, bucket, In(life.ended(), bucket) && meaning.judge(life) == meaning.lateness);
    }
  }
  return {};
}

Hits AtEnd(Metric metric, const Life& life, const Bucket& bucket) {
  const int64_t at = bucket.evaluated;
  const auto unanswered = [&](const LifePetition& petition) {
    return petition.received <= at && petition.answered > at;
  };
  const auto since = [](const LifePetition&) { return int64_t{0}; };
  switch (metric) {
    case v1::METRIC_OPEN_IN_TERM:
      return OpenAtEnd(life, bucket, !IsOverdue06a(life, at));
    case v1::METRIC_OPEN_OVERDUE:
      return OpenAtEnd(life, bucket, IsOverdue06a(life, at));
    case v1::METRIC_OPEN_IN_TERM_766:
      return OpenAtEnd(life, bucket, !IsOverdue766(life, at));
    case v1::METRIC_OPEN_OVERDUE_766:
      return OpenAtEnd(life, bucket, IsOverdue766(life, at));
    case v1::METRIC_WAITING_FOR_SUPPLEMENT:
      return OpenAtEnd(life, bucket, WaitsAt(life, v1::Wait::KIND_SUPPLEMENT, at));
    case v1::METRIC_WAITING_FOR_PAYMENT:
      return OpenAtEnd(life, bucket, WaitsAt(life, v1::Wait::KIND_FINANCIAL, at));
    case v1::METRIC_PAUSED_CLOCK:
      return OpenAtEnd(life, bucket, WaitsAt(life, v1::Wait::KIND_PAUSE, at));
    case v1::METRIC_WAITING_FOR_HAND_OVER:
      return Once(life, 0, life.received() && life.finished <= at && life.returned > at);
    case v1::METRIC_PETITIONS_OPEN_IN_TERM:
      return Petitions(life, since, [&](const LifePetition& p) { return unanswered(p) && p.due >= at; });
    case v1::METRIC_PETITIONS_OPEN_OVERDUE:
      return Petitions(life, since, [&](const LifePetition& p) { return unanswered(p) && p.due < at; });
    default:
      return OpenAtEnd(life, bucket, true);
  }
}

Hits RatingCounts(Metric metric, const Life& life, const Bucket& bucket) {
  const auto answered = [&](const LifePetition& petition) { return In(petition.answered, bucket); };
  switch (metric) {
    case v1::METRIC_PETITIONS_RECEIVED:
      return Petitions(life, ReceiveTime, [&](const LifePetition& p) { return In(p.received, bucket); });
    case v1::METRIC_PETITIONS_ANSWERED_IN_TIME:
      return Petitions(life, AnswerTime, [&](const LifePetition& p) { return answered(p) && p.answered <= p.due; });
    case v1::METRIC_PETITIONS_ANSWERED_LATE:
      return Petitions(life, AnswerTime, [&](const LifePetition& p) { return answered(p) && p.answered > p.due; });
    case v1::METRIC_PETITIONS_UPHELD:
      return Petitions(life, AnswerTime, [&](const LifePetition& p) { return answered(p) && p.upheld; });
    default:
      break;
  }
  // Three levels, for both phases together and for each.
  const int index = metric - v1::METRIC_RATED_VERY_SATISFIED;
  return Ratings(life, bucket, static_cast<v1::RatingLevel>(index % 3 + 1), static_cast<v1::RatingPhase>(index / 3));
}

}  // namespace

Lateness EndedBy06a(const Life& life) {
  if (life.due() == kNever) return Lateness::kOnTime;
  const Lateness by_date = Compare(LocalDayOf(EndEvaluated(life)), LocalDayOf(life.due()));
  const bool stopped = life.stopped != kNever;
  return stopped && by_date == Lateness::kEarly ? Lateness::kOnTime : by_date;
}

Lateness EndedBy766(const Life& life) {
  if (SupplementRequests(life) > 1) return Lateness::kLate;
  const int64_t promise = Promise766(life);
  if (promise == kNever) return Lateness::kOnTime;
  const v1::Wait* wait = life.UnansweredWait();
  const int64_t end = IsUnansweredSupplement(wait) ? wait->start_time().seconds() : life.ended();
  return end - CompletedSupplementWaits(life) <= promise ? Lateness::kOnTime : Lateness::kLate;
}

Lateness EndedByScore(const Life& life) {
  if (life.due() == kNever) return Lateness::kNone;
  const std::optional<int64_t> used = ScoreMinutes(life, EndEvaluated(life));
  const std::optional<int64_t> granted = ScoreMinutes(life, life.due());
  return used.has_value() && granted.has_value() ? Compare(*used, *granted) : Lateness::kNone;
}

Lateness EndedByPromise(const Life& life) {
  return life.due() == kNever ? Lateness::kNone : Compare(EndEvaluated(life), life.due());
}

bool IsOverdue06a(const Life& life, int64_t at) {
  if (life.due() == kNever || LocalDayOf(at) <= LocalDayOf(life.due())) return false;
  // A wait without an end holds it from its beginning on, unless it was overdue before.
  const v1::Wait* wait = life.UnansweredWait();
  return wait == nullptr || wait->start_time().seconds() > life.due();
}

bool IsOverdue766(const Life& life, int64_t at) {
  if (SupplementRequests(life) > 1) return true;
  if (Promise766(life) == kNever) return false;
  const int64_t last = Promise766(life) + CompletedSupplementWaits(life);
  const v1::Wait* wait = life.UnansweredWait();
  if (IsUnansweredSupplement(wait) && wait->start_time().seconds() <= last) return false;
  return at > last;
}

bool IsShare(Metric metric) { return metric >= v1::METRIC_ON_TIME_SHARE_06A && metric <= v1::METRIC_LATE_SHARE; }

bool IsOfTheEnd(Metric metric) {
  if (IsShare(metric)) {
    const std::vector<Metric> all = PartsOf(metric).denominators;
    return std::any_of(all.begin(), all.end(), IsOfTheEnd);
  }
  return metric == v1::METRIC_MISSING_APOLOGY || (metric >= v1::METRIC_OPEN && IsCount(metric));
}

bool IsDistribution(Metric metric) { return metric >= v1::METRIC_HANDLING_TIME; }

bool IsCount(Metric metric) {
  return metric != v1::METRIC_UNSPECIFIED && metric != v1::METRIC_UNSYNCHRONIZED && metric <= v1::METRIC_UNSYNCHRONIZED;
}

std::vector<Metric> AllMetrics() {
  std::vector<Metric> metrics;
  for (int number = 1; number <= v1::Metric_MAX; ++number) {
    if (v1::Metric_IsValid(number)) metrics.push_back(static_cast<Metric>(number));
  }
  return metrics;
}

ShareParts PartsOf(Metric share) {
  switch (share) {
    case v1::METRIC_ON_TIME_SHARE_06A:
      return {{v1::METRIC_ENDED_EARLY_06A, v1::METRIC_ENDED_ON_TIME_06A},
              {v1::METRIC_ENDED_EARLY_06A, v1::METRIC_ENDED_ON_TIME_06A, v1::METRIC_ENDED_LATE_06A}};
    case v1::METRIC_ON_TIME_SHARE_766:
      // What is still open and in term is in time as well.
      return {{v1::METRIC_ENDED_ON_TIME_766, v1::METRIC_OPEN_IN_TERM_766},
              {v1::METRIC_ENDED_ON_TIME_766, v1::METRIC_ENDED_LATE_766, v1::METRIC_OPEN_IN_TERM_766,
               v1::METRIC_OPEN_OVERDUE_766}};
    case v1::METRIC_ON_TIME_SHARE_SCORE:
      return {{v1::METRIC_ENDED_EARLY_SCORE, v1::METRIC_ENDED_ON_TIME_SCORE},
              {v1::METRIC_ENDED_EARLY_SCORE, v1::METRIC_ENDED_ON_TIME_SCORE, v1::METRIC_ENDED_LATE_SCORE}};
    case v1::METRIC_ON_TIME_SHARE_PROMISE:
      return {{v1::METRIC_ENDED_EARLY_PROMISE, v1::METRIC_ENDED_ON_TIME_PROMISE},
              {v1::METRIC_ENDED_EARLY_PROMISE, v1::METRIC_ENDED_ON_TIME_PROMISE, v1::METRIC_ENDED_LATE_PROMISE}};
    case v1::METRIC_ON_TIME_SHARE_STEPS:
      return {{v1::METRIC_STEPS_EARLY, v1::METRIC_STEPS_ON_TIME},
              {v1::METRIC_STEPS_EARLY, v1::METRIC_STEPS_ON_TIME, v1::METRIC_STEPS_LATE}};
    case v1::METRIC_SATISFACTION_RATE:
      return {{v1::METRIC_RATED_VERY_SATISFIED, v1::METRIC_RATED_SATISFIED},
              {v1::METRIC_RATED_VERY_SATISFIED, v1::METRIC_RATED_SATISFIED, v1::METRIC_RATED_DISSATISFIED}};
    case v1::METRIC_RESPONSE_RATE:
      return {{v1::METRIC_ENDED_RATED}, {v1::METRIC_ENDED}};
    case v1::METRIC_ONLINE_SHARE:
      return {{v1::METRIC_RECEIVED_ONLINE}, {v1::METRIC_RECEIVED}};
    case v1::METRIC_ONLINE_PAYMENT_SHARE:
      return {{v1::METRIC_ENDED_PAID_ONLINE}, {v1::METRIC_ENDED_WITH_FEE}};
    case v1::METRIC_PETITIONS_IN_TIME_SHARE:
      return {{v1::METRIC_PETITIONS_ANSWERED_IN_TIME},
              {v1::METRIC_PETITIONS_ANSWERED_IN_TIME, v1::METRIC_PETITIONS_ANSWERED_LATE,
               v1::METRIC_PETITIONS_OPEN_OVERDUE}};
    case v1::METRIC_ELECTRONIC_RESULT_SHARE:
      return {{v1::METRIC_GRANTED_ELECTRONIC}, {v1::METRIC_GRANTED}};
    case v1::METRIC_DIGITIZED_SHARE:
      return {{v1::METRIC_RECEIVED_DIGITIZED}, {v1::METRIC_RECEIVED_WITH_DOCUMENTS}};
    case v1::METRIC_LATE_SHARE:
      return {{v1::METRIC_ENDED_LATE_06A}, {v1::METRIC_ENDED}};
    default:
      return {};
  }
}

std::vector<Hit> HitsOf(Metric metric, const Life& life, const Bucket& bucket) {
  if (IsDistribution(metric)) return Times(metric, life, bucket);
  if (metric >= v1::METRIC_OPEN) return AtEnd(metric, life, bucket);
  if (metric >= v1::METRIC_ENDED_EARLY_06A && metric <= v1::METRIC_ENDED_LATE_PROMISE) {
    return Verdicts(metric, life, bucket);
  }
  if (metric >= v1::METRIC_RATED_VERY_SATISFIED && metric <= v1::METRIC_RATED_RESULT_DISSATISFIED) {
    return RatingCounts(metric, life, bucket);
  }
  if (metric >= v1::METRIC_PETITIONS_RECEIVED && metric <= v1::METRIC_PETITIONS_UPHELD) {
    return RatingCounts(metric, life, bucket);
  }
  switch (metric) {
    case v1::METRIC_STEPS_EARLY:
      return Steps(life, bucket, Lateness::kEarly);
    case v1::METRIC_STEPS_ON_TIME:
      return Steps(life, bucket, Lateness::kOnTime);
    case v1::METRIC_STEPS_LATE:
      return Steps(life, bucket, Lateness::kLate);
    case v1::METRIC_RESCHEDULED: {
      const int64_t time = life.folded.reschedule().reschedule_time().seconds();
      return Once(life, time, life.folded.has_reschedule() && In(time, bucket));
    }
    case v1::METRIC_MISSING_APOLOGY:
      return MissingApologies(life, bucket);
    case v1::METRIC_OVER_SUPPLEMENTED:
      return LaterSupplementRequests(life, bucket);
    case v1::METRIC_RECEIVED_WITH_DOCUMENTS:
    case v1::METRIC_RECEIVED_DIGITIZED:
      return Beginnings(metric, life, bucket);
    default:
      return metric <= v1::METRIC_CARRIED_OVER ? Beginnings(metric, life, bucket) : Ends(metric, life, bucket);
  }
}

}  // namespace tthc::testing
