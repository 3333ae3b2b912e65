#include <string>

#include "absl/strings/str_cat.h"
#include "client/sync/commands.h"
#include "client/sync/pull.h"
#include "client/terminal/messages.h"
#include "client/terminal/mirror_text.h"
#include "nlohmann/json.hpp"
#include "storage/base/errors.h"
#include "storage/base/status_macros.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;

// Before anything is asked: a filing without an office can't be registered.
absl::Status CheckTarget(const TargetSetup& setup, const PullArguments& arguments) {
  if (setup.target.pull_office().empty()) {
    return terminal::UsageError("pull_office", "is required in the target's configuration: for which office they are",
                                "cần có trong cấu hình của hệ thống này: hồ sơ lấy về cho cơ quan nào");
  }
  if (!arguments.file.empty() || setup.profile.has_list()) return absl::OkStatus();
  return terminal::UsageError("--file", "this target has no list to ask: give what it sent as a file (\"-\" = input)",
                              "hệ thống này không có dịch vụ lấy danh sách: đưa tệp đã nhận (\"-\" = đầu vào chuẩn)");
}

absl::StatusOr<PullCounts> Pull(const CommandContext& context, const TargetSetup& setup, const PullArguments& arguments,
                                const PullOptions& options) {
  sdk::Client& client = context.session.client();
  if (arguments.file.empty()) {
    TTHC_ASSIGN_OR_RETURN(const auto connection, PortalConnection::Open(context, setup));
    return PullFromTarget(client, connection->client(), setup, options);
  }
  TTHC_ASSIGN_OR_RETURN(const std::string text, terminal::ReadFile(context.session, arguments.file));
  TTHC_ASSIGN_OR_RETURN(const std::vector<ordered_json> entries, FiledInFile(text));
  return PullRecords(client, setup, entries, options);
}

void Print(const terminal::Session& session, const std::string& target, const PullCounts& counts) {
  if (session.is_json()) {
    const ordered_json json = {{"target", target},      {"filed", counts.filed},     {"registered", counts.registered},
                               {"known", counts.known}, {"refused", counts.refused}, {"confirmed", counts.confirmed}};
    session.out() << json.dump() << "\n";
    return;
  }
  session.out() << target << ": " << session.Say({"hồ sơ nộp ở đó ", "filed there "}) << counts.filed
                << session.Say({" · mới đăng ký ở đây ", " · registered here "}) << counts.registered
                << session.Say({" · đã có ", " · known "}) << counts.known
                << session.Say({" · chưa lấy được ", " · refused "}) << counts.refused
                << session.Say({" · đã xác nhận với bên đó ", " · confirmed to the target "}) << counts.confirmed
                << "\n";
}

}  // namespace

int RunPull(const CommandContext& context, const Setup& setup, const PullArguments& arguments) {
  const terminal::Session& session = context.session;
  const absl::StatusOr<const TargetSetup*> target = ChooseTarget(setup, arguments.target);
  if (!target.ok()) return Fail(session, target.status());
  const absl::Status usable = CheckTarget(**target, arguments);
  if (!usable.ok()) return Fail(session, usable);
  int problems = 0;
  // Printed as they happen, with the target's code and without personal data.
  const auto on_problem = [&](const std::string& code, const absl::Status& why) {
    ++problems;
    *session.environment().err << terminal::HarmlessText(
                                      absl::StrCat(code.empty() ? "?" : code, ": ",
                                                   ErrorMessage(why, terminal::LangCode(session.lang()))))
                               << "\n";
  };
  const absl::StatusOr<PullCounts> counts =
      Pull(context, **target, arguments,
           {.now = [&session] { return session.environment().clock->Now(); }, .on_problem = on_problem});
  if (!counts.ok()) return Fail(session, counts.status());
  Print(session, (*target)->target.id(), *counts);
  // Records that could not be registered fail the command: a script must notice them.
  return problems > 0 ? 1 : 0;
}

}  // namespace tthc::sync
