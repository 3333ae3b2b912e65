#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/testing/service_fixture.h"
#include "tthc/v1/event.pb.h"

namespace tthc::testing {

struct RandomYearOptions {
  // First moment of acceptances, and how long they keep coming.
  absl::Time start = absl::FromUnixSeconds(1'780'000'000);
  absl::Duration length = absl::Hours(24 * 100);
  int dossiers = 40;
};

// Months of a center's work, from a seed: dossiers that live as dossiers do, with everything that statistics count, at
// moments that like days' ends and due times; entered late now and then, put right afterwards. Offices merge, a field
// is renamed, a holiday is announced. Everything that the service refuses simply has not happened.
class RandomYear {
 public:
  RandomYear(uint64_t seed, ServiceFixture* fixture, RandomYearOptions options);

  // Records everything that is planned; the fixture's clock goes along.
  void Run() { RunUntil(absl::InfiniteFuture()); }
  // Records what is planned before `until`, from where it stopped last.
  void RunUntil(absl::Time until);

  // Of events that were recorded, to ask about.
  const std::vector<absl::Time>& occur_times() const { return occur_times_; }
  int64_t Number(int64_t from, int64_t to);
  bool Chance(int percent) { return Number(1, 100) <= percent; }
  absl::Time AnyOccurTime() { return Pick(occur_times_); }
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[static_cast<size_t>(Number(0, static_cast<int64_t>(from.size()) - 1))];
  }

 private:
  // What will be recorded of a dossier, and when.
  struct Planned {
    absl::Time record;
    size_t dossier = 0;
    v1::Event event;
    // Happens at the due time, whenever that is by then.
    bool at_due = false;
    // Puts one of the events so far right.
    bool amends = false;
  };
  struct Known {
    std::string name;
    v1::Dossier dossier;
    std::vector<v1::Event> events;
  };
  // Writes one dossier's life into plan_.
  class Author;

  void Record(const Planned& planned);
  void RecordOpening(const Planned& planned, Known& known);
  std::optional<v1::Event> MakeAmendment(const Known& known);
  void ChangeCatalogue();
  void MergeOffices();
  void AnnounceHoliday();

  ServiceFixture& fixture_;
  const RandomYearOptions options_;
  std::mt19937_64 random_;
  // In the order of recording, and how many of them are recorded.
  std::vector<Planned> plan_;
  size_t next_ = 0;
  size_t catalogue_changes_at_ = 0;
  std::vector<Known> known_;
  std::vector<absl::Time> occur_times_;
};

}  // namespace tthc::testing
