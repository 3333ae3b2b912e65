#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/testing/random_history.h"
#include "tests/testing/sample_catalogue.h"
#include "tests/testing/service_fixture.h"

namespace tthc::testing {

// A service at which a random history happens, and what is known of it from its answers.
class RandomCentre {
 public:
  RandomCentre(uint64_t seed, ServiceFixtureOptions options, int create_percent = 6);

  ServiceFixture& fixture() { return fixture_; }
  RandomHistory& history() { return history_; }

  struct Step {
    RandomCommand command;
    absl::Status status;
    // Names of the dossiers that the command changed or asked again about, as they are called now.
    std::set<std::string> dossiers;
  };
  // Lets time pass and sends the next command.
  Step Next();
  void Run(int steps);

  // A calendar with one more day off, and open dossiers moved to it.
  void ChangeCalendar();

  // All dossiers as the service answers them at this moment, in the order in which they were opened.
  std::vector<v1::Dossier> AllDossiers();
  // The service's calendars, for folding by oneself.
  const SampleCalendars& calendars() const { return calendars_; }

 private:
  ServiceFixture fixture_;
  RandomHistory history_;
  SampleCalendars calendars_;
};

// What the command came back with, and the dossiers that it names.
RandomCentre::Step SendCommand(ServiceFixture& fixture, const RandomCommand& command);
// The same as text, without what depends on the moment of asking.
std::string AnswerOf(ServiceFixture& fixture, const RandomCommand& command);

}  // namespace tthc::testing
