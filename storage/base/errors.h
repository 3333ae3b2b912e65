#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/rpc/status.pb.h"

// Errors for people and machines (AIP-193): a status whose payload is a google.rpc.Status with ErrorInfo (reason,
// domain, metadata), the fields at fault, and the message in Vietnamese and English. Made where the fault is seen;
// server/rpc only carries them over. Pure; thread-safe.
namespace tthc {

inline constexpr char kErrorDomain[] = "tthc.vn";

// One error in the making.
struct ErrorSpec {
  absl::StatusCode code = absl::StatusCode::kInternal;
  // UPPER_SNAKE_CASE; never renamed once released.
  absl::string_view reason;
  // Says what is wrong and the way out, in English and in Vietnamese. Must not hold personal data.
  std::string message;
  std::string message_vi;
  // Everything dynamic that the message says.
  std::vector<std::pair<std::string, std::string>> metadata = {};
  // Request field at fault, such as "event.occur_time"; empty if none.
  std::string field = {};
  // When to come back; zero if it makes no sense.
  absl::Duration retry_delay = absl::ZeroDuration();
};

absl::Status MakeError(const ErrorSpec& spec);

// INVALID_ARGUMENT FIELD_INVALID at `field`.
absl::Status InvalidField(absl::string_view field, absl::string_view message, absl::string_view message_vi);

// The same error with `prefix` put before every field path ("events[3]" + "occur_time" → "events[3].occur_time").
// OK and errors without fields come back unchanged.
absl::Status PrefixFields(absl::string_view prefix, const absl::Status& status);

// The same error with a field path that begins with `old_head` beginning with `new_head` instead ("event" →
// "events[3]").
absl::Status RebaseFields(absl::string_view old_head, absl::string_view new_head, const absl::Status& status);

// The payload; an error that carries none gets ErrorInfo with reason UNEXPECTED.
google::rpc::Status ToRpcStatus(const absl::Status& status);
absl::Status FromRpcStatus(const google::rpc::Status& status);

// ErrorInfo.reason, or "" without a payload.
std::string ErrorReason(const absl::Status& status);
// First field at fault, or "".
std::string ErrorField(const absl::Status& status);
// Value of an ErrorInfo.metadata key, or "".
std::string ErrorMetadata(const absl::Status& status, absl::string_view key);
// The message in "vi" or "en"; falls back to status.message().
std::string ErrorMessage(const absl::Status& status, absl::string_view locale);
// RetryInfo's delay, or zero.
absl::Duration ErrorRetryDelay(const absl::Status& status);

}  // namespace tthc
