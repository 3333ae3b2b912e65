#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/messages.h"
#include "google/protobuf/message.h"

// One field of a message as text, to and fro: what options, columns and `--set` have in common.
namespace tthc::cli {

// A field reached from a message: "request.applicant.display_name". `collection` of "units" puts "units/" before what
// is typed and takes it off what is shown; "" leaves the text alone.
struct FieldPath {
  const char* path = "";
  const char* collection = "";
};

// "units/van-phong" for "van-phong" in "units"; names that have it keep it, "" stays "".
std::string ResourceName(absl::string_view collection, absl::string_view text);
std::string ResourceId(absl::string_view name);

// Sets the field from what a person wrote; "" clears it. Repeated texts are parted by "|", documents are
// "name;code;form;count;digitised" ("\|", "\;" and "\\" stand for themselves). Usage error at `label` if it can't be
// read; what the value means is for the server to judge.
absl::Status SetField(google::protobuf::Message& message, const FieldPath& field, absl::string_view label,
                      absl::string_view text);
// What SetField reads back to the same value; "" if it is unset.
std::string GetField(const google::protobuf::Message& message, const FieldPath& field);
// As GetField, in a person's words: labels of enums, limits and amounts written out.
std::string DescribeField(const google::protobuf::Message& message, const FieldPath& field, Lang lang);
// The field's own descriptor, never null: `path` must exist.
const google::protobuf::FieldDescriptor& DescriptorOf(const google::protobuf::Descriptor& type, absl::string_view path);

}  // namespace tthc::cli
