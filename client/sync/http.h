#pragma once

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

// What the mirror asks of HTTP. Knows nothing of portals.
namespace tthc::sync {

struct HttpRequest {
  std::string method = "POST";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // From the first byte of the connection to the last byte of the answer.
  absl::Duration timeout;
};

// An answer that came whole.
struct HttpResponse {
  int status = 0;
  // Zero if the answer does not say when to come back. A date is taken as the time from the answer's own Date on, so
  // that a skewed clock does no harm.
  absl::Duration retry_after;
  std::string content_type;
  std::string body;
};

// Thread-safe.
class Http {
 public:
  virtual ~Http() = default;

  // Errors, none with any part of request or answer:
  // - UNAVAILABLE: nothing of the request reached the other side (no such host, refused, TLS not trusted);
  // - UNKNOWN: it may have (cut, timed out, aborted): whether the call took effect is not known;
  // - RESOURCE_EXHAUSTED: the answer is larger than limits::kSyncResponseBytesMax; it may have taken effect too.
  // `abort`, if given, ends a call early once it becomes true.
  virtual absl::StatusOr<HttpResponse> Send(const HttpRequest& request, const std::atomic<bool>* abort) = 0;
};

}  // namespace tthc::sync
