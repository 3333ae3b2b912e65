#include "server/dossiers/event_check.h"

#include <optional>
#include <set>
#include <unordered_map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/timing/deadline.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Fields in which people write sentences: longer than the others, and with line breaks. By name, so that a new payload
// gets the right bound without a change here.
bool IsLongText(const std::string& name) {
  static const std::set<std::string>* const kLong =
      new std::set<std::string>{"content", "text", "note", "reason", "comment", "late_reason", "override_reason"};
  return kLong->contains(name);
}

bool IsOutputOnly(const FieldDescriptor& field) {
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == google::api::OUTPUT_ONLY) return true;
  }
  return false;
}

// What a field may hold. Derived from the descriptor once, because reflection on options is too slow for each event.
struct FieldRule {
  const FieldDescriptor* field = nullptr;
  std::string name;
  bool output_only = false;
  TextRule text;
};

// `fields` by FieldDescriptor::index(). The members of a oneof are not in `single_fields`: asking the oneof which
// member is set costs one call instead of one for each of the 28 payloads.
struct MessageRules {
  std::vector<FieldRule> fields;
  std::vector<const FieldDescriptor*> single_fields;
  std::vector<const google::protobuf::OneofDescriptor*> oneofs;
};

MessageRules MakeRules(const Descriptor& type) {
  MessageRules rules;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string name(field.name());
    rules.fields.push_back({.field = &field,
                            .name = name,
                            .output_only = IsOutputOnly(field),
                            .text = IsLongText(name)
                                        ? TextRule{.bytes_max = limits::kLongTextBytesMax, .multi_line = true}
                                        : TextRule{.bytes_max = limits::kShortTextBytesMax}});
    if (field.real_containing_oneof() == nullptr) rules.single_fields.push_back(&field);
  }
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) rules.oneofs.push_back(type.oneof_decl(i));
  return rules;
}

void AddRules(const Descriptor& type, std::unordered_map<const Descriptor*, MessageRules>* rules) {
  if (!rules->try_emplace(&type).second) return;
  (*rules)[&type] = MakeRules(type);
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->message_type() != nullptr) AddRules(*type.field(i)->message_type(), rules);
  }
}

// The rules of a message type that is part of an event. Built at the first use and never destroyed.
const MessageRules& RulesOf(const Descriptor& type) {
  static const auto* const kRules = [] {
    auto* rules = new std::unordered_map<const Descriptor*, MessageRules>;
    AddRules(*v1::Event::descriptor(), rules);
    return rules;
  }();
  return kRules->at(&type);
}

bool IsTrimmed(const std::string& text) {
  return text.empty() || !(absl::ascii_isspace(static_cast<unsigned char>(text.front())) ||
                           absl::ascii_isspace(static_cast<unsigned char>(text.back())));
}

// The normalized text; nullopt if `text` is normalized already, which is the common case and then costs no copy.
absl::StatusOr<std::optional<std::string>> NormalizeString(const FieldRule& rule, const std::string& text) {
  TTHC_RETURN_IF_ERROR(CheckText(rule.name, text, rule.text));
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii && IsTrimmed(text)) return std::nullopt;
  std::string normal = ascii ? text : ToNfc(text);
  absl::StripAsciiWhitespace(&normal);
  if (normal == text) return std::nullopt;
  return normal;
}

// Beyond these years no calendar exists, and times so far away are typing errors.
absl::Status CheckTimestamp(const std::string& name, const google::protobuf::Timestamp& time) {
  const absl::civil_year_t year = LocalCivilDay(FromProto(time)).year();
  if (time.nanos() < 0 || time.nanos() > 999'999'999 || year < limits::kYearMin || year > limits::kYearMax) {
    return InvalidField(name,
                        absl::StrCat("is no time between the years ", limits::kYearMin, " and ", limits::kYearMax),
                        absl::StrCat("không phải thời điểm từ năm ", limits::kYearMin, " đến ", limits::kYearMax));
  }
  return absl::OkStatus();
}

// An unknown value would be stored for good and could get a meaning in a later version.
absl::Status CheckEnum(const FieldDescriptor& field, int value) {
  if (field.enum_type()->FindValueByNumber(value) != nullptr) return absl::OkStatus();
  return InvalidField(std::string(field.name()), absl::StrCat(value, " is not a value of ", field.enum_type()->name()),
                      absl::StrCat("giá trị ", value, " không có trong danh sách"));
}

// Every integer of an event is a count or an amount of money.
absl::Status CheckAmount(const FieldDescriptor& field, int64_t value) {
  if (value < 0) return InvalidField(std::string(field.name()), "must not be negative", "không được âm");
  if (value > limits::kVndMax) {
    return InvalidField(std::string(field.name()), absl::StrCat("is more than ", limits::kVndMax),
                        absl::StrCat("vượt quá ", limits::kVndMax));
  }
  return absl::OkStatus();
}

absl::Status NormalizeMessage(Message& message);

absl::Status NormalizeSubmessage(const std::string& name, Message& message) {
  // Two types have rules of their own, which the rules of their fields would not express.
  if (message.GetDescriptor() == google::protobuf::Timestamp::descriptor()) {
    return CheckTimestamp(name, static_cast<const google::protobuf::Timestamp&>(message));
  }
  if (message.GetDescriptor() == v1::Limit::descriptor()) {
    return timing::CheckLimit(name, static_cast<const v1::Limit&>(message));
  }
  return PrefixFields(name, NormalizeMessage(message));
}

absl::Status NormalizeText(Message& message, const FieldRule& rule) {
  const Reflection& reflection = *message.GetReflection();
  std::string scratch;
  if (!rule.field->is_repeated()) {
    TTHC_ASSIGN_OR_RETURN(std::optional<std::string> normal,
                          NormalizeString(rule, reflection.GetStringReference(message, rule.field, &scratch)));
    if (normal.has_value()) reflection.SetString(&message, rule.field, *std::move(normal));
    return absl::OkStatus();
  }
  for (int i = 0; i < reflection.FieldSize(message, rule.field); ++i) {
    TTHC_ASSIGN_OR_RETURN(
        std::optional<std::string> normal,
        NormalizeString(rule, reflection.GetRepeatedStringReference(message, rule.field, i, &scratch)));
    if (normal.has_value()) reflection.SetRepeatedString(&message, rule.field, i, *std::move(normal));
  }
  return absl::OkStatus();
}

absl::Status NormalizeSubmessages(Message& message, const FieldRule& rule) {
  const Reflection& reflection = *message.GetReflection();
  if (!rule.field->is_repeated()) {
    return NormalizeSubmessage(rule.name, *reflection.MutableMessage(&message, rule.field));
  }
  for (int i = 0; i < reflection.FieldSize(message, rule.field); ++i) {
    TTHC_RETURN_IF_ERROR(NormalizeSubmessage(absl::StrCat(rule.name, "[", i, "]"),
                                             *reflection.MutableRepeatedMessage(&message, rule.field, i)));
  }
  return absl::OkStatus();
}

absl::Status NormalizeField(Message& message, const FieldRule& rule) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor& field = *rule.field;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return NormalizeText(message, rule);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return NormalizeSubmessages(message, rule);
    case FieldDescriptor::CPPTYPE_ENUM:
      return CheckEnum(field, reflection.GetEnumValue(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return CheckAmount(field, reflection.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_INT32:
      return CheckAmount(field, reflection.GetInt32(message, &field));
    default:
      return absl::OkStatus();
  }
}

// Unset fields are skipped: their defaults need no check, and most fields of an event are unset.
bool IsSet(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.FieldSize(message, &field) > 0 : reflection.HasField(message, &field);
}

absl::Status NormalizeMessage(Message& message) {
  const MessageRules& rules = RulesOf(*message.GetDescriptor());
  const auto normalize = [&](const FieldDescriptor* field) {
    const FieldRule& rule = rules.fields[static_cast<size_t>(field->index())];
    if (!rule.output_only) return NormalizeField(message, rule);
    // Cleared and not refused: a client may send back an event that it has read.
    message.GetReflection()->ClearField(&message, field);
    return absl::OkStatus();
  };
  for (const FieldDescriptor* field : rules.single_fields) {
    if (IsSet(message, *field)) TTHC_RETURN_IF_ERROR(normalize(field));
  }
  for (const auto* oneof : rules.oneofs) {
    const FieldDescriptor* field = message.GetReflection()->GetOneofFieldDescriptor(message, oneof);
    if (field != nullptr) TTHC_RETURN_IF_ERROR(normalize(field));
  }
  return absl::OkStatus();
}

bool AllDigits(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

// Identity cards have 12 digits since 2021 and had 9 before; a passport number has letters.
bool IsLikelyIdentity(const std::string& text) {
  if (!AllDigits(text)) return text.size() >= 6 && text.size() <= 12;
  if (text.size() == 9) return true;
  // The fourth digit encodes century and sex: 0 to 3 for people born from 1900 to 2099.
  return text.size() == 12 && text[3] <= '3';
}

// Ten digits, of which the last is a check digit, with three more for a branch; or, since 01/07/2025, the 12 digits of
// a personal identity number.
bool IsTaxCode(const std::string& text) {
  const std::string digits = DigitsOf(text);
  if (digits.size() == 12) return true;
  if (digits.size() != 10 && digits.size() != 13) return false;
  constexpr int kWeights[] = {31, 29, 23, 19, 17, 13, 7, 5, 3};
  int sum = 0;
  for (size_t i = 0; i < 9; ++i) sum += (digits[i] - '0') * kWeights[i];
  // A check value of 10 does not fit into one digit; such codes are not issued, or carry a 0.
  const int check = 10 - sum % 11;
  return (check == 10 ? 0 : check) == digits[9] - '0';
}

// The request of a submission, an acceptance or a refusal: bounds of its lists, and codes that have a known form.
absl::Status CheckRequest(const v1::Request& request) {
  if (request.documents_size() > static_cast<int>(limits::kDocumentsPerDossierMax)) {
    return InvalidField("documents", absl::StrCat("at most ", limits::kDocumentsPerDossierMax, " are allowed"),
                        absl::StrCat("tối đa ", limits::kDocumentsPerDossierMax, " giấy tờ"));
  }
  if (request.aliases_size() > static_cast<int>(limits::kAliasesPerDossierMax)) {
    return InvalidField("aliases", absl::StrCat("at most ", limits::kAliasesPerDossierMax, " are allowed"),
                        absl::StrCat("tối đa ", limits::kAliasesPerDossierMax, " mã"));
  }
  for (int i = 0; i < request.aliases_size(); ++i) {
    TTHC_RETURN_IF_ERROR(CheckCode(absl::StrCat("aliases[", i, "]"), request.aliases(i)));
  }
  const std::string& tax_code = request.applicant().tax_code();
  if (!tax_code.empty() && !IsTaxCode(tax_code)) {
    return InvalidField("applicant.tax_code", "is no tax code: 10 or 13 digits with the right check digit, or 12",
                        "không phải mã số thuế: 10 hoặc 13 chữ số có số kiểm tra đúng, hoặc 12 chữ số");
  }
  return absl::OkStatus();
}

// Rules of a payload as a whole, beyond those of its fields.
absl::Status CheckPayload(const v1::Event& event) {
  switch (event.payload_case()) {
    case v1::Event::kSubmitted:
      return PrefixFields("submitted.request", CheckRequest(event.submitted().request()));
    case v1::Event::kAccepted: {
      const v1::Accepted& accepted = event.accepted();
      TTHC_RETURN_IF_ERROR(PrefixFields("accepted.request", CheckRequest(accepted.request())));
      if (!accepted.assigned_code().empty()) {
        TTHC_RETURN_IF_ERROR(CheckCode("accepted.assigned_code", accepted.assigned_code()));
      }
      if (accepted.has_agreed_limit() && accepted.agreed_limit_basis().empty()) {
        return InvalidField("accepted.agreed_limit_basis", "is required with agreed_limit: which written agreement?",
                            "phải ghi căn cứ (văn bản thỏa thuận) khi thời hạn khác danh mục");
      }
      return absl::OkStatus();
    }
    case v1::Event::kIntakeRefused:
      return PrefixFields("intake_refused.request", CheckRequest(event.intake_refused().request()));
    case v1::Event::kAliasAdded:
      return CheckCode("alias_added.alias", event.alias_added().alias());
    case v1::Event::kAmended:
      if (event.amended().voided() == event.amended().has_replacement()) {
        return InvalidField("amended.replacement", "give either the right content or voided",
                            "phải có nội dung đúng, hoặc đánh dấu hủy sự kiện");
      }
      if (event.amended().has_replacement()) {
        if (event.amended().replacement().payload_case() == v1::Event::PAYLOAD_NOT_SET) {
          return InvalidField("amended.replacement", "has no payload", "chưa có nội dung");
        }
        return PrefixFields("amended.replacement", CheckPayload(event.amended().replacement()));
      }
      return absl::OkStatus();
    default:
      return absl::OkStatus();
  }
}

}  // namespace

absl::Status NormalizeEvent(v1::Event& event) {
  if (event.payload_case() == v1::Event::PAYLOAD_NOT_SET) {
    return InvalidField("event", "has no payload: say what happened, such as accepted or finished",
                        "chưa có nội dung: hãy chọn loại sự kiện");
  }
  if (event.payload_case() == v1::Event::kRecomputed) {
    return InvalidField("event.recomputed", "is written by RecomputeDueTimes only",
                        "chỉ hệ thống ghi khi tính lại theo lịch mới (tthc calendar recompute)");
  }
  TTHC_RETURN_IF_ERROR(PrefixFields("event", NormalizeMessage(event)));
  return PrefixFields("event", CheckPayload(event));
}

std::vector<std::string> ApplicantWarnings(const v1::Applicant& applicant) {
  std::vector<std::string> warnings;
  if (!applicant.identity_number().empty() && !IsLikelyIdentity(applicant.identity_number())) {
    warnings.emplace_back("Số định danh có dạng lạ (thường 12 chữ số, giấy cũ 9 chữ số); hãy kiểm tra lại");
  }
  const std::string phone = DigitsOf(applicant.phone_number());
  if (!applicant.phone_number().empty() && (phone.size() < 9 || phone.size() > 12)) {
    warnings.emplace_back("Số điện thoại có dạng lạ; hãy kiểm tra lại");
  }
  return warnings;
}

absl::Status CheckCode(const std::string& field, const std::string& code) {
  const bool ok = !code.empty() && code.size() <= limits::kCodeBytesMax &&
                  std::all_of(code.begin(), code.end(),
                              [](char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)) && c != '/'; });
  if (ok) return absl::OkStatus();
  return InvalidField(field,
                      absl::StrCat("must be 1 to ", limits::kCodeBytesMax,
                                   " letters, digits, dots and dashes, such as H24.99.1-261122-0001"),
                      "phải là mã hồ sơ viết liền không dấu, ví dụ H24.99.1-261122-0001");
}

}  // namespace tthc::server
