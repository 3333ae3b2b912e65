#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/commands.h"
#include "client/cli/dossier_lookup.h"
#include "client/cli/field_value.h"
#include "client/cli/mirror_view.h"
#include "client/cli/output.h"
#include "client/cli/paged_list.h"
#include "client/cli/sheet.h"
#include "client/sdk/paging.h"
#include "client/terminal/format.h"
#include "client/terminal/mirror_text.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

// mirror: what other systems have received, and what people decide about the rest.
// tthc-sync delivers. These commands only read the progress that it reports, and record decisions that it follows:
// pause, resume, retire, retry, skip. A decision is part of the history with its author and reason, so a wrong one is
// never taken back silently; hence the questions and checks before it is sent.
namespace tthc::cli {
namespace {

using terminal::FormatAmount;
using terminal::MirrorReasons;
using terminal::Session;
using terminal::Text;
using terminal::UsageError;

constexpr char kTargets[] = "mirrorTargets";
// Stands for every target that is not retired.
constexpr char kEveryTarget[] = "mirrorTargets/-";

using Targets = std::vector<v1::MirrorTarget>;

// --- Which target ----------------------------------------------------------------------------------------------------

// One answer for all commands, which names the document to begin with.
absl::Status NoTargets() {
  return MakeError({.code = absl::StatusCode::kNotFound,
                    .reason = "MIRROR_TARGET_NOT_FOUND",
                    .message = "nothing is mirrored yet: set up tthc-sync (docs/mirror.md)",
                    .message_vi = "chưa đồng bộ với hệ thống nào: hãy cài đặt tthc-sync (docs/vi/dong-bo.md)"});
}

absl::StatusOr<Targets> FetchTargets(Session& session, bool show_retired) {
  v1::ListMirrorTargetsRequest request;
  request.set_show_retired(show_retired);
  return sdk::FetchAll<v1::MirrorTarget>(
      std::move(request), [&](const auto& page) { return session.client().ListMirrorTargets(page); },
      [](const auto& page) -> const auto& { return page.targets(); });
}

// The target that is meant when none was typed: the only one in use.
absl::StatusOr<std::string> OnlyTarget(const Targets& targets) {
  std::vector<std::string> names;
  for (const v1::MirrorTarget& target : targets) {
    if (!target.retired()) names.push_back(target.name());
  }
  if (names.empty()) return NoTargets();
  // Never a guess among several: a decision about the wrong target stays recorded.
  if (names.size() == 1) return names.front();
  const std::string list =
      absl::StrJoin(names, ", ", [](std::string* out, const std::string& name) { out->append(ResourceId(name)); });
  return UsageError("target", absl::StrCat("name one of the targets: ", list),
                    absl::StrCat("hãy nói rõ hệ thống nhận nào: ", list));
}

// mirrorTargets/{target} of what was typed, or of the only target.
absl::StatusOr<std::string> ChooseTarget(Session& session, const std::string& typed) {
  if (!typed.empty()) return ResourceName(kTargets, typed);
  TTHC_ASSIGN_OR_RETURN(const Targets targets, FetchTargets(session, /*show_retired=*/false));
  return OnlyTarget(targets);
}

struct TargetAndDossiers {
  // mirrorTargets/{target}
  std::string target;
  // As typed.
  std::vector<std::string> dossiers;
};

// Splits what was typed: a target and dossiers, or dossiers alone when there is only one target. The first word is a
// target if one of that name exists; no dossier has a code that short.
absl::StatusOr<TargetAndDossiers> SplitWords(Session& session, const std::vector<std::string>& words) {
  TTHC_ASSIGN_OR_RETURN(const Targets targets, FetchTargets(session, /*show_retired=*/true));
  const std::string first = ResourceName(kTargets, words.front());
  // Retired targets are known here, too. The server then refuses a decision about one, instead of a search for a
  // dossier with that name.
  const bool named = absl::StartsWith(words.front(), absl::StrCat(kTargets, "/")) ||
                     std::any_of(targets.begin(), targets.end(),
                                 [&](const v1::MirrorTarget& target) { return target.name() == first; });
  TargetAndDossiers split;
  if (named) {
    split.target = first;
  } else {
    TTHC_ASSIGN_OR_RETURN(split.target, OnlyTarget(targets));
  }
  for (size_t i = named ? 1 : 0; i < words.size(); ++i) split.dossiers.push_back(words[i]);
  return split;
}

// mirrorTargets/{target}/items/{dossier} of dossiers/{dossier}.
std::string ItemName(const std::string& target, const std::string& dossier) {
  return absl::StrCat(target, "/items/", ResourceId(dossier));
}

// --- mirror ----------------------------------------------------------------------------------------------------------

absl::Status Overview(Session& session, bool show_retired) {
  TTHC_ASSIGN_OR_RETURN(const Targets targets, FetchTargets(session, show_retired));
  if (!session.is_table()) {
    ListWriter writer(session, TargetColumns());
    for (const v1::MirrorTarget& target : targets) writer.Add(target, TargetCells(session, target));
    return absl::OkStatus();
  }
  // Paragraphs, because a target has more figures than a terminal has room for columns.
  for (size_t i = 0; i < targets.size(); ++i) {
    if (i > 0) session.out() << "\n";
    WriteTarget(session, targets[i]);
  }
  // The first thing that a new installation shows: it says how to begin. Nothing is wrong, so the exit status is 0.
  if (targets.empty()) {
    session.Print(session.Say(
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
  v1::MirrorItem::State state = v1::MirrorItem::STATE_PARKED;
  Text title;
};

v1::ListMirrorItemsRequest ItemsRequest(const std::string& target, v1::MirrorItem::State state,
                                        const std::string& reason) {
  v1::ListMirrorItemsRequest request;
  request.set_parent(target);
  request.set_state(state);
  request.set_error_reason(reason);
  return request;
}

absl::StatusOr<std::unique_ptr<SheetWriter>> OpenSheet(const Session& session, const ItemsArguments& arguments,
                                                       const std::string& target) {
  constexpr double kMirrorWide = 40;
  constexpr double kMirrorNarrow = 20;
  const absl::Time now = session.environment().clock->Now();
  SheetOptions options{.title = absl::StrCat(session.Say(arguments.title), " · ", ResourceId(target)),
                       .lines = {FormatForPeople(now)},
                       .columns = {},
                       .created = now};
  for (const OutputColumn& column : ItemColumns(arguments.state)) {
    options.columns.push_back(
        {.header = session.Say(column.header), .width = column.shrinks ? kMirrorWide : kMirrorNarrow});
  }
  return SheetWriter::Open(session, options);
}

void PrintCount(const Session& session, const ItemsArguments& arguments, int64_t shown, int64_t total, bool more) {
  // A complete file needs no remark. One that ends early does, so that nobody takes it for everything.
  if (!session.is_table() && !more) return;
  std::string text = FormatAmount(shown);
  // The server counts items by state and not by reason, so the total must be worded differently.
  if (arguments.reason.empty()) {
    absl::StrAppend(&text, session.Say({" trong số ", " of "}), FormatAmount(total));
  } else {
    absl::StrAppend(&text, session.Say({"; mọi lý do: ", "; of all reasons: "}), FormatAmount(total));
  }
  if (more) absl::StrAppend(&text, session.Say({"; thêm: --all hoặc --limit N", "; more: --all or --limit N"}));
  session.Print(text);
}

std::vector<std::string> DossiersOf(const v1::ListMirrorItemsResponse& page) {
  std::vector<std::string> names;
  for (const v1::MirrorItem& item : page.items()) names.push_back(item.dossier());
  return names;
}

absl::Status ListItems(Session& session, const ItemsArguments& arguments) {
  TTHC_ASSIGN_OR_RETURN(const std::string target, ChooseTarget(session, arguments.target));
  // A spreadsheet gets all rows.
  PageOptions pages = arguments.pages;
  pages.all = pages.all || session.is_xlsx();
  std::unique_ptr<SheetWriter> sheet;
  std::unique_ptr<ListWriter> list;
  if (session.is_xlsx()) {
    TTHC_ASSIGN_OR_RETURN(sheet, OpenSheet(session, arguments, target));
  } else {
    list = std::make_unique<ListWriter>(session, ItemColumns(arguments.state));
  }
  // JSON shows items in the form of the API, so it needs no look-up.
  const bool with_codes = session.is_table() || session.is_csv() || session.is_xlsx();
  DossierCodes codes(session);
  const auto add = [&](const v1::MirrorItem& item) {
    std::vector<std::string> cells = ItemCells(session, item, codes.Of(item.dossier()), arguments.state);
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
  absl::Status lookup;
  const auto fetch = [&](const v1::ListMirrorItemsRequest& page) { return session.client().ListMirrorItems(page); };
  TTHC_RETURN_IF_ERROR(sdk::ForEachPage(std::move(request), fetch, [&](const v1::ListMirrorItemsResponse& page) {
    if (with_codes) lookup = codes.Load(DossiersOf(page));
    // ForEachPage can only be stopped; the error is returned after it.
    if (!lookup.ok()) return false;
    total = page.total_size();
    // The last page may hold more rows than --limit allows.
    const int64_t taken = std::min<int64_t>(page.items_size(), rows_max - shown);
    for (int i = 0; i < taken; ++i) add(page.items(i));
    shown += taken;
    if (list != nullptr) list->EndPortion();
    // The limit may fall within a page or exactly on its end.
    more = taken < page.items_size() || (shown == rows_max && !page.next_page_token().empty());
    return shown < rows_max;
  }));
  TTHC_RETURN_IF_ERROR(lookup);
  if (list != nullptr) list->Finish();
  PrintCount(session, arguments, shown, total, more);
  return sheet == nullptr ? absl::OkStatus() : sheet->Finish();
}

// --- mirror show -----------------------------------------------------------------------------------------------------

struct ShowArguments {
  // A target, perhaps, and a dossier.
  std::vector<std::string> words;
  bool raw = false;
};

// The dossier's items, with their exchanges: at one target if two words were typed, else at every target in use.
absl::StatusOr<v1::ListMirrorItemsResponse> FetchItems(Session& session, const ShowArguments& arguments,
                                                       const std::string& dossier) {
  const v1::MirrorExchangeView view = arguments.raw ? v1::MIRROR_EXCHANGE_VIEW_RAW : v1::MIRROR_EXCHANGE_VIEW_MASKED;
  v1::ListMirrorItemsResponse response;
  // A target that was named and does not know the dossier is an error. Without a name such targets are left out.
  if (arguments.words.size() > 1) {
    v1::GetMirrorItemRequest request;
    request.set_name(ItemName(ResourceName(kTargets, arguments.words.front()), dossier));
    request.set_view(view);
    TTHC_ASSIGN_OR_RETURN(*response.add_items(), session.client().GetMirrorItem(request));
  } else {
    v1::ListMirrorItemsRequest request;
    request.set_parent(kEveryTarget);
    request.set_dossier(dossier);
    request.set_view(view);
    TTHC_ASSIGN_OR_RETURN(
        const std::vector<v1::MirrorItem> items,
        sdk::FetchAll<v1::MirrorItem>(
            std::move(request), [&](const auto& page) { return session.client().ListMirrorItems(page); },
            [](const auto& page) -> const auto& { return page.items(); }));
    response.mutable_items()->Add(items.begin(), items.end());
  }
  response.set_total_size(response.items_size());
  return response;
}

absl::Status ShowItems(Session& session, const ShowArguments& arguments) {
  if (arguments.words.size() > 2) {
    return UsageError("dossier", "name one dossier", "hãy nêu đúng một mã hồ sơ");
  }
  // Printed before the call, because the call is what the server logs.
  if (arguments.raw) {
    session.Warn(session.Say({"nội dung không che; máy chủ ghi nhật ký ai đã xem",
                              "personal data is shown; the server logs who has looked"}));
  }
  TTHC_ASSIGN_OR_RETURN(const v1::Dossier dossier,
                        FindDossier(session, arguments.words.back(), v1::DOSSIER_VIEW_REFERENCE));
  TTHC_ASSIGN_OR_RETURN(const v1::ListMirrorItemsResponse response, FetchItems(session, arguments, dossier.name()));
  const std::string code = DossierCode(dossier);
  if (session.is_csv()) {
    ListWriter writer(session, ItemOverviewColumns());
    for (const v1::MirrorItem& item : response.items()) writer.Add(item, ItemOverviewCells(session, item, code));
    return absl::OkStatus();
  }
  if (!session.is_table()) {
    WriteRecord(session, response);
    return absl::OkStatus();
  }
  // Empty JSON and CSV are valid answers; a person needs to read why there is nothing.
  if (response.items().empty()) return NoTargets();
  session.out() << code << "\n";
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

// Combinations that CLI11 cannot express. They are refused before anything is sent.
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

// True if the person agrees, or if there is no terminal to ask at.
bool Confirm(const Session& session, const std::string& question) {
  if (!session.environment().in_is_terminal) return true;
  *session.environment().err << question << session.Say({" [c/K] ", " [y/N] "}) << std::flush;
  std::string line;
  std::getline(*session.environment().in, line);
  // "Có" is understood with and without diacritics; Enter alone means no.
  const std::string answer = FoldForSearch(line);
  return answer == "c" || answer == "co" || answer == "y" || answer == "yes";
}

// How many are parked at `target` for `reason`, or for any.
absl::StatusOr<int64_t> CountParked(Session& session, const std::string& target, const std::string& reason) {
  v1::ListMirrorItemsRequest request = ItemsRequest(target, v1::MirrorItem::STATE_PARKED, reason);
  // Without a reason the total is the answer, so the smallest page is enough. With one, the items themselves are
  // counted.
  request.set_page_size(reason.empty() ? 1 : static_cast<int32_t>(limits::kPageSizeMax));
  int64_t count = 0;
  const auto fetch = [&](const v1::ListMirrorItemsRequest& page) { return session.client().ListMirrorItems(page); };
  TTHC_RETURN_IF_ERROR(sdk::ForEachPage(std::move(request), fetch, [&](const v1::ListMirrorItemsResponse& page) {
    count = reason.empty() ? page.total_size() : count + page.items_size();
    return !reason.empty();
  }));
  return count;
}

// Retries in portions, each of which is one write of bounded size. At most `count` items in all, because an item that
// is parked again meanwhile would otherwise be retried without end.
absl::StatusOr<v1::RetryMirrorItemsResponse> RetryParked(Session& session, const v1::RetryMirrorItemsRequest& common,
                                                         int64_t count) {
  v1::RetryMirrorItemsResponse sum;
  while (sum.retried_count() < count) {
    v1::RetryMirrorItemsRequest request = common;
    const int64_t portion = std::min<int64_t>(count - sum.retried_count(), limits::kMirrorRetryPortion);
    request.set_count_max(static_cast<int32_t>(portion));
    TTHC_ASSIGN_OR_RETURN(const v1::RetryMirrorItemsResponse response, session.client().RetryMirrorItems(request));
    sum.set_retried_count(sum.retried_count() + response.retried_count());
    // No sum: each answer says how many are left after it.
    sum.set_parked_count(response.parked_count());
    // Fewer than asked for: another person decided in the meantime, or nothing is left.
    if (response.retried_count() < portion) break;
  }
  return sum;
}

void WriteRetried(const Session& session, const std::string& target, const v1::RetryMirrorItemsResponse& response) {
  if (!session.is_table() && !session.is_csv()) return WriteRecord(session, response, {.with_defaults = true});
  session.out() << ResourceId(target) << session.Say({": gửi lại ", ": "}) << FormatAmount(response.retried_count())
                << session.Say({" hồ sơ; còn chờ xử lý ", " dossiers will be sent again; still parked "})
                << FormatAmount(response.parked_count()) << "\n";
}

absl::Status RetryAll(Session& session, const RetryArguments& arguments) {
  v1::RetryMirrorItemsRequest request;
  TTHC_ASSIGN_OR_RETURN(*request.mutable_parent(),
                        ChooseTarget(session, arguments.words.empty() ? "" : arguments.words.front()));
  // The reason selects items; the note says why they are retried, and is recorded.
  request.set_error_reason(arguments.reason);
  request.set_reason(arguments.note);
  TTHC_ASSIGN_OR_RETURN(const int64_t parked, CountParked(session, request.parent(), arguments.reason));
  // Counted before the question, so that people agree to a number.
  const int64_t count = std::min(parked, arguments.limit);
  const std::string question = absl::StrCat(ResourceId(request.parent()), session.Say({": gửi lại ", ": send "}),
                                            FormatAmount(count), session.Say({" hồ sơ?", " dossiers again?"}));
  if (count > 0 && !arguments.yes && !Confirm(session, question)) {
    // An error, so that a script does not take "no" for done.
    return MakeError({.code = absl::StatusCode::kCancelled,
                      .reason = "NOT_CONFIRMED",
                      .message = "nothing was done",
                      .message_vi = "chưa làm gì"});
  }
  TTHC_ASSIGN_OR_RETURN(const v1::RetryMirrorItemsResponse response, RetryParked(session, request, count));
  WriteRetried(session, request.parent(), response);
  return absl::OkStatus();
}

absl::Status Retry(Session& session, const RetryArguments& arguments) {
  TTHC_RETURN_IF_ERROR(CheckRetry(arguments));
  if (arguments.all) return RetryAll(session, arguments);
  TTHC_ASSIGN_OR_RETURN(const TargetAndDossiers split, SplitWords(session, arguments.words));
  // A request without names would retry everything that is parked.
  if (split.dossiers.empty()) {
    return UsageError("dossier", "name dossiers, or --all for everything that is parked",
                      "hãy nêu mã hồ sơ, hoặc --all để gửi lại mọi hồ sơ chờ xử lý");
  }
  v1::RetryMirrorItemsRequest request;
  request.set_parent(split.target);
  for (const std::string& typed : split.dossiers) {
    TTHC_ASSIGN_OR_RETURN(const std::string dossier, ResolveDossier(session, typed));
    request.add_names(ItemName(split.target, dossier));
  }
  request.set_reason(arguments.note);
  // Otherwise tthc-sync sends only what the target has not confirmed yet.
  request.set_resend_record(arguments.from_scratch);
  request.set_resend_steps(arguments.with_steps);
  TTHC_ASSIGN_OR_RETURN(const v1::RetryMirrorItemsResponse response, session.client().RetryMirrorItems(request));
  WriteRetried(session, request.parent(), response);
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
  // One at a time: skipping leaves a portal without a status that the law asks for, so each needs its own reason.
  if (split.dossiers.size() != 1) {
    return UsageError("dossier", "name one dossier: each needs a decision of its own",
                      "hãy nêu đúng một mã hồ sơ: mỗi hồ sơ quyết định riêng");
  }
  v1::SkipMirrorItemRequest request;
  TTHC_ASSIGN_OR_RETURN(const v1::Dossier dossier,
                        FindDossier(session, split.dossiers.front(), v1::DOSSIER_VIEW_REFERENCE));
  request.set_name(ItemName(split.target, dossier.name()));
  request.set_reason(arguments.note);
  TTHC_ASSIGN_OR_RETURN(const v1::MirrorItem item, session.client().SkipMirrorItem(request));
  if (session.is_csv()) {
    ListWriter writer(session, ItemOverviewColumns());
    writer.Add(item, ItemOverviewCells(session, item, DossierCode(dossier)));
  } else if (!session.is_table()) {
    WriteRecord(session, item);
  } else {
    session.out() << DossierCode(dossier) << session.Say({": bỏ qua ở ", ": skipped at "}) << ResourceId(split.target)
                  << session.Say({"; có việc mới thì lại gửi\n", "; a later event is sent again\n"});
  }
  return absl::OkStatus();
}

// Pause, resume or retire: they differ in their methods only.
template <typename Request>
absl::Status ChangeTarget(Session& session, const DecisionArguments& arguments,
                          absl::StatusOr<v1::MirrorTarget> (*call)(sdk::Client&, const Request&)) {
  Request request;
  TTHC_ASSIGN_OR_RETURN(*request.mutable_name(), ChooseTarget(session, arguments.target));
  request.set_reason(arguments.note);
  TTHC_ASSIGN_OR_RETURN(const v1::MirrorTarget target, call(session.client(), request));
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
  command.add_option("--note", note, session.Say({"Vì sao; được lưu lại", "Why; recorded"}))
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
  // Skipped items have the reason of a person, not one of these codes.
  if (state != v1::MirrorItem::STATE_SKIPPED) AddReason(*command, session, arguments->reason);
  return command;
}

void AddItemsCommands(CLI::App& mirror, Session& session) {
  AddItemsCommand(mirror, session,
                  {.name = "parked",
                   .help = {"Hồ sơ bị từ chối, chờ người xử lý", "Dossiers that need a person, such as those refused"},
                   .examples = {"mirror parked", "mirror parked dvcqg --reason REFUSED",
                                "mirror parked dvcqg --out cho-xu-ly.xlsx"},
                   .xlsx = true},
                  v1::MirrorItem::STATE_PARKED, {"Hồ sơ chờ xử lý đồng bộ", "Parked dossiers"});
  AddItemsCommand(mirror, session,
                  {.name = "pending",
                   .help = {"Hồ sơ còn phải gửi", "Dossiers that are still to be sent"},
                   .examples = {"mirror pending", "mirror pending dvcqg --all -o csv"},
                   .xlsx = true},
                  v1::MirrorItem::STATE_PENDING, {"Hồ sơ chờ gửi", "Pending dossiers"});
  AddItemsCommand(mirror, session,
                  {.name = "skipped",
                   .help = {"Hồ sơ đã quyết định bỏ qua, ai, vì sao", "Dossiers that were skipped, by whom and why"},
                   .examples = {"mirror skipped", "mirror skipped dvcqg -o csv"},
                   .xlsx = true},
                  v1::MirrorItem::STATE_SKIPPED, {"Hồ sơ bỏ qua", "Skipped dossiers"});
}

void AddShowCommand(CLI::App& mirror, Session& session) {
  auto arguments = std::make_shared<ShowArguments>();
  CLI::App* const command =
      AddCommand(mirror, session,
                 {.name = "show",
                  .help = {"Một hồ sơ ở từng hệ thống nhận, kèm các lần gọi gần nhất",
                           "One dossier at every target, with the last calls"},
                  .examples = {"mirror show 0001", "mirror show dvcqg 0001", "mirror show H24.99.1-261126-0001 --raw",
                               "mirror show 0001 -o json"}},
                 [&session, arguments] { return ShowItems(session, *arguments); });
  command
      ->add_option("dossier", arguments->words,
                   session.Say({"Mã hồ sơ, mã khác, hoặc phần đuôi của mã; trước đó có thể nêu một hệ thống nhận",
                                "Dossier code, alias, or the tail of a code; a target may be named before it"}))
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
                                                 "Leave what is pending of a dossier unsent; later events are sent"},
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

template <typename Request>
void AddTargetCommand(CLI::App& mirror, Session& session, const CommandSpec& spec, bool note_required,
                      absl::StatusOr<v1::MirrorTarget> (*call)(sdk::Client&, const Request&)) {
  auto arguments = std::make_shared<DecisionArguments>();
  CLI::App* const command = AddCommand(mirror, session, spec,
                                       [&session, arguments, call] { return ChangeTarget(session, *arguments, call); });
  AddTargetArgument(*command, session, arguments->target);
  AddNote(*command, session, arguments->note, note_required);
}

// A note is required where deliveries stop, since others will ask why. To send again explains itself.
void AddTargetCommands(CLI::App& mirror, Session& session) {
  AddTargetCommand<v1::PauseMirrorTargetRequest>(
      mirror, session,
      {.name = "pause",
       .help = {"Tạm dừng gửi; không mất gì", "Send nothing for a while; nothing is lost"},
       .examples = {"mirror pause dvcqg --note \"Cổng bảo trì đến thứ Hai\""}},
      /*note_required=*/true, [](sdk::Client& client, const v1::PauseMirrorTargetRequest& request) {
        return client.PauseMirrorTarget(request);
      });
  AddTargetCommand<v1::ResumeMirrorTargetRequest>(
      mirror, session, {.name = "resume", .help = {"Gửi tiếp", "Send again"}, .examples = {"mirror resume dvcqg"}},
      /*note_required=*/false, [](sdk::Client& client, const v1::ResumeMirrorTargetRequest& request) {
        return client.ResumeMirrorTarget(request);
      });
  AddTargetCommand<v1::RetireMirrorTargetRequest>(
      mirror, session,
      {.name = "retire",
       .help = {"Ngừng dùng hẳn một hệ thống nhận; không còn tính vào tỷ lệ đồng bộ",
                "Stop sending to a target for good; it no longer counts in any share"},
       .examples = {"mirror retire thu-nghiem --note \"Hết thử nghiệm\""}},
      /*note_required=*/true, [](sdk::Client& client, const v1::RetireMirrorTargetRequest& request) {
        return client.RetireMirrorTarget(request);
      });
}

}  // namespace

void AddMirrorCommands(CLI::App& app, Session& session) {
  auto show_retired = std::make_shared<bool>(false);
  CLI::App* const mirror =
      AddCommand(app, session,
                 {.name = "mirror",
                  .help = {"Đồng bộ với hệ thống thành phố, Cổng quốc gia: đã gửi đến đâu, còn gì",
                           "What the city system and the national portal have received, and what is pending"},
                  .examples = {"mirror", "mirror parked dvcqg", "mirror show 0001", "mirror retry dvcqg --all"}},
                 [&session, show_retired] { return Overview(session, *show_retired); });
  mirror->add_flag("--retired", *show_retired,
                   session.Say({"Cả hệ thống đã ngừng dùng", "Targets that are retired, too"}));
  AddItemsCommands(*mirror, session);
  AddShowCommand(*mirror, session);
  AddRetryCommand(*mirror, session);
  AddSkipCommand(*mirror, session);
  AddTargetCommands(*mirror, session);
}

}  // namespace tthc::cli
