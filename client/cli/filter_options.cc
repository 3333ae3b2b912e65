#include "client/cli/filter_options.h"

#include "client/cli/field_value.h"
#include "client/cli/words.h"
#include "client/terminal/format.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::cli {
namespace {

using terminal::ParsePeriodEnd;
using terminal::ParseTimeOption;
using terminal::Session;
using terminal::Text;

void AddNames(const char* collection, const std::vector<std::string>& ids,
              google::protobuf::RepeatedPtrField<std::string>* names) {
  for (const std::string& id : ids) *names->Add() = ResourceName(collection, id);
}

// One end of a range as typed, and the option that it was typed for.
struct TypedTime {
  const char* option;
  const std::string& text;
};

// Sets the ends that were typed. `mutable_range` is called only if there is one: an empty range is not the same as
// none.
absl::Status SetRange(const TypedTime& from, const TypedTime& to, v1::TimeRange* (v1::DossierFilter::*mutable_range)(),
                      v1::DossierFilter& filter) {
  if (!from.text.empty()) {
    TTHC_ASSIGN_OR_RETURN(const absl::Time time, ParseTimeOption(from.option, from.text));
    *(filter.*mutable_range)()->mutable_start_time() = ToProto(time);
  }
  if (!to.text.empty()) {
    TTHC_ASSIGN_OR_RETURN(const absl::Time time, ParsePeriodEnd(to.option, to.text));
    *(filter.*mutable_range)()->mutable_end_time() = ToProto(time);
  }
  return absl::OkStatus();
}

}  // namespace

void FilterOptions::AddTo(CLI::App& command, const Session& session) {
  const char* const group = session.Say({"Lọc", "Filter"});
  const auto add = [&](const char* name, auto& value, const Text& help) {
    // "--unit vp,ca" and "--unit vp --unit ca" mean the same.
    command.add_option(name, value, session.Say(help))->group(group)->type_name("")->delimiter(',');
  };
  add("--state", states_, {"Trạng thái, như processing", "State, such as processing"});
  add("--procedure", procedures_, {"Mã TTHC", "Procedure"});
  add("--field", fields_, {"Lĩnh vực", "Field"});
  add("--office", offices_, {"Cơ quan tiếp nhận", "Office that took it in"});
  add("--unit", units_, {"Đơn vị đang giữ", "Unit that has it"});
  add("--officer", officers_, {"Công chức đang giữ", "Officer who has it"});
  add("--channel", channels_, {"Kênh (counter|online|post)", "Channel (counter|online|post)"});
  // Without a delimiter: a name may contain a comma.
  const auto add_one = [&](const char* name, std::string& value, const Text& help) {
    command.add_option(name, value, session.Say(help))->group(group)->type_name("");
  };
  add_one("--applicant", applicant_, {"Tên người nộp, không cần dấu", "Applicant's name, diacritics not needed"});
  add_one("--accepted-from", accepted_from_, {"Tiếp nhận từ", "Accepted from"});
  add_one("--accepted-to", accepted_to_,
          {"Tiếp nhận đến hết ngày, hoặc trước thời điểm", "Accepted up to that day, or before that time"});
  add_one("--finished-from", finished_from_, {"Xử lý xong từ", "Finished from"});
  add_one("--finished-to", finished_to_, {"Xử lý xong đến", "Finished to"});
  add_one("--due-from", due_from_, {"Hẹn trả từ", "Due from"});
  add_one("--due-to", due_to_, {"Hẹn trả đến", "Due to"});
  command.add_flag("--open", open_, session.Say({"Chỉ hồ sơ chưa kết thúc", "Only open dossiers"}))->group(group);
}

absl::StatusOr<v1::DossierFilter> FilterOptions::Build() const {
  v1::DossierFilter filter;
  for (const std::string& state : states_) {
    TTHC_ASSIGN_OR_RETURN(const int value, ParseEnum(*v1::Dossier::State_descriptor(), "--state", state));
    filter.add_states(static_cast<v1::Dossier::State>(value));
  }
  for (const std::string& channel : channels_) {
    TTHC_ASSIGN_OR_RETURN(const int value, ParseEnum(*v1::Channel_descriptor(), "--channel", channel));
    filter.add_channels(static_cast<v1::Channel>(value));
  }
  // Names are only completed here; whether they exist is known to the server.
  AddNames("procedures", procedures_, filter.mutable_procedures());
  AddNames("fields", fields_, filter.mutable_fields());
  AddNames("offices", offices_, filter.mutable_offices());
  AddNames("units", units_, filter.mutable_units());
  AddNames("officers", officers_, filter.mutable_officers());
  filter.set_applicant(applicant_);
  filter.set_open_only(open_);
  using F = v1::DossierFilter;
  TTHC_RETURN_IF_ERROR(
      SetRange({"--accepted-from", accepted_from_}, {"--accepted-to", accepted_to_}, &F::mutable_accept_time, filter));
  TTHC_RETURN_IF_ERROR(
      SetRange({"--finished-from", finished_from_}, {"--finished-to", finished_to_}, &F::mutable_finish_time, filter));
  TTHC_RETURN_IF_ERROR(SetRange({"--due-from", due_from_}, {"--due-to", due_to_}, &F::mutable_due_time, filter));
  return filter;
}

}  // namespace tthc::cli
