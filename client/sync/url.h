#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Addresses in configurations. They are checked before anything is sent: what a person wrote and what would be called
// must be the same, and no password may stand in an address, since addresses are logged.
namespace tthc::sync {

// An address of a target or a proxy, taken apart.
struct Url {
  bool is_https = false;
  // 127.0.0.0/8, [::1] or localhost: the call does not leave this machine.
  bool is_loopback = false;
  // Lower case; an IPv6 address in brackets.
  std::string host;
  // Begins with a slash and does not end with one; empty if there is none.
  std::string path;
};

// Parses by libcurl's own parser, so that the address is read as it will be called. INVALID_ARGUMENT (no field) unless
// it has the scheme http or https, a host, and at most a port and a path besides: no user, password, query or fragment.
// Pure; thread-safe.
absl::StatusOr<Url> ParseUrl(absl::string_view text);

}  // namespace tthc::sync
