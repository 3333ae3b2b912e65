#include "client/terminal/messages.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"

namespace tthc::terminal {
namespace {
constexpr char kUsageReason[] = "USAGE";
}

Lang ChooseLang(absl::string_view option, const std::function<std::string(const char*)>& getenv) {
  // Only English has to be asked for: the users of these programs read Vietnamese, whatever the locale C or POSIX says.
  if (!option.empty()) return absl::StartsWith(option, "en") ? Lang::kEn : Lang::kVi;
  for (const char* name : {"TTHC_LANG", "LC_ALL", "LC_MESSAGES", "LANG"}) {
    const std::string value = getenv(name);
    if (!value.empty()) return absl::StartsWith(value, "en") ? Lang::kEn : Lang::kVi;
  }
  return Lang::kVi;
}

const char* LangCode(Lang lang) { return lang == Lang::kVi ? "vi" : "en"; }

absl::Status UsageError(absl::string_view field, absl::string_view message, absl::string_view message_vi) {
  const std::string head = field.empty() ? "" : absl::StrCat(field, ": ");
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = kUsageReason,
                    .message = absl::StrCat(head, message),
                    .message_vi = absl::StrCat(head, message_vi),
                    // Also as metadata, so that callers and tests find the option without parsing the text.
                    .metadata = {{"field", std::string(field)}},
                    .field = std::string(field)});
}

bool IsUsageError(const absl::Status& status) { return ErrorReason(status) == kUsageReason; }

}  // namespace tthc::terminal
