#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/completion.h"
#include "client/cli/format.h"
#include "client/cli/output.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

// watch, health, completion.
namespace tthc::cli {
namespace {

struct WatchArguments {
  int64_t from = 0;
  std::string code;
  int64_t count = 0;
};

// Vietnamese and English for what is not an event.
Text ChangeLabel(const v1::Change& change) {
  switch (change.change_case()) {
    case v1::Change::kProcedure:
      return {"danh mục: thủ tục", "catalogue: procedure"};
    case v1::Change::kField:
      return {"danh mục: lĩnh vực", "catalogue: field"};
    case v1::Change::kOffice:
      return {"danh mục: cơ quan", "catalogue: office"};
    case v1::Change::kUnit:
      return {"danh mục: đơn vị", "catalogue: unit"};
    case v1::Change::kOfficer:
      return {"danh mục: công chức", "catalogue: officer"};
    case v1::Change::kCalendar:
      return {"lịch làm việc", "calendar"};
    case v1::Change::kScheme:
      return {"danh mục: bộ tiêu chí", "catalogue: scheme"};
    case v1::Change::kClosing:
      return {"chốt kỳ", "closing"};
    default:
      break;
  }
  const EventSpec* spec = FindEventSpec(change.event().payload_case());
  return spec == nullptr ? Text{} : spec->label;
}

std::string ChangedName(const v1::Change& change) {
  switch (change.change_case()) {
    case v1::Change::kProcedure:
      return ResourceId(change.procedure().name());
    case v1::Change::kField:
      return ResourceId(change.field().name());
    case v1::Change::kOffice:
      return ResourceId(change.office().name());
    case v1::Change::kUnit:
      return ResourceId(change.unit().name());
    case v1::Change::kOfficer:
      return ResourceId(change.officer().name());
    case v1::Change::kCalendar:
      return ResourceId(change.calendar().name());
    case v1::Change::kScheme:
      return ResourceId(change.scheme().name());
    case v1::Change::kClosing:
      return ResourceId(change.closing().name());
    default:
      return ResourceId(change.dossier());
  }
}

absl::Status Watch(Session& session, const WatchArguments& arguments) {
  ListWriter writer(session, {{.header = {"Số", "Revision"}, .right = true},
                              {.header = {"Ghi lúc", "Recorded"}},
                              {.header = {"Hồ sơ", "Dossier"}},
                              {.header = {"Sự kiện", "Event"}},
                              {.header = {"Nội dung", "Content"}, .shrinks = true},
                              {.header = {"Người ghi", "Recorded by"}}});
  v1::WatchChangesRequest request;
  request.set_start_revision(arguments.from);
  if (!arguments.code.empty()) {
    v1::GetDossierRequest get;
    get.set_name(DossierName(arguments.code));
    TTHC_ASSIGN_OR_RETURN(const v1::Dossier dossier, session.client().GetDossier(get));
    request.set_dossier(dossier.name());
  }
  int64_t shown = 0;
  return session.client().WatchChanges(request, [&](const v1::WatchChangesResponse& message) {
    for (const v1::Change& change : message.changes()) {
      writer.Add(change, {absl::StrCat(change.revision()), FormatTableTime(change.record_time()), ChangedName(change),
                          session.Say(ChangeLabel(change)), SummarizeEvent(change.event(), session.describe()),
                          change.event().actor()});
      if (++shown == arguments.count) break;
    }
    writer.EndPortion();
    return arguments.count == 0 || shown < arguments.count;
  });
}

absl::Status Health(Session& session) {
  TTHC_RETURN_IF_ERROR(session.client().CheckHealth());
  v1::ListChangesRequest request;
  request.set_page_size(1);
  TTHC_ASSIGN_OR_RETURN(v1::ListChangesResponse head, session.client().ListChanges(request));
  head.clear_changes();
  if (!session.is_table() && !session.is_csv()) {
    WriteRecord(session, head, {.with_defaults = true});
    return absl::OkStatus();
  }
  session.out() << session.target()
                << session.Say({": đang phục vụ, số thay đổi mới nhất ", ": serving, head revision "})
                << head.head_revision() << "\n";
  return absl::OkStatus();
}

}  // namespace

void AddSystemCommands(CLI::App& app, Session& session) {
  auto watch = std::make_shared<WatchArguments>();
  CLI::App* command = AddCommand(app, session,
                                 {"watch",
                                  {"Theo dõi thay đổi khi chúng xảy ra", "Follow changes as they happen"},
                                  {"watch", "watch 0001", "watch --from 1 -o jsonl"}},
                                 [&session, watch] { return Watch(session, *watch); });
  command->add_option("code", watch->code, session.Say({"Chỉ hồ sơ này", "Only this dossier"}))->type_name("");
  command
      ->add_option("--from", watch->from,
                   session.Say({"Từ số thay đổi; mặc định từ bây giờ", "From this revision; default from now on"}))
      ->type_name("");
  command
      ->add_option("--count", watch->count, session.Say({"Dừng sau chừng này thay đổi", "End after so many changes"}))
      ->type_name("");

  AddCommand(
      app, session,
      {"health", {"Máy chủ có phục vụ không", "Does the server serve"}, {"health", "health --server 127.0.0.1:50551"}},
      [&session] { return Health(session); });

  auto shell = std::make_shared<std::string>();
  command =
      AddCommand(app, session,
                 {"completion",
                  {"In kịch bản tự hoàn thành lệnh cho bash hoặc zsh", "Print the completion script for bash or zsh"},
                  {"completion bash > /etc/bash_completion.d/tthc", "completion zsh > ~/.zfunc/_tthc"}},
                 [&session, &app, shell] {
                   session.out() << CompletionScript(app, *shell);
                   return absl::OkStatus();
                 });
  command->add_option("shell", *shell, "bash|zsh")->required()->check(CLI::IsMember({"bash", "zsh"}))->option_text(" ");
}

}  // namespace tthc::cli
