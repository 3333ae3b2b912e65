#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/commands.h"
#include "client/cli/dossier_view.h"
#include "client/cli/field_value.h"
#include "client/cli/metric_words.h"
#include "client/cli/output.h"
#include "client/cli/paged_list.h"
#include "client/cli/period_options.h"
#include "client/cli/proto_json.h"
#include "client/cli/sheet.h"
#include "client/cli/statistics_filter.h"
#include "client/cli/statistics_view.h"
#include "client/cli/words.h"
#include "client/terminal/format.h"
#include "client/terminal/suggest.h"
#include "client/terminal/table.h"
#include "storage/base/csv.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

// stats, stats list, stats metrics: figures, and the dossiers behind them.
// The server counts and lists by the same rule, so that `stats list` is as long as the figure says.
namespace tthc::cli {
namespace {

using terminal::FormatTableTime;
using terminal::Lang;
using terminal::Privacy;
using terminal::Session;
using terminal::Suggest;
using terminal::Text;
using terminal::UsageError;
using terminal::WrapToWidth;

// What is shown without --metrics. With groups the metrics are columns, so that fewer fit.
const std::vector<v1::Metric>& DefaultMetrics(bool grouped) {
  static const auto* const total = new std::vector<v1::Metric>{
      v1::METRIC_RECEIVED,          v1::METRIC_RECEIVED_AT_COUNTER, v1::METRIC_RECEIVED_ONLINE,
      v1::METRIC_RECEIVED_BY_POST,  v1::METRIC_CARRIED_OVER,        v1::METRIC_ENDED_EARLY_06A,
      v1::METRIC_ENDED_ON_TIME_06A, v1::METRIC_ENDED_LATE_06A,      v1::METRIC_OPEN_IN_TERM,
      v1::METRIC_OPEN_OVERDUE,      v1::METRIC_ON_TIME_SHARE_06A,   v1::METRIC_SATISFACTION_RATE,
      v1::METRIC_RESPONSE_RATE};
  static const auto* const groups = new std::vector<v1::Metric>{
      v1::METRIC_RECEIVED,          v1::METRIC_CARRIED_OVER,      v1::METRIC_ENDED_EARLY_06A,
      v1::METRIC_ENDED_ON_TIME_06A, v1::METRIC_ENDED_LATE_06A,    v1::METRIC_OPEN_IN_TERM,
      v1::METRIC_OPEN_OVERDUE,      v1::METRIC_ON_TIME_SHARE_06A, v1::METRIC_SATISFACTION_RATE};
  return grouped ? *groups : *total;
}

absl::Status AddGroupings(const std::vector<std::string>& typed, google::protobuf::RepeatedField<int>* groups) {
  for (const std::string& word : typed) {
    TTHC_ASSIGN_OR_RETURN(const int group, ParseEnum(*v1::GroupBy_descriptor(), "--by", word));
    groups->Add(group);
  }
  return absl::OkStatus();
}

CLI::Option* AddByOption(CLI::App& command, const Session& session, std::vector<std::string>& by, const Text& help) {
  return command.add_option("--by", by, session.Say(help))
      ->type_name("")
      ->delimiter(',')
      ->option_text(EnumChoices(*v1::GroupBy_descriptor()));
}

// --- stats -----------------------------------------------------------------------------------------------------------

struct StatsArguments {
  PeriodOptions period;
  StatisticsFilterOptions filter;
  std::vector<std::string> metrics;
  std::vector<std::string> by;
  bool all_metrics = false;
  bool bars = false;
  bool no_bars = false;
};

absl::StatusOr<v1::QueryStatisticsRequest> BuildQuery(const Session& session, const StatsArguments& arguments) {
  v1::QueryStatisticsRequest request;
  for (const std::string& name : arguments.metrics) {
    TTHC_ASSIGN_OR_RETURN(const v1::Metric metric, ParseMetric("--metrics", name));
    request.add_metrics(metric);
  }
  TTHC_RETURN_IF_ERROR(AddGroupings(arguments.by, request.mutable_group_by()));
  // Wins over --metrics, so that it can be added to any command line.
  if (arguments.all_metrics) {
    request.clear_metrics();
    for (const MetricWord& word : MetricWords()) request.add_metrics(word.metric);
  }
  if (request.metrics().empty()) {
    for (const v1::Metric metric : DefaultMetrics(request.group_by_size() > 0)) request.add_metrics(metric);
  }
  TTHC_RETURN_IF_ERROR(arguments.period.Fill(session, request));
  TTHC_ASSIGN_OR_RETURN(*request.mutable_filter(), arguments.filter.Build());
  return request;
}

absl::Status Stats(Session& session, const StatsArguments& arguments) {
  TTHC_ASSIGN_OR_RETURN(const v1::QueryStatisticsRequest request, BuildQuery(session, arguments));
  // Refused before the call: a chart of one bar compares nothing.
  if (arguments.bars && request.group_by().empty()) {
    return UsageError("--bars", "needs --by: one bar a group", "cần --by: mỗi nhóm một thanh");
  }
  TTHC_ASSIGN_OR_RETURN(const v1::QueryStatisticsResponse response, session.client().QueryStatistics(request));
  // One metric by one grouping is easier to see than to read.
  const bool one = request.metrics_size() == 1 && request.group_by_size() == 1;
  const bool bars = arguments.bars || (one && session.out_is_terminal() && !arguments.no_bars);
  return WriteStatistics(session, request, response, {.bars = bars});
}

// --- stats list ------------------------------------------------------------------------------------------------------

struct CountedArguments {
  PeriodOptions period;
  StatisticsFilterOptions filter;
  PageOptions pages;
  std::string metric;
  std::vector<std::string> by;
  std::vector<std::string> groups;
  int32_t waiting_days = 0;
  // Whether --limit was typed: files are whole otherwise.
  CLI::Option* limit = nullptr;
};

// Whether a person may mean this row by `text`.
bool IsCalled(const v1::StatisticsKey& key, v1::Period::Scheme scheme, const std::string& text) {
  // By id or name, in both languages and without diacritics: people type what they saw in some table.
  const std::string folded = FoldForSearch(text);
  for (const std::string& name : {key.name(), ResourceId(key.name()), key.display_name(),
                                  FormatKey(key, scheme, Lang::kVi), FormatKey(key, scheme, Lang::kEn)}) {
    if (FoldForSearch(name) == folded) return true;
  }
  return key.has_start_time() && FormatDateForPeople(FromProto(key.start_time())) == text;
}

absl::Status NoSuchGroup(const std::string& text, const std::vector<std::string>& known) {
  // A few examples: grouped by procedure there are hundreds.
  std::vector<std::string> shown(
      known.begin(),
      known.begin() + std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(limits::kAmbiguousMatchesShown),
                                               static_cast<std::ptrdiff_t>(known.size())));
  // A similar name is worth more than a list of others.
  const std::string near = Suggest(text, known);
  const std::string some = !near.empty() ? near : absl::StrJoin(shown, "; ");
  return UsageError("--group",
                    absl::StrCat("nothing counts under \"", text, "\"", some.empty() ? "" : "; there is ", some),
                    absl::StrCat("không có gì tính vào nhóm \"", text, "\"", some.empty() ? "" : "; có ", some));
}

// Finds the row that --group names among the rows of the figure itself, since only these have dossiers to list.
absl::Status FindGroups(Session& session, const CountedArguments& arguments, v1::ListCountedDossiersRequest& request) {
  if (arguments.by.size() != arguments.groups.size()) {
    return UsageError("--group", "needs one --by each", "cần mỗi --group một --by");
  }
  if (arguments.by.empty()) return absl::OkStatus();
  v1::QueryStatisticsRequest query;
  *query.mutable_period() = request.period();
  query.add_metrics(request.metric());
  TTHC_RETURN_IF_ERROR(AddGroupings(arguments.by, query.mutable_group_by()));
  *query.mutable_filter() = request.filter();
  if (request.has_as_of()) *query.mutable_as_of() = request.as_of();
  // Same period, filter and as-of as the list, so that every group that is suggested has dossiers.
  TTHC_ASSIGN_OR_RETURN(const v1::QueryStatisticsResponse answer, session.client().QueryStatistics(query));
  const v1::Period::Scheme scheme = answer.basis().period().scheme();
  // Each group by itself: two that exist but have no dossier in common give an empty list, which is a valid answer.
  for (int i = 0; i < query.group_by_size(); ++i) {
    const std::string& text = arguments.groups[static_cast<size_t>(i)];
    std::vector<std::string> known;
    std::optional<v1::StatisticsKey> found;
    for (const v1::StatisticsRow& row : answer.rows()) {
      // An answer of another shape must not end the program.
      if (i >= row.keys_size()) continue;
      known.push_back(FormatKey(row.keys(i), scheme, session.lang()));
      if (IsCalled(row.keys(i), scheme, text)) found = row.keys(i);
    }
    if (!found.has_value()) return NoSuchGroup(text, known);
    v1::StatisticsKey& key = *request.add_keys();
    key.set_group_by(found->group_by());
    key.set_name(found->name());
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ListCountedDossiersRequest> BuildList(Session& session, const CountedArguments& arguments) {
  v1::ListCountedDossiersRequest request;
  TTHC_ASSIGN_OR_RETURN(const v1::Metric metric, ParseMetric("metric", arguments.metric));
  request.set_metric(metric);
  // A share is made of two counts and a distribution of times; neither has one list of dossiers behind it.
  if (KindOf(metric) == MetricKind::kShare || KindOf(metric) == MetricKind::kDistribution) {
    return UsageError("metric", absl::StrCat(MetricName(metric), " counts no dossiers; take one of its parts"),
                      absl::StrCat(MetricName(metric), " không đếm hồ sơ; hãy lấy một chỉ tiêu đếm"));
  }
  // An option that has no effect would give a longer list than the person asked for.
  if (arguments.waiting_days > 0 && metric != v1::METRIC_WAITING_FOR_SUPPLEMENT) {
    return UsageError("--waiting-days", "goes with waiting_for_supplement only", "chỉ đi cùng waiting_for_supplement");
  }
  // 0 asks for no minimum.
  request.set_waiting_days_min(arguments.waiting_days);
  TTHC_RETURN_IF_ERROR(arguments.period.Fill(session, request));
  TTHC_ASSIGN_OR_RETURN(*request.mutable_filter(), arguments.filter.Build());
  TTHC_RETURN_IF_ERROR(FindGroups(session, arguments, request));
  request.set_view(ViewFor(session));
  return request;
}

std::string Holder(const v1::Dossier& dossier) {
  const std::string officer = ResourceId(dossier.officer());
  const std::string unit = ResourceId(dossier.unit());
  return officer.empty() ? unit : absl::StrCat(unit, "/", officer);
}

std::string LateText(const v1::CountedDossier& counted, Lang lang) {
  // Late by minutes on the day itself is late as well and shows as 0 days. Only what is not late is blank.
  if (counted.days_late() == 0 && counted.working_minutes_late() == 0) return "";
  return absl::StrCat(counted.days_late(), lang == Lang::kVi ? " ngày" : " d");
}

std::string FormatTableDay(const google::protobuf::Timestamp& time) {
  // A time that is not set reads as 0, and would be shown as a day of 1970.
  return time.seconds() == 0 ? "" : FormatDateForPeople(FromProto(time));
}

// The columns that fit a terminal of 80 characters.
absl::Status ShowCounted(Session& session, const PageOptions& pages, const v1::ListCountedDossiersRequest& request) {
  ListWriter writer(session, {{.header = {"Mã hồ sơ", "Code"}},
                              {.header = {"Thủ tục", "Procedure"}, .shrinks = true},
                              {.header = {"Hẹn trả", "Due"}},
                              {.header = {"Trễ", "Late"}, .right = true},
                              {.header = {"Đang ở", "With"}, .shrinks = true},
                              {.header = {"Từ", "Since"}}});
  return ShowPages(
      session, pages, request,
      [&](const v1::ListCountedDossiersRequest& page) { return session.client().ListCountedDossiers(page); },
      [&](const v1::CountedDossier& counted) {
        const v1::Dossier& dossier = counted.dossier();
        writer.Add(counted,
                   {DossierCode(dossier), ProcedureLabel(dossier), FormatTableDay(dossier.due().due_time()),
                    LateText(counted, session.lang()), Holder(dossier), FormatTableDay(counted.holder_since_time())});
      },
      [&] { writer.EndPortion(); });
}

std::vector<SheetColumn> CountedColumns(const Session& session) {
  const auto column = [&](const Text& header, double width) {
    return SheetColumn{.header = session.Say(header), .width = width};
  };
  return {column({"Mã hồ sơ", "Code"}, 21),
          column({"Trạng thái", "State"}, 13),
          column({"Mã TTHC", "Procedure"}, 10),
          column({"Thủ tục", "Procedure name"}, 28),
          column({"Người nộp", "Applicant"}, 14),
          column({"Tiếp nhận", "Accepted"}, 11),
          column({"Hẹn trả", "Due"}, 11),
          column({"Tính từ lúc", "Counted by"}, 11),
          column({"Ngày trễ", "Days late"}, 6),
          {.header = session.Say({"Giờ làm việc trễ", "Working hours late"}), .width = 8, .decimals = 1},
          column({"Đang ở", "With"}, 10),
          column({"Giữ từ", "Since"}, 11),
          column({"Đơn vị để trễ", "Responsible unit"}, 9),
          column({"Lý do trễ", "Reason of lateness"}, 20)};
}

std::vector<SheetCell> CountedCells(const Session& session, const v1::CountedDossier& counted) {
  constexpr double kMinutesPerHour = 60;
  const v1::Dossier& dossier = counted.dossier();
  return {TextCell(DossierCode(dossier)),
          TextCell(StateLabel(dossier, session.lang())),
          TextCell(ResourceId(dossier.request().procedure())),
          TextCell(dossier.procedure_display_name()),
          TextCell(session.Personal(Privacy::kName, dossier.request().applicant().display_name())),
          TextCell(FormatTableTime(dossier.accept_time())),
          TextCell(FormatTableTime(dossier.due().due_time())),
          TextCell(FormatTableTime(counted.count_time())),
          NumberCell(counted.days_late()),
          NumberCell(static_cast<double>(counted.working_minutes_late()) / kMinutesPerHour),
          TextCell(Holder(dossier)),
          TextCell(FormatTableTime(counted.holder_since_time())),
          TextCell(ResourceId(counted.responsible_unit())),
          TextCell(dossier.late_reason())};
}

absl::Status WriteCounted(Session& session, const PageOptions& pages, const v1::ListCountedDossiersRequest& request) {
  std::unique_ptr<SheetWriter> sheet;
  TTHC_RETURN_IF_ERROR(ShowPages(
      session, pages, request,
      [&](const v1::ListCountedDossiersRequest& next) -> absl::StatusOr<v1::ListCountedDossiersResponse> {
        TTHC_ASSIGN_OR_RETURN(v1::ListCountedDossiersResponse page, session.client().ListCountedDossiers(next));
        // The title lines need the basis, which comes with the first page.
        if (sheet == nullptr) {
          TTHC_ASSIGN_OR_RETURN(
              sheet,
              SheetWriter::Open(session, {.title = absl::StrCat(MetricLabel(request.metric(), session.lang()),
                                                                session.Say({": danh sách hồ sơ", ": dossiers"})),
                                          .lines = {FormatBasis(page.basis(), session.lang())},
                                          .columns = CountedColumns(session),
                                          .created = FromProto(page.basis().as_of_time())}));
        }
        return page;
      },
      [&](const v1::CountedDossier& counted) { sheet->Add(CountedCells(session, counted)); }, [] {}));
  // There is a sheet even without rows: the first page always comes.
  return sheet->Finish();
}

absl::Status ListCounted(Session& session, const CountedArguments& arguments) {
  TTHC_ASSIGN_OR_RETURN(const v1::ListCountedDossiersRequest request, BuildList(session, arguments));
  PageOptions pages = arguments.pages;
  // A file gets all rows unless --limit was typed.
  if (!session.is_table() && arguments.limit->empty()) pages.all = true;
  if (session.is_csv() || session.is_xlsx()) return WriteCounted(session, pages, request);
  return ShowCounted(session, pages, request);
}

// --- stats metrics ---------------------------------------------------------------------------------------------------

Text KindLabel(MetricKind kind) {
  switch (kind) {
    case MetricKind::kInPeriod:
      return {"Số đếm trong kỳ", "Counts of what happened in the period"};
    case MetricKind::kAtEnd:
      return {"Số đếm tại cuối kỳ (hoặc lúc này, nếu kỳ chưa hết)",
              "Counts at the period's end, or now if that is earlier"};
    case MetricKind::kShare:
      return {"Tỷ lệ; mẫu số bằng 0 thì không có giá trị (–), không phải 0",
              "Shares; no value (–), which is not 0, when the denominator is 0"};
    case MetricKind::kDistribution:
      return {"Thời gian, giờ làm việc (8 giờ một ngày): trung bình, trung vị, 90 %, 99 %",
              "Times, working hours (8 a day): mean, median, 90 %, 99 %"};
  }
  return {};
}

void PrintMetrics(const Session& session) {
  constexpr size_t kIndent = 4;
  std::optional<MetricKind> kind;
  for (const MetricWord& word : MetricWords()) {
    // The words are sorted by number, which keeps the kinds together; a change begins a section.
    if (kind != KindOf(word.metric)) {
      session.out() << (kind.has_value() ? "\n" : "") << (session.color_out() ? "\x1b[1m" : "")
                    << session.Say(KindLabel(KindOf(word.metric))) << (session.color_out() ? "\x1b[0m" : "") << "\n";
      kind = KindOf(word.metric);
    }
    session.out() << "  " << MetricName(word.metric) << " · " << session.Say(word.label) << "\n";
    const size_t width = session.width() > kIndent ? session.width() - kIndent : 0;
    for (const std::string& line : WrapToWidth(session.Say(word.meaning), width)) {
      session.out() << std::string(kIndent, ' ') << line << "\n";
    }
  }
}

absl::Status Metrics(Session& session) {
  if (session.is_table()) {
    PrintMetrics(session);
    return absl::OkStatus();
  }
  // Written by hand: the words are data of this program and no message of the API.
  bool first = true;
  if (session.is_csv()) {
    session.out() << session.Say({"Mã,Chỉ tiêu,Ý nghĩa\n", "Name,Label,Meaning\n"});
  }
  for (const MetricWord& word : MetricWords()) {
    if (session.is_csv()) {
      std::string line;
      AppendCsvRow({MetricName(word.metric), session.Say(word.label), session.Say(word.meaning)}, {}, &line);
      session.out() << line;
      continue;
    }
    // JSON is one array, JSON Lines are objects without anything between them.
    const char* const separator = !session.is_json() ? "" : first ? "[\n" : ",\n";
    session.out() << separator << "{\"name\":" << JsonString(MetricName(word.metric))
                  << ",\"label\":" << JsonString(session.Say(word.label))
                  << ",\"meaning\":" << JsonString(session.Say(word.meaning)) << "}" << (session.is_json() ? "" : "\n");
    first = false;
  }
  if (session.is_json()) session.out() << "\n]\n";
  return absl::OkStatus();
}

CLI::App* AddStats(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<StatsArguments>();
  CLI::App* command = AddCommand(
      app, session,
      {.name = "stats",
       .help = {"Số liệu của kỳ: bao nhiêu, trễ bao nhiêu, ở đâu, ai; mặc định quý báo cáo này",
                "Figures of a period: how many, how late, where, who; default this reporting quarter"},
       .examples = {"stats", "stats --period q3/2026 --by field", "stats --period thang-nay --by unit,officer",
                    "stats --metrics received --by month --period 2026 --bars",
                    "stats --metrics handling_time --by procedure --as-of 30/09/2026",
                    "stats --by field --out so-lieu.xlsx"},
       .xlsx = true},
      [&session, arguments] { return Stats(session, *arguments); });
  command
      ->add_option("--metrics", arguments->metrics,
                   session.Say({"Chỉ tiêu, như received,open_overdue; xem: tthc stats metrics",
                                "Metrics, such as received,open_overdue; see: tthc stats metrics"}))
      ->type_name("")
      ->delimiter(',');
  command->add_flag("--all-metrics", arguments->all_metrics, session.Say({"Mọi chỉ tiêu", "Every metric"}));
  AddByOption(*command, session, arguments->by, {"Nhóm theo, tối đa ba cách", "Group by, up to three"});
  command->add_flag("--bars", arguments->bars, session.Say({"Vẽ thanh", "Draw bars"}));
  command->add_flag("--no-bars", arguments->no_bars, session.Say({"Luôn in bảng", "Always a table"}));
  arguments->period.AddTo(*command, session, {});
  arguments->filter.AddTo(*command, session);
  return command;
}

void AddStatsList(CLI::App& stats, Session& session) {
  auto arguments = std::make_shared<CountedArguments>();
  CLI::App* command =
      AddCommand(stats, session,
                 {.name = "list",
                  .help = {"Danh sách hồ sơ đằng sau một con số: đúng bằng số đó",
                           "The dossiers behind a figure: as many as it says"},
                  .examples = {"stats list open_overdue",
                               "stats list ended_late_06a --period q3/2026 --by field --group \"Hộ tịch\"",
                               "stats list missing_apology --out thieu-xin-loi.xlsx",
                               "stats list waiting_for_supplement --waiting-days 15"},
                  .xlsx = true},
                 [&session, arguments] { return ListCounted(session, *arguments); });
  command
      ->add_option(
          "metric", arguments->metric,
          session.Say({"Chỉ tiêu đếm; xem: tthc stats metrics", "A metric that counts; see: tthc stats metrics"}))
      ->required()
      ->type_name("");
  AddByOption(*command, session, arguments->by, {"Cách nhóm của --group", "What --group is of"});
  command
      ->add_option(
          "--group", arguments->groups,
          session.Say({"Nhóm, theo mã hoặc tên như trong bảng", "The group, by its id or its name in the table"}))
      ->type_name("");
  command
      ->add_option("--waiting-days", arguments->waiting_days,
                   session.Say({"Chờ bổ sung lâu hơn chừng này ngày làm việc",
                                "Waiting for a supplement longer than so many working days"}))
      ->check(CLI::NonNegativeNumber)
      ->option_text(" ");
  arguments->pages.AddTo(*command, session);
  // The option itself, because its value has a default: only the option knows whether it was typed.
  arguments->limit = command->get_option("--limit");
  arguments->period.AddTo(*command, session, {});
  arguments->filter.AddTo(*command, session);
}

}  // namespace

void AddStatsCommands(CLI::App& app, Session& session) {
  CLI::App* stats = AddStats(app, session);
  AddStatsList(*stats, session);
  AddCommand(*stats, session,
             {.name = "metrics",
              .help = {"Mọi chỉ tiêu và ý nghĩa", "Every metric and what it means"},
              .examples = {"stats metrics", "stats metrics -o csv"}},
             [&session] { return Metrics(session); });
}

}  // namespace tthc::cli
