#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/sync/call.h"
#include "client/sync/http.h"
#include "tthc/sync/v1/config.pb.h"

namespace tthc::sync {

// One target's protocol: makes HTTP requests from calls, and answers from HTTP responses. Everything that differs
// between targets is behind it, so that the Syncer and its simulations know verdicts only.
//
// It sends nothing and decides nothing: whether a call is made again is the Syncer's to say. Nothing fails here: a
// response that can't be read is an Answer with kUnreadable. The answer's exchange, which the server keeps for people,
// holds no password, session or token.
//
// Pure: the same call gives the same request. Thread-safe.
class Adapter {
 public:
  virtual ~Adapter() = default;

  // Calls need a session from a login.
  virtual bool has_login() const = 0;
  // The target can be asked what it has of a dossier. Without this, steps in doubt are sent again.
  virtual bool can_look_up() const = 0;
  // New records are inserted by a call of their own; otherwise kUpdate inserts and updates.
  virtual bool has_insert() const = 0;

  // `session` is that of the last login, or empty; `password` is used for kLogin only. The call's delivery must be
  // there unless it is a login.
  virtual HttpRequest MakeRequest(const Call& call, const std::string& session, const std::string& password) const = 0;
  // `request` is the one that was sent: what is secret in it is removed from the exchange. `sent_time` and `duration`
  // go into the exchange.
  virtual Answer ReadAnswer(const Call& call, const HttpRequest& request, const absl::StatusOr<HttpResponse>& response,
                            absl::Time sent_time, absl::Duration duration) const = 0;
};

// `profile` has the target's own rows merged in (MergeProfile) and is checked. Both are copied.
std::unique_ptr<Adapter> MakeAdapter(const v1::Profile& profile, const v1::Target& target);

}  // namespace tthc::sync
