#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/terminal/session.h"
#include "tthc/v1/statistics.pb.h"

// Filters of statistics on the command line.
//
// Restricts what a figure counts. All options together must fit, and one of the values of each. A figure and the list
// of dossiers behind it take the same filter. Differs from filter_options.h, which filters dossiers as they are now:
// here a unit or officer is also the one that held the dossier last.
//
// Not thread-safe: filled while the arguments are parsed, only read after that.
namespace tthc::cli {

// The filter options that stats, stats list, score and plan share.
class StatisticsFilterOptions {
 public:
  // The options live in `command`; this object must outlive it.
  void AddTo(CLI::App& command, const terminal::Session& session);
  // The filter as a request field. Usage errors for channels and results that do not exist; whether a name exists is
  // checked by the server.
  absl::StatusOr<v1::StatisticsFilter> Build() const;

 private:
  // As typed; read by Build, so that errors name the option.
  std::vector<std::string> offices_;
  std::vector<std::string> units_;
  std::vector<std::string> officers_;
  std::vector<std::string> fields_;
  std::vector<std::string> procedures_;
  std::vector<std::string> channels_;
  // Units that held a dossier when its due time passed.
  std::vector<std::string> responsible_units_;
  std::vector<std::string> results_;
  // Counts merged offices by themselves instead of under their successors.
  bool keep_former_offices_ = false;
};

}  // namespace tthc::cli
