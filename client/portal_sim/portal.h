#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/portal_sim/faults.h"

// A portal to try tthc-sync on. It is not the national portal: it is as strict as what is known of that one allows, and
// it fails on purpose. Words:
// - a *system* is one protocol under one base path, with dossiers of its own: "dvcqg", "wrapper", "igate", or
//   "city/wrapper" for calls under /city/api/…;
// - a *record* is what DongBoHoSoMC or capnhattrangthai has brought, a *step* what CapNhatTienDoHoSoMC or
//   hoso/capnhatientrinh has.
//
// Addresses, all POST and JSON, behind any base path:
//   dvcqg    /mapi/login, /mapi/g (service: DongBoHoSoMC, CapNhatTienDoHoSoMC, TraCuuHoSo); dstcode in header or query
//   wrapper  /api/SynsTTHCC/{DongBoHoSoMC,CapNhatTienDoHoSoMC,TraCuuHoSo}?MaDinhDanhDV=…[&isUpdating=True|False]
//   igate    /connector/connector/v1/{login,laydanhsachhoso,hoso/capnhattrangthai,hoso/capnhatientrinh,
//            hoso/xacnhantrangthainhan,hoso/tracuu}; the last one is our assumption, to be confirmed
//
// Answers: {"error_code":0,"message":"…"} and "result":[…] of a look-up with dvcqg and wrapper; {"code":0,
// "message":"…","data":…} with igate, whose login answers {access_token, expires_in, token_type} without wrapping and
// whose expired token is HTTP 401. A look-up tells the fields of the newest record and the steps, in the order in which
// they were applied, as "DanhSachTienDo".
//
// The codes are the simulator's own, as the real ones are not published: 0 done, 1 login refused, 2 call or data not as
// specified, 3 "Hồ sơ đã tồn tại", 4 "Hồ sơ chưa tồn tại", 9 "Phiên làm việc hết hạn", 12 refused for good.
namespace tthc::portal_sim {

// Of the implementation: a request as read, its answer, what one leaves behind.
struct Call;
struct Reply;
struct Effect;
using Json = nlohmann::ordered_json;

struct SimRequest {
  std::string method = "POST";
  // Path and query, as in the request line.
  std::string target = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
};

struct SimResponse {
  // The connection is refused: nothing of the request was seen.
  bool refuse = false;
  // The answer leaves only after so long. What the call does is done at its arrival.
  absl::Duration delay;
  // The connection closes after so many bytes of the answer, status line and headers included. The caller can't know
  // whether the call was done.
  std::optional<size_t> cut_after;

  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // What Retry-After says, whichever way it is written; zero without.
  absl::Duration retry_after;

  // For whoever judges, not for the caller: what went wrong, and whether the portal keeps something of the call.
  Fault fault = Fault::kNone;
  bool applied = false;
};

struct SimStep {
  // As received: a JSON object without blanks.
  std::string json;
  std::string status;
  // ThoiDiemXuLy as received.
  std::string time;
  absl::Time receive_time;
};

struct SimRecord {
  std::string json;
  std::string status;
  absl::Time receive_time;
};

struct SimDossier {
  // MaHoSo; of igate the portal's own one.
  std::string code;
  // Accepted records, oldest first; the newest PortalOptions::records_max of them. Empty only with igate.
  std::vector<SimRecord> records;
  int64_t record_count = 0;
  // In the order in which they were applied.
  std::vector<SimStep> steps;

  // Of igate: IdHoSo, the code that the office calls it by (MaHoSo of its newest record), whether the office has
  // confirmed to have it, and what was filed, as laydanhsachhoso tells it.
  std::string id;
  std::string office_code;
  bool received = false;
  std::string filing_json;
  absl::Time filing_time = absl::InfinitePast();

  // Of the newest record; igate's filed ones without record: "1".
  std::string status() const { return records.empty() ? "1" : records.back().status; }
};

struct SimSystem {
  // By code.
  std::map<std::string, SimDossier> dossiers;
  // Session or token → end of its life.
  std::map<std::string, absl::Time> sessions;
  // Of igate: IdHoSo, and office_code where it differs from code → code.
  std::map<std::string, std::string> other_names;
  int64_t session_count = 0;
  int64_t filing_count = 0;
};

struct SimCounts {
  // By system and service, such as "dvcqg DongBoHoSoMC": calls that reached the portal, whatever came of them.
  std::map<std::string, int64_t> calls;
  std::map<Fault, int64_t> faults;
  int64_t logins = 0;
  int64_t records_applied = 0;
  int64_t steps_applied = 0;
  // Steps that were known already, field by field; applied again unless PortalOptions::dedupe_steps.
  int64_t steps_repeated = 0;
  // Calls that were answered as not done, faults apart.
  int64_t rejected = 0;
};

struct PortalOptions {
  uint64_t seed = 1;
  std::string username = "demo";
  std::string password = "demo";
  absl::Duration session_life = absl::Minutes(10);
  size_t dossiers_per_call_max = 1;
  size_t steps_per_call_max = 10;
  size_t records_max = 1000;
  // A step that is known already changes nothing.
  bool dedupe_steps = false;
  // The wrapper takes records of the 16 oldest fields, too.
  bool short_records = false;
  FaultRates faults;
  // Gets a line, without its end, for everything that the portal has to remember, before it answers. Fed to Restore,
  // in order, the lines give the same portal again. May be empty.
  std::function<void(const std::string& line)> journal;
};

// What a citizen files on-line with igate. Invented people only.
struct Filing {
  std::string procedure_code = {};
  std::string procedure_name = {};
  std::string applicant = {};
  std::string id_number = {};
  std::string phone = {};
  std::string summary = {};
};

// The portal itself: no clock, no sockets, no threads. Time given to it should not go back. Not thread-safe.
class Portal {
 public:
  explicit Portal(PortalOptions options);

  // One call. Deterministic: the same seed, calls and times give the same answers.
  SimResponse Handle(const SimRequest& request, absl::Time now);

  // A line of the journal of an earlier life. DATA_LOSS if it is none.
  absl::Status Restore(absl::string_view line);

  void SetFaults(const FaultRates& rates) { options_.faults = rates; }
  const FaultRates& faults() const { return options_.faults; }
  // Connections are refused in [from, until).
  void AddDownWindow(absl::Time from, absl::Time until);
  bool IsDown(absl::Time now) const;

  // Records of this dossier are refused for good, with a message of the portal's if none is given; until Accept().
  void Refuse(absl::string_view code, absl::Time now, absl::string_view message = "");
  void Accept(absl::string_view code, absl::Time now);
  // The message with which they are, by Refuse() or by FaultRates::refuse; "" if they are not.
  std::string RefusalOf(absl::string_view code) const;

  // Files a dossier on-line with an igate system and returns its code.
  std::string FileOnline(const Filing& filing, absl::Time now, absl::string_view system = "igate");
  // As if somebody else had registered it: `json` is a whole record of the system's form, and is not checked.
  void Plant(absl::string_view system, absl::string_view json, absl::Time now);
  // As if it had never been told. Without effect if it is not there.
  void Forget(absl::string_view system, absl::string_view code, absl::Time now);

  const std::map<std::string, SimSystem>& systems() const { return systems_; }
  // By MaHoSo; of igate by IdHoSo and the office's own code, too. nullptr if it is not there; valid until the next call
  // of a method that is not const.
  const SimDossier* Find(absl::string_view system, absl::string_view code) const;
  const SimCounts& counts() const { return counts_; }

 private:
  // One call, faults apart.
  Reply Process(const Call& call, absl::Time now);
  Reply LogIn(const Call& call, absl::Time now);
  Reply TakeRecords(const Call& call, absl::Time now);
  Reply TakeSteps(const Call& call, absl::Time now);
  Reply LookUp(const Call& call) const;
  Reply List(const Call& call) const;
  Reply ConfirmReceived(const Call& call, absl::Time now);
  bool HasSession(const Call& call, absl::Time now) const;
  // Writes it down, then does it.
  void Commit(const Effect& effect);
  void Apply(const Effect& effect);
  void ApplyStep(const Effect& effect, const Json& step);
  // A fault that comes instead of the call.
  SimResponse FailBefore(Fault fault, absl::Time now);
  // What comes of the call; the fault becomes kNone if it could not take place.
  SimResponse Answer(const Call& call, Fault* fault, absl::Time now);
  SimResponse Spoil(Fault fault, SimResponse response);

  PortalOptions options_;
  Chance chance_;
  std::map<std::string, SimSystem> systems_;
  SimCounts counts_;
  // How many effects there were.
  int64_t effect_count_ = 0;
  std::vector<std::pair<absl::Time, absl::Time>> down_windows_;
  // Code → message; "" = accepted, whatever the rate says.
  std::map<std::string, std::string, std::less<>> refused_;
};

}  // namespace tthc::portal_sim
