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

// A simulated portal to test tthc-sync with. It is not the national portal: it is as strict as what is known of that
// one allows, and it fails on purpose.
//
// Vocabulary:
//   system   one protocol under one base path, with dossiers of its own: "dvcqg", "wrapper", "igate", or "city/wrapper"
//            for calls under /city/api/…
//   record   what DongBoHoSoMC or capnhattrangthai sends
//   step     what CapNhatTienDoHoSoMC or hoso/capnhatientrinh sends
//
// Paths, all POST and JSON, behind any base path:
//   dvcqg    /mapi/login, /mapi/g (service: DongBoHoSoMC, CapNhatTienDoHoSoMC, TraCuuHoSo); dstcode in header or query
//   wrapper  /api/SynsTTHCC/{DongBoHoSoMC,CapNhatTienDoHoSoMC,TraCuuHoSo}?MaDinhDanhDV=…[&isUpdating=True|False]
//   igate    /connector/connector/v1/{login,laydanhsachhoso,hoso/capnhattrangthai,hoso/capnhatientrinh,
//            hoso/xacnhantrangthainhan,hoso/tracuu}; the last one is an assumption, to be confirmed
//
// Answers: {"error_code":0,"message":"…"} and "result":[…] of a look-up with dvcqg and wrapper; {"code":0,
// "message":"…","data":…} with igate, whose login answers {access_token, expires_in, token_type} without wrapping and
// whose expired token is HTTP 401. A look-up returns the fields of the newest record and, as "DanhSachTienDo", the
// steps in the order in which they were applied.
//
// The codes are the simulator's own, as the real ones are not published: 0 done, 1 login refused, 2 call or data not as
// specified, 3 "Hồ sơ đã tồn tại", 4 "Hồ sơ chưa tồn tại", 9 "Phiên làm việc hết hạn", 12 refused for good.
namespace tthc::portal_sim {

// Parts of the implementation: a request as read, its answer, and its effect.
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
  // The connection is refused before the request is read.
  bool refuse = false;
  // Time until the answer is sent. The call takes effect when it arrives.
  absl::Duration delay;
  // The connection closes after this many bytes of the answer, status line and headers included, so that the caller
  // can't know whether the call was done.
  std::optional<size_t> cut_after;

  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // The wait that Retry-After asks for, in whichever form; zero if there is none.
  absl::Duration retry_after;

  // For tests, not for the caller: the fault, and whether the call took effect.
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
  // MaHoSo; with igate, the portal's own code.
  std::string code;
  // Accepted records, oldest first; the newest PortalOptions::records_max of them. Empty only with igate.
  std::vector<SimRecord> records;
  int64_t record_count = 0;
  // In the order in which they were applied.
  std::vector<SimStep> steps;

  // With igate: IdHoSo; the office's code (MaHoSo of the newest record); whether the office has confirmed that it
  // received the dossier; and what was filed, as laydanhsachhoso returns it.
  std::string id;
  std::string office_code;
  bool received = false;
  std::string filing_json;
  absl::Time filing_time = absl::InfinitePast();

  // Status of the newest record; "1" for a filed dossier of igate without a record.
  std::string status() const { return records.empty() ? "1" : records.back().status; }
};

// The state of one system. Systems share nothing but the account and the refusals.
struct SimSystem {
  // By code.
  std::map<std::string, SimDossier> dossiers;
  // Session or token → when it expires.
  std::map<std::string, absl::Time> sessions;
  // With igate: IdHoSo, and office_code if it differs from the code → code.
  std::map<std::string, std::string> other_names;
  int64_t session_count = 0;
  int64_t filing_count = 0;
};

struct SimCounts {
  // Calls that reached the portal, whatever their answer, by system and service, such as "dvcqg DongBoHoSoMC".
  std::map<std::string, int64_t> calls;
  std::map<Fault, int64_t> faults;
  int64_t logins = 0;
  int64_t records_applied = 0;
  int64_t steps_applied = 0;
  // Steps whose fields all equal those of a known step. Applied again unless PortalOptions::dedupe_steps is set.
  int64_t steps_repeated = 0;
  // Calls that were answered as not done, without faults.
  int64_t rejected = 0;
};

// How strict the portal is and how it fails.
struct PortalOptions {
  uint64_t seed = 1;
  std::string username = "demo";
  std::string password = "demo";
  absl::Duration session_life = absl::Minutes(10);
  size_t dossiers_per_call_max = 1;
  size_t steps_per_call_max = 10;
  size_t records_max = 1000;
  // Drops steps that are known already.
  bool dedupe_steps = false;
  // The wrapper also accepts records with the 16 oldest fields only.
  bool short_records = false;
  FaultRates faults;
  // Called with one line, without line end, for every change of the portal's state, before the call is answered. Passed
  // to Restore in order, the lines give the same portal again. May be empty.
  std::function<void(const std::string& line)> journal;
};

// What a citizen files online with igate. Invented people only.
// The portal hands it out by laydanhsachhoso until the office confirms that it has received it.
struct Filing {
  std::string procedure_code = {};
  std::string procedure_name = {};
  std::string applicant = {};
  std::string id_number = {};
  std::string phone = {};
  std::string summary = {};
};

// The portal itself, without clock, sockets and threads: a function of its options, the calls and their times.
// HttpServer puts a port in front of it; simulations call it directly.
//
// Every change is written to PortalOptions::journal before it is applied, and applied before the call is answered, so
// that no answer promises what a restart forgets. A call with several records or steps applies all of them or none.
//
// The times that it is given must not go back. Not thread-safe.
class Portal {
 public:
  explicit Portal(PortalOptions options);

  // One call. Deterministic: the same seed, calls and times give the same answers.
  SimResponse Handle(const SimRequest& request, absl::Time now);

  // Applies a line of the journal of an earlier process. DATA_LOSS if it can't be parsed.
  absl::Status Restore(absl::string_view line);

  void SetFaults(const FaultRates& rates) { options_.faults = rates; }
  const FaultRates& faults() const { return options_.faults; }
  // Connections are refused in [from, until).
  void AddDownWindow(absl::Time from, absl::Time until);
  bool IsDown(absl::Time now) const;

  // Refuses records of this dossier until Accept() is called. `message` empty: the portal's own message.
  void Refuse(absl::string_view code, absl::Time now, absl::string_view message = "");
  void Accept(absl::string_view code, absl::Time now);
  // The message with which records of this dossier are refused, by Refuse() or FaultRates::refuse; "" if they are not.
  std::string RefusalOf(absl::string_view code) const;

  // Files a dossier online with an igate system and returns its code.
  std::string FileOnline(const Filing& filing, absl::Time now, absl::string_view system = "igate");
  // Adds a record as if another system had sent it. `json` is a complete record of the system and is not checked.
  void Plant(absl::string_view system, absl::string_view json, absl::Time now);
  // Removes a dossier as if it had never been sent. Without effect if the portal does not have it.
  void Forget(absl::string_view system, absl::string_view code, absl::Time now);

  const std::map<std::string, SimSystem>& systems() const { return systems_; }
  // By MaHoSo; with igate also by IdHoSo and the office's code. nullptr if the portal does not have it. Valid until the
  // next call of a method that is not const.
  const SimDossier* Find(absl::string_view system, absl::string_view code) const;
  const SimCounts& counts() const { return counts_; }

 private:
  // Processes one call, without faults.
  Reply Process(const Call& call, absl::Time now);
  Reply LogIn(const Call& call, absl::Time now);
  Reply TakeRecords(const Call& call, absl::Time now);
  Reply TakeSteps(const Call& call, absl::Time now);
  Reply LookUp(const Call& call) const;
  Reply List(const Call& call) const;
  Reply ConfirmReceived(const Call& call, absl::Time now);
  bool HasSession(const Call& call, absl::Time now) const;
  // Journals the effect, then applies it.
  void Commit(const Effect& effect);
  void Apply(const Effect& effect);
  void ApplyStep(const Effect& effect, const Json& step);
  // The response of a fault that replaces the call.
  SimResponse FailBefore(Fault fault, absl::Time now);
  // Processes the call with the fault. Sets the fault to kNone if it does not apply to this call.
  SimResponse Answer(const Call& call, Fault* fault, absl::Time now);
  // Changes a finished answer in the way of the fault.
  SimResponse Spoil(Fault fault, SimResponse response);

  PortalOptions options_;
  Chance chance_;
  std::map<std::string, SimSystem> systems_;
  SimCounts counts_;
  // Number of effects so far.
  int64_t effect_count_ = 0;
  std::vector<std::pair<absl::Time, absl::Time>> down_windows_;
  // Code → message; "": accepted, whatever FaultRates::refuse says.
  std::map<std::string, std::string, std::less<>> refused_;
};

}  // namespace tthc::portal_sim
