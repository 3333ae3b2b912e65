#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/string_view.h"
#include "client/portal_sim/portal.h"

// The wire forms of the simulated portal: reads an HTTP request into a Call, and writes a Reply as an HTTP answer.
//
// Vocabulary:
//   protocol  how calls and answers look on the wire: paths, keys, where the session is
//   service   what a call asks for, whatever name the protocol gives it
//   problem   in what way a call is not as specified
//
// Nothing here fails: a request that is not as specified is a Call with a problem, and the portal answers it with
// kNotAsSpecified. Sessions and dossiers are the portal's own; see portal.h. Pure; thread-safe.
namespace tthc::portal_sim {

// Session in the body, agency in the query without a session, and bearer token; see portal.h for the paths.
enum class Protocol { kDvcqg, kWrapper, kIgate };
// kSteps sends steps of dossiers that exist, kLookup asks about one dossier, kList for what citizens filed, and
// kConfirm reports that filings were received. kNone: the body names no known service.
enum class Service { kNone, kLogin, kRecord, kSteps, kLookup, kList, kConfirm };

// The simulator's own answer codes, see portal.h.
inline constexpr int kDone = 0;
inline constexpr int kLoginRefused = 1;
inline constexpr int kNotAsSpecified = 2;
inline constexpr int kExists = 3;
inline constexpr int kMissing = 4;
inline constexpr int kSessionExpired = 9;
inline constexpr int kRefusedForGood = 12;

struct Call {
  // There is a service at that path.
  bool known = false;
  Protocol protocol = Protocol::kDvcqg;
  // The system that is called, such as "dvcqg" (see portal.h).
  std::string system;
  Service service = Service::kNone;
  // As the caller named it, such as "DongBoHoSoMC".
  std::string service_name;
  // Why the call is not as specified; empty if it is.
  std::string problem;
  // For kRecord: isUpdating is "False".
  bool is_insert = false;
  // Session or token, empty if there is none.
  std::string session;
  // The whole body: an object or an array.
  Json body;
  // For kRecord, kSteps and kConfirm: the array of records.
  Json data;
};

struct Reply {
  int code = kDone;
  std::string message;
  // The records that were asked for; null if none were.
  Json data = nullptr;
};

Call ReadCall(const SimRequest& request);

// The answer with its headers. `code_as_text` writes the code as text.
SimResponse WriteReply(const Call& call, const Reply& reply, bool code_as_text, absl::Time now);

// "Mon, 23 Nov 2026 03:57:16 GMT".
std::string HttpDate(absl::Time time);
// Value of a parameter after the "?", decoded; "" if it is not there.
std::string QueryParameter(absl::string_view target, absl::string_view name);
// Value of a header, whatever its case; "" if it is not there.
std::string Header(const SimRequest& request, absl::string_view name);
// "a%20b+c" → "a b c".
std::string DecodeUrl(absl::string_view text);

}  // namespace tthc::portal_sim
