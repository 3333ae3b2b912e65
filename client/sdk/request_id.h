#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace tthc::sdk {

// UUID version 4 from the machine's randomness: names one request, made before its first try.
std::string NewRequestId();

// The same UUID (version 8, RFC 9562) for the same text, for ever: for requests that are made again from the same
// source, such as a row of a register. Not for secrets: the text can be guessed from it.
std::string RequestIdFor(absl::string_view text);

}  // namespace tthc::sdk
