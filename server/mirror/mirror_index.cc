#include "server/mirror/mirror_index.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/facts/grow.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/log.h"

namespace tthc::server {
namespace {

using v1::MirrorItem;

// The dossier was opened before the target's start. It is zero, so that rows which Set skips over are filled with it.
constexpr auto kBeforeStart = MirrorItem::STATE_UNSPECIFIED;
static_assert(kBeforeStart == 0);

}  // namespace

void MirrorIndex::Start(const storage::v1::HeadRecord& head) {
  WriterLock lock(mutex_);
  head_ = head.revision();
  last_dossier_number_ = head.last_dossier_number();
}

// The counts stay zero until Finish: readers check `counting` before they use them.
void MirrorIndex::AddTarget(const std::string& id, const storage::v1::MirrorTargetRecord& record) {
  WriterLock lock(mutex_);
  Entry& target = targets_[record.number()];
  target.id = id;
  target.record = record;
  target.position = record.position();
  target.counting = true;
}

// Keeps the counts in step with the states. Rows in between that never had a state are those before the start.
void MirrorIndex::Set(Entry& target, int64_t number, State state) {
  const auto row = static_cast<size_t>(number - 1);
  if (row >= target.states.size()) {
    target.counts[kBeforeStart] += static_cast<int64_t>(row + 1 - target.states.size());
    GrowTo(row + 1, target.states);
  }
  uint8_t& place = target.states[row];
  --target.counts[place];
  ++target.counts[state];
  place = static_cast<uint8_t>(state);
}

void MirrorIndex::Apply(Entry& target, const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    if (change.state.has_value()) {
      Set(target, change.number, *change.state);
      continue;
    }
    // An event makes a dossier pending, unless it is before the target's start and was never delivered there.
    const auto row = static_cast<size_t>(change.number - 1);
    const bool before = row >= target.states.size() || target.states[row] == kBeforeStart;
    if (before && change.number < target.record.first_dossier_number()) continue;
    Set(target, change.number, MirrorItem::STATE_PENDING);
  }
}

// Called for every written target record: a new target, a lease, a decision, a position.
void MirrorIndex::PutTarget(const std::string& id, const storage::v1::MirrorTargetRecord& record) {
  const auto [at, is_new] = targets_.try_emplace(record.number());
  Entry& target = at->second;
  if (is_new) {
    target.id = id;
    target.record = record;
    // Nothing was sent to a new target: every dossier from its first one on is pending.
    const int64_t before = std::min(record.first_dossier_number() - 1, last_dossier_number_);
    target.states.assign(static_cast<size_t>(last_dossier_number_), MirrorItem::STATE_PENDING);
    std::fill_n(target.states.begin(), std::max<int64_t>(before, 0), static_cast<uint8_t>(kBeforeStart));
    target.counts[kBeforeStart] = std::max<int64_t>(before, 0);
    target.counts[MirrorItem::STATE_PENDING] = last_dossier_number_ - target.counts[kBeforeStart];
  }
  // The condition was reported by the holder before; the new one reports its own.
  if (record.fence() != target.record.fence()) target.condition.Clear();
  target.record = record;
  target.position = std::max(target.position, record.position());
}

// Readers see a commit as a whole: the lock is held over all targets.
void MirrorIndex::OnCommitted(const CommitPipeline::Committed& committed) {
  const auto& items = committed.records.rows<storage::MirrorItems>();
  // Built before the lock is taken: readers must not wait for it.
  std::unordered_map<int64_t, int64_t> last_revisions;
  if (!items.empty()) last_revisions.insert(committed.dossiers.begin(), committed.dossiers.end());
  WriterLock lock(mutex_);
  head_ = committed.head.revision();
  last_dossier_number_ = committed.head.last_dossier_number();
  for (const auto& [id, record] : committed.records.rows<storage::MirrorTargets>()) PutTarget(id, *record);
  // The events of the commit come first and its decisions after them, with one exception below.
  for (auto& [number, target] : targets_) {
    std::vector<Change> changes;
    changes.reserve(committed.dossiers.size());
    for (const auto& [dossier, revision] : committed.dossiers) changes.push_back({.number = dossier});
    for (const auto& [item, record] : items) {
      if (item.first != number) continue;
      // The item was decided before an event of the same commit: that event makes it pending.
      const auto event = last_revisions.find(item.second);
      if (event != last_revisions.end() && event->second > record->state_revision()) continue;
      changes.push_back({.number = item.second, .state = static_cast<State>(record->state())});
    }
    // Its queue would grow without end.
    if (target.abandoned) continue;
    if (target.counting) {
      target.queued.insert(target.queued.end(), changes.begin(), changes.end());
    } else {
      Apply(target, changes);
      Settle(target);
    }
    WarnIfBehind(target);
  }
}

void MirrorIndex::Finish(uint32_t target_number, States states) {
  WriterLock lock(mutex_);
  Entry& target = targets_.at(target_number);
  target.states = std::move(states);
  std::fill(std::begin(target.counts), std::end(target.counts), 0);
  for (const uint8_t state : target.states) ++target.counts[state];
  // `states` may include some of the queued changes. Applying these again in their order ends in the same states.
  Apply(target, std::exchange(target.queued, {}));
  target.counting = false;
  Settle(target);
}

void MirrorIndex::Abandon(uint32_t target) {
  WriterLock lock(mutex_);
  Entry& kept = targets_.at(target);
  kept.abandoned = true;
  kept.queued = {};
}

// Positions are computed outside the lock and may come late; a lower one is dropped.
void MirrorIndex::Advance(uint32_t target, int64_t position) {
  WriterLock lock(mutex_);
  Entry& kept = targets_.at(target);
  kept.position = std::max(kept.position, position);
}

void MirrorIndex::SetCondition(const std::string& id, int64_t fence, const v1::MirrorCondition& condition) {
  WriterLock lock(mutex_);
  for (auto& [number, target] : targets_) {
    if (target.id == id && target.record.fence() == fence) target.condition = condition;
  }
}

void MirrorIndex::Settle(Entry& target) {
  if (target.counts[MirrorItem::STATE_PENDING] == 0) target.position = head_;
}

// Once per time that it falls behind, not with every commit.
void MirrorIndex::WarnIfBehind(Entry& target) {
  const int64_t behind = head_ - target.position;
  const bool far = !target.counting && !target.record.retired() && behind > limits::kMirrorHoldRevisionsWarning;
  if (far && !target.warned) {
    Log(LogLevel::kWarning, "mirror_behind",
        {{"target", target.id},
         {"behind_revisions", absl::StrCat(behind)},
         {"held_for_revisions", absl::StrCat(limits::kMirrorHoldRevisionsMax)}});
  }
  target.warned = far;
}

MirrorIndex::Target MirrorIndex::ViewOf(const Entry& target) const {
  Target view{.id = target.id, .record = target.record, .condition = target.condition};
  view.counts = {.confirmed = target.counts[MirrorItem::STATE_CONFIRMED],
                 .pending = target.counts[MirrorItem::STATE_PENDING],
                 .parked = target.counts[MirrorItem::STATE_PARKED],
                 .skipped = target.counts[MirrorItem::STATE_SKIPPED],
                 .excluded = target.counts[MirrorItem::STATE_EXCLUDED]};
  view.position = target.position;
  view.head = head_;
  view.counting = target.counting;
  return view;
}

std::vector<MirrorIndex::Target> MirrorIndex::Targets() const {
  std::vector<Target> views;
  {
    ReaderLock lock(mutex_);
    for (const auto& [number, target] : targets_) views.push_back(ViewOf(target));
  }
  std::sort(views.begin(), views.end(), [](const Target& a, const Target& b) { return a.id < b.id; });
  return views;
}

std::optional<MirrorIndex::Target> MirrorIndex::Find(const std::string& id) const {
  ReaderLock lock(mutex_);
  for (const auto& [number, target] : targets_) {
    if (target.id == id) return ViewOf(target);
  }
  return std::nullopt;
}

int64_t MirrorIndex::PositionOf(const std::string& id) const {
  ReaderLock lock(mutex_);
  for (const auto& [number, target] : targets_) {
    if (target.id == id) return target.position;
  }
  return 0;
}

MirrorIndex::State MirrorIndex::StateOf(uint32_t target, int64_t dossier_number) const {
  ReaderLock lock(mutex_);
  const States& states = targets_.at(target).states;
  const auto row = static_cast<size_t>(dossier_number - 1);
  return row < states.size() ? static_cast<State>(states[row]) : kBeforeStart;
}

std::vector<int64_t> MirrorIndex::List(uint32_t target, State state, int64_t after_number, size_t count_max) const {
  std::vector<int64_t> numbers;
  ReaderLock lock(mutex_);
  const Entry& kept = targets_.at(target);
  if (kept.counts[state] == 0) return numbers;
  const States& states = kept.states;
  auto row = static_cast<size_t>(std::max<int64_t>(after_number, 0));
  // memchr finds the next one at several bytes a cycle: a page of few parked dossiers among millions stays cheap.
  while (numbers.size() < count_max && row < states.size()) {
    const void* found = std::memchr(&states[row], static_cast<int>(state), states.size() - row);
    if (found == nullptr) break;
    row = static_cast<size_t>(static_cast<const uint8_t*>(found) - states.data()) + 1;
    numbers.push_back(static_cast<int64_t>(row));
  }
  return numbers;
}

int64_t MirrorIndex::head() const {
  ReaderLock lock(mutex_);
  return head_;
}

// Copies: the caller scans them for longer than the lock should be held.
std::vector<MirrorIndex::States> MirrorIndex::ActiveStates() const {
  std::vector<States> active;
  ReaderLock lock(mutex_);
  for (const auto& [number, target] : targets_) {
    if (target.record.retired()) continue;
    if (target.counting) return {};
    active.push_back(target.states);
  }
  return active;
}

absl::Status CheckCompaction(const std::vector<MirrorIndex::Target>& targets, int64_t oldest_revision, int64_t head) {
  for (const MirrorIndex::Target& target : targets) {
    if (target.record.retired() || oldest_revision <= target.position + 1) continue;
    if (head - target.position > limits::kMirrorHoldRevisionsMax) continue;
    const std::string position = absl::StrCat(target.position);
    return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                      .reason = "MIRROR_BEHIND",
                      .message = absl::StrCat("the target \"", target.id, "\" has confirmed up to ", position,
                                              " only; compact no further, wait for it, or retire it"),
                      .message_vi = absl::StrCat("Hệ thống \"", target.id, "\" mới xác nhận đến ", position,
                                                 "; hãy chờ, hoặc ngừng sử dụng hệ thống đó"),
                      .metadata = {{"target", target.id}, {"position", position}},
                      .field = "revision"});
  }
  return absl::OkStatus();
}

}  // namespace tthc::server
