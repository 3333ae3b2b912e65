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

// Tokens that carry claims are long; nothing that is longer is one.
constexpr size_t kSessionBytesMax = 16 * 1024;

// The target has trouble, whatever the body says: 408 and 425 are told before it looked.
bool IsBusy(int http_status) {
  return http_status >= 500 || http_status == 408 || http_status == 425 || http_status == 429;
}
bool IsUnauthorised(int http_status) { return http_status == 401 || http_status == 403; }
bool IsSuccess(int http_status) { return http_status >= 200 && http_status <= 299; }

bool HasLogin(const v1::Profile& profile) { return profile.has_login(); }
// Asking and logging in leave nothing behind.
bool ChangesSomething(const Call& call) { return call.kind != CallKind::kLogin && call.kind != CallKind::kLookup; }

bool NamesStatuses(const v1::OutcomeRow& row) { return row.http_status_min() > 0 || row.http_status_max() > 0; }

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
    case v1::DONE:
      return Verdict::kDone;
    case v1::EXISTS:
      return Verdict::kExists;
    case v1::MISSING:
      return Verdict::kMissing;
    case v1::SESSION_EXPIRED:
      return Verdict::kSessionExpired;
    case v1::BUSY:
      return Verdict::kBusy;
    case v1::REFUSED:
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

// Which of the reasons of Http::Send it was.
void JudgeSilence(const Call& call, const absl::Status& error, Answer& answer) {
  answer.message = std::string(error.message());
  if (absl::IsResourceExhausted(error)) return Set(answer, Verdict::kUnreadable, ChangesSomething(call));
  Set(answer, Verdict::kBusy, ChangesSomething(call) && !absl::IsUnavailable(error), "NO_ANSWER");
}

Verdict JudgeStatusAndBody(const v1::Profile& profile, int http_status, const AnswerBody& body) {
  const bool unauthorised = IsUnauthorised(http_status) && HasLogin(profile);
  const bool by_status = IsBusy(http_status) || unauthorised || !body.readable;
  const v1::Outcome outcome = FindOutcome(profile, http_status, body, by_status);
  // A body that can't be read is never a success, whatever a row says.
  if (outcome == v1::DONE && !(body.readable && IsSuccess(http_status))) return Verdict::kUnreadable;
  if (outcome != v1::OUTCOME_UNSPECIFIED) return VerdictOf(outcome);
  if (IsBusy(http_status)) return Verdict::kBusy;
  if (unauthorised) return Verdict::kSessionExpired;
  if (!body.readable) return Verdict::kUnreadable;
  // Words without a code don't say whether it was done.
  return body.code.has_value() ? Verdict::kRefused : Verdict::kUnreadable;
}

bool MayHaveApplied(const Call& call, Verdict verdict, int http_status) {
  if (!ChangesSomething(call)) return false;
  return verdict == Verdict::kUnreadable || verdict == Verdict::kDone || http_status >= 500 || http_status == 408;
}

// It goes into headers and bodies as it stands.
bool IsUsableSession(const std::string& session) {
  return session.size() <= kSessionBytesMax && std::all_of(session.begin(), session.end(), [](char c) {
           return absl::ascii_isgraph(static_cast<unsigned char>(c)) || c == ' ';
         });
}

void JudgeLogin(const v1::Profile& profile, const HttpResponse& response, const AnswerBody& body, Verdict verdict,
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
  // Some answer a login with the token and nothing else, or speak of the session in ways that mean trouble elsewhere.
  const bool is_refused = verdict == Verdict::kRefused || verdict == Verdict::kBusy;
  if (!is_refused && !answer.session.empty()) return Set(answer, Verdict::kDone, false);
  answer.session.clear();
  if (verdict == Verdict::kDone) return Set(answer, Verdict::kUnreadable, false);
  if (verdict == Verdict::kBusy || verdict == Verdict::kUnreadable) return Set(answer, verdict, false);
  Set(answer, Verdict::kRefused, false, "LOGIN_REFUSED");
}

void ReadSteps(const v1::Profile& profile, const Call& call, const ordered_json& result, Answer& answer) {
  if (profile.lookup_steps().empty()) return;
  const auto steps = result.find(profile.lookup_steps());
  if (steps == result.end() || !steps->is_array()) return;
  answer.tells_steps = true;
  answer.known_steps = KnownSteps(profile, *call.delivery, *steps);
}

void JudgeLookup(const v1::Profile& profile, const Call& call, const HttpResponse& response, const AnswerBody& body,
                 Verdict verdict, Answer& answer) {
  const v1::AnswerKeys& keys = profile.answer_keys();
  const ordered_json* const results = body.readable ? FindKey(keys, body.json, keys.results()) : nullptr;
  const bool is_bare = body.readable && !body.code.has_value() && IsSuccess(response.status) && results != nullptr;
  // "There is no such dossier" is an answer.
  if (verdict == Verdict::kMissing) {
    answer.tells_steps = !profile.lookup_steps().empty();
    return Set(answer, Verdict::kDone, false);
  }
  if (verdict != Verdict::kDone && !(is_bare && verdict == Verdict::kUnreadable)) return Set(answer, verdict, false);
  const bool is_list = results != nullptr && (results->is_array() || results->is_object() || results->is_null());
  if (!is_list) return Set(answer, Verdict::kUnreadable, false);
  Set(answer, Verdict::kDone, false);
  const ordered_json* const result = FindResult(profile, *call.delivery, *results);
  if (result == nullptr) {
    // What is not there has no steps. If others came instead, the question was misunderstood.
    if (!results->empty()) return Set(answer, Verdict::kUnreadable, false);
    answer.tells_steps = !profile.lookup_steps().empty();
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
  if (const auto* code = FindKey(keys, read.json, keys.code())) {
    const std::string text(absl::StripAsciiWhitespace(ScalarText(*code)));
    if (!text.empty()) read.code = text;
  }
  if (const auto* message = FindKey(keys, read.json, keys.message()); message != nullptr && message->is_string()) {
    read.message = message->get<std::string>();
  }
  return read;
}

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
    if (only_by_status && !NamesStatuses(row)) continue;
    if (Fits(row, http_status, body, folded)) return row.outcome();
  }
  return v1::OUTCOME_UNSPECIFIED;
}

void Judge(const v1::Profile& profile, const Call& call, const absl::StatusOr<HttpResponse>& response, Answer& answer) {
  if (!response.ok()) return JudgeSilence(call, response.status(), answer);
  const AnswerBody body = ReadBody(profile.answer_keys(), response->body);
  answer.retry_after = response->retry_after;
  answer.code = body.code.value_or("");
  answer.message = CutBytes(body.message, limits::kMirrorErrorBytesMax);
  const Verdict verdict = JudgeStatusAndBody(profile, response->status, body);
  if (call.kind == CallKind::kLogin) return JudgeLogin(profile, *response, body, verdict, answer);
  if (call.kind == CallKind::kLookup) return JudgeLookup(profile, call, *response, body, verdict, answer);
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

std::string CutBytes(absl::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end));
}

}  // namespace tthc::sync
