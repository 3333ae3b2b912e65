#include "client/sync/pull.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/sdk/request_id.h"
#include "client/sdk/retry.h"
#include "client/sync/outcome.h"
#include "client/sync/render.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;
using tthc::v1::Applicant;
using Fields = google::protobuf::RepeatedPtrField<v1::Field>;

// Records of one answer or file.
constexpr size_t kFilingsMax = 10'000;

// A profile without pull_fields lists filings with the fields of its records.
const Fields& PullFields(const v1::Profile& profile) {
  return profile.pull_fields().empty() ? profile.record_fields() : profile.pull_fields();
}

std::string TextAt(const ordered_json& entry, const std::string& name) {
  const auto found = entry.find(name);
  return found == entry.end() ? "" : std::string(absl::StripAsciiWhitespace(ScalarText(*found)));
}

const v1::Field* FieldOf(const Fields& fields, absl::string_view source) {
  for (const v1::Field& field : fields) {
    if (field.from() == source) return &field;
  }
  return nullptr;
}

// Value in `entry` of the field that is filled from `source`; "" if there is none.
std::string ValueOf(const Fields& fields, const ordered_json& entry, absl::string_view source) {
  const v1::Field* const field = FieldOf(fields, source);
  return field == nullptr ? "" : TextAt(entry, field->name());
}

// Our values for one of the target's codes. Several may have the same code.
std::vector<std::string> DecodeValues(const v1::Profile& profile, const std::string& list, const std::string& code) {
  std::vector<std::string> words;
  for (const v1::CodeList& codes : profile.code_lists()) {
    if (codes.name() != list || code.empty()) continue;
    for (const auto& [word, theirs] : codes.codes()) {
      if (theirs == code) words.push_back(word);
    }
  }
  return words;
}

// The objects of a list that is filled from `source`.
std::vector<const ordered_json*> EntriesOf(const Fields& fields, const ordered_json& entry, absl::string_view source) {
  std::vector<const ordered_json*> entries;
  const v1::Field* const field = FieldOf(fields, source);
  const auto list = field == nullptr ? entry.end() : entry.find(field->name());
  if (list == entry.end() || !list->is_array()) return entries;
  for (const ordered_json& object : *list) {
    if (object.is_object()) entries.push_back(&object);
  }
  return entries;
}

// The compact format has no zone: it is the time of Vietnam.
std::optional<absl::Time> ReadTime(v1::Profile::DateFormat format, const std::string& text) {
  if (format == v1::Profile::DATE_FORMAT_ISO_MILLIS) {
    const absl::StatusOr<absl::Time> time = ParseRfc3339(text);
    return time.ok() ? std::optional(*time) : std::nullopt;
  }
  const bool is_digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!is_digits || text.size() != 14) return std::nullopt;
  const auto part = [&](size_t from, size_t count) {
    int value = 0;
    for (size_t i = from; i < from + count; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  const absl::CivilSecond second(part(0, 4), part(4, 2), part(6, 2), part(8, 2), part(10, 2), part(12, 2));
  const absl::Time time = absl::FromCivil(second, LocalTimeZone());
  // CivilSecond turns a 13th month into the next year's first: such a text is no time.
  return FormatTime(format, time) == text ? std::optional(time) : std::nullopt;
}

absl::Status Unreadable(const std::string& field) {
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "FILING_UNREADABLE",
                    .message = absl::StrCat("the field ", field, " is no moment in the profile's format"),
                    .message_vi = absl::StrCat("Trường ", field, " không phải thời điểm theo dạng của profile"),
                    .metadata = {{"field", field}}});
}

// Reads one filed record by the profile's fields, in the direction opposite to rendering.
class Reader {
 public:
  Reader(const TargetSetup& setup, const ordered_json& entry)
      : setup_(setup), profile_(setup.profile), fields_(PullFields(setup.profile)), entry_(entry) {}

  absl::Status CheckComplete() const {
    std::vector<std::string> missing;
    for (const char* const source : {"external_code", "procedure", "applicant.name"}) {
      const v1::Field* const field = FieldOf(fields_, source);
      if (ValueOf(fields_, entry_, source).empty()) missing.push_back(field == nullptr ? source : field->name());
    }
    for (const v1::Field& field : profile_.pull_fields()) {
      const bool is_named = std::find(missing.begin(), missing.end(), field.name()) != missing.end();
      if (field.required() && !is_named && TextAt(entry_, field.name()).empty()) missing.push_back(field.name());
    }
    if (missing.empty()) return absl::OkStatus();
    const std::string names = absl::StrJoin(missing, ", ");
    return MakeError({.code = absl::StatusCode::kInvalidArgument,
                      .reason = "FILING_INCOMPLETE",
                      .message = absl::StrCat("the record lacks ", names),
                      .message_vi = absl::StrCat("Bản ghi thiếu ", names),
                      .metadata = {{"fields", names}}});
  }

  // The alias first: by it the dossier is found again. The target's own code is a second one, which people know.
  void ReadRequest(tthc::v1::Request& request) const {
    const FiledCodes codes = CodesOf(profile_, entry_);
    request.add_aliases(codes.alias);
    if (codes.code != codes.alias) request.add_aliases(codes.code);
    request.set_procedure(absl::StrCat("procedures/", Get("procedure")));
    request.set_office(setup_.target.pull_office());
    request.set_channel(tthc::v1::CHANNEL_ONLINE);
    const std::string content = Get("content");
    request.set_content(content.empty() ? Get("summary") : content);
    ReadReturnChannel(request);
    ReadApplicant(*request.mutable_applicant());
    ReadDocuments(request);
  }

  absl::StatusOr<std::optional<absl::Time>> SubmitTime() const {
    const std::string text = Get("submit_time");
    if (text.empty()) return std::optional<absl::Time>();
    const std::optional<absl::Time> time = ReadTime(profile_.date_format(), text);
    if (!time.has_value()) return Unreadable(FieldOf(fields_, "submit_time")->name());
    return time;
  }

 private:
  std::string Get(absl::string_view source) const { return ValueOf(fields_, entry_, source); }

  std::vector<std::string> DecodedValues(absl::string_view source) const {
    const v1::Field* const field = FieldOf(fields_, source);
    if (field == nullptr) return {};
    return DecodeValues(profile_, field->codes(), TextAt(entry_, field->name()));
  }

  void ReadReturnChannel(tthc::v1::Request& request) const {
    for (const std::string& word : DecodedValues("return_channel")) {
      tthc::v1::Channel channel{};
      if (tthc::v1::Channel_Parse(absl::StrCat("CHANNEL_", word), &channel)) request.set_return_channel(channel);
    }
  }

  void ReadApplicant(Applicant& applicant) const {
    // Where several of our types have the same code, the interface means the one with the lowest number.
    for (const std::string& word : DecodedValues("applicant.type")) {
      Applicant::Type type{};
      if (!Applicant::Type_Parse(absl::StrCat("TYPE_", word), &type)) continue;
      const bool is_first = applicant.type() == Applicant::TYPE_UNSPECIFIED || type < applicant.type();
      if (is_first) applicant.set_type(type);
    }
    applicant.set_display_name(Get("applicant.name"));
    applicant.set_identity_number(Get("applicant.identity_number"));
    if (applicant.identity_number().empty()) applicant.set_identity_number(ListedIdentity());
    applicant.set_tax_code(Get("applicant.tax_code"));
    applicant.set_phone_number(Get("applicant.phone_number"));
    applicant.set_email(Get("applicant.email"));
    applicant.set_address(Get("applicant.address"));
  }

  // The identity may be in a list of several; the first one with a number counts.
  std::string ListedIdentity() const {
    const v1::Field* const list = FieldOf(fields_, "identities");
    for (const ordered_json* const identity : EntriesOf(fields_, entry_, "identities")) {
      std::string number = ValueOf(list->fields(), *identity, "identity.number");
      if (!number.empty()) return number;
    }
    return "";
  }

  void ReadDocuments(tthc::v1::Request& request) const {
    const v1::Field* const list = FieldOf(fields_, "documents");
    for (const ordered_json* const paper : EntriesOf(fields_, entry_, "documents")) {
      const std::string name = ValueOf(list->fields(), *paper, "document.name");
      if (name.empty()) continue;
      tthc::v1::Document& document = *request.add_documents();
      document.set_display_name(name);
      document.set_code(ValueOf(list->fields(), *paper, "document.code"));
      document.set_digitized(ValueOf(list->fields(), *paper, "document.digitized") == "1");
    }
  }

  const TargetSetup& setup_;
  const v1::Profile& profile_;
  const Fields& fields_;
  const ordered_json& entry_;
};

// True for errors that every other record would meet, too.
bool ConcernsAll(const absl::Status& status) {
  return sdk::IsTransient(status) || absl::IsDeadlineExceeded(status) || absl::IsPermissionDenied(status) ||
         absl::IsUnauthenticated(status);
}

enum class Arrival { kRegistered, kKnown };

// Asks first whether it is registered: a request id is remembered for days only, an alias for good.
absl::StatusOr<Arrival> Register(sdk::Client& client, const TargetSetup& setup, const ordered_json& entry,
                                 absl::Time now) {
  TTHC_ASSIGN_OR_RETURN(const tthc::v1::CreateDossierRequest request, RequestOf(setup, entry, now));
  const FiledCodes codes = CodesOf(setup.profile, entry);
  TTHC_ASSIGN_OR_RETURN(const bool known, IsRegistered(client, codes));
  if (known) return Arrival::kKnown;
  const absl::Status created = client.CreateDossier(request).status();
  if (created.ok()) return Arrival::kRegistered;
  // Another pull may have registered it in between, or registered it before with other content under the same id.
  if (!ConcernsAll(created)) {
    TTHC_ASSIGN_OR_RETURN(const bool known_now, IsRegistered(client, codes));
    if (known_now) return Arrival::kKnown;
  }
  return created;
}

// After the registration is durable: a filing that was confirmed is not listed again.
absl::Status Confirm(PortalClient& portal, const TargetSetup& setup, const ordered_json& entry) {
  ordered_json record = ordered_json::object();
  for (const v1::Field& field : setup.profile.confirm_fields()) {
    record[field.name()] =
        field.constant().empty() ? ValueOf(PullFields(setup.profile), entry, field.from()) : field.constant();
  }
  // One at a time: the interface does not say what becomes of the others if one of several is refused.
  TTHC_ASSIGN_OR_RETURN(const PortalClient::Reply reply, portal.Confirm(ordered_json::array({std::move(record)})));
  if (reply.answer.verdict == Verdict::kDone || reply.answer.verdict == Verdict::kExists) return absl::OkStatus();
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "NOT_CONFIRMED",
                    .message = absl::StrCat("registered, but the target does not take the confirmation (",
                                            reply.answer.reason, "); the next pull confirms again"),
                    .message_vi = absl::StrCat("đã đăng ký nhưng hệ thống kia không nhận xác nhận (",
                                               reply.answer.reason, "); lần lấy sau sẽ xác nhận lại"),
                    .metadata = {{"why", reply.answer.reason}}});
}

// `portal` may be nullptr: nothing is confirmed then.
absl::StatusOr<PullCounts> Pull(sdk::Client& client, PortalClient* portal, const TargetSetup& setup,
                                const std::vector<ordered_json>& entries, const PullOptions& options) {
  PullCounts counts;
  const auto report = [&](const ordered_json& entry, const absl::Status& why) {
    if (options.on_problem) options.on_problem(CodesOf(setup.profile, entry).code, why);
  };
  for (const ordered_json& entry : entries) {
    ++counts.filed;
    const absl::StatusOr<Arrival> arrival = Register(client, setup, entry, options.now());
    if (!arrival.ok()) {
      // The rest would fail in the same way, and each would wait for a server that is down.
      if (ConcernsAll(arrival.status())) return arrival.status();
      ++counts.refused;
      report(entry, arrival.status());
      continue;
    }
    ++(*arrival == Arrival::kKnown ? counts.known : counts.registered);
    if (portal == nullptr || !setup.profile.has_confirm_received()) continue;
    const absl::Status confirmed = Confirm(*portal, setup, entry);
    if (confirmed.ok()) {
      ++counts.confirmed;
    } else if (ErrorReason(confirmed) == "NOT_CONFIRMED") {
      report(entry, confirmed);
    } else {
      return confirmed;
    }
  }
  return counts;
}

// One record, or an array of nothing but records.
absl::StatusOr<std::vector<ordered_json>> RecordsIn(const ordered_json& json, const absl::Status& otherwise) {
  std::vector<ordered_json> records;
  if (json.is_object()) return std::vector<ordered_json>{json};
  if (!json.is_array() || json.size() > kFilingsMax) return otherwise;
  for (const ordered_json& record : json) {
    if (!record.is_object()) return otherwise;
    records.push_back(record);
  }
  return records;
}

}  // namespace

FiledCodes CodesOf(const v1::Profile& profile, const ordered_json& entry) {
  const Fields& fields = PullFields(profile);
  FiledCodes codes{.code = ValueOf(fields, entry, "external_code"), .alias = ValueOf(fields, entry, "alias")};
  if (codes.alias.empty()) codes.alias = codes.code;
  // Must be the alias that AliasAtTarget looks for, so that the mirror sends the dossier under the same code.
  const std::string prefix =
      profile.alias_prefix().empty() ? absl::StrCat(profile.id(), ":") : std::string(profile.alias_prefix());
  if (!codes.alias.empty()) codes.alias = absl::StrCat(prefix, codes.alias);
  return codes;
}

absl::StatusOr<std::vector<ordered_json>> FiledIn(const TargetSetup& setup, const PortalClient::Reply& reply) {
  const absl::Status not_listed = MakeError(
      {.code = absl::StatusCode::kUnavailable,
       .reason = "FILINGS_NOT_LISTED",
       .message = absl::StrCat("the target \"", setup.target.id(), "\" does not list what was filed there (",
                               reply.answer.reason, ", code \"", reply.answer.code, "\")"),
       .message_vi = absl::StrCat("Hệ thống \"", setup.target.id(), "\" không cho danh sách hồ sơ đã nộp (",
                                  reply.answer.reason, ", mã \"", reply.answer.code, "\")"),
       .metadata = {{"target", setup.target.id()}, {"why", reply.answer.reason}, {"code", reply.answer.code}}});
  if (reply.answer.verdict != Verdict::kDone) return not_listed;
  const v1::AnswerKeys& keys = setup.profile.answer_keys();
  const ordered_json* const results = FindKey(keys, reply.body.json, keys.results());
  if (results == nullptr) return not_listed;
  // Null is the empty list.
  if (results->is_null()) return std::vector<ordered_json>();
  return RecordsIn(*results, not_listed);
}

absl::StatusOr<std::vector<ordered_json>> FiledInFile(const std::string& text) {
  const absl::Status unreadable =
      MakeError({.code = absl::StatusCode::kInvalidArgument,
                 .reason = "FILINGS_UNREADABLE",
                 .message = absl::StrCat("the file must hold one JSON object or an array of at most ", kFilingsMax),
                 .message_vi = absl::StrCat("tệp phải chứa một đối tượng JSON, hoặc một mảng tối đa ", kFilingsMax)});
  return RecordsIn(ordered_json::parse(text, nullptr, false), unreadable);
}

absl::StatusOr<tthc::v1::CreateDossierRequest> RequestOf(const TargetSetup& setup, const ordered_json& entry,
                                                         absl::Time now) {
  const Reader reader(setup, entry);
  TTHC_RETURN_IF_ERROR(reader.CheckComplete());
  TTHC_ASSIGN_OR_RETURN(const std::optional<absl::Time> submit_time, reader.SubmitTime());
  tthc::v1::CreateDossierRequest request;
  request.set_request_id(
      sdk::RequestIdFor(absl::StrCat("pull\n", setup.target.id(), "\n", CodesOf(setup.profile, entry).code)));
  tthc::v1::Event& event = *request.add_events();
  if (submit_time.has_value() && *submit_time <= now) {
    *event.mutable_occur_time() = ToProto(*submit_time);
    // It comes from another register: nobody here could have entered it sooner.
    event.set_imported(now - *submit_time > limits::kLateEntryMax);
  }
  reader.ReadRequest(*event.mutable_submitted()->mutable_request());
  return request;
}

absl::StatusOr<bool> IsRegistered(sdk::Client& client, const FiledCodes& codes) {
  tthc::v1::GetDossierRequest request;
  request.set_name(absl::StrCat("dossiers/", codes.alias));
  request.set_view(tthc::v1::DOSSIER_VIEW_REFERENCE);
  const absl::StatusOr<tthc::v1::Dossier> dossier = client.GetDossier(request);
  if (dossier.ok()) return true;
  if (ErrorReason(dossier.status()) == "DOSSIER_NOT_FOUND") return false;
  return dossier.status();
}

absl::StatusOr<PullCounts> PullFromTarget(sdk::Client& client, PortalClient& portal, const TargetSetup& setup,
                                          const PullOptions& options) {
  TTHC_ASSIGN_OR_RETURN(const PortalClient::Reply reply, portal.List());
  TTHC_ASSIGN_OR_RETURN(const std::vector<ordered_json> entries, FiledIn(setup, reply));
  return Pull(client, &portal, setup, entries, options);
}

absl::StatusOr<PullCounts> PullRecords(sdk::Client& client, const TargetSetup& setup,
                                       const std::vector<ordered_json>& entries, const PullOptions& options) {
  return Pull(client, nullptr, setup, entries, options);
}

}  // namespace tthc::sync
