#include "client/sync/curl_http.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "storage/base/check.h"
#include "storage/base/limits.h"

namespace tthc::sync {
namespace {

constexpr size_t kHeaderBytesMax = 64 * 1024;
// Each idle handle keeps a connection. Enough for the workers of a target and the queries beside them.
constexpr size_t kIdleHandlesMax = 2 * static_cast<size_t>(limits::kSyncWorkersMax);

// One call while libcurl makes it.
struct Exchange {
  const HttpRequest& request;
  const std::atomic<bool>* abort = nullptr;
  size_t sent = 0;
  HttpResponse response = {};
  std::string retry_after = {};
  std::string date = {};
  size_t header_bytes = 0;
  bool head_ended = false;
  bool too_large = false;
};

// Called by libcurl for the next bytes of the request.
size_t ReadBody(char* to, size_t size, size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string& body = exchange.request.body;
  const size_t bytes = std::min(size * count, body.size() - exchange.sent);
  std::memcpy(to, body.data() + exchange.sent, bytes);
  exchange.sent += bytes;
  return bytes;
}

// Called with the next bytes of the response. Returning less than their number ends the call.
size_t TakeBody(char* from, size_t size, size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const size_t bytes = size * count;
  if (exchange.response.body.size() + bytes > limits::kSyncResponseBytesMax) {
    exchange.too_large = true;
    return 0;
  }
  exchange.response.body.append(from, bytes);
  return bytes;
}

// Called with one line of the head at a time. Names are compared without case, as HTTP wants it.
size_t TakeHeader(char* from, size_t size, size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const absl::string_view line(from, size * count);
  exchange.header_bytes += line.size();
  if (exchange.header_bytes > kHeaderBytesMax) {
    exchange.too_large = true;
    return 0;
  }
  // Another response begins: the one before was informational, such as 100 Continue.
  if (absl::StartsWith(line, "HTTP/")) {
    exchange.retry_after.clear();
    exchange.date.clear();
    exchange.response.content_type.clear();
    exchange.head_ended = false;
  }
  if (line == "\r\n" || line == "\n") exchange.head_ended = true;
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos) return line.size();
  const absl::string_view name = line.substr(0, colon);
  const std::string value(absl::StripAsciiWhitespace(line.substr(colon + 1)));
  if (absl::EqualsIgnoreCase(name, "Retry-After")) exchange.retry_after = value;
  if (absl::EqualsIgnoreCase(name, "Date")) exchange.date = value;
  if (absl::EqualsIgnoreCase(name, "Content-Type")) exchange.response.content_type = value;
  return line.size();
}

// Called about once a second and with every transfer. Anything but 0 ends the call.
int Watch(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& exchange = *static_cast<const Exchange*>(user);
  return exchange.abort != nullptr && exchange.abort->load() ? 1 : 0;
}

bool HasControls(absl::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); });
}

// A line break in a header or URL would add a header of an attacker's choice.
bool IsSendable(const HttpRequest& request) {
  if (HasControls(request.url) || HasControls(request.method)) return false;
  return std::none_of(request.headers.begin(), request.headers.end(),
                      [](const auto& header) { return HasControls(header.first) || HasControls(header.second); });
}

template <typename Argument>
void Set(CURL* handle, CURLoption option, Argument argument) {
  // An option can fail only if libcurl is older than the headers that this was built with.
  TTHC_CHECK(curl_easy_setopt(handle, option, argument) == CURLE_OK);
}

void SetFile(CURL* handle, CURLoption option, const std::string& path) {
  if (!path.empty()) Set(handle, option, path.c_str());
}

void SetConnection(CURL* handle, const CurlHttpOptions& options) {
  // libcurl must not use signals in a program with threads.
  Set(handle, CURLOPT_NOSIGNAL, 1L);
  Set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  Set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  Set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  Set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(options.connect_timeout)));
  Set(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  // An empty proxy turns off the environment's.
  Set(handle, CURLOPT_PROXY, options.proxy.c_str());
  Set(handle, CURLOPT_NOPROXY, "");
  Set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  Set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  Set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.tls.ca_file().empty()) {
    // Only these authorities, not those of the machine as well.
    Set(handle, CURLOPT_CAINFO, options.tls.ca_file().c_str());
    Set(handle, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
  SetFile(handle, CURLOPT_SSLCERT, options.tls.client_certificate_file());
  SetFile(handle, CURLOPT_SSLKEY, options.tls.client_key_file());
  if (!options.key_password.empty()) Set(handle, CURLOPT_KEYPASSWD, options.key_password.c_str());
}

void SetExchange(CURL* handle, const HttpRequest& request, curl_slist* headers, Exchange& exchange) {
  Set(handle, CURLOPT_URL, request.url.c_str());
  Set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<int64_t>(1, absl::ToInt64Milliseconds(request.timeout))));
  if (request.method == "POST") {
    Set(handle, CURLOPT_POST, 1L);
    // libcurl repeats a request by itself if a reused connection closes without a response, although the target may
    // have processed it. It can't repeat a body that it can't rewind: hence a read function and no POSTFIELDS.
    Set(handle, CURLOPT_READFUNCTION, ReadBody);
    Set(handle, CURLOPT_READDATA, &exchange);
    Set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  } else {
    Set(handle, CURLOPT_HTTPGET, 1L);
    if (request.method != "GET") Set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  Set(handle, CURLOPT_HTTPHEADER, headers);
  Set(handle, CURLOPT_WRITEFUNCTION, TakeBody);
  Set(handle, CURLOPT_WRITEDATA, &exchange);
  Set(handle, CURLOPT_HEADERFUNCTION, TakeHeader);
  Set(handle, CURLOPT_HEADERDATA, &exchange);
  Set(handle, CURLOPT_NOPROGRESS, 0L);
  Set(handle, CURLOPT_XFERINFOFUNCTION, Watch);
  Set(handle, CURLOPT_XFERINFODATA, &exchange);
}

curl_slist* MakeHeaders(const HttpRequest& request) {
  // No wait for "100 Continue". libcurl sends no User-Agent by default.
  curl_slist* headers = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : request.headers) {
    headers = curl_slist_append(headers, absl::StrCat(name, ": ", value).c_str());
  }
  return headers;
}

// The messages are libcurl's own texts, which hold nothing of the request.
absl::Status ErrorOf(CURL* handle, CURLcode code, const Exchange& exchange) {
  if (exchange.too_large) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the answer is larger than ", limits::kSyncResponseBytesMax, " bytes"));
  }
  const char* const text = code == CURLE_ABORTED_BY_CALLBACK ? "aborted" : curl_easy_strerror(code);
  long sent = 0;
  curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &sent);
  // No byte of the request was sent: the failure was in the name, the connection or TLS.
  if (sent == 0 && exchange.sent == 0) return absl::UnavailableError(text);
  return absl::UnknownError(text);
}

}  // namespace

CurlHttp::CurlHttp(CurlHttpOptions options) : options_(std::move(options)) {
  static std::once_flag once;
  std::call_once(once, [] { TTHC_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

CurlHttp::~CurlHttp() {
  const MutexLock lock(mutex_);
  for (void* const handle : idle_) curl_easy_cleanup(handle);
}

// The lock is not held while a handle is created or used.
void* CurlHttp::Take() {
  {
    const MutexLock lock(mutex_);
    if (!idle_.empty()) {
      void* const handle = idle_.back();
      idle_.pop_back();
      return handle;
    }
  }
  void* const handle = curl_easy_init();
  TTHC_CHECK(handle != nullptr);
  return handle;
}

void CurlHttp::GiveBack(void* handle) {
  // Clears the options and keeps the connection.
  curl_easy_reset(handle);
  {
    const MutexLock lock(mutex_);
    if (idle_.size() < kIdleHandlesMax) {
      idle_.push_back(handle);
      return;
    }
  }
  curl_easy_cleanup(handle);
}

absl::StatusOr<HttpResponse> CurlHttp::Send(const HttpRequest& request, const std::atomic<bool>* abort) {
  if (!IsSendable(request)) return absl::UnavailableError("the request has control characters in its head");
  // UNAVAILABLE and not UNKNOWN: nothing was sent, so that nothing is in doubt.
  if (abort != nullptr && abort->load()) return absl::UnavailableError("aborted");
  void* const handle = Take();
  const absl::Cleanup give_back = [&] { GiveBack(handle); };
  curl_slist* const headers = MakeHeaders(request);
  const absl::Cleanup free_headers = [&] { curl_slist_free_all(headers); };
  Exchange exchange{.request = request, .abort = abort};
  SetConnection(handle, options_);
  SetExchange(handle, request, headers, exchange);
  const CURLcode code = curl_easy_perform(handle);
  if (code != CURLE_OK) return ErrorOf(handle, code, exchange);
  // libcurl also accepts a response whose connection ends within the headers.
  if (!exchange.head_ended) return absl::UnknownError("the answer was cut");
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  exchange.response.status = static_cast<int>(status);
  exchange.response.retry_after = ParseRetryAfter(exchange.retry_after, exchange.date, absl::Now());
  return std::move(exchange.response);
}

absl::Duration ParseRetryAfter(absl::string_view retry_after, absl::string_view date, absl::Time now) {
  int64_t seconds = 0;
  if (absl::SimpleAtoi(retry_after, &seconds)) return absl::Seconds(std::max<int64_t>(0, seconds));
  const time_t until = curl_getdate(std::string(retry_after).c_str(), nullptr);
  if (until < 0) return absl::ZeroDuration();
  const time_t date_header = curl_getdate(std::string(date).c_str(), nullptr);
  const absl::Time since = date_header < 0 ? now : absl::FromTimeT(date_header);
  return std::max(absl::ZeroDuration(), absl::FromTimeT(until) - since);
}

}  // namespace tthc::sync
