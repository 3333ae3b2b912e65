#include "server/statistics/grouper.h"

#include "server/facts/display_names.h"

namespace tthc::server {

Grouper::Grouper(const FactColumns& columns, const std::vector<GroupDimension>& dimensions)
    : columns_(columns), dimensions_(dimensions) {
  for (const GroupDimension& dimension : dimensions) name_columns_.push_back(NameColumnOf(dimension.by));
}

uint32_t Grouper::Add(uint64_t key) {
  keys_.push_back(key);
  return static_cast<uint32_t>(keys_.size() - 1);
}

std::vector<uint32_t> Grouper::CodesOf(uint32_t index) const {
  std::vector<uint32_t> codes(dimensions_.size());
  // The last dimension is in the lowest bits.
  uint64_t key = keys_[index];
  for (size_t i = codes.size(); i-- > 0; key >>= 16) codes[i] = static_cast<uint32_t>(key & 0xffff);
  return codes;
}

size_t Grouper::CodeCount(size_t dimension) const {
  const std::optional<FactColumns::Name> column = name_columns_[dimension];
  // Channels and outcomes take at most three bits.
  if (!column.has_value()) return 8;
  // A full column gives all further names one shared code, which is not among its names.
  const size_t codes = columns_.codes[*column].size();
  return codes == NameCodes::kOverflow ? codes + 1 : codes;
}

size_t Grouper::CombinationCount() const {
  size_t count = 1;
  for (size_t i = 0; i < dimensions_.size(); ++i) count *= CodeCount(i);
  return count;
}

Grouper::CodeReader Grouper::ReaderOf(size_t dimension) const {
  const GroupDimension& group = dimensions_[dimension];
  const bool by_channel = group.by == v1::GROUP_BY_CHANNEL;
  CodeReader reader{.traits = columns_.traits.data(),
                    .shift = by_channel ? Traits::kChannel : Traits::kOutcome,
                    .mask = by_channel ? uint64_t{3} : uint64_t{7}};
  if (name_columns_[dimension].has_value()) reader.names = columns_.names[*name_columns_[dimension]].data();
  if (!group.counts_as.empty()) reader.counts_as = group.counts_as.data();
  return reader;
}

}  // namespace tthc::server
