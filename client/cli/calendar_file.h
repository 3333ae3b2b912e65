#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client/cli/session.h"
#include "tthc/v1/calendar.pb.h"

namespace tthc::cli {

struct CalendarFileOptions {
  // Opening hours as people write them; "" = 07:30-11:30,13:00-17:00. A JSON calendar that has its own keeps them
  // unless these are given.
  std::string sessions;
  std::string description;
};

// A calendar from a file: CSV as deploy/data/calendar.csv, or Calendar as JSON if it begins with "{". Not checked
// whole: that is domain::Calendar::FromProto's, or the server's.
absl::StatusOr<v1::Calendar> ReadCalendarFile(const Session& session, const std::string& path,
                                              const CalendarFileOptions& options);

}  // namespace tthc::cli
