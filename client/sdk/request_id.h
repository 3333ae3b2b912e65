#pragma once

#include <string>

#include "absl/strings/string_view.h"

// Request ids: names of writes, by which the server recognizes a repetition and answers it with the first outcome
// instead of writing twice. It remembers them for limits::kRequestIdRetention.
//
// One write has one id, over all its tries. Two writes must never share one: the second would be answered as the first,
// or refused if its content is different.
namespace tthc::sdk {

// Makes a UUID version 4 from the machine's randomness. Make it before the first try of a request and keep it for every
// retry. Thread-safe.
std::string NewRequestId();

// Makes the same UUID (version 8, RFC 9562) for the same text on every machine and in every release: for requests that
// a later run makes again from the same source, such as a row of a register. Not for secrets: the text can be guessed
// from the id. Thread-safe.
std::string RequestIdFor(absl::string_view text);

}  // namespace tthc::sdk
