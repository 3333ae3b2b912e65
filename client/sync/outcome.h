#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/sync/call.h"
#include "client/sync/http.h"
#include "nlohmann/json.hpp"
#include "tthc/sync/v1/profile.pb.h"

// What an answer means. Pure; thread-safe.
namespace tthc::sync {

// The body of an answer, taken apart by the profile's keys.
struct AnswerBody {
  // An object of JSON, whole.
  bool readable = false;
  nlohmann::ordered_json json;
  // As text, whether it came as text or as a number; unset if there is none.
  std::optional<std::string> code;
  std::string message;
};
AnswerBody ReadBody(const v1::AnswerKeys& keys, const std::string& body);

// Value of a key, at the top or inside the wrapper; nullptr if it is at neither.
const nlohmann::ordered_json* FindKey(const v1::AnswerKeys& keys, const nlohmann::ordered_json& json,
                                      const std::string& key);

// A text or a number as text; empty for everything else.
std::string ScalarText(const nlohmann::ordered_json& value);

// The first row that fits; UNSPECIFIED if there is none. Where `only_by_status`, rows without a range of HTTP statuses
// are passed over.
v1::Outcome FindOutcome(const v1::Profile& profile, int http_status, const AnswerBody& body, bool only_by_status);

// Sets verdict, may_have_applied, reason, code, message, retry_after; session and session_life of a login; found,
// found_status and the steps of a look-up.
void Judge(const v1::Profile& profile, const Call& call, const absl::StatusOr<HttpResponse>& response, Answer& answer);

// "done", "exists" … as MirrorExchange.outcome says it.
std::string OutcomeWord(const Answer& answer);

// At most `bytes_max` bytes of `text`, which need not be valid UTF-8; never ends within a character.
std::string CutBytes(absl::string_view text, size_t bytes_max);

}  // namespace tthc::sync
