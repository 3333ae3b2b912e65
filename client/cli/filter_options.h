#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/terminal/session.h"
#include "tthc/v1/dossier_service.pb.h"

// Filters of dossiers on the command line.
//
// A filter is a conjunction: a dossier must fit every option that was given, and one of the values of each. Values of
// one option are separated by commas or by repeating the option. An option that was not typed does not restrict.
//
// Words are read in Vietnamese or English; names are ids of the catalogue without their collection. Times are local
// times of the office. Not thread-safe: the object is filled while the arguments are parsed and only read after that.
namespace tthc::cli {

// The filter options that list, find, late, due-soon, summary and export share.
class FilterOptions {
 public:
  // The options live in `command`; this object must outlive it.
  void AddTo(CLI::App& command, const terminal::Session& session);
  // The filter as a request field. Names get their collection ("vp" → "units/vp"); "--…-to DAY" includes that day.
  // Usage errors for words and times that cannot be read; whether a name exists is checked by the server.
  absl::StatusOr<v1::DossierFilter> Build() const;

 private:
  // As typed; read by Build, so that errors name the option.
  std::vector<std::string> states_;
  std::vector<std::string> procedures_;
  std::vector<std::string> fields_;
  std::vector<std::string> offices_;
  std::vector<std::string> units_;
  std::vector<std::string> officers_;
  std::vector<std::string> channels_;
  // Compared without diacritics, by the server.
  std::string applicant_;
  // Half-open ranges: the beginning is included, and an end that is a date alone includes that day.
  std::string accepted_from_;
  std::string accepted_to_;
  std::string finished_from_;
  std::string finished_to_;
  std::string due_from_;
  std::string due_to_;
  // Not ended yet; with a state that has ended, nothing fits.
  bool open_ = false;
};

}  // namespace tthc::cli
