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

// Puts questions to a target one at a time, for commands that people start: what a dossier looks like there, what was
// filed there. Logs in when it is needed and keeps the session; once more if the target says that it has expired; waits
// and asks again while the target is busy or gives pages that can't be read. Tells nothing about dossiers, so that
// nothing can be applied twice. Thread-safe: several may ask at the same time, with one login for all.
class PortalClient {
 public:
  struct Options {
    // These outlive the client.
    const TargetSetup* setup = nullptr;
    Http* http = nullptr;
    // Asked at every login.
    std::function<absl::StatusOr<std::string>()> read_password;
    std::function<absl::Time()> now;
    // May end early, once `abort` is true.
    std::function<void(absl::Duration)> sleep;
    // Uniform in [0, 1); called under a lock.
    std::function<double()> uniform;
    // Ends what is under way once it becomes true; may be nullptr.
    const std::atomic<bool>* abort = nullptr;
  };

  explicit PortalClient(Options options);

  // What came back, whatever the verdict: BUSY, UNREADABLE and REFUSED are answers about one question.
  struct Reply {
    Answer answer;
    // As it can be read; the value of the profile's results key is looked up with FindKey.
    AnswerBody body;
  };

  // Errors of all, after which nothing more need be asked: UNAVAILABLE TARGET_UNREACHABLE (no answer of use to several
  // questions in a row, each asked several times), PERMISSION_DENIED TARGET_LOGIN_REFUSED, those of `read_password`,
  // CANCELLED once `abort` is true.

  // What it knows of the delivery's dossier. The profile must have a look-up.
  absl::StatusOr<Reply> LookUp(const DeliveryPtr& delivery);
  // What was filed there; the profile must have a list.
  absl::StatusOr<Reply> List();
  // Says that filed dossiers have arrived; the profile must have confirm_received. Repeating it does no harm.
  absl::StatusOr<Reply> Confirm(const nlohmann::ordered_json& records);

 private:
  struct Session {
    std::string text;
    int64_t generation = 0;
  };
  using MakeRequest = std::function<HttpRequest(const std::string& session)>;
  using ReadReply = std::function<Reply(const HttpRequest&, const absl::StatusOr<HttpResponse>&, absl::Time sent)>;

  absl::StatusOr<Reply> Ask(const MakeRequest& make, const ReadReply& read);
  Reply AskOnce(const MakeRequest& make, const ReadReply& read, const std::string& session);
  Reply ReadPlain(CallKind kind, const absl::StatusOr<HttpResponse>& response) const;
  absl::StatusOr<Session> EnsureSession();
  absl::StatusOr<Answer> LogIn();
  void DropSession(int64_t generation);
  // False if that was the last try.
  bool WaitAfter(const Answer& answer, int tries);
  absl::Status CheckGoesOn() const;

  const Options options_;
  const std::unique_ptr<ProfileAdapter> adapter_;
  // Questions in a row to which nothing of use came.
  std::atomic<int> silent_questions_{0};

  // Held while somebody logs in: the others wait for that session. Before uniform_mutex_.
  Mutex session_mutex_;
  Session session_ ABSL_GUARDED_BY(session_mutex_);
  absl::Time session_end_ ABSL_GUARDED_BY(session_mutex_) = absl::InfinitePast();
  absl::Status login_error_ ABSL_GUARDED_BY(session_mutex_);
  Mutex uniform_mutex_;
};

}  // namespace tthc::sync
