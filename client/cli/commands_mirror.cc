#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/commands.h"
#include "client/cli/field_value.h"
#include "client/cli/format.h"
#include "client/cli/mirror_text.h"
#include "client/cli/mirror_view.h"
#include "client/cli/output.h"
#include "client/cli/paged_list.h"
#include "client/cli/sheet.h"
#include "client/sdk/paging.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

// mirror: what other systems have been told, and what a person decides about the rest.
namespace tthc::cli {
namespace {

constexpr char kTargets[] = "mirrorTargets";

// --- Which target ----------------------------------------------------------------------------------------------------

absl::Status NoTargets() {
  return MakeError({.code = absl::StatusCode::kNotFound,
                    .reason = "MIRROR_TARGET_NOT_FOUND",
                    .message = "nothing is mirrored yet: set up tthc-sync (docs/mirror.md)",
                    .message_vi = "chưa đồng bộ với hệ thống nào: hãy cài đặt tthc-sync (docs/vi/dong-bo.md)"});
}

absl::StatusOr<v1::ListMirrorTargetsResponse> FetchTargets(Session& session, bool show_retired) {
  v1::ListMirrorTargetsRequest request;
  request.set_show_retired(show_retired);
  return session.client().ListMirrorTargets(request);
}

// The only one in use, when none was typed.
absl::StatusOr<std::string> OnlyTarget(const v1::ListMirrorTargetsResponse& targets) {
  std::vector<std::string> names;
  for (const v1::MirrorTarget& target : targets.targets()) {
    if (!target.retired()) names.push_back(target.name());
  }
  if (names.empty()) return NoTargets();
  if (names.size() == 1) return names.front();
  const std::string list =
      absl::StrJoin(names, ", ", [](std::string* out, const std::string& name) { out->append(ResourceId(name)); });
  return UsageError("target", absl::StrCat("say which target: ", list),
                    absl::StrCat("hãy nói rõ hệ thống nhận nào: ", list));
}

// mirrorTargets/{target} of what was typed, if anything was.
absl::StatusOr<std::string> ChooseTarget(Session& session, const std::string& typed) {
  if (!typed.empty()) return ResourceName(kTargets, typed);
  TTHC_ASSIGN_OR_RETURN(const v1::ListMirrorTargetsResponse targets, FetchTargets(session, /*show_retired=*/false));
  return OnlyTarget(targets);
}

struct TargetAndDossiers {
  std::string target;
  // dossiers/{dossier}
  std::vector<std::string> dossiers;
};

// Words as typed: a target in front, or dossiers alone when there is only one target.
absl::StatusOr<TargetAndDossiers> SplitWords(Session& session, const std::vector<std::string>& words) {
  TTHC_ASSIGN_OR_RETURN(const v1::ListMirrorTargetsResponse targets, FetchTargets(session, /*show_retired=*/true));
  const std::string first = ResourceName(kTargets, words.front());
  const bool named = absl::StartsWith(words.front(), absl::StrCat(kTargets, "/")) ||
                     std::any_of(targets.targets().begin(), targets.targets().end(),
                                 [&](const v1::MirrorTarget& target) { return target.name() == first; });
  TargetAndDossiers split;
  if (named) {
    split.target = first;
  } else {
    TTHC_ASSIGN_OR_RETURN(split.target, OnlyTarget(targets));
  }
  for (size_t i = named ? 1 : 0; i < words.size(); ++i) split.dossiers.push_back(DossierName(words[i]));
  return split;
}

// --- mirror ----------------------------------------------------------------------------------------------------------

absl::Status Overview(Session& session, bool show_retired) {
  TTHC_ASSIGN_OR_RETURN(const v1::ListMirrorTargetsResponse response, FetchTargets(session, show_retired));
  if (!session.is_table()) {
    ListWriter writer(session, TargetColumns());
    for (const v1::MirrorTarget& target : response.targets()) writer.Add(target, TargetCells(session, target));
    return absl::OkStatus();
  }
  for (int i = 0; i < response.targets_size(); ++i) {
    if (i > 0) session.out() << "\n";
    WriteTarget(session, response.targets(i));
  }
  if (response.targets().empty()) {
    session.Tell(session.Say(
        {"Chưa đồng bộ với hệ thống nào. Cài đặt tthc-sync: viết /etc/tthc/tthc-sync.textproto theo mẫu "
         "deploy/data/sync/tthc-sync.example.textproto, chạy tthc-sync check rồi tthc-sync; xem docs/vi/dong-bo.md.",
         "Nothing is mirrored yet. To set up tthc-sync, write /etc/tthc/tthc-sync.textproto after "
         "deploy/data/sync/tthc-sync.example.textproto, run tthc-sync check, then tthc-sync; see docs/mirror.md."}));
  }
  return absl::OkStatus();
}

// --- mirror parked, pending, skipped ---------------------------------------------------------------------------------

struct ItemsArguments {
  std::string target;
  std::string reason;
  PageOptions pages;
  v1::MirrorItem::State state = v1::MirrorItem::PARKED;
  Text title;
};

v1::ListMirrorItemsRequest ItemsRequest(const std::string& target, v1::MirrorItem::State state,
                                        const std::string& reason) {
  v1::ListMirrorItemsRequest request;
  request.set_name(target);
  request.set_state(state);
  request.set_error_reason(reason);
  return request;
}

absl::StatusOr<std::unique_ptr<SheetWriter>> OpenSheet(const Session& session, const ItemsArguments& arguments,
                                                       const std::string& target) {
  constexpr double kWide = 40;
  constexpr double kNarrow = 20;
  const absl::Time now = session.environment().clock->Now();
  SheetOptions options{.title = absl::StrCat(session.Say(arguments.title), " · ", ResourceId(target)),
                       .lines = {FormatForPeople(now)},
                       .columns = {},
                       .created = now};
  for (const OutputColumn& column : ItemColumns(arguments.state)) {
    options.columns.push_back({.header = session.Say(column.header), .width = column.shrinks ? kWide : kNarrow});
  }
  return SheetWriter::Open(session, options);
}

void TellCount(const Session& session, const ItemsArguments& arguments, int64_t shown, int64_t total, bool more) {
  if (!session.is_table() && !more) return;
  std::string text = FormatAmount(shown);
  if (arguments.reason.empty()) {
    absl::StrAppend(&text, session.Say({" trong số ", " of "}), FormatAmount(total));
  } else {
    absl::StrAppend(&text, session.Say({"; mọi lý do: ", "; of all reasons: "}), FormatAmount(total));
  }
  if (more) absl::StrAppend(&text, session.Say({"; thêm: --all hoặc --limit N", "; more: --all or --limit N"}));
  session.Tell(text);
}

absl::Status ListItems(Session& session, const ItemsArguments& arguments) {
  TTHC_ASSIGN_OR_RETURN(const std::string target, ChooseTarget(session, arguments.target));
  // What goes into a spreadsheet is whole.
  PageOptions pages = arguments.pages;
  pages.all = pages.all || session.is_xlsx();
  std::unique_ptr<SheetWriter> sheet;
  std::unique_ptr<ListWriter> list;
  if (session.is_xlsx()) {
    TTHC_ASSIGN_OR_RETURN(sheet, OpenSheet(session, arguments, target));
  } else {
    list = std::make_unique<ListWriter>(session, ItemColumns(arguments.state));
  }
  const auto add = [&](const v1::MirrorItem& item) {
    std::vector<std::string> cells = ItemCells(session, item, arguments.state);
    if (list != nullptr) return list->Add(item, std::move(cells));
    std::vector<SheetCell> row;
    for (std::string& cell : cells) row.push_back(TextCell(std::move(cell)));
    sheet->Add(row);
  };
  v1::ListMirrorItemsRequest request = ItemsRequest(target, arguments.state, arguments.reason);
  request.set_page_size(pages.page_size());
  const int64_t rows_max = pages.all ? std::numeric_limits<int64_t>::max() : pages.rows_max;
  int64_t shown = 0;
  int64_t total = 0;
  bool more = false;
  const auto fetch = [&](const v1::ListMirrorItemsRequest& page) { return session.client().ListMirrorItems(page); };
  TTHC_RETURN_IF_ERROR(sdk::ForEachPage(std::move(request), fetch, [&](const v1::ListMirrorItemsResponse& page) {
    total = page.total_size();
    const int64_t taken = std::min<int64_t>(page.items_size(), rows_max - shown);
    for (int i = 0; i < taken; ++i) add(page.items(i));
    shown += taken;
    if (list != nullptr) list->EndPortion();
    more = taken < page.items_size() || (shown == rows_max && !page.next_page_token().empty());
    return shown < rows_max;
  }));
  if (list != nullptr) list->Finish();
  TellCount(session, arguments, shown, total, more);
  return sheet == nullptr ? absl::OkStatus() : sheet->Finish();
}

// --- mirror show -----------------------------------------------------------------------------------------------------

struct ShowArguments {
  std::string dossier;
  bool raw = false;
};

absl::Status ShowItems(Session& session, const ShowArguments& arguments) {
  v1::GetMirrorItemsRequest request;
  request.set_dossier(DossierName(arguments.dossier));
  request.set_view(arguments.raw ? v1::MIRROR_EXCHANGE_VIEW_RAW : v1::MIRROR_EXCHANGE_VIEW_MASKED);
  if (arguments.raw) {
    session.Warn(session.Say({"nội dung không che; máy chủ ghi nhật ký ai đã xem",
                              "personal data is shown; the server logs who has looked"}));
  }
  TTHC_ASSIGN_OR_RETURN(const v1::GetMirrorItemsResponse response, session.client().GetMirrorItems(request));
  if (session.is_csv()) {
    ListWriter writer(session, ItemOverviewColumns());
    for (const v1::MirrorItem& item : response.items()) writer.Add(item, ItemOverviewCells(session, item));
    return absl::OkStatus();
  }
  if (!session.is_table()) {
    WriteRecord(session, response);
    return absl::OkStatus();
  }
  if (response.items().empty()) return NoTargets();
  session.out() << ResourceId(response.items(0).dossier()) << "\n";
  for (const v1::MirrorItem& item : response.items()) {
    session.out() << "\n";
    WriteItem(session, item);
  }
  return absl::OkStatus();
}

// --- mirror retry ----------------------------------------------------------------------------------------------------

struct RetryArguments {
  std::vector<std::string> words;
  bool all = false;
  int64_t limit = std::numeric_limits<int64_t>::max();
  std::string reason;
  std::string note;
  bool from_scratch = false;
  bool with_steps = false;
  bool yes = false;
};

absl::Status CheckRetry(const RetryArguments& arguments) {
  if (arguments.all && arguments.words.size() > 1) {
    return UsageError("--all", "takes no dossiers: either name them, or --all", "không đi cùng mã hồ sơ");
  }
  if (!arguments.all && arguments.words.empty()) {
    return UsageError("dossier", "name dossiers, or --all for everything that is parked",
                      "hãy nêu mã hồ sơ, hoặc --all để gửi lại mọi hồ sơ chờ xử lý");
  }
  const bool limited = arguments.limit != std::numeric_limits<int64_t>::max();
  if (!arguments.all && (limited || !arguments.reason.empty())) {
    return UsageError(limited ? "--limit" : "--reason", "goes with --all", "chỉ đi cùng --all");
  }
  if (arguments.all && arguments.from_scratch) {
    return UsageError("--from-scratch", "is for dossiers that are named, not for --all",
                      "chỉ dùng cho hồ sơ được nêu mã, không đi cùng --all");
  }
  if (arguments.with_steps && !arguments.from_scratch) {
    return UsageError("--with-steps", "goes with --from-scratch", "chỉ đi cùng --from-scratch");
  }
  return absl::OkStatus();
}

// True if nobody objects: without a terminal there is nobody to ask.
bool Confirm(const Session& session, const std::string& question) {
  if (!session.environment().in_is_terminal) return true;
  *session.environment().err << question << session.Say({" [c/K] ", " [y/N] "}) << std::flush;
  std::string line;
  std::getline(*session.environment().in, line);
  const std::string answer = FoldForSearch(line);
  return answer == "c" || answer == "co" || answer == "y" || answer == "yes";
}

// How many are parked at `target` for `reason`, or for any.
absl::StatusOr<int64_t> CountParked(Session& session, const std::string& target, const std::string& reason) {
  v1::ListMirrorItemsRequest request = ItemsRequest(target, v1::MirrorItem::PARKED, reason);
  request.set_page_size(reason.empty() ? 1 : static_cast<int32_t>(limits::kPageSizeMax));
  int64_t count = 0;
  const auto fetch = [&](const v1::ListMirrorItemsRequest& page) { return session.client().ListMirrorItems(page); };
  TTHC_RETURN_IF_ERROR(sdk::ForEachPage(std::move(request), fetch, [&](const v1::ListMirrorItemsResponse& page) {
    count = reason.empty() ? page.total_size() : count + page.items_size();
    return !reason.empty();
  }));
  return count;
}

// In portions. What is parked again meanwhile does not count twice: no more are retried than were parked at the start.
absl::StatusOr<v1::RetryMirrorItemsResponse> RetryParked(Session& session, const v1::RetryMirrorItemsRequest& common,
                                                         int64_t count) {
  v1::RetryMirrorItemsResponse sum;
  while (sum.retried() < count) {
    v1::RetryMirrorItemsRequest request = common;
    const int64_t portion = std::min<int64_t>(count - sum.retried(), limits::kMirrorRetryPortion);
    request.set_count_max(static_cast<int32_t>(portion));
    TTHC_ASSIGN_OR_RETURN(const v1::RetryMirrorItemsResponse response, session.client().RetryMirrorItems(request));
    sum.set_retried(sum.retried() + response.retried());
    sum.set_parked(response.parked());
    if (response.retried() < portion) break;
  }
  return sum;
}

void WriteRetried(const Session& session, const std::string& target, const v1::RetryMirrorItemsResponse& response) {
  if (!session.is_table() && !session.is_csv()) return WriteRecord(session, response, {.with_defaults = true});
  session.out() << ResourceId(target) << session.Say({": gửi lại ", ": "}) << FormatAmount(response.retried())
                << session.Say({" hồ sơ; còn chờ xử lý ", " dossiers will be told again; still parked "})
                << FormatAmount(response.parked()) << "\n";
}

absl::Status RetryAll(Session& session, const RetryArguments& arguments) {
  v1::RetryMirrorItemsRequest request;
  TTHC_ASSIGN_OR_RETURN(*request.mutable_name(),
                        ChooseTarget(session, arguments.words.empty() ? "" : arguments.words.front()));
  request.set_error_reason(arguments.reason);
  request.set_reason(arguments.note);
  TTHC_ASSIGN_OR_RETURN(const int64_t parked, CountParked(session, request.name(), arguments.reason));
  const int64_t count = std::min(parked, arguments.limit);
  const std::string question = absl::StrCat(ResourceId(request.name()), session.Say({": gửi lại ", ": tell "}),
                                            FormatAmount(count), session.Say({" hồ sơ?", " dossiers again?"}));
  if (count > 0 && !arguments.yes && !Confirm(session, question)) {
    return MakeError({.code = absl::StatusCode::kCancelled,
                      .reason = "NOT_CONFIRMED",
                      .message = "nothing was done",
                      .message_vi = "chưa làm gì"});
  }
  TTHC_ASSIGN_OR_RETURN(const v1::RetryMirrorItemsResponse response, RetryParked(session, request, count));
  WriteRetried(session, request.name(), response);
  return absl::OkStatus();
}

absl::Status Retry(Session& session, const RetryArguments& arguments) {
  TTHC_RETURN_IF_ERROR(CheckRetry(arguments));
  if (arguments.all) return RetryAll(session, arguments);
  TTHC_ASSIGN_OR_RETURN(const TargetAndDossiers split, SplitWords(session, arguments.words));
  // Without any, the server would take everything that is parked.
  if (split.dossiers.empty()) {
    return UsageError("dossier", "name dossiers, or --all for everything that is parked",
                      "hãy nêu mã hồ sơ, hoặc --all để gửi lại mọi hồ sơ chờ xử lý");
  }
  v1::RetryMirrorItemsRequest request;
  request.set_name(split.target);
  for (const std::string& dossier : split.dossiers) request.add_dossiers(dossier);
  request.set_reason(arguments.note);
  request.set_forget_record(arguments.from_scratch);
  request.set_forget_steps(arguments.with_steps);
  TTHC_ASSIGN_OR_RETURN(const v1::RetryMirrorItemsResponse response, session.client().RetryMirrorItems(request));
  WriteRetried(session, request.name(), response);
  return absl::OkStatus();
}

// --- mirror skip, pause, resume, retire ------------------------------------------------------------------------------

struct DecisionArguments {
  // Of skip: a target, perhaps, and a dossier.
  std::vector<std::string> words;
  // Of the others.
  std::string target;
  std::string note;
};

absl::Status Skip(Session& session, const DecisionArguments& arguments) {
  TTHC_ASSIGN_OR_RETURN(const TargetAndDossiers split, SplitWords(session, arguments.words));
  if (split.dossiers.size() != 1) {
    return UsageError("dossier", "name one dossier: each is decided by itself",
                      "hãy nêu đúng một mã hồ sơ: mỗi hồ sơ quyết định riêng");
  }
  v1::SkipMirrorItemRequest request;
  request.set_name(split.target);
  request.set_dossier(split.dossiers.front());
  request.set_reason(arguments.note);
  TTHC_ASSIGN_OR_RETURN(const v1::MirrorItem item, session.client().SkipMirrorItem(request));
  if (session.is_csv()) {
    ListWriter writer(session, ItemOverviewColumns());
    writer.Add(item, ItemOverviewCells(session, item));
  } else if (!session.is_table()) {
    WriteRecord(session, item);
  } else {
    session.out() << ResourceId(item.dossier()) << session.Say({": bỏ qua ở ", ": skipped at "})
                  << ResourceId(split.target)
                  << session.Say({"; có việc mới thì lại gửi\n", "; a later event is sent again\n"});
  }
  return absl::OkStatus();
}

absl::Status UpdateTarget(Session& session, const DecisionArguments& arguments,
                          v1::UpdateMirrorTargetRequest::Action action) {
  v1::UpdateMirrorTargetRequest request;
  TTHC_ASSIGN_OR_RETURN(*request.mutable_name(), ChooseTarget(session, arguments.target));
  request.set_action(action);
  request.set_reason(arguments.note);
  TTHC_ASSIGN_OR_RETURN(const v1::MirrorTarget target, session.client().UpdateMirrorTarget(request));
  if (session.is_csv()) {
    ListWriter writer(session, TargetColumns());
    writer.Add(target, TargetCells(session, target));
  } else if (!session.is_table()) {
    WriteRecord(session, target);
  } else {
    WriteTarget(session, target);
  }
  return absl::OkStatus();
}

// --- The commands ----------------------------------------------------------------------------------------------------

void AddTargetArgument(CLI::App& command, const Session& session, std::string& target) {
  command
      .add_option("target", target,
                  session.Say({"Hệ thống nhận, như dvcqg; bỏ trống khi chỉ có một",
                               "The target, such as dvcqg; may be left out if there is only one"}))
      ->type_name("");
}

void AddNote(CLI::App& command, const Session& session, std::string& note, bool required) {
  command.add_option("--note", note, session.Say({"Vì sao; được lưu lại", "Why; it is kept"}))
      ->required(required)
      ->option_text(required ? session.Say({"(bắt buộc)", "REQUIRED"}) : " ");
}

void AddReason(CLI::App& command, const Session& session, std::string& reason) {
  command.add_option("--reason", reason, session.Say({"Chỉ lý do này", "Only for this reason"}))
      ->option_text(absl::StrJoin(MirrorReasons(), "|"));
}

CLI::App* AddItemsCommand(CLI::App& mirror, Session& session, const CommandSpec& spec, v1::MirrorItem::State state,
                          const Text& title) {
  auto arguments = std::make_shared<ItemsArguments>();
  arguments->state = state;
  arguments->title = title;
  CLI::App* const command =
      AddCommand(mirror, session, spec, [&session, arguments] { return ListItems(session, *arguments); });
  AddTargetArgument(*command, session, arguments->target);
  arguments->pages.AddTo(*command, session);
  if (state != v1::MirrorItem::SKIPPED) AddReason(*command, session, arguments->reason);
  return command;
}

void AddItemsCommands(CLI::App& mirror, Session& session) {
  AddItemsCommand(mirror, session,
                  {.name = "parked",
                   .help = {"Hồ sơ bị từ chối, chờ người xử lý", "Dossiers that were refused and wait for a person"},
                   .examples = {"mirror parked", "mirror parked dvcqg --reason REFUSED",
                                "mirror parked dvcqg --out cho-xu-ly.xlsx"},
                   .xlsx = true},
                  v1::MirrorItem::PARKED, {"Hồ sơ chờ xử lý đồng bộ", "Parked dossiers"});
  AddItemsCommand(mirror, session,
                  {.name = "pending",
                   .help = {"Hồ sơ còn phải gửi", "Dossiers that are still to be sent"},
                   .examples = {"mirror pending", "mirror pending dvcqg --all -o csv"},
                   .xlsx = true},
                  v1::MirrorItem::PENDING, {"Hồ sơ chờ gửi", "Pending dossiers"});
  AddItemsCommand(mirror, session,
                  {.name = "skipped",
                   .help = {"Hồ sơ đã quyết định bỏ qua, ai, vì sao", "Dossiers that were skipped, by whom and why"},
                   .examples = {"mirror skipped", "mirror skipped dvcqg -o csv"},
                   .xlsx = true},
                  v1::MirrorItem::SKIPPED, {"Hồ sơ bỏ qua", "Skipped dossiers"});
}

void AddShowCommand(CLI::App& mirror, Session& session) {
  auto arguments = std::make_shared<ShowArguments>();
  CLI::App* const command = AddCommand(
      mirror, session,
      {.name = "show",
       .help = {"Một hồ sơ ở từng hệ thống nhận, kèm các lần gọi gần nhất",
                "One dossier at every target, with the last calls"},
       .examples = {"mirror show 0001", "mirror show H24.99.1-261126-0001 --raw", "mirror show 0001 -o json"}},
      [&session, arguments] { return ShowItems(session, *arguments); });
  command
      ->add_option(
          "dossier", arguments->dossier,
          session.Say({"Mã hồ sơ, mã khác, hoặc phần đuôi của mã", "Dossier code, alias, or the tail of a code"}))
      ->required()
      ->type_name("");
  command->add_flag("--raw", arguments->raw,
                    session.Say({"Không che dữ liệu cá nhân; máy chủ ghi nhật ký ai đã xem",
                                 "Personal data unmasked; the server logs who has looked"}));
}

void AddRetryCommand(CLI::App& mirror, Session& session) {
  auto arguments = std::make_shared<RetryArguments>();
  CLI::App* const command =
      AddCommand(mirror, session,
                 {.name = "retry",
                  .help = {"Gửi lại hồ sơ chờ xử lý hoặc đã bỏ qua", "Send parked or skipped dossiers again"},
                  .examples = {"mirror retry dvcqg 0001 0002", "mirror retry dvcqg --all --reason REFUSED --limit 20",
                               "mirror retry 0001 --from-scratch --with-steps --note \"Cổng đã xóa nhầm\""}},
                 [&session, arguments] { return Retry(session, *arguments); });
  command
      ->add_option("dossier", arguments->words,
                   session.Say({"Hệ thống nhận (bỏ trống khi chỉ có một), rồi các mã hồ sơ",
                                "The target (may be left out if there is only one), then dossiers"}))
      ->type_name("");
  command->add_flag("--all", arguments->all, session.Say({"Mọi hồ sơ chờ xử lý", "Everything that is parked"}));
  command->add_option("--limit", arguments->limit, session.Say({"Với --all: nhiều nhất", "With --all: at most"}))
      ->check(CLI::PositiveNumber)
      ->option_text(" ");
  AddReason(*command, session, arguments->reason);
  AddNote(*command, session, arguments->note, /*required=*/false);
  command->add_flag("--from-scratch", arguments->from_scratch,
                    session.Say({"Gửi cả hồ sơ, dù đã xác nhận: bên nhận làm mất hoặc ghi sai",
                                 "The record too, though it was confirmed: the target has lost it or has it wrong"}));
  command->add_flag("--with-steps", arguments->with_steps,
                    session.Say({"Với --from-scratch: gửi lại cả các bước", "With --from-scratch: the steps too"}));
  command->add_flag("--yes", arguments->yes, session.Say({"Không hỏi lại", "Do not ask"}));
}

void AddSkipCommand(CLI::App& mirror, Session& session) {
  auto arguments = std::make_shared<DecisionArguments>();
  CLI::App* const command = AddCommand(mirror, session,
                                       {.name = "skip",
                                        .help = {"Không gửi phần đang nợ của một hồ sơ; việc sau này vẫn gửi",
                                                 "Leave what a dossier owes now unsent; later events are sent"},
                                        .examples = {"mirror skip dvcqg 0001 --note \"Hồ sơ tiếp nhận thử\""}},
                                       [&session, arguments] { return Skip(session, *arguments); });
  command
      ->add_option("dossier", arguments->words,
                   session.Say({"Hệ thống nhận (bỏ trống khi chỉ có một), rồi mã hồ sơ",
                                "The target (may be left out if there is only one), then the dossier"}))
      ->required()
      ->type_name("");
  AddNote(*command, session, arguments->note, /*required=*/true);
}

void AddTargetCommand(CLI::App& mirror, Session& session, const CommandSpec& spec,
                      v1::UpdateMirrorTargetRequest::Action action) {
  auto arguments = std::make_shared<DecisionArguments>();
  CLI::App* const command = AddCommand(
      mirror, session, spec, [&session, arguments, action] { return UpdateTarget(session, *arguments, action); });
  AddTargetArgument(*command, session, arguments->target);
  const bool required = action != v1::UpdateMirrorTargetRequest::RESUME;
  AddNote(*command, session, arguments->note, required);
}

}  // namespace

void AddMirrorCommands(CLI::App& app, Session& session) {
  auto show_retired = std::make_shared<bool>(false);
  CLI::App* const mirror =
      AddCommand(app, session,
                 {.name = "mirror",
                  .help = {"Đồng bộ với hệ thống thành phố, Cổng quốc gia: đã gửi đến đâu, còn gì",
                           "What the city system and the national portal have been told"},
                  .examples = {"mirror", "mirror parked dvcqg", "mirror show 0001", "mirror retry dvcqg --all"}},
                 [&session, show_retired] { return Overview(session, *show_retired); });
  mirror->add_flag("--retired", *show_retired,
                   session.Say({"Cả hệ thống đã ngừng dùng", "Targets that are retired, too"}));
  AddItemsCommands(*mirror, session);
  AddShowCommand(*mirror, session);
  AddRetryCommand(*mirror, session);
  AddSkipCommand(*mirror, session);
  using Update = v1::UpdateMirrorTargetRequest;
  AddTargetCommand(*mirror, session,
                   {.name = "pause",
                    .help = {"Tạm dừng gửi; không mất gì", "Send nothing for a while; nothing is lost"},
                    .examples = {"mirror pause dvcqg --note \"Cổng bảo trì đến thứ Hai\""}},
                   Update::PAUSE);
  AddTargetCommand(*mirror, session,
                   {.name = "resume", .help = {"Gửi tiếp", "Send again"}, .examples = {"mirror resume dvcqg"}},
                   Update::RESUME);
  AddTargetCommand(*mirror, session,
                   {.name = "retire",
                    .help = {"Ngừng dùng hẳn một hệ thống nhận; không còn tính vào tỷ lệ đồng bộ",
                             "Stop telling a target for good; it leaves every share"},
                    .examples = {"mirror retire thu-nghiem --note \"Hết thử nghiệm\""}},
                   Update::RETIRE);
}

}  // namespace tthc::cli
