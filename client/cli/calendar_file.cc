#include "client/cli/calendar_file.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "client/cli/proto_json.h"
#include "server/timing/calendar_csv.h"
#include "storage/base/errors.h"
#include "storage/base/status_macros.h"

namespace tthc::cli {

using terminal::ReadFile;
using terminal::Session;
using terminal::UsageError;

absl::StatusOr<v1::Calendar> ReadCalendarFile(const Session& session, const std::string& path,
                                              const CalendarFileOptions& options) {
  TTHC_ASSIGN_OR_RETURN(const std::string text, ReadFile(session, path));
  v1::SessionRule sessions = timing::DefaultSessions();
  if (!options.sessions.empty()) {
    absl::StatusOr<v1::SessionRule> typed = timing::ParseSessions(options.sessions);
    if (!typed.ok()) {
      return UsageError("--sessions", ErrorMessage(typed.status(), "en"), ErrorMessage(typed.status(), "vi"));
    }
    sessions = *std::move(typed);
  }
  // The first character decides, not the name of the file: it may come from standard input, and a Calendar that was
  // exported as JSON is an object.
  if (!absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "{")) {
    return timing::ParseCalendarCsv(text, {.description = options.description, .sessions = {sessions}});
  }
  v1::Calendar calendar;
  TTHC_RETURN_IF_ERROR(FromJson(path, text, calendar));
  // Hours that were typed replace every rule of the file, those of single offices too: a mixture of both would be a
  // calendar that nobody wrote down.
  if (calendar.sessions().empty() || !options.sessions.empty()) {
    calendar.clear_sessions();
    *calendar.add_sessions() = sessions;
  }
  if (!options.description.empty()) calendar.set_description(options.description);
  return calendar;
}

}  // namespace tthc::cli
