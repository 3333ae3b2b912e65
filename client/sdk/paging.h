#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace tthc::sdk {

// Walks all pages of a List method: `list(request)` answers StatusOr<Response>, `visit(response)` returns false to
// stop. Pages are fetched one at a time. Returns the first error.
template <typename Request, typename List, typename Visit>
absl::Status ForEachPage(Request request, List list, Visit visit) {
  while (true) {
    auto page = list(request);
    if (!page.ok()) return page.status();
    if (!visit(*page) || page->next_page_token().empty()) return absl::OkStatus();
    request.set_page_token(page->next_page_token());
  }
}

}  // namespace tthc::sdk
