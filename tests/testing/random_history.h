#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/dossier_service.pb.h"
#include "tthc/v1/event.pb.h"

namespace tthc::testing {

// One command of a random center: exactly one of the three.
struct RandomCommand {
  std::optional<v1::CreateDossierRequest> create;
  std::optional<v1::AppendEventRequest> append;
  std::optional<v1::BatchAppendEventsRequest> batch;

  std::string DebugString() const;
};

// The commands of a center, drawn from a seed: dossiers of every procedure of sample_catalogue.h, all kinds of events
// (most of them possible, some not), amendments, batches over several dossiers, late and imported entries, and
// sometimes an earlier command again. Kinds of events that have not come yet are favored, so that a long history has
// all of them. The same seed and the same observations give the same commands.
class RandomHistory {
 public:
  // `create_percent` of the commands open another dossier.
  explicit RandomHistory(uint64_t seed, int create_percent = 6) : random_(seed), create_percent_(create_percent) {}

  // The next command, to be sent at `now`; it has a request id.
  RandomCommand Next(absl::Time now);
  // The time to wait before the next command.
  absl::Duration Pause();
  // Takes in a dossier as it is after a command. Later commands depend on it.
  void Observe(const v1::Dossier& dossier, const std::vector<v1::Event>& events);

  int64_t Number(int64_t from, int64_t to);
  bool Chance(int percent) { return Number(1, 100) <= percent; }

 private:
  struct Known {
    v1::Dossier dossier;
    std::vector<v1::Event> events;
  };

  RandomCommand Fresh(absl::Time now);
  v1::CreateDossierRequest Create(absl::Time now);
  v1::AppendEventRequest Append(absl::Time now);
  v1::Request MakeRequest();
  v1::Event MakeEvent(const Known* known, absl::Time now);
  v1::Event MakePayload(v1::Event::PayloadCase kind, const Known* known, absl::Time now);
  void VaryHandling(const Known* known, v1::Event& event);
  void VaryEnd(absl::Time now, v1::Event& event);
  v1::Event MakeAmendment(const Known& known, absl::Time now);
  void SetTimes(absl::Time now, v1::Event& event);
  v1::Event::PayloadCase AnyKind();
  // Kinds that are possible in `state` and have not come yet.
  std::vector<v1::Event::PayloadCase> NewKinds(v1::Dossier::State state) const;
  std::string RequestId();
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[static_cast<size_t>(Number(0, static_cast<int64_t>(from.size()) - 1))];
  }

  std::mt19937_64 random_;
  const int create_percent_;
  int64_t last_request_ = 0;
  std::map<std::string, Known> known_;
  std::vector<std::string> names_;
  std::vector<RandomCommand> sent_;
  std::set<v1::Event::PayloadCase> seen_kinds_;
};

// A Vietnamese name of a person.
std::string RandomPersonName(std::mt19937_64& random);

}  // namespace tthc::testing
