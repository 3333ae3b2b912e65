#include "server/rpc/listen_address.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "storage/base/errors.h"
#include "storage/base/status_macros.h"

namespace tthc::rpc {
namespace {

constexpr char kField[] = "listen";

absl::Status Malformed(absl::string_view text) {
  return InvalidField(kField,
                      absl::StrCat("\"", text,
                                   "\" is no address; write 127.0.0.1:50551, [::1]:50551, localhost:50551 or "
                                   "unix:/run/tthc/tthcd.sock"),
                      absl::StrCat("\"", text,
                                   "\" không phải là địa chỉ; hãy viết 127.0.0.1:50551, [::1]:50551, "
                                   "localhost:50551 hoặc unix:/run/tthc/tthcd.sock"));
}

absl::Status NotLoopback(absl::string_view text) {
  return MakeError(
      {.code = absl::StatusCode::kInvalidArgument,
       .reason = "LISTEN_NOT_LOOPBACK",
       .message = absl::StrCat("listen: ", text, " can be reached from other machines, and callers are not ",
                               "authenticated. Listen on 127.0.0.1, [::1], localhost or unix:PATH"),
       .message_vi = absl::StrCat("listen: các máy khác truy cập được ", text, ", trong khi người gọi chưa ",
                                  "được xác thực. Hãy dùng 127.0.0.1, [::1], localhost hoặc unix:ĐƯỜNG_DẪN"),
       .metadata = {{"listen", std::string(text)}},
       .field = kField});
}

// The host as gRPC takes it, with brackets around IPv6, and whether only this machine can reach it.
struct Host {
  std::string text;
  bool loopback = false;
};

absl::StatusOr<Host> ParseHost(absl::string_view whole, absl::string_view text) {
  if (absl::EqualsIgnoreCase(text, "localhost")) return Host{.text = "localhost", .loopback = true};
  const bool bracketed = absl::ConsumePrefix(&text, "[") && absl::ConsumeSuffix(&text, "]");
  const std::string host(text);
  if (in6_addr v6{}; bracketed && inet_pton(AF_INET6, host.c_str(), &v6) == 1) {
    return Host{.text = absl::StrCat("[", host, "]"), .loopback = IN6_IS_ADDR_LOOPBACK(&v6) != 0};
  }
  if (in_addr v4{}; !bracketed && inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    return Host{.text = host, .loopback = (ntohl(v4.s_addr) >> 24) == 127};
  }
  // Well formed, but other names may resolve to any address, and to another one tomorrow: not taken for loopback.
  if (!bracketed && !host.empty() && host.find_first_of("[]:/ ") == std::string::npos) return Host{.text = host};
  return Malformed(whole);
}

}  // namespace

absl::StatusOr<ListenAddress> ListenAddress::Parse(absl::string_view text) {
  if (absl::StartsWith(text, "unix:")) {
    // The kernel's bound; a longer path would fail much later, with an error that names no option.
    const size_t path_bytes = absl::StripPrefix(text, "unix:").size();
    if (path_bytes == 0 || path_bytes >= sizeof(sockaddr_un{}.sun_path)) return Malformed(text);
    return ListenAddress(std::string(text), -1);
  }
  // The last colon, because an IPv6 address has several.
  const size_t colon = text.rfind(':');
  int port = 0;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(text.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return Malformed(text);
  }
  TTHC_ASSIGN_OR_RETURN(const Host host, ParseHost(text, text.substr(0, colon)));
  if (!host.loopback) return NotLoopback(text);
  return ListenAddress(host.text, port);
}

std::string ListenAddress::WithPort(int port) const { return is_unix() ? host_ : absl::StrCat(host_, ":", port); }

}  // namespace tthc::rpc
