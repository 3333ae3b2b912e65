#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "client/sync/config.h"
#include "client/sync/portal_client.h"
#include "client/terminal/session.h"

// The commands of tthc-sync that end by themselves. Each prints its result to the session's streams and returns the
// exit status: 0 done, 1 failed or differences found, 2 wrong options.
//
// They may run beside the tthc-sync that mirrors: none of them sends a dossier to a target. What they print is text for
// people or JSON, as the session's options say; errors go to stderr in the session's language. Results hold codes and
// names of fields, never personal data.
//
// Each command runs on the calling thread and uses the session's client; RunReconcile asks a target from several
// threads at a time.
namespace tthc::sync {

// What the commands share. Outlives every call of them.
struct CommandContext {
  terminal::Session& session;
  // $CREDENTIALS_DIRECTORY, or empty.
  std::string credentials_directory;
  // Name under which a lease is held, unique to this process.
  std::string holder;
};

// Options of `tthc-sync reconcile`, as given; not checked yet.
struct ReconcileArguments {
  std::string target;
  bool all = false;
  int64_t sample = 0;
  // Accepted on these days and between them, YYYY-MM-DD; empty: no bound.
  std::string from;
  std::string to;
  // 0: derived from the day, so that a second run on the same day draws the same dossiers.
  uint64_t seed = 0;
  bool repair = false;
};
int RunReconcile(const CommandContext& context, const Setup& setup, const ReconcileArguments& arguments);

// Options of `tthc-sync pull`.
struct PullArguments {
  std::string target;
  // "-": standard input; empty: the target's list service is asked.
  std::string file;
};
int RunPull(const CommandContext& context, const Setup& setup, const PullArguments& arguments);

// Options of `tthc-sync figures`, which needs no target: the figures are public.
struct FiguresArguments {
  std::string period;
  std::string department;
  std::string office;
  std::string base_url = "https://dichvucong.gov.vn";
  std::string proxy;
};
int RunFigures(const CommandContext& context, const FiguresArguments& arguments);

// --- For the commands ------------------------------------------------------------------------------------------------

// Prints the error to stderr. Returns 2 for wrong options, else 1.
int Fail(const terminal::Session& session, const absl::Status& error);

// The target with that id; with an empty id, the only target of the configuration. Else a usage error at "--target".
absl::StatusOr<const TargetSetup*> ChooseTarget(const Setup& setup, const std::string& id);

// A PortalClient of a target over libcurl, and what it needs. `setup` and the context's session outlive it.
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
