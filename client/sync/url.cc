#include "client/sync/url.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "storage/base/errors.h"

namespace tthc::sync {
namespace {

bool IsPort(absl::string_view text) {
  int port = 0;
  return absl::SimpleAtoi(text, &port) && port >= 1 && port <= 65535;
}

bool IsNameOfHost(absl::string_view host) {
  return !host.empty() && host.front() != '.' && host.front() != '-' &&
         std::all_of(host.begin(), host.end(),
                     [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.'; });
}

bool IsAddressInBrackets(absl::string_view host) {
  return host.size() > 2 && host.front() == '[' && host.back() == ']' &&
         std::all_of(host.begin() + 1, host.end() - 1, [](char c) {
           return absl::ascii_isxdigit(static_cast<unsigned char>(c)) || c == ':' || c == '.';
         });
}

// 127.x.y.z and nothing that only begins so, such as 127.example.
bool IsLoopback(absl::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  return absl::StartsWith(host, "127.") && std::count(host.begin(), host.end(), '.') == 3 &&
         std::all_of(host.begin(), host.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

bool IsPath(absl::string_view path) {
  return std::all_of(path.begin(), path.end(), [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c)) && !absl::StrContains("?#\"<>\\^`{|}", c);
  });
}

}  // namespace

absl::StatusOr<Url> ParseUrl(absl::string_view text) {
  const absl::Status wrong = InvalidField("", "is no address", "không phải địa chỉ");
  Url url;
  if (absl::ConsumePrefix(&text, "https://")) {
    url.is_https = true;
  } else if (!absl::ConsumePrefix(&text, "http://")) {
    return wrong;
  }
  const size_t slash = text.find('/');
  absl::string_view authority = text.substr(0, slash);
  const absl::string_view path = slash == absl::string_view::npos ? "" : text.substr(slash);
  if (!IsPath(path)) return wrong;
  url.path = std::string(absl::StripSuffix(path, "/"));
  const size_t bracket = authority.rfind(']');
  const size_t colon = authority.rfind(':');
  if (colon != absl::string_view::npos && (bracket == absl::string_view::npos || colon > bracket)) {
    if (!IsPort(authority.substr(colon + 1))) return wrong;
    authority = authority.substr(0, colon);
  }
  if (!IsNameOfHost(authority) && !IsAddressInBrackets(authority)) return wrong;
  url.host = absl::AsciiStrToLower(authority);
  url.is_loopback = IsLoopback(url.host);
  return url;
}

}  // namespace tthc::sync
