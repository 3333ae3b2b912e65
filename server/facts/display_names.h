#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/service/catalogue.h"
#include "server/service/fact_index.h"
#include "tthc/v1/statistics.pb.h"

// What groups of figures are called. Pure; thread-safe.
namespace tthc::server {

// The column of names that a grouping goes by; nullopt for channels, results and stretches of time.
std::optional<FactColumns::Name> NameColumnOf(v1::GroupBy by);

// Name of the group with a code: of a resource, a channel or an outcome, or a reason; empty for none.
std::string GroupName(const FactIndex::View& facts, v1::GroupBy by, uint32_t code);

// Of fields, offices, units, officers and procedures; empty if the catalogue does not know it.
std::string DisplayNameOf(const Catalogue& catalogue, const std::string& name);

}  // namespace tthc::server
