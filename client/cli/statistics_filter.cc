#include "client/cli/statistics_filter.h"

#include "client/cli/field_value.h"
#include "client/cli/words.h"
#include "storage/base/status_macros.h"

namespace tthc::cli {
namespace {

using terminal::Session;
using terminal::Text;

void AddFilterNames(const char* collection, const std::vector<std::string>& ids,
                    google::protobuf::RepeatedPtrField<std::string>* names) {
  for (const std::string& id : ids) *names->Add() = ResourceName(collection, id);
}

}  // namespace

void StatisticsFilterOptions::AddTo(CLI::App& command, const Session& session) {
  const char* const group = session.Say({"Lọc", "Filter"});
  const auto add = [&](const char* name, auto& value, const Text& help) {
    return command.add_option(name, value, session.Say(help))->group(group)->type_name("")->delimiter(',');
  };
  add("--office", offices_, {"Cơ quan tiếp nhận", "Office that took it in"});
  add("--unit", units_, {"Đơn vị đang giữ hoặc giữ sau cùng", "Unit that has it or had it last"});
  add("--officer", officers_, {"Công chức đang giữ hoặc giữ sau cùng", "Officer who has it or had it last"});
  add("--field", fields_, {"Lĩnh vực", "Field"});
  add("--procedure", procedures_, {"Mã TTHC", "Procedure"});
  add("--channel", channels_, {"Kênh", "Channel"})->option_text(EnumChoices(*v1::Channel_descriptor()));
  add("--responsible-unit", responsible_units_,
      {"Đơn vị giữ hồ sơ lúc quá hẹn", "Unit that had it when its due time passed"});
  add("--result", results_, {"Kết quả", "Result"})->option_text(EnumChoices(*v1::Outcome_descriptor()));
  command
      .add_flag("--former-offices", keep_former_offices_,
                session.Say({"Cơ quan đã sáp nhập đứng riêng, không tính vào nơi kế thừa",
                             "Merged offices stand by themselves, not under their successors"}))
      ->group(group);
}

absl::StatusOr<v1::StatisticsFilter> StatisticsFilterOptions::Build() const {
  v1::StatisticsFilter filter;
  for (const std::string& channel : channels_) {
    TTHC_ASSIGN_OR_RETURN(const int value, ParseEnum(*v1::Channel_descriptor(), "--channel", channel));
    filter.add_channels(static_cast<v1::Channel>(value));
  }
  for (const std::string& result : results_) {
    TTHC_ASSIGN_OR_RETURN(const int value, ParseEnum(*v1::Outcome_descriptor(), "--result", result));
    filter.add_results(static_cast<v1::Outcome>(value));
  }
  AddFilterNames("offices", offices_, filter.mutable_offices());
  AddFilterNames("units", units_, filter.mutable_units());
  AddFilterNames("officers", officers_, filter.mutable_officers());
  AddFilterNames("fields", fields_, filter.mutable_fields());
  AddFilterNames("procedures", procedures_, filter.mutable_procedures());
  // A unit as well, so it has the same collection.
  AddFilterNames("units", responsible_units_, filter.mutable_responsible_units());
  filter.set_keep_former_offices(keep_former_offices_);
  return filter;
}

}  // namespace tthc::cli
