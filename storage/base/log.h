#pragma once

#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"

// The log for operators: one JSON object a line on stderr, which journald and log collectors read without any setup.
// Never personal data, never the content of a request.
namespace tthc {

// Warning: somebody should look at it some day; error: now.
enum class LogLevel { kInfo, kWarning, kError };

// One more member of the line; the value is escaped.
struct LogField {
  absl::string_view key;
  std::string value;
};

// {"time":"2026-08-21T02:15:00.000Z","level":"error","event":"rpc_failed","method":"…"}. `event` is snake_case and is
// never renamed once released: alerts look for it. Thread-safe; does not fail.
void Log(LogLevel level, absl::string_view event, std::initializer_list<LogField> fields = {});

}  // namespace tthc
