#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/cli/messages.h"
#include "client/cli/session.h"
#include "client/cli/table.h"
#include "google/protobuf/message.h"

// Data on standard output, in the format that was asked for.
namespace tthc::cli {

struct OutputColumn {
  Text header;
  bool right = false;
  bool shrinks = false;
  bool folds = false;
};

// A list of records: a table, a JSON array, a JSON object a line, or CSV. Records are written as they come; a table is
// laid out portion by portion.
class ListWriter {
 public:
  ListWriter(const Session& session, const std::vector<OutputColumn>& columns);
  // Ends the list if Finish was not called.
  ~ListWriter();

  // `record` is what the JSON formats show, `cells` what table and CSV show.
  void Add(const google::protobuf::Message& record, std::vector<std::string> cells);
  // Lays out what has come so far (tables); the next portion has no header again.
  void EndPortion();
  void Finish();

 private:
  Table MakeTable() const;

  const Session& session_;
  const std::vector<OutputColumn> columns_;
  std::unique_ptr<Table> table_;
  bool header_done_ = false;
  bool finished_ = false;
  size_t count_ = 0;
};

// One record as JSON. Not for tables and CSV.
struct RecordOptions {
  bool with_defaults = false;
};
void WriteRecord(const Session& session, const google::protobuf::Message& record, const RecordOptions& options = {});

}  // namespace tthc::cli
