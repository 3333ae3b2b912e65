#pragma once

#include <string>

#include "absl/status/status.h"
#include "server/service/service.h"

namespace tthc::server {

// Fills what is still empty, each part by itself: the calendar from calendar.csv and sessions.csv, the catalogue from
// procedures.csv, the offices from offices.csv, and of the schemes of schemes/*.textproto those whose name is not there
// yet, all in `directory`. Goes through the service like everybody else, so the history tells it. What is there already
// is never touched, so it is safe at every start. Blocks.
// INVALID_ARGUMENT SEED_UNREADABLE for a file that is missing, else the error of the row at fault, with the file's
// name.
absl::Status SeedStore(Service* service, const std::string& directory);

}  // namespace tthc::server
