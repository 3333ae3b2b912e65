#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// Vietnamese text: what is accepted as input, how it is normalized and compared, and how personal data is masked. All
// texts are UTF-8. Pure; thread-safe.
namespace tthc {

// INVALID_ARGUMENT FIELD_INVALID at `field` unless `text` is valid UTF-8 of at most `bytes_max` bytes without control
// characters (line breaks and tabs are allowed only with `multi_line`) and without invisible direction marks.
struct TextRule {
  size_t bytes_max = 0;
  bool multi_line = false;
};
absl::Status CheckText(absl::string_view field, absl::string_view text, const TextRule& rule);

// Normal form NFC: keyboards send the same letter as one code point or as several. `text` must be valid UTF-8.
std::string ToNfc(absl::string_view text);

// For comparing as clerks search: lower case, without diacritics, đ as d, runs of white space as one blank, trimmed.
// "Nguyễn  Thị HÒA" → "nguyen thi hoa". Invalid UTF-8 bytes are dropped.
std::string FoldForSearch(absl::string_view text);

// The ASCII digits of `text`, in order.
std::string DigitsOf(absl::string_view text);

// A phone number as dialled inside the country: digits alone, "+84 912 345 678" and "0084912345678" → "0912345678".
std::string PhoneDigits(absl::string_view phone);

// Width in terminal columns of valid UTF-8 (combining marks 0, wide characters 2).
size_t DisplayWidth(absl::string_view text);

// Masked personal data for display: initials of a name ("N. T. H."), the last three digits of a number ("•••789").
std::string MaskName(absl::string_view name);
std::string MaskNumber(absl::string_view number);

}  // namespace tthc
