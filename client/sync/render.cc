#include "client/sync/render.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "storage/base/local_time.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;
using Fields = google::protobuf::RepeatedPtrField<v1::Field>;

class Renderer {
 public:
  explicit Renderer(const v1::Profile& profile) : profile_(profile) {}

  ordered_json Object(const Fields& fields, const Scope& scope) {
    ordered_json object = ordered_json::object();
    for (const v1::Field& field : fields) object[field.name()] = Field(field, scope);
    return object;
  }

  std::vector<std::string> TakeMissing() { return std::move(missing_); }

 private:
  // A field is always there, empty if it has no value: interfaces refuse records with missing keys.
  ordered_json Field(const v1::Field& field, const Scope& scope) {
    ordered_json value = Filled(field, scope);
    const bool empty =
        value.is_string() ? value.get_ref<const std::string&>().empty() : value.is_array() && value.empty();
    if (field.required() && empty) missing_.push_back(field.name());
    return value;
  }

  ordered_json Filled(const v1::Field& field, const Scope& scope) {
    // Lists that the interface wants and the history does not have.
    if (field.kind() == v1::Field::KIND_EMPTY_LIST) return ordered_json::array();
    if (field.kind() == v1::Field::KIND_LIST) return List(field, scope);
    Value value;
    if (!field.constant().empty()) value = field.constant();
    const Source* const source = FindSource(field.from());
    if (source != nullptr) value = source->get(scope);
    if (!field.codes().empty()) value = Translated(field.codes(), value);
    return Scalar(field, value);
  }

  ordered_json List(const v1::Field& field, const Scope& scope) {
    ordered_json list = ordered_json::array();
    const ListSource* const source = FindListSource(field.from());
    if (source == nullptr) return list;
    for (const Scope& entry : source->get(scope)) list.push_back(Object(field.fields(), entry));
    return list;
  }

  // A value that the code list does not have is sent empty, not as it is.
  Value Translated(const std::string& name, const Value& value) const {
    const std::string word = AsText(value);
    for (const v1::CodeList& list : profile_.code_lists()) {
      if (list.name() != name) continue;
      const auto found = list.codes().find(word);
      return found == list.codes().end() ? Value() : Value(found->second);
    }
    return {};
  }

  std::string AsText(const Value& value) const {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<int64_t>(&value)) return absl::StrCat(*number);
    if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "1" : "0";
    if (const auto* time = std::get_if<absl::Time>(&value)) return FormatTime(profile_.date_format(), *time);
    return "";
  }

  // "" if the value can't be expressed in the field's kind.
  ordered_json Scalar(const v1::Field& field, const Value& value) const {
    const std::string text = AsText(value);
    const bool is_text = field.kind() == v1::Field::KIND_TEXT || field.kind() == v1::Field::KIND_UNSPECIFIED;
    if (is_text) return field.chars_max() > 0 ? CutChars(text, field.chars_max()) : text;
    if (field.kind() == v1::Field::KIND_NUMBER) {
      int64_t number = 0;
      return absl::SimpleAtoi(text, &number) ? ordered_json(number) : ordered_json("");
    }
    bool truth = false;
    if (!absl::SimpleAtob(text, &truth)) return "";
    if (field.kind() == v1::Field::KIND_BOOLEAN_TEXT) return truth ? "True" : "False";
    return truth;
  }

  const v1::Profile& profile_;
  std::vector<std::string> missing_;
};

// Bytes 0x80 to 0xBF continue a UTF-8 character.
bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

Rendered RenderRecord(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery) {
  Renderer renderer(profile);
  Rendered rendered;
  rendered.json = renderer.Object(profile.record_fields(), {.profile = &profile, .delivery = &delivery});
  rendered.missing = renderer.TakeMissing();
  return rendered;
}

Rendered RenderStep(const v1::Profile& profile, const tthc::v1::MirrorDelivery& delivery,
                    const tthc::v1::MirrorStep& step) {
  Renderer renderer(profile);
  Rendered rendered;
  rendered.json = renderer.Object(profile.step_fields(), {.profile = &profile, .delivery = &delivery, .step = &step});
  rendered.missing = renderer.TakeMissing();
  return rendered;
}

std::string FormatTime(v1::Profile::DateFormat format, absl::Time time) {
  const bool iso = format == v1::Profile::DATE_FORMAT_ISO_MILLIS;
  return absl::FormatTime(iso ? "%Y-%m-%dT%H:%M:%E3S%Ez" : "%Y%m%d%H%M%S", time, LocalTimeZone());
}

std::string FieldFrom(const Fields& fields, absl::string_view source) {
  for (const v1::Field& field : fields) {
    if (field.from() == source) return field.name();
  }
  return "";
}

std::string CutChars(const std::string& text, int chars_max) {
  int chars = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsContinuation(text[i]) && ++chars > chars_max) return text.substr(0, i);
  }
  return text;
}

}  // namespace tthc::sync
