#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tthc::sync {

struct Url {
  bool is_https = false;
  // 127.0.0.0/8, [::1] or localhost.
  bool is_loopback = false;
  std::string host;
  // Begins with a slash, ends without; empty if there is none.
  std::string path;
};

// INVALID_ARGUMENT (no field) unless it is http or https, a host, perhaps a port, perhaps a path, and nothing else: no
// user, password, query or fragment. Pure.
absl::StatusOr<Url> ParseUrl(absl::string_view text);

}  // namespace tthc::sync
