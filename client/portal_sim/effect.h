#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/portal_sim/call.h"

namespace tthc::portal_sim {

// One change of what the portal remembers: done to it, and a line of its journal. Which members count depends on kind.
struct Effect {
  enum class Kind {
    // text = session or token; it begins at `time` and lives so many seconds (data).
    kSession,
    kSessionsDropped,
    // data = records, or steps, in order.
    kRecords,
    kSteps,
    // code, text = IdHoSo, data = what was filed.
    kFiling,
    // code
    kReceived,
    kForgotten,
    // code, text = message
    kRefusal,
    kAcceptance,
  };
  Kind kind = Kind::kRecords;
  std::string system = {};
  absl::Time time = {};
  std::string code = {};
  std::string text = {};
  Json data = nullptr;
};

// A JSON object without line breaks.
std::string WriteEffect(const Effect& effect);
// DATA_LOSS if `line` is none.
absl::StatusOr<Effect> ReadEffect(absl::string_view line);

}  // namespace tthc::portal_sim
