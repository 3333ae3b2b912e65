#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// Words for people, in two languages side by side.
namespace tthc::cli {

enum class Lang { kVi, kEn };

// A text in both languages; literals only.
struct Text {
  const char* vi = "";
  const char* en = "";
};

inline const char* Pick(const Text& text, Lang lang) { return lang == Lang::kVi ? text.vi : text.en; }

// `--lang` if given ("vi", "en"), else TTHC_LANG, LC_ALL, LC_MESSAGES, LANG, the first that is set: English for en…,
// otherwise Vietnamese. `getenv` answers "" for what is not set.
Lang ChooseLang(absl::string_view option, const std::function<std::string(const char*)>& getenv);
// "vi" or "en".
const char* LangCode(Lang lang);

// INVALID_ARGUMENT for what was typed, in both languages: a usage error (exit code 2). `field` is an option or a
// column.
absl::Status UsageError(absl::string_view field, absl::string_view message, absl::string_view message_vi);
bool IsUsageError(const absl::Status& status);

}  // namespace tthc::cli
