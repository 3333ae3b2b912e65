#include "server/service/required_fields.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"
#include "google/rpc/error_details.pb.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/mutex.h"

namespace tthc::server {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

// AIP-134: the mask path that stands for every field.
constexpr char kWholeResource[] = "*";

bool Behaves(const FieldDescriptor* field, google::api::FieldBehavior behavior) {
  const auto& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == behavior) return true;
  }
  return false;
}

bool IsMessage(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_map();
}

bool IsResource(const FieldDescriptor* field) {
  return IsMessage(field) && !field->is_repeated() &&
         field->message_type()->options().HasExtension(google::api::resource);
}

bool IsUpdateMask(const FieldDescriptor* field) {
  return field->name() == "update_mask" && IsMessage(field) && !field->is_repeated() &&
         field->message_type() == FieldMask::descriptor();
}

// Types refer to each other in circles (an amendment holds an event): `seen` ends the walk.
bool HoldsRequired(const Descriptor* type, std::set<const Descriptor*>* seen) {
  if (!seen->insert(type).second) return false;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (Behaves(field, google::api::OUTPUT_ONLY)) continue;
    if (Behaves(field, google::api::REQUIRED)) return true;
    if (IsMessage(field) && HoldsRequired(field->message_type(), seen)) return true;
  }
  return false;
}

// One error for all missing fields, so that a person who fills in a form sees them at once.
absl::Status MissingError(const std::vector<std::string>& paths, size_t count) {
  if (count == 1) return InvalidField(paths.front(), "is required", "là bắt buộc");
  const std::string names = absl::StrJoin(paths, ", ");
  const size_t others = count - paths.size();
  const std::string more = others == 0 ? "" : absl::StrCat(" and ", others, " more");
  const std::string more_vi = others == 0 ? "" : absl::StrCat(" và ", others, " trường khác");
  const absl::Status first =
      MakeError({.code = absl::StatusCode::kInvalidArgument,
                 .reason = "FIELD_INVALID",
                 .message = absl::StrCat(names, more, ": are required"),
                 .message_vi = absl::StrCat(names, more_vi, ": là bắt buộc"),
                 .metadata = {{"field", paths.front()}, {"fields", names}, {"missing_count", absl::StrCat(count)}},
                 .field = paths.front()});
  // MakeError knows one field. Here each missing one is a violation of its own, with a description of its own.
  google::rpc::Status status = ToRpcStatus(first);
  google::rpc::BadRequest violations;
  for (const std::string& path : paths) {
    auto* violation = violations.add_field_violations();
    violation->set_field(path);
    violation->set_description(absl::StrCat(path, ": is required"));
  }
  for (auto& detail : *status.mutable_details()) {
    if (detail.Is<google::rpc::BadRequest>()) detail.PackFrom(violations);
  }
  return FromRpcStatus(status);
}

}  // namespace

// All types ever asked for. Never destroyed: handlers may still run while the process ends.
class RequiredFieldsRegistry {
 public:
  static RequiredFieldsRegistry& Get() {
    static RequiredFieldsRegistry* const registry = new RequiredFieldsRegistry;
    return *registry;
  }

  const RequiredFields* Find(const Descriptor* type) {
    MutexLock lock(mutex_);
    return FindLocked(type);
  }

 private:
  const RequiredFields* FindLocked(const Descriptor* type) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    // Entered before it is filled, so that a circle of types finds it.
    auto [entry, is_new] = by_type_.try_emplace(type);
    RequiredFields* made = &entry->second;
    if (!is_new) return made;
    std::map<const google::protobuf::OneofDescriptor*, size_t> oneofs;
    for (int i = 0; i < type->field_count(); ++i) {
      if (IsUpdateMask(type->field(i))) made->mask_ = type->field(i);
      const RequiredFields::Field field = MakeField(type->field(i));
      const auto* oneof = type->field(i)->real_containing_oneof();
      if (oneof == nullptr) {
        if (field.required || field.below != nullptr) made->fields_.push_back(field);
        continue;
      }
      // Of a oneof all members are kept, also those that can lack nothing: which one is set is known only when a
      // message comes, and it is found by its index.
      const auto [place, first] = oneofs.try_emplace(oneof, made->oneofs_.size());
      if (first) made->oneofs_.push_back({.descriptor = oneof, .members = {}});
      made->oneofs_[place->second].members.push_back(field);
    }
    return made;
  }

  RequiredFields::Field MakeField(const FieldDescriptor* descriptor) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    // What a client cannot set is not required of it, and what lies below is the server's, too.
    RequiredFields::Field field{.descriptor = descriptor, .is_resource = IsResource(descriptor)};
    if (Behaves(descriptor, google::api::OUTPUT_ONLY)) return field;
    field.required = Behaves(descriptor, google::api::REQUIRED);
    // Only messages that can lack something are walked; most are cut off here, when the method is added.
    std::set<const Descriptor*> seen;
    if (IsMessage(descriptor) && HoldsRequired(descriptor->message_type(), &seen)) {
      field.below = FindLocked(descriptor->message_type());
    }
    return field;
  }

  Mutex mutex_;
  // A map: its entries stay where they are.
  std::map<const Descriptor*, RequiredFields> by_type_ ABSL_GUARDED_BY(mutex_);
};

const RequiredFields& RequiredFields::For(const Descriptor* type) { return *RequiredFieldsRegistry::Get().Find(type); }

void RequiredFields::Missing::Add(std::string path) {
  ++count;
  if (paths.size() < limits::kMissingFieldsMax) paths.push_back(std::move(path));
}

absl::Status RequiredFields::Check(const Message& message) const {
  const Mask* const mask = MaskOf(message);
  // The common case needs no paths and allocates nothing.
  if (mask == nullptr && IsComplete(message)) return absl::OkStatus();
  Missing missing;
  Collect(message, "", mask, &missing);
  if (missing.count == 0) return absl::OkStatus();
  return MissingError(missing.paths, missing.count);
}

const FieldMask* RequiredFields::MaskOf(const Message& message) const {
  if (mask_ == nullptr || !message.GetReflection()->HasField(message, mask_)) return nullptr;
  // IsUpdateMask has checked the type.
  const auto& mask = static_cast<const FieldMask&>(message.GetReflection()->GetMessage(message, mask_));
  const auto& paths = mask.paths();
  if (paths.empty() || std::find(paths.begin(), paths.end(), kWholeResource) != paths.end()) return nullptr;
  return &mask;
}

bool RequiredFields::IsComplete(const Message& message) const {
  for (const Field& field : fields_) {
    if (!IsFieldComplete(message, field)) return false;
  }
  for (const Oneof& oneof : oneofs_) {
    const FieldDescriptor* set = message.GetReflection()->GetOneofFieldDescriptor(message, oneof.descriptor);
    if (set == nullptr) continue;
    // All members are listed in the order of the descriptor, so the index of the one that is set finds it.
    if (!IsFieldComplete(message, oneof.members[static_cast<size_t>(set->index_in_oneof())])) return false;
  }
  return true;
}

bool RequiredFields::IsFieldComplete(const Message& message, const Field& field) {
  const Reflection& reflection = *message.GetReflection();
  if (field.descriptor->is_repeated()) {
    const int size = reflection.FieldSize(message, field.descriptor);
    if (field.required && size == 0) return false;
    for (int i = 0; field.below != nullptr && i < size; ++i) {
      if (!field.below->IsComplete(reflection.GetRepeatedMessage(message, field.descriptor, i))) return false;
    }
    return true;
  }
  if (!reflection.HasField(message, field.descriptor)) return !field.required;
  return field.below == nullptr || field.below->IsComplete(reflection.GetMessage(message, field.descriptor));
}

void RequiredFields::Collect(const Message& message, const std::string& prefix, const Mask* mask,
                             Missing* missing) const {
  for (const Field& field : fields_) CollectField(message, field, prefix, mask, missing);
  for (const Oneof& oneof : oneofs_) {
    const FieldDescriptor* set = message.GetReflection()->GetOneofFieldDescriptor(message, oneof.descriptor);
    if (set == nullptr) continue;
    CollectField(message, oneof.members[static_cast<size_t>(set->index_in_oneof())], prefix, mask, missing);
  }
}

void RequiredFields::CollectField(const Message& message, const Field& field, const std::string& prefix,
                                  const Mask* mask, Missing* missing) {
  const Reflection& reflection = *message.GetReflection();
  // An allocation for each field that is walked, which is why Check asks IsComplete before.
  const std::string path = absl::StrCat(prefix, field.descriptor->name());
  if (field.descriptor->is_repeated()) {
    const int size = reflection.FieldSize(message, field.descriptor);
    if (field.required && size == 0) missing->Add(path);
    for (int i = 0; field.below != nullptr && i < size; ++i) {
      field.below->Collect(reflection.GetRepeatedMessage(message, field.descriptor, i),
                           absl::StrCat(path, "[", i, "]."), nullptr, missing);
    }
    return;
  }
  if (!reflection.HasField(message, field.descriptor)) {
    if (field.required) missing->Add(path);
    return;
  }
  if (field.below == nullptr) return;
  const Message& below = reflection.GetMessage(message, field.descriptor);
  if (mask != nullptr && field.is_resource) {
    field.below->CollectChosen(below, path + ".", *mask, missing);
  } else {
    field.below->Collect(below, path + ".", nullptr, missing);
  }
}

void RequiredFields::CollectChosen(const Message& resource, const std::string& prefix, const Mask& chosen,
                                   Missing* missing) const {
  const auto is_chosen = [&chosen](const Field& field) {
    const std::string name(field.descriptor->name());
    // The name selects the resource, so no mask leaves it out.
    return name == "name" || std::find(chosen.paths().begin(), chosen.paths().end(), name) != chosen.paths().end();
  };
  // A mask names fields of the first level, each of which is sent whole; deeper paths are refused by the capability.
  for (const Field& field : fields_) {
    if (is_chosen(field)) CollectField(resource, field, prefix, nullptr, missing);
  }
  for (const Oneof& oneof : oneofs_) {
    for (const Field& field : oneof.members) {
      const bool is_set = resource.GetReflection()->HasField(resource, field.descriptor);
      if (is_set && is_chosen(field)) CollectField(resource, field, prefix, nullptr, missing);
    }
  }
}

}  // namespace tthc::server
