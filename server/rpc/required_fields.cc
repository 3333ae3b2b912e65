#include "server/rpc/required_fields.h"

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/api/field_behavior.pb.h"
#include "storage/base/errors.h"
#include "storage/base/mutex.h"

namespace tthc::rpc {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

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
      const RequiredFields::Field field = MakeField(type->field(i));
      const auto* oneof = type->field(i)->real_containing_oneof();
      if (oneof == nullptr) {
        if (field.required || field.below != nullptr) made->fields_.push_back(field);
        continue;
      }
      const auto [place, first] = oneofs.try_emplace(oneof, made->oneofs_.size());
      if (first) made->oneofs_.push_back({.descriptor = oneof, .members = {}});
      made->oneofs_[place->second].members.push_back(field);
    }
    return made;
  }

  RequiredFields::Field MakeField(const FieldDescriptor* descriptor) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    RequiredFields::Field field{.descriptor = descriptor};
    if (Behaves(descriptor, google::api::OUTPUT_ONLY)) return field;
    field.required = Behaves(descriptor, google::api::REQUIRED);
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

absl::Status RequiredFields::Check(const Message& message) const {
  Path reversed_path;
  if (IsComplete(message, &reversed_path)) return absl::OkStatus();
  const std::string path = absl::StrJoin(reversed_path.rbegin(), reversed_path.rend(), ".");
  return InvalidField(path, "is required", "là bắt buộc");
}

bool RequiredFields::IsComplete(const Message& message, Path* reversed_path) const {
  for (const Field& field : fields_) {
    if (!IsFieldComplete(message, field, reversed_path)) return false;
  }
  for (const Oneof& oneof : oneofs_) {
    const FieldDescriptor* set = message.GetReflection()->GetOneofFieldDescriptor(message, oneof.descriptor);
    if (set == nullptr) continue;
    const Field& field = oneof.members[static_cast<size_t>(set->index_in_oneof())];
    if (!IsFieldComplete(message, field, reversed_path)) return false;
  }
  return true;
}

bool RequiredFields::IsFieldComplete(const Message& message, const Field& field, Path* reversed_path) {
  const Reflection& reflection = *message.GetReflection();
  const std::string name(field.descriptor->name());
  if (field.descriptor->is_repeated()) {
    const int size = reflection.FieldSize(message, field.descriptor);
    if (field.required && size == 0) {
      reversed_path->emplace_back(field.descriptor->name());
      return false;
    }
    for (int i = 0; field.below != nullptr && i < size; ++i) {
      if (field.below->IsComplete(reflection.GetRepeatedMessage(message, field.descriptor, i), reversed_path)) continue;
      reversed_path->push_back(absl::StrCat(field.descriptor->name(), "[", i, "]"));
      return false;
    }
    return true;
  }
  if (!reflection.HasField(message, field.descriptor)) {
    if (field.required) reversed_path->emplace_back(field.descriptor->name());
    return !field.required;
  }
  if (field.below == nullptr ||
      field.below->IsComplete(reflection.GetMessage(message, field.descriptor), reversed_path)) {
    return true;
  }
  reversed_path->emplace_back(field.descriptor->name());
  return false;
}

}  // namespace tthc::rpc
