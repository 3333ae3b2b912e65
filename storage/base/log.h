#pragma once

#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"

// What the process has to tell its operator: one JSON object a line on stderr, so that journald and log collectors read
// it unaided. Never personal data, never the content of a request.
namespace tthc {

enum class LogLevel { kInfo, kWarning, kError };

struct LogField {
  absl::string_view key;
  std::string value;
};

// {"time":"2026-08-21T02:15:00.000Z","level":"error","event":"rpc_failed","method":"…"}. `event` is snake_case and is
// never renamed once released: alerts look for it. Thread-safe; does not fail.
void Log(LogLevel level, absl::string_view event, std::initializer_list<LogField> fields = {});

}  // namespace tthc
