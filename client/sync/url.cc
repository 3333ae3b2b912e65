#include "client/sync/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"

namespace tthc::sync {
namespace {

using CurlUrl = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

// Empty if the URL does not have the part.
std::string PartOf(const CurlUrl& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return "";
  const std::string copy = text;
  curl_free(text);
  return copy;
}

// libcurl is lenient with spaces and control characters; in a header or a log line they would do harm.
bool IsPlainUrlText(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c)) && !absl::StrContains("\"<>\\^`{|}", c);
  });
}

// What libcurl completes or decodes by itself: "https:///host", an empty port, "%41" in a name.
bool IsCompleteAuthority(absl::string_view authority) {
  return !authority.empty() && authority.back() != ':' && !absl::StrContains(authority, '%');
}

// libcurl accepts more letters than a name can have, such as "_".
bool IsHost(absl::string_view host) {
  if (absl::StartsWith(host, "[")) return true;
  return !host.empty() && host.front() != '.' && host.front() != '-' &&
         std::all_of(host.begin(), host.end(),
                     [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.'; });
}

// Only the full form 127.x.y.z: 127.example is a name.
bool IsLoopback(absl::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  return absl::StartsWith(host, "127.") && std::count(host.begin(), host.end(), '.') == 3 &&
         std::all_of(host.begin(), host.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

}  // namespace

absl::StatusOr<Url> ParseUrl(absl::string_view text) {
  const absl::Status invalid = InvalidField("", "is no address", "không phải địa chỉ");
  absl::string_view rest = text;
  const bool has_scheme = absl::ConsumePrefix(&rest, "https://") || absl::ConsumePrefix(&rest, "http://");
  if (!has_scheme || !IsCompleteAuthority(rest.substr(0, rest.find('/'))) || !IsPlainUrlText(text)) return invalid;
  // An empty query or fragment is dropped by libcurl without a trace.
  if (absl::StrContains(text, '?') || absl::StrContains(text, '#')) return invalid;
  const CurlUrl parsed(curl_url(), &curl_url_cleanup);
  TTHC_CHECK(parsed != nullptr);
  const std::string whole(text);
  if (curl_url_set(parsed.get(), CURLUPART_URL, whole.c_str(), CURLU_PATH_AS_IS | CURLU_DISALLOW_USER) != CURLUE_OK) {
    return invalid;
  }
  Url url;
  url.is_https = PartOf(parsed, CURLUPART_SCHEME) == "https";
  url.host = absl::AsciiStrToLower(PartOf(parsed, CURLUPART_HOST));
  if (!IsHost(url.host) || PartOf(parsed, CURLUPART_PORT) == "0") return invalid;
  url.path = std::string(absl::StripSuffix(PartOf(parsed, CURLUPART_PATH), "/"));
  url.is_loopback = IsLoopback(url.host);
  return url;
}

}  // namespace tthc::sync
