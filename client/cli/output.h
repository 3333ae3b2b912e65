#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/terminal/messages.h"
#include "client/terminal/session.h"
#include "client/terminal/table.h"
#include "google/protobuf/message.h"

// Data on standard output in the format of the session.
//
// A list has one row for each record; a record alone is written by WriteRecord. What the formats promise:
//   table  for people, in the language of the run, cut to the terminal; personal data is masked.
//   csv    the same cells uncut, with a header, one line a record; personal data is masked.
//   json   one array of the resources as the API has them; nothing is masked here.
//   jsonl  the same, one object a line, so that a reader need not wait for the end.
// Only json and jsonl are stable over versions and languages: scripts should read these.
//
// A failed write (a full disk, a closed pipe) shows as a bad state of the stream and is not reported here.
namespace tthc::cli {

// A column of tables and CSV; the flags are those of terminal::TableColumn.
struct OutputColumn {
  terminal::Text header;
  bool right = false;
  bool shrinks = false;
  bool folds = false;
};

// Writes a list of records as a table, as a JSON array, as one JSON object a line, or as CSV. JSON and CSV are written
// record by record; a table is laid out portion by portion, since its widths depend on the rows. The session must
// outlive it. Not thread-safe.
class ListWriter {
 public:
  ListWriter(const terminal::Session& session, const std::vector<OutputColumn>& columns);
  // Finishes the list if Finish was not called.
  ~ListWriter();

  // `record` is what the JSON formats show, `cells` what table and CSV show.
  void Add(const google::protobuf::Message& record, std::vector<std::string> cells);
  // Prints the rows of a table that were added so far, and flushes. Later portions have no header.
  void EndPortion();
  // Writes what remains, and the end of a JSON array. Nothing may be added after it.
  void Finish();

 private:
  // An empty table in the widths of the session.
  terminal::Table MakeTable() const;

  const terminal::Session& session_;
  const std::vector<OutputColumn> columns_;
  // The rows of the present portion; null for the other formats.
  std::unique_ptr<terminal::Table> table_;
  bool header_done_ = false;
  bool finished_ = false;
  // Records added so far: decides about the brackets and commas of an array.
  size_t count_ = 0;
};

struct RecordOptions {
  // Also writes fields with default values, for objects that scripts expect to have a fixed shape.
  bool with_defaults = false;
};
// Writes one record as JSON. For the formats json and jsonl only.
void WriteRecord(const terminal::Session& session, const google::protobuf::Message& record,
                 const RecordOptions& options = {});

}  // namespace tthc::cli
