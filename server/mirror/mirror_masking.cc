#include "server/mirror/mirror_masking.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

// Shorter values identify nobody, and masking a house number or an initial would make every text unreadable.
constexpr size_t kValueBytesMin = 3;

// The code point that begins at text[at] and its length in bytes. An invalid byte is returned as it is.
std::pair<uint32_t, size_t> CodePointAt(absl::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  const size_t size = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (size == 1 || at + size > text.size()) return {lead, 1};
  uint32_t point = lead & (0xFFu >> (size + 1));
  for (size_t i = 1; i < size; ++i) point = point << 6 | (byte(at + i) & 0x3Fu);
  return {point, size};
}

// As JSON writers quote it: other than ASCII as it is, or as \u with lower-case or upper-case digits.
std::string EscapeJson(absl::string_view text, bool ascii_only, bool upper) {
  std::string escaped;
  const auto unit = [&](uint32_t code) {
    absl::StrAppend(&escaped, "\\u", upper ? absl::StrFormat("%04X", code) : absl::StrFormat("%04x", code));
  };
  for (size_t at = 0; at < text.size();) {
    const auto [point, size] = CodePointAt(text, at);
    if (point == '"' || point == '\\') {
      escaped += '\\';
      escaped += static_cast<char>(point);
    } else if (point == '\n') {
      escaped += "\\n";
    } else if (point == '\t') {
      escaped += "\\t";
    } else if (point < 0x80 || !ascii_only) {
      escaped.append(text.data() + at, size);
    } else if (point < 0x10000) {
      unit(point);
    } else {
      unit(0xD800 + ((point - 0x10000) >> 10));
      unit(0xDC00 + ((point - 0x10000) & 0x3FF));
    }
    at += size;
  }
  return escaped;
}

// As clients write values into queries: with %20 or with + for a blank.
std::string EscapeUrl(absl::string_view text, bool plus) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '_' || c == '.' || c == '~') {
      escaped += c;
    } else if (c == ' ' && plus) {
      escaped += '+';
    } else {
      absl::StrAppendFormat(&escaped, "%%%02X", static_cast<unsigned>(byte));
    }
  }
  return escaped;
}

// Index after the string that begins with the quote at text[at]; the end of the text if the string is not closed.
size_t EndOfString(absl::string_view text, size_t at) {
  for (size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

// Index after the value that begins at text[at]: a string, a whole object or array, or a word.
size_t EndOfValue(absl::string_view text, size_t at) {
  if (at >= text.size()) return at;
  if (text[at] == '"') return EndOfString(text, at);
  if (text[at] != '{' && text[at] != '[') {
    while (at < text.size() && text[at] != ',' && text[at] != '}' && text[at] != ']' &&
           !absl::ascii_isspace(static_cast<unsigned char>(text[at]))) {
      ++at;
    }
    return at;
  }
  int depth = 0;
  while (at < text.size()) {
    if (text[at] == '"') {
      at = EndOfString(text, at);
      continue;
    }
    if (text[at] == '{' || text[at] == '[') ++depth;
    if (text[at] == '}' || text[at] == ']') --depth;
    ++at;
    if (depth == 0) break;
  }
  return at;
}

// White space as JSON allows it between tokens.
size_t SkipSpace(absl::string_view text, size_t at) {
  while (at < text.size() && absl::ascii_isspace(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

}  // namespace

std::string MaskJsonKeys(absl::string_view text, const std::vector<std::string>& keys) {
  std::string masked;
  size_t copied = 0;
  // A scanner, not a parser: bodies may be cut or no JSON at all, and must be masked all the same.
  for (size_t at = 0; at < text.size();) {
    if (text[at] != '"') {
      ++at;
      continue;
    }
    const size_t end = EndOfString(text, at);
    const absl::string_view word = text.substr(at + 1, end - at - std::min<size_t>(end - at, 2));
    const size_t colon = SkipSpace(text, end);
    const bool is_key = colon < text.size() && text[colon] == ':';
    at = end;
    if (!is_key || std::find(keys.begin(), keys.end(), word) == keys.end()) continue;
    const size_t value = SkipSpace(text, colon + 1);
    at = EndOfValue(text, value);
    const absl::string_view old = text.substr(value, at - value);
    // Empty values show that there was nothing, which helps people and reveals nothing.
    if (old.empty() || old == "\"\"" || old == "null") continue;
    absl::StrAppend(&masked, text.substr(copied, value - copied), "\"", kMask, "\"");
    copied = at;
  }
  absl::StrAppend(&masked, text.substr(copied));
  return masked;
}

// Everything that identifies a person or shows what was applied for.
MirrorMasker::MirrorMasker(const v1::Dossier& dossier, const std::string& receiver_name) {
  const v1::Applicant& applicant = dossier.request().applicant();
  for (const std::string& value :
       {applicant.display_name(), applicant.identity_number(), applicant.tax_code(), applicant.phone_number(),
        PhoneDigits(applicant.phone_number()), applicant.email(), applicant.address(), applicant.representative_name(),
        applicant.representative_identity_number(), dossier.request().content(), receiver_name}) {
    Add(value);
  }
  // Longest first: a value that contains another one must be replaced as a whole.
  std::sort(values_.begin(), values_.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  values_.erase(std::unique(values_.begin(), values_.end()), values_.end());
}

void MirrorMasker::Add(const std::string& value) {
  if (value.size() < kValueBytesMin) return;
  values_.push_back(value);
  for (const std::string& escaped :
       {EscapeJson(value, false, false), EscapeJson(value, true, false), EscapeJson(value, true, true)}) {
    values_.push_back(escaped);
    // Some writers also escape slashes.
    values_.push_back(absl::StrReplaceAll(escaped, {{"/", "\\/"}}));
  }
  values_.push_back(EscapeUrl(value, false));
  values_.push_back(EscapeUrl(value, true));
}

std::string MirrorMasker::MaskText(absl::string_view text) const {
  std::string masked(text);
  for (const std::string& value : values_) {
    if (masked.find(value) != std::string::npos) masked = absl::StrReplaceAll(masked, {{value, kMask}});
  }
  return masked;
}

// A cut may leave the first half of a name at the end, which equals no value.
std::string MirrorMasker::MaskBeginningAtEnd(std::string text) const {
  size_t cut = 0;
  for (const std::string& value : values_) {
    for (size_t bytes = std::min(value.size() - 1, text.size()); bytes >= kValueBytesMin && bytes > cut; --bytes) {
      if (text.compare(text.size() - bytes, bytes, value, 0, bytes) == 0) cut = bytes;
    }
  }
  if (cut == 0) return text;
  text.resize(text.size() - cut);
  return text + kMask;
}

std::string MirrorMasker::MaskBody(const std::string& body, bool cut, const std::vector<std::string>& keys) const {
  // Keys first: they also cover values that the server does not know.
  std::string masked = MaskText(MaskJsonKeys(body, keys));
  return cut ? MaskBeginningAtEnd(std::move(masked)) : masked;
}

void MirrorMasker::Mask(v1::MirrorExchange& exchange) const {
  const std::vector<std::string> keys(exchange.personal_keys().begin(), exchange.personal_keys().end());
  exchange.set_request(MaskBody(exchange.request(), exchange.request_cut(), keys));
  exchange.set_response(MaskBody(exchange.response(), exchange.response_cut(), keys));
  exchange.set_url(MaskText(exchange.url()));
  exchange.set_error(MaskText(exchange.error()));
  exchange.clear_personal_keys();
}

void MirrorMasker::Mask(v1::MirrorError& error) const { error.set_message(MaskText(error.message())); }

}  // namespace tthc::server
