#include "client/sample/sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "client/sample/people.h"
#include "server/timing/calendar_csv.h"
#include "server/timing/catalogue_csv.h"
#include "server/timing/offices_csv.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"

namespace tthc::sample {
namespace {

using ::testing::StartsWith;

std::string Shipped(const std::string& name) {
  std::ifstream file(TTHC_SOURCE_DIR "/deploy/data/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The center that deploy/run starts with.
Center ShippedCenter() {
  auto sessions = timing::ParseSessionsCsv(Shipped("sessions.csv"));
  auto calendar = timing::ParseCalendarCsv(Shipped("calendar.csv"), {.description = "", .sessions = *sessions});
  auto catalogue = timing::ParseCatalogueCsv(Shipped("procedures.csv"), {});
  auto offices = timing::ParseOfficesCsv(Shipped("offices.csv"));
  Lists lists{.procedures = catalogue->procedures,
              .offices = {offices->offices().begin(), offices->offices().end()},
              .units = {offices->units().begin(), offices->units().end()},
              .officers = {offices->officers().begin(), offices->officers().end()}};
  return *Center::Make(lists, *timing::Calendar::FromProto(*calendar));
}

SampleOptions Quarter(int dossiers) {
  return {.seed = 1, .dossiers = dossiers, .from = absl::CivilDay(2026, 8, 15), .to = absl::CivilDay(2026, 11, 20)};
}

std::vector<SampleCommand> Make(const SampleOptions& options) {
  auto commands = MakeSample(options, ShippedCenter());
  EXPECT_TRUE(commands.ok()) << commands.status();
  return *std::move(commands);
}

// Of commands that outlive the answer.
std::vector<const v1::Event*> EventsOf(const std::vector<SampleCommand>& commands) {
  std::vector<const v1::Event*> events;
  for (const SampleCommand& command : commands) {
    for (const v1::Event& event : command.request.create().events()) events.push_back(&event);
    if (command.request.has_append()) events.push_back(&command.request.append().event());
  }
  return events;
}

std::string Text(const std::vector<SampleCommand>& commands) {
  std::string text;
  for (const SampleCommand& command : commands)
    text += command.request.ShortDebugString() + command.corrects_request_id;
  return text;
}

TEST(SampleTest, SameSeedMakesTheSameCommands) {
  EXPECT_EQ(Text(Make(Quarter(200))), Text(Make(Quarter(200))));
  SampleOptions other = Quarter(200);
  other.seed = 2;
  EXPECT_NE(Text(Make(Quarter(200))), Text(Make(other)));
}

TEST(SampleTest, QuarterHasEveryKindOfEventThatPeopleRecord) {
  std::map<v1::Event::PayloadCase, int> kinds;
  const std::vector<SampleCommand> commands = Make(Quarter(5000));
  for (const v1::Event* event : EventsOf(commands)) ++kinds[event->payload_case()];
  for (int number = v1::Event::kSubmitted; number < v1::Event::kRecomputed; ++number) {
    EXPECT_GT(kinds[static_cast<v1::Event::PayloadCase>(number)], 0) << "payload " << number;
  }
}

TEST(SampleTest, QuarterHasTheOddCases) {
  int elsewhere = 0;
  int second_supplements = 0;
  int late_notices = 0;
  int refusals = 0;
  int voided = 0;
  int agreed_limits = 0;
  int on_the_spot = 0;
  const std::vector<SampleCommand> commands = Make(Quarter(5000));
  for (const SampleCommand& command : commands) on_the_spot += command.request.create().events_size() == 3 ? 1 : 0;
  for (const v1::Event* event : EventsOf(commands)) {
    elsewhere += event->accepted().request().competent_office().empty() ? 0 : 1;
    second_supplements += event->supplement_requested().override_approver().empty() ? 0 : 1;
    late_notices += event->rescheduled().late_notice() ? 1 : 0;
    refusals += event->finished().result() == v1::Finished::RESULT_REFUSED ? 1 : 0;
    voided += event->amended().voided() ? 1 : 0;
    agreed_limits += event->accepted().has_agreed_limit() ? 1 : 0;
  }
  for (const int count : {elsewhere, second_supplements, late_notices, refusals, voided, agreed_limits, on_the_spot}) {
    EXPECT_GT(count, 0);
  }
}

TEST(SampleTest, CommandsRiseInTimeWithinThePeriodAndHaveIdsOfTheirOwn) {
  const std::vector<SampleCommand> commands = Make(Quarter(500));
  const absl::Time begin = LocalMidnight(DayNumber(Quarter(0).from));
  const absl::Time end = LocalMidnight(DayNumber(Quarter(0).to) + 1);
  absl::Time last = begin;
  std::set<std::string> ids;
  for (const SampleCommand& command : commands) {
    EXPECT_GE(command.time, last);
    last = command.time;
    const bool creates = command.request.has_create();
    EXPECT_TRUE(
        ids.insert(creates ? command.request.create().request_id() : command.request.append().request_id()).second);
    EXPECT_TRUE(command.corrects_request_id.empty() || ids.contains(command.corrects_request_id));
  }
  for (const v1::Event* event : EventsOf(commands)) {
    EXPECT_LT(FromProto(event->occur_time()), end);
    EXPECT_TRUE(event->imported());
  }
}

TEST(SampleTest, ThirdOfAllRateAndNineInTenOfThemAreSatisfied) {
  int returned = 0;
  int rated = 0;
  int satisfied = 0;
  const std::vector<SampleCommand> commands = Make(Quarter(5000));
  for (const v1::Event* event : EventsOf(commands)) {
    returned += event->has_returned() ? 1 : 0;
    if (event->rated().phase() != v1::RATING_PHASE_RESULT) continue;
    ++rated;
    satisfied += event->rated().level() != v1::RATING_LEVEL_DISSATISFIED ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(rated) / returned, 0.35, 0.03);
  EXPECT_GE(static_cast<double>(satisfied) / rated, 0.9);
}

TEST(SampleTest, NobodyIsReal) {
  Random random(7);
  for (int i = 0; i < 500; ++i) {
    const v1::Applicant citizen = MakeCitizen(random);
    EXPECT_THAT(citizen.identity_number(), StartsWith("000"));
    EXPECT_EQ(citizen.identity_number().size(), 12u);
    EXPECT_THAT(citizen.phone_number(), StartsWith("0990"));
    EXPECT_THAT(MakeEnterprise(random).tax_code(), StartsWith("99"));
  }
}

TEST(SampleTest, NamesTheOptionThatMakesNoSense) {
  EXPECT_EQ(ErrorField(MakeSample(Quarter(0), ShippedCenter()).status()), "dossiers");
  SampleOptions reversed = Quarter(10);
  reversed.to = reversed.from - 1;
  EXPECT_EQ(ErrorField(MakeSample(reversed, ShippedCenter()).status()), "to");
  SampleOptions unknown_year = Quarter(10);
  unknown_year.from = absl::CivilDay(2019, 1, 1);
  unknown_year.to = absl::CivilDay(2019, 3, 31);
  const absl::Status status = MakeSample(unknown_year, ShippedCenter()).status();
  EXPECT_EQ(ErrorReason(status), "CALENDAR_YEAR_NOT_LOADED");
  EXPECT_EQ(ErrorMetadata(status, "year"), "2019");
}

}  // namespace
}  // namespace tthc::sample
