#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/session.h"
#include "client/sync/config.h"
#include "client/sync/portal_client.h"

// The commands of tthc-sync that end by themselves: each says on the session's streams what came of it and answers the
// exit status (0 done, 1 failed or differences, 2 wrong options).
namespace tthc::sync {

struct CommandContext {
  cli::Session& session;
  // $CREDENTIALS_DIRECTORY, or empty.
  std::string credentials_directory;
  // Unique to this process.
  std::string holder;
};

struct ReconcileArguments {
  std::string target;
  bool all = false;
  int64_t sample = 0;
  // YYYY-MM-DD, both included.
  std::string from;
  std::string to;
  // 0 = the day's: asked twice a day it asks about the same ones.
  uint64_t seed = 0;
  bool repair = false;
};
int RunReconcile(const CommandContext& context, const Setup& setup, const ReconcileArguments& arguments);

struct PullArguments {
  std::string target;
  // "-" = the standard input; empty = the target's list service.
  std::string file;
};
int RunPull(const CommandContext& context, const Setup& setup, const PullArguments& arguments);

struct FiguresArguments {
  std::string period;
  std::string department;
  std::string office;
  std::string base_url = "https://dichvucong.gov.vn";
  std::string proxy;
};
int RunFigures(const CommandContext& context, const FiguresArguments& arguments);

// --- For the commands ------------------------------------------------------------------------------------------------

// Says on stderr what is wrong, and answers 2 for wrong options, else 1.
int Fail(const cli::Session& session, const absl::Status& error);

// The target of that name; without one the only one that there is. A usage error at "--target".
absl::StatusOr<const TargetSetup*> ChooseTarget(const Setup& setup, const std::string& id);

// A client of the target over libcurl, and what it works with.
class PortalConnection {
 public:
  // INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED for certificates and keys that can't be used.
  static absl::StatusOr<std::unique_ptr<PortalConnection>> Open(const CommandContext& context,
                                                                const TargetSetup& setup);
  PortalClient& client() { return *client_; }

 private:
  std::unique_ptr<Http> http_;
  std::unique_ptr<PortalClient> client_;
};

}  // namespace tthc::sync
