#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/sync/http.h"
#include "storage/base/mutex.h"
#include "tthc/sync/v1/config.pb.h"

namespace tthc::sync {

// One object serves one target, whose certificates and proxy it has.
struct CurlHttpOptions {
  // Certificates as configured; the system's authorities if no ca_file is named.
  v1::Tls tls;
  // Password of the client's key; empty if it has none.
  std::string key_password;
  // http://host:port; empty: no proxy, whatever the environment says.
  std::string proxy;
  // For name, connection and TLS. HttpRequest::timeout bounds the whole call.
  absl::Duration connect_timeout;
};

// Http by libcurl: HTTP/1.1; TLS 1.2 or later, always verified; connections are reused. There is no option to turn the
// verification off.
//
// Redirects are not followed: a record must not go to another host than the configured one. No request is ever repeated
// by itself, since the target may have processed it; whether it is sent again is the caller's decision.
//
// Thread-safe: each call takes a handle of its own and holds no lock while it waits for the target.
class CurlHttp : public Http {
 public:
  explicit CurlHttp(CurlHttpOptions options);
  ~CurlHttp() override;
  CurlHttp(const CurlHttp&) = delete;
  CurlHttp& operator=(const CurlHttp&) = delete;

  // Also UNAVAILABLE for a request that can't be sent, because a header has control characters.
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request, const std::atomic<bool>* abort) override;

 private:
  // A libcurl handle with the connection that it holds. One call at a time uses it.
  void* Take();
  void GiveBack(void* handle);

  const CurlHttpOptions options_;
  Mutex mutex_;
  // Handles between two calls; bounded, the others are closed.
  std::vector<void*> idle_ ABSL_GUARDED_BY(mutex_);
};

// The wait that Retry-After asks for: seconds, or the time from the response's Date (`now` if it has none) to a date.
// Zero if it can't be parsed or lies in the past.
absl::Duration ParseRetryAfter(absl::string_view retry_after, absl::string_view date, absl::Time now);

}  // namespace tthc::sync
