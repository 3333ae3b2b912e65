#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/sync/call.h"
#include "client/sync/http.h"
#include "tthc/sync/v1/config.pb.h"

namespace tthc::sync {

// Speaks one target's protocol: makes requests of calls, and answers of what came back. Pure but for MakeRequest of a
// login, which is given the password. Thread-safe.
class Adapter {
 public:
  virtual ~Adapter() = default;

  // False if calls need no login.
  virtual bool has_login() const = 0;
  virtual bool can_look_up() const = 0;
  // Whether records are inserted and updated by calls of their own; else kUpdate does both.
  virtual bool has_insert() const = 0;

  // `session` is that of the last login, or empty; `password` is used for kLogin only.
  virtual HttpRequest MakeRequest(const Call& call, const std::string& session, const std::string& password) const = 0;
  // `sent_time` and `duration` go into the exchange.
  virtual Answer ReadAnswer(const Call& call, const HttpRequest& request,
                            const absl::StatusOr<HttpResponse>& response, absl::Time sent_time,
                            absl::Duration duration) const = 0;
};

// `profile` has the target's own rows merged in.
std::unique_ptr<Adapter> MakeAdapter(const v1::Profile& profile, const v1::Target& target);

}  // namespace tthc::sync
