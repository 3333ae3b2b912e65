#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

// proto3 JSON in the form that scripts can use most easily. Every proto3 JSON parser accepts it. Pure; thread-safe.
//
// The output is part of the contract with scripts: a field may be added, but names and forms of values stay.
namespace tthc::cli {

// How JSON is written.
struct JsonOptions {
  // 0 = one line.
  int indent = 0;
  // Also writes numbers, texts and lists that have their default value, for objects of a fixed shape.
  bool with_defaults = false;
};

// Names are lowerCamelCase; timestamps are RFC 3339 with +07:00 and with fractions only if there are any; durations are
// "1.500s"; bytes are base64; 64-bit numbers are numbers, not strings, since all of ours are below 2^53.
std::string ToJson(const google::protobuf::Message& message, const JsonOptions& options = {});
// A JSON string with quotes.
std::string JsonString(absl::string_view text);

// Merges proto3 JSON into `message`. Usage error at `field` that says where.
absl::Status FromJson(absl::string_view field, absl::string_view json, google::protobuf::Message& message);

}  // namespace tthc::cli
