#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/domain/catalogue.h"
#include "server/facts/fact_index.h"
#include "tthc/v1/statistics.pb.h"

// Names of the groups that statistics are grouped by. A scan yields codes of a column; answers show resource names, and
// beside them the display names that people know. Pure; thread-safe, but a FactIndex::View is valid during Read() only.
namespace tthc::server {

// The column of names behind a grouping; nullopt for groupings that have none: channels, results and time buckets.
std::optional<FactColumns::Name> NameColumnOf(v1::GroupBy by);

// Name of the group with a code: a resource name, an enum value's name for channels and outcomes, or the text of a
// reason. Empty for the group of dossiers that have none. `by` must not be a time bucket.
std::string GroupName(const FactIndex::View& facts, v1::GroupBy by, uint32_t code);

// Display name of a field, office, unit, officer or procedure, as the catalogue has it today; empty if it is not there.
std::string DisplayNameOf(const domain::Catalogue& catalogue, const std::string& name);

}  // namespace tthc::server
