#include "tests/testing/random_centre.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"

namespace tthc::testing {
namespace {

using server::Service;

std::string DossierOfEvent(const v1::Event& event) { return event.name().substr(0, event.name().find("/events/")); }

}  // namespace

RandomCentre::Step SendCommand(ServiceFixture& fixture, const RandomCommand& command) {
  RandomCentre::Step step{.command = command, .status = absl::OkStatus(), .dossiers = {}};
  if (command.create.has_value()) {
    const auto response = fixture.Call(&Service::CreateDossier, *command.create);
    step.status = response.status();
    if (response.ok()) step.dossiers.insert(response->dossier().name());
  } else if (command.append.has_value()) {
    const auto response = fixture.Call(&Service::AppendEvent, *command.append);
    step.status = response.status();
    if (response.ok()) step.dossiers.insert(response->dossier().name());
  } else {
    const auto response = fixture.Call(&Service::BatchAppendEvents, *command.batch);
    step.status = response.status();
    if (!response.ok()) return step;
    for (const v1::Event& event : response->events()) step.dossiers.insert(DossierOfEvent(event));
  }
  return step;
}

std::string AnswerOf(ServiceFixture& fixture, const RandomCommand& command) {
  if (command.create.has_value()) {
    auto response = fixture.Call(&Service::CreateDossier, *command.create);
    if (!response.ok()) return ErrorReason(response.status());
    response->mutable_dossier()->clear_timeliness();
    return response->DebugString();
  }
  if (command.append.has_value()) {
    auto response = fixture.Call(&Service::AppendEvent, *command.append);
    if (!response.ok()) return ErrorReason(response.status());
    response->mutable_dossier()->clear_timeliness();
    return response->DebugString();
  }
  const auto response = fixture.Call(&Service::BatchAppendEvents, *command.batch);
  return response.ok() ? response->DebugString() : ErrorReason(response.status());
}

RandomCentre::RandomCentre(uint64_t seed, ServiceFixtureOptions options, int create_percent)
    : fixture_(std::move(options)), history_(seed, create_percent) {}

RandomCentre::Step RandomCentre::Next() {
  fixture_.clock().Advance(history_.Pause());
  Step step = SendCommand(fixture_, history_.Next(fixture_.clock().Now()));
  std::set<std::string> names;
  for (const std::string& name : step.dossiers) {
    const v1::Dossier dossier = fixture_.MustGet(name);
    history_.Observe(dossier, fixture_.MustListEvents(name));
    names.insert(dossier.name());
  }
  step.dossiers = std::move(names);
  return step;
}

void RandomCentre::Run(int steps) {
  for (int i = 0; i < steps; ++i) Next();
}

void RandomCentre::ChangeCalendar() {
  // The next weekday that is not off yet.
  absl::CivilDay day = LocalCivilDay(fixture_.clock().Now()) + history_.Number(1, 10);
  v1::CreateCalendarRequest request;
  bool taken = true;
  while (taken) {
    const absl::Weekday weekday = absl::GetWeekday(++day);
    *request.mutable_calendar() = SampleCalendarWithHoliday(FormatIsoDate(day));
    taken = weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday ||
            !domain::Calendar::FromProto(request.calendar()).ok();
  }
  const v1::Calendar made = ValueOrDie(fixture_.Call(&Service::CreateCalendar, request));
  calendars_.Add(made.version(), made);
  v1::RecomputeDueTimesRequest recompute;
  recompute.set_reason("Thông báo nghỉ");
  SyncStream stream(ValueOrDie(fixture_.service().RecomputeDueTimes({.caller = {.actor = "tester"}}, recompute)));
  while (ValueOrDie(stream.Next()).has_value()) {
  }
  for (const v1::Dossier& dossier : AllDossiers()) {
    history_.Observe(dossier, fixture_.MustListEvents(dossier.name()));
  }
}

std::vector<v1::Dossier> RandomCentre::AllDossiers() {
  v1::ListDossiersRequest request;
  request.set_order_by(v1::ListDossiersRequest::OLDEST_FIRST);
  std::vector<v1::Dossier> all;
  do {
    const v1::ListDossiersResponse page = ValueOrDie(fixture_.List(request));
    all.insert(all.end(), page.dossiers().begin(), page.dossiers().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

}  // namespace tthc::testing
