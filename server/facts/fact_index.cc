#include "server/facts/fact_index.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "server/domain/fact.h"
#include "server/domain/lifecycle.h"

namespace tthc::server {
namespace {

// Filters mostly have a few values, for which a linear search is faster than a set.
bool Holds(const std::vector<uint32_t>& wanted, uint32_t value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool InRange(const FactFilter::Range& range, uint32_t second) {
  if (range.empty()) return true;
  if (second == 0) return false;
  return (range.from == 0 || second >= range.from) && (range.to == 0 || second < range.to);
}

}  // namespace

// --- Writing ---------------------------------------------------------------------------------------------------------

// All of a commit under one lock, so that no reader sees a part of it.
void FactIndex::Apply(const FactChanges& facts, const std::vector<std::pair<uint32_t, std::string>>& new_names,
                      int64_t revision) {
  WriterLock lock(mutex_);
  for (const auto& [number, name] : new_names) names_.Add(number, name);
  for (const auto& [number, fact] : facts) ApplyOne(number, *fact);
  revision_ = revision;
}

void FactIndex::Grow(size_t rows) {
  // Threads of a start apply rows of several ranges at once, so a later range may have grown the columns already.
  if (rows <= columns_.size()) return;
  columns_.Resize(rows);
  texts_.Resize(rows);
}

void FactIndex::ApplyOne(int64_t number, const storage::v1::Fact& fact) {
  const auto row = static_cast<size_t>(number - 1);
  Grow(row + 1);
  const auto row32 = static_cast<uint32_t>(row);
  // Before the columns change: the old key is computed from them.
  if (OverdueOf(row) != 0) by_due_.erase({columns_.due[row], row32});
  columns_.Set(row, fact);
  if (OverdueOf(row) != 0) by_due_.insert({columns_.due[row], row32});
  texts_.Set(row, fact);
}

void FactIndex::Restore(FactColumns columns, FactTexts texts) {
  WriterLock lock(mutex_);
  // by_due_ is not in the snapshot: it follows from the columns.
  columns_ = std::move(columns);
  texts_ = std::move(texts);
  std::vector<DueKey> due;
  for (size_t row = 0; row < columns_.size(); ++row) {
    if (OverdueOf(row) != 0) due.emplace_back(columns_.due[row], static_cast<uint32_t>(row));
  }
  std::sort(due.begin(), due.end());
  // In order, so that each goes to the end without a search: a start inserts them all.
  by_due_.clear();
  for (const DueKey& key : due) by_due_.insert(by_due_.end(), key);
}

bool FactFilter::empty() const {
  return !nothing && states.none() && channels.none() && procedures.empty() && fields.empty() && offices.empty() &&
         units.empty() && officers.empty() && accept_time.empty() && end_time.empty() && due_time.empty() &&
         !open_only && !overdue_at.has_value() && !due_between.has_value() && !ended_late && !has_text();
}

bool FactFilter::IsDueRangeOnly() const {
  if (overdue_at.has_value() == due_between.has_value()) return false;
  FactFilter others = *this;
  others.overdue_at.reset();
  others.due_between.reset();
  return others.empty();
}

// --- Matching --------------------------------------------------------------------------------------------------------

bool FactIndex::MatchesName(const FactFilter& filter, size_t row) const {
  const absl::string_view name = texts_.NameOf(row);
  for (const std::string& word : filter.name_words) {
    bool found = false;
    for (size_t at = name.find(word); at != absl::string_view::npos && !found; at = name.find(word, at + 1)) {
      found = at == 0 || name[at - 1] == ' ';
    }
    if (!found) return false;
  }
  return !filter.name_words.empty();
}

bool FactIndex::MatchesTail(absl::string_view tail, size_t row) const {
  const absl::string_view codes = texts_.CodesOf(row);
  for (size_t at = codes.find(tail); at != absl::string_view::npos; at = codes.find(tail, at + 1)) {
    const size_t end = at + tail.size();
    // "0001" means the dossier -0001, not the submission -T0001: digits must not begin behind a letter.
    const bool cuts_mark = at > 0 && absl::ascii_isalpha(static_cast<unsigned char>(codes[at - 1])) &&
                           absl::ascii_isdigit(static_cast<unsigned char>(tail[0]));
    if (!cuts_mark && (end == codes.size() || codes[end] == '\n')) return true;
  }
  return false;
}

bool FactIndex::MatchesText(const FactFilter& filter, size_t row) const {
  const auto name = [&] { return MatchesName(filter, row); };
  const auto tail = [&] { return !filter.code_tail.empty() && MatchesTail(filter.code_tail, row); };
  const auto digits = [&] { return !filter.digits.empty() && absl::StrContains(texts_.DigitsOf(row), filter.digits); };
  if (filter.any_text) return tail() || digits() || name();
  return (filter.name_words.empty() || name()) && (filter.code_tail.empty() || tail()) &&
         (filter.digits.empty() || digits());
}

// The state alone is not enough: a submission that waits for a supplement has the state of an open dossier and was
// never accepted.
bool FactIndex::IsOpenRow(size_t row) const {
  return columns_.accept[row] != 0 &&
         domain::IsBeingResolved(static_cast<v1::Dossier::State>(Traits::State(columns_.traits[row])));
}

uint32_t FactIndex::OverdueOf(size_t row) const {
  const bool held = (Traits::Flags(columns_.traits[row]) & domain::kFactHeld) != 0;
  return IsOpenRow(row) && !held ? columns_.due[row] : 0;
}

bool FactIndex::MatchesNames(const FactFilter& filter, size_t row) const {
  const auto holds = [&](const std::vector<uint32_t>& wanted, FactColumns::Name name) {
    return wanted.empty() || Holds(wanted, columns_.codes[name].NameOf(columns_.names[name][row]));
  };
  return holds(filter.procedures, FactColumns::kProcedure) && holds(filter.fields, FactColumns::kField) &&
         holds(filter.offices, FactColumns::kOffice) && holds(filter.units, FactColumns::kUnit) &&
         holds(filter.officers, FactColumns::kOfficer);
}

// In the order of what excludes most for least work; texts, which lie elsewhere in memory, come last.
bool FactIndex::Matches(const FactFilter& filter, size_t row) const {
  if (filter.nothing) return false;
  const uint64_t traits = columns_.traits[row];
  if (filter.states.any() && !filter.states[Traits::State(traits)]) return false;
  if (filter.open_only && !IsOpenRow(row)) return false;
  const uint32_t overdue = OverdueOf(row);
  if (filter.overdue_at.has_value() && (overdue == 0 || overdue >= *filter.overdue_at)) return false;
  if (filter.due_between.has_value()) {
    const auto [after, until] = *filter.due_between;
    if (overdue == 0 || overdue <= after || overdue > until) return false;
  }
  if (filter.ended_late && (Traits::Flags(traits) & domain::kFactEndedPastDue) == 0) return false;
  if (filter.channels.any() && !filter.channels[Traits::Channel(traits)]) return false;
  if (!MatchesNames(filter, row)) return false;
  if (!InRange(filter.accept_time, columns_.accept[row]) || !InRange(filter.end_time, columns_.end[row])) return false;
  if (!InRange(filter.due_time, columns_.due[row])) return false;
  return !filter.has_text() || MatchesText(filter, row);
}

// --- Lists -----------------------------------------------------------------------------------------------------------

FactIndex::Page FactIndex::List(const FactFilter& filter, Order order, const std::optional<After>& after,
                                size_t page_size) const {
  ReaderLock lock(mutex_);
  const bool in_due_order = filter.overdue_at.has_value() || filter.due_between.has_value();
  Page page = order == Order::kDueFirst
                  ? (in_due_order ? ListByDue(filter, after, page_size) : SortByDue(filter, after, page_size))
                  : ListByNumber(filter, order == Order::kNewestFirst, after, page_size);
  page.revision = revision_;
  return page;
}

// Without a filter the total is known and the page begins at a known row, so nothing is scanned.
FactIndex::Page FactIndex::ListAll(bool newest, const std::optional<After>& after, size_t page_size) const {
  Page page;
  page.total = static_cast<int64_t>(columns_.size());
  const int64_t step = newest ? -1 : 1;
  int64_t number = newest ? page.total : 1;
  if (after.has_value()) number = after->number + step;
  for (; number >= 1 && number <= page.total && !page.more; number += step) {
    page.more = page.numbers.size() == page_size;
    if (!page.more) page.numbers.push_back(number);
  }
  page.keys.resize(page.numbers.size());
  return page;
}

FactIndex::Page FactIndex::ListByNumber(const FactFilter& filter, bool newest, const std::optional<After>& after,
                                        size_t page_size) const {
  if (filter.empty()) return ListAll(newest, after, page_size);
  Page page;
  const size_t rows = columns_.size();
  for (size_t i = 0; i < rows; ++i) {
    const size_t row = newest ? rows - 1 - i : i;
    if (!Matches(filter, row)) continue;
    ++page.total;
    // Counted for the total, but shown on a page before this one.
    const auto number = static_cast<int64_t>(row + 1);
    if (after.has_value() && (newest ? number >= after->number : number <= after->number)) continue;
    if (page.numbers.size() == page_size) {
      page.more = true;
      continue;
    }
    page.numbers.push_back(number);
  }
  page.keys.resize(page.numbers.size());
  return page;
}

FactIndex::Page FactIndex::ListByDue(const FactFilter& filter, const std::optional<After>& after,
                                     size_t page_size) const {
  Page page;
  // Both conditions are ranges of by_due_, so only dossiers in the range are looked at.
  const int64_t from = filter.due_between.has_value() ? filter.due_between->first + 1 : 0;
  const int64_t until = filter.due_between.has_value() ? filter.due_between->second + 1 : *filter.overdue_at;
  const auto begin = by_due_.lower_bound({static_cast<uint32_t>(from), 0});
  const auto end = by_due_.lower_bound({static_cast<uint32_t>(until), 0});
  // Without any other condition every dossier in the range matches: the total is its length, and the scan can begin at
  // the page and end with it.
  const bool all = filter.IsDueRangeOnly();
  if (all) page.total = std::distance(begin, end);
  DueKey last;
  if (after.has_value()) last = {static_cast<uint32_t>(after->key), static_cast<uint32_t>(after->number - 1)};
  for (auto at = all && after.has_value() ? by_due_.upper_bound(last) : begin; at != end && !(all && page.more); ++at) {
    const auto [due, row] = *at;
    if (!all && !Matches(filter, row)) continue;
    page.total += all ? 0 : 1;
    if (after.has_value() && *at <= last) continue;
    if (page.numbers.size() == page_size) {
      page.more = true;
      continue;
    }
    page.numbers.push_back(int64_t{row} + 1);
    page.keys.push_back(due);
  }
  return page;
}

FactIndex::Page FactIndex::SortByDue(const FactFilter& filter, const std::optional<After>& after,
                                     size_t page_size) const {
  Page page;
  std::vector<std::pair<int64_t, int64_t>> rest;
  // All matches are collected, since the page begins somewhere among them; only its own part is sorted.
  for (size_t row = 0; row < columns_.size(); ++row) {
    if (!Matches(filter, row)) continue;
    ++page.total;
    // Dossiers without a due time come last.
    const int64_t key = columns_.due[row] == 0 ? UINT32_MAX : columns_.due[row];
    const std::pair<int64_t, int64_t> entry(key, static_cast<int64_t>(row + 1));
    if (!after.has_value() || entry > std::pair<int64_t, int64_t>(after->key, after->number)) rest.push_back(entry);
  }
  const size_t taken = std::min(page_size, rest.size());
  std::partial_sort(rest.begin(), rest.begin() + static_cast<ptrdiff_t>(taken), rest.end());
  page.more = rest.size() > taken;
  for (size_t i = 0; i < taken; ++i) {
    page.numbers.push_back(rest[i].second);
    page.keys.push_back(rest[i].first);
  }
  return page;
}

std::vector<int64_t> FactIndex::FindTail(absl::string_view tail, size_t max) const {
  ReaderLock lock(mutex_);
  std::vector<int64_t> numbers;
  // Newest first: people look for the dossiers of these days.
  for (size_t row = columns_.size(); row-- > 0 && numbers.size() < max;) {
    if (MatchesTail(tail, row)) numbers.push_back(static_cast<int64_t>(row + 1));
  }
  return numbers;
}

void FactIndex::Read(const std::function<void(const View&)>& read) const {
  ReaderLock lock(mutex_);
  read({.columns = columns_, .texts = texts_, .names = names_, .revision = revision_});
}

void FactIndex::ReadMatching(
    const FactFilter& filter,
    const std::function<void(const View&, const std::function<bool(size_t row)>&)>& read) const {
  ReaderLock lock(mutex_);
  // Runs under the lock that is held here, which the analysis can't see inside the lambda.
  const std::function<bool(size_t)> matches = [&](size_t row)
                                                  ABSL_NO_THREAD_SAFETY_ANALYSIS { return Matches(filter, row); };
  read({.columns = columns_, .texts = texts_, .names = names_, .revision = revision_}, matches);
}

absl::string_view FactIndex::View::UidOf(int64_t number) const {
  const auto row = static_cast<size_t>(number - 1);
  return row < texts.size() ? texts.UidOf(row) : absl::string_view();
}

std::optional<std::string> FactIndex::UidOf(int64_t number) const {
  ReaderLock lock(mutex_);
  const auto row = static_cast<size_t>(number - 1);
  if (row >= texts_.size() || texts_.UidOf(row).empty()) return std::nullopt;
  return std::string(texts_.UidOf(row));
}

uint32_t FactIndex::FindName(const std::string& name) const {
  ReaderLock lock(mutex_);
  return names_.Find(name);
}

std::string FactIndex::NameOf(uint32_t number) const {
  ReaderLock lock(mutex_);
  return names_.NameOf(number);
}

std::vector<int64_t> FactIndex::OpenDossiers() const {
  ReaderLock lock(mutex_);
  std::vector<int64_t> numbers;
  for (size_t row = 0; row < columns_.size(); ++row) {
    if (IsOpenRow(row)) numbers.push_back(static_cast<int64_t>(row + 1));
  }
  return numbers;
}

int64_t FactIndex::revision() const {
  ReaderLock lock(mutex_);
  return revision_;
}

}  // namespace tthc::server
