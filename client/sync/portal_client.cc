#include "client/sync/portal_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/backoff.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/proto_duration.h"
#include "storage/base/status_macros.h"

namespace tthc::sync {
namespace {

// Attempts of one query, the first one included.
constexpr int kAttemptsMax = 4;
// Queries in a row without a usable answer after which the target counts as unreachable.
constexpr int kUnansweredQueriesMax = 5;
// A person waits for the command: a longer Retry-After is cut.
constexpr absl::Duration kRetryAfterMax = absl::Minutes(1);

absl::Status Unreachable(const TargetSetup& setup, const Answer& answer) {
  const std::string status = absl::StrCat(answer.exchange.http_status());
  const std::string why =
      absl::StrCat(answer.reason, answer.exchange.http_status() > 0 ? absl::StrCat(", HTTP ", status) : "");
  return MakeError({.code = absl::StatusCode::kUnavailable,
                    .reason = "TARGET_UNREACHABLE",
                    .message = absl::StrCat("the target \"", setup.target.id(), "\" gives no usable answer (", why,
                                            "); try again later, or see tthc-sync check"),
                    .message_vi = absl::StrCat("Hệ thống \"", setup.target.id(), "\" không trả lời được (", why,
                                               "); hãy thử lại sau, hoặc xem tthc-sync check"),
                    .metadata = {{"target", setup.target.id()}, {"why", answer.reason}, {"http_status", status}}});
}

absl::Status LoginRefused(const TargetSetup& setup, const Answer& answer) {
  return MakeError({.code = absl::StatusCode::kPermissionDenied,
                    .reason = "TARGET_LOGIN_REFUSED",
                    .message = absl::StrCat("the target \"", setup.target.id(), "\" refuses the login (code \"",
                                            answer.code, "\"); see tthc-sync check"),
                    .message_vi = absl::StrCat("Hệ thống \"", setup.target.id(), "\" từ chối đăng nhập (mã \"",
                                               answer.code, "\"); xem tthc-sync check"),
                    .metadata = {{"target", setup.target.id()}, {"code", answer.code}}});
}

}  // namespace

PortalClient::PortalClient(Options options)
    : options_(std::move(options)), adapter_(MakeProfileAdapter(options_.setup->profile, options_.setup->target)) {}

absl::Status PortalClient::CheckAborted() const {
  if (options_.abort == nullptr || !options_.abort->load()) return absl::OkStatus();
  return absl::CancelledError("stopping");
}

// Jitter as in the mirror, but at most a minute.
bool PortalClient::WaitAfter(const Answer& answer, int attempts) {
  if (attempts >= kAttemptsMax) return false;
  double uniform = 0;
  {
    // Held while the number is drawn and not during the wait.
    MutexLock lock(uniform_mutex_);
    uniform = options_.uniform();
  }
  const v1::Target& target = options_.setup->target;
  const absl::Duration first =
      target.has_retry_delay_first() ? FromProto(target.retry_delay_first()) : limits::kSyncRetryDelayFirst;
  const absl::Duration jitter = FullJitter(first, kRetryAfterMax, attempts, uniform);
  options_.sleep(std::max(jitter, std::min(answer.retry_after, kRetryAfterMax)));
  return true;
}

// Called with session_mutex_ held: one login at a time.
absl::StatusOr<Answer> PortalClient::LogIn() {
  const Call call{.kind = CallKind::kLogin};
  for (int attempts = 1;; ++attempts) {
    TTHC_RETURN_IF_ERROR(CheckAborted());
    TTHC_ASSIGN_OR_RETURN(const std::string password, options_.read_password());
    const HttpRequest request = adapter_->MakeRequest(call, "", password);
    const absl::Time sent = options_.now();
    const absl::StatusOr<HttpResponse> response = options_.http->Send(request, options_.abort);
    Answer answer = adapter_->ReadAnswer(call, request, response, sent, options_.now() - sent);
    if (answer.verdict == Verdict::kDone) return answer;
    if (answer.verdict != Verdict::kBusy && answer.verdict != Verdict::kUnreadable) {
      return LoginRefused(*options_.setup, answer);
    }
    if (!WaitAfter(answer, attempts)) return Unreachable(*options_.setup, answer);
  }
}

absl::StatusOr<PortalClient::Session> PortalClient::EnsureSession() {
  if (!adapter_->has_login()) return Session();
  MutexLock lock(session_mutex_);
  // After a refusal no login is tried again: it might lock the account.
  TTHC_RETURN_IF_ERROR(login_error_);
  if (!session_.text.empty() && options_.now() < session_end_) return session_;
  const absl::StatusOr<Answer> answer = LogIn();
  if (!answer.ok()) {
    // A cancellation says nothing about the account.
    if (!absl::IsCancelled(answer.status())) login_error_ = answer.status();
    return answer.status();
  }
  const v1::Profile& profile = options_.setup->profile;
  absl::Duration life = profile.has_session_life() ? FromProto(profile.session_life()) : absl::InfiniteDuration();
  if (answer->session_life > absl::ZeroDuration()) life = std::min(life, answer->session_life);
  // The generation says later whether a call failed with this session or with one before it.
  session_ = {.text = answer->session, .generation = session_.generation + 1};
  session_end_ = options_.now() + life;
  return session_;
}

void PortalClient::DropSession(int64_t generation) {
  MutexLock lock(session_mutex_);
  // Another thread may have logged in since.
  if (session_.generation == generation) session_.text.clear();
}

PortalClient::Reply PortalClient::QueryOnce(const MakeRequest& make, const ReadReply& read,
                                            const std::string& session) {
  const HttpRequest request = make(session);
  const absl::Time sent = options_.now();
  const absl::StatusOr<HttpResponse> response = options_.http->Send(request, options_.abort);
  Reply reply = read(request, response, sent);
  if (response.ok()) reply.body = ReadBody(options_.setup->profile.answer_keys(), response->body);
  return reply;
}

absl::StatusOr<PortalClient::Reply> PortalClient::Query(const MakeRequest& make, const ReadReply& read) {
  bool logged_in_again = false;
  for (int attempts = 1;;) {
    TTHC_RETURN_IF_ERROR(CheckAborted());
    TTHC_ASSIGN_OR_RETURN(const Session session, EnsureSession());
    Reply reply = QueryOnce(make, read, session.text);
    // Once per query: a target that accepts no session would be asked forever.
    if (reply.answer.verdict == Verdict::kSessionExpired && !logged_in_again) {
      logged_in_again = true;
      DropSession(session.generation);
      continue;
    }
    if (reply.answer.verdict != Verdict::kBusy && reply.answer.verdict != Verdict::kUnreadable) {
      unanswered_queries_.store(0);
      return reply;
    }
    TTHC_RETURN_IF_ERROR(CheckAborted());
    if (WaitAfter(reply.answer, attempts++)) continue;
    // One bad dossier must not end the run; a target that answers nothing must.
    if (unanswered_queries_.fetch_add(1) + 1 >= kUnansweredQueriesMax)
      return Unreachable(*options_.setup, reply.answer);
    return reply;
  }
}

absl::StatusOr<PortalClient::Reply> PortalClient::LookUp(const DeliveryPtr& delivery) {
  const Call call{.kind = CallKind::kLookup, .delivery = delivery};
  return Query([&](const std::string& session) { return adapter_->MakeRequest(call, session, ""); },
               [&](const HttpRequest& request, const absl::StatusOr<HttpResponse>& response, absl::Time sent) {
                 return Reply{.answer = adapter_->ReadAnswer(call, request, response, sent, options_.now() - sent),
                              .body = {}};
               });
}

PortalClient::Reply PortalClient::ReadPlain(CallKind kind, const absl::StatusOr<HttpResponse>& response) const {
  Reply reply;
  // Classified like an update, by code and message alone: the answer is not about one dossier.
  Classify(options_.setup->profile, {.kind = kind}, response, reply.answer);
  if (response.ok()) reply.answer.exchange.set_http_status(response->status);
  return reply;
}

absl::StatusOr<PortalClient::Reply> PortalClient::List() {
  return Query([&](const std::string& session) { return adapter_->MakeListRequest(session); },
               [&](const HttpRequest&, const absl::StatusOr<HttpResponse>& response, absl::Time) {
                 return ReadPlain(CallKind::kUpdate, response);
               });
}

absl::StatusOr<PortalClient::Reply> PortalClient::Confirm(const nlohmann::ordered_json& records) {
  return Query([&](const std::string& session) { return adapter_->MakeConfirmRequest(records, session); },
               [&](const HttpRequest&, const absl::StatusOr<HttpResponse>& response, absl::Time) {
                 return ReadPlain(CallKind::kUpdate, response);
               });
}

}  // namespace tthc::sync
