#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tthc/v1/mirror.pb.h"

// The words in which the core of the mirror (which decides) and the adapters (which speak) talk about one call.
namespace tthc::sync {

using DeliveryPtr = std::shared_ptr<const tthc::v1::MirrorDelivery>;

enum class CallKind { kLogin, kInsert, kUpdate, kSteps, kLookup };

struct Call {
  CallKind kind = CallKind::kLogin;
  // nullptr for a login.
  DeliveryPtr delivery = nullptr;
  // For kSteps: revisions of the events to tell, in the order in which they are told.
  std::vector<int64_t> steps = {};
};

enum class Verdict {
  // Took effect. Of a lookup: it was answered.
  kDone,
  kExists,
  kMissing,
  kSessionExpired,
  // Busy, down, slow, no answer.
  kBusy,
  kRefused,
  // An answer that can't be read: never a success.
  kUnreadable,
};

// What came back, as far as the core needs it. Holds no secret but `session`.
struct Answer {
  Verdict verdict = Verdict::kUnreadable;
  // The other side may have done what was asked, whatever the verdict says.
  bool may_have_applied = false;
  // UPPER_SNAKE_CASE for MirrorError.reason: REFUSED, ANSWER_UNREADABLE, NO_ANSWER, BUSY, LOGIN_REFUSED …
  std::string reason;
  // The other side's own code and words.
  std::string code;
  std::string message;
  // Zero if it does not ask for patience.
  absl::Duration retry_after;

  // Of a login.
  std::string session;
  // Zero if the answer does not say.
  absl::Duration session_life;

  // Of a lookup.
  bool found = false;
  std::string found_status;
  // The answer tells the steps that it knows; `known_steps` are those of ours among them.
  bool tells_steps = false;
  std::vector<int64_t> known_steps;

  // For the server's record: bounded, without secrets.
  tthc::v1::MirrorExchange exchange;
};

}  // namespace tthc::sync
