#pragma once

#include "client/cli/session.h"
#include "tthc/v1/due_time.pb.h"

namespace tthc::cli {

// A due time and why, in the format that was asked for. JSON is one object of a fixed shape; CSV has one line for each
// interval.
void WriteExplanation(const Session& session, const v1::DueTimeExplanation& explanation);

}  // namespace tthc::cli
