#include "client/sync/profile.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/sync/digest.h"
#include "client/sync/shipped_profiles.h"
#include "client/sync/sources.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"

namespace tthc::sync {
namespace {

using v1::Field;
using v1::Profile;

// How deep lists may be nested. No known interface needs more.
constexpr int kFieldDepthMax = 3;

void Required(const Spot& spot, absl::string_view field) { spot.Add(field, "is required", "không được để trống"); }

bool IsId(const std::string& text) {
  return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// Checks a whole profile. Code lists are collected first, since fields refer to them by name.
class Checker {
 public:
  explicit Checker(const Profile& profile) : profile_(profile) {
    for (const auto& list : profile.code_lists()) lists_.insert(list.name());
  }

  void Check(const Spot& spot) {
    CheckHead(spot);
    CheckServices(spot);
    if (profile_.answer_keys().code().empty()) Required(spot.Inside("answer_keys", -1, profile_.answer_keys()), "code");
    CheckFields(spot, "record_fields", profile_.record_fields(), Place::kDossier, 1);
    CheckFields(spot, "step_fields", profile_.step_fields(), Place::kStep, 1);
    CheckFields(spot, "pull_fields", profile_.pull_fields(), Place::kDossier, 1);
    CheckFields(spot, "confirm_fields", profile_.confirm_fields(), Place::kDossier, 1);
    CheckCodeLists(spot);
    CheckStatuses(spot);
    CheckStepWords(spot);
    CheckOutcomes(spot);
  }

 private:
  using Fields = google::protobuf::RepeatedPtrField<Field>;

  void CheckHead(const Spot& spot) const {
    if (!IsId(profile_.id())) {
      spot.Add("id", "must be lower-case letters, digits and hyphens", "chỉ gồm chữ thường, chữ số và dấu gạch nối");
    }
    if (profile_.protocol() == Profile::PROTOCOL_UNSPECIFIED) Required(spot, "protocol");
    if (profile_.date_format() == Profile::DATE_FORMAT_UNSPECIFIED) Required(spot, "date_format");
    if (profile_.record_fields().empty()) Required(spot, "record_fields");
    if (profile_.has_steps() && profile_.step_fields().empty()) Required(spot, "step_fields");
    if (profile_.has_steps() &&
        (profile_.steps_per_call() < 1 || profile_.steps_per_call() > limits::kSyncStepsPerCallMax)) {
      spot.Add("steps_per_call", absl::StrCat("must be 1 to ", limits::kSyncStepsPerCallMax),
               absl::StrCat("phải từ 1 đến ", limits::kSyncStepsPerCallMax));
    }
    if (profile_.session_life().seconds() < 0) spot.Add("session_life", "must not be negative", "không được âm");
  }

  void CheckServices(const Spot& spot) const {
    // The protocol decides which services and keys a profile needs.
    const bool wants_login = profile_.protocol() != Profile::PROTOCOL_AGENCY_IN_QUERY;
    if (wants_login && !profile_.has_login()) Required(spot, "login");
    if (!wants_login && profile_.has_login()) {
      spot.Add("login", "this protocol has none: leave it out", "giao thức này không đăng nhập: hãy bỏ đi");
    }
    if (profile_.has_login() && profile_.answer_keys().session().empty()) {
      Required(spot.Inside("answer_keys", -1, profile_.answer_keys()), "session");
    }
    if (!profile_.has_insert() && !profile_.has_update()) Required(spot, "update");
    if (profile_.has_confirm_received() && profile_.confirm_fields().empty()) Required(spot, "confirm_fields");
    if ((profile_.has_lookup() || profile_.has_list()) && profile_.answer_keys().results().empty()) {
      Required(spot.Inside("answer_keys", -1, profile_.answer_keys()), "results");
    }
    const std::pair<const char*, const v1::Service*> services[] = {{"login", &profile_.login()},
                                                                   {"insert", &profile_.insert()},
                                                                   {"update", &profile_.update()},
                                                                   {"steps", &profile_.steps()},
                                                                   {"lookup", &profile_.lookup()},
                                                                   {"list", &profile_.list()},
                                                                   {"confirm_received", &profile_.confirm_received()}};
    for (const auto& [name, service] : services) {
      const auto* const field = Profile::descriptor()->FindFieldByName(name);
      if (profile_.GetReflection()->HasField(profile_, field))
        CheckService(spot.Inside(name, -1, *service), name, *service);
    }
  }

  void CheckService(const Spot& spot, const std::string& name, const v1::Service& service) const {
    if (service.path().empty()) Required(spot, "path");
    const bool in_body = profile_.protocol() == Profile::PROTOCOL_SESSION_IN_BODY && name != "login";
    if (in_body && service.service().empty()) Required(spot, "service");
    // Without a key the body is the records alone, which leaves no place for a session or for the code of a look-up.
    const bool has_records = name == "insert" || name == "update" || name == "steps";
    const bool needs_key = name == "lookup" || (has_records && (in_body || !service.body().empty()));
    if (needs_key && service.data_key().empty()) Required(spot, "data_key");
  }

  // Names must be unique within one object: the later one would replace the earlier one.
  void CheckFields(const Spot& spot, const char* where, const Fields& fields, Place place, int depth) {
    std::set<std::string> names;
    for (int i = 0; i < fields.size(); ++i) {
      const Spot inside = spot.Inside(where, i, fields[i]);
      if (fields[i].name().empty()) Required(inside, "name");
      if (!names.insert(fields[i].name()).second) {
        inside.Add("name", absl::StrCat(fields[i].name(), " is there twice"),
                   absl::StrCat(fields[i].name(), " bị lặp"));
      }
      CheckField(inside, fields[i], place, depth);
    }
  }

  // `place`: the kind of entry that the field is rendered for, which decides what it can name.
  void CheckField(const Spot& spot, const Field& field, Place place, int depth) {
    if (!field.from().empty() && !field.constant().empty()) {
      spot.Add("constant", "is set together with from: use one of them", "chỉ dùng một trong hai: from hoặc constant");
    }
    if (!field.codes().empty() && !lists_.contains(field.codes())) {
      spot.Add("codes", absl::StrCat("there is no code list \"", field.codes(), "\""),
               absl::StrCat("không có danh mục mã \"", field.codes(), "\""));
    }
    if (field.chars_max() < 0) spot.Add("chars_max", "must not be negative", "không được âm");
    if (field.kind() == Field::KIND_LIST) return CheckList(spot, field, depth);
    if (!field.fields().empty()) spot.Add("fields", "are for KIND_LIST only", "chỉ dùng cho KIND_LIST");
    if (field.from().empty()) return;
    const Source* const source = FindSource(field.from());
    if (source == nullptr) return UnknownSource(spot, field.from());
    if (source->place == Place::kDossier || source->place == place) return;
    spot.Add("from", absl::StrCat("\"", field.from(), "\" can't be used at this place"),
             absl::StrCat("\"", field.from(), "\" không có nghĩa ở vị trí này"));
  }

  void CheckList(const Spot& spot, const Field& field, int depth) {
    const ListSource* const list = FindListSource(field.from());
    if (list == nullptr) return UnknownSource(spot, field.from());
    if (field.fields().empty()) Required(spot, "fields");
    if (depth >= kFieldDepthMax) return spot.Add("fields", "lists are nested too deep", "danh sách lồng quá sâu");
    CheckFields(spot, "fields", field.fields(), list->entries, depth + 1);
  }

  static void UnknownSource(const Spot& spot, const std::string& name) {
    spot.Add("from", absl::StrCat("there is no \"", name, "\"; known are: ", absl::StrJoin(SourceNames(), ", ")),
             absl::StrCat("không có nguồn \"", name, "\"; hiện có: ", absl::StrJoin(SourceNames(), ", ")));
  }

  void CheckCodeLists(const Spot& spot) const {
    std::set<std::string> names;
    for (int i = 0; i < profile_.code_lists_size(); ++i) {
      const Spot inside = spot.Inside("code_lists", i, profile_.code_lists(i));
      if (profile_.code_lists(i).name().empty()) Required(inside, "name");
      if (!names.insert(profile_.code_lists(i).name()).second) inside.Add("name", "is there twice", "bị lặp");
    }
  }

  void CheckStatuses(const Spot& spot) const {
    if (profile_.statuses().empty()) Required(spot, "statuses");
    for (int i = 0; i < profile_.statuses_size(); ++i) {
      CheckStatusRow(spot.Inside("statuses", i, profile_.statuses(i)), profile_.statuses(i));
    }
  }

  void CheckStepWords(const Spot& spot) const {
    std::set<std::string> events;
    for (int i = 0; i < profile_.step_words_size(); ++i) {
      const v1::StepWords& words = profile_.step_words(i);
      const Spot inside = spot.Inside("step_words", i, words);
      // Events are named as in the oneof of tthc.v1.Event.
      const auto* const field = tthc::v1::Event::descriptor()->FindFieldByName(words.event());
      if (field == nullptr || field->containing_oneof() == nullptr) {
        inside.Add("event", absl::StrCat("there is no event \"", words.event(), "\""),
                   absl::StrCat("không có sự kiện \"", words.event(), "\""));
      }
      if (!events.insert(words.event()).second) inside.Add("event", "is there twice", "bị lặp");
      if (words.text().empty()) Required(inside, "text");
    }
  }

  void CheckOutcomes(const Spot& spot) const {
    bool has_done = false;
    for (int i = 0; i < profile_.outcomes_size(); ++i) {
      const v1::OutcomeRow& row = profile_.outcomes(i);
      const Spot inside = spot.Inside("outcomes", i, row);
      has_done = has_done || row.outcome() == v1::OUTCOME_DONE;
      CheckOutcomeRow(inside, row);
    }
    if (!has_done) {
      spot.Add("outcomes", "no row with OUTCOME_DONE: nothing would count as a success",
               "chưa có dòng OUTCOME_DONE mô tả trả lời thành công");
    }
  }

  const Profile& profile_;
  std::set<std::string> lists_;
};

}  // namespace

void CheckStatusRow(const Spot& spot, const v1::Status& row) {
  if (row.state() == tthc::v1::Dossier::STATE_UNSPECIFIED) Required(spot, "state");
  if (row.code().empty()) Required(spot, "code");
}

void CheckOutcomeRow(const Spot& spot, const v1::OutcomeRow& row) {
  if (row.outcome() == v1::OUTCOME_UNSPECIFIED) Required(spot, "outcome");
  const bool has_status = row.http_status_min() > 0 || row.http_status_max() > 0;
  if (!has_status && row.codes().empty() && row.message_contains().empty()) {
    spot.Add("outcome", "fits every answer: name statuses, codes or parts of the message",
             "khớp với mọi trả lời: phải nêu mã HTTP, mã lỗi hoặc nội dung thông báo");
  }
  // An error page may have a status of success, but no code: without codes it would count as a success.
  if (row.outcome() == v1::OUTCOME_DONE && row.codes().empty()) {
    spot.Add("codes", "are required for OUTCOME_DONE", "bắt buộc đối với OUTCOME_DONE");
  }
  if (row.http_status_max() > 0 && row.http_status_min() > row.http_status_max()) {
    spot.Add("http_status_max", "lies below http_status_min", "nhỏ hơn http_status_min");
  }
  for (int i = 0; i < row.message_contains_size(); ++i) {
    if (row.message_contains(i).empty()) spot.Add("message_contains", i, "is empty", "bị trống");
  }
}

std::vector<std::string> ShippedProfiles() {
  std::vector<std::string> ids;
  for (const ShippedProfile& shipped : kShippedProfiles) ids.emplace_back(shipped.id);
  return ids;
}

std::string ShippedProfileText(absl::string_view id) {
  for (const ShippedProfile& shipped : kShippedProfiles) {
    if (id == shipped.id) return shipped.text;
  }
  return "";
}

Profile ParseProfile(const std::string& file, const std::string& text, Problems* problems) {
  Profile profile;
  Spot::Tree tree;
  if (!ParseText(file, text, &profile, &tree, problems)) return profile;
  // A file that could be parsed is checked as a whole, even if it has unknown fields: people see all problems at once.
  Checker(profile).Check(Spot(file, profile, &tree, problems));
  return profile;
}

Profile LoadProfile(const std::string& name, Problems* problems) {
  // A built-in profile is parsed and checked like any other: no path leads around the checks.
  const std::string shipped = ShippedProfileText(name);
  if (!shipped.empty()) return ParseProfile(name, shipped, problems);
  if (!absl::StrContains(name, '/') && !absl::EndsWith(name, ".textproto")) {
    const std::string known = absl::StrJoin(ShippedProfiles(), ", ");
    problems->Add(
        {.file = name,
         .message =
             absl::StrCat("there is no profile of this name; built in are ", known, "; or give the path of a file"),
         .message_vi = absl::StrCat("không có profile tên này; có sẵn: ", known, "; hoặc ghi đường dẫn tới tệp")});
    return {};
  }
  const absl::StatusOr<std::string> text = ReadFileBounded(name, limits::kSyncConfigBytesMax);
  if (!text.ok()) {
    problems->Add(
        {.file = name, .message = ErrorMessage(text.status(), "en"), .message_vi = ErrorMessage(text.status(), "vi")});
    return {};
  }
  return ParseProfile(name, *text, problems);
}

// The first row that matches counts, so that the target's rows must come first.
Profile MergeProfile(const Profile& profile, const v1::Target& target) {
  Profile merged = profile;
  *merged.mutable_statuses() = target.statuses();
  merged.mutable_statuses()->MergeFrom(profile.statuses());
  *merged.mutable_outcomes() = target.outcomes();
  merged.mutable_outcomes()->MergeFrom(profile.outcomes());
  return merged;
}

std::string ProfileDigest(const Profile& merged) {
  // Only what decides the bytes of records and steps: a changed row for answers must not requeue thousands of dossiers.
  Profile rendering;
  rendering.set_id(merged.id());
  rendering.set_date_format(merged.date_format());
  rendering.set_alias_prefix(merged.alias_prefix());
  *rendering.mutable_record_fields() = merged.record_fields();
  *rendering.mutable_step_fields() = merged.step_fields();
  *rendering.mutable_code_lists() = merged.code_lists();
  *rendering.mutable_statuses() = merged.statuses();
  *rendering.mutable_step_words() = merged.step_words();
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    // Without this the order of map entries, and so the digest, would differ from run to run.
    coded.SetSerializationDeterministic(true);
    rendering.SerializeToCodedStream(&coded);
  }
  return Sha256(bytes);
}

absl::StatusOr<std::string> ReadFileBounded(const std::string& path, size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  // One byte more than allowed, to see whether the file is larger without reading all of it.
  std::string text(bytes_max + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (!file && !file.eof())) {
    return MakeError({.code = absl::StatusCode::kNotFound,
                      .reason = "FILE_UNREADABLE",
                      .message = absl::StrCat("can't be read: ", path),
                      .message_vi = absl::StrCat("không đọc được tệp: ", path)});
  }
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() <= bytes_max) return text;
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "FILE_TOO_LARGE",
                    .message = absl::StrCat(path, " is larger than ", bytes_max, " bytes"),
                    .message_vi = absl::StrCat(path, " lớn hơn ", bytes_max, " byte")});
}

}  // namespace tthc::sync
