#pragma once

#include <functional>
#include <memory>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/environment.h"
#include "client/cli/event_table.h"
#include "client/cli/messages.h"
#include "client/sdk/client.h"

namespace tthc::cli {

// Options that every command takes.
struct GlobalOptions {
  std::string server;
  std::string actor;
  std::string lang;
  // table, json, jsonl, csv, or what the command has besides; "" = as the name of the output file says, else table.
  std::string output;
  // Where data goes instead of the standard output; "" and "-" mean the latter.
  std::string out_path;
  // Begins a CSV file with a byte order mark.
  bool bom = false;
  // Personal data unmasked.
  bool reveal = false;
  bool no_color = false;
  double timeout_seconds = 0;
};

// One run of the program: its surroundings, the common options and the connection. Not thread-safe.
class Session {
 public:
  Session(const Environment& environment, Lang lang) : environment_(environment), lang_(lang) {}

  const Environment& environment() const { return environment_; }
  Lang lang() const { return lang_; }
  GlobalOptions& options() { return options_; }
  const GlobalOptions& options() const { return options_; }

  const char* Say(const Text& text) const { return Pick(text, lang_); }
  DescribeOptions describe() const { return {.lang = lang_, .reveal = options_.reveal}; }
  // Masked for tables unless --reveal.
  std::string Personal(Privacy privacy, const std::string& text) const {
    return options_.reveal ? text : Mask(privacy, text);
  }

  bool is_table() const { return format() == "table" || format() == "text"; }
  bool is_csv() const { return format() == "csv"; }
  bool is_json() const { return format() == "json"; }
  bool is_xlsx() const { return format() == "xlsx"; }
  std::string format() const;
  bool out_is_terminal() const { return environment_.out_is_terminal && !to_file(); }
  bool colour_out() const { return out_is_terminal() && ColourAllowed(); }
  bool colour_err() const { return environment_.err_is_terminal && ColourAllowed(); }
  // Columns to fit into; 0 = no bound.
  size_t width() const {
    return out_is_terminal() && environment_.width > 0 ? static_cast<size_t>(environment_.width) : 0;
  }

  // Data. With --out it waits for WriteOutFile.
  std::ostream& out() const { return to_file() ? file_ : *environment_.out; }
  // Puts what was written into --out's file, which is replaced as a whole; nothing to do without --out.
  // FAILED_PRECONDITION FILE_NOT_WRITTEN.
  absl::Status WriteOutFile() const;
  // A message, not data.
  void Tell(absl::string_view text) const;
  void Warn(absl::string_view text) const;
  void TellError(const absl::Status& status) const;

  // Connects on first use.
  sdk::Client& client();
  // The server as chosen: --server, TTHC_SERVER, the default.
  std::string target() const;

  // What the chosen command does; set while the arguments are parsed, run after it.
  std::function<absl::Status()> action;
  // Whether that command can make spreadsheets.
  bool makes_xlsx = false;

 private:
  bool to_file() const { return !options_.out_path.empty() && options_.out_path != "-"; }
  bool ColourAllowed() const { return !options_.no_color && environment_.getenv("NO_COLOR").empty(); }

  const Environment& environment_;
  const Lang lang_;
  GlobalOptions options_;
  mutable std::ostringstream file_;
  std::unique_ptr<sdk::Client> client_;
};

// Reads a whole file of at most limits::kClientFileBytesMax; "-" is the standard input. NOT_FOUND if there is none.
absl::StatusOr<std::string> ReadFile(const Session& session, const std::string& path);

}  // namespace tthc::cli
