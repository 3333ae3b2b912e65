#include "tests/testing/tthcd_process.h"

#include <signal.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "storage/base/status_macros.h"

namespace tthc::testing {
namespace {

// Also long enough for a replay after a kill, under a sanitizer, on a busy machine.
constexpr absl::Duration kPatience = absl::Seconds(60);

}  // namespace

std::string TthcdProgram() { return TTHCD_PROGRAM; }

absl::StatusOr<std::unique_ptr<TthcdProcess>> TthcdProcess::Start(const TthcdOptions& options) {
  std::vector<std::string> arguments = {"--listen", "127.0.0.1:0"};
  if (options.data_directory.empty()) {
    arguments.insert(arguments.end(), {"--engine", "memory"});
  } else {
    arguments.insert(arguments.end(), {"--data", options.data_directory});
  }
  if (options.seed) arguments.insert(arguments.end(), {"--seed", TTHC_SOURCE_DIR "/deploy/data"});
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());

  std::unique_ptr<TthcdProcess> tthcd(new TthcdProcess);
  TTHC_ASSIGN_OR_RETURN(tthcd->process_, Process::Start({.program = TthcdProgram(),
                                                         .arguments = std::move(arguments),
                                                         .environment = options.environment}));
  TTHC_ASSIGN_OR_RETURN(tthcd->ready_line_, tthcd->process_->ReadLine(kPatience));
  absl::string_view rest = tthcd->ready_line_;
  if (!absl::ConsumePrefix(&rest, "tthcd ready on ")) {
    return absl::InternalError(absl::StrCat("not a ready line: ", tthcd->ready_line_));
  }
  tthcd->address_ = std::string(rest.substr(0, rest.find(',')));
  return tthcd;
}

void TthcdProcess::Kill() {
  process_->Signal(SIGKILL);
  static_cast<void>(process_->Wait(kPatience));
}

absl::StatusOr<int> TthcdProcess::Stop() {
  process_->Signal(SIGTERM);
  return process_->Wait(kPatience);
}

}  // namespace tthc::testing
