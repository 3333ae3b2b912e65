#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "tthc/v1/dossier_service.pb.h"

// The work of all benchmarks: dossiers that live through eight events, one command each, with a request id as every
// client sends one. The same number always gives the same texts.
namespace tthc::bench {

// accepted, forwarded, step taken, step done, finished, returned, rated, noted
inline constexpr int kStepsPerLife = 8;

class Life {
 public:
  // `salt` makes the request ids of different runs on one store different. A dossier that stays open is forwarded and
  // taken twice, and noted, instead of finished and returned.
  Life(uint64_t salt, int64_t number, bool stays_open = false)
      : salt_(salt), number_(number), stays_open_(stays_open) {}

  int64_t number() const { return number_; }
  // Step 0.
  v1::CreateDossierRequest Create() const;
  // Steps 1 to 7. `dossier` is the name in the answer of Create.
  v1::AppendEventRequest Append(int step, const std::string& dossier) const;
  // The eight events in one command, as an import sends them.
  v1::CreateDossierRequest CreateWhole() const;

  std::array<uint64_t, 2> RequestIdBits(int step) const;
  std::string RequestId(int step) const;

 private:
  void FillAccepted(v1::Event* event) const;
  void FillEvent(int step, v1::Event* event) const;

  uint64_t salt_;
  int64_t number_;
  bool stays_open_;
};

}  // namespace tthc::bench
