#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/cli/session.h"
#include "client/sdk/paging.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

// Lists of dossiers that come page by page: how many of them are shown.
namespace tthc::cli {

struct PageOptions {
  int64_t rows_max = limits::kPageSizeDefault;
  bool all = false;

  // The options live in `command`; this object must outlive it.
  void AddTo(CLI::App& command, const Session& session) {
    command.add_option("--limit", rows_max, session.Say({"Số dòng nhiều nhất", "Most rows"}))
        ->check(CLI::PositiveNumber)
        ->option_text(" ");
    command.add_flag("--all", all, session.Say({"Mọi dòng", "All rows"}));
  }

  int32_t page_size() const {
    if (all) return limits::kPageSizeMax;
    return static_cast<int32_t>(std::clamp<int64_t>(rows_max, 1, limits::kPageSizeMax));
  }
};

// Calls `add_row` for each dossier, and `end_page` behind each page, until enough are shown; says on stderr how many
// there are.
template <typename Request, typename List, typename AddRow, typename EndPage>
absl::Status ShowPages(Session& session, const PageOptions& options, Request request, List list, AddRow add_row,
                       EndPage end_page) {
  request.set_page_size(options.page_size());
  const int64_t rows_max = options.all ? std::numeric_limits<int64_t>::max() : options.rows_max;
  int64_t shown = 0;
  int64_t total = 0;
  TTHC_RETURN_IF_ERROR(sdk::ForEachPage(std::move(request), list, [&](const auto& page) {
    total = page.total_size();
    for (const auto& row : page.dossiers()) {
      if (shown == rows_max) return false;
      add_row(row);
      ++shown;
    }
    end_page();
    return shown < rows_max;
  }));
  if (session.is_table() || shown < total) {
    session.Tell(
        absl::StrCat(shown, session.Say({" trong số ", " of "}), total,
                     shown < total ? session.Say({"; thêm: --all hoặc --limit N", "; more: --all or --limit N"}) : ""));
  }
  return absl::OkStatus();
}

}  // namespace tthc::cli
