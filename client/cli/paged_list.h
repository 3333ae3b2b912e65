#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/sdk/paging.h"
#include "client/terminal/session.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

// Lists of dossiers, fetched and shown page by page. Without --limit or --all they end after limits::kPageSizeDefault
// rows.
//
// The server gives a page at a time with a token for the next one. Each page is read at its own revision,
// so a dossier that changes between two pages may be missing or shown twice; lateness is evaluated at the time of the
// first page. An error in between leaves the rows that were shown, and is returned; nothing is retried here, since the
// client library does that for each page.
namespace tthc::cli {

// The options --limit and --all.
struct PageOptions {
  // How many rows are shown at most; of no effect with `all`.
  int64_t rows_max = limits::kPageSizeDefault;
  bool all = false;

  // The options live in `command`; this object must outlive it.
  void AddTo(CLI::App& command, const terminal::Session& session) {
    command.add_option("--limit", rows_max, session.Say({"Số dòng nhiều nhất", "Most rows"}))
        ->check(CLI::PositiveNumber)
        ->option_text(" ");
    command.add_flag("--all", all, session.Say({"Mọi dòng", "All rows"}));
  }

  // The size of the pages to ask for: no larger than needed.
  int32_t page_size() const {
    if (all) return limits::kPageSizeMax;
    return static_cast<int32_t>(std::clamp<int64_t>(rows_max, 1, limits::kPageSizeMax));
  }
};

// Calls `add_row` for each dossier and `end_page` after each page until enough rows are shown. Then prints on standard
// error how many there are in all. Returns the first error; rows shown before it stay shown.
// `Request` and the response of `list` are a List method of the API with dossiers: page_size, page_token, total_size.
// `list` makes one call. The callbacks run on the calling thread.
//
// Without a remark nobody would notice that a list was cut, so it is printed for files as well then.
template <typename Request, typename List, typename AddRow, typename EndPage>
absl::Status ShowPages(terminal::Session& session, const PageOptions& options, Request request, List list,
                       AddRow add_row, EndPage end_page) {
  request.set_page_size(options.page_size());
  const int64_t rows_max = options.all ? std::numeric_limits<int64_t>::max() : options.rows_max;
  int64_t shown = 0;
  int64_t total = 0;
  TTHC_RETURN_IF_ERROR(sdk::ForEachPage(std::move(request), list, [&](const auto& page) {
    total = page.total_size();
    for (const auto& row : page.dossiers()) {
      // Pages have at most limits::kPageSizeMax rows, so the last one may hold more than are wanted.
      if (shown == rows_max) return false;
      add_row(row);
      ++shown;
    }
    end_page();
    // Does not fetch a page of which no row would be shown.
    return shown < rows_max;
  }));
  // A complete file needs no remark.
  if (session.is_table() || shown < total) {
    session.Print(
        absl::StrCat(shown, session.Say({" trong số ", " of "}), total,
                     shown < total ? session.Say({"; thêm: --all hoặc --limit N", "; more: --all or --limit N"}) : ""));
  }
  return absl::OkStatus();
}

}  // namespace tthc::cli
