#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/sync/problems.h"
#include "tthc/sync/v1/config.pb.h"
#include "tthc/sync/v1/profile.pb.h"

// The configuration of tthc-sync (proto/tthc/sync/v1/config.proto), read and checked as a whole before anything is
// sent.
//
// All problems are collected and reported at once, each with its line: a person who mends a configuration should not
// have to start the program for every mistake. With a problem there is no Setup, so that a half-right configuration
// never mirrors anything. A running program does not read the file again.
//
// Secrets are not kept here: the configuration names their places, and they are read when they are needed.
namespace tthc::sync {

// One target, ready for use.
struct TargetSetup {
  // As configured, with defaults filled in and paths made absolute.
  v1::Target target;
  // The target's own rows merged in; they come first.
  v1::Profile profile;
};

struct Setup {
  // Address of tthcd, as gRPC takes it.
  std::string server;
  // Recorded as Event.actor of what this program writes.
  std::string actor;
  // In the order of the file; ids are unique. At least one.
  std::vector<TargetSetup> targets;
};

struct ConfigEnvironment {
  // $CREDENTIALS_DIRECTORY, or empty.
  std::string credentials_directory;
  // Opens secrets and certificates, so that a missing one is found before anything is sent.
  bool check_files = true;
};

// Parses and checks a configuration. Adds everything that is wrong to `problems`, under the name `file`; the Setup can
// be used only if there are none. Relative paths start at `directory`.
Setup ParseConfig(const std::string& file, const std::string& text, const std::string& directory,
                  const ConfigEnvironment& environment, Problems* problems);

// Reads the file and parses it. INVALID_ARGUMENT FIELD_INVALID with all problems, one a line (Problems::ToStatus).
absl::StatusOr<Setup> LoadConfig(const std::string& path, const ConfigEnvironment& environment);

}  // namespace tthc::sync
