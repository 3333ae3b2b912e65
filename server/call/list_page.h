#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "server/call/page_token.h"

namespace tthc::server {

// One page of a list of resources that are kept in memory in the order of their names (AIP-158).
//
// The caller goes over the whole list, in its order, for every page; these lists are short. An entry is known by its
// name and, where several entries share one (the versions of a procedure), a number. The page goes on after the entry
// that was shown last, whether or not it is still there. So an entry that is there all the while is shown exactly once;
// one that is added meanwhile before that point is not shown.
//
//   TTHC_ASSIGN_OR_RETURN(ListPage page, ListPage::Begin(store_id, request, ListPage::Order::kRising));
//   for (const auto& [name, field] : catalogue->fields()) {
//     if (page.Reaches(name) && page.Fits(*field)) *response.add_fields() = *field;
//   }
//   page.End(response);
//
// A page ends after page_size entries, and before the one that would bring it over limits::kPageBytesMax. It holds at
// least one entry if any is left, so that reading goes on even past an entry that is larger than the bound.
//
// Belongs to one call. Not thread-safe.
class ListPage {
 public:
  enum class Order { kRising, kFalling };

  // `request` has page_size and page_token; a token is only good for a request that is otherwise the same.
  // INVALID_ARGUMENT FIELD_INVALID at "page_size", PAGE_TOKEN_INVALID.
  template <typename Request>
  static absl::StatusOr<ListPage> Begin(uint64_t store_id, const Request& request, Order order) {
    return Begin(store_id, HashArguments(request), request.page_size(), request.page_token(), order);
  }

  // Counts the next entry of the list, and says whether it lies on this page as far as order and page_size go.
  bool Reaches(absl::string_view name, int64_t number = 0);
  // To be called only after Reaches said yes for the same entry, with the entry as it is answered. If it says yes the
  // caller adds the entry to the answer, otherwise the page is over.
  bool Fits(const google::protobuf::Message& entry);

  // Sets next_page_token, if entries are left, and total_size.
  template <typename Response>
  void End(Response& response) const {
    response.set_next_page_token(NextToken());
    response.set_total_size(total_size_);
  }

 private:
  ListPage(uint64_t store_id, uint64_t arguments_hash, Order order)
      : store_id_(store_id), arguments_hash_(arguments_hash), order_(order) {}
  static absl::StatusOr<ListPage> Begin(uint64_t store_id, uint64_t arguments_hash, int32_t page_size,
                                        const std::string& page_token, Order order);
  // Empty if this is the last page.
  std::string NextToken() const;
  bool IsShownBefore(absl::string_view name, int64_t number) const;

  uint64_t store_id_;
  uint64_t arguments_hash_;
  Order order_;
  size_t entries_max_ = 0;
  // Where the page before ended; meaningless on the first page.
  bool is_first_page_ = true;
  std::string after_name_;
  int64_t after_number_ = 0;
  // The last entry of this page, and the one that Reaches has just let through.
  std::string last_name_;
  int64_t last_number_ = 0;
  absl::string_view candidate_name_;
  int64_t candidate_number_ = 0;
  // Of this page so far.
  size_t entries_ = 0;
  size_t bytes_ = 0;
  // An entry of the list did not fit: there is a next page.
  bool is_over_ = false;
  int64_t total_size_ = 0;
};

}  // namespace tthc::server
