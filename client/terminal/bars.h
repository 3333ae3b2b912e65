#pragma once

#include <optional>
#include <string>
#include <vector>

// Bar charts in text, for terminals. Pure; thread-safe.
// A chart must stay readable without color and when it is copied into a message, so it consists of block characters,
// and every bar has its figure beside it.
namespace tthc::terminal {

// One line of a bar chart.
struct Bar {
  std::string label;
  // Not negative. Unset: no bar, only the text.
  std::optional<double> value;
  // Written behind the bar, such as "95,24 %" or "–".
  std::string text;
};

// How a chart is drawn.
struct BarOptions {
  // Terminal columns for label, bar and text together. Labels are cut first.
  size_t width = 80;
  // The value of a full bar; 0 = the greatest value of the chart.
  double full = 0;
};

// Renders horizontal bars on one scale, in steps of an eighth of a column, one line a bar.
std::string RenderBars(const std::vector<Bar>& bars, const BarOptions& options);

}  // namespace tthc::terminal
