#include "server/facts/fact_texts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/store.h"

namespace tthc::server {
namespace {

// Large enough that blocks are few, small enough that the last one, half empty on average, wastes little.
constexpr size_t kBlockBytes = 1 << 20;

std::string JoinCodes(const storage::v1::Fact& fact) {
  std::string codes = storage::CanonicalCode(fact.code());
  for (const std::string& alias : fact.aliases()) {
    absl::StrAppend(&codes, codes.empty() ? "" : "\n", storage::CanonicalCode(alias));
  }
  return codes;
}

}  // namespace

void FactTexts::Set(size_t row, const storage::v1::Fact& fact) {
  if (fact.uid().size() == kUidLength) std::copy(fact.uid().begin(), fact.uid().end(), uids_[row].begin());
  const std::string codes = JoinCodes(fact);
  const std::string digits = absl::StrCat(fact.phone_digits(), "\n", fact.identity_digits());
  Place& place = places_[row];
  // Most events leave the texts alone.
  if (codes == CodesOf(row) && fact.folded_name() == NameOf(row) && digits == DigitsOf(row)) return;
  place.codes_size = static_cast<uint16_t>(codes.size());
  place.name_size = static_cast<uint16_t>(fact.folded_name().size());
  place.digits_size = static_cast<uint16_t>(digits.size());
  if (blocks_.empty() || blocks_.back().size() + place.size() > kBlockBytes) {
    blocks_.emplace_back();
    // Reserved once: a block that grew would move the texts that readers' views point to.
    blocks_.back().reserve(std::max(kBlockBytes, place.size()));
  }
  std::string& block = blocks_.back();
  place.block = static_cast<uint32_t>(blocks_.size() - 1);
  place.offset = static_cast<uint32_t>(block.size());
  absl::StrAppend(&block, codes, fact.folded_name(), digits);
}

void FactTexts::Restore(std::vector<Place> places, std::vector<Uid> uids, std::vector<std::string> blocks) {
  places_ = std::move(places);
  uids_ = std::move(uids);
  blocks_ = std::move(blocks);
}

absl::string_view FactTexts::EntryOf(size_t row) const {
  const Place& place = places_[row];
  // A row without a fact may point to a block that is not there.
  if (place.size() == 0) return {};
  return {blocks_[place.block].data() + place.offset, place.size()};
}

absl::string_view FactTexts::UidOf(size_t row) const {
  const Uid& uid = uids_[row];
  return uid[0] == 0 ? absl::string_view() : absl::string_view(uid.data(), uid.size());
}

absl::string_view FactTexts::CodesOf(size_t row) const { return EntryOf(row).substr(0, places_[row].codes_size); }

absl::string_view FactTexts::NameOf(size_t row) const {
  return EntryOf(row).substr(places_[row].codes_size, places_[row].name_size);
}

absl::string_view FactTexts::DigitsOf(size_t row) const {
  const Place& place = places_[row];
  return EntryOf(row).substr(size_t{place.codes_size} + place.name_size);
}

}  // namespace tthc::server
