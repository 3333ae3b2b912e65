#pragma once

#include <functional>
#include <memory>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/sdk/client.h"
#include "client/terminal/environment.h"
#include "client/terminal/messages.h"
#include "client/terminal/privacy.h"

// One run of a command line: what surrounds it, the options that all commands share, where output goes, and the
// connection. tthc and tthc-sync use it.
//
// Vocabulary: data is what a command was asked for (tables, JSON, CSV); messages are everything else. Data goes to
// out() and messages to standard error, so that a pipe or file holds nothing but data.
//
// Texts exist in Vietnamese and English and are chosen here, by Say. Errors of the server carry both languages;
// PrintError chooses the same one. Nothing here throws; what fails returns a status whose code becomes the exit code of
// the program (client/cli/cli_app.h).
namespace tthc::terminal {

// Options that every command takes, as typed; "" and 0 mean that an option was not given.
struct GlobalOptions {
  // host:port.
  std::string server;
  // Who records: officers/… or the name of a program. Recorded with every event.
  std::string actor;
  std::string lang;
  // table, json, jsonl, csv, or another format of the command; "" = by the name of the output file, otherwise table.
  std::string output;
  // File for the data; "" and "-" = standard output.
  std::string out_path;
  // A CSV file begins with a byte order mark.
  bool bom = false;
  // Personal data is not masked.
  bool reveal = false;
  // Colors are also off if NO_COLOR is set, and never written to files.
  bool no_color = false;
  // Bounds each call, also those of statistics, which otherwise may take longer.
  double timeout_seconds = 0;
};

// Options are filled while the arguments are parsed; everything else is used after that. `environment` must outlive it.
// Not thread-safe.
class Session {
 public:
  Session(const Environment& environment, Lang lang) : environment_(environment), lang_(lang) {}

  // The surroundings that were passed in.
  const Environment& environment() const { return environment_; }
  Lang lang() const { return lang_; }
  // Written while the arguments are parsed; later changes have no effect on the connection.
  GlobalOptions& options() { return options_; }
  const GlobalOptions& options() const { return options_; }

  // The text in the language of the run.
  const char* Say(const Text& text) const { return Pick(text, lang_); }
  // For descriptions of events and dossiers in words.
  DescribeOptions describe() const { return {.lang = lang_, .reveal = options_.reveal}; }
  // `text`, masked unless --reveal was given.
  std::string Personal(Privacy privacy, const std::string& text) const {
    return options_.reveal ? text : Mask(privacy, text);
  }

  // The format in effect: -o, otherwise by the extension of --out, otherwise "table".
  bool is_table() const { return format() == "table" || format() == "text"; }
  bool is_csv() const { return format() == "csv"; }
  bool is_json() const { return format() == "json"; }
  bool is_xlsx() const { return format() == "xlsx"; }
  std::string format() const;
  // False with --out, wherever standard output goes.
  bool out_is_terminal() const { return environment_.out_is_terminal && !to_file(); }
  bool color_out() const { return out_is_terminal() && ColorAllowed(); }
  bool color_err() const { return environment_.err_is_terminal && ColorAllowed(); }
  // Columns to fit into; 0 = no bound.
  size_t width() const {
    return out_is_terminal() && environment_.width > 0 ? static_cast<size_t>(environment_.width) : 0;
  }

  // For data. With --out it is kept in memory until WriteOutFile.
  std::ostream& out() const { return to_file() ? file_ : *environment_.out; }
  // Replaces the file of --out by what was written to out(), through a temporary file, so that a failure leaves the old
  // file as it was. OK without --out. FAILED_PRECONDITION FILE_NOT_WRITTEN.
  absl::Status WriteOutFile() const;
  // Messages for people, on standard error: a line, a line marked as a note, an error in the language of the run.
  void Print(absl::string_view text) const;
  void Warn(absl::string_view text) const;
  void PrintError(const absl::Status& status) const;

  // The client, made on first use from the options as they are then.
  sdk::Client& client();
  // The address of the server: --server, otherwise TTHC_SERVER, otherwise the default.
  std::string target() const;

  // The chosen command; set while the arguments are parsed, run after that.
  std::function<absl::Status()> action;
  // Whether the chosen command can write spreadsheets.
  bool makes_xlsx = false;

 private:
  // Whether --out names a file; "-" is the standard output.
  bool to_file() const { return !options_.out_path.empty() && options_.out_path != "-"; }
  bool ColorAllowed() const { return !options_.no_color && environment_.getenv("NO_COLOR").empty(); }

  const Environment& environment_;
  const Lang lang_;
  GlobalOptions options_;
  // Data for --out, until WriteOutFile. Mutable, because writing output does not change the session for its callers.
  mutable std::ostringstream file_;
  // Null until the first call of client(): many commands need no server.
  std::unique_ptr<sdk::Client> client_;
};

// Reads a whole file of at most limits::kClientFileBytesMax; "-" is the standard input. NOT_FOUND FILE_NOT_FOUND if it
// cannot be read; a usage error if it is too large.
absl::StatusOr<std::string> ReadFile(const Session& session, const std::string& path);

}  // namespace tthc::terminal
