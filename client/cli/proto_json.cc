#include "client/cli/proto_json.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>

#include <cmath>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/terminal/messages.h"
#include "storage/base/local_time.h"

namespace tthc::cli {
namespace {

using terminal::UsageError;

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// "3s", "0.250s", "-1.000001s": no, three, six or nine digits after the point, as protobuf writes durations.
std::string DurationText(const google::protobuf::Duration& duration) {
  const bool negative = duration.seconds() < 0 || duration.nanos() < 0;
  const int nanos = std::abs(duration.nanos());
  std::string text = absl::StrCat(negative ? "-" : "", std::abs(duration.seconds()));
  if (nanos % 1'000 != 0) {
    absl::StrAppend(&text, absl::StrFormat(".%09d", nanos));
  } else if (nanos % 1'000'000 != 0) {
    absl::StrAppend(&text, absl::StrFormat(".%06d", nanos / 1'000));
  } else if (nanos != 0) {
    absl::StrAppend(&text, absl::StrFormat(".%03d", nanos / 1'000'000));
  }
  return text + "s";
}

// protobuf's own printer writes 64-bit numbers as strings and times in UTC, which scripts and people would have to
// convert; hence a writer of our own. It knows the kinds of fields that tthc.v1 uses.
class Writer {
 public:
  explicit Writer(const JsonOptions& options) : options_(options) {}

  std::string Take() { return std::move(out_); }

  void Write(const Message& message) {
    if (const auto* time = google::protobuf::DynamicCastToGenerated<google::protobuf::Timestamp>(&message)) {
      absl::StrAppend(&out_, "\"", absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*S%Ez", FromProto(*time), LocalTimeZone()),
                      "\"");
      return;
    }
    if (const auto* duration = google::protobuf::DynamicCastToGenerated<google::protobuf::Duration>(&message)) {
      absl::StrAppend(&out_, "\"", DurationText(*duration), "\"");
      return;
    }
    out_ += '{';
    ++depth_;
    bool first = true;
    const auto& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (!IsWritten(message, field)) continue;
      Separate(first);
      first = false;
      absl::StrAppend(&out_, JsonString(std::string(field.json_name())), options_.indent > 0 ? ": " : ":");
      field.is_repeated() ? WriteList(message, field) : WriteValue(message, field, -1);
    }
    --depth_;
    if (!first) NewLine();
    out_ += '}';
  }

 private:
  bool IsWritten(const Message& message, const FieldDescriptor& field) const {
    if (field.is_repeated()) return options_.with_defaults || message.GetReflection()->FieldSize(message, &field) > 0;
    if (message.GetReflection()->HasField(message, &field)) return true;
    // A field with presence stays out even then: no value is not the same as 0.
    return options_.with_defaults && !field.has_presence();
  }

  void WriteList(const Message& message, const FieldDescriptor& field) {
    const int size = message.GetReflection()->FieldSize(message, &field);
    out_ += '[';
    ++depth_;
    for (int i = 0; i < size; ++i) {
      Separate(i == 0);
      WriteValue(message, field, i);
    }
    --depth_;
    if (size > 0) NewLine();
    out_ += ']';
  }

  void WriteValue(const Message& message, const FieldDescriptor& field, int index) {
    const auto& r = *message.GetReflection();
    const bool one = index < 0;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        absl::StrAppend(&out_, one ? r.GetInt32(message, &field) : r.GetRepeatedInt32(message, &field, index));
        return;
      case FieldDescriptor::CPPTYPE_INT64:
        absl::StrAppend(&out_, one ? r.GetInt64(message, &field) : r.GetRepeatedInt64(message, &field, index));
        return;
      // 17 digits read back as the same double.
      case FieldDescriptor::CPPTYPE_DOUBLE:
        out_ +=
            absl::StrFormat("%.17g", one ? r.GetDouble(message, &field) : r.GetRepeatedDouble(message, &field, index));
        return;
      case FieldDescriptor::CPPTYPE_BOOL:
        out_ += (one ? r.GetBool(message, &field) : r.GetRepeatedBool(message, &field, index)) ? "true" : "false";
        return;
      case FieldDescriptor::CPPTYPE_ENUM:
        out_ += JsonString(
            EnumName(field, one ? r.GetEnumValue(message, &field) : r.GetRepeatedEnumValue(message, &field, index)));
        return;
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text = one ? r.GetString(message, &field) : r.GetRepeatedString(message, &field, index);
        out_ += JsonString(field.type() == FieldDescriptor::TYPE_BYTES ? absl::Base64Escape(text) : text);
        return;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Write(one ? r.GetMessage(message, &field) : r.GetRepeatedMessage(message, &field, index));
        return;
      default:
        // A kind of field that tthc.v1 does not use.
        out_ += "null";
    }
  }

  static std::string EnumName(const FieldDescriptor& field, int value) {
    // A value newer than this program is written as a number, as proto3 JSON asks.
    const auto* descriptor = field.enum_type()->FindValueByNumber(value);
    return descriptor == nullptr ? absl::StrCat(value) : std::string(descriptor->name());
  }

  void Separate(bool first) {
    if (!first) out_ += ',';
    NewLine();
  }
  void NewLine() {
    if (options_.indent > 0) out_ += '\n' + std::string(static_cast<size_t>(depth_ * options_.indent), ' ');
  }

  const JsonOptions options_;
  std::string out_;
  int depth_ = 0;
};

}  // namespace

std::string ToJson(const Message& message, const JsonOptions& options) {
  Writer writer(options);
  writer.Write(message);
  return writer.Take();
}

std::string JsonString(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        // The other control characters have no short form; UTF-8 passes unchanged.
        if (static_cast<unsigned char>(c) < 0x20) {
          out += absl::StrFormat("\\u%04x", static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

absl::Status FromJson(absl::string_view field, absl::string_view json, Message& message) {
  // Unknown names are errors: a mistyped one would lose its value silently.
  const auto status = google::protobuf::util::JsonStringToMessage(std::string(json), &message);
  if (status.ok()) return absl::OkStatus();
  const std::string reason(status.message().data(), status.message().size());
  return UsageError(field, absl::StrCat("is not the JSON expected here: ", reason),
                    absl::StrCat("không phải JSON đúng dạng: ", reason));
}

}  // namespace tthc::cli
