#include "storage/base/log.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"

namespace tthc {
namespace {

spdlog::logger& Logger() {
  // Leaked: threads may still log while the process ends.
  static spdlog::logger* const logger = [] {
    auto* made = new spdlog::logger("tthc", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})", spdlog::pattern_time_type::utc);
    // Each line at once: what a process wrote before it died is what explains the death.
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *logger;
}

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Invalid UTF-8, such as bytes of a damaged record in an error text, is replaced: a log line is always valid JSON.
std::string Quote(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void Log(LogLevel level, absl::string_view event, std::initializer_list<LogField> fields) {
  std::string line = "\"event\":" + Quote(std::string(event));
  for (const LogField& field : fields) {
    line.append(",").append(Quote(std::string(field.key))).append(":").append(Quote(field.value));
  }
  Logger().log(ToSpdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace tthc
