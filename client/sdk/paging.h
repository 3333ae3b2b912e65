#pragma once

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

// The pages of List methods, for programs that want all items. Works on any request with page_size and page_token and
// any response with next_page_token.
//
// Nothing is tried again here: each page is one call of the client, which retries by itself. A token is opaque and
// belongs to its request: a walk changes nothing but the token between pages. Thread-safe as the functions that it is
// given.
namespace tthc::sdk {

// Walks the pages of a List method. `list(request)` returns StatusOr<Response>; `visit(response)` returns false to
// stop. One page is in memory at a time. The pages of one walk agree with each other as the method's proto says.
// Returns the first error; pages visited before it stay visited.
template <typename Request, typename List, typename Visit>
absl::Status ForEachPage(Request request, List list, Visit visit) {
  while (true) {
    auto page = list(request);
    if (!page.ok()) return page.status();
    if (!visit(*page) || page->next_page_token().empty()) return absl::OkStatus();
    request.set_page_token(page->next_page_token());
  }
}

// All items of all pages, fetched in pages of the greatest size and all in memory at once. `items(response)` returns
// the repeated field. For lists that are known to be small, such as those of the catalogue. After an error nothing is
// returned, not even the pages that came before it.
template <typename Item, typename Request, typename List, typename Items>
absl::StatusOr<std::vector<Item>> FetchAll(Request request, List list, Items items) {
  std::vector<Item> all;
  request.set_page_size(limits::kPageSizeMax);
  TTHC_RETURN_IF_ERROR(ForEachPage(std::move(request), list, [&](const auto& page) {
    all.insert(all.end(), items(page).begin(), items(page).end());
    return true;
  }));
  return all;
}

}  // namespace tthc::sdk
