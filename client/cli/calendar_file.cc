#include "client/cli/calendar_file.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "client/cli/proto_json.h"
#include "server/domain/calendar_csv.h"
#include "storage/base/errors.h"
#include "storage/base/status_macros.h"

namespace tthc::cli {

absl::StatusOr<v1::Calendar> ReadCalendarFile(const Session& session, const std::string& path,
                                              const CalendarFileOptions& options) {
  TTHC_ASSIGN_OR_RETURN(const std::string text, ReadFile(session, path));
  v1::SessionRule sessions = domain::DefaultSessions();
  if (!options.sessions.empty()) {
    absl::StatusOr<v1::SessionRule> typed = domain::ParseSessions(options.sessions);
    if (!typed.ok()) {
      return UsageError("--sessions", ErrorMessage(typed.status(), "en"), ErrorMessage(typed.status(), "vi"));
    }
    sessions = *std::move(typed);
  }
  if (!absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "{")) {
    return domain::ParseCalendarCsv(text, {.description = options.description, .sessions = {sessions}});
  }
  v1::Calendar calendar;
  TTHC_RETURN_IF_ERROR(FromJson(path, text, calendar));
  if (calendar.sessions().empty() || !options.sessions.empty()) {
    calendar.clear_sessions();
    *calendar.add_sessions() = sessions;
  }
  if (!options.description.empty()) calendar.set_description(options.description);
  return calendar;
}

}  // namespace tthc::cli
