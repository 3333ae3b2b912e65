#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// What goes wrong at a portal, drawn from a seed. A request has one fault at most.
namespace tthc::portal_sim {

enum class Fault {
  kNone,
  // Begins a window in which connections are refused; this one, too.
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
  // Cut without having been done.
  kCutBefore,
  // 200 with text that is no JSON; done or not.
  kMalformed,
  // 200 with the first part of the answer, whole as HTTP goes; done or not.
  kTruncated,
  // 200 with a page of some gateway; done or not.
  kHtml,
  // An insert is done, and answered as one of a known dossier: code 0 or -3 with "đã tồn tại".
  kExistsZero,
  kExistsMinus,
  // The code as text instead of a number.
  kTextCode,
  // All sessions are forgotten before the call is looked at.
  kSessionDropped,
  // Processed twice and answered for the second time. A call with steps only if equal ones are dropped.
  kDuplicate,
};
inline constexpr size_t kFaultCount = 17;

// As in FaultRates' text: "cut_after". "none" for kNone.
const char* FaultName(Fault fault);

// Probabilities of each fault, per request. They add up to 1 at most.
struct FaultRates {
  double rates[kFaultCount] = {};
  // Longest answer of kSlow, longest window of kDown, longest Retry-After.
  absl::Duration slow_max = absl::Seconds(60);
  absl::Duration down_max = absl::Seconds(60);
  absl::Duration retry_after_max = absl::Seconds(5);
  // Share of dossiers whose records are refused for good; which ones depends on the seed and their code.
  double refuse = 0;

  double& operator[](Fault fault) { return rates[static_cast<size_t>(fault)]; }
  double operator[](Fault fault) const { return rates[static_cast<size_t>(fault)]; }
};

// "busy=0.02,cut_after=0.01,slow_max=5s"; "all=0.01" stands for each fault but down; "" is none.
// INVALID_ARGUMENT FIELD_INVALID at "faults".
absl::StatusOr<FaultRates> ParseFaultRates(absl::string_view text);
// Read back by ParseFaultRates.
std::string FormatFaultRates(const FaultRates& rates);

// Chance that comes out the same on every machine for the same seed. Not thread-safe.
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
