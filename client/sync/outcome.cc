#include "client/sync/outcome.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/sync/lookup.h"
#include "client/sync/render.h"
#include "client/sync/sources.h"
#include "storage/base/limits.h"
#include "storage/base/text.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;

// Longest session. Tokens with claims are long, but not longer than this.
constexpr size_t kSessionBytesMax = 16 * 1024;

// The target can't serve the request now, whatever the body says. 408 and 425 are returned before the request is
// processed.
bool IsBusy(int http_status) {
  return http_status >= 500 || http_status == 408 || http_status == 425 || http_status == 429;
}
bool IsUnauthorized(int http_status) { return http_status == 401 || http_status == 403; }
bool IsSuccess(int http_status) { return http_status >= 200 && http_status <= 299; }

bool HasLogin(const v1::Profile& profile) { return profile.has_login(); }
// Look-ups and logins have no effect at the target.
bool ChangesSomething(const Call& call) { return call.kind != CallKind::kLogin && call.kind != CallKind::kLookup; }

bool HasStatusRange(const v1::OutcomeRow& row) { return row.http_status_min() > 0 || row.http_status_max() > 0; }

// True if the row matches in all that it names. Messages are compared without case and diacritics, since targets write
// the same message in several ways.
bool Fits(const v1::OutcomeRow& row, int http_status, const AnswerBody& body, const std::string& folded_message) {
  if (row.http_status_min() > 0 && http_status < row.http_status_min()) return false;
  if (row.http_status_max() > 0 && http_status > row.http_status_max()) return false;
  const auto& codes = row.codes();
  if (!codes.empty() && (!body.code.has_value() || std::find(codes.begin(), codes.end(), *body.code) == codes.end())) {
    return false;
  }
  const auto& parts = row.message_contains();
  return parts.empty() || std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
           return folded_message.find(FoldForSearch(part)) != std::string::npos;
         });
}

Verdict VerdictOf(v1::Outcome outcome) {
  switch (outcome) {
    case v1::OUTCOME_DONE:
      return Verdict::kDone;
    case v1::OUTCOME_EXISTS:
      return Verdict::kExists;
    case v1::OUTCOME_MISSING:
      return Verdict::kMissing;
    case v1::OUTCOME_SESSION_EXPIRED:
      return Verdict::kSessionExpired;
    case v1::OUTCOME_BUSY:
      return Verdict::kBusy;
    case v1::OUTCOME_REFUSED:
      return Verdict::kRefused;
    default:
      return Verdict::kUnreadable;
  }
}

const char* ReasonOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kDone:
      return "";
    case Verdict::kExists:
      return "EXISTS_AT_TARGET";
    case Verdict::kMissing:
      return "UNKNOWN_TO_TARGET";
    case Verdict::kSessionExpired:
      return "SESSION_EXPIRED";
    case Verdict::kBusy:
      return "BUSY";
    case Verdict::kRefused:
      return "REFUSED";
    case Verdict::kUnreadable:
      return "ANSWER_UNREADABLE";
  }
  return "";
}

void Set(Answer& answer, Verdict verdict, bool may_have_applied, const char* reason = nullptr) {
  answer.verdict = verdict;
  answer.may_have_applied = may_have_applied;
  answer.reason = reason == nullptr ? ReasonOf(verdict) : reason;
}

// There was no response. `error` is one of those that Http::Send lists.
void ClassifyNoResponse(const Call& call, const absl::Status& error, Answer& answer) {
  answer.message = std::string(error.message());
  if (absl::IsResourceExhausted(error)) return Set(answer, Verdict::kUnreadable, ChangesSomething(call));
  Set(answer, Verdict::kBusy, ChangesSomething(call) && !absl::IsUnavailable(error), "NO_ANSWER");
}

// The HTTP status first: with a busy status, a refused session or an unreadable body, only rows that name HTTP statuses
// count. Then the first row that matches; then what is left.
Verdict ClassifyStatusAndBody(const v1::Profile& profile, int http_status, const AnswerBody& body) {
  const bool unauthorized = IsUnauthorized(http_status) && HasLogin(profile);
  const bool by_status = IsBusy(http_status) || unauthorized || !body.readable;
  const v1::Outcome outcome = FindOutcome(profile, http_status, body, by_status);
  // An unreadable body is never a success, whatever a row says.
  if (outcome == v1::OUTCOME_DONE && !(body.readable && IsSuccess(http_status))) return Verdict::kUnreadable;
  if (outcome != v1::OUTCOME_UNSPECIFIED) return VerdictOf(outcome);
  if (IsBusy(http_status)) return Verdict::kBusy;
  if (unauthorized) return Verdict::kSessionExpired;
  if (!body.readable) return Verdict::kUnreadable;
  // A message without a code does not say whether it was done.
  return body.code.has_value() ? Verdict::kRefused : Verdict::kUnreadable;
}

// After a clear refusal nothing has happened. After a server error, a timeout at the target or an unreadable answer it
// may have.
bool MayHaveApplied(const Call& call, Verdict verdict, int http_status) {
  if (!ChangesSomething(call)) return false;
  return verdict == Verdict::kUnreadable || verdict == Verdict::kDone || http_status >= 500 || http_status == 408;
}

// A session goes into headers and bodies without escaping.
bool IsUsableSession(const std::string& session) {
  return session.size() <= kSessionBytesMax && std::all_of(session.begin(), session.end(), [](char c) {
           return absl::ascii_isgraph(static_cast<unsigned char>(c)) || c == ' ';
         });
}

// Only a session makes a login succeed.
void ClassifyLogin(const v1::Profile& profile, const HttpResponse& response, const AnswerBody& body, Verdict verdict,
                   Answer& answer) {
  const v1::AnswerKeys& keys = profile.answer_keys();
  if (body.readable && IsSuccess(response.status)) {
    if (const auto* session = FindKey(keys, body.json, keys.session())) answer.session = ScalarText(*session);
    if (!IsUsableSession(answer.session)) answer.session.clear();
    if (const auto* seconds = FindKey(keys, body.json, keys.session_seconds())) {
      int64_t life = 0;
      if (absl::SimpleAtoi(ScalarText(*seconds), &life) && life > 0) answer.session_life = absl::Seconds(life);
    }
  }
  // Some targets answer a login with the token alone, without a code, or with a message that other answers would make
  // an expired session. The token decides.
  const bool is_refused = verdict == Verdict::kRefused || verdict == Verdict::kBusy;
  if (!is_refused && !answer.session.empty()) return Set(answer, Verdict::kDone, false);
  answer.session.clear();
  if (verdict == Verdict::kDone) return Set(answer, Verdict::kUnreadable, false);
  if (verdict == Verdict::kBusy || verdict == Verdict::kUnreadable) return Set(answer, verdict, false);
  Set(answer, Verdict::kRefused, false, "LOGIN_REFUSED");
}

// Sets the steps that the target reports. Without lookup_steps in the profile, or without the list in the answer, the
// target counts as one that does not report steps.
void ReadSteps(const v1::Profile& profile, const Call& call, const ordered_json& result, Answer& answer) {
  if (profile.lookup_steps().empty()) return;
  const auto steps = result.find(profile.lookup_steps());
  if (steps == result.end() || !steps->is_array()) return;
  answer.reports_steps = true;
  answer.known_steps = KnownSteps(profile, *call.delivery, *steps);
}

// A look-up must never turn "not understood" into "not found": the dossier would be inserted and its steps sent again.
void ClassifyLookup(const v1::Profile& profile, const Call& call, const HttpResponse& response, const AnswerBody& body,
                    Verdict verdict, Answer& answer) {
  const v1::AnswerKeys& keys = profile.answer_keys();
  const ordered_json* const results = body.readable ? FindKey(keys, body.json, keys.results()) : nullptr;
  // Some targets answer a look-up with the list alone, without a code.
  const bool is_bare = body.readable && !body.code.has_value() && IsSuccess(response.status) && results != nullptr;
  // "There is no such dossier" answers the look-up.
  if (verdict == Verdict::kMissing) {
    answer.reports_steps = !profile.lookup_steps().empty();
    return Set(answer, Verdict::kDone, false);
  }
  if (verdict != Verdict::kDone && !(is_bare && verdict == Verdict::kUnreadable)) return Set(answer, verdict, false);
  const bool is_list = results != nullptr && (results->is_array() || results->is_object() || results->is_null());
  if (!is_list) return Set(answer, Verdict::kUnreadable, false);
  Set(answer, Verdict::kDone, false);
  const ordered_json* const result = FindResult(profile, *call.delivery, *results);
  if (result == nullptr) {
    // An empty list means that the target does not have the dossier. Records of other dossiers are no answer.
    if (!results->empty()) return Set(answer, Verdict::kUnreadable, false);
    answer.reports_steps = !profile.lookup_steps().empty();
    return;
  }
  answer.found = true;
  const auto status = result->find(FieldFrom(profile.record_fields(), "status"));
  if (status != result->end()) answer.found_status = ScalarText(*status);
  ReadSteps(profile, call, *result, answer);
}

}  // namespace

AnswerBody ReadBody(const v1::AnswerKeys& keys, const std::string& body) {
  AnswerBody read;
  read.json = ordered_json::parse(body, nullptr, false);
  if (!read.json.is_object()) {
    read.json = nullptr;
    return read;
  }
  read.readable = true;
  // The code comes as text or number, sometimes with blanks.
  if (const auto* code = FindKey(keys, read.json, keys.code())) {
    const std::string text(absl::StripAsciiWhitespace(ScalarText(*code)));
    if (!text.empty()) read.code = text;
  }
  if (const auto* message = FindKey(keys, read.json, keys.message()); message != nullptr && message->is_string()) {
    read.message = message->get<std::string>();
  }
  return read;
}

// The top level goes first: most answers have their keys there, and only some wrap them.
const ordered_json* FindKey(const v1::AnswerKeys& keys, const ordered_json& json, const std::string& key) {
  if (key.empty() || !json.is_object()) return nullptr;
  if (const auto found = json.find(key); found != json.end()) return &*found;
  const auto wrapper = json.find(keys.wrapped_in());
  if (keys.wrapped_in().empty() || wrapper == json.end() || !wrapper->is_object()) return nullptr;
  const auto found = wrapper->find(key);
  return found == wrapper->end() ? nullptr : &*found;
}

std::string ScalarText(const ordered_json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_unsigned()) return absl::StrCat(value.get<uint64_t>());
  if (value.is_number_integer()) return absl::StrCat(value.get<int64_t>());
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  return "";
}

v1::Outcome FindOutcome(const v1::Profile& profile, int http_status, const AnswerBody& body, bool only_by_status) {
  const std::string folded = FoldForSearch(body.message);
  for (const v1::OutcomeRow& row : profile.outcomes()) {
    if (only_by_status && !HasStatusRange(row)) continue;
    if (Fits(row, http_status, body, folded)) return row.outcome();
  }
  return v1::OUTCOME_UNSPECIFIED;
}

void Classify(const v1::Profile& profile, const Call& call, const absl::StatusOr<HttpResponse>& response,
              Answer& answer) {
  if (!response.ok()) return ClassifyNoResponse(call, response.status(), answer);
  const AnswerBody body = ReadBody(profile.answer_keys(), response->body);
  answer.retry_after = response->retry_after;
  answer.code = body.code.value_or("");
  answer.message = CutBytes(body.message, limits::kMirrorErrorBytesMax);
  const Verdict verdict = ClassifyStatusAndBody(profile, response->status, body);
  if (call.kind == CallKind::kLogin) return ClassifyLogin(profile, *response, body, verdict, answer);
  if (call.kind == CallKind::kLookup) return ClassifyLookup(profile, call, *response, body, verdict, answer);
  Set(answer, verdict, MayHaveApplied(call, verdict, response->status));
}

std::string OutcomeWord(const Answer& answer) {
  if (answer.reason == "NO_ANSWER") return "no answer";
  switch (answer.verdict) {
    case Verdict::kDone:
      return "done";
    case Verdict::kExists:
      return "exists";
    case Verdict::kMissing:
      return "missing";
    case Verdict::kSessionExpired:
      return "session";
    case Verdict::kBusy:
      return "busy";
    case Verdict::kRefused:
      return "refused";
    case Verdict::kUnreadable:
      return "unreadable";
  }
  return "";
}

// Steps back over continuation bytes, so that the cut is between two characters.
std::string CutBytes(absl::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end));
}

}  // namespace tthc::sync
