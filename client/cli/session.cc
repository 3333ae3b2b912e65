#include "client/cli/session.h"

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"

namespace tthc::cli {

void Session::Tell(absl::string_view text) const { *environment_.err << text << "\n"; }

void Session::Warn(absl::string_view text) const {
  Tell(absl::StrCat(colour_err() ? "\x1b[33m" : "", Say({"Lưu ý: ", "Note: "}), text, colour_err() ? "\x1b[0m" : ""));
}

void Session::TellError(const absl::Status& status) const {
  Tell(absl::StrCat(colour_err() ? "\x1b[31m" : "", Say({"Lỗi: ", "Error: "}), ErrorMessage(status, LangCode(lang_)),
                    colour_err() ? "\x1b[0m" : ""));
}

std::string Session::target() const {
  if (!options_.server.empty()) return options_.server;
  const std::string from_environment = environment_.getenv("TTHC_SERVER");
  return from_environment.empty() ? sdk::kDefaultTarget : from_environment;
}

sdk::Client& Session::client() {
  if (client_ == nullptr) {
    sdk::ClientOptions options;
    options.target = target();
    options.actor = options_.actor.empty() ? environment_.getenv("TTHC_ACTOR") : options_.actor;
    options.locale = LangCode(lang_);
    if (options_.timeout_seconds > 0) options.call_deadline = absl::Seconds(options_.timeout_seconds);
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

}  // namespace tthc::cli
