#pragma once

#include "client/terminal/session.h"
#include "tthc/v1/due_time.pb.h"

// Explanations of due times.
// An explanation comes from the server or, with --calendar, from server/timing; both look the same. Warns on standard
// error if a year of the calendar is provisional.
namespace tthc::cli {

// Writes a due time and its explanation in the format of the session. JSON is one object that always has all fields;
// CSV has one line for each interval.
void WriteExplanation(const terminal::Session& session, const v1::DueTimeExplanation& explanation);

}  // namespace tthc::cli
