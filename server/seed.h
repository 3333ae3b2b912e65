#pragma once

#include <string>

#include "absl/status/status.h"
#include "server/service/service.h"

namespace tthc::server {

// Fills a new store from files in `directory`, each part only if the store has none of it:
//   procedures.csv              fields and procedures
//   offices.csv                 offices, units and officers
//   schemes/*.textproto         each scheme whose name the store lacks, also in a store that is not new
//   calendar.csv, sessions.csv  the first calendar
//
// Calls the methods of the service like any client, so that the log records everything. Entries of a store that was
// seeded before are never changed, so calling it at every start is safe. Blocks until all of it is durable.
//
// INVALID_ARGUMENT SEED_UNREADABLE for a file that cannot be read, else the error of the row at fault, with the name of
// the file in its message. A seed that fails half-way is completed by the next call: the calendar is written last, and
// a store without a calendar counts as new.
absl::Status SeedStore(const Service& service, const std::string& directory);

}  // namespace tthc::server
