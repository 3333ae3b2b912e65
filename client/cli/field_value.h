#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/terminal/messages.h"
#include "google/protobuf/message.h"

// Conversion of one field of a message to text and back, for options, columns of registers and `amend --set`. Pure;
// thread-safe.
namespace tthc::cli {

// The path of a field from a message, such as "request.applicant.display_name". With a collection of "units", "units/"
// is put before what is typed and removed from what is shown.
// Both are literals of the table, so copies are cheap and never dangle.
struct FieldPath {
  const char* path = "";
  const char* collection = "";
};

// "units/van-phong" for "van-phong" in "units". Names that begin with the collection, and "", are returned unchanged.
std::string ResourceName(absl::string_view collection, absl::string_view text);
// The last part of a name: "van-phong" of "units/van-phong".
std::string ResourceId(absl::string_view name);

// Sets the field from what a person wrote; "" clears it. Elements of repeated fields are separated by "|"; documents
// are "name;code;form;count;digitized". "\|", "\;" and "\\" are these characters themselves. Usage error at `label` if
// the text cannot be read; whether the value makes sense is checked by the server.
absl::Status SetField(google::protobuf::Message& message, const FieldPath& field, absl::string_view label,
                      absl::string_view text);
// The text that SetField reads back to the same value; "" if the field is unset.
std::string GetField(const google::protobuf::Message& message, const FieldPath& field);
// The value for people: labels of enums, limits and amounts written out. SetField need not read it back.
std::string DescribeField(const google::protobuf::Message& message, const FieldPath& field, terminal::Lang lang);
// The descriptor of the field. `path` must exist in `type`.
const google::protobuf::FieldDescriptor& DescriptorOf(const google::protobuf::Descriptor& type, absl::string_view path);

}  // namespace tthc::cli
