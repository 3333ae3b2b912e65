#include "client/sync/commands.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/sync/check.h"
#include "client/sync/secret.h"
#include "client/terminal/messages.h"
#include "storage/base/errors.h"
#include "storage/base/status_macros.h"

namespace tthc::sync {

int Fail(const terminal::Session& session, const absl::Status& error) {
  *session.environment().err << "tthc-sync: " << ErrorMessage(error, terminal::LangCode(session.lang())) << "\n";
  return terminal::IsUsageError(error) ? 2 : 1;
}

absl::StatusOr<const TargetSetup*> ChooseTarget(const Setup& setup, const std::string& id) {
  // Most centers mirror to one target; with several, none is a safe guess.
  if (id.empty() && setup.targets.size() == 1) return &setup.targets.front();
  std::vector<std::string> ids;
  for (const TargetSetup& target : setup.targets) {
    if (target.target.id() == id) return &target;
    ids.push_back(target.target.id());
  }
  const std::string known = absl::StrJoin(ids, ", ");
  return terminal::UsageError("--target", absl::StrCat("must be one of ", known),
                              absl::StrCat("phải là một trong ", known));
}

// The client points into the connection, which is therefore on the heap.
absl::StatusOr<std::unique_ptr<PortalConnection>> PortalConnection::Open(const CommandContext& context,
                                                                         const TargetSetup& setup) {
  auto connection = std::make_unique<PortalConnection>();
  TTHC_ASSIGN_OR_RETURN(connection->http_, MakeHttp(setup, context.credentials_directory));
  const terminal::Environment& environment = context.session.environment();
  connection->client_ =
      std::make_unique<PortalClient>(PortalClient::Options{.setup = &setup,
                                                           .http = connection->http_.get(),
                                                           .read_password =
                                                               [&setup, directory = context.credentials_directory] {
                                                                 return ReadSecret(setup.target.password(), directory);
                                                               },
                                                           .now = [clock = environment.clock] { return clock->Now(); },
                                                           .sleep = environment.retry.sleep,
                                                           .uniform = environment.retry.uniform});
  return connection;
}

}  // namespace tthc::sync
