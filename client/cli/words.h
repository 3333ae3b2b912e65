#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/terminal/messages.h"
#include "google/protobuf/descriptor.h"

// The words that people type and read for the values of enums. JSON has the names of the proto instead. Immutable after
// the first use; thread-safe.
//
// A value is typed as a word and shown as a label; both are data in words.cc. A new value of an enum needs one line
// there. A value without a line still works: it is typed and shown by the name of the proto.
namespace tthc::cli {

// The words for one value.
struct EnumWord {
  int value = 0;
  // Typed, such as "counter".
  const char* word = "";
  // Shown.
  terminal::Text label;
};

// The words of an enum of tthc.v1; empty for an enum that people never see.
const std::vector<EnumWord>& WordsOf(const google::protobuf::EnumDescriptor& type);

// "Trực tuyến" / "On-line". "" for the zero value; the name of the proto for a value without words.
std::string EnumLabel(const google::protobuf::EnumDescriptor& type, int value, terminal::Lang lang);
// Finds a value by its word, its label in either language, its proto name or its number, without regard to case and
// diacritics. Otherwise a usage error at `field` that lists the words.
absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor& type, absl::string_view field,
                              absl::string_view text);
// All words, "counter|online|post", for help texts and errors.
std::string EnumChoices(const google::protobuf::EnumDescriptor& type);

}  // namespace tthc::cli
