#include "client/cli/output.h"

#include <utility>

#include "client/cli/proto_json.h"
#include "storage/base/csv.h"

namespace tthc::cli {
namespace {
constexpr int kIndent = 2;
}

ListWriter::ListWriter(const Session& session, const std::vector<OutputColumn>& columns)
    : session_(session), columns_(columns) {
  if (session_.is_table()) table_ = std::make_unique<Table>(MakeTable());
  if (session_.is_csv()) {
    std::vector<std::string> headers;
    for (const OutputColumn& column : columns_) headers.emplace_back(session_.Say(column.header));
    std::string line;
    AppendCsvRow(headers, {}, &line);
    session_.out() << line;
  }
}

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
  const bool first = count_++ == 0;
  if (table_ != nullptr) {
    table_->Add(std::move(cells));
  } else if (session_.is_csv()) {
    std::string line;
    AppendCsvRow(cells, {}, &line);
    session_.out() << line;
  } else if (session_.is_json()) {
    session_.out() << (first ? "[\n" : ",\n") << ToJson(record, {.indent = kIndent});
  } else {
    session_.out() << ToJson(record) << "\n";
  }
}

void ListWriter::EndPortion() {
  if (table_ == nullptr || table_->size() == 0) {
    session_.out().flush();
    return;
  }
  session_.out() << table_->Render({.header = !header_done_, .colour = session_.colour_out()});
  session_.out().flush();
  header_done_ = true;
  table_ = std::make_unique<Table>(MakeTable());
}

void ListWriter::Finish() {
  if (std::exchange(finished_, true)) return;
  EndPortion();
  if (session_.is_json()) session_.out() << (count_ == 0 ? "[]\n" : "\n]\n");
}

void WriteRecord(const Session& session, const google::protobuf::Message& record, const RecordOptions& options) {
  const int indent = session.is_json() ? kIndent : 0;
  session.out() << ToJson(record, {.indent = indent, .with_defaults = options.with_defaults}) << "\n";
}

}  // namespace tthc::cli
