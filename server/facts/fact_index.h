#pragma once

#include <bitset>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/facts/fact_columns.h"
#include "server/facts/fact_texts.h"
#include "server/facts/name_table.h"
#include "storage/base/mutex.h"
#include "tthc/storage/v1/records.pb.h"

// Every dossier's fact in memory: what lists, searches and counts read.
//
// Vocabulary. A *fact* is the compact form of a dossier (storage.v1.Fact), kept as columns and texts; *row* = dossier
// number - 1. A dossier is *open* from its acceptance until it is finished or stopped; it is *overdue* from the second
// after its due time on, unless an open wait holds that off.
//
// The commit pipeline writes after each sync and before any caller is answered, so every reader finds its own writes. A
// reader sees whole commits: it holds a shared lock for the whole of one call. Writers go before readers that come
// later, and wait for those that are there; so a read must not be long. Thread-safe. There are no errors: what is not
// in the index is not found.
namespace tthc::server {

// A filter in the terms of the columns: numbers and seconds. Empty sets and unset bounds let everything through; the
// conditions that are set must all hold.
struct FactFilter {
  // By v1::Dossier::State and v1::Channel.
  std::bitset<16> states;
  std::bitset<8> channels;
  // Numbers of names: any of them.
  std::vector<uint32_t> procedures;
  std::vector<uint32_t> fields;
  std::vector<uint32_t> offices;
  std::vector<uint32_t> units;
  std::vector<uint32_t> officers;
  // Half-open [from, to) in Unix seconds; 0 = open at that end. A dossier without such a moment is in no range.
  struct Range {
    int64_t from = 0;
    int64_t to = 0;
    bool empty() const { return from == 0 && to == 0; }
  };
  // Of the acceptance, of the end, and of the current due time.
  Range accept_time;
  Range end_time;
  Range due_time;
  // Accepted and not ended.
  bool open_only = false;
  // Open and overdue at this moment.
  std::optional<int64_t> overdue_at;
  // Open, running, not yet overdue, due in (first, second].
  std::optional<std::pair<int64_t, int64_t>> due_between;
  // Ended after its due time.
  bool ended_late = false;

  // Nothing can match: the caller filtered by a name that no dossier refers to.
  bool nothing = false;
  // Folded words, each of which must begin a word of the applicant's name.
  std::vector<std::string> name_words;
  // The end of the code or of an alias, in capitals.
  std::string code_tail;
  // A part of the phone number or of the identity number.
  std::string digits;
  // True: one of name, code and digits suffices, as in a search box.
  bool any_text = false;

  // Everything matches.
  bool empty() const;
  // Exactly one of overdue_at and due_between is set and nothing else: the index by due time answers it alone.
  bool IsDueRangeOnly() const;
  bool has_text() const { return !name_words.empty() || !code_tail.empty() || !digits.empty(); }
};

// New facts of dossiers, by their numbers. The facts belong to the caller and need to live during the call only.
using FactChanges = std::vector<std::pair<int64_t, const storage::v1::Fact*>>;

// The index. See the top of this file.
class FactIndex {
 public:
  // By number, which is the order of opening, or by due time, the earliest first and those without one last.
  enum class Order { kNewestFirst, kOldestFirst, kDueFirst };

  // --- Writing ---

  // Applies one commit: its new names, in the order of their numbers, then its facts. `revision` is what reads report.
  void Apply(const FactChanges& facts, const std::vector<std::pair<uint32_t, std::string>>& new_names,
             int64_t revision);
  // Replaces all facts by those of a snapshot; names and revision stay as they are.
  void Restore(FactColumns columns, FactTexts texts);

  // --- Reading ---

  struct Page {
    // Of the dossiers on the page, in its order.
    std::vector<int64_t> numbers;
    // The order key of each, for After: its due second with Order::kDueFirst, 0 where the order is by number.
    std::vector<int64_t> keys;
    // There are others behind the last one.
    bool more = false;
    // How many match in all, on whatever page.
    int64_t total = 0;
    // Of the commit that the page shows.
    int64_t revision = 0;
  };
  // The last dossier of the page before: its order key and its number.
  struct After {
    int64_t key = 0;
    int64_t number = 0;
  };
  // The page of matching dossiers that follows `after`, or the first one. `page_size` > 0. Counts all matches, so it
  // looks at every row unless the filter is empty or a range of due times.
  Page List(const FactFilter& filter, Order order, const std::optional<After>& after, size_t page_size) const;

  // Numbers of dossiers whose code or alias ends in `tail` (capitals), newest first, at most `max`.
  std::vector<int64_t> FindTail(absl::string_view tail, size_t max) const;

  // Calls `read` with all facts as they are now; no commit comes in between. Writers wait meanwhile, and `read` must
  // not call the index again.
  struct View {
    const FactColumns& columns;
    const FactTexts& texts;
    const NameTable& names;
    int64_t revision = 0;

    // The uid of a dossier, empty if its fact is not here yet. Valid during the call of `read`.
    absl::string_view UidOf(int64_t number) const;
  };
  // Calls `read` once.
  void Read(const std::function<void(const View&)>& read) const;
  // As Read, with a predicate that is true for the rows that `filter` lets through.
  void ReadMatching(const FactFilter& filter,
                    const std::function<void(const View&, const std::function<bool(size_t row)>&)>& read) const;

  // The uid of a dossier; nullopt if its fact is not here yet, which happens to dossiers of the commit under way.
  std::optional<std::string> UidOf(int64_t number) const;
  // Number of a name, 0 if it has none, and back.
  uint32_t FindName(const std::string& name) const;
  std::string NameOf(uint32_t number) const;
  // Numbers of the open dossiers, rising.
  std::vector<int64_t> OpenDossiers() const;
  // Of the last commit that was applied.
  int64_t revision() const;

 private:
  // Due second, row.
  using DueKey = std::pair<uint32_t, uint32_t>;

  // Replaces one row and keeps by_due_ in step with it.
  void ApplyOne(int64_t number, const storage::v1::Fact& fact) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Makes room for `rows` dossiers.
  void Grow(size_t rows) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Accepted and not ended.
  bool IsOpenRow(size_t row) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // The last second before an open dossier becomes overdue; 0 = it never does.
  uint32_t OverdueOf(size_t row) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // The parts of a filter. Matches tests all of them.
  bool MatchesNames(const FactFilter& filter, size_t row) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool Matches(const FactFilter& filter, size_t row) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool MatchesText(const FactFilter& filter, size_t row) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool MatchesName(const FactFilter& filter, size_t row) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool MatchesTail(absl::string_view tail, size_t row) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // The ways to make a page: without a filter; in the order of numbers, by a scan of all rows; in the order of due
  // times, along by_due_ if the filter is a range of it, else by sorting what matches.
  Page ListAll(bool newest, const std::optional<After>& after, size_t page_size) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  Page ListByNumber(const FactFilter& filter, bool newest, const std::optional<After>& after, size_t page_size) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  Page ListByDue(const FactFilter& filter, const std::optional<After>& after, size_t page_size) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  Page SortByDue(const FactFilter& filter, const std::optional<After>& after, size_t page_size) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  // Held for reading during one call of a reader, and for writing during Apply and Restore.
  mutable SharedMutex mutex_;
  int64_t revision_ ABSL_GUARDED_BY(mutex_) = 0;
  NameTable names_ ABSL_GUARDED_BY(mutex_);
  FactColumns columns_ ABSL_GUARDED_BY(mutex_);
  FactTexts texts_ ABSL_GUARDED_BY(mutex_);
  // Open dossiers with a due time that is not held off by a wait, in the order of the late list.
  absl::btree_set<DueKey> by_due_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tthc::server
