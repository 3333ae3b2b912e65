#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "client/sync/config.h"
#include "client/sync/http.h"

namespace tthc::sync {

// What `tthc-sync check` works with. Everything outlives the call.
struct CheckOptions {
  std::function<absl::StatusOr<std::unique_ptr<Http>>(const TargetSetup&)> make_http;
  std::function<absl::StatusOr<std::string>(const TargetSetup&)> read_password;
  std::function<absl::Time()> now;
  // Code that is asked for; empty = one that nobody has.
  std::string dossier_code;
  // "vi" or "en".
  std::string locale = "vi";
};

// Logs in to every target and asks it about one dossier, without telling it anything; says in words on `out` how it
// went and what to look at. True if all went well.
bool CheckTargets(const Setup& setup, const CheckOptions& options, std::ostream& out);

// Http as the target is configured. INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED if the key's password can't be had.
absl::StatusOr<std::unique_ptr<Http>> MakeHttp(const TargetSetup& setup, const std::string& credentials_directory);

}  // namespace tthc::sync
