#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/service/grow.h"
#include "tthc/storage/v1/records.pb.h"

namespace tthc::server {

// What dossiers are searched by: codes, folded names, digits. Row = dossier number - 1. Texts lie in blocks that only
// grow; a changed one is written anew, the old one stays until the next start. Not thread-safe: FactIndex guards it.
class FactTexts {
 public:
  // One entry: codes joined by '\n', the folded name, digits joined by '\n', one after the other.
  struct Place {
    uint32_t block = 0;
    uint32_t offset = 0;
    uint16_t codes_size = 0;
    uint16_t name_size = 0;
    uint16_t digits_size = 0;
    // The first of the codes is spelt as it was given.
    bool code_as_written = false;

    size_t size() const { return size_t{codes_size} + name_size + digits_size; }
  };

  void Resize(size_t rows) { GrowTo(rows, places_); }
  void Set(size_t row, const storage::v1::Fact& fact);
  // Everything at once, as PlaceOf and EntryOf have told it.
  void Restore(std::vector<Place> places, std::vector<std::string> blocks);

  size_t size() const { return places_.size(); }
  absl::string_view CodesOf(size_t row) const;
  absl::string_view NameOf(size_t row) const;
  absl::string_view DigitsOf(size_t row) const;

  const Place& PlaceOf(size_t row) const { return places_[row]; }
  absl::string_view EntryOf(size_t row) const;

 private:
  std::vector<Place> places_;
  std::vector<std::string> blocks_;
};

}  // namespace tthc::server
