#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "client/sync/commands.h"
#include "client/sync/curl_http.h"
#include "client/sync/evaluation.h"
#include "client/sync/url.h"
#include "client/terminal/messages.h"
#include "client/terminal/mirror_text.h"
#include "client/terminal/table.h"
#include "nlohmann/json.hpp"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;
using terminal::Text;
using Figure = std::optional<double>;

struct Row {
  const char* name;
  Text text;
  Figure ProgressFigures::*figure;
  int decimals;
};

constexpr Row kRows[] = {
    {"received", {"Tiếp nhận trong kỳ", "Received in the period"}, &ProgressFigures::received, 0},
    {"onTime", {"Đúng hạn (đã xong và còn hạn)", "On time (ended, or still in term)"}, &ProgressFigures::on_time, 0},
    {"overdue", {"Quá hạn", "Overdue"}, &ProgressFigures::overdue, 0},
    {"completed", {"Đã giải quyết", "Completed"}, &ProgressFigures::completed, 0},
    {"meanWorkingDays",
     {"Thời gian giải quyết trung bình, ngày làm việc", "Mean handling time, working days"},
     &ProgressFigures::mean_working_days,
     2},
};

// "–" if there is no value, which is not 0. A decimal comma in Vietnamese.
std::string Format(const Figure& figure, int decimals, terminal::Lang lang, bool sign = false) {
  if (!figure.has_value()) return "–";
  std::string text = sign ? absl::StrFormat("%+.*f", decimals, *figure) : absl::StrFormat("%.*f", decimals, *figure);
  if (*figure == 0 && sign) text = absl::StrFormat("%.*f", decimals, 0.0);
  return lang == terminal::Lang::kVi ? absl::StrReplaceAll(text, {{".", ","}}) : text;
}

// Ours minus theirs; no value unless both have one.
Figure Difference(const Figure& theirs, const Figure& ours) {
  if (!theirs.has_value() || !ours.has_value()) return std::nullopt;
  return *ours - *theirs;
}

// https only, but for this machine: figures that anyone on the way can change are worth nothing.
absl::StatusOr<std::vector<ProgressFigures>> AskPortal(const FiguresArguments& arguments,
                                                       const EvaluationPeriod& period) {
  const absl::StatusOr<Url> url = ParseUrl(arguments.base_url);
  if (!url.ok() || (!url->is_https && !url->is_loopback)) {
    return terminal::UsageError("--base-url", "must be https://host[:port][/path]", "phải có dạng https://máy[:cổng]");
  }
  CurlHttp http(
      {.tls = {}, .key_password = "", .proxy = arguments.proxy, .connect_timeout = limits::kSyncConnectTimeout});
  return FetchEvaluation(http, {.base_url = arguments.base_url, .department_id = arguments.department}, period);
}

void PrintTable(const terminal::Session& session, const FiguresArguments& arguments, const EvaluationPeriod& period,
                const ProgressFigures& theirs, const ProgressFigures& ours) {
  session.out() << session.Say({"Kỳ ", "Period "}) << arguments.period << " ("
                << FormatDateForPeople(LocalMidnight(DayNumber(period.first_day()))) << " – "
                << FormatDateForPeople(LocalMidnight(DayNumber(period.end_day()) - 1)) << "), "
                << session.Say({"đơn vị ", "department "}) << arguments.department;
  if (!theirs.name.empty()) session.out() << " " << terminal::HarmlessText(theirs.name);
  session.out() << "\n";
  terminal::Table table({{.header = session.Say({"Chỉ tiêu", "Figure"})},
                         {.header = session.Say({"Cổng", "Portal"}), .right = true},
                         {.header = session.Say({"Ta", "Ours"}), .right = true},
                         {.header = session.Say({"Chênh", "Difference"}), .right = true}},
                        session.width());
  for (const Row& row : kRows) {
    const Figure& there = theirs.*row.figure;
    const Figure& here = ours.*row.figure;
    table.Add({session.Say(row.text), Format(there, row.decimals, session.lang()),
               Format(here, row.decimals, session.lang()),
               Format(Difference(there, here), row.decimals, session.lang(), true)});
  }
  session.out() << table.Render({.header = true, .color = session.color_out()})
                << session.Say({"Ta: hồ sơ tiếp nhận trong kỳ, đánh giá lúc này theo Quyết định 766; – là không có số "
                                "liệu, khác với 0.\n",
                                "Ours: dossiers accepted in the period, evaluated now by Decision 766; – is no "
                                "value, which is not 0.\n"});
}

// null for a figure without a value.
ordered_json ToJson(const ProgressFigures& figures) {
  ordered_json json = ordered_json::object();
  if (!figures.id.empty()) json["id"] = figures.id;
  if (!figures.name.empty()) json["name"] = figures.name;
  for (const Row& row : kRows) {
    const Figure& figure = figures.*row.figure;
    json[row.name] = figure.has_value() ? ordered_json(*figure) : ordered_json();
  }
  return json;
}

void PrintJson(const terminal::Session& session, const FiguresArguments& arguments,
               const std::vector<ProgressFigures>& departments, const ProgressFigures& theirs,
               const ProgressFigures& ours) {
  ordered_json json = {{"period", arguments.period}, {"department", arguments.department}};
  json["portal"] = ToJson(theirs);
  json["ours"] = ToJson(ours);
  for (const Row& row : kRows) {
    const Figure difference = Difference(theirs.*row.figure, ours.*row.figure);
    json["difference"][row.name] = difference.has_value() ? ordered_json(*difference) : ordered_json();
  }
  json["departments"] = ordered_json::array();
  for (const ProgressFigures& department : departments) json["departments"].push_back(ToJson(department));
  session.out() << json.dump(2, ' ', false, ordered_json::error_handler_t::replace) << "\n";
}

absl::Status Print(const CommandContext& context, const FiguresArguments& arguments) {
  terminal::Session& session = context.session;
  TTHC_ASSIGN_OR_RETURN(const EvaluationPeriod period, ParseEvaluationPeriod(arguments.period));
  TTHC_ASSIGN_OR_RETURN(const std::vector<ProgressFigures> departments, AskPortal(arguments, period));
  TTHC_ASSIGN_OR_RETURN(const ProgressFigures ours, OurFigures(session.client(), period, arguments.office));
  const ProgressFigures* const found = FindDepartment(departments, arguments.department);
  const ProgressFigures theirs = found == nullptr ? ProgressFigures() : *found;
  if (session.is_json()) {
    PrintJson(session, arguments, departments, theirs, ours);
  } else {
    PrintTable(session, arguments, period, theirs, ours);
  }
  return absl::OkStatus();
}

}  // namespace

int RunFigures(const CommandContext& context, const FiguresArguments& arguments) {
  const absl::Status printed = Print(context, arguments);
  if (printed.ok()) return 0;
  const int status = Fail(context.session, printed);
  // The period is parsed within Print(), whose error has the field of the option.
  return ErrorField(printed) == "--period" ? 2 : status;
}

}  // namespace tthc::sync
