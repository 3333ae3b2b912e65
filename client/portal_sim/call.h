#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/string_view.h"
#include "client/portal_sim/portal.h"

// What a request says, protocol by protocol, and how answers are written. Pure; thread-safe.
namespace tthc::portal_sim {

enum class Protocol { kDvcqg, kWrapper, kIgate };
enum class Service { kNone, kLogin, kRecord, kSteps, kLookup, kList, kConfirm };

inline constexpr int kDone = 0;
inline constexpr int kLoginRefused = 1;
inline constexpr int kNotAsSpecified = 2;
inline constexpr int kExists = 3;
inline constexpr int kMissing = 4;
inline constexpr int kSessionExpired = 9;
inline constexpr int kRefusedForGood = 12;

struct Call {
  // Whether there is something at that address.
  bool known = false;
  Protocol protocol = Protocol::kDvcqg;
  // Of SimSystem, such as "dvcqg".
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
  // Whole body; an object or an array.
  Json body;
  // For kRecord, kSteps and kConfirm: the array of records.
  Json data;
};

struct Reply {
  int code = kDone;
  std::string message;
  // The portal's words for what was asked for; null without.
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
