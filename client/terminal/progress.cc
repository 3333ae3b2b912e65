#include "client/cli/progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace tthc::cli {
namespace {
constexpr int64_t kBarWidth = 30;
constexpr absl::Duration kRedrawInterval = absl::Milliseconds(100);
}  // namespace

Progress::Progress(const Session& session, std::string label) : session_(session), label_(std::move(label)) {}

Progress::~Progress() { Clear(); }

void Progress::Show(int64_t done, int64_t total) {
  if (!session_.environment().err_is_terminal) return;
  const absl::Time now = session_.environment().clock->Now();
  if (now < last_drawn_ + kRedrawInterval) return;
  last_drawn_ = now;
  drawn_ = true;
  std::string line = absl::StrCat("\r", label_, " ");
  if (total > 0) {
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
  *session_.environment().err << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace tthc::cli
