#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

// proto3 JSON as scripts like it. Any proto3 JSON reader takes it back.
namespace tthc::cli {

struct JsonOptions {
  // 0 = one line.
  int indent = 0;
  // Also fields that hold their default: numbers, texts, lists; for objects of a fixed shape.
  bool with_defaults = false;
};

// lowerCamelCase names; timestamps RFC 3339 with +07:00, fractions only if there are any; durations "1.500s"; bytes in
// base64; 64-bit numbers as numbers (they are below 2^53 here).
std::string ToJson(const google::protobuf::Message& message, const JsonOptions& options = {});
// A JSON string with quotes.
std::string JsonString(absl::string_view text);

// Merges proto3 JSON into `message`. Usage error at `field` that says where.
absl::Status FromJson(absl::string_view field, absl::string_view json, google::protobuf::Message& message);

}  // namespace tthc::cli
