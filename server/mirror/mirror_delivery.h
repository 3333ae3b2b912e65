#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "server/domain/catalogue.h"
#include "server/mirror/mirror_index.h"
#include "storage/store.h"
#include "tthc/storage/v1/records.pb.h"
#include "tthc/v1/mirror.pb.h"

// What a client gets to send one dossier to a target, and the item that people see of it.
//
// A delivery is made from the dossier at the moment at which it is asked for, not kept in a queue: it is always
// current, and nothing of it can be lost. Everything in it comes from one snapshot of the store, so that record, steps
// and item agree.
//
// Errors of the store; DATA_LOSS if a record or an event is missing, or if the events do not fold. Thread-safe; no
// locks.
namespace tthc::server {

// DATA_LOSS if there is no record: numbers come from the index or from a code, so it must be there.
absl::StatusOr<storage::v1::DossierRecord> LoadMirrorDossier(const storage::StoreReader& reader,
                                                             int64_t dossier_number);

// The item as stored, without exchanges and not masked.
absl::StatusOr<v1::MirrorItem> MakeMirrorItem(const storage::StoreReader& reader, const MirrorIndex::Target& target,
                                              int64_t dossier_number, const v1::Dossier& dossier);

// The dossier, its events in effect with the dossier's state after each, its item, and the names of all that they refer
// to. Texts of events are cut if it would exceed limits::kMirrorDeliveriesBytesMax.
absl::StatusOr<v1::MirrorDelivery> MakeMirrorDelivery(const storage::StoreReader& reader,
                                                      const domain::Catalogue& catalogue,
                                                      const MirrorIndex::Target& target, int64_t dossier_number);

}  // namespace tthc::server
