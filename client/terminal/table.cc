#include "client/terminal/table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "storage/base/check.h"
#include "storage/base/text.h"

namespace tthc::terminal {
namespace {

constexpr absl::string_view kGap = "  ";
constexpr size_t kShrunkWidthMin = 6;
// The least width of a shrinking column when a table is split: splitting is better than columns of a few letters.
constexpr size_t kRepeatedWidth = 18;
constexpr size_t kHeaderLinesMax = 3;
constexpr char kBold[] = "\x1b[1m";
constexpr char kPlain[] = "\x1b[0m";

// Bytes of the UTF-8 character that begins with `lead`.
size_t CharacterBytes(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0xc0) return 1;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

// A line break in a cell would move everything that follows into the wrong column.
std::string OneLine(std::string cell) {
  for (char& c : cell) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  return cell;
}

const char* ColorOf(Tone tone) { return tone == Tone::kGood ? "\x1b[32m" : "\x1b[31m"; }

// The width, at least `width`, at which the header fits into the lines that it may take.
// The bound on lines keeps a header of many words from filling the screen.
size_t WidthForHeader(const TableColumn& column, size_t width) {
  if (!column.wraps) return std::max(width, DisplayWidth(column.header));
  for (const absl::string_view word : absl::StrSplit(column.header, ' ')) width = std::max(width, DisplayWidth(word));
  while (WrapToWidth(column.header, width).size() > kHeaderLinesMax) ++width;
  return width;
}

// The width of its widest line.
size_t WidthOf(const std::string& cell) {
  size_t width = 0;
  for (const absl::string_view line : absl::StrSplit(cell, '\n')) width = std::max(width, DisplayWidth(line));
  return width;
}

// The least width of a column when a table is split.
size_t LeastWidth(const TableColumn& column, size_t natural) {
  return column.shrinks ? std::min(natural, kRepeatedWidth) : natural;
}

size_t TotalWidth(const std::vector<size_t>& widths) {
  size_t total = kGap.size() * (widths.size() - 1);
  for (const size_t width : widths) total += width;
  return total;
}

}  // namespace

Table::Table(std::vector<TableColumn> columns, size_t width) : columns_(std::move(columns)), width_(width) {}

void Table::Add(std::vector<std::string> cells, std::vector<Tone> tones) {
  TTHC_CHECK(cells.size() == columns_.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    if (!columns_[i].folds) cells[i] = OneLine(std::move(cells[i]));
  }
  tones.resize(cells.size());
  rows_.push_back({std::move(cells), std::move(tones)});
}

std::vector<size_t> Table::NaturalWidths() const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = 0;
    for (const Row& row : rows_) width = std::max(width, WidthOf(row.cells[i]));
    widths.push_back(WidthForHeader(columns_[i], width));
  }
  return widths;
}

std::vector<size_t> Table::Widths() const {
  std::vector<size_t> widths = NaturalWidths();
  if (width_ == 0) return widths;
  size_t total = TotalWidth(widths);
  // The widest column gives way column by column, so that columns of similar width end up equal.
  while (total > width_) {
    size_t widest = columns_.size();
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].shrinks && widths[i] > kShrunkWidthMin &&
          (widest == columns_.size() || widths[i] > widths[widest])) {
        widest = i;
      }
    }
    // Nothing can shrink any more; the lines are longer than the terminal, which is better than cut codes and figures.
    if (widest == columns_.size()) break;
    --widths[widest];
    --total;
  }
  return widths;
}

std::vector<std::vector<size_t>> Table::Parts(size_t repeat) const {
  const std::vector<size_t> widths = NaturalWidths();
  std::vector<size_t> head;
  std::vector<size_t> head_widths;
  for (size_t i = 0; i < std::min(repeat, columns_.size()); ++i) {
    head.push_back(i);
    head_widths.push_back(LeastWidth(columns_[i], widths[i]));
  }
  std::vector<std::vector<size_t>> parts = {head};
  std::vector<size_t> taken = head_widths;
  for (size_t i = head.size(); i < columns_.size(); ++i) {
    taken.push_back(LeastWidth(columns_[i], widths[i]));
    // A part has at least one column besides the repeated ones, however wide it is.
    if (width_ > 0 && repeat > 0 && parts.back().size() > head.size() && TotalWidth(taken) > width_) {
      parts.push_back(head);
      taken = head_widths;
      taken.push_back(LeastWidth(columns_[i], widths[i]));
    }
    parts.back().push_back(i);
  }
  return parts;
}

std::string Table::RenderHeader(const std::vector<size_t>& widths, bool color) const {
  std::vector<std::vector<std::string>> headers;
  size_t height = 1;
  for (size_t i = 0; i < columns_.size(); ++i) {
    headers.push_back(columns_[i].wraps ? WrapToWidth(columns_[i].header, widths[i])
                                        : std::vector<std::string>{columns_[i].header});
    height = std::max(height, headers.back().size());
  }
  std::string out;
  for (size_t line = 0; line < height; ++line) {
    Row row;
    // Short headers are aligned at the bottom, next to their cells.
    for (const auto& header : headers) {
      const size_t blanks = height - header.size();
      row.cells.push_back(line < blanks ? "" : header[line - blanks]);
    }
    row.tones.resize(row.cells.size());
    absl::StrAppend(&out, color ? kBold : "", RenderLine(row, widths, false), color ? kPlain : "", "\n");
  }
  return out;
}

std::string Table::RenderLine(const Row& row, const std::vector<size_t>& widths, bool color) const {
  std::string text;
  for (size_t i = 0; i < row.cells.size(); ++i) {
    const std::string cell = PadToWidth(CutToWidth(row.cells[i], widths[i]), widths[i], columns_[i].right);
    const bool toned = color && row.tones[i] != Tone::kPlain;
    absl::StrAppend(&text, i > 0 ? kGap : "", toned ? ColorOf(row.tones[i]) : "", cell, toned ? kPlain : "");
  }
  // No blanks at the end: they make copied lines and compared outputs differ.
  return std::string(absl::StripTrailingAsciiWhitespace(text));
}

std::string Table::RenderRow(const Row& row, const std::vector<size_t>& widths, bool color) const {
  std::vector<std::vector<std::string>> cells;
  size_t height = 1;
  for (size_t i = 0; i < row.cells.size(); ++i) {
    std::vector<std::string> lines;
    if (columns_[i].folds) {
      for (const absl::string_view part : absl::StrSplit(row.cells[i], '\n')) {
        for (std::string& line : WrapToWidth(part, widths[i])) lines.push_back(std::move(line));
      }
    } else {
      lines.push_back(row.cells[i]);
    }
    height = std::max(height, lines.size());
    cells.push_back(std::move(lines));
  }
  std::string out;
  for (size_t line = 0; line < height; ++line) {
    Row one;
    for (size_t i = 0; i < cells.size(); ++i) {
      const bool there = line < cells[i].size();
      one.cells.push_back(there ? cells[i][line] : "");
      one.tones.push_back(there ? row.tones[i] : Tone::kPlain);
    }
    absl::StrAppend(&out, RenderLine(one, widths, color), "\n");
  }
  return out;
}

std::string Table::Render(const RenderOptions& options) const {
  const std::vector<std::vector<size_t>> parts = Parts(options.repeat);
  std::string out;
  if (parts.size() > 1) {
    for (const std::vector<size_t>& part : parts) {
      std::vector<TableColumn> columns;
      for (const size_t i : part) columns.push_back(columns_[i]);
      Table table(std::move(columns), width_);
      for (const Row& row : rows_) {
        Row some;
        for (const size_t i : part) {
          some.cells.push_back(row.cells[i]);
          some.tones.push_back(row.tones[i]);
        }
        table.Add(std::move(some.cells), std::move(some.tones));
      }
      absl::StrAppend(&out, out.empty() ? "" : "\n", table.Render({.header = options.header, .color = options.color}));
    }
    return out;
  }
  const std::vector<size_t> widths = Widths();
  if (options.header) out = RenderHeader(widths, options.color);
  for (const Row& row : rows_) absl::StrAppend(&out, RenderRow(row, widths, options.color));
  return out;
}

size_t BytesWithin(absl::string_view text, size_t width) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t next = at + CharacterBytes(text[at]);
    // Combining marks have no width, so a prefix that fits takes them along.
    if (next > text.size() || DisplayWidth(text.substr(0, next)) > width) break;
    at = next;
  }
  return at;
}

std::string CutToWidth(absl::string_view text, size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  if (width == 0) return "";
  return absl::StrCat(text.substr(0, BytesWithin(text, width - 1)), "…");
}

std::string PadToWidth(absl::string_view text, size_t width, bool right) {
  const size_t used = DisplayWidth(text);
  const std::string blanks(used < width ? width - used : 0, ' ');
  return right ? absl::StrCat(blanks, text) : absl::StrCat(text, blanks);
}

std::vector<std::string> WrapToWidth(absl::string_view text, size_t width) {
  std::vector<std::string> lines(1);
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    // One blank between words, whatever the text had.
    const size_t needed = DisplayWidth(lines.back()) + 1 + DisplayWidth(word);
    if (width > 0 && !lines.back().empty() && needed > width) lines.emplace_back();
    absl::StrAppend(&lines.back(), lines.back().empty() ? "" : " ", word);
  }
  return lines;
}

}  // namespace tthc::terminal
