#include "server/call/list_page.h"

#include <utility>

#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

// Tag, length and what is filled in for answers only, such as an etag.
constexpr size_t kEntryOverheadBytes = 64;

}  // namespace

absl::StatusOr<ListPage> ListPage::Begin(uint64_t store_id, uint64_t arguments_hash, int32_t page_size,
                                         const std::string& page_token, Order order) {
  ListPage page(store_id, arguments_hash, order);
  // Before the token: a bad size is named even if the token is bad, too.
  TTHC_ASSIGN_OR_RETURN(page.entries_max_, PageSize(page_size));
  if (page_token.empty()) return page;
  TTHC_ASSIGN_OR_RETURN(storage::v1::PageToken token, DecodePageToken(store_id, arguments_hash, page_token));
  page.is_first_page_ = false;
  page.after_name_ = std::move(*token.mutable_last_name());
  page.after_number_ = token.last_number();
  return page;
}

// By comparing keys and not by counting entries, so that entries may come and go between pages.
bool ListPage::IsShownBefore(absl::string_view name, int64_t number) const {
  if (is_first_page_) return false;
  const int by_name = name.compare(after_name_);
  const bool rising = order_ == Order::kRising;
  if (by_name != 0) return rising == (by_name < 0);
  return rising ? number <= after_number_ : number >= after_number_;
}

bool ListPage::Reaches(absl::string_view name, int64_t number) {
  // Also of entries that other pages show: the total is that of the whole list.
  ++total_size_;
  if (is_over_ || IsShownBefore(name, number)) return false;
  // There is one more entry than fits, so there is a next page. A list that ends exactly here has none.
  if (entries_ == entries_max_) {
    is_over_ = true;
    return false;
  }
  candidate_name_ = name;
  candidate_number_ = number;
  return true;
}

bool ListPage::Fits(const google::protobuf::Message& entry) {
  const size_t bytes = entry.ByteSizeLong() + kEntryOverheadBytes;
  if (entries_ > 0 && bytes_ + bytes > limits::kPageBytesMax) {
    is_over_ = true;
    return false;
  }
  bytes_ += bytes;
  ++entries_;
  last_name_.assign(candidate_name_.data(), candidate_name_.size());
  last_number_ = candidate_number_;
  return true;
}

// The last entry shown and not the first one left out: that one may be gone when the token is used.
std::string ListPage::NextToken() const {
  if (!is_over_) return "";
  storage::v1::PageToken token;
  token.set_last_name(last_name_);
  token.set_last_number(last_number_);
  return EncodePageToken(store_id_, arguments_hash_, std::move(token));
}

}  // namespace tthc::server
