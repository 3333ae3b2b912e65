#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tthc::cli {

// One line of a bar chart.
struct Bar {
  std::string label;
  // No bar without one.
  std::optional<double> value;
  // What stands behind the bar, such as "95,24 %" or "–".
  std::string text;
};

struct BarOptions {
  // Columns to fit into.
  size_t width = 80;
  // The value of a full bar; 0 = the greatest value.
  double full = 0;
};

// Horizontal bars on one scale, an eighth of a column fine: who would rather look than read. Values are not negative.
std::string RenderBars(const std::vector<Bar>& bars, const BarOptions& options);

}  // namespace tthc::cli
