#include "client/terminal/progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace tthc::terminal {
namespace {
constexpr int64_t kBarWidth = 30;
constexpr absl::Duration kRedrawInterval = absl::Milliseconds(100);
}  // namespace

Progress::Progress(const Session& session, std::string label) : session_(session), label_(std::move(label)) {}

Progress::~Progress() { Clear(); }

void Progress::Show(int64_t done, int64_t total) {
  if (!session_.environment().err_is_terminal) return;
  const absl::Time now = session_.environment().clock->Now();
  // Drawing each step would cost more than many steps themselves.
  if (now < last_drawn_ + kRedrawInterval) return;
  last_drawn_ = now;
  drawn_ = true;
  std::string line = absl::StrCat("\r", label_, " ");
  if (total > 0) {
    // Totals may grow or shrink while the work goes on.
    const int64_t filled = std::clamp<int64_t>(done * kBarWidth / total, 0, kBarWidth);
    for (int64_t i = 0; i < kBarWidth; ++i) line += i < filled ? "█" : "░";
    absl::StrAppend(&line, " ", std::min<int64_t>(done * 100 / total, 100), "%");
  } else {
    absl::StrAppend(&line, done);
  }
  *session_.environment().err << line << std::flush;
}

void Progress::Clear() {
  if (!drawn_) return;
  // Back to the first column, then erase to the end of the line.
  *session_.environment().err << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace tthc::terminal
