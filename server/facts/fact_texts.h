#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/facts/grow.h"
#include "storage/base/uid.h"
#include "tthc/storage/v1/records.pb.h"

// The texts of facts in memory: what dossiers are searched by (codes, folded names, digits) and their uids.
//
// Row = dossier number - 1, as in FactColumns. Texts lie one behind the other in large blocks, with a small place for
// each dossier that says where its entry is: a string of its own for each would cost three allocations a dossier.
// Blocks only grow. A changed entry is written anew at the end, and the old bytes stay unused until the next start;
// entries change a few times in the life of a dossier, so that little is wasted.
//
// Holds personal data (names, phone and identity numbers). Not thread-safe: FactIndex guards it.
namespace tthc::server {

class FactTexts {
 public:
  // Where an entry is: codes joined by '\n', the folded name, digits joined by '\n', one after the other. All zero for
  // a dossier without a fact.
  struct Place {
    // Number of the block, and where in it the entry begins.
    uint32_t block = 0;
    uint32_t offset = 0;
    uint16_t codes_size = 0;
    uint16_t name_size = 0;
    uint16_t digits_size = 0;

    size_t size() const { return size_t{codes_size} + name_size + digits_size; }
  };

  // Zero bytes until the first fact comes.
  using Uid = std::array<char, kUidLength>;

  // Grows to `rows`; new rows have no texts.
  void Resize(size_t rows) {
    GrowTo(rows, places_);
    GrowTo(rows, uids_);
  }
  // Writes nothing if the texts are the same as before, which is so for most events.
  void Set(size_t row, const storage::v1::Fact& fact);
  // Replaces everything, with what a snapshot has of PlaceOf, uids and EntryOf.
  void Restore(std::vector<Place> places, std::vector<Uid> uids, std::vector<std::string> blocks);

  size_t size() const { return places_.size(); }
  // The views below are valid until the next change.
  // Empty if the row has no fact yet.
  absl::string_view UidOf(size_t row) const;
  // In the spelling of CanonicalCode(), the code first, then aliases; joined by '\n'.
  absl::string_view CodesOf(size_t row) const;
  // The applicant's name as FoldForSearch() makes it.
  absl::string_view NameOf(size_t row) const;
  // Of the phone number and the identity number, joined by '\n'.
  absl::string_view DigitsOf(size_t row) const;

  // For snapshots.
  const Place& PlaceOf(size_t row) const { return places_[row]; }
  const std::vector<Uid>& uids() const { return uids_; }
  // All texts of the row together, as Place describes them.
  absl::string_view EntryOf(size_t row) const;

 private:
  // By row.
  std::vector<Place> places_;
  // Apart from the other texts, because it never changes and has a fixed size.
  std::vector<Uid> uids_;
  // Only the last one grows, within the capacity that it was reserved with.
  std::vector<std::string> blocks_;
};

}  // namespace tthc::server
