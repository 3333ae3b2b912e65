#include "client/cli/output.h"

#include <utility>

#include "client/cli/proto_json.h"
#include "storage/base/csv.h"

namespace tthc::cli {
namespace {

using terminal::Session;
using terminal::Table;
using terminal::TableColumn;
constexpr int kJsonIndent = 2;
}  // namespace

ListWriter::ListWriter(const Session& session, const std::vector<OutputColumn>& columns)
    : session_(session), columns_(columns) {
  if (session_.is_table()) table_ = std::make_unique<Table>(MakeTable());
  // At once, so that a list without rows still names its columns.
  if (session_.is_csv()) {
    std::vector<std::string> headers;
    for (const OutputColumn& column : columns_) headers.emplace_back(session_.Say(column.header));
    std::string line;
    AppendCsvRow(headers, {}, &line);
    session_.out() << line;
  }
}

// After an early return the rows so far are printed, and a JSON array is closed.
ListWriter::~ListWriter() { Finish(); }

Table ListWriter::MakeTable() const {
  std::vector<TableColumn> columns;
  for (const OutputColumn& column : columns_) {
    columns.push_back({.header = session_.Say(column.header),
                       .right = column.right,
                       .shrinks = column.shrinks,
                       .folds = column.folds});
  }
  return Table(std::move(columns), session_.width());
}

void ListWriter::Add(const google::protobuf::Message& record, std::vector<std::string> cells) {
  // JSON arrays are written element by element: a list may be longer than memory.
  const bool first = count_++ == 0;
  if (table_ != nullptr) {
    table_->Add(std::move(cells));
  } else if (session_.is_csv()) {
    std::string line;
    AppendCsvRow(cells, {}, &line);
    session_.out() << line;
  } else if (session_.is_json()) {
    session_.out() << (first ? "[\n" : ",\n") << ToJson(record, {.indent = kJsonIndent});
  } else {
    session_.out() << ToJson(record) << "\n";
  }
}

void ListWriter::EndPortion() {
  if (table_ == nullptr || table_->size() == 0) {
    session_.out().flush();
    return;
  }
  session_.out() << table_->Render({.header = !header_done_, .color = session_.color_out()});
  session_.out().flush();
  // The widths of the next portion depend on its own rows, and memory stays bounded by one portion.
  header_done_ = true;
  table_ = std::make_unique<Table>(MakeTable());
}

void ListWriter::Finish() {
  // The destructor calls it again.
  if (std::exchange(finished_, true)) return;
  EndPortion();
  // An empty list is an array, too.
  if (session_.is_json()) session_.out() << (count_ == 0 ? "[]\n" : "\n]\n");
}

void WriteRecord(const Session& session, const google::protobuf::Message& record, const RecordOptions& options) {
  const int indent = session.is_json() ? kJsonIndent : 0;
  session.out() << ToJson(record, {.indent = indent, .with_defaults = options.with_defaults}) << "\n";
}

}  // namespace tthc::cli
