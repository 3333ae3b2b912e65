#include "client/portal_sim/site.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/portal_sim/call.h"
#include "client/portal_sim/faults.h"
#include "client/portal_sim/page.h"
#include "client/portal_sim/rules.h"
#include "storage/base/errors.h"
#include "storage/base/text.h"

namespace tthc::portal_sim {
namespace {

// A week: longer than any test, so that a mistyped number is noticed.
constexpr double kDownSecondsMax = 7 * 86'400;
constexpr size_t kFilingTextBytesMax = 1000;

// The policy allows the page's own style and form and nothing else: texts of callers can load or run nothing. Not
// stored by browsers, since people reload to see a status arrive.
SimResponse Answer(int status, const char* type, std::string body, absl::Time now) {
  SimResponse response;
  response.status = status;
  response.headers = {{"Content-Type", absl::StrCat(type, "; charset=utf-8")},
                      {"Date", HttpDate(now)},
                      {"Cache-Control", "no-store"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"}};
  response.body = std::move(body);
  return response;
}

SimResponse Html(std::string page, absl::Time now) { return Answer(200, "text/html", std::move(page), now); }
SimResponse JsonAnswer(const std::string& json, absl::Time now) {
  return Answer(200, "application/json", json + "\n", now);
}
SimResponse NotFound(absl::Time now) { return Answer(404, "text/plain", "Không có trang này\n", now); }
SimResponse Wrong(const std::string& problem, absl::Time now) { return Answer(400, "text/plain", problem + "\n", now); }

std::string Quoted(const std::string& text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

void AppendDossier(const SimDossier& dossier, std::string* text) {
  absl::StrAppend(text, Quoted(dossier.code), ":{\"status\":", Quoted(dossier.status()),
                  ",\"record_count\":", dossier.record_count,
                  ",\"record\":", dossier.records.empty() ? "null" : dossier.records.back().json,
                  ",\"id\":", Quoted(dossier.id), ",\"office_code\":", Quoted(dossier.office_code),
                  ",\"received\":", dossier.received ? "true" : "false", ",\"steps\":[");
  for (size_t i = 0; i < dossier.steps.size(); ++i) absl::StrAppend(text, i > 0 ? "," : "", dossier.steps[i].json);
  absl::StrAppend(text, "]}");
}

// Concatenated as text, because the portal keeps its records as texts and there may be many.
std::string State(const Portal& portal, const std::string& only) {
  std::string text = "{\"systems\":{";
  bool is_first_system = true;
  for (const auto& [name, system] : portal.systems()) {
    if (!only.empty() && name != only) continue;
    absl::StrAppend(&text, is_first_system ? "" : ",", Quoted(name), ":{\"dossiers\":{");
    is_first_system = false;
    bool is_first = true;
    for (const auto& [code, dossier] : system.dossiers) {
      if (!is_first) absl::StrAppend(&text, ",\n");
      is_first = false;
      AppendDossier(dossier, &text);
    }
    absl::StrAppend(&text, "}}");
  }
  return text + "}}";
}

std::string Counts(const Portal& portal) {
  const SimCounts& counts = portal.counts();
  Json json;
  json["calls"] = Json::object();
  for (const auto& [name, count] : counts.calls) json["calls"][name] = count;
  json["faults"] = Json::object();
  for (const auto& [fault, count] : counts.faults) json["faults"][FaultName(fault)] = count;
  json["logins"] = counts.logins;
  json["records_applied"] = counts.records_applied;
  json["steps_applied"] = counts.steps_applied;
  json["steps_repeated"] = counts.steps_repeated;
  json["rejected"] = counts.rejected;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

SimResponse ShowDossier(const Portal& portal, absl::string_view path, absl::Time now) {
  // The last slash: the name of a system may have one. Without a system, the first one that has the code is shown.
  const size_t slash = path.rfind('/');
  const std::string code = DecodeUrl(path.substr(slash == absl::string_view::npos ? 0 : slash + 1));
  for (const auto& [name, system] : portal.systems()) {
    if (slash != absl::string_view::npos && path.substr(0, slash) != name) continue;
    std::string page = DossierPage(portal, name, code, now);
    if (!page.empty()) return Html(std::move(page), now);
  }
  return NotFound(now);
}

SimResponse Show(const Portal& portal, const std::string& target, absl::Time now) {
  absl::string_view path = absl::string_view(target).substr(0, target.find('?'));
  if (path == "/") {
    int page = 1;
    if (!absl::SimpleAtoi(QueryParameter(target, "trang"), &page) || page < 1) page = 1;
    return Html(OverviewPage(portal, static_cast<size_t>(page), now), now);
  }
  if (path == "/_sim/state.json") return JsonAnswer(State(portal, QueryParameter(target, "he_thong")), now);
  if (path == "/_sim/counts.json") return JsonAnswer(Counts(portal), now);
  return absl::ConsumePrefix(&path, "/hoso/") ? ShowDossier(portal, path, now) : NotFound(now);
}

SimResponse GoDown(Portal* portal, const Json& body, absl::Time now) {
  const double seconds = body.contains("seconds") && body["seconds"].is_number() ? body["seconds"].get<double>() : -1;
  if (!(seconds >= 0 && seconds <= kDownSecondsMax)) return Wrong("seconds: 0..604800", now);
  portal->AddDownWindow(now, now + absl::Seconds(seconds));
  return JsonAnswer("{}", now);
}

SimResponse SetFaults(Portal* portal, const Json& body, absl::Time now) {
  const absl::StatusOr<FaultRates> rates = ParseFaultRates(TextOf(body, "faults"));
  if (!rates.ok()) return Wrong(ErrorMessage(rates.status(), "vi"), now);
  portal->SetFaults(*rates);
  return JsonAnswer("{}", now);
}

SimResponse SetRefusal(Portal* portal, const Json& body, absl::Time now) {
  const std::string code = TextOf(body, "code");
  if (code.empty()) return Wrong("code: mã hồ sơ", now);
  if (body.contains("accept") && body["accept"] == true) {
    portal->Accept(code, now);
  } else {
    portal->Refuse(code, now, TextOf(body, "message"));
  }
  return JsonAnswer("{}", now);
}

// The page's form and the JSON body have the same names.
Json ReadForm(const std::string& body) {
  Json form;
  for (const char* const name : {"procedure_code", "procedure_name", "applicant", "id_number", "phone", "summary"}) {
    form[name] = QueryParameter(absl::StrCat("?", body), name);
  }
  return form;
}

SimResponse FileOnline(Portal* portal, const SimRequest& request, const Json& json, absl::Time now) {
  const bool is_form = absl::StartsWith(Header(request, "Content-Type"), "application/x-www-form-urlencoded");
  const Json body = is_form ? ReadForm(request.body) : json;
  for (const auto& [name, value] : body.items()) {
    // One line of text each: tthc pulls filings and refuses control characters in them.
    const bool is_good =
        value.is_string() && CheckText(name, value.get<std::string>(), {.bytes_max = kFilingTextBytesMax}).ok();
    if (!is_good) return Wrong(absl::StrCat(name, ": không phải là một dòng chữ"), now);
  }
  const Filing filing{.procedure_code = TextOf(body, "procedure_code"),
                      .procedure_name = TextOf(body, "procedure_name"),
                      .applicant = TextOf(body, "applicant"),
                      .id_number = TextOf(body, "id_number"),
                      .phone = TextOf(body, "phone"),
                      .summary = TextOf(body, "summary")};
  if (filing.procedure_code.empty() || filing.applicant.empty()) return Wrong("Thiếu mã thủ tục hoặc người nộp", now);
  const std::string system = TextOf(body, "system").empty() ? "igate" : TextOf(body, "system");
  if (system != "igate" && !absl::EndsWith(system, "/igate")) return Wrong("system: chỉ igate", now);
  const std::string code = portal->FileOnline(filing, now, system);
  if (!is_form) return JsonAnswer(absl::StrCat("{\"code\":", Quoted(code), "}"), now);
  // A form that was sent leads to another page, so that a reload does not file again.
  SimResponse response = Answer(303, "text/plain", "", now);
  response.headers.emplace_back("Location", "/");
  return response;
}

SimResponse Control(Portal* portal, const SimRequest& request, absl::Time now) {
  Json body = Json::parse(request.body, nullptr, false);
  if (request.target == "/_sim/online") {
    // The body of the page's form is no JSON.
    if (!body.is_object()) body = Json::object();
    return FileOnline(portal, request, body, now);
  }
  if (!body.is_object()) return Wrong("Nội dung phải là một đối tượng JSON", now);
  if (request.target == "/_sim/down") return GoDown(portal, body, now);
  if (request.target == "/_sim/faults") return SetFaults(portal, body, now);
  return request.target == "/_sim/refuse" ? SetRefusal(portal, body, now) : NotFound(now);
}

}  // namespace

SimResponse HandleSite(Portal* portal, const SimRequest& request, absl::Time now) {
  // An outage takes the page and the controls away, too, as that of a real machine does. It ends by the clock, so that
  // no control is needed to end it.
  SimResponse down;
  down.refuse = true;
  down.fault = Fault::kDown;
  if (portal->IsDown(now)) return down;
  if (request.method == "GET") return Show(*portal, request.target, now);
  if (absl::StartsWith(request.target, "/_sim/") && request.method == "POST") return Control(portal, request, now);
  return portal->Handle(request, now);
}

}  // namespace tthc::portal_sim
