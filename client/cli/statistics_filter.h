#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/session.h"
#include "tthc/v1/statistics.pb.h"

namespace tthc::cli {

// Which dossiers statistics count, as typed.
class StatisticsFilterOptions {
 public:
  // The options live in `command`; this object must outlive it.
  void AddTo(CLI::App& command, const Session& session);
  // Usage errors for words that are none.
  absl::StatusOr<v1::StatisticsFilter> Build() const;

 private:
  std::vector<std::string> offices_;
  std::vector<std::string> units_;
  std::vector<std::string> officers_;
  std::vector<std::string> fields_;
  std::vector<std::string> procedures_;
  std::vector<std::string> channels_;
  std::vector<std::string> responsible_units_;
  std::vector<std::string> results_;
  bool keep_former_offices_ = false;
};

}  // namespace tthc::cli
