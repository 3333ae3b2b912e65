#include "storage/base/text.h"

#include <utf8proc.h>

#include <array>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "storage/base/errors.h"

namespace tthc {
namespace {

const utf8proc_uint8_t* Bytes(absl::string_view text) { return reinterpret_cast<const utf8proc_uint8_t*>(text.data()); }

// Calls `visit(codepoint)` for each character; stops and returns false at the first invalid byte.
template <typename Visit>
bool ForEachCodepoint(absl::string_view text, Visit visit) {
  utf8proc_ssize_t at = 0;
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  while (at < size) {
    utf8proc_int32_t codepoint = 0;
    const utf8proc_ssize_t length = utf8proc_iterate(Bytes(text) + at, size - at, &codepoint);
    if (length <= 0) return false;
    visit(codepoint);
    at += length;
  }
  return true;
}

// C0 and C1 controls and DEL.
bool IsControl(utf8proc_int32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

// Characters that nobody sees but that reorder or hide text on a screen or in a print.
bool IsInvisibleMark(utf8proc_int32_t c) {
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0xfeff;
}

// White space that a text of several lines may hold.
bool IsLineSpace(utf8proc_int32_t c) { return c == '\n' || c == '\t' || c == '\r'; }

std::string Map(absl::string_view text, utf8proc_option_t options) {
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(Bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &mapped, options);
  // Only for invalid UTF-8, which callers have excluded or dropped.
  if (size < 0) return std::string(text);
  std::string result(reinterpret_cast<char*>(mapped), static_cast<size_t>(size));
  // utf8proc allocates with malloc.
  std::free(mapped);
  return result;
}

// The letters that Vietnamese is written with, and their neighbors. Each of them is NFC by itself and joins with no
// other of them; combining marks are not among them.
constexpr utf8proc_int32_t kLatinEnd = 0x300;
constexpr utf8proc_int32_t kLatinAdditionalBegin = 0x1e00;
constexpr utf8proc_int32_t kLatinAdditionalEnd = 0x1f00;

bool IsLatin(utf8proc_int32_t c) { return c < kLatinEnd || (c >= kLatinAdditionalBegin && c < kLatinAdditionalEnd); }

constexpr auto kSearchForm = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
                                                            UTF8PROC_STRIPMARK | UTF8PROC_COMPAT);

// The search form of every Latin letter, computed once. Names are folded with every write of a dossier, and utf8proc
// takes some microseconds for each.
class LatinSearchForms {
 public:
  LatinSearchForms() {
    for (utf8proc_int32_t c = 1; c < kLatinAdditionalEnd; c = c + 1 == kLatinEnd ? kLatinAdditionalBegin : c + 1) {
      std::array<utf8proc_uint8_t, 4> bytes{};
      const auto size = static_cast<size_t>(utf8proc_encode_char(c, bytes.data()));
      forms_[IndexOf(c)] = Map({reinterpret_cast<const char*>(bytes.data()), size}, kSearchForm);
    }
  }
  const std::string& Of(utf8proc_int32_t c) const { return forms_[IndexOf(c)]; }

 private:
  static size_t IndexOf(utf8proc_int32_t c) {
    return static_cast<size_t>(c < kLatinEnd ? c : c - kLatinAdditionalBegin + kLatinEnd);
  }
  std::array<std::string, kLatinEnd + kLatinAdditionalEnd - kLatinAdditionalBegin> forms_;
};

// utf8proc refuses a text with an invalid byte as a whole; searches should still find what is readable of it.
std::string DropInvalid(absl::string_view text) {
  std::string valid;
  utf8proc_ssize_t at = 0;
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  while (at < size) {
    utf8proc_int32_t codepoint = 0;
    const utf8proc_ssize_t length = utf8proc_iterate(Bytes(text) + at, size - at, &codepoint);
    if (length > 0) valid.append(text.data() + at, static_cast<size_t>(length));
    at += length > 0 ? length : 1;
  }
  return valid;
}

}  // namespace

absl::Status CheckText(absl::string_view field, absl::string_view text, const TextRule& rule) {
  // The size comes first: a text that is far too long is refused without being read.
  if (text.size() > rule.bytes_max) {
    return InvalidField(field, absl::StrCat("has ", text.size(), " bytes; at most ", rule.bytes_max, " are allowed"),
                        absl::StrCat("dài ", text.size(), " byte; tối đa ", rule.bytes_max));
  }
  bool control = false;
  bool invisible = false;
  const bool valid = ForEachCodepoint(text, [&](utf8proc_int32_t c) {
    control |= IsControl(c) && !(rule.multi_line && IsLineSpace(c));
    invisible |= IsInvisibleMark(c);
  });
  if (!valid)
    return InvalidField(field, "is not valid UTF-8", "không phải UTF-8 hợp lệ; hãy lưu lại bằng bảng mã UTF-8");
  if (control) {
    return InvalidField(field, "holds control characters; remove them", "có ký tự điều khiển; hãy xóa các ký tự đó");
  }
  if (invisible) {
    return InvalidField(field, "holds invisible direction marks; remove them",
                        "có ký tự định hướng không nhìn thấy; hãy gõ lại nội dung này");
  }
  return absl::OkStatus();
}

std::string ToNfc(absl::string_view text) {
  // Texts of Latin letters alone are in normal form already: most names take this way and are not mapped.
  bool latin = true;
  if (ForEachCodepoint(text, [&](utf8proc_int32_t c) { latin &= IsLatin(c); }) && latin) return std::string(text);
  return Map(text, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
}

std::string FoldForSearch(absl::string_view text) {
  // Never destroyed: other threads may still fold names while the process ends.
  static const LatinSearchForms* const forms = new LatinSearchForms;
  std::string mapped;
  bool latin = true;
  const bool valid = ForEachCodepoint(text, [&](utf8proc_int32_t c) {
    // With the first other character the table is of no use: a combining mark changes the letter before it, so the
    // whole text is mapped below.
    latin &= c > 0 && IsLatin(c);
    if (latin) mapped += forms->Of(c);
  });
  if (!valid || !latin) mapped = Map(DropInvalid(text), kSearchForm);
  std::string folded;
  folded.reserve(mapped.size());
  bool blank = false;
  for (size_t i = 0; i < mapped.size(); ++i) {
    const auto c = static_cast<unsigned char>(mapped[i]);
    if (absl::ascii_isspace(c)) {
      blank = !folded.empty();
      continue;
    }
    // A run of blanks becomes one, and only once a letter follows, so that none is left at the end.
    if (blank) folded.push_back(' ');
    blank = false;
    // đ (U+0111) has no decomposition.
    if (c == 0xc4 && i + 1 < mapped.size() && static_cast<unsigned char>(mapped[i + 1]) == 0x91) {
      folded.push_back('d');
      ++i;
    } else {
      folded.push_back(static_cast<char>(c));
    }
  }
  return folded;
}

std::string DigitsOf(absl::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) digits.push_back(c);
  }
  return digits;
}

std::string PhoneDigits(absl::string_view phone) {
  std::string digits = DigitsOf(phone);
  // "00" is how the international prefix "+" is dialed.
  if (digits.rfind("0084", 0) == 0) digits.erase(0, 2);
  // Nine digits follow the country code; a domestic number begins with 0.
  if (digits.size() == 11 && digits.rfind("84", 0) == 0) digits.replace(0, 2, "0");
  return digits;
}

size_t DisplayWidth(absl::string_view text) {
  // Signed: utf8proc_charwidth answers -1 for what has no width.
  int width = 0;
  ForEachCodepoint(text, [&](utf8proc_int32_t c) { width += utf8proc_charwidth(c); });
  return width > 0 ? static_cast<size_t>(width) : 0;
}

std::string MaskName(absl::string_view name) {
  std::string masked;
  for (const absl::string_view word : absl::StrSplit(name, ' ', absl::SkipEmpty())) {
    utf8proc_int32_t codepoint = 0;
    const utf8proc_ssize_t length =
        utf8proc_iterate(Bytes(word), static_cast<utf8proc_ssize_t>(word.size()), &codepoint);
    // A word that is not UTF-8 is left out rather than shown as it is.
    if (length <= 0) continue;
    absl::StrAppend(&masked, masked.empty() ? "" : " ", word.substr(0, static_cast<size_t>(length)), ".");
  }
  return masked;
}

std::string MaskNumber(absl::string_view number) {
  // Showing three digits of a number with three would show all of it.
  if (number.size() <= 3) return number.empty() ? "" : "•••";
  return absl::StrCat("•••", number.substr(number.size() - 3));
}

}  // namespace tthc
