#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tthc/v1/mirror.pb.h"

// One call to a target, between the Syncer, which decides it, and the adapter, which knows the target's protocol.
//
// Vocabulary:
//   call     what is asked of a target: a login, a record, steps, or what it has of a dossier
//   answer   what came of it, in terms that are the same for all targets
//   verdict  the answer in one word
//   doubt    the call may have taken effect although the verdict is no success
//
// Values without behavior; copying a call copies no delivery.
namespace tthc::sync {

using DeliveryPtr = std::shared_ptr<const tthc::v1::MirrorDelivery>;

// kInsert and kUpdate send the whole record; kSteps sends steps of a dossier that the target has.
enum class CallKind { kLogin, kInsert, kUpdate, kSteps, kLookup };

struct Call {
  CallKind kind = CallKind::kLogin;
  // nullptr for a login.
  DeliveryPtr delivery = nullptr;
  // For kSteps: revisions of the events whose steps are sent, in order.
  std::vector<int64_t> steps = {};
};

// kBusy and kUnreadable are about the target: the call is tried again. kSessionExpired asks for a login. All others are
// about the dossier.
enum class Verdict {
  // The call took effect. Of a look-up: it was answered.
  kDone,
  // The target has what was to be inserted.
  kExists,
  // The target does not have what was to be updated.
  kMissing,
  // The session is not valid any more, so that the call was not processed.
  kSessionExpired,
  // Busy, down or slow, or there was no answer.
  kBusy,
  // The target will not take the call as it is: sending it again would not help.
  kRefused,
  // The answer can't be read. Never taken as a success.
  kUnreadable,
};

// The answer to a call, as far as the Syncer needs it. `session` is the only secret in it.
struct Answer {
  Verdict verdict = Verdict::kUnreadable;
  // The target may have done what was asked, whatever the verdict is.
  bool may_have_applied = false;
  // UPPER_SNAKE_CASE for MirrorError.reason: REFUSED, ANSWER_UNREADABLE, NO_ANSWER, BUSY, LOGIN_REFUSED …
  std::string reason;
  // The target's own code and message.
  std::string code;
  std::string message;
  // Retry-After; zero if there is none.
  absl::Duration retry_after;

  // Of a login: the session, and how long it lasts; zero if the answer does not say.
  std::string session;
  absl::Duration session_life;

  // Of a look-up: whether the target has the dossier, and its status there.
  bool found = false;
  std::string found_status;
  // The answer reports the dossier's steps. `known_steps` are the revisions of ours among them.
  bool reports_steps = false;
  std::vector<int64_t> known_steps;

  // The exchange for the server: bounded, without secrets.
  tthc::v1::MirrorExchange exchange;
};

}  // namespace tthc::sync
