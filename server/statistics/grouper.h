#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "server/facts/fact_columns.h"
#include "server/statistics/statistics_scan.h"
#include "tthc/v1/statistics.pb.h"

namespace tthc::server {

// Part of statistics_scan: numbers the groups of a scan in the order in which rows of them are met.
//
// A group is a combination of one code for each dimension. The codes together are its key, 16 bits each, which is why a
// plan has at most limits::kStatisticsGroupingsMax dimensions. With one dimension a vector maps keys to numbers: a key
// is below 65536 then. With more a hash table does.
//
// A row belongs to one group, but an item of the row may belong to another: a step is grouped by its own unit and
// officer, whatever the dossier's are.
//
// Columns give names codes of 16 bits (NameCodes). Names beyond that share one last code, so that they make one group
// instead of failing; limits.h keeps catalogues far below.
//
// Belongs to one scan and keeps references to the columns and dimensions that it is made from. Not thread-safe.
class Grouper {
 public:
  Grouper(const FactColumns& columns, const std::vector<GroupDimension>& dimensions);

  // The number of the group of a row, counted from 0; a new group gets the next one. `moment` is the item that counts,
  // or nullptr if that is the dossier itself.
  uint32_t IndexOf(size_t row, const FactMoment* moment);
  // The same by key, for callers that read the codes themselves (see CodeReader).
  uint32_t IndexOfKey(uint64_t key);
  // One code for each dimension.
  std::vector<uint32_t> CodesOf(uint32_t index) const;
  // How many groups there are so far.
  size_t size() const { return keys_.size(); }

  // The code of a row, or of a moment of it, in one dimension.
  uint16_t CodeOf(size_t dimension, size_t row, const FactMoment* moment) const;
  // Codes of a dimension lie below this.
  size_t CodeCount(size_t dimension) const;
  // How many combinations of codes there can be. It says whether a table of all of them is worth its memory.
  size_t CombinationCount() const;

  // Reads the code of a row in one dimension. What kind of dimension it is was decided once, outside of the loop over
  // rows. Does not know of moments.
  struct CodeReader {
    // A column of names; nullptr if the code is a few bits of the traits.
    const uint16_t* names = nullptr;
    // By code the one that it counts as; nullptr if each counts as itself.
    const uint16_t* counts_as = nullptr;
    const uint64_t* traits = nullptr;
    // Where the code lies in the traits.
    int shift = 0;
    uint64_t mask = 0;

    uint16_t operator()(size_t row) const {
      const uint16_t code = names != nullptr ? names[row] : static_cast<uint16_t>(traits[row] >> shift & mask);
      return counts_as != nullptr ? counts_as[code] : code;
    }
  };
  CodeReader ReaderOf(size_t dimension) const;

 private:
  // Numbers a key that was not met yet.
  uint32_t Add(uint64_t key);

  const FactColumns& columns_;
  const std::vector<GroupDimension>& dimensions_;
  // By dimension; nullopt for channels and outcomes.
  std::vector<std::optional<FactColumns::Name>> name_columns_;
  // By number of the group.
  std::vector<uint64_t> keys_;
  // The number of a key: by the one, or by several dimensions.
  std::vector<uint32_t> direct_;
  std::unordered_map<uint64_t, uint32_t> indexes_;
};

// Inline, since every item of every row that counts comes through these.

inline uint16_t Grouper::CodeOf(size_t dimension, size_t row, const FactMoment* moment) const {
  const GroupDimension& group = dimensions_[dimension];
  const bool of_step = moment != nullptr && moment->kind == FactMoment::kStep;
  uint16_t code = 0;
  if (group.by == v1::GROUP_BY_CHANNEL) {
    code = Traits::Channel(columns_.traits[row]);
  } else if (group.by == v1::GROUP_BY_RESULT) {
    code = Traits::Outcome(columns_.traits[row]);
  } else if (of_step && group.by == v1::GROUP_BY_UNIT) {
    code = moment->unit();
  } else if (of_step && group.by == v1::GROUP_BY_OFFICER) {
    code = moment->officer();
  } else {
    code = columns_.names[*name_columns_[dimension]][row];
  }
  return code < group.counts_as.size() ? group.counts_as[code] : code;
}

inline uint32_t Grouper::IndexOf(size_t row, const FactMoment* moment) {
  uint64_t key = 0;
  for (size_t i = 0; i < dimensions_.size(); ++i) key = key << 16 | CodeOf(i, row, moment);
  return IndexOfKey(key);
}

inline uint32_t Grouper::IndexOfKey(uint64_t key) {
  if (dimensions_.size() < 2) {
    if (key >= direct_.size()) direct_.resize(key + 1, UINT32_MAX);
    uint32_t& index = direct_[key];
    if (index == UINT32_MAX) index = Add(key);
    return index;
  }
  const auto [found, is_new] = indexes_.try_emplace(key, 0);
  if (is_new) found->second = Add(key);
  return found->second;
}

}  // namespace tthc::server
