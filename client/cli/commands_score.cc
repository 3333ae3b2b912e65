#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/commands.h"
#include "client/cli/field_value.h"
#include "client/cli/metric_words.h"
#include "client/cli/output.h"
#include "client/cli/period_options.h"
#include "client/cli/proto_json.h"
#include "client/cli/sheet.h"
#include "client/cli/statistics_filter.h"
#include "client/cli/statistics_view.h"
#include "client/cli/words.h"
#include "client/sdk/paging.h"
#include "client/terminal/table.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

// score, plan, schemes: figures evaluated by schemes.
// Schemes are data that change with the law, so nothing here knows an indicator: the server evaluates, this file lays
// out. A score without data is a dash and never 0, because 0 would read as bad work.
namespace tthc::cli {
namespace {

using terminal::Lang;
using terminal::ReadFile;
using terminal::Session;
using terminal::Table;
using terminal::TableColumn;
using terminal::Text;
using terminal::Tone;
using terminal::UsageError;

constexpr char kNoScore[] = "–";
constexpr double kPercent = 100;

const CommandSpec kScore = {
    .name = "score",
    .help = {"Chấm điểm theo QĐ 766, TT 01/2018", "Scores of Decision 766 and Circular 01/2018"},
    .examples = {}};
const CommandSpec kSchemes = {
    .name = "schemes", .help = {"Bộ tiêu chí chấm điểm", "Rules of evaluation"}, .examples = {}};

// --- score -----------------------------------------------------------------------------------------------------------

struct ScoreArguments {
  v1::Scheme::Kind kind = v1::Scheme::KIND_UNSPECIFIED;
  PeriodOptions period;
  StatisticsFilterOptions filter;
  std::vector<std::string> given;
};

// "5.1=4.5"; the decimal mark may be a comma.
absl::Status AddGiven(const std::string& text, google::protobuf::Map<std::string, double>* given) {
  const size_t equals = text.find('=');
  std::string number = equals == std::string::npos ? "" : text.substr(equals + 1);
  // The parser knows a point only, and officials type a comma.
  std::replace(number.begin(), number.end(), ',', '.');
  double points = 0;
  // Which indicators exist is the server's to say: they differ from scheme to scheme.
  if (equals == 0 || !absl::SimpleAtod(number, &points)) {
    return UsageError("--given", absl::StrCat("\"", text, "\" is not INDICATOR=POINTS, such as 1.1=6"),
                      absl::StrCat("\"", text, "\" không có dạng CHỈ-SỐ=ĐIỂM, như 1.1=6"));
  }
  (*given)[text.substr(0, equals)] = points;
  return absl::OkStatus();
}

// Decision 766 prints two decimals, Circular 01/2018 one.
int DecimalsOf(const v1::Scheme& scheme) { return scheme.kind() == v1::Scheme::KIND_QUALITY_INDEX ? 2 : 1; }

std::string Points(const v1::IndicatorScore& score, int decimals, Lang lang) {
  return score.has_points() ? FormatDecimal(score.points(), decimals, lang) : kNoScore;
}

// "95,24 %" above "20/21".
std::string Ratio(const v1::IndicatorScore& score, Lang lang) {
  std::string text = score.has_ratio() ? absl::StrCat(FormatDecimal(score.ratio() * kPercent, 2, lang), " %") : "";
  // The counts stand below the ratio: 100 % of two dossiers says little.
  if (score.has_denominator()) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", FormatCount(score.numerator(), lang), "/",
                    FormatCount(score.denominator(), lang));
  }
  return text;
}

std::string SubjectOf(const v1::Score& score) {
  return score.display_name().empty() ? ResourceId(score.subject()) : score.display_name();
}

// "57,32/62 điểm; chưa có số liệu cho 38 điểm; xếp loại: Khá".
std::string Verdict(const Session& session, const v1::Score& score, int decimals) {
  const Lang lang = session.lang();
  std::string text = absl::StrCat(FormatDecimal(score.points(), decimals, lang), "/",
                                  FormatDecimal(score.max_points(), decimals, lang), session.Say({" điểm", " points"}));
  // A low sum may only mean that points have not been given yet.
  if (score.missing_points() > 0) {
    absl::StrAppend(&text, session.Say({"; chưa có số liệu cho ", "; no data for "}),
                    FormatDecimal(score.missing_points(), decimals, lang), session.Say({" điểm", " points"}));
  }
  return absl::StrCat(text, session.Say({"; xếp loại: ", "; band: "}),
                      score.band().empty() ? session.Say({"chưa xác định được", "undetermined"}) : score.band());
}

// One score in full: an indicator a row, below their headings.
void WriteOneScore(const Session& session, const v1::ComputeScoresResponse& response, const v1::Score& score) {
  const int decimals = DecimalsOf(response.scheme());
  Table table({{.header = session.Say({"Mã", "Id"})},
               {.header = session.Say({"Chỉ số", "Indicator"}), .shrinks = true, .folds = true},
               {.header = session.Say({"Điểm", "Points"}), .right = true},
               {.header = session.Say({"Tối đa", "Max"}), .right = true},
               {.header = session.Say({"Tỷ lệ", "Ratio"}), .right = true, .folds = true}},
              session.width());
  std::string group;
  for (const v1::IndicatorScore& indicator : score.indicators()) {
    // Indicators come group by group, so a change is a new heading.
    if (indicator.group() != group) {
      group = indicator.group();
      table.Add({"", group, "", "", ""});
    }
    table.Add({indicator.id(), indicator.display_name(), Points(indicator, decimals, session.lang()),
               FormatDecimal(indicator.max_points(), decimals, session.lang()), Ratio(indicator, session.lang())});
  }
  session.out() << table.Render({.color = session.color_out()}) << Verdict(session, score, decimals) << "\n";
}

// Many scores: one a row, their indicators as columns.
void WriteManyScores(const Session& session, const v1::ComputeScoresResponse& response) {
  const int decimals = DecimalsOf(response.scheme());
  std::vector<TableColumn> columns = {{.header = response.scheme().kind() == v1::Scheme::KIND_OFFICIALS
                                                     ? session.Say({"Công chức", "Officer"})
                                                     : session.Say({"Đơn vị", "Unit"}),
                                       .shrinks = true,
                                       .folds = true}};
  for (const v1::Indicator& indicator : response.scheme().indicators()) {
    columns.push_back({.header = indicator.id(), .right = true});
  }
  columns.push_back({.header = session.Say({"Tổng", "Total"}), .right = true});
  columns.push_back({.header = session.Say({"Hồ sơ", "Dossiers"}), .right = true});
  columns.push_back({.header = session.Say({"Xếp loại", "Band"}), .shrinks = true, .folds = true});
  Table table(std::move(columns), session.width());
  for (const v1::Score& score : response.scores()) {
    std::vector<std::string> cells = {SubjectOf(score)};
    for (const v1::Indicator& indicator : response.scheme().indicators()) {
      const auto found = std::find_if(score.indicators().begin(), score.indicators().end(),
                                      [&](const v1::IndicatorScore& own) { return own.id() == indicator.id(); });
      // An indicator that does not concern the subject is a dash, so that the columns stay aligned.
      cells.push_back(found == score.indicators().end() ? kNoScore : Points(*found, decimals, session.lang()));
    }
    cells.push_back(FormatDecimal(score.points(), decimals, session.lang()));
    cells.push_back(FormatCount(score.dossier_count(), session.lang()));
    cells.push_back(score.band().empty() ? kNoScore : score.band());
    table.Add(std::move(cells));
  }
  session.out() << table.Render({.color = session.color_out(), .repeat = 1});
  for (const v1::Indicator& indicator : response.scheme().indicators()) {
    // The legend: names are too long for the heads of columns.
    session.out() << "  " << indicator.id() << "  " << indicator.display_name() << "\n";
  }
}

// An indicator of a subject a row: for spreadsheets.
absl::Status WriteScoreSheet(const Session& session, const v1::ComputeScoresResponse& response) {
  const int decimals = DecimalsOf(response.scheme());
  // The index of Decision 766 has one score, whose rows have headings; the others have a subject a score.
  const bool index = response.scheme().kind() == v1::Scheme::KIND_QUALITY_INDEX;
  const auto number = [&](const Text& header, int places) {
    return SheetColumn{.header = session.Say(header), .width = 10, .decimals = places};
  };
  TTHC_ASSIGN_OR_RETURN(
      const std::unique_ptr<SheetWriter> sheet,
      SheetWriter::Open(
          session,
          {.title = response.scheme().display_name(),
           .lines = {response.scheme().legal_basis(), FormatBasis(response.basis(), session.lang())},
           .columns = {{.header = index ? session.Say({"Nhóm", "Group"}) : session.Say({"Đối tượng", "Subject"}),
                        .width = 26},
                       {.header = session.Say({"Mã", "Id"}), .width = 6},
                       {.header = session.Say({"Chỉ số", "Indicator"}), .width = 44},
                       number({"Điểm", "Points"}, decimals),
                       number({"Tối đa", "Max"}, decimals),
                       number({"Tỷ lệ %", "Ratio %"}, 2),
                       // Counts beside the ratio, so that a sheet can be summed up over several centers.
                       number({"Tử số", "Numerator"}, 0),
                       number({"Mẫu số", "Denominator"}, 0),
                       {.header = session.Say({"Xếp loại", "Band"}), .width = 18}},
           .created = FromProto(response.basis().as_of_time())}));
  const auto optional = [](bool there, double value) {
    return NumberCell(there ? std::optional<double>(value) : std::nullopt);
  };
  for (const v1::Score& score : response.scores()) {
    for (const v1::IndicatorScore& own : score.indicators()) {
      sheet->Add({TextCell(index ? own.group() : SubjectOf(score)), TextCell(own.id()), TextCell(own.display_name()),
                  optional(own.has_points(), own.points()), NumberCell(own.max_points()),
                  optional(own.has_ratio(), own.ratio() * kPercent),
                  optional(own.has_numerator(), static_cast<double>(own.numerator())),
                  optional(own.has_denominator(), static_cast<double>(own.denominator())), TextCell("")});
    }
    // The sum of a subject closes its rows, and is the only row with a band.
    sheet->Add(
        {TextCell(SubjectOf(score)), TextCell(""), TextCell(session.Say({"Tổng", "Total"})), NumberCell(score.points()),
         NumberCell(score.max_points()), TextCell(""), TextCell(""), TextCell(""), TextCell(score.band())},
        /*strong=*/true);
  }
  return sheet->Finish();
}

absl::Status Score(Session& session, const ScoreArguments& arguments) {
  v1::ComputeScoresRequest request;
  request.set_kind(arguments.kind);
  TTHC_RETURN_IF_ERROR(arguments.period.Fill(session, request));
  TTHC_ASSIGN_OR_RETURN(*request.mutable_filter(), arguments.filter.Build());
  for (const std::string& text : arguments.given) TTHC_RETURN_IF_ERROR(AddGiven(text, request.mutable_given_points()));
  TTHC_ASSIGN_OR_RETURN(const v1::ComputeScoresResponse response, session.client().ComputeScores(request));
  if (session.is_csv() || session.is_xlsx()) return WriteScoreSheet(session, response);
  if (!session.is_table()) {
    WriteRecord(session, response);
    return absl::OkStatus();
  }
  session.out() << response.scheme().display_name() << "\n";
  // The index is one score with many indicators; the other kinds are many scores with a few.
  if (arguments.kind == v1::Scheme::KIND_QUALITY_INDEX) {
    for (const v1::Score& score : response.scores()) WriteOneScore(session, response, score);
  } else {
    WriteManyScores(session, response);
  }
  WriteBasis(session, response.basis());
  return absl::OkStatus();
}

// --- plan ------------------------------------------------------------------------------------------------------------

struct PlanArguments {
  PeriodOptions period;
  StatisticsFilterOptions filter;
};

std::string Target(const Session& session, const v1::PlanResult& result) {
  using I = v1::Indicator;
  if (result.direction() == I::DIRECTION_FALLING) return session.Say({"giảm", "falling"});
  if (result.direction() == I::DIRECTION_RISING) return session.Say({"tăng", "rising"});
  const char* const sign = result.direction() == I::DIRECTION_AT_MOST ? "≤ " : "≥ ";
  // By the metric, or by either value for a metric that this program does not know.
  const bool share = KindOf(result.value().metric()) == MetricKind::kShare || result.value().has_percent() ||
                     result.previous().has_percent();
  if (share) return absl::StrCat(sign, FormatDecimal(result.target() * kPercent, 0, session.lang()), " %");
  return absl::StrCat(sign, FormatDecimal(result.target(), 0, session.lang()));
}

// "95,24 %" and "20/21".
std::string PlanFigure(const v1::StatisticsValue& value, const char* separator, Lang lang) {
  const std::string detail = DescribeFigure(value, lang);
  std::string text = value.has_percent() ? absl::StrCat(FormatDecimal(value.percent(), 2, lang), " %")
                     : value.has_count() ? FormatCount(value.count(), lang)
                                         : kNoScore;
  return detail.empty() ? text : absl::StrCat(text, separator, detail);
}

std::string Trend(const Session& session, v1::PlanResult::Trend trend) {
  const char* const arrow = trend == v1::PlanResult::TREND_BETTER  ? "↑ "
                            : trend == v1::PlanResult::TREND_WORSE ? "↓ "
                                                                   : "→ ";
  // There is no trend without a value in both periods.
  if (trend == v1::PlanResult::TREND_UNSPECIFIED) return kNoScore;
  return absl::StrCat(arrow, EnumLabel(*v1::PlanResult::Trend_descriptor(), trend, session.lang()));
}

std::string Met(const Session& session, const v1::PlanResult& result) {
  // Without a value the target is neither met nor missed.
  if (!result.has_met()) return kNoScore;
  return result.met() ? session.Say({"✓ đạt", "✓ met"}) : session.Say({"✗ chưa đạt", "✗ not met"});
}

absl::Status WritePlanSheet(const Session& session, const v1::ComputePlanResultsResponse& response) {
  TTHC_ASSIGN_OR_RETURN(
      const std::unique_ptr<SheetWriter> sheet,
      SheetWriter::Open(session, {.title = response.scheme().display_name(),
                                  .lines = {FormatBasis(response.basis(), session.lang()),
                                            absl::StrCat(session.Say({"Kỳ trước: ", "Period before: "}),
                                                         FormatPeriod(response.previous_period()))},
                                  .columns = {{.header = session.Say({"Mã", "Id"}), .width = 5},
                                              {.header = session.Say({"Chỉ tiêu", "Target of"}), .width = 46},
                                              {.header = session.Say({"Mục tiêu", "Target"}), .width = 10},
                                              {.header = session.Say({"Kỳ này", "This period"}), .width = 18},
                                              {.header = session.Say({"Kỳ trước", "Period before"}), .width = 18},
                                              {.header = session.Say({"Xu hướng", "Trend"}), .width = 14},
                                              {.header = session.Say({"Kết quả", "Result"}), .width = 12}},
                                  .created = FromProto(response.basis().as_of_time())}));
  // In one line, since spreadsheets sort and filter by whole cells.
  constexpr char kBeside[] = " · ";
  for (const v1::PlanResult& result : response.results()) {
    sheet->Add({TextCell(result.id()), TextCell(result.display_name()), TextCell(Target(session, result)),
                TextCell(PlanFigure(result.value(), kBeside, session.lang())),
                TextCell(PlanFigure(result.previous(), kBeside, session.lang())),
                TextCell(Trend(session, result.trend())), TextCell(Met(session, result))});
  }
  return sheet->Finish();
}

void WritePlan(const Session& session, const v1::ComputePlanResultsResponse& response) {
  Table table({{.header = session.Say({"Chỉ tiêu", "Target of"}), .shrinks = true, .folds = true},
               {.header = session.Say({"Mục tiêu", "Target"})},
               {.header = session.Say({"Kỳ này", "This period"}), .right = true, .folds = true},
               {.header = session.Say({"Kỳ trước", "Before"}), .right = true, .folds = true},
               {.header = session.Say({"Xu hướng", "Trend"})},
               {.header = session.Say({"Kết quả", "Result"})}},
              session.width());
  constexpr char kBelow[] = "\n";
  for (const v1::PlanResult& result : response.results()) {
    // Colors repeat what signs and arrows say; nothing depends on them.
    const Tone met = !result.has_met() ? Tone::kPlain : result.met() ? Tone::kGood : Tone::kBad;
    const Tone trend = result.trend() == v1::PlanResult::TREND_BETTER  ? Tone::kGood
                       : result.trend() == v1::PlanResult::TREND_WORSE ? Tone::kBad
                                                                       : Tone::kPlain;
    table.Add(
        {result.display_name(), Target(session, result), PlanFigure(result.value(), kBelow, session.lang()),
         PlanFigure(result.previous(), kBelow, session.lang()), Trend(session, result.trend()), Met(session, result)},
        {Tone::kPlain, Tone::kPlain, Tone::kPlain, Tone::kPlain, trend, met});
  }
  session.out() << response.scheme().display_name() << "\n" << table.Render({.color = session.color_out()});
  WriteBasis(session, response.basis());
  session.out() << session.Say({"Kỳ trước: ", "Period before: "}) << FormatPeriod(response.previous_period()) << "\n";
}

absl::Status Plan(Session& session, const PlanArguments& arguments) {
  v1::ComputePlanResultsRequest request;
  TTHC_RETURN_IF_ERROR(arguments.period.Fill(session, request));
  TTHC_ASSIGN_OR_RETURN(*request.mutable_filter(), arguments.filter.Build());
  TTHC_ASSIGN_OR_RETURN(const v1::ComputePlanResultsResponse response, session.client().ComputePlanResults(request));
  if (session.is_csv() || session.is_xlsx()) return WritePlanSheet(session, response);
  if (session.is_table()) {
    WritePlan(session, response);
  } else {
    WriteRecord(session, response);
  }
  return absl::OkStatus();
}

// --- schemes ---------------------------------------------------------------------------------------------------------

const std::vector<OutputColumn>& SchemeColumns() {
  static const auto* const columns = new std::vector<OutputColumn>{{.header = {"Mã", "Id"}},
                                                                   {.header = {"Loại", "Kind"}},
                                                                   {.header = {"Tên", "Name"}, .shrinks = true},
                                                                   {.header = {"Từ ngày", "Valid from"}},
                                                                   {.header = {"Đến ngày", "Valid to"}},
                                                                   {.header = {"Chỉ số", "Indicators"}, .right = true}};
  return *columns;
}

std::vector<std::string> SchemeCells(const Session& session, const v1::Scheme& scheme) {
  return {ResourceId(scheme.name()), EnumLabel(*v1::Scheme::Kind_descriptor(), scheme.kind(), session.lang()),
          scheme.display_name(),     scheme.start_date(),
          scheme.end_date(),         absl::StrCat(scheme.indicators_size())};
}

absl::Status ListSchemes(Session& session) {
  ListWriter writer(session, SchemeColumns());
  return sdk::ForEachPage(
      v1::ListSchemesRequest(), [&](const v1::ListSchemesRequest& page) { return session.client().ListSchemes(page); },
      [&](const v1::ListSchemesResponse& page) {
        for (const v1::Scheme& scheme : page.schemes()) writer.Add(scheme, SchemeCells(session, scheme));
        return true;
      });
}

// Keeps the first error of the text format's parser; the others usually follow from it.
class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  // Lines and columns from 0; -1 = unknown.
  void AddError(int line, int column, const std::string& message) override {
    if (text_.empty()) text_ = absl::StrCat(line + 1, ":", column + 1, ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// JSON, or protobuf's text format as in deploy/data/schemes.
absl::StatusOr<v1::Scheme> ReadScheme(Session& session, const std::string& path) {
  TTHC_ASSIGN_OR_RETURN(const std::string text, ReadFile(session, path));
  v1::Scheme scheme;
  // By the first character, because standard input has no name.
  if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "{")) {
    TTHC_RETURN_IF_ERROR(FromJson(path, text, scheme));
    return scheme;
  }
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  if (parser.ParseFromString(text, &scheme)) return scheme;
  return UsageError(path, absl::StrCat("is not a scheme: ", error.text()),
                    absl::StrCat("không phải bộ tiêu chí: ", error.text()));
}

absl::Status ImportScheme(Session& session, const std::string& path, bool dry_run) {
  v1::UpdateSchemeRequest request;
  TTHC_ASSIGN_OR_RETURN(*request.mutable_scheme(), ReadScheme(session, path));
  // The server refuses what only the server sets. The etag stays: a scheme that was exported and edited replaces the
  // state that was edited and no later one.
  request.mutable_scheme()->clear_record_time();
  request.set_allow_missing(true);
  request.set_validate_only(dry_run);
  TTHC_ASSIGN_OR_RETURN(const v1::Scheme scheme, session.client().UpdateScheme(request));
  ListWriter writer(session, SchemeColumns());
  writer.Add(scheme, SchemeCells(session, scheme));
  return absl::OkStatus();
}

void AddScore(CLI::App& score, Session& session, v1::Scheme::Kind kind, const CommandSpec& spec) {
  auto arguments = std::make_shared<ScoreArguments>();
  arguments->kind = kind;
  CLI::App* command = AddCommand(score, session, spec, [&session, arguments] { return Score(session, *arguments); });
  command
      ->add_option("--given", arguments->given,
                   session.Say({"Điểm do người chấm, CHỈ-SỐ=ĐIỂM, lặp lại được",
                                "Points given by people, INDICATOR=POINTS, repeatable"}))
      ->type_name("");
  // The national portal evaluates calendar quarters, the other schemes reporting quarters.
  const bool index = kind == v1::Scheme::KIND_QUALITY_INDEX;
  arguments->period.AddTo(*command, session,
                          {.scheme = index ? v1::Period::SCHEME_CALENDAR : v1::Period::SCHEME_REPORTING});
  arguments->filter.AddTo(*command, session);
}

void AddSchemes(CLI::App& app, Session& session) {
  CLI::App* schemes = FindOrAddGroup(app, session, kSchemes);
  AddCommand(*schemes, session,
             {.name = "list", .help = {"Danh sách", "List"}, .examples = {"schemes list", "schemes list -o json"}},
             [&session] { return ListSchemes(session); });
  struct Arguments {
    std::string path;
    bool dry_run = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      AddCommand(*schemes, session,
                 {.name = "import",
                  .help = {"Ghi hoặc thay một bộ tiêu chí từ tệp", "Record or replace a scheme from a file"},
                  .examples = {"schemes import deploy/data/schemes/qd766-2022.textproto --dry-run"}},
                 [&session, arguments] { return ImportScheme(session, arguments->path, arguments->dry_run); });
  command
      ->add_option("file", arguments->path,
                   session.Say({"Tệp protobuf dạng chữ hoặc JSON; - là đầu vào chuẩn",
                                "A file in protobuf's text format or JSON; - is standard input"}))
      ->required()
      ->type_name("");
  command->add_flag("--dry-run", arguments->dry_run, session.Say({"Kiểm tra, không ghi gì", "Check, record nothing"}));
}

}  // namespace

void AddScoreCommands(CLI::App& app, Session& session) {
  CLI::App* score = FindOrAddGroup(app, session, kScore);
  AddScore(*score, session, v1::Scheme::KIND_QUALITY_INDEX,
           {.name = "766",
            .help = {"Chỉ số phục vụ người dân, doanh nghiệp (QĐ 766); mặc định quý dương lịch này",
                     "Service-quality index of Decision 766; default this calendar quarter"},
            .examples = {"score 766 --period q3/2026", "score 766 --given 1.1=6 --given 1.2=4 --out 766.xlsx"},
            .xlsx = true});
  AddScore(*score, session, v1::Scheme::KIND_OFFICIALS,
           {.name = "officials",
            .help = {"Điểm từng công chức (TT 01/2018)", "Score of each official (Circular 01/2018)"},
            .examples = {"score officials --period thang-truoc", "score officials --unit tu-phap -o csv"},
            .xlsx = true});
  AddScore(*score, session, v1::Scheme::KIND_UNITS,
           {.name = "units",
            .help = {"Điểm từng đơn vị (TT 01/2018)", "Score of each unit (Circular 01/2018)"},
            .examples = {"score units --period q3/2026 --given 5=2 --given 6=2"},
            .xlsx = true});

  auto arguments = std::make_shared<PlanArguments>();
  CLI::App* command =
      AddCommand(app, session,
                 {.name = "plan",
                  .help = {"Chỉ tiêu kế hoạch của xã: kỳ này, kỳ trước, xu hướng, đạt hay chưa",
                           "Targets of the commune's plan: this period, the one before, trend, met or not"},
                  .examples = {"plan", "plan --period thang-nay", "plan --period q3/2026 --out ke-hoach.xlsx"},
                  .xlsx = true},
                 [&session, arguments] { return Plan(session, *arguments); });
  arguments->period.AddTo(*command, session, {});
  arguments->filter.AddTo(*command, session);
  AddSchemes(app, session);
}

}  // namespace tthc::cli
