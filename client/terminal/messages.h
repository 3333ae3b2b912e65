#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// Texts for people in Vietnamese and English, and errors about what they typed. Pure; thread-safe.
namespace tthc::terminal {

// The language of one run.
enum class Lang { kVi, kEn };

// A text in both languages. Points to literals, so that copies are cheap and never dangle.
struct Text {
  const char* vi = "";
  const char* en = "";
};

// Valid as long as the program: texts are literals.
inline const char* Pick(const Text& text, Lang lang) { return lang == Lang::kVi ? text.vi : text.en; }

// Chooses the language: `option`, the value of --lang ("vi", "en"), if it is not empty; otherwise the first of
// TTHC_LANG, LC_ALL, LC_MESSAGES and LANG that is set. English for "en…", Vietnamese for everything else. `getenv`
// returns "" for a variable that is not set.
Lang ChooseLang(absl::string_view option, const std::function<std::string(const char*)>& getenv);
// "vi" or "en", as accept-language and ErrorMessage take it.
const char* LangCode(Lang lang);

// INVALID_ARGUMENT for something that was typed wrong, found before the server was asked: exit code 2. `field` is the
// option, the argument or the column at fault.
absl::Status UsageError(absl::string_view field, absl::string_view message, absl::string_view message_vi);
// Whether UsageError made it; errors of the server with the same code are not usage errors.
bool IsUsageError(const absl::Status& status);

}  // namespace tthc::terminal
