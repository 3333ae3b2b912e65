#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/sync/problems.h"
#include "tthc/sync/v1/config.pb.h"
#include "tthc/sync/v1/profile.pb.h"

namespace tthc::sync {

// One target, ready for use.
struct TargetSetup {
  // As configured; what was left out has its default, paths don't depend on the working directory.
  v1::Target target;
  // With the target's own rows in front.
  v1::Profile profile;
};

struct Setup {
  std::string server;
  std::string actor;
  std::vector<TargetSetup> targets;
};

struct ConfigEnvironment {
  // $CREDENTIALS_DIRECTORY, or empty.
  std::string credentials_directory;
  // Secrets and certificates are opened, so that what is missing is found before anything is told.
  bool check_files = true;
};

// Everything that is wrong goes to `problems`, under the name `file`; relative paths start at `directory`. The
// Setup is of use only if there are no problems.
Setup ParseConfig(const std::string& file, const std::string& text, const std::string& directory,
                  const ConfigEnvironment& environment, Problems* problems);

// INVALID_ARGUMENT FIELD_INVALID with every problem, one a line (Problems::ToStatus).
absl::StatusOr<Setup> LoadConfig(const std::string& path, const ConfigEnvironment& environment);

}  // namespace tthc::sync
