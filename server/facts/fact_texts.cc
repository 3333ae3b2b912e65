#include "server/service/fact_texts.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/store.h"

namespace tthc::server {
namespace {

constexpr size_t kBlockBytes = 1 << 20;

// By which the dossier is called.
absl::string_view FirstCode(const storage::v1::Fact& fact) {
  if (!fact.code().empty()) return fact.code();
  return fact.aliases().empty() ? absl::string_view() : absl::string_view(fact.aliases(0));
}

std::string JoinCodes(const storage::v1::Fact& fact) {
  std::string codes = storage::CanonicalCode(fact.code());
  for (const std::string& alias : fact.aliases()) {
    absl::StrAppend(&codes, codes.empty() ? "" : "\n", storage::CanonicalCode(alias));
  }
  return codes;
}

}  // namespace

void FactTexts::Set(size_t row, const storage::v1::Fact& fact) {
  const std::string codes = JoinCodes(fact);
  const std::string digits = absl::StrCat(fact.phone_digits(), "\n", fact.identity_digits());
  const absl::string_view first_code = FirstCode(fact);
  Place& place = places_[row];
  place.code_as_written = !first_code.empty() && absl::StartsWith(codes, first_code);
  if (codes == CodesOf(row) && fact.folded_name() == NameOf(row) && digits == DigitsOf(row)) return;
  place.codes_size = static_cast<uint16_t>(codes.size());
  place.name_size = static_cast<uint16_t>(fact.folded_name().size());
  place.digits_size = static_cast<uint16_t>(digits.size());
  if (blocks_.empty() || blocks_.back().size() + place.size() > kBlockBytes) {
    blocks_.emplace_back();
    blocks_.back().reserve(std::max(kBlockBytes, place.size()));
  }
  std::string& block = blocks_.back();
  place.block = static_cast<uint32_t>(blocks_.size() - 1);
  place.offset = static_cast<uint32_t>(block.size());
  absl::StrAppend(&block, codes, fact.folded_name(), digits);
}

void FactTexts::Restore(std::vector<Place> places, std::vector<std::string> blocks) {
  places_ = std::move(places);
  blocks_ = std::move(blocks);
}

absl::string_view FactTexts::EntryOf(size_t row) const {
  const Place& place = places_[row];
  if (place.size() == 0) return {};
  return {blocks_[place.block].data() + place.offset, place.size()};
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
