#include "server/call/resource_update.h"

#include "absl/strings/str_cat.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/util/field_mask_util.h"
#include "storage/base/errors.h"

namespace tthc::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::util::FieldMaskUtil;

// What the server fills (google.api.field_behavior of the proto).
bool IsOutputOnly(const FieldDescriptor& field) {
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == google::api::OUTPUT_ONLY) return true;
  }
  return false;
}

}  // namespace

absl::Status CheckUpdateMask(const FieldMask& mask, const Descriptor& resource) {
  for (const std::string& path : mask.paths()) {
    // Paths into a field are refused: a field is replaced whole or not at all.
    if (resource.FindFieldByName(path) != nullptr) continue;
    return InvalidField("update_mask", absl::StrCat("\"", path, "\" is no field of ", std::string(resource.name())),
                        absl::StrCat("\"", path, "\" không phải trường của ", std::string(resource.name())));
  }
  return absl::OkStatus();
}

absl::Status CheckEtag(absl::string_view field, const std::string& given, const std::string& current) {
  if (given.empty() || given == current) return absl::OkStatus();
  // Without a resource there is no current etag to send.
  const std::string state = current.empty() ? "it does not exist" : absl::StrCat("its etag is ", current);
  return MakeError({.code = absl::StatusCode::kAborted,
                    .reason = "ETAG_MISMATCH",
                    .message = absl::StrCat("the entry has changed: ", state, ", not ", given, "; read it again"),
                    .message_vi = "Mục này vừa được người khác cập nhật; hãy tải lại rồi ghi tiếp",
                    .metadata = {{"etag", given}, {"current_etag", current}},
                    .field = std::string(field)});
}

namespace internal {

// Fields that may not be changed through a mask are left out of it rather than refused: clients send back what they
// read.
void MergeMasked(const FieldMask& mask, const google::protobuf::Message& update, google::protobuf::Message* stored) {
  FieldMask effective;
  for (const std::string& path : mask.paths()) {
    const FieldDescriptor* field = stored->GetDescriptor()->FindFieldByName(path);
    if (path != "name" && field != nullptr && !IsOutputOnly(*field)) effective.add_paths(path);
  }
  // Replaced whole, also by nothing: a list that is named and not sent becomes empty.
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(update, effective, options, stored);
}

}  // namespace internal
}  // namespace tthc::server
