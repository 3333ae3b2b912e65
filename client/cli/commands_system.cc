#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/completion.h"
#include "client/cli/dossier_lookup.h"
#include "client/cli/event_table.h"
#include "client/cli/field_value.h"
#include "client/cli/output.h"
#include "client/cli/words.h"
#include "client/terminal/format.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

// watch, health, completion.
namespace tthc::cli {
namespace {

using terminal::FormatTableTime;
using terminal::Session;
using terminal::Text;

struct WatchArguments {
  // Unset = from now on.
  std::optional<int64_t> from;
  std::string code;
  int64_t count = 0;
};

// What changed, in words: the kind of an event or of another record.
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
    case v1::Change::kMirrorDecision:
      return {"quyết định đồng bộ", "mirror decision"};
    default:
      break;
  }
  // A kind that is newer than this program has no words; its revision and time are shown all the same.
  const EventSpec* spec = FindEventSpec(change.event().payload_case());
  return spec == nullptr ? Text{} : spec->label;
}

std::string ChangedName(const v1::Change& change, const DossierCodes& codes) {
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
    case v1::Change::kMirrorDecision:
      return ResourceId(change.mirror_decision().target());
    default:
      return codes.Of(change.dossier());
  }
}

// "Đơn vị: van-phong · …" of an event, "tạm dừng: bảo trì" of a decision.
std::string ChangeContent(const Session& session, const v1::Change& change) {
  if (!change.has_mirror_decision()) return SummarizeEvent(change.event(), session.describe());
  const v1::MirrorDecision& decision = change.mirror_decision();
  const std::string kind = EnumLabel(*v1::MirrorDecision::Kind_descriptor(), decision.kind(), session.lang());
  return decision.reason().empty() ? kind : absl::StrCat(kind, ": ", decision.reason());
}

std::string ChangeActor(const v1::Change& change) {
  if (change.has_mirror_decision()) return change.mirror_decision().actor();
  if (change.has_closing()) return change.closing().actor();
  return change.event().actor();
}

absl::Status Watch(Session& session, const WatchArguments& arguments) {
  ListWriter writer(session, {{.header = {"Số", "Revision"}, .right = true},
                              {.header = {"Ghi lúc", "Recorded"}},
                              {.header = {"Hồ sơ", "Dossier"}},
                              {.header = {"Sự kiện", "Event"}},
                              {.header = {"Nội dung", "Content"}, .shrinks = true},
                              {.header = {"Người ghi", "Recorded by"}}});
  v1::WatchChangesRequest request;
  // --from 0 asks for the oldest change that is retained, so "not typed" needs a sign of its own.
  request.set_from_now(!arguments.from.has_value());
  request.set_start_revision(arguments.from.value_or(0));
  if (!arguments.code.empty()) {
    TTHC_ASSIGN_OR_RETURN(*request.mutable_dossier(), ResolveDossier(session, arguments.code));
  }
  // JSON shows changes as they are.
  const bool with_codes = session.is_table() || session.is_csv();
  DossierCodes codes(session);
  absl::Status lookup;
  int64_t shown = 0;
  // Without --count this ends with an error or with Ctrl-C only.
  TTHC_RETURN_IF_ERROR(session.client().WatchChanges(request, [&](const v1::WatchChangesResponse& message) {
    std::vector<std::string> names;
    for (const v1::Change& change : message.changes()) names.push_back(change.dossier());
    // One look-up for each message, which may hold many changes.
    if (with_codes) lookup = codes.Load(names);
    if (!lookup.ok()) return false;
    for (const v1::Change& change : message.changes()) {
      writer.Add(change,
                 {absl::StrCat(change.revision()), FormatTableTime(change.record_time()), ChangedName(change, codes),
                  session.Say(ChangeLabel(change)), ChangeContent(session, change), ChangeActor(change)});
      if (++shown == arguments.count) break;
    }
    // People wait for these lines, so none is kept back.
    writer.EndPortion();
    return arguments.count == 0 || shown < arguments.count;
  }));
  return lookup;
}

// Reads and writes are reported apart: a server whose disk is full still answers questions.
absl::Status Health(Session& session) {
  TTHC_RETURN_IF_ERROR(session.client().CheckHealth(sdk::HealthScope::kReads));
  const absl::Status writes = session.client().CheckHealth(sdk::HealthScope::kWrites);
  v1::ListChangesRequest request;
  // Only the head revision is wanted, and it comes with any page.
  request.set_page_size(1);
  TTHC_ASSIGN_OR_RETURN(v1::ListChangesResponse head, session.client().ListChanges(request));
  head.clear_changes();
  if (!session.is_table() && !session.is_csv()) {
    WriteRecord(session, head, {.with_defaults = true});
    return writes;
  }
  // The answer is printed in both cases. The status of writes becomes the exit status, for monitoring.
  session.out() << session.target()
                << (writes.ok() ? session.Say({": đang phục vụ", ": serving"})
                                : session.Say({": chỉ đọc, không nhận ghi", ": read-only, accepts no writes"}))
                << session.Say({", số thay đổi mới nhất ", ", head revision "}) << head.head_revision() << "\n";
  return writes;
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
                   session.Say({"Từ số thay đổi, 0 là cũ nhất còn giữ; mặc định từ bây giờ",
                                "From this revision, 0 for the oldest retained; default from now on"}))
      ->type_name("");
  command
      ->add_option("--count", watch->count, session.Say({"Dừng sau chừng này thay đổi", "End after so many changes"}))
      ->type_name("");

  AddCommand(app, session,
             {"health",
              {"Máy chủ có phục vụ, có nhận ghi không", "Whether the server serves reads and accepts writes"},
              {"health", "health --server 127.0.0.1:50551"}},
             [&session] { return Health(session); });

  // The script is made when the command runs, from the finished tree, so it holds commands that are added after this
  // one.
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
