#include "client/sync/secret.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

namespace tthc::sync {
namespace {

// Permissions that a secret must not have. systemd gives a service access to its credentials by an access list, which
// shows as permissions of the group: there only others are forbidden.
constexpr mode_t kGroupAndOthers = S_IRWXG | S_IRWXO;
constexpr mode_t kOthers = S_IRWXO;

absl::Status SecretError(absl::StatusCode code, const std::string& path, const char* message, const char* message_vi) {
  return MakeError({.code = code,
                    .reason = "SECRET_UNREADABLE",
                    .message = absl::StrCat(path, ": ", message),
                    .message_vi = absl::StrCat(path, ": ", message_vi)});
}

// Opens the file if its permissions are right. The caller closes it. Checked after opening, so that the file can't be
// replaced in between.
absl::StatusOr<int> OpenPrivate(const std::string& path, mode_t forbidden) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return SecretError(absl::StatusCode::kNotFound, path, "does not exist or can't be read by this user",
                       "không có hoặc tài khoản chạy chương trình không đọc được");
  }
  struct stat about {};
  // Plain files only: a pipe could block, and a device might never end.
  if (fstat(file, &about) == 0 && S_ISREG(about.st_mode) && (about.st_mode & forbidden) == 0) return file;
  close(file);
  return SecretError(absl::StatusCode::kPermissionDenied, path,
                     "must be a plain file that only its owner can read (chmod 600)",
                     "phải là tệp thường chỉ chủ sở hữu đọc được (chmod 600)");
}

// Reads one byte more than allowed, to see whether the file is too large. The line end of an editor is removed.
absl::StatusOr<std::string> ReadOneLine(const std::string& path, mode_t forbidden) {
  TTHC_ASSIGN_OR_RETURN(const int file, OpenPrivate(path, forbidden));
  const absl::Cleanup closer = [file] { close(file); };
  std::string text(limits::kSyncSecretBytesMax + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(file, text.data() + size, text.size() - size);
    if (got < 0) return SecretError(absl::StatusCode::kNotFound, path, "can't be read", "không đọc được");
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  // One line end is removed, of either kind. Everything else is a part of the secret, also blanks.
  const bool too_large = size > limits::kSyncSecretBytesMax;
  text.resize(size);
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.empty() && text.back() == '\r') text.pop_back();
  const bool one_line =
      std::none_of(text.begin(), text.end(), [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); });
  if (!too_large && !text.empty() && one_line) return text;
  return SecretError(absl::StatusCode::kInvalidArgument, path,
                     too_large      ? "is too large for a secret"
                     : text.empty() ? "is empty"
                                    : "must be one line without control characters",
                     too_large      ? "quá lớn"
                     : text.empty() ? "bị trống"
                                    : "phải gồm đúng một dòng, không có ký tự điều khiển");
}

// A credential's name must not lead out of the directory.
bool IsPlainName(const std::string& name) {
  return name != "." && name != ".." && std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
         });
}

}  // namespace

absl::StatusOr<std::string> ReadSecret(const v1::Secret& secret, const std::string& credentials_directory) {
  if (secret.file().empty() == secret.credential().empty()) {
    return InvalidField("file", "name exactly one of file and credential",
                        "phải nêu đúng một trong hai: file, credential");
  }
  if (!secret.file().empty()) return ReadOneLine(secret.file(), kGroupAndOthers);
  if (!IsPlainName(secret.credential())) {
    return InvalidField("credential", "is a name, not a path", "là tên, không phải đường dẫn");
  }
  if (credentials_directory.empty()) {
    return SecretError(absl::StatusCode::kNotFound, secret.credential(),
                       "there is no $CREDENTIALS_DIRECTORY: LoadCredential= is missing, or systemd did not start this",
                       "không có $CREDENTIALS_DIRECTORY: thiếu LoadCredential= hoặc không chạy bằng systemd");
  }
  return ReadOneLine(absl::StrCat(credentials_directory, "/", secret.credential()), kOthers);
}

absl::Status CheckPrivateFile(const std::string& path) {
  TTHC_ASSIGN_OR_RETURN(const int file, OpenPrivate(path, kGroupAndOthers));
  close(file);
  return absl::OkStatus();
}

}  // namespace tthc::sync
