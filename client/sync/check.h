#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "client/sync/config.h"
#include "client/sync/http.h"

namespace tthc::sync {

// `tthc-sync check`: tries out a configuration before it is used. It shows which targets can be reached, log in and
// answer look-ups, with advice in the reader's language for what fails.
//
// What it needs is passed in, so that tests replace network, files and clock. Everything outlives the call.
struct CheckOptions {
  // Called once for each target. An error is printed as a problem of the target's certificates.
  std::function<absl::StatusOr<std::unique_ptr<Http>>(const TargetSetup&)> make_http;
  std::function<absl::StatusOr<std::string>(const TargetSetup&)> read_password;
  // For the durations that are printed.
  std::function<absl::Time()> now;
  // Code to look up; empty: one that no dossier has.
  std::string dossier_code;
  // "vi" or "en".
  std::string locale = "vi";
};

// Logs in to every target and looks one dossier up; sends nothing that changes a target. Prints to `out` how it went
// and what to check if it failed; a failure at one target does not end the others. True if everything succeeded.
bool CheckTargets(const Setup& setup, const CheckOptions& options, std::ostream& out);

// Http with the target's certificates and proxy. INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED if the password of its
// key can't be read.
absl::StatusOr<std::unique_ptr<Http>> MakeHttp(const TargetSetup& setup, const std::string& credentials_directory);

}  // namespace tthc::sync
