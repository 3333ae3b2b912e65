#include "client/sample/sample.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/sample/random.h"
#include "client/sample/story.h"
#include "client/sdk/request_id.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::sample {
namespace {

// Arrivals by working hour of the day: most people come in the morning.
const std::vector<double> kHourWeights = {1.3, 1.7, 1.4, 0.9, 0.95, 1.15, 0.9, 0.5};

struct Arrival {
  absl::Time time;
  size_t offer = 0;
  bool online = false;
};

// The seed is part of it, so that samples of different seeds stand side by side.
std::string Alias(uint64_t seed, int number) { return absl::StrFormat("MAU%d-%05d", seed, number); }

// Mondays have the arrivals of the weekend, August the certifications for the school year.
double DayWeight(absl::CivilDay day) {
  double weight = 1;
  if (absl::GetWeekday(day) == absl::Weekday::monday) weight = 1.35;
  if (absl::GetWeekday(day) == absl::Weekday::friday) weight = 0.9;
  if (absl::GetWeekday(day) == absl::Weekday::saturday) weight = 0.4;
  return day.month() == 8 ? weight * 1.15 : weight;
}

absl::StatusOr<absl::Time> TimeAtCounter(const Center& center, int64_t day, Random& random) {
  TTHC_ASSIGN_OR_RETURN(const auto sessions, center.calendar().SessionsOn(center.office(), day));
  int64_t open_seconds = 0;
  for (const timing::SessionSpan& span : sessions) open_seconds += span.close_second - span.open_second;
  const auto hour = static_cast<double>(random.Weighted(kHourWeights));
  const double part = (hour + random.Fraction()) / static_cast<double>(kHourWeights.size());
  const auto second = std::max<int64_t>(1, static_cast<int64_t>(part * static_cast<double>(open_seconds)));
  // By opening hours, so that nobody comes at noon or on a holiday.
  return center.calendar().AddWorkingSeconds(center.office(), LocalMidnight(day), second);
}

absl::StatusOr<std::vector<Arrival>> MakeArrivals(const SampleOptions& options, const Center& center, Random& random) {
  const int64_t first = DayNumber(options.from);
  const int64_t last = DayNumber(options.to);
  std::vector<int64_t> days;
  std::vector<double> day_weights;
  for (int64_t day = first; day <= last; ++day) {
    TTHC_ASSIGN_OR_RETURN(const timing::DayKind kind, center.calendar().KindOf(day));
    if (kind.kind != timing::DayKind::Kind::kWorking) continue;
    days.push_back(day);
    day_weights.push_back(DayWeight(CivilDayOf(day)));
  }
  if (days.empty())
    return InvalidField("to", "the period has no working day", "khoảng thời gian không có ngày làm việc");
  std::vector<double> offer_weights;
  for (const Center::Offer& offer : center.offers()) offer_weights.push_back(offer.weight);

  std::vector<Arrival> arrivals(static_cast<size_t>(options.dossiers));
  for (Arrival& arrival : arrivals) {
    const int64_t day = days[random.Weighted(day_weights)];
    arrival.offer = random.Weighted(offer_weights);
    arrival.online = random.Chance(center.offers()[arrival.offer].online);
    if (arrival.online) {
      // On-line dossiers come at any waking hour, also at weekends.
      const int64_t shift = random.Chance(0.2) && day + 2 <= last ? random.Between(int64_t{1}, int64_t{2}) : 0;
      const int64_t second = random.Between(int64_t{6 * 3600}, int64_t{23 * 3600});
      arrival.time = LocalMidnight(day + shift) + absl::Seconds(second);
    } else {
      TTHC_ASSIGN_OR_RETURN(arrival.time, TimeAtCounter(center, day, random));
    }
  }
  // Stable, here and below, so that the order does not depend on the library.
  std::stable_sort(arrivals.begin(), arrivals.end(),
                   [](const Arrival& a, const Arrival& b) { return a.time < b.time; });
  return arrivals;
}

// One dossier's story as commands: the opening in one, every later event in one of its own.
void AddCommands(const std::string& alias, const std::string& id_prefix, Story story,
                 std::vector<SampleCommand>* commands) {
  const auto id = [&](size_t event) {
    // The opening events share one command and so one id.
    return sdk::RequestIdFor(absl::StrCat(id_prefix, "/", event < story.opening ? 0 : event));
  };
  if (story.events.empty()) return;
  SampleCommand opening{.time = story.events.front().time, .request = {}, .corrects_request_id = ""};
  v1::CreateDossierRequest& create = *opening.request.mutable_create();
  create.set_request_id(id(0));
  for (size_t i = 0; i < story.opening; ++i) *create.add_events() = std::move(story.events[i].event);
  commands->push_back(std::move(opening));

  for (size_t i = story.opening; i < story.events.size(); ++i) {
    StoryEvent& event = story.events[i];
    SampleCommand command{.time = event.time, .request = {}, .corrects_request_id = ""};
    v1::AppendEventRequest& append = *command.request.mutable_append();
    append.set_parent(absl::StrCat("dossiers/", alias));
    append.set_request_id(id(i));
    *append.mutable_event() = std::move(event.event);
    if (event.corrects.has_value()) command.corrects_request_id = id(*event.corrects);
    commands->push_back(std::move(command));
  }
}

absl::Status CheckOptions(const SampleOptions& options) {
  if (options.dossiers < 1 || options.dossiers > limits::kSampleDossiersMax) {
    return InvalidField("dossiers", absl::StrCat("must be 1 to ", limits::kSampleDossiersMax),
                        absl::StrCat("phải từ 1 đến ", limits::kSampleDossiersMax));
  }
  if (options.to < options.from) {
    return InvalidField("to", "lies before from", "phải sau ngày bắt đầu");
  }
  return absl::OkStatus();
}

}  // namespace

std::string FirstAlias(uint64_t seed) { return Alias(seed, 1); }

absl::StatusOr<std::vector<SampleCommand>> MakeSample(const SampleOptions& options, const Center& center) {
  TTHC_RETURN_IF_ERROR(CheckOptions(options));
  Random random(options.seed);
  TTHC_ASSIGN_OR_RETURN(const std::vector<Arrival> arrivals, MakeArrivals(options, center, random));
  // The last second of the last day: what would happen later is left open, as in a real register.
  const absl::Time horizon = LocalMidnight(DayNumber(options.to) + 1) - absl::Seconds(1);
  // All options are part of it: another sample of the same seed must not be taken for a repetition.
  const std::string id_prefix = absl::StrCat("sample/", options.seed, "/", options.dossiers, "/",
                                             FormatIsoDate(options.from), "/", FormatIsoDate(options.to));
  std::vector<SampleCommand> commands;
  for (size_t i = 0; i < arrivals.size(); ++i) {
    const int number = static_cast<int>(i) + 1;
    const std::string alias = Alias(options.seed, number);
    const absl::CivilDay day = LocalCivilDay(arrivals[i].time);
    Story story = MakeStory({.center = &center,
                             .offer = &center.offers()[arrivals[i].offer],
                             .arrival = arrivals[i].time,
                             .horizon = horizon,
                             .online = arrivals[i].online,
                             .alias = alias,
                             .portal_code = absl::StrFormat("000.00.%d.H24-%02d%02d%02d-%05d", options.seed,
                                                            day.year() % 100, day.month(), day.day(), number)},
                            random);
    AddCommands(alias, absl::StrCat(id_prefix, "/", number), std::move(story), &commands);
  }
  // Stable, so that events of one dossier at the same moment keep their order.
  std::stable_sort(commands.begin(), commands.end(),
                   [](const SampleCommand& a, const SampleCommand& b) { return a.time < b.time; });
  return commands;
}

}  // namespace tthc::sample
