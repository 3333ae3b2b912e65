#include "client/portal_sim/faults.h"

#include <iterator>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "storage/base/errors.h"

namespace tthc::portal_sim {
namespace {

// In the order of Fault, whose value is the index.
constexpr const char* kNames[kFaultCount] = {
    "none",       "down",      "slow",      "busy", "unavailable", "skew",         "error_after", "cut_after",
    "cut_before", "malformed", "truncated", "html", "exists_zero", "exists_minus", "text_code",   "session_dropped",
    "duplicate"};

absl::Status Wrong(absl::string_view part) {
  return InvalidField("faults",
                      absl::StrCat("\"", part, "\" is no fault=rate with rates from 0 to 1, nor …_max=duration"),
                      absl::StrCat("\"", part, "\" không phải lỗi=tỷ lệ với tỷ lệ từ 0 đến 1, hay …_max=thời gian"));
}

absl::Duration* DurationOf(FaultRates* rates, absl::string_view name) {
  if (name == "slow_max") return &rates->slow_max;
  if (name == "down_max") return &rates->down_max;
  return name == "retry_after_max" ? &rates->retry_after_max : nullptr;
}

// Sets the fault with that name. False if there is none. "all" leaves out outages: one draw of them refuses every call
// for up to down_max, so that the other faults would hardly ever be seen.
bool SetRate(absl::string_view name, double rate, FaultRates* rates) {
  if (name == "refuse") {
    rates->refuse = rate;
    return true;
  }
  bool found = false;
  for (size_t i = 1; i < kFaultCount; ++i) {
    const bool is_meant = name == kNames[i] || (name == "all" && static_cast<Fault>(i) != Fault::kDown);
    if (!is_meant) continue;
    rates->rates[i] = rate;
    found = true;
  }
  return found;
}

double Sum(const FaultRates& rates) {
  double sum = 0;
  for (const double rate : rates.rates) sum += rate;
  return sum;
}

}  // namespace

const char* FaultName(Fault fault) { return kNames[static_cast<size_t>(fault)]; }

// Later parts override earlier ones, so that "all=0.01,busy=0.1" works.
absl::StatusOr<FaultRates> ParseFaultRates(absl::string_view text) {
  FaultRates rates;
  for (const absl::string_view part : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const std::vector<std::string> sides = absl::StrSplit(absl::StripAsciiWhitespace(part), '=');
    if (sides.size() != 2) return Wrong(part);
    if (absl::Duration* const duration = DurationOf(&rates, sides[0]); duration != nullptr) {
      const bool is_good =
          absl::ParseDuration(sides[1], duration) && *duration >= absl::ZeroDuration() && *duration <= absl::Hours(24);
      if (!is_good) return Wrong(part);
      continue;
    }
    double rate = 0;
    // In this form the check fails for NaN, too.
    const bool is_rate = absl::SimpleAtod(sides[1], &rate) && rate >= 0 && rate <= 1;
    if (!is_rate || !SetRate(sides[0], rate, &rates)) return Wrong(part);
  }
  // Most rates, such as 0.1, have no exact binary form; ten of them must not be too much.
  if (Sum(rates) <= 1.0 + 1e-9) return rates;
  return InvalidField("faults", "rates add up to more than 1: a request has one fault at most",
                      "tổng các tỷ lệ lớn hơn 1: mỗi lời gọi chỉ có một lỗi");
}

// Leaves out what has its default: ParseFaultRates() gives the same rates, and the text stays readable.
std::string FormatFaultRates(const FaultRates& rates) {
  const FaultRates usual;
  std::string text;
  const auto add = [&text](absl::string_view name, absl::string_view value) {
    absl::StrAppend(&text, text.empty() ? "" : ",", name, "=", value);
  };
  for (size_t i = 1; i < kFaultCount; ++i) {
    if (rates.rates[i] > 0) add(kNames[i], absl::StrCat(rates.rates[i]));
  }
  if (rates.refuse > 0) add("refuse", absl::StrCat(rates.refuse));
  if (rates.slow_max != usual.slow_max) add("slow_max", absl::FormatDuration(rates.slow_max));
  if (rates.down_max != usual.down_max) add("down_max", absl::FormatDuration(rates.down_max));
  if (rates.retry_after_max != usual.retry_after_max) {
    add("retry_after_max", absl::FormatDuration(rates.retry_after_max));
  }
  return text;
}

// The rates divide [0, 1) among the faults; what is left is no fault. One number is drawn whatever the rates are.
Fault Chance::Draw(const FaultRates& rates) {
  double point = Fraction();
  for (size_t i = 1; i < kFaultCount; ++i) {
    if (point < rates.rates[i]) return static_cast<Fault>(i);
    point -= rates.rates[i];
  }
  return Fault::kNone;
}

}  // namespace tthc::portal_sim
