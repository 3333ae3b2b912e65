#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/session.h"
#include "tthc/v1/dossier_service.pb.h"

namespace tthc::cli {

// The filter that list, find, late, due-soon, summary and export share, as typed.
class FilterOptions {
 public:
  // The options live in `command`; this object must outlive it.
  void AddTo(CLI::App& command, const Session& session);
  // Usage errors for words and times that can't be read.
  absl::StatusOr<v1::DossierFilter> Build() const;

 private:
  std::vector<std::string> states_;
  std::vector<std::string> procedures_;
  std::vector<std::string> fields_;
  std::vector<std::string> offices_;
  std::vector<std::string> units_;
  std::vector<std::string> officers_;
  std::vector<std::string> channels_;
  std::string applicant_;
  std::string accepted_from_;
  std::string accepted_to_;
  std::string finished_from_;
  std::string finished_to_;
  std::string due_from_;
  std::string due_to_;
  bool open_ = false;
};

}  // namespace tthc::cli
