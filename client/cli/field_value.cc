#include "client/cli/field_value.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/words.h"
#include "client/terminal/format.h"
#include "server/timing/deadline.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"
#include "tthc/v1/event.pb.h"

namespace tthc::cli {
namespace {

using terminal::FormatAmount;
using terminal::FormatExactTime;
using terminal::FormatTableTime;
using terminal::Lang;
using terminal::LangCode;
using terminal::ParseTimeOption;
using terminal::UsageError;

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::vector<std::string> SplitPath(absl::string_view path) { return absl::StrSplit(path, '.'); }

// Splits `text` at unescaped separators. Other escapes are kept for the next level of splitting.
std::vector<std::string> SplitEscaped(absl::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      parts.back().append(text.data() + i, 2);
      ++i;
    } else if (text[i] == separator) {
      parts.emplace_back();
    } else {
      parts.back().push_back(text[i]);
    }
  }
  return parts;
}

// For the last level of splitting: what is left of a backslash is the character behind it.
std::string Unescape(absl::string_view text) {
  std::string plain;
  text = absl::StripAsciiWhitespace(text);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    plain.push_back(text[i]);
  }
  return plain;
}

std::string Escape(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    // Both separators: a cell is split at | first, and each document in it at ; then.
    if (c == '\\' || c == '|' || c == ';') escaped.push_back('\\');
    escaped.push_back(c);
  }
  return escaped;
}

// The words of registers and spreadsheets in both languages; "x" is a tick in a column.
absl::StatusOr<bool> ParseBool(absl::string_view label, absl::string_view text) {
  const std::string folded = FoldForSearch(text);
  for (const char* yes : {"co", "x", "1", "true", "yes", "y", "dung"}) {
    if (folded == yes) return true;
  }
  for (const char* no : {"khong", "0", "false", "no", "n", "sai"}) {
    if (folded == no) return false;
  }
  return UsageError(label, absl::StrCat("\"", text, "\" is neither yes nor no"),
                    absl::StrCat("\"", text, "\" không phải có hoặc không"));
}

// "50000", "50.000", "50 000 đ".
absl::StatusOr<int64_t> ParseAmount(absl::string_view label, absl::string_view text) {
  std::string folded = FoldForSearch(text);
  // The longer ones first, because "vnd" ends with "d".
  for (const absl::string_view unit : {"vnd", "dong", "d"}) {
    if (absl::EndsWith(folded, unit)) {
      folded.resize(folded.size() - unit.size());
      break;
    }
  }
  std::string digits;
  // Points, commas and blanks only group digits: amounts of dong have no fraction.
  for (const char c : folded) {
    if (c != '.' && c != ',' && c != ' ') digits.push_back(c);
  }
  int64_t amount = 0;
  // SimpleAtoi would also accept a plus sign and line breaks.
  if (absl::SimpleAtoi(digits, &amount) && digits.find_first_not_of("-0123456789") == std::string::npos) return amount;
  return UsageError(label, absl::StrCat("\"", text, "\" is not a whole number"),
                    absl::StrCat("\"", text, "\" không phải số nguyên"));
}

absl::Status SetDocument(v1::Document& document, absl::string_view label, absl::string_view text) {
  const std::vector<std::string> parts = SplitEscaped(text, ';');
  // Refused rather than cut: an unescaped ; in a name moves every part behind it.
  if (parts.size() > 5) {
    return UsageError(label, "a document is name;code;form;count;digitized",
                      "mỗi giấy tờ viết: tên;mã;hình thức;số lượng;số hóa");
  }
  // Parts may be left out from the end.
  const auto part = [&](size_t i) { return i < parts.size() ? Unescape(parts[i]) : std::string(); };
  document.set_display_name(part(0));
  document.set_code(part(1));
  document.set_form(part(2));
  if (!part(3).empty()) {
    TTHC_ASSIGN_OR_RETURN(const int64_t count, ParseAmount(label, part(3)));
    document.set_copy_count(static_cast<int32_t>(count));
  }
  if (!part(4).empty()) {
    TTHC_ASSIGN_OR_RETURN(const bool digitized, ParseBool(label, part(4)));
    document.set_digitized(digitized);
  }
  return absl::OkStatus();
}

std::string FormatDocument(const v1::Document& document) {
  std::vector<std::string> parts = {Escape(document.display_name()), Escape(document.code()), Escape(document.form()),
                                    document.copy_count() == 0 ? "" : absl::StrCat(document.copy_count()),
                                    document.digitized() ? "có" : ""};
  // Empty parts at the end would only make a register harder to read.
  while (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  return absl::StrJoin(parts, ";");
}

absl::Status SetRepeated(Message& parent, const FieldDescriptor& descriptor, const FieldPath& field,
                         absl::string_view label, absl::string_view text) {
  for (const std::string& part : SplitEscaped(text, '|')) {
    // Spreadsheets leave separators at the end and empty parts between them.
    if (absl::StripAsciiWhitespace(part).empty()) continue;
    if (descriptor.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      parent.GetReflection()->AddString(&parent, &descriptor, ResourceName(field.collection, Unescape(part)));
      continue;
    }
    auto* document = google::protobuf::DynamicCastToGenerated<v1::Document>(
        parent.GetReflection()->AddMessage(&parent, &descriptor));
    // The paths come from the event table of this program, so another type here is a mistake in that table.
    TTHC_CHECK(document != nullptr);
    TTHC_RETURN_IF_ERROR(SetDocument(*document, label, part));
  }
  return absl::OkStatus();
}

absl::Status SetSubMessage(Message& message, absl::string_view label, absl::string_view text) {
  if (auto* time = google::protobuf::DynamicCastToGenerated<google::protobuf::Timestamp>(&message); time != nullptr) {
    TTHC_ASSIGN_OR_RETURN(const absl::Time parsed, ParseTimeOption(label, text));
    *time = ToProto(parsed);
    return absl::OkStatus();
  }
  // Of the messages in the event table only limits are left.
  auto* limit = google::protobuf::DynamicCastToGenerated<v1::Limit>(&message);
  TTHC_CHECK(limit != nullptr);
  absl::StatusOr<v1::Limit> parsed = timing::ParseLimit(text);
  if (!parsed.ok()) {
    return UsageError(label, parsed.status().message(), ErrorMessage(parsed.status(), "vi"));
  }
  *limit = *std::move(parsed);
  return absl::OkStatus();
}

absl::Status SetSingle(Message& parent, const FieldDescriptor& descriptor, const FieldPath& field,
                       absl::string_view label, absl::string_view text) {
  const auto& reflection = *parent.GetReflection();
  switch (descriptor.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      reflection.SetString(&parent, &descriptor, ResourceName(field.collection, text));
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_BOOL: {
      TTHC_ASSIGN_OR_RETURN(const bool value, ParseBool(label, text));
      reflection.SetBool(&parent, &descriptor, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      TTHC_ASSIGN_OR_RETURN(const int value, ParseEnum(*descriptor.enum_type(), label, text));
      reflection.SetEnumValue(&parent, &descriptor, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      TTHC_ASSIGN_OR_RETURN(const int64_t value, ParseAmount(label, text));
      reflection.SetInt64(&parent, &descriptor, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      TTHC_ASSIGN_OR_RETURN(const int64_t value, ParseAmount(label, text));
      // A cast alone would record another number.
      if (value < INT32_MIN || value > INT32_MAX) return UsageError(label, "is too large", "quá lớn");
      reflection.SetInt32(&parent, &descriptor, static_cast<int32_t>(value));
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetSubMessage(*reflection.MutableMessage(&parent, &descriptor), label, text);
    default:
      CheckFailed(__FILE__, __LINE__, "a field type that the event table does not use");
  }
}

// The message that holds the last field of the path; null if a message on the way is unset.
const Message* FindParent(const Message& message, const std::vector<std::string>& names) {
  const Message* parent = &message;
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    const FieldDescriptor& step = DescriptorOf(*parent->GetDescriptor(), names[i]);
    if (!parent->GetReflection()->HasField(*parent, &step)) return nullptr;
    parent = &parent->GetReflection()->GetMessage(*parent, &step);
  }
  return parent;
}

std::string JoinRepeated(const Message& parent, const FieldDescriptor& descriptor, const FieldPath& field) {
  const auto& reflection = *parent.GetReflection();
  std::vector<std::string> parts;
  for (int i = 0; i < reflection.FieldSize(parent, &descriptor); ++i) {
    if (descriptor.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      const std::string text = reflection.GetRepeatedString(parent, &descriptor, i);
      parts.push_back(Escape(*field.collection == '\0' ? text : ResourceId(text)));
    } else {
      const auto* document = google::protobuf::DynamicCastToGenerated<v1::Document>(
          &reflection.GetRepeatedMessage(parent, &descriptor, i));
      TTHC_CHECK(document != nullptr);
      parts.push_back(FormatDocument(*document));
    }
  }
  return absl::StrJoin(parts, "|");
}

// `lang` unset = in the form that SetField reads.
std::string FormatSingle(const Message& parent, const FieldDescriptor& descriptor, const FieldPath& field,
                         const Lang* lang) {
  const auto& reflection = *parent.GetReflection();
  switch (descriptor.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = reflection.GetString(parent, &descriptor);
      return *field.collection == '\0' ? text : ResourceId(text);
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      // Only true gets here: a boolean that is unset has no text.
      return lang != nullptr && *lang == Lang::kEn ? "yes" : "có";
    case FieldDescriptor::CPPTYPE_ENUM:
      // Registers are written in Vietnamese, whatever the language of the run.
      return EnumLabel(*descriptor.enum_type(), reflection.GetEnumValue(parent, &descriptor),
                       lang == nullptr ? Lang::kVi : *lang);
    case FieldDescriptor::CPPTYPE_INT64: {
      const int64_t amount = reflection.GetInt64(parent, &descriptor);
      return lang == nullptr ? absl::StrCat(amount) : FormatAmount(amount);
    }
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection.GetInt32(parent, &descriptor));
    default:
      break;
  }
  const Message& message = reflection.GetMessage(parent, &descriptor);
  if (const auto* time = google::protobuf::DynamicCastToGenerated<google::protobuf::Timestamp>(&message);
      time != nullptr) {
    // An export keeps seconds, because an import compares instants.
    return lang == nullptr ? FormatExactTime(FromProto(*time)) : FormatTableTime(FromProto(*time));
  }
  const auto* limit = google::protobuf::DynamicCastToGenerated<v1::Limit>(&message);
  TTHC_CHECK(limit != nullptr);
  return lang == nullptr ? timing::FormatLimit(*limit) : timing::FormatLimitForPeople(*limit, LangCode(*lang));
}

std::string Format(const Message& message, const FieldPath& field, const Lang* lang) {
  const std::vector<std::string> names = SplitPath(field.path);
  const Message* parent = FindParent(message, names);
  if (parent == nullptr) return "";
  const FieldDescriptor& descriptor = DescriptorOf(*parent->GetDescriptor(), names.back());
  if (descriptor.is_repeated()) return JoinRepeated(*parent, descriptor, field);
  if (!parent->GetReflection()->HasField(*parent, &descriptor)) return "";
  return FormatSingle(*parent, descriptor, field, lang);
}

}  // namespace

std::string ResourceName(absl::string_view collection, absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.empty() || collection.empty()) return std::string(text);
  const std::string prefix = absl::StrCat(collection, "/");
  return absl::StartsWith(text, prefix) ? std::string(text) : absl::StrCat(prefix, text);
}

std::string ResourceId(absl::string_view name) {
  const size_t slash = name.find('/');
  return std::string(slash == absl::string_view::npos ? name : name.substr(slash + 1));
}

absl::Status SetField(Message& message, const FieldPath& field, absl::string_view label, absl::string_view text) {
  const std::vector<std::string> names = SplitPath(field.path);
  Message* parent = &message;
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    const FieldDescriptor& step = DescriptorOf(*parent->GetDescriptor(), names[i]);
    // To clear a field must not create the messages above it.
    if (text.empty() && !parent->GetReflection()->HasField(*parent, &step)) return absl::OkStatus();
    parent = parent->GetReflection()->MutableMessage(parent, &step);
  }
  const FieldDescriptor& descriptor = DescriptorOf(*parent->GetDescriptor(), names.back());
  // Also before setting, because a repeated field is replaced and not extended.
  parent->GetReflection()->ClearField(parent, &descriptor);
  if (text.empty()) return absl::OkStatus();
  if (descriptor.is_repeated()) return SetRepeated(*parent, descriptor, field, label, text);
  return SetSingle(*parent, descriptor, field, label, text);
}

std::string GetField(const Message& message, const FieldPath& field) { return Format(message, field, nullptr); }

std::string DescribeField(const Message& message, const FieldPath& field, Lang lang) {
  return Format(message, field, &lang);
}

const FieldDescriptor& DescriptorOf(const Descriptor& type, absl::string_view path) {
  const Descriptor* at = &type;
  const FieldDescriptor* field = nullptr;
  for (const std::string& name : SplitPath(path)) {
    TTHC_CHECK(at != nullptr);
    // Paths come from tables in this program, so an unknown name is a mistake in the program.
    field = at->FindFieldByName(name);
    TTHC_CHECK(field != nullptr);
    at = field->message_type();
  }
  return *field;
}

}  // namespace tthc::cli
