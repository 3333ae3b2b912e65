#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/messages.h"
#include "google/protobuf/descriptor.h"

// The words that people type and read for the values of enums.
namespace tthc::cli {

struct EnumWord {
  int value = 0;
  // What is typed, such as "counter".
  const char* word = "";
  // What is read.
  Text label;
};

// Words of an enum of tthc.v1 that people meet; empty for others.
const std::vector<EnumWord>& WordsOf(const google::protobuf::EnumDescriptor& type);

// "Trực tuyến" / "On-line"; the proto's name without words, "" for the zero value.
std::string EnumLabel(const google::protobuf::EnumDescriptor& type, int value, Lang lang);
// By word, label in either language (diacritics and case don't matter), proto name or number. Usage error that lists
// what is possible otherwise.
absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor& type, absl::string_view field,
                              absl::string_view text);
// "counter|online|post".
std::string EnumChoices(const google::protobuf::EnumDescriptor& type);

}  // namespace tthc::cli
