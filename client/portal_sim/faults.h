#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// The faults of a portal: what a network, a proxy or an overloaded server does to a call, drawn from a seed so that a
// failing test can be run again. tthc-sync must deliver every record and step in spite of all of them.
//
// Vocabulary:
//   fault  what goes wrong with one request. A request has at most one.
//   done   the call took effect at the portal, whatever the caller sees of it
//   rate   the probability that a request has a fault
//
// The worst faults are those after which the caller can't know whether its call was done: they leave it in doubt.
namespace tthc::portal_sim {

enum class Fault {
  kNone,
  // Starts an outage: connections are refused, this one included.
  kDown,
  // Done at once, answered after up to FaultRates.slow_max.
  kSlow,
  // 429 with Retry-After in seconds; not done.
  kBusy,
  // 503 with Retry-After in seconds; not done.
  kUnavailable,
  // 503 with Retry-After as a date, by a clock that is hours off; not done.
  kSkew,
  // Done, then 500.
  kErrorAfter,
  // Done, then cut within the answer.
  kCutAfter,
  // Cut before it is done.
  kCutBefore,
  // 200 with a body that is no JSON; done or not.
  kMalformed,
  // 200 with the first part of the answer, complete in terms of HTTP; done or not.
  kTruncated,
  // 200 with an HTML page of a gateway; done or not.
  kHtml,
  // An insert is done, but answered as if the dossier existed: code 0 or -3 with "đã tồn tại".
  kExistsZero,
  kExistsMinus,
  // The code as text instead of a number.
  kTextCode,
  // All sessions are dropped before the call is processed.
  kSessionDropped,
  // Processed twice; the second answer is returned. Calls with steps only with PortalOptions::dedupe_steps.
  kDuplicate,
};
inline constexpr size_t kFaultCount = 17;

// As in FaultRates' text: "cut_after". "none" for kNone.
// The names are a part of the command line and of the counts, and do not change.
const char* FaultName(Fault fault);

// Probability of each fault per request. They add up to at most 1.
struct FaultRates {
  double rates[kFaultCount] = {};
  // Longest delay of kSlow, longest outage of kDown, longest Retry-After.
  absl::Duration slow_max = absl::Seconds(60);
  absl::Duration down_max = absl::Seconds(60);
  absl::Duration retry_after_max = absl::Seconds(5);
  // Share of dossiers whose records are refused for good. Which ones follows from the seed and their code.
  double refuse = 0;

  double& operator[](Fault fault) { return rates[static_cast<size_t>(fault)]; }
  double operator[](Fault fault) const { return rates[static_cast<size_t>(fault)]; }
};

// "busy=0.02,cut_after=0.01,slow_max=5s"; "all=0.01" stands for each fault but down; "" is none.
// INVALID_ARGUMENT FIELD_INVALID at "faults".
absl::StatusOr<FaultRates> ParseFaultRates(absl::string_view text);
// The text that ParseFaultRates reads.
std::string FormatFaultRates(const FaultRates& rates);

// Random numbers that are the same on every machine for the same seed. Not thread-safe.
class Chance {
 public:
  explicit Chance(uint64_t seed) : engine_(seed) {}

  // In [0, 1).
  double Fraction() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }
  // In (0, max].
  absl::Duration UpTo(absl::Duration max) { return max * (1.0 - Fraction()); }
  Fault Draw(const FaultRates& rates);

 private:
  std::mt19937_64 engine_;
};

}  // namespace tthc::portal_sim
