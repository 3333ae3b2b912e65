#pragma once

namespace tthc {

// Writes `file:line: condition` to stderr and aborts. For errors of the programmer only: what comes from outside the
// process is a Status.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace tthc

// Aborts unless the condition holds, in every build type: a server that goes on with broken invariants could write
// wrong history.
#define TTHC_CHECK(condition) ((condition) ? static_cast<void>(0) : ::tthc::CheckFailed(__FILE__, __LINE__, #condition))
