#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/rpc/status.pb.h"

// Errors for people and machines (AIP-193).
//
// An error is an absl::Status whose message is English, with a google.rpc.Status as its payload: an ErrorInfo (reason,
// domain, metadata), a BadRequest that names the field at fault, a LocalizedMessage with the Vietnamese text (locale
// "vi"), and a RetryInfo where trying again makes sense. It is made where the fault is found; server/rpc only carries
// it to the client, and the SDK makes the same status of it again. Pure; thread-safe.
namespace tthc {

// ErrorInfo.domain of every error of ours.
inline constexpr char kErrorDomain[] = "tthc.vn";

// The parts of an error.
struct ErrorSpec {
  absl::StatusCode code = absl::StatusCode::kInternal;
  // UPPER_SNAKE_CASE; never renamed once released.
  absl::string_view reason;
  // What is wrong and what the caller can do about it, in English and in Vietnamese. Without personal data.
  std::string message;
  std::string message_vi;
  // Every variable part of the message, so that programs need not parse it.
  std::vector<std::pair<std::string, std::string>> metadata = {};
  // Request field at fault, such as "event.occur_time"; empty if none.
  std::string field = {};
  // After which time to try again; zero if that makes no sense.
  absl::Duration retry_delay = absl::ZeroDuration();
};

// The error with all its details. `reason` must not be empty.
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
// The way back, as a client does it; OK for code 0.
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
