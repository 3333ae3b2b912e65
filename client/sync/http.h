#pragma once

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

// HTTP as the mirror needs it: one request, one complete response, and an error that says whether the target may have
// seen the request. Knows nothing of portals.
//
// That distinction is what the mirror builds on: after UNAVAILABLE a call can be made again freely, after every other
// error it is in doubt. Simulations and tests bring an Http of their own.
namespace tthc::sync {

struct HttpRequest {
  std::string method = "POST";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // From connecting to the last byte of the response.
  absl::Duration timeout;
};

// A complete response, whatever its status: an error of the target is a response, not an error of Send().
struct HttpResponse {
  int status = 0;
  // Retry-After; zero if there is none. A date in it is counted from the response's own Date, so that a skewed clock
  // does no harm.
  absl::Duration retry_after;
  std::string content_type;
  std::string body;
};

// Blocks the calling thread for the length of a call. Thread-safe: any number of calls at a time.
class Http {
 public:
  virtual ~Http() = default;

  // Errors; their messages hold no part of the request or the response:
  // - UNAVAILABLE: nothing of the request reached the target (unknown host, connection refused, TLS not trusted).
  // - UNKNOWN: some of it may have reached the target (cut, timed out, aborted); the call may have taken effect.
  // - RESOURCE_EXHAUSTED: the response is larger than limits::kSyncResponseBytesMax; the call may have taken effect.
  // `abort` may be nullptr; once it becomes true, the call ends early.
  virtual absl::StatusOr<HttpResponse> Send(const HttpRequest& request, const std::atomic<bool>* abort) = 0;
};

}  // namespace tthc::sync
