#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tthc::cli {

// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`, bytes compared.
size_t EditDistance(absl::string_view a, absl::string_view b);

// The candidate nearest to `typed`, or "" if none is near: at most a third of its letters wrong, at most two.
std::string Suggest(absl::string_view typed, const std::vector<std::string>& candidates);

}  // namespace tthc::cli
