#include "client/sync/adapter.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "client/sync/adapter_base.h"
#include "client/sync/outcome.h"
#include "client/sync/render.h"
#include "client/sync/sources.h"
#include "storage/base/check.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/proto_duration.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;
using tthc::v1::MirrorExchange;
using tthc::v1::MirrorStep;

constexpr char kMask[] = "***";
constexpr char kBearer[] = "Bearer ";

// Keys of personal data that answers have whatever the profile's own fields are.
constexpr const char* kUsualPersonalKeys[] = {
    "ChuHoSo", "SoGiayToChuHoSo", "MaDoiTuong",   "DinhDanhCHS",  "SoDinhDanh",  "Email",         "SoDienThoai",
    "Fax",     "DiaChi",          "NgaySinh",     "TrichYeuHoSo", "HoTen",       "HoTenNguoiNop", "SoCMND",
    "CCCD",    "MaSoThue",        "NoiDungYKien", "ThongTinTra",  "NoiDungXuLy", "TenNguoiNop"};

// Replaces invalid UTF-8: records come from the server, which checks texts, but bodies may repeat bytes of a target.
std::string Dump(const ordered_json& json) { return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace); }

// Leaves ":" as it is, which agencies and destinations contain and targets expect unescaped.
std::string EncodeQuery(absl::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("-._~:", c)) {
      encoded += c;
    } else {
      absl::StrAppend(&encoded, "%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return encoded;
}

void CollectPersonal(const google::protobuf::RepeatedPtrField<v1::Field>& fields, std::set<std::string>& keys) {
  for (const v1::Field& field : fields) {
    if (field.personal()) keys.insert(field.name());
    CollectPersonal(field.fields(), keys);
  }
}

std::vector<std::string> PersonalKeys(const v1::Profile& profile) {
  std::set<std::string> keys(std::begin(kUsualPersonalKeys), std::end(kUsualPersonalKeys));
  CollectPersonal(profile.record_fields(), keys);
  CollectPersonal(profile.step_fields(), keys);
  return {keys.begin(), keys.end()};
}

// Protobuf maps have no order; requests must be the same every time.
std::map<std::string, std::string> Sorted(const google::protobuf::Map<std::string, std::string>& map) {
  return {map.begin(), map.end()};
}

// Masks the secrets as they are and as JSON escapes them.
std::string Masked(absl::string_view text, const std::vector<std::string>& secrets) {
  std::string masked(text);
  for (const std::string& secret : secrets) {
    if (secret.empty()) continue;
    const std::string quoted = Dump(secret);
    masked = absl::StrReplaceAll(masked, {{quoted.substr(1, quoted.size() - 2), kMask}});
    masked = absl::StrReplaceAll(masked, {{secret, kMask}});
  }
  return masked;
}

// The value of the first `key` in a body that we made. Does not parse the records behind it, which may be megabytes.
std::string FirstText(const std::string& body, const std::string& key) {
  const size_t at = body.find(absl::StrCat("\"", key, "\":\""));
  if (at == std::string::npos) return "";
  const size_t begin = at + key.size() + 3;
  size_t end = begin + 1;
  while (end < body.size() && body[end] != '"') end += body[end] == '\\' ? size_t{2} : size_t{1};
  const ordered_json text = ordered_json::parse(body.substr(begin, end + 1 - begin), nullptr, false);
  return text.is_string() ? text.get<std::string>() : "";
}

// For exchanges: the name in the body, or the last part of the path.
std::string ServiceName(const v1::Service& service) {
  if (!service.service().empty()) return service.service();
  const size_t slash = service.path().rfind('/');
  return slash == std::string::npos ? service.path() : service.path().substr(slash + 1);
}

absl::Duration TimeoutOf(const v1::Target& target) {
  if (!target.has_call_timeout()) return limits::kSyncCallTimeout;
  return FromProto(target.call_timeout());
}

// A session must not get into the exchange, whatever form the answer to a login has.
bool MayHoldSession(const Call& call, const v1::AnswerKeys& keys, const std::string& body) {
  if (call.kind != CallKind::kLogin) return false;
  return absl::StrContains(body, keys.session()) || absl::StrContains(body, "token");
}

}  // namespace

ProfileAdapter::ProfileAdapter(const v1::Profile& profile, const v1::Target& target)
    : profile_(profile), target_(target), personal_keys_(PersonalKeys(profile)) {}

// A profile may have only one of insert and update, which then does both.
const v1::Service& ProfileAdapter::ServiceOf(const Call& call) const {
  switch (call.kind) {
    case CallKind::kLogin:
      return profile_.login();
    case CallKind::kInsert:
      return profile_.has_insert() ? profile_.insert() : profile_.update();
    case CallKind::kUpdate:
      return profile_.has_update() ? profile_.update() : profile_.insert();
    case CallKind::kSteps:
      return profile_.steps();
    case CallKind::kLookup:
      return profile_.lookup();
  }
  return profile_.lookup();
}

// base_url may have a path of its own; the service's path follows it.
std::string ProfileAdapter::UrlOf(const v1::Service& service) const {
  std::string url(absl::StripSuffix(target_.base_url(), "/"));
  absl::StrAppend(&url, absl::StartsWith(service.path(), "/") ? "" : "/", service.path());
  char separator = absl::StrContains(url, '?') ? '&' : '?';
  const auto add = [&](const std::string& name, const std::string& value) {
    url += separator;
    absl::StrAppend(&url, name, "=", value);
    separator = '&';
  };
  for (const auto& [name, value] : Sorted(service.query())) {
    add(name, absl::StrReplaceAll(value, {{"{agency}", EncodeQuery(target_.agency())}}));
  }
  if (!target_.destination().empty() && target_.destination_place() == v1::Target::PLACE_QUERY) {
    add(target_.destination_name().empty() ? "dstcode" : target_.destination_name(),
        EncodeQuery(target_.destination()));
  }
  return url;
}

// The revisions of a call come from a plan of the same delivery, so that each has its step.
ordered_json ProfileAdapter::ContentOf(const Call& call) const {
  if (call.kind == CallKind::kLogin) return nullptr;
  const tthc::v1::MirrorDelivery& delivery = *call.delivery;
  if (call.kind == CallKind::kLookup) return CodeAtTarget(profile_, delivery);
  if (call.kind != CallKind::kSteps) return ordered_json::array({RenderRecord(profile_, delivery).json});
  ordered_json steps = ordered_json::array();
  for (const int64_t revision : call.steps) {
    const auto step = std::find_if(delivery.steps().begin(), delivery.steps().end(), [&](const MirrorStep& candidate) {
      return candidate.event().revision() == revision;
    });
    TTHC_CHECK(step != delivery.steps().end());
    steps.push_back(RenderStep(profile_, delivery, *step).json);
  }
  return steps;
}

ordered_json ProfileAdapter::Wrap(const v1::Service& service, ordered_json body, ordered_json content) {
  for (const auto& [name, value] : Sorted(service.body())) body[name] = value;
  if (content.is_null()) return body;
  if (service.data_key().empty()) return content;
  body[service.data_key()] = std::move(content);
  return body;
}

HttpRequest ProfileAdapter::MakeRequest(const Call& call, const std::string& session,
                                        const std::string& password) const {
  return Assemble({call, ServiceOf(call), session, password}, ContentOf(call));
}

HttpRequest ProfileAdapter::MakeListRequest(const std::string& session) const {
  const Call call{.kind = CallKind::kLookup};
  const std::string no_password;
  return Assemble({call, profile_.list(), session, no_password}, nullptr);
}

HttpRequest ProfileAdapter::MakeConfirmRequest(ordered_json records, const std::string& session) const {
  const Call call{.kind = CallKind::kUpdate};
  const std::string no_password;
  return Assemble({call, profile_.confirm_received(), session, no_password}, std::move(records));
}

HttpRequest ProfileAdapter::Assemble(const Parts& parts, ordered_json content) const {
  HttpRequest request;
  request.url = UrlOf(parts.service);
  request.headers = {{"Accept", "application/json"}, {"Content-Type", "application/json"}};
  if (!target_.destination().empty() && target_.destination_place() == v1::Target::PLACE_HEADER) {
    request.headers.emplace_back(target_.destination_name().empty() ? "dstcode" : target_.destination_name(),
                                 target_.destination());
  }
  AddHeaders(parts, request);
  request.body = Dump(MakeBody(parts, std::move(content)));
  request.timeout = TimeoutOf(target_);
  return request;
}

// Found in the request itself, so that exactly what was sent is masked.
std::vector<std::string> ProfileAdapter::SecretsIn(const HttpRequest& request) const {
  std::vector<std::string> secrets;
  for (const auto& [name, value] : request.headers) {
    if (name == "Authorization" && absl::StartsWith(value, kBearer))
      secrets.push_back(value.substr(sizeof kBearer - 1));
  }
  for (const std::string& key : SecretKeys()) {
    std::string secret = FirstText(request.body, key);
    if (!secret.empty()) secrets.push_back(std::move(secret));
  }
  return secrets;
}

// Masked before it is cut: a cut could leave half of a secret, which the mask would not find.
void ProfileAdapter::DescribeExchange(const HttpRequest& request, const absl::StatusOr<HttpResponse>& response,
                                      const std::vector<std::string>& secrets, Answer& answer) const {
  MirrorExchange& exchange = answer.exchange;
  exchange.set_url(request.url);
  const std::string sent = Masked(request.body, secrets);
  exchange.set_request(CutBytes(sent, limits::kMirrorRequestBytesMax));
  exchange.set_request_cut(sent.size() > limits::kMirrorRequestBytesMax);
  for (const std::string& key : personal_keys_) exchange.add_personal_keys(key);
  exchange.set_outcome(OutcomeWord(answer));
  if (!response.ok()) {
    exchange.set_error(std::string(response.status().message()));
    return;
  }
  exchange.set_http_status(response->status);
  const std::string received = Masked(response->body, secrets);
  exchange.set_response(CutBytes(received, limits::kMirrorResponseBytesMax));
  exchange.set_response_cut(received.size() > limits::kMirrorResponseBytesMax);
}

Answer ProfileAdapter::ReadAnswer(const Call& call, const HttpRequest& request,
                                  const absl::StatusOr<HttpResponse>& response, absl::Time sent_time,
                                  absl::Duration duration) const {
  Answer answer;
  Classify(profile_, call, response, answer);
  std::vector<std::string> secrets = SecretsIn(request);
  if (!answer.session.empty()) secrets.push_back(answer.session);
  answer.message = Masked(answer.message, secrets);
  DescribeExchange(request, response, secrets, answer);
  // A new session under an unknown key, or in half an answer, can't be masked: nothing of the answer is kept.
  if (response.ok() && answer.session.empty() && MayHoldSession(call, profile_.answer_keys(), response->body)) {
    answer.exchange.set_response(kMask);
  }
  answer.exchange.set_service(ServiceName(ServiceOf(call)));
  *answer.exchange.mutable_send_time() = ToProto(sent_time);
  *answer.exchange.mutable_duration() = ToProto(duration);
  return answer;
}

std::unique_ptr<ProfileAdapter> MakeProfileAdapter(const v1::Profile& profile, const v1::Target& target) {
  switch (profile.protocol()) {
    case v1::Profile::PROTOCOL_AGENCY_IN_QUERY:
      return MakeAgencyAdapter(profile, target);
    case v1::Profile::PROTOCOL_BEARER:
      return MakeBearerAdapter(profile, target);
    default:
      return MakeSessionAdapter(profile, target);
  }
}

std::unique_ptr<Adapter> MakeAdapter(const v1::Profile& profile, const v1::Target& target) {
  return MakeProfileAdapter(profile, target);
}

}  // namespace tthc::sync
