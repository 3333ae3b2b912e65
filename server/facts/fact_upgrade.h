#pragma once

#include "absl/status/status.h"
#include "server/service/catalogue.h"
#include "storage/store.h"

namespace tthc::server {

// Makes every dossier's record anew from its events if facts of other rules (domain::kFactVersion) wrote it: a view
// that lies on disk never outlives the rules that made it. In portions, at an unchanged revision; a crash in its midst
// runs it again from the start. Cheap when there is nothing to do. Before anything else is loaded, by the only writer.
// Errors of the store and of the fold.
absl::Status UpgradeFacts(storage::Store& store, const Catalogue& catalogue);

}  // namespace tthc::server
