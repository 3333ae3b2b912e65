#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/field_value.h"
#include "client/cli/messages.h"
#include "tthc/v1/event.pb.h"

// Every event as one row of data: its command with options, its kind and columns in a register, its words in a history.
// Adding a field to an event means adding a line to event_table.cc.
namespace tthc::cli {

enum class Privacy { kNone, kName, kNumber, kHidden };

// What people call a value, the same in options, columns and histories.
struct ColumnSpec {
  // As `amend --set` and English registers say it.
  const char* key = "";
  // Header of a register.
  Text header;
  Privacy privacy = Privacy::kNone;
};
// All, in the order of a register's columns.
const std::vector<ColumnSpec>& Columns();
// Never null for a key of the table below.
const ColumnSpec* FindColumn(absl::string_view key);

struct FieldSpec {
  // From the payload.
  FieldPath field;
  const char* column = "";
  // As CLI11 takes it: "--unit", or "unit,--to" where it is positional as well. "" = no option.
  const char* option = "";
};

struct EventSpec {
  v1::Event::PayloadCase payload = v1::Event::PAYLOAD_NOT_SET;
  // "supplement ask"; "" for events that no one enters by hand.
  const char* command = "";
  // The kind, as registers and histories write it.
  Text label;
  // What the command does.
  Text help;
  // Arguments of an example.
  const char* example = "";
  std::vector<FieldSpec> fields;
};

const std::vector<EventSpec>& EventSpecs();
// Null for PAYLOAD_NOT_SET and unknown payloads.
const EventSpec* FindEventSpec(v1::Event::PayloadCase payload);
// By label in either language or by proto name, folded; null if there is none.
const EventSpec* FindEventKind(absl::string_view text);
// "supplement_requested".
std::string PayloadName(v1::Event::PayloadCase payload);

// The payload of `event`, made if it is not there. The spec's payload is a field of Event.
google::protobuf::Message& MutablePayload(v1::Event& event, v1::Event::PayloadCase payload);
// Null for PAYLOAD_NOT_SET.
const google::protobuf::Message* FindPayload(const v1::Event& event);

// One written field of an event, in words.
struct EventDetail {
  const ColumnSpec* column = nullptr;
  std::string text;
};
// Fields that are set, masked unless `reveal`.
struct DescribeOptions {
  Lang lang = Lang::kVi;
  bool reveal = false;
};
std::vector<EventDetail> DescribeEvent(const v1::Event& event, const DescribeOptions& options);
// "Đơn vị: van-phong · Ghi chú: …".
std::string SummarizeEvent(const v1::Event& event, const DescribeOptions& options);
std::string Mask(Privacy privacy, const std::string& text);

}  // namespace tthc::cli
