#pragma once

#include <string>

#include "client/portal_sim/call.h"

// The fields of the protocols and their allowed values, as tables. They stand apart from the profiles of tthc-sync, so
// that a mistake in a profile fails here.
//
// Stricter than a real portal may be: an unknown field, a missing one or a value of another type is a problem. Nothing
// here fails or throws. Pure; thread-safe.
namespace tthc::portal_sim {

// What is wrong with a record or a step, in Vietnamese and with the name of the field; "" if it is right. Unknown
// fields and missing fields are errors: an unknown value is sent empty. `short_record`: the wrapper's newer fields may
// be missing.
std::string CheckRecord(Protocol protocol, const Json& record, bool short_record);
std::string CheckStep(Protocol protocol, const Json& step);

// A text or number field as text; "" if it is missing or anything else.
std::string TextOf(const Json& object, const char* field);

// "Đang xử lý" for "4"; the code itself if there is no such status.
std::string StatusName(const std::string& code);

}  // namespace tthc::portal_sim
