#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/sync/adapter_base.h"
#include "client/sync/call.h"
#include "client/sync/config.h"
#include "client/sync/http.h"
#include "client/sync/outcome.h"
#include "storage/base/mutex.h"

namespace tthc::sync {

// Sends queries to a target for commands that people start: what it has of a dossier, what was filed there. It sends no
// dossiers, so that nothing can be applied twice and every query may be repeated.
//
// Sessions. Logs in when needed and keeps the session; logs in once more if the target says that it has expired. After
// a refused login it never tries again, since that might lock the account.
//
// Failures. While the target is busy or its answers are unreadable, waits and asks again a few times. One query without
// a usable answer is a result; several in a row end the command.
//
// Threads. Thread-safe: several threads share one login, and no lock is held during a query. A login holds
// session_mutex_, so that the others wait for it. All calls block.
class PortalClient {
 public:
  struct Options {
    // These outlive the client.
    const TargetSetup* setup = nullptr;
    Http* http = nullptr;
    // Called at every login.
    std::function<absl::StatusOr<std::string>()> read_password;
    std::function<absl::Time()> now;
    // May return early once `abort` is true.
    std::function<void(absl::Duration)> sleep;
    // Uniform in [0, 1); called under a lock.
    std::function<double()> uniform;
    // Ends the call under way once it becomes true; may be nullptr.
    const std::atomic<bool>* abort = nullptr;
  };

  explicit PortalClient(Options options);

  // The answer to one query, whatever its verdict: also kBusy, kUnreadable and kRefused concern that query only.
  struct Reply {
    Answer answer;
    // The parsed body. FindKey finds the value of the profile's results key in it.
    AnswerBody body;
  };

  // Errors of all three; further queries would fail, too: UNAVAILABLE TARGET_UNREACHABLE (several queries in a row got
  // no usable answer, each after several attempts), PERMISSION_DENIED TARGET_LOGIN_REFUSED, those of `read_password`,
  // CANCELLED once `abort` is true.

  // What the target has of the delivery's dossier. The profile must have a look-up.
  absl::StatusOr<Reply> LookUp(const DeliveryPtr& delivery);
  // The dossiers filed with the target. The profile must have a list.
  absl::StatusOr<Reply> List();
  // Confirms that filed dossiers were received. The profile must have confirm_received. Repeating it does no harm.
  absl::StatusOr<Reply> Confirm(const nlohmann::ordered_json& records);

 private:
  // Generations count the logins: the number shows whether a session has been replaced since.
  struct Session {
    std::string text;
    int64_t generation = 0;
  };
  using MakeRequest = std::function<HttpRequest(const std::string& session)>;
  using ReadReply = std::function<Reply(const HttpRequest&, const absl::StatusOr<HttpResponse>&, absl::Time sent)>;

  absl::StatusOr<Reply> Query(const MakeRequest& make, const ReadReply& read);
  Reply QueryOnce(const MakeRequest& make, const ReadReply& read, const std::string& session);
  Reply ReadPlain(CallKind kind, const absl::StatusOr<HttpResponse>& response) const;
  absl::StatusOr<Session> EnsureSession();
  absl::StatusOr<Answer> LogIn();
  // Forgets the session with this number, unless another one has replaced it.
  void DropSession(int64_t generation);
  // Waits before another attempt. False if `attempts` were all.
  bool WaitAfter(const Answer& answer, int attempts);
  // CANCELLED if `abort` is true.
  absl::Status CheckAborted() const;

  const Options options_;
  const std::unique_ptr<ProfileAdapter> adapter_;
  // Queries in a row without a usable answer.
  std::atomic<int> unanswered_queries_{0};

  // Held during a login, so that the other threads wait for its session. Lock order: before uniform_mutex_.
  Mutex session_mutex_;
  Session session_ ABSL_GUARDED_BY(session_mutex_);
  absl::Time session_end_ ABSL_GUARDED_BY(session_mutex_) = absl::InfinitePast();
  absl::Status login_error_ ABSL_GUARDED_BY(session_mutex_);
  Mutex uniform_mutex_;
};

}  // namespace tthc::sync
