#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/descriptor_database.h"
#include "storage/base/check.h"

namespace tthc::testing {

// The proto files of tthc.v1 as they lie in proto/tthc/v1, with their comments: a file that no library lists yet is
// there too. Aborts if they cannot be read.
class ProtoFiles {
 public:
  // `path` is the descriptor set of contract.cmake.
  explicit ProtoFiles(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    google::protobuf::FileDescriptorSet set;
    TTHC_CHECK(set.ParseFromIstream(&file));
    for (const google::protobuf::FileDescriptorProto& proto : set.file()) TTHC_CHECK(database_.Add(proto));
    for (const google::protobuf::FileDescriptorProto& proto : set.file()) {
      if (proto.package() != "tthc.v1") continue;
      files_.push_back(pool_.FindFileByName(proto.name()));
      TTHC_CHECK(files_.back() != nullptr);
    }
    TTHC_CHECK(!files_.empty());
  }

  const std::vector<const google::protobuf::FileDescriptor*>& files() const { return files_; }

  std::vector<const google::protobuf::ServiceDescriptor*> Services() const {
    std::vector<const google::protobuf::ServiceDescriptor*> services;
    for (const auto* file : files_) {
      for (int i = 0; i < file->service_count(); ++i) services.push_back(file->service(i));
    }
    return services;
  }

  std::vector<const google::protobuf::MethodDescriptor*> Methods() const {
    std::vector<const google::protobuf::MethodDescriptor*> methods;
    for (const auto* service : Services()) {
      for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
    }
    return methods;
  }

  // All messages, the nested ones too, but not the entries of maps.
  std::vector<const google::protobuf::Descriptor*> Messages() const {
    std::vector<const google::protobuf::Descriptor*> messages;
    for (const auto* file : files_) {
      for (int i = 0; i < file->message_type_count(); ++i) AddMessages(file->message_type(i), &messages);
    }
    return messages;
  }

  // All enums, the nested ones too.
  std::vector<const google::protobuf::EnumDescriptor*> Enums() const {
    std::vector<const google::protobuf::EnumDescriptor*> enums;
    for (const auto* file : files_) {
      for (int i = 0; i < file->enum_type_count(); ++i) enums.push_back(file->enum_type(i));
    }
    for (const auto* message : Messages()) {
      for (int i = 0; i < message->enum_type_count(); ++i) enums.push_back(message->enum_type(i));
    }
    return enums;
  }

  // All fields of all messages.
  std::vector<const google::protobuf::FieldDescriptor*> Fields() const {
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    for (const auto* message : Messages()) {
      for (int i = 0; i < message->field_count(); ++i) fields.push_back(message->field(i));
    }
    return fields;
  }

 private:
  static void AddMessages(const google::protobuf::Descriptor* message,
                          std::vector<const google::protobuf::Descriptor*>* messages) {
    if (message->options().map_entry()) return;
    messages->push_back(message);
    for (int i = 0; i < message->nested_type_count(); ++i) AddMessages(message->nested_type(i), messages);
  }

  google::protobuf::SimpleDescriptorDatabase database_;
  google::protobuf::DescriptorPool pool_{&database_};
  std::vector<const google::protobuf::FileDescriptor*> files_;
};

}  // namespace tthc::testing
