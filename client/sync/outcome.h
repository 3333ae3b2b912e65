#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/sync/call.h"
#include "client/sync/http.h"
#include "nlohmann/json.hpp"
#include "tthc/sync/v1/profile.pb.h"

// Classifies the answers of targets by the rows of a profile: the HTTP status first, then the target's own code, then
// parts of its message.
//
// The rule behind all of it: what can't be understood is never a success. A success needs a readable body, an HTTP
// status of success and a row of the profile that names the code; an answer that no row fits is a refusal if it has a
// code, and unreadable otherwise. A look-up that is not understood is never "not found", which would send everything
// again.
//
// Nothing here fails: bodies are bytes from outside, of any form and up to limits::kSyncResponseBytesMax. Pure;
// thread-safe.
namespace tthc::sync {

// The body of an answer, parsed by the profile's keys.
struct AnswerBody {
  // The body is one complete JSON object.
  bool readable = false;
  nlohmann::ordered_json json;
  // As text, also if it is a number; unset if there is none.
  std::optional<std::string> code;
  std::string message;
};
AnswerBody ReadBody(const v1::AnswerKeys& keys, const std::string& body);

// Value of a key, at the top level or inside the profile's wrapper; nullptr if it is in neither.
const nlohmann::ordered_json* FindKey(const v1::AnswerKeys& keys, const nlohmann::ordered_json& json,
                                      const std::string& key);

// A text, a number or a boolean as text; empty for everything else.
std::string ScalarText(const nlohmann::ordered_json& value);

// Outcome of the first row that matches; UNSPECIFIED if none does. With `only_by_status`, only rows with a range of
// HTTP statuses are considered.
v1::Outcome FindOutcome(const v1::Profile& profile, int http_status, const AnswerBody& body, bool only_by_status);

// Fills in everything of `answer` but the exchange: the verdict and what belongs to it, and the fields of a login or a
// look-up.
void Classify(const v1::Profile& profile, const Call& call, const absl::StatusOr<HttpResponse>& response,
              Answer& answer);

// "done", "exists" … for MirrorExchange.outcome.
std::string OutcomeWord(const Answer& answer);

// At most `bytes_max` bytes of `text`, which need not be valid UTF-8. A character is never cut in two.
std::string CutBytes(absl::string_view text, size_t bytes_max);

}  // namespace tthc::sync
