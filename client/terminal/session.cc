#include "client/terminal/session.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "storage/base/csv.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"

namespace tthc::terminal {

namespace {

absl::Status NotWritten(const std::string& path) {
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "FILE_NOT_WRITTEN",
                    .message = absl::StrCat(path, ": cannot be written; check the directory, the rights and the room"),
                    .message_vi = absl::StrCat(path, ": không ghi được; hãy kiểm tra thư mục, quyền ghi và chỗ trống"),
                    .metadata = {{"path", path}}});
}

}  // namespace

std::string Session::format() const {
  if (!options_.output.empty()) return options_.output;
  // An unknown ending keeps the table: people redirect tables to .txt.
  const std::string extension = std::filesystem::path(options_.out_path).extension().string();
  for (const char* known : {"csv", "json", "jsonl", "xlsx"}) {
    if (extension == absl::StrCat(".", known)) return known;
  }
  return "table";
}

absl::Status Session::WriteOutFile() const {
  if (!to_file()) return absl::OkStatus();
  const std::string& path = options_.out_path;
  // Written beside the file, so that the renaming stays within one file system and is atomic.
  const std::string part = absl::StrCat(path, ".part");
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  file << (options_.bom && is_csv() ? kCsvBom : "") << file_.view() << std::flush;
  file.close();
  std::error_code error;
  if (file.good()) {
    std::filesystem::rename(part, path, error);
    if (!error) return absl::OkStatus();
  }
  // A partial file would be taken for a result.
  std::filesystem::remove(part, error);
  return NotWritten(path);
}

// Never to standard output: a pipe must get data only.
void Session::Print(absl::string_view text) const { *environment_.err << text << "\n"; }

void Session::Warn(absl::string_view text) const {
  Print(absl::StrCat(color_err() ? "\x1b[33m" : "", Say({"Lưu ý: ", "Note: "}), text, color_err() ? "\x1b[0m" : ""));
}

void Session::PrintError(const absl::Status& status) const {
  Print(absl::StrCat(color_err() ? "\x1b[31m" : "", Say({"Lỗi: ", "Error: "}), ErrorMessage(status, LangCode(lang_)),
                     color_err() ? "\x1b[0m" : ""));
}

std::string Session::target() const {
  if (!options_.server.empty()) return options_.server;
  const std::string from_environment = environment_.getenv("TTHC_SERVER");
  return from_environment.empty() ? sdk::kDefaultTarget : from_environment;
}

sdk::Client& Session::client() {
  // Made late, so that help, completion and checks of files need no server.
  if (client_ == nullptr) {
    sdk::ClientOptions options;
    options.target = target();
    options.actor = options_.actor.empty() ? environment_.getenv("TTHC_ACTOR") : options_.actor;
    options.locale = LangCode(lang_);
    // --timeout is set by a person who waits, so it bounds statistics, too.
    if (options_.timeout_seconds > 0) {
      options.call_deadline = absl::Seconds(options_.timeout_seconds);
      options.statistics_deadline = options.call_deadline;
    }
    options.environment = environment_.retry;
    client_ = std::make_unique<sdk::Client>(std::move(options));
  }
  return *client_;
}

absl::StatusOr<std::string> ReadFile(const Session& session, const std::string& path) {
  std::ifstream file;
  std::istream* in = session.environment().in;
  if (path != "-") {
    file.open(path, std::ios::binary);
    in = &file;
  }
  // Read in chunks with a check after each: the size of standard input is unknown until its end.
  std::string text;
  char chunk[1 << 16];
  while (in->read(chunk, sizeof(chunk)) || in->gcount() > 0) {
    text.append(chunk, static_cast<size_t>(in->gcount()));
    if (text.size() > limits::kClientFileBytesMax) {
      return UsageError(path, "is too large for a file of this kind", "quá lớn so với loại tệp này");
    }
  }
  if (path != "-" && (!file.is_open() || in->bad())) {
    return MakeError({.code = absl::StatusCode::kNotFound,
                      .reason = "FILE_NOT_FOUND",
                      .message = absl::StrCat(path, ": cannot be read; check the name and the rights"),
                      .message_vi = absl::StrCat(path, ": không đọc được; hãy kiểm tra tên tệp và quyền đọc"),
                      .metadata = {{"path", path}}});
  }
  return text;
}

}  // namespace tthc::terminal
