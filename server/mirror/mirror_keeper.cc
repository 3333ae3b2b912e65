#include "server/service/mirror_keeper.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/base/limits.h"
#include "storage/base/log.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

using v1::MirrorItem;

// Set beside a state while the log is read: an event came after the position.
constexpr uint8_t kTouched = 0x80;

absl::Status Stopped() { return absl::CancelledError("the server stops"); }

// What a dossier that got events behind the position is now; `state` is what the keys of attention say.
absl::StatusOr<MirrorItem::State> JudgeTouched(const storage::StoreReader& reader, uint32_t target, int64_t number,
                                               MirrorItem::State state) {
  if (state == MirrorItem::STATE_UNSPECIFIED || state == MirrorItem::PENDING) return state;
  TTHC_ASSIGN_OR_RETURN(const auto item, reader.GetMirrorItem(target, number));
  if (!item.has_value()) return MirrorItem::PENDING;
  TTHC_ASSIGN_OR_RETURN(const auto record, reader.GetDossier(number));
  if (!record.has_value()) return absl::DataLossError(absl::StrCat("dossier ", number, " has no record"));
  return item->state_revision() >= record->dossier().revision() ? static_cast<MirrorItem::State>(item->state())
                                                                : MirrorItem::PENDING;
}

}  // namespace

absl::StatusOr<MirrorIndex::States> CountStates(const storage::StoreReader& reader,
                                                const storage::v1::MirrorTargetRecord& target,
                                                const std::atomic<bool>& stop) {
  TTHC_ASSIGN_OR_RETURN(const storage::v1::HeadRecord head, reader.Head());
  const int64_t last = head.last_dossier_number();
  MirrorIndex::States states(static_cast<size_t>(last), MirrorItem::CONFIRMED);
  const int64_t before = std::clamp<int64_t>(target.first_dossier_number() - 1, 0, last);
  std::fill_n(states.begin(), before, static_cast<uint8_t>(MirrorItem::STATE_UNSPECIFIED));
  TTHC_RETURN_IF_ERROR(reader.ScanMirrorAttention(
      target.number(), 0, [&](int64_t number, const storage::v1::MirrorItemRecord& attention) {
        const auto state = static_cast<uint8_t>(attention.state());
        if (number >= 1 && number <= last) states[static_cast<size_t>(number - 1)] = state;
        return !stop.load();
      }));
  TTHC_RETURN_IF_ERROR(reader.ScanLog(target.position() + 1, [&](int64_t, const storage::v1::LogRecord& record) {
    const int64_t number = record.dossier_number();
    if (number >= 1 && number <= last) states[static_cast<size_t>(number - 1)] |= kTouched;
    return !stop.load();
  }));
  for (size_t row = 0; row < states.size(); ++row) {
    if ((states[row] & kTouched) == 0) continue;
    if (stop.load()) return Stopped();
    const auto state = static_cast<MirrorItem::State>(states[row] & ~kTouched);
    TTHC_ASSIGN_OR_RETURN(const MirrorItem::State now,
                          JudgeTouched(reader, target.number(), static_cast<int64_t>(row) + 1, state));
    states[row] = static_cast<uint8_t>(now);
  }
  if (stop.load()) return Stopped();
  return states;
}

absl::StatusOr<bool> AdvancePosition(const storage::Store& store, const MirrorIndex::Target& target,
                                     MirrorIndex& index) {
  // Only what the states knew when they were asked: a commit that is on disk but not told there yet would look settled.
  if (target.counting || target.position >= target.head) return false;
  const storage::StoreReader reader = store.Read();
  const uint32_t number = target.record.number();
  int64_t settled = target.position;
  absl::StatusOr<bool> goes_on = true;
  TTHC_RETURN_IF_ERROR(
      reader.ScanLog(target.position + 1, [&](int64_t revision, const storage::v1::LogRecord& record) {
        if (revision > target.head) {
          goes_on = false;
          return false;
        }
        if (revision > target.position + limits::kMirrorAdvancePortion) return false;
        const int64_t dossier = record.dossier_number();
        if (dossier != 0 && index.StateOf(number, dossier) == MirrorItem::PENDING) {
          const auto item = reader.GetMirrorItem(number, dossier);
          if (!item.ok()) goes_on = item.status();
          if (!item.ok() || !item->has_value() || (*item)->confirmed_revision() < revision) {
            if (item.ok()) goes_on = false;
            return false;
          }
        }
        settled = revision;
        return true;
      }));
  index.Advance(number, settled);
  if (goes_on.ok() && settled >= target.head) return false;
  return goes_on;
}

MirrorKeeper::MirrorKeeper(const storage::Store* store, MirrorIndex* index, ReadPool* pool)
    : store_(*store), index_(*index), pool_(*pool) {}

MirrorKeeper::~MirrorKeeper() { Stop(); }

void MirrorKeeper::StartCounting() {
  counter_ = std::thread([this] { Count(); });
}

void MirrorKeeper::Stop() {
  stop_.store(true);
  if (counter_.joinable()) counter_.join();
}

void MirrorKeeper::Count() {
  std::vector<MirrorIndex::Target> targets = index_.Targets();
  std::stable_sort(targets.begin(), targets.end(), [](const MirrorIndex::Target& a, const MirrorIndex::Target& b) {
    return a.record.retired() < b.record.retired();
  });
  for (const MirrorIndex::Target& target : targets) {
    if (!target.counting) continue;
    // A snapshot of now: commits since the index had the target are kept there, in their order.
    absl::StatusOr<MirrorIndex::States> states = CountStates(store_.Read(), target.record, stop_);
    if (stop_.load()) return;
    if (states.ok()) {
      index_.Finish(target.record.number(), *std::move(states));
      continue;
    }
    index_.Abandon(target.record.number());
    Log(LogLevel::kError, "mirror_counting_failed",
        {{"target", target.id}, {"reason", std::string(states.status().message())}});
  }
}

void MirrorKeeper::ScheduleAdvance(const std::string& target_id) {
  {
    MutexLock lock(mutex_);
    if (stop_.load() || !advancing_.insert(target_id).second) return;
  }
  if (pool_.Post([this, target_id] { Advance(target_id); }).ok()) return;
  MutexLock lock(mutex_);
  advancing_.erase(target_id);
}

void MirrorKeeper::Advance(const std::string& target_id) {
  absl::StatusOr<bool> more = false;
  if (const auto target = index_.Find(target_id); target.has_value()) more = AdvancePosition(store_, *target, index_);
  if (!more.ok()) {
    Log(LogLevel::kError, "mirror_position_stuck",
        {{"target", target_id}, {"reason", std::string(more.status().message())}});
  }
  {
    MutexLock lock(mutex_);
    advancing_.erase(target_id);
  }
  // Portion by portion, so that others get their turn between them.
  if (more.ok() && *more) ScheduleAdvance(target_id);
}

}  // namespace tthc::server
