#include "server/mirror/mirror_keeper.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/mirror/mirror_decisions.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/log.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

using v1::MirrorItem;

// Bit beside a state while the log is read: the dossier has an event behind the position.
constexpr uint8_t kTouched = 0x80;

// Reasons for parking that another profile may remove.
const std::vector<std::string>& ProfileReasons() {
  static const auto* const reasons = new std::vector<std::string>{"STATUS_UNMAPPED", "FIELD_MISSING"};
  return *reasons;
}

absl::Status Stopped() { return absl::CancelledError("the server stops"); }

// State of a dossier that has events behind the position. `state` is what its attention key says, or CONFIRMED.
absl::StatusOr<MirrorItem::State> EvaluateTouched(const storage::StoreReader& reader, uint32_t target, int64_t number,
                                                  MirrorItem::State state) {
  if (state == MirrorItem::STATE_UNSPECIFIED || state == MirrorItem::STATE_PENDING) return state;
  TTHC_ASSIGN_OR_RETURN(const auto item, reader.Get<storage::MirrorItems>({target, number}));
  if (!item.has_value()) return MirrorItem::STATE_PENDING;
  TTHC_ASSIGN_OR_RETURN(const auto record, reader.GetDossier(number));
  if (!record.has_value()) return absl::DataLossError(absl::StrCat("dossier ", number, " has no record"));
  return item->state_revision() >= record->dossier().revision() ? static_cast<MirrorItem::State>(item->state())
                                                                : MirrorItem::STATE_PENDING;
}

}  // namespace

absl::StatusOr<MirrorIndex::States> CountStates(const storage::StoreReader& reader,
                                                const storage::v1::MirrorTargetRecord& target,
                                                const std::atomic<bool>& stop) {
  // Begin with "all confirmed", then correct what the attention keys and the log say. That reads two ranges in key
  // order and no item of the millions of confirmed dossiers.
  TTHC_ASSIGN_OR_RETURN(const storage::v1::HeadRecord head, reader.Head());
  const int64_t last = head.last_dossier_number();
  MirrorIndex::States states(static_cast<size_t>(last), MirrorItem::STATE_CONFIRMED);
  const int64_t before = std::clamp<int64_t>(target.first_dossier_number() - 1, 0, last);
  std::fill_n(states.begin(), before, static_cast<uint8_t>(MirrorItem::STATE_UNSPECIFIED));
  TTHC_RETURN_IF_ERROR(reader.ScanMirrorAttention(target.number(), 0,
                                                  [&](int64_t number, const storage::v1::MirrorItemRecord& attention) {
                                                    const auto state = static_cast<uint8_t>(attention.state());
                                                    if (number >= 1 && number <= last)
                                                      states[static_cast<size_t>(number - 1)] = state;
                                                    return !stop.load();
                                                  }));
  TTHC_RETURN_IF_ERROR(reader.ScanLog(target.position() + 1, [&](int64_t, const storage::v1::LogRecord& record) {
    const int64_t number = record.dossier_number();
    if (number >= 1 && number <= last) states[static_cast<size_t>(number - 1)] |= kTouched;
    return !stop.load();
  }));
  // Only dossiers with events behind the position need their item and record, one look-up each.
  for (size_t row = 0; row < states.size(); ++row) {
    if ((states[row] & kTouched) == 0) continue;
    if (stop.load()) return Stopped();
    const auto state = static_cast<MirrorItem::State>(states[row] & ~kTouched);
    TTHC_ASSIGN_OR_RETURN(const MirrorItem::State now,
                          EvaluateTouched(reader, target.number(), static_cast<int64_t>(row) + 1, state));
    states[row] = static_cast<uint8_t>(now);
  }
  if (stop.load()) return Stopped();
  return states;
}

absl::StatusOr<bool> AdvancePosition(const storage::Store& store, const MirrorIndex::Target& target,
                                     MirrorIndex& index) {
  // Only up to the revision that the index had when its states were read: a commit that is on disk but not applied to
  // the index yet would look settled.
  if (target.counting || target.position >= target.head) return false;
  const storage::StoreReader reader = store.Read();
  const uint32_t number = target.record.number();
  int64_t settled = target.position;
  absl::StatusOr<bool> goes_on = true;
  TTHC_RETURN_IF_ERROR(reader.ScanLog(target.position + 1, [&](int64_t revision, const storage::v1::LogRecord& record) {
    if (revision > target.head) {
      goes_on = false;
      return false;
    }
    if (revision > target.position + limits::kMirrorAdvancePortion) return false;
    // Records without a dossier (catalogue, decisions) settle by themselves. A pending dossier does not stop the
    // position at events that the target has confirmed.
    const int64_t dossier = record.dossier_number();
    if (dossier != 0 && index.StateOf(number, dossier) == MirrorItem::STATE_PENDING) {
      const auto item = reader.Get<storage::MirrorItems>({number, dossier});
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

// Runs on counter_. A target that can't be counted stays "counting": its figures are not shown rather than wrong.
void MirrorKeeper::Count() {
  std::vector<MirrorIndex::Target> targets = index_.Targets();
  std::stable_sort(targets.begin(), targets.end(), [](const MirrorIndex::Target& a, const MirrorIndex::Target& b) {
    return a.record.retired() < b.record.retired();
  });
  for (const MirrorIndex::Target& target : targets) {
    if (!target.counting) continue;
    // The index queues the changes since AddTarget, so that any snapshot from now on will do.
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
    // One task per target is enough: it moves the position as far as it goes.
    if (stop_.load() || !advancing_.insert(target_id).second) return;
  }
  // Posted without the lock, since the pool may run the task at once.
  if (pool_.Post([this, target_id] { Advance(target_id); }).ok()) return;
  MutexLock lock(mutex_);
  advancing_.erase(target_id);
}

void MirrorKeeper::Requeue(CommitPipeline& pipeline, const std::string& target_id, int64_t fence,
                           const std::string& profile_digest) {
  RequeuePortion({.pipeline = &pipeline, .target_id = target_id, .fence = fence, .profile_digest = profile_digest});
}

// Runs on the read pool. The digest is stored by the last portion only: if the server stops in between, the next
// acquisition sees an old digest and starts over.
void MirrorKeeper::RequeuePortion(Requeueing work) {
  const auto target = index_.Find(work.target_id);
  if (!target.has_value() || stop_.load()) return;
  const auto give_up = [target_id = work.target_id](const absl::Status& status) {
    Log(LogLevel::kWarning, "mirror_requeue_ended", {{"target", target_id}, {"reason", ErrorReason(status)}});
  };
  absl::StatusOr<std::vector<int64_t>> numbers = ListParked(store_.Read(), target->record.number(), ProfileReasons(),
                                                            work.after_number, limits::kMirrorRetryPortion);
  if (!numbers.ok()) return give_up(numbers.status());
  const bool is_last = numbers->size() < limits::kMirrorRetryPortion;
  if (!numbers->empty()) work.after_number = numbers->back();
  const size_t bytes = numbers->size() * sizeof(int64_t);
  const absl::Status queued = work.pipeline->Submit(
      {.run = [work, is_last, numbers = *std::move(numbers)](CommitScope& scope) -> absl::Status {
         TTHC_RETURN_IF_ERROR(RunRequeue(scope, work.target_id, work.fence, numbers, ProfileReasons()));
         if (!is_last) return absl::OkStatus();
         return RunKeepProfile(scope, work.target_id, work.fence, work.profile_digest);
       },
       .done =
           [this, work, is_last, give_up](const absl::Status& status) {
             if (!status.ok()) return give_up(status);
             if (is_last) return;
             const absl::Status posted = pool_.Post([this, work] { RequeuePortion(work); });
             if (!posted.ok()) give_up(posted);
           },
       .bytes = bytes});
  if (!queued.ok()) give_up(queued);
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
  // A task of its own for each portion, so that other reads get a thread in between.
  if (more.ok() && *more) ScheduleAdvance(target_id);
}

}  // namespace tthc::server
