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

// A service at which a random history happens, observed through its answers.
class RandomCenter {
 public:
  RandomCenter(uint64_t seed, ServiceFixtureOptions options, int create_percent = 6);

  ServiceFixture& fixture() { return fixture_; }
  RandomHistory& history() { return history_; }

  struct Step {
    RandomCommand command;
    absl::Status status;
    // Names of the dossiers that the command changed, or had changed when it was sent before.
    std::set<std::string> dossiers;
  };
  // Lets time pass and sends the next command.
  Step Next();
  void Run(int steps);

  // A calendar with one more day off, and open dossiers moved to it.
  void ChangeCalendar();

  // All dossiers, whole, as the service shows them now, in the order in which they were opened.
  std::vector<v1::Dossier> AllDossiers();
  // The calendars of the service, for tests that fold the events themselves.
  const SampleCalendars& calendars() const { return calendars_; }

 private:
  ServiceFixture fixture_;
  RandomHistory history_;
  SampleCalendars calendars_;
};

// Sends the command; the step has its status and the dossiers of its answer.
RandomCenter::Step SendCommand(ServiceFixture& fixture, const RandomCommand& command);
// The whole answer as text, without what depends on when it is read; the reason of the error if it was refused.
std::string AnswerOf(ServiceFixture& fixture, const RandomCommand& command);

}  // namespace tthc::testing
