#include "client/cli/table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "storage/base/check.h"
#include "storage/base/text.h"

namespace tthc::cli {
namespace {

constexpr absl::string_view kGap = "  ";
constexpr size_t kShrunkWidthMin = 6;

// Bytes of the UTF-8 character that begins with `lead`.
size_t CharacterBytes(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0xc0) return 1;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

std::string OneLine(std::string cell) {
  for (char& c : cell) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  return cell;
}

}  // namespace

Table::Table(std::vector<TableColumn> columns, size_t width) : columns_(std::move(columns)), width_(width) {}

void Table::Add(std::vector<std::string> cells) {
  TTHC_CHECK(cells.size() == columns_.size());
  for (std::string& cell : cells) cell = OneLine(std::move(cell));
  rows_.push_back(std::move(cells));
}

std::vector<size_t> Table::Widths() const {
  std::vector<size_t> widths;
  for (const TableColumn& column : columns_) widths.push_back(DisplayWidth(column.header));
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  if (width_ == 0) return widths;
  size_t total = kGap.size() * (columns_.size() - 1);
  for (const size_t width : widths) total += width;
  while (total > width_) {
    size_t widest = columns_.size();
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].shrinks && widths[i] > kShrunkWidthMin &&
          (widest == columns_.size() || widths[i] > widths[widest])) {
        widest = i;
      }
    }
    if (widest == columns_.size()) break;
    --widths[widest];
    --total;
  }
  return widths;
}

std::string Table::Render(const RenderOptions& options) const {
  const std::vector<size_t> widths = Widths();
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) absl::StrAppend(&text, kGap);
      absl::StrAppend(&text, PadToWidth(CutToWidth(cells[i], widths[i]), widths[i], columns_[i].right));
    }
    return std::string(absl::StripTrailingAsciiWhitespace(text));
  };
  std::string out;
  if (options.header) {
    std::vector<std::string> headers;
    for (const TableColumn& column : columns_) headers.push_back(column.header);
    absl::StrAppend(&out, options.colour ? "\x1b[1m" : "", line(headers), options.colour ? "\x1b[0m" : "", "\n");
  }
  for (const auto& row : rows_) absl::StrAppend(&out, line(row), "\n");
  return out;
}

std::string CutToWidth(absl::string_view text, size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  if (width == 0) return "";
  size_t at = 0;
  while (at < text.size()) {
    const size_t next = at + CharacterBytes(text[at]);
    if (next > text.size() || DisplayWidth(text.substr(0, next)) > width - 1) break;
    at = next;
  }
  return absl::StrCat(text.substr(0, at), "…");
}

std::string PadToWidth(absl::string_view text, size_t width, bool right) {
  const size_t used = DisplayWidth(text);
  const std::string blanks(used < width ? width - used : 0, ' ');
  return right ? absl::StrCat(blanks, text) : absl::StrCat(text, blanks);
}

std::vector<std::string> WrapToWidth(absl::string_view text, size_t width) {
  std::vector<std::string> lines(1);
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const size_t needed = DisplayWidth(lines.back()) + 1 + DisplayWidth(word);
    if (width > 0 && !lines.back().empty() && needed > width) lines.emplace_back();
    absl::StrAppend(&lines.back(), lines.back().empty() ? "" : " ", word);
  }
  return lines;
}

}  // namespace tthc::cli
