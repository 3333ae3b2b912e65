#include "client/portal_sim/call.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/portal_sim/rules.h"

namespace tthc::portal_sim {
namespace {

struct Address {
  const char* suffix;
  Protocol protocol;
  // kNone: the body says.
  Service service;
};

// Matched as suffixes: what stands in front of one is the base path, which names the system. No suffix ends with
// another one, so their order does not matter.
constexpr Address kAddresses[] = {
    {"/mapi/login", Protocol::kDvcqg, Service::kLogin},
    {"/mapi/g", Protocol::kDvcqg, Service::kNone},
    {"/api/SynsTTHCC/DongBoHoSoMC", Protocol::kWrapper, Service::kRecord},
    {"/api/SynsTTHCC/CapNhatTienDoHoSoMC", Protocol::kWrapper, Service::kSteps},
    {"/api/SynsTTHCC/TraCuuHoSo", Protocol::kWrapper, Service::kLookup},
    {"/connector/connector/v1/login", Protocol::kIgate, Service::kLogin},
    {"/connector/connector/v1/laydanhsachhoso", Protocol::kIgate, Service::kList},
    {"/connector/connector/v1/hoso/capnhattrangthai", Protocol::kIgate, Service::kRecord},
    {"/connector/connector/v1/hoso/capnhatientrinh", Protocol::kIgate, Service::kSteps},
    {"/connector/connector/v1/hoso/xacnhantrangthainhan", Protocol::kIgate, Service::kConfirm},
    {"/connector/connector/v1/hoso/tracuu", Protocol::kIgate, Service::kLookup},
};

struct NamedService {
  const char* name;
  Service service;
};

// dvcqg has one path for all services; "service" in the body names them.
constexpr NamedService kServices[] = {
    {"DongBoHoSoMC", Service::kRecord},
    {"CapNhatTienDoHoSoMC", Service::kSteps},
    {"TraCuuHoSo", Service::kLookup},
};

const char* ProtocolName(Protocol protocol) {
  switch (protocol) {
    case Protocol::kDvcqg:
      return "dvcqg";
    case Protocol::kWrapper:
      return "wrapper";
    case Protocol::kIgate:
      return "igate";
  }
  return "";
}

absl::string_view PathOf(absl::string_view target) { return target.substr(0, target.find('?')); }

// Sets protocol, system and service. A path that is not known leaves `known` false, which becomes 404.
Call FindAddress(absl::string_view path) {
  Call call;
  for (const Address& address : kAddresses) {
    if (!absl::EndsWith(path, address.suffix)) continue;
    absl::string_view base = absl::StripSuffix(path, address.suffix);
    absl::ConsumePrefix(&base, "/");
    call.known = true;
    call.protocol = address.protocol;
    call.system = absl::StrCat(base, base.empty() ? "" : "/", ProtocolName(address.protocol));
    call.service = address.service;
    call.service_name = std::string(path.substr(path.rfind('/') + 1));
  }
  return call;
}

// "" if the object has exactly these keys, all of them text but "data". Strict on purpose: what the real portals do
// with other keys is not published, and a client that sends just what is documented is right with all of them.
std::string CheckKeys(const Json& body, const std::set<std::string>& keys) {
  if (!body.is_object()) return "Nội dung phải là một đối tượng JSON";
  for (const auto& [name, value] : body.items()) {
    if (!keys.contains(name)) return absl::StrCat("Tham số ", name, " không có trong đặc tả");
    if (name == "data" ? !value.is_array() : !value.is_string()) return absl::StrCat("Tham số ", name, " sai kiểu");
  }
  for (const std::string& key : keys) {
    if (!body.contains(key)) return absl::StrCat("Thiếu tham số ", key);
  }
  return "";
}

// A text and not a boolean of JSON: the interfaces write it so.
std::string CheckFlag(const std::string& text) {
  return text == "True" || text == "False" ? "" : "Tham số isUpdating phải là True hoặc False";
}

std::string ReadDvcqg(const SimRequest& request, Call* call) {
  // Either place will do: Target.destination_place chooses between the two.
  if (Header(request, "dstcode").empty() && QueryParameter(request.target, "dstcode").empty()) return "Thiếu dstcode";
  if (call->service == Service::kLogin) return CheckKeys(call->body, {"username", "password"});
  if (!call->body.is_object()) return "Nội dung phải là một đối tượng JSON";
  call->service_name = TextOf(call->body, "service");
  call->session = TextOf(call->body, "session");
  const auto* const found = std::find_if(std::begin(kServices), std::end(kServices), [&](const NamedService& service) {
    return call->service_name == service.name;
  });
  if (found == std::end(kServices)) {
    call->service_name = "?";
    return "Không có dịch vụ này";
  }
  call->service = found->service;
  std::set<std::string> keys = {"session", "madonvi", "service", "data"};
  if (call->service == Service::kRecord) keys.insert("isUpdating");
  if (call->service == Service::kLookup) keys = {"session", "madonvi", "service", "mahoso"};
  std::string problem = CheckKeys(call->body, keys);
  if (!problem.empty()) return problem;
  if (TextOf(call->body, "madonvi").empty()) return "Thiếu tham số madonvi";
  if (call->service != Service::kRecord) return "";
  const std::string flag = TextOf(call->body, "isUpdating");
  call->is_insert = flag == "False";
  return CheckFlag(flag);
}

// The wrapper has no session: the query names the agency, and that is all it asks for.
std::string ReadWrapper(const SimRequest& request, Call* call) {
  if (QueryParameter(request.target, "MaDinhDanhDV").empty()) return "Thiếu tham số MaDinhDanhDV";
  if (call->service == Service::kLookup) return CheckKeys(call->body, {"mahoso"});
  std::string problem = CheckKeys(call->body, {"data"});
  if (!problem.empty() || call->service != Service::kRecord) return problem;
  const std::string flag = QueryParameter(request.target, "isUpdating");
  call->is_insert = flag == "False";
  return CheckFlag(flag);
}

// A missing token is no fault of the form: the portal answers it as an expired session, with HTTP 401.
std::string ReadIgate(const SimRequest& request, Call* call) {
  if (call->service == Service::kLogin) return CheckKeys(call->body, {"client_id", "client_secret"});
  const std::string authorization = Header(request, "Authorization");
  absl::string_view token = authorization;
  if (absl::ConsumePrefix(&token, "Bearer ")) call->session = std::string(token);
  if (call->service == Service::kLookup) return CheckKeys(call->body, {"MaHoSo"});
  if (call->service == Service::kList) return CheckKeys(call->body, {"TrangThaiHoSo", "MaTTHC", "HinhThucTiepNhan"});
  return call->body.is_array() ? "" : "Nội dung phải là một mảng JSON";
}

std::string ReadBody(const SimRequest& request, Call* call) {
  if (!absl::StartsWithIgnoreCase(Header(request, "Content-Type"), "application/json")) {
    return "Content-Type phải là application/json";
  }
  // Without exceptions: a broken body is a case to be answered, not an end of the program.
  call->body = Json::parse(request.body, nullptr, false);
  if (call->body.is_discarded()) return "Nội dung không phải là JSON";
  switch (call->protocol) {
    case Protocol::kDvcqg:
      return ReadDvcqg(request, call);
    case Protocol::kWrapper:
      return ReadWrapper(request, call);
    case Protocol::kIgate:
      return ReadIgate(request, call);
  }
  return "";
}

bool HasData(Service service) {
  return service == Service::kRecord || service == Service::kSteps || service == Service::kConfirm;
}

Json Body(const Call& call, const Reply& reply, bool code_as_text) {
  const bool is_igate = call.protocol == Protocol::kIgate;
  // The one answer that is not wrapped.
  if (is_igate && call.service == Service::kLogin && reply.code == kDone) return reply.data;
  Json body;
  body[is_igate ? "code" : "error_code"] = code_as_text ? Json(absl::StrCat(reply.code)) : Json(reply.code);
  if (reply.code == kDone && call.service == Service::kLogin) body["session"] = reply.data;
  body["message"] = reply.message;
  if (!reply.data.is_null() && call.service != Service::kLogin) body[is_igate ? "data" : "result"] = reply.data;
  return body;
}

}  // namespace

std::string HttpDate(absl::Time time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", time, absl::UTCTimeZone());
}

std::string Header(const SimRequest& request, absl::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (absl::EqualsIgnoreCase(key, name)) return value;
  }
  return "";
}

// An escape that is not valid stays as it is: refusing a call is left to the checks of its parameters.
std::string DecodeUrl(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '%' && i + 2 < text.size() &&
                           absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                           absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]));
    if (is_escape) {
      decoded += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

std::string QueryParameter(absl::string_view target, absl::string_view name) {
  const size_t start = target.find('?');
  if (start == absl::string_view::npos) return "";
  for (const absl::string_view pair : absl::StrSplit(target.substr(start + 1), '&')) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(pair, absl::MaxSplits('=', 1));
    if (DecodeUrl(parts.first) == name) return DecodeUrl(parts.second);
  }
  return "";
}

Call ReadCall(const SimRequest& request) {
  Call call = FindAddress(PathOf(request.target));
  if (!call.known) return call;
  if (request.method != "POST") {
    call.problem = "Chỉ nhận phương thức POST";
    return call;
  }
  call.problem = ReadBody(request, &call);
  if (!call.problem.empty() || !HasData(call.service)) return call;
  // Moved, because a record with its lists may be large. With igate the whole body is the array, and `body` is then
  // null.
  call.data = call.protocol == Protocol::kIgate ? std::move(call.body) : std::move(call.body["data"]);
  return call;
}

// igate reports errors of the session by the HTTP status as well; the other protocols answer 200 to everything.
SimResponse WriteReply(const Call& call, const Reply& reply, bool code_as_text, absl::Time now) {
  SimResponse response;
  if (call.protocol == Protocol::kIgate && (reply.code == kSessionExpired || reply.code == kLoginRefused)) {
    response.status = 401;
  }
  response.headers = {{"Content-Type", "application/json; charset=utf-8"}, {"Date", HttpDate(now)}};
  response.body = Body(call, reply, code_as_text).dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

}  // namespace tthc::portal_sim
