#pragma once

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/status/statusor.h"
#include "server/timing/calendar.h"
#include "server/timing/calendar_csv.h"
#include "storage/base/local_time.h"

// The shipped calendar, and times as text, for tests.
namespace tthc::testing {

inline std::string ReadSourceFile(const std::string& path) {
  std::ifstream file(std::string(TTHC_SOURCE_DIR) + "/" + path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

template <typename T>
T ValueOrDie(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::cerr << "unexpected: " << value.status() << std::endl;
    std::abort();
  }
  return *std::move(value);
}

// deploy/data/calendar.csv: 2024 to 2026, sessions 07:30-11:30 and 13:00-17:00.
inline v1::Calendar ShippedCalendarProto() {
  return ValueOrDie(timing::ParseCalendarCsv(ReadSourceFile("deploy/data/calendar.csv"),
                                             {.description = "shipped", .sessions = {timing::DefaultSessions()}}));
}

inline std::shared_ptr<const timing::Calendar> ShippedCalendar() {
  return ValueOrDie(timing::Calendar::FromProto(ShippedCalendarProto()));
}

// Parses local time, such as "2026-11-26T10:00".
inline absl::Time At(absl::string_view text) { return ValueOrDie(ParseLocalTime(text)); }
inline int64_t Day(absl::string_view date) { return DayNumber(ValueOrDie(ParseIsoDate(date))); }

}  // namespace tthc::testing
