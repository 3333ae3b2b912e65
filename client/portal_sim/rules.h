#pragma once

#include <string>

#include "client/portal_sim/call.h"

// Which fields the protocols have, and what may stand in them. Pure; thread-safe.
namespace tthc::portal_sim {

// What is wrong with one record or step, in Vietnamese, naming the field; "" if nothing is. Unknown fields are wrong,
// and so are missing ones: what is not known is sent empty. `short_record` lets the wrapper's newer fields be missing.
std::string CheckRecord(Protocol protocol, const Json& record, bool short_record);
std::string CheckStep(Protocol protocol, const Json& step);

// Text of a field that is text or a number; "" if it is neither or not there.
std::string TextOf(const Json& object, const char* field);

// "Đang xử lý" for "4"; the code itself if there is no such status.
std::string StatusName(const std::string& code);

}  // namespace tthc::portal_sim
