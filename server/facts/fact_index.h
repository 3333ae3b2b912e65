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
#include "server/service/fact_columns.h"
#include "server/service/fact_texts.h"
#include "server/service/name_table.h"
#include "storage/base/mutex.h"
#include "tthc/storage/v1/records.pb.h"

namespace tthc::server {

// A filter in the index's own terms: numbers and seconds. Empty sets and unset bounds hold for everything.
struct FactFilter {
  std::bitset<16> states;
  std::bitset<8> channels;
  std::vector<uint32_t> procedures;
  std::vector<uint32_t> fields;
  std::vector<uint32_t> offices;
  std::vector<uint32_t> units;
  std::vector<uint32_t> officers;
  // Half-open [from, to) in Unix seconds; 0 = open. A moment that is not set is in no range.
  struct Range {
    int64_t from = 0;
    int64_t to = 0;
    bool empty() const { return from == 0 && to == 0; }
  };
  Range accept_time;
  Range end_time;
  Range due_time;
  bool open_only = false;
  // Open and overdue at this moment.
  std::optional<int64_t> overdue_at;
  // Open, running, not yet overdue, due in (first, second].
  std::optional<std::pair<int64_t, int64_t>> due_between;
  // Ended after its due time.
  bool ended_late = false;

  // A name that no dossier refers to was asked for: nothing can match.
  bool nothing = false;
  // Words that must each begin a word of the applicant's name, folded.
  std::vector<std::string> name_words;
  // End of the code or of an alias, in capitals; or part of a phone or identity number.
  std::string code_tail;
  std::string digits;
  // True: any one of name, code and digits suffices, as in a search box.
  bool any_text = false;

  // Everything matches.
  bool empty() const;
  // Nothing but one of overdue_at and due_between.
  bool IsDueRangeOnly() const;
  bool has_text() const { return !name_words.empty() || !code_tail.empty() || !digits.empty(); }
};

// New facts of dossiers, by their numbers; valid as long as who gives them says.
using FactChanges = std::vector<std::pair<int64_t, const storage::v1::Fact*>>;

// Every dossier's fact as columns in memory: what lists, searches and counts scan. Written by the commit pipeline after
// each sync, read by everyone; a read sees whole commits only. Thread-safe.
class FactIndex {
 public:
  enum class Order { kNewestFirst, kOldestFirst, kDueFirst };

  // --- Writing ---
  void Apply(const FactChanges& facts, const std::vector<std::pair<uint32_t, std::string>>& new_names,
             int64_t revision);
  // Puts a snapshot's facts in place of those that are there; names and revision stay.
  void Restore(FactColumns columns, FactTexts texts);

  // --- Reading ---
  struct Page {
    std::vector<int64_t> numbers;
    // Of the last one on the page, to go on from; `more` if there is another.
    int64_t last_key = 0;
    bool more = false;
    // All that match, on every page.
    int64_t total = 0;
    int64_t revision = 0;
  };
  struct After {
    int64_t key = 0;
    int64_t number = 0;
  };
  Page List(const FactFilter& filter, Order order, const std::optional<After>& after, size_t page_size) const;

  // Numbers of dossiers whose code or alias ends in `tail` (capitals), at most `max`.
  std::vector<int64_t> FindTail(absl::string_view tail, size_t max) const;

  // Calls `read` with all facts as they are now: no commit comes in between. Keep it short, writers wait.
  struct View {
    const FactColumns& columns;
    const FactTexts& texts;
    const NameTable& names;
    int64_t revision = 0;
  };
  void Read(const std::function<void(const View&)>& read) const;
  // As Read, with a function that says of a row whether `filter` lets it through.
  void ReadMatching(const FactFilter& filter,
                    const std::function<void(const View&, const std::function<bool(size_t row)>&)>& read) const;

  // The code, or the first alias of a dossier without one, letter by letter as it was given. nullopt if it is not known
  // here: too new, or a code that a lookup spells otherwise.
  std::optional<std::string> CodeAsWritten(int64_t number) const;
  uint32_t FindName(const std::string& name) const;
  std::string NameOf(uint32_t number) const;
  // Open dossiers in the order of their numbers.
  std::vector<int64_t> OpenDossiers() const;
  int64_t revision() const;

 private:
  using DueKey = std::pair<uint32_t, uint32_t>;  // due second, row

  void ApplyOne(int64_t number, const storage::v1::Fact& fact) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Grow(size_t rows) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsOpenRow(size_t row) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // From when on an open dossier is overdue, to the second; 0 = never.
  uint32_t OverdueOf(size_t row) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool MatchesNames(const FactFilter& filter, size_t row) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool Matches(const FactFilter& filter, size_t row) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool MatchesText(const FactFilter& filter, size_t row) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool MatchesName(const FactFilter& filter, size_t row) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool MatchesTail(absl::string_view tail, size_t row) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  Page ListAll(bool newest, const std::optional<After>& after, size_t page_size) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  Page ListByNumber(const FactFilter& filter, bool newest, const std::optional<After>& after, size_t page_size) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  Page ListByDue(const FactFilter& filter, const std::optional<After>& after, size_t page_size) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  Page SortByDue(const FactFilter& filter, const std::optional<After>& after, size_t page_size) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  mutable SharedMutex mutex_;
  int64_t revision_ ABSL_GUARDED_BY(mutex_) = 0;
  NameTable names_ ABSL_GUARDED_BY(mutex_);
  // Row = dossier number - 1.
  FactColumns columns_ ABSL_GUARDED_BY(mutex_);
  FactTexts texts_ ABSL_GUARDED_BY(mutex_);
  // Open dossiers that have a due time and a running or overdue clock.
  absl::btree_set<DueKey> by_due_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tthc::server
