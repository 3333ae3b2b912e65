#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// Suggestions for words that were typed wrong. Pure; thread-safe.
// For words of a closed list only: a suggestion for a code or a name would be a guess about data.
namespace tthc::terminal {

// The least number of insertions, deletions, replacements and swaps of neighbors that turn `a` into `b`. Compares
// bytes, so fold letters with diacritics before.
size_t EditDistance(absl::string_view a, absl::string_view b);

// The candidate nearest to `typed`; "" if none is near enough. Near enough means at most two errors, and at most one in
// three letters of the candidate.
std::string Suggest(absl::string_view typed, const std::vector<std::string>& candidates);

}  // namespace tthc::terminal
