#include "server/service/mirror_index.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/service/grow.h"
#include "storage/base/limits.h"
#include "storage/base/log.h"

namespace tthc::server {
namespace {

using v1::MirrorItem;

constexpr auto kBefore = MirrorItem::STATE_UNSPECIFIED;

}  // namespace

void MirrorIndex::Start(const storage::v1::HeadRecord& head) {
  WriterLock lock(mutex_);
  head_ = head.revision();
  last_dossier_number_ = head.last_dossier_number();
}

void MirrorIndex::AddTarget(const std::string& id, const storage::v1::MirrorTargetRecord& record) {
  WriterLock lock(mutex_);
  Kept& target = targets_[record.number()];
  target.id = id;
  target.record = record;
  target.position = record.position();
  target.counting = true;
}

void MirrorIndex::Set(Kept& target, int64_t number, State state) {
  const auto row = static_cast<size_t>(number - 1);
  if (row >= target.states.size()) {
    target.counts[kBefore] += static_cast<int64_t>(row + 1 - target.states.size());
    GrowTo(row + 1, target.states);
  }
  uint8_t& place = target.states[row];
  --target.counts[place];
  ++target.counts[state];
  place = static_cast<uint8_t>(state);
}

void MirrorIndex::Apply(Kept& target, const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    if (change.state.has_value()) {
      Set(target, change.number, *change.state);
      continue;
    }
    const auto row = static_cast<size_t>(change.number - 1);
    const bool before = row >= target.states.size() || target.states[row] == kBefore;
    if (before && change.number < target.record.first_dossier_number()) continue;
    Set(target, change.number, MirrorItem::PENDING);
  }
}

void MirrorIndex::PutTarget(const std::string& id, const storage::v1::MirrorTargetRecord& record) {
  const auto [at, is_new] = targets_.try_emplace(record.number());
  Kept& target = at->second;
  if (is_new) {
    target.id = id;
    target.record = record;
    // A new target has been told nothing: every dossier from its first on is owed.
    const int64_t before = std::min(record.first_dossier_number() - 1, last_dossier_number_);
    target.states.assign(static_cast<size_t>(last_dossier_number_), MirrorItem::PENDING);
    std::fill_n(target.states.begin(), std::max<int64_t>(before, 0), static_cast<uint8_t>(kBefore));
    target.counts[kBefore] = std::max<int64_t>(before, 0);
    target.counts[MirrorItem::PENDING] = last_dossier_number_ - target.counts[kBefore];
  }
  // Whoever comes next has its own say.
  if (record.fence() != target.record.fence()) target.condition.Clear();
  target.record = record;
  target.position = std::max(target.position, record.position());
}

void MirrorIndex::OnCommitted(const CommitPipeline::Committed& committed) {
  std::unordered_map<int64_t, int64_t> last_revisions;
  if (!committed.mirror_items.empty()) last_revisions.insert(committed.dossiers.begin(), committed.dossiers.end());
  WriterLock lock(mutex_);
  head_ = committed.head.revision();
  last_dossier_number_ = committed.head.last_dossier_number();
  for (const auto& [id, record] : committed.mirror_targets) PutTarget(id, *record);
  for (auto& [number, target] : targets_) {
    std::vector<Change> changes;
    changes.reserve(committed.dossiers.size());
    for (const auto& [dossier, revision] : committed.dossiers) changes.push_back({.number = dossier});
    for (const auto& [item, record] : committed.mirror_items) {
      if (item.first != number) continue;
      // Decided before an event of the same commit: that event has the last word.
      const auto event = last_revisions.find(item.second);
      if (event != last_revisions.end() && event->second > record->state_revision()) continue;
      changes.push_back({.number = item.second, .state = static_cast<State>(record->state())});
    }
    if (target.abandoned) continue;
    if (target.counting) {
      target.meanwhile.insert(target.meanwhile.end(), changes.begin(), changes.end());
    } else {
      Apply(target, changes);
      Settle(target);
    }
    WarnIfBehind(target);
  }
}

void MirrorIndex::Finish(uint32_t target_number, States states) {
  WriterLock lock(mutex_);
  Kept& target = targets_.at(target_number);
  target.states = std::move(states);
  std::fill(std::begin(target.counts), std::end(target.counts), 0);
  for (const uint8_t state : target.states) ++target.counts[state];
  // What came meanwhile is in its own order, so that what `states` knew already comes out the same.
  Apply(target, std::exchange(target.meanwhile, {}));
  target.counting = false;
  Settle(target);
}

void MirrorIndex::Abandon(uint32_t target) {
  WriterLock lock(mutex_);
  Kept& kept = targets_.at(target);
  kept.abandoned = true;
  kept.meanwhile = {};
}

void MirrorIndex::Advance(uint32_t target, int64_t position) {
  WriterLock lock(mutex_);
  Kept& kept = targets_.at(target);
  kept.position = std::max(kept.position, position);
}

void MirrorIndex::SetCondition(const std::string& id, int64_t fence, const v1::MirrorCondition& condition) {
  WriterLock lock(mutex_);
  for (auto& [number, target] : targets_) {
    if (target.id == id && target.record.fence() == fence) target.condition = condition;
  }
}

void MirrorIndex::Settle(Kept& target) {
  if (target.counts[MirrorItem::PENDING] == 0) target.position = head_;
}

void MirrorIndex::WarnIfBehind(Kept& target) {
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

MirrorIndex::Target MirrorIndex::ViewOf(const Kept& target) const {
  Target view{.id = target.id, .record = target.record, .condition = target.condition};
  view.counts = {.confirmed = target.counts[MirrorItem::CONFIRMED],
                 .pending = target.counts[MirrorItem::PENDING],
                 .parked = target.counts[MirrorItem::PARKED],
                 .skipped = target.counts[MirrorItem::SKIPPED],
                 .not_owed = target.counts[MirrorItem::NOT_OWED]};
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

MirrorIndex::State MirrorIndex::StateOf(uint32_t target, int64_t dossier_number) const {
  ReaderLock lock(mutex_);
  const States& states = targets_.at(target).states;
  const auto row = static_cast<size_t>(dossier_number - 1);
  return row < states.size() ? static_cast<State>(states[row]) : kBefore;
}

std::vector<int64_t> MirrorIndex::List(uint32_t target, State state, int64_t after_number, size_t count_max) const {
  std::vector<int64_t> numbers;
  ReaderLock lock(mutex_);
  const Kept& kept = targets_.at(target);
  if (kept.counts[state] == 0) return numbers;
  const States& states = kept.states;
  auto row = static_cast<size_t>(std::max<int64_t>(after_number, 0));
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

}  // namespace tthc::server
