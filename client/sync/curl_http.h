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

struct CurlHttpOptions {
  // Certificates as configured; the system's authorities if no ca_file is named.
  v1::Tls tls;
  // Of the client's key; empty without.
  std::string key_password;
  // http://host:port; empty = none, whatever the environment says.
  std::string proxy;
  absl::Duration connect_timeout;
};

// Http over libcurl: HTTP/1.1, TLS 1.2 or later, always verified, connections kept between calls. Redirects are not
// followed, and no request is ever sent twice by itself. Thread-safe.
class CurlHttp : public Http {
 public:
  explicit CurlHttp(CurlHttpOptions options);
  ~CurlHttp() override;
  CurlHttp(const CurlHttp&) = delete;
  CurlHttp& operator=(const CurlHttp&) = delete;

  // UNAVAILABLE, too, for a request that can't be sent as it stands (a header with control characters).
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request, const std::atomic<bool>* abort) override;

 private:
  // A handle of libcurl with the connection that it keeps; one call at a time uses it.
  void* Take();
  void GiveBack(void* handle);

  const CurlHttpOptions options_;
  Mutex mutex_;
  std::vector<void*> idle_ ABSL_GUARDED_BY(mutex_);
};

// What Retry-After asks for: seconds, or the time from the answer's Date (`now` if it has none) to a date. Zero if it
// is not understood or over.
absl::Duration ParseRetryAfter(absl::string_view retry_after, absl::string_view date, absl::Time now);

}  // namespace tthc::sync
