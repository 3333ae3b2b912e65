#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/portal_sim/call.h"

// The changes of a portal's state, as values. Every change is made by applying an effect, and the same effects are the
// lines of the journal: a portal that applies them in their order has the same state again.
//
// An effect has everything that the change needs, also what was drawn at random or came from the clock. Pure;
// thread-safe.
namespace tthc::portal_sim {

// One change of the portal's state, which is also one line of its journal. Which members are used depends on the kind.
struct Effect {
  enum class Kind {
    // text = session or token, valid from `time` on for `data` seconds.
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
  // The system that the change belongs to. Refusals and acceptances have none: they hold for a code in all systems.
  std::string system = {};
  // When the call came. Not before the time of the effect before.
  absl::Time time = {};
  std::string code = {};
  std::string text = {};
  Json data = nullptr;
};

// A JSON object without line breaks.
std::string WriteEffect(const Effect& effect);
// DATA_LOSS if `line` can't be parsed.
absl::StatusOr<Effect> ReadEffect(absl::string_view line);

}  // namespace tthc::portal_sim
