#include "client/terminal/bars.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/terminal/table.h"
#include "storage/base/text.h"

namespace tthc::terminal {
namespace {

// Labels take at most this share of the width.
constexpr size_t kLabelShare = 3;
constexpr size_t kBarWidthMin = 10;
// Block characters come in eighths of a column.
constexpr double kEighths = 8;
constexpr const char* kPartBlocks[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};

// Every value but 0 is visible: at least an eighth of a column.
std::string BarOf(double share, size_t width) {
  const double exact = std::clamp(share, 0.0, 1.0) * static_cast<double>(width) * kEighths;
  const auto eighths = static_cast<size_t>(share > 0 ? std::max(1.0, std::round(exact)) : 0);
  std::string bar;
  for (size_t i = 0; i < eighths / 8; ++i) absl::StrAppend(&bar, "█");
  return absl::StrCat(bar, kPartBlocks[eighths % 8]);
}

}  // namespace

std::string RenderBars(const std::vector<Bar>& bars, const BarOptions& options) {
  size_t label_width = 0;
  size_t text_width = 0;
  double full = options.full;
  for (const Bar& bar : bars) {
    label_width = std::max(label_width, DisplayWidth(bar.label));
    text_width = std::max(text_width, DisplayWidth(bar.text));
    if (options.full <= 0) full = std::max(full, bar.value.value_or(0));
  }
  // Labels give way first: they can be guessed from their beginning, figures cannot.
  label_width = std::min(label_width, options.width / kLabelShare);
  const size_t taken = label_width + text_width + 3;
  // On a very narrow terminal the line gets longer than it, because a bar of a few columns would compare nothing.
  const size_t bar_width = std::max(kBarWidthMin, options.width > taken ? options.width - taken : 0);
  std::string out;
  for (const Bar& bar : bars) {
    // Without a value there is no bar, and the text says so.
    const double share = full > 0 ? bar.value.value_or(0) / full : 0;
    absl::StrAppend(&out, PadToWidth(CutToWidth(bar.label, label_width), label_width), "  ", BarOf(share, bar_width),
                    share > 0 ? " " : "", bar.text, "\n");
  }
  return out;
}

}  // namespace tthc::terminal
