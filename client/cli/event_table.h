#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/field_value.h"
#include "client/terminal/messages.h"
#include "client/terminal/privacy.h"
#include "tthc/v1/event.pb.h"

// Every kind of event as one row of data: its command with options, its label and columns in a register, its words in a
// history. A new field of an event needs one line in event_table.cc, a new kind one row. Immutable after the first use;
// thread-safe.
//
// The table names fields of the proto by path. A path, a column or a payload that does not exist is a mistake in the
// table and ends the program at the first use (check.h), so that tests find it.
namespace tthc::cli {

// What people call a value; the same in options, columns and histories.
struct ColumnSpec {
  // The word for `amend --set` and for English registers.
  const char* key = "";
  // Header of a register.
  terminal::Text header;
  terminal::Privacy privacy = terminal::Privacy::kNone;
};
// All columns, in the order in which a register has them.
const std::vector<ColumnSpec>& Columns();
// Null if no column has this key; never null for a key that EventSpecs uses.
const ColumnSpec* FindColumn(absl::string_view key);

// One field of a payload.
struct FieldSpec {
  // Path within the payload.
  FieldPath field;
  const char* column = "";
  // The option in CLI11's form: "--unit", or "unit,--to" where it is positional, too. "" = no option.
  const char* option = "";
};

// One kind of event.
struct EventSpec {
  v1::Event::PayloadCase payload = v1::Event::PAYLOAD_NOT_SET;
  // "supplement ask"; "" for events that are never entered by hand.
  const char* command = "";
  // The name of the kind in registers and histories.
  terminal::Text label;
  // Help of the command.
  terminal::Text help;
  // Arguments of the example in the help.
  const char* example = "";
  // In the order of the help and of summaries.
  std::vector<FieldSpec> fields;
};

// All kinds, in the order of the help: intake, steps, waits, end, others.
const std::vector<EventSpec>& EventSpecs();
// Null for PAYLOAD_NOT_SET and unknown payloads.
const EventSpec* FindEventSpec(v1::Event::PayloadCase payload);
// Finds a kind by its label in either language or by its proto name, without regard to case and diacritics. Null if
// there is none.
const EventSpec* FindEventKind(absl::string_view text);
// "supplement_requested".
std::string PayloadName(v1::Event::PayloadCase payload);

// The payload of `event`; set to an empty one if `event` has another or none. `payload` must not be PAYLOAD_NOT_SET.
google::protobuf::Message& MutablePayload(v1::Event& event, v1::Event::PayloadCase payload);
// Null for PAYLOAD_NOT_SET.
const google::protobuf::Message* FindPayload(const v1::Event& event);

// One field of an event, in words.
struct EventDetail {
  const ColumnSpec* column = nullptr;
  std::string text;
};
// The fields that are set, in the order of the table. Personal data is masked unless `reveal`.
std::vector<EventDetail> DescribeEvent(const v1::Event& event, const terminal::DescribeOptions& options);
// "Đơn vị: van-phong · Ghi chú: …".
std::string SummarizeEvent(const v1::Event& event, const terminal::DescribeOptions& options);

}  // namespace tthc::cli
