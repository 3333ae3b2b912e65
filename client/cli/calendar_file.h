#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client/terminal/session.h"
#include "tthc/v1/calendar.pb.h"

// Calendars as files: what `calendar check`, `calendar import` and `due --calendar` read. The file is read whole and
// held in memory; nothing is written. Not thread-safe, as the session is not.
namespace tthc::cli {

struct CalendarFileOptions {
  // Opening hours as people write them; "" = 07:30-11:30,13:00-17:00. A JSON calendar that has opening hours keeps them
  // unless these are given.
  std::string sessions;
  // Why this calendar exists. "" keeps what the file says; a CSV file says nothing.
  std::string description;
};

// Reads a calendar from a file: CSV as deploy/data/calendar.csv, or Calendar as JSON if it begins with "{". Checks the
// form only; timing::Calendar::FromProto or the server checks whether the parts agree. Errors of ReadFile, and usage
// errors that name the line.
absl::StatusOr<v1::Calendar> ReadCalendarFile(const terminal::Session& session, const std::string& path,
                                              const CalendarFileOptions& options);

}  // namespace tthc::cli
