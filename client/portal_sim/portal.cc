#include "client/portal_sim/portal.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/portal_sim/call.h"
#include "client/portal_sim/effect.h"
#include "client/portal_sim/rules.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::portal_sim {
namespace {

// Bounds of what callers can make grow: every new base path makes a system, every login a session.
constexpr size_t kSystemsMax = 16;
constexpr size_t kSessionsMax = 1000;
constexpr size_t kDownWindowsMax = 1000;
// Approximate size of status line and headers, so that cuts also fall into them.
constexpr size_t kHeadBytes = 160;
constexpr absl::Duration kSkewMax = absl::Hours(12);

constexpr char kRefusalMessage[] = "MaLinhVuc không hợp lệ";
constexpr char kHtmlPage[] =
    "<!DOCTYPE html>\n<html><head><title>Bảo trì hệ thống</title></head><body><h1>Hệ thống đang bảo trì</h1>"
    "<p>Vui lòng quay lại sau. Mã: 0 – thành công.</p></body></html>\n";
// No JSON (single quotes), although it has the code and the message of a success.
constexpr char kNoJson[] = "{'error_code': 0, 'code': 0, 'message': 'Đồng bộ thành công',}";

// One code for every violation of the interface; the message names it.
Reply NotAsSpecified(const std::string& problem) { return {.code = kNotAsSpecified, .message = problem}; }

// The key of a record or step that identifies its dossier: igate's own id before the office's code.
std::string DossierKey(Protocol protocol, const Json& entry) {
  if (protocol == Protocol::kIgate) {
    for (const char* const field : {"IdHoSo", "IDHoSo"}) {
      std::string id = TextOf(entry, field);
      if (!id.empty()) return id;
    }
  }
  return TextOf(entry, "MaHoSo");
}

bool IsIgate(absl::string_view system) {
  return system == "igate" || (system.size() > 6 && system.substr(system.size() - 6) == "/igate");
}

Protocol ProtocolOf(absl::string_view system) { return IsIgate(system) ? Protocol::kIgate : Protocol::kDvcqg; }

std::string FindCode(const SimSystem& system, const std::string& key) {
  // A code of the portal's own goes before another name that is the same text.
  if (system.dossiers.contains(key)) return key;
  const auto named = system.other_names.find(key);
  return named == system.other_names.end() ? "" : named->second;
}

std::string StatusOf(const Json& entry) {
  std::string status = TextOf(entry, "TrangThaiHoSo");
  return status.empty() ? TextOf(entry, "TrangThai") : status;
}

void ApplyRecord(SimSystem* system, const Effect& effect, const Json& record, size_t records_max) {
  const std::string key = DossierKey(ProtocolOf(effect.system), record);
  std::string code = FindCode(*system, key);
  if (code.empty()) code = key;
  SimDossier& dossier = system->dossiers[code];
  dossier.code = code;
  // Kept as text: there may be very many, few are ever read again, and a parsed tree takes several times the memory.
  dossier.records.push_back({.json = record.dump(), .status = StatusOf(record), .receive_time = effect.time});
  ++dossier.record_count;
  if (dossier.records.size() > std::max<size_t>(records_max, 1)) dossier.records.erase(dossier.records.begin());
  const std::string office_code = TextOf(record, "MaHoSo");
  if (IsIgate(effect.system) && !office_code.empty()) {
    dossier.office_code = office_code;
    if (office_code != code) system->other_names[office_code] = code;
  }
}

void ApplyFiling(SimSystem* system, const Effect& effect) {
  SimDossier& dossier = system->dossiers[effect.code];
  dossier.code = effect.code;
  dossier.id = effect.text;
  dossier.filing_json = effect.data.dump(-1, ' ', false, Json::error_handler_t::replace);
  dossier.filing_time = effect.time;
  system->other_names[effect.text] = effect.code;
  ++system->filing_count;
}

void ApplyForgotten(SimSystem* system, const std::string& code) {
  system->dossiers.erase(code);
  for (auto it = system->other_names.begin(); it != system->other_names.end();) {
    it = it->second == code ? system->other_names.erase(it) : std::next(it);
  }
}

void ApplySession(SimSystem* system, const Effect& effect) {
  if (system->sessions.size() >= kSessionsMax) {
    std::erase_if(system->sessions, [&](const auto& session) { return session.second <= effect.time; });
  }
  // None has expired: all go, as when a portal restarts. Their owners log in again.
  if (system->sessions.size() >= kSessionsMax) system->sessions.clear();
  const double seconds = effect.data.is_number() ? effect.data.get<double>() : 0;
  system->sessions[effect.text] = effect.time + absl::Seconds(seconds);
  ++system->session_count;
}

// True for faults that replace the call.
bool ComesBefore(Fault fault) {
  return fault == Fault::kDown || fault == Fault::kBusy || fault == Fault::kUnavailable || fault == Fault::kSkew ||
         fault == Fault::kCutBefore;
}

// Faults that spoil the answer.
bool IsUnreadable(Fault fault) {
  return fault == Fault::kMalformed || fault == Fault::kTruncated || fault == Fault::kHtml;
}

// True if the fault can apply to the call. Steps are processed twice only if the portal drops known ones: otherwise the
// portal alone would be to blame for the doubles, and no client could prevent them.
bool Fits(Fault fault, const Call& call, const PortalOptions& options) {
  switch (fault) {
    case Fault::kExistsZero:
    case Fault::kExistsMinus:
      return call.service == Service::kRecord && call.is_insert;
    case Fault::kSessionDropped:
      return call.protocol != Protocol::kWrapper && call.service != Service::kLogin;
    case Fault::kDuplicate:
      return call.service != Service::kSteps || options.dedupe_steps;
    default:
      return true;
  }
}

void SetHeader(SimResponse* response, const std::string& name, const std::string& value) {
  std::erase_if(response->headers, [&](const auto& header) { return header.first == name; });
  response->headers.emplace_back(name, value);
}

// FNV-1a, because std::hash differs between machines.
uint64_t Hash(absl::string_view text) {
  uint64_t hash = 14695981039346656037U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}

}  // namespace

Portal::Portal(PortalOptions options) : options_(std::move(options)), chance_(options_.seed) {}

// --- State -----------------------------------------------------------------------------------------------------------

// Journaled first: an answer must never promise what a restart forgets.
void Portal::Commit(const Effect& effect) {
  // Cut to the journal's precision, so that a restored portal is the same.
  Effect kept = effect;
  kept.time = absl::FromUnixMicros(absl::ToUnixMicros(effect.time));
  if (options_.journal) options_.journal(WriteEffect(kept));
  Apply(kept);
}

// Also for lines of the journal. It draws no random number and asks for no time: what a call decided by them has to be
// in the effect, or a restored portal would be another one.
void Portal::Apply(const Effect& effect) {
  // Dropping sessions is a fault, not an effect of the call.
  if (effect.kind != Effect::Kind::kSessionsDropped) ++effect_count_;
  if (effect.kind == Effect::Kind::kRefusal) {
    refused_[effect.code] = effect.text;
    return;
  }
  if (effect.kind == Effect::Kind::kAcceptance) {
    refused_[effect.code] = "";
    return;
  }
  SimSystem& system = systems_[effect.system];
  switch (effect.kind) {
    case Effect::Kind::kSession:
      ApplySession(&system, effect);
      ++counts_.logins;
      break;
    case Effect::Kind::kSessionsDropped:
      system.sessions.clear();
      break;
    case Effect::Kind::kRecords:
      for (const Json& record : effect.data) ApplyRecord(&system, effect, record, options_.records_max);
      counts_.records_applied += static_cast<int64_t>(effect.data.size());
      break;
    case Effect::Kind::kSteps:
      for (const Json& step : effect.data) ApplyStep(effect, step);
      break;
    case Effect::Kind::kFiling:
      ApplyFiling(&system, effect);
      break;
    case Effect::Kind::kReceived:
      system.dossiers[effect.code].received = true;
      break;
    case Effect::Kind::kForgotten:
      ApplyForgotten(&system, effect.code);
      break;
    case Effect::Kind::kRefusal:
    case Effect::Kind::kAcceptance:
      break;
  }
}

// Counts a step that equals a known one; the real portal gives no sign of that.
void Portal::ApplyStep(const Effect& effect, const Json& step) {
  SimSystem& system = systems_[effect.system];
  const std::string code = FindCode(system, DossierKey(ProtocolOf(effect.system), step));
  // Only a journal that was changed by hand can have a step of an unknown dossier.
  if (code.empty()) return;
  std::vector<SimStep>& steps = system.dossiers[code].steps;
  std::string json = step.dump();
  const bool is_repeated =
      std::any_of(steps.begin(), steps.end(), [&](const SimStep& known) { return known.json == json; });
  if (is_repeated) ++counts_.steps_repeated;
  if (is_repeated && options_.dedupe_steps) return;
  steps.push_back({.json = std::move(json),
                   .status = TextOf(step, "TrangThai"),
                   .time = TextOf(step, "ThoiDiemXuLy"),
                   .receive_time = effect.time});
  ++counts_.steps_applied;
}

absl::Status Portal::Restore(absl::string_view line) {
  TTHC_ASSIGN_OR_RETURN(const Effect effect, ReadEffect(line));
  Apply(effect);
  return absl::OkStatus();
}

const SimDossier* Portal::Find(absl::string_view system, absl::string_view code) const {
  const auto found = systems_.find(std::string(system));
  if (found == systems_.end()) return nullptr;
  const std::string own_code = FindCode(found->second, std::string(code));
  return own_code.empty() ? nullptr : &found->second.dossiers.at(own_code);
}

// --- Changes from outside --------------------------------------------------------------------------------------------

void Portal::AddDownWindow(absl::Time from, absl::Time until) {
  // The oldest window is the one that is most likely over.
  if (down_windows_.size() >= kDownWindowsMax) down_windows_.erase(down_windows_.begin());
  down_windows_.emplace_back(from, until);
}

bool Portal::IsDown(absl::Time now) const {
  return std::any_of(down_windows_.begin(), down_windows_.end(),
                     [now](const auto& window) { return window.first <= now && now < window.second; });
}

void Portal::Refuse(absl::string_view code, absl::Time now, absl::string_view message) {
  Commit({.kind = Effect::Kind::kRefusal,
          .time = now,
          .code = std::string(code),
          .text = message.empty() ? kRefusalMessage : std::string(message)});
}

void Portal::Accept(absl::string_view code, absl::Time now) {
  Commit({.kind = Effect::Kind::kAcceptance, .time = now, .code = std::string(code)});
}

std::string Portal::RefusalOf(absl::string_view code) const {
  const auto named = refused_.find(code);
  if (named != refused_.end()) return named->second;
  if (options_.faults.refuse <= 0) return "";
  // From the code and not from the portal's own numbers: a refused dossier is refused at every attempt, whatever comes
  // in between.
  Chance chance(Hash(code) ^ options_.seed);
  return chance.Fraction() < options_.faults.refuse ? kRefusalMessage : "";
}

// Numbered within the system. The count is part of the journaled state, so that a restart does not use a code again.
std::string Portal::FileOnline(const Filing& filing, absl::Time now, absl::string_view system) {
  const auto found = systems_.find(std::string(system));
  const int64_t number = 1 + (found == systems_.end() ? 0 : found->second.filing_count);
  const std::string code =
      absl::StrFormat("000.00.00.G00-%s-%04d", absl::FormatTime("%y%m%d", now, LocalTimeZone()), number);
  const std::string id = absl::StrCat(1'000'000 + number);
  Json data;
  data["IdHoSo"] = id;
  data["MaHoSo"] = code;
  data["MaTTHC"] = filing.procedure_code;
  data["TenTTHC"] = filing.procedure_name;
  data["ChuHoSo"] = filing.applicant;
  data["SoGiayToChuHoSo"] = filing.id_number;
  data["SoDienThoai"] = filing.phone;
  data["TrichYeuHoSo"] = filing.summary;
  data["HinhThucTiepNhan"] = "2";
  data["NgayNopHoSo"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E3S%Ez", now, LocalTimeZone());
  data["TrangThaiHoSo"] = "1";
  Commit({.kind = Effect::Kind::kFiling,
          .system = std::string(system),
          .time = now,
          .code = code,
          .text = id,
          .data = std::move(data)});
  return code;
}

void Portal::Plant(absl::string_view system, absl::string_view json, absl::Time now) {
  Json record = Json::parse(json.begin(), json.end(), nullptr, false);
  if (!record.is_object()) return;
  Commit({.kind = Effect::Kind::kRecords,
          .system = std::string(system),
          .time = now,
          .data = Json::array({std::move(record)})});
}

void Portal::Forget(absl::string_view system, absl::string_view code, absl::Time now) {
  const SimDossier* const dossier = Find(system, code);
  if (dossier == nullptr) return;
  Commit({.kind = Effect::Kind::kForgotten, .system = std::string(system), .time = now, .code = dossier->code});
}

// --- Calls -----------------------------------------------------------------------------------------------------------

// The wrapper needs none; it holds its own session with the national portal.
bool Portal::HasSession(const Call& call, absl::Time now) const {
  const auto system = systems_.find(call.system);
  if (system == systems_.end()) return false;
  const auto session = system->second.sessions.find(call.session);
  return session != system->second.sessions.end() && now < session->second;
}

Reply Portal::Process(const Call& call, absl::Time now) {
  if (!call.problem.empty()) return NotAsSpecified(call.problem);
  if (call.service == Service::kLogin) return LogIn(call, now);
  if (call.protocol != Protocol::kWrapper && !HasSession(call, now)) {
    return {.code = kSessionExpired, .message = "Phiên làm việc hết hạn"};
  }
  switch (call.service) {
    case Service::kRecord:
      return TakeRecords(call, now);
    case Service::kSteps:
      return TakeSteps(call, now);
    case Service::kLookup:
      return LookUp(call);
    case Service::kList:
      return List(call);
    case Service::kConfirm:
      return ConfirmReceived(call, now);
    case Service::kNone:
    case Service::kLogin:
      break;
  }
  return NotAsSpecified("Không có dịch vụ này");
}

Reply Portal::LogIn(const Call& call, absl::Time now) {
  const bool is_igate = call.protocol == Protocol::kIgate;
  // One account for all systems: tests are about sessions, not about accounts.
  const bool is_right = TextOf(call.body, is_igate ? "client_id" : "username") == options_.username &&
                        TextOf(call.body, is_igate ? "client_secret" : "password") == options_.password;
  if (!is_right) return {.code = kLoginRefused, .message = "Sai tên đăng nhập hoặc mật khẩu"};
  const auto system = systems_.find(call.system);
  const int64_t number = 1 + (system == systems_.end() ? 0 : system->second.session_count);
  const std::string session =
      absl::StrFormat("sim-%d-%08x", number, static_cast<uint32_t>(chance_.Fraction() * 4294967296.0));
  Commit({.kind = Effect::Kind::kSession,
          .system = call.system,
          .time = now,
          .code = "",
          .text = session,
          .data = absl::ToDoubleSeconds(options_.session_life)});
  if (!is_igate) return {.message = "OK", .data = session};
  Json data;
  data["access_token"] = session;
  data["expires_in"] = absl::ToInt64Seconds(options_.session_life);
  data["token_type"] = "Bearer";
  return {.message = "OK", .data = std::move(data)};
}

// All records are checked before the first one is applied. A refusal for good comes before the question whether the
// portal has the dossier: neither an insert nor an update can get round it.
Reply Portal::TakeRecords(const Call& call, absl::Time now) {
  if (call.data.empty()) return NotAsSpecified("Không có hồ sơ nào");
  if (call.data.size() > options_.dossiers_per_call_max) {
    return NotAsSpecified(absl::StrCat("Mỗi lần gửi tối đa ", options_.dossiers_per_call_max, " hồ sơ"));
  }
  for (const Json& record : call.data) {
    const std::string problem = CheckRecord(call.protocol, record, options_.short_records);
    if (!problem.empty()) return NotAsSpecified(problem);
    const std::string refusal = RefusalOf(TextOf(record, "MaHoSo"));
    if (!refusal.empty()) return {.code = kRefusedForGood, .message = refusal};
    const bool is_known = Find(call.system, DossierKey(call.protocol, record)) != nullptr;
    if (is_known && call.is_insert) return {.code = kExists, .message = "Hồ sơ đã tồn tại"};
    if (!is_known && !call.is_insert) return {.code = kMissing, .message = "Hồ sơ chưa tồn tại"};
  }
  Commit({.kind = Effect::Kind::kRecords, .system = call.system, .time = now, .data = call.data});
  return {.message = "Đồng bộ thành công"};
}

// All or none, as for records: a client must not have to guess which steps were taken.
Reply Portal::TakeSteps(const Call& call, absl::Time now) {
  if (call.data.empty()) return NotAsSpecified("Không có tiến độ nào");
  if (call.data.size() > options_.steps_per_call_max) {
    return NotAsSpecified(absl::StrCat("Mỗi lần gửi tối đa ", options_.steps_per_call_max, " tiến độ"));
  }
  for (const Json& step : call.data) {
    const std::string problem = CheckStep(call.protocol, step);
    if (!problem.empty()) return NotAsSpecified(problem);
    if (Find(call.system, DossierKey(call.protocol, step)) == nullptr) {
      return {.code = kMissing, .message = "Hồ sơ chưa tồn tại"};
    }
  }
  Commit({.kind = Effect::Kind::kSteps, .system = call.system, .time = now, .data = call.data});
  return {.message = "Cập nhật tiến độ thành công"};
}

// A dossier that the portal does not have is an empty list, not an error.
Reply Portal::LookUp(const Call& call) const {
  const bool is_igate = call.protocol == Protocol::kIgate;
  Reply reply{.message = "Thành công", .data = Json::array()};
  const SimDossier* const dossier = Find(call.system, TextOf(call.body, is_igate ? "MaHoSo" : "mahoso"));
  if (dossier == nullptr) return reply;
  Json result = Json::parse(dossier->records.empty() ? dossier->filing_json : dossier->records.back().json);
  result["DanhSachTienDo"] = Json::array();
  for (const SimStep& step : dossier->steps) result["DanhSachTienDo"].push_back(Json::parse(step.json));
  reply.data.push_back(std::move(result));
  return reply;
}

// Filed dossiers that match the filters and that the office has not confirmed.
Reply Portal::List(const Call& call) const {
  Reply reply{.message = "Thành công", .data = Json::array()};
  const auto system = systems_.find(call.system);
  if (system == systems_.end()) return reply;
  for (const auto& [code, dossier] : system->second.dossiers) {
    if (dossier.filing_json.empty() || dossier.received) continue;
    Json filing = Json::parse(dossier.filing_json);
    filing["TrangThaiHoSo"] = dossier.status();
    const bool matches = std::all_of(call.body.items().begin(), call.body.items().end(), [&](const auto& wanted) {
      // ReadCall() made sure that the filters are texts. An empty one matches everything.
      const std::string value = wanted.value().template get<std::string>();
      return value.empty() || TextOf(filing, wanted.key().c_str()) == value;
    });
    if (matches) reply.data.push_back(std::move(filing));
  }
  return reply;
}

// Two passes, so that all entries are checked before the first one is committed. To confirm twice changes nothing.
Reply Portal::ConfirmReceived(const Call& call, absl::Time now) {
  for (const Json& entry : call.data) {
    if (!entry.is_object()) return NotAsSpecified("Dữ liệu không phải là đối tượng");
    for (const auto& [name, value] : entry.items()) {
      const bool is_known = name == "MaHoSo" || name == "TrangThaiNhanHoSo";
      if (!is_known) return NotAsSpecified(absl::StrCat("Trường ", name, " không có trong đặc tả"));
    }
    if (TextOf(entry, "TrangThaiNhanHoSo").empty()) return NotAsSpecified("Trường TrangThaiNhanHoSo bị thiếu");
    if (Find(call.system, TextOf(entry, "MaHoSo")) == nullptr) {
      return {.code = kMissing, .message = "Hồ sơ chưa tồn tại"};
    }
  }
  for (const Json& entry : call.data) {
    const SimDossier* const dossier = Find(call.system, TextOf(entry, "MaHoSo"));
    Commit({.kind = Effect::Kind::kReceived, .system = call.system, .time = now, .code = dossier->code});
  }
  return {.message = "Thành công"};
}

// --- Faults ----------------------------------------------------------------------------------------------------------

// No fault here touches the state of the dossiers: all of them come before the call is processed.
SimResponse Portal::FailBefore(Fault fault, absl::Time now) {
  SimResponse response;
  if (fault == Fault::kDown) {
    AddDownWindow(now, now + chance_.UpTo(options_.faults.down_max));
    response.refuse = true;
    return response;
  }
  if (fault == Fault::kCutBefore) {
    response.cut_after = 0;
    return response;
  }
  response.status = fault == Fault::kBusy ? 429 : 503;
  const int64_t seconds = 1 + absl::ToInt64Seconds(chance_.UpTo(options_.faults.retry_after_max));
  response.retry_after = absl::Seconds(seconds);
  absl::Time date = now;
  // Date and Retry-After by the same wrong clock: a client that compares with its own clock waits for hours, or not at
  // all.
  if (fault == Fault::kSkew) date += kSkewMax * (2 * chance_.Fraction() - 1);
  const std::string retry_after = fault == Fault::kSkew ? HttpDate(date + response.retry_after) : absl::StrCat(seconds);
  response.headers = {
      {"Content-Type", "text/plain; charset=utf-8"}, {"Date", HttpDate(date)}, {"Retry-After", retry_after}};
  response.body = "Hệ thống đang bận\n";
  return response;
}

// Changes the finished answer; the call has had its effect by then.
SimResponse Portal::Spoil(Fault fault, SimResponse response) {
  switch (fault) {
    case Fault::kSlow:
      response.delay = chance_.UpTo(options_.faults.slow_max);
      break;
    case Fault::kErrorAfter:
      response.status = 500;
      response.body = "Lỗi hệ thống\n";
      SetHeader(&response, "Content-Type", "text/plain; charset=utf-8");
      break;
    case Fault::kCutAfter:
      response.cut_after =
          static_cast<size_t>(chance_.Fraction() * static_cast<double>(response.body.size() + kHeadBytes));
      break;
    case Fault::kMalformed:
      response.status = 200;
      response.body = kNoJson;
      break;
    case Fault::kTruncated:
      response.status = 200;
      // Content-Length is that of the rest: HTTP is complete, only the JSON ends early.
      response.body.resize(static_cast<size_t>(chance_.Fraction() * static_cast<double>(response.body.size())));
      break;
    case Fault::kHtml:
      response.status = 200;
      response.body = kHtmlPage;
      SetHeader(&response, "Content-Type", "text/html; charset=utf-8");
      break;
    default:
      break;
  }
  return response;
}

// In this order: outage, unknown path, fault, call. Every call to a service draws one fault, so that equal calls draw
// equal faults from a seed.
SimResponse Portal::Handle(const SimRequest& request, absl::Time now) {
  SimResponse response;
  response.refuse = true;
  response.fault = Fault::kDown;
  if (IsDown(now)) return response;
  // Here and not in IsDown(), which is const and which the port calls at every tick.
  std::erase_if(down_windows_, [now](const auto& window) { return window.second <= now; });

  const Call call = ReadCall(request);
  if (!call.known || (!systems_.contains(call.system) && systems_.size() >= kSystemsMax)) {
    response = {};
    response.status = 404;
    response.headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Date", HttpDate(now)}};
    response.body = "Không có địa chỉ này\n";
    return response;
  }
  ++counts_.calls[absl::StrCat(call.system, " ", call.service_name)];
  Fault fault = chance_.Draw(options_.faults);
  if (!Fits(fault, call, options_)) fault = Fault::kNone;
  const int64_t effects_before = effect_count_;
  response = ComesBefore(fault) ? FailBefore(fault, now) : Answer(call, &fault, now);
  response.fault = fault;
  response.applied = effect_count_ > effects_before;
  if (fault != Fault::kNone) ++counts_.faults[fault];
  return response;
}

SimResponse Portal::Answer(const Call& call, Fault* fault, absl::Time now) {
  if (*fault == Fault::kSessionDropped) {
    Commit({.kind = Effect::Kind::kSessionsDropped, .system = call.system, .time = now});
  }
  // Before such an answer the call may or may not have been done.
  const bool is_left_out = IsUnreadable(*fault) && chance_.Fraction() < 0.5;
  Reply reply = is_left_out ? Reply{.message = "Đồng bộ thành công"} : Process(call, now);
  // As by a proxy that repeats a request. The client sees the second answer: after an insert, that the dossier exists.
  if (*fault == Fault::kDuplicate) reply = Process(call, now);
  if (*fault == Fault::kExistsZero || *fault == Fault::kExistsMinus) {
    if (reply.code == kDone) {
      reply = {.code = *fault == Fault::kExistsZero ? 0 : -3, .message = "Hồ sơ đã tồn tại trên hệ thống"};
    } else {
      *fault = Fault::kNone;
    }
  }
  if (reply.code != kDone) ++counts_.rejected;
  return Spoil(*fault, WriteReply(call, reply, *fault == Fault::kTextCode, now));
}

}  // namespace tthc::portal_sim
