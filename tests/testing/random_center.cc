#include "tests/testing/random_center.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"

namespace tthc::testing {
namespace {

// Sends a command in the view FULL, which shows all that it did, and hands the answer to `read`.
template <typename Read>
absl::Status Send(ServiceFixture& fixture, RandomCommand command, const Read& read) {
  if (command.create.has_value()) {
    command.create->set_view(v1::DOSSIER_VIEW_FULL);
    auto response = fixture.Call<v1::CreateDossierResponse>(*command.create);
    if (response.ok()) read(*response);
    return response.status();
  }
  if (command.append.has_value()) {
    command.append->set_view(v1::DOSSIER_VIEW_FULL);
    auto response = fixture.Call<v1::AppendEventResponse>(*command.append);
    if (response.ok()) read(*response);
    return response.status();
  }
  command.batch->set_view(v1::DOSSIER_VIEW_FULL);
  auto response = fixture.Call<v1::BatchAppendEventsResponse>(*command.batch);
  if (response.ok()) read(*response);
  return response.status();
}

std::vector<v1::Dossier*> DossiersOf(v1::CreateDossierResponse& response) { return {response.mutable_dossier()}; }
std::vector<v1::Dossier*> DossiersOf(v1::AppendEventResponse& response) { return {response.mutable_dossier()}; }
std::vector<v1::Dossier*> DossiersOf(v1::BatchAppendEventsResponse& response) {
  return {response.mutable_dossiers()->pointer_begin(), response.mutable_dossiers()->pointer_end()};
}

}  // namespace

RandomCenter::Step SendCommand(ServiceFixture& fixture, const RandomCommand& command) {
  RandomCenter::Step step{.command = command, .status = absl::OkStatus(), .dossiers = {}};
  step.status = Send(fixture, command, [&](auto& response) {
    for (const v1::Dossier* dossier : DossiersOf(response)) step.dossiers.insert(dossier->name());
  });
  return step;
}

std::string AnswerOf(ServiceFixture& fixture, const RandomCommand& command) {
  std::string answer;
  const absl::Status status = Send(fixture, command, [&](auto& response) {
    for (v1::Dossier* dossier : DossiersOf(response)) dossier->clear_timeliness();
    answer = response.DebugString();
  });
  return status.ok() ? answer : ErrorReason(status);
}

RandomCenter::RandomCenter(uint64_t seed, ServiceFixtureOptions options, int create_percent)
    : fixture_(std::move(options)), history_(seed, create_percent) {}

RandomCenter::Step RandomCenter::Next() {
  fixture_.clock().Advance(history_.Pause());
  Step step = SendCommand(fixture_, history_.Next(fixture_.clock().Now()));
  for (const std::string& name : step.dossiers) history_.Observe(fixture_.MustGet(name), fixture_.MustListEvents(name));
  return step;
}

void RandomCenter::Run(int steps) {
  for (int i = 0; i < steps; ++i) Next();
}

void RandomCenter::ChangeCalendar() {
  // The next weekday that is not off yet.
  absl::CivilDay day = LocalCivilDay(fixture_.clock().Now()) + history_.Number(1, 10);
  v1::CreateCalendarRequest request;
  bool taken = true;
  while (taken) {
    const absl::Weekday weekday = absl::GetWeekday(++day);
    *request.mutable_calendar() = SampleCalendarWithHoliday(FormatIsoDate(day));
    taken = weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday ||
            !timing::Calendar::FromProto(request.calendar()).ok();
  }
  const v1::Calendar made = ValueOrDie(fixture_.Call<v1::Calendar>(request));
  calendars_.Add(made.version(), made);
  v1::RecomputeDueTimesRequest recompute;
  recompute.set_reason("Thông báo nghỉ");
  SyncStream stream(ValueOrDie(fixture_.Open<v1::RecomputeDueTimesResponse>(recompute)));
  while (ValueOrDie(stream.Next()).has_value()) {
  }
  for (const v1::Dossier& dossier : AllDossiers()) {
    history_.Observe(dossier, fixture_.MustListEvents(dossier.name()));
  }
}

std::vector<v1::Dossier> RandomCenter::AllDossiers() {
  v1::ListDossiersRequest request;
  request.set_order_by(v1::ListDossiersRequest::ORDER_BY_OLDEST_FIRST);
  request.set_view(v1::DOSSIER_VIEW_FULL);
  std::vector<v1::Dossier> all;
  do {
    const v1::ListDossiersResponse page = ValueOrDie(fixture_.List(request));
    all.insert(all.end(), page.dossiers().begin(), page.dossiers().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

}  // namespace tthc::testing
