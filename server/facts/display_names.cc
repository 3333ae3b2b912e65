#include "server/facts/display_names.h"

#include "absl/strings/match.h"

namespace tthc::server {

std::optional<FactColumns::Name> NameColumnOf(v1::GroupBy by) {
  switch (by) {
    case v1::GROUP_BY_OFFICE:
      return FactColumns::kOffice;
    case v1::GROUP_BY_UNIT:
      return FactColumns::kUnit;
    case v1::GROUP_BY_OFFICER:
      return FactColumns::kOfficer;
    case v1::GROUP_BY_FIELD:
      return FactColumns::kField;
    case v1::GROUP_BY_PROCEDURE:
      return FactColumns::kProcedure;
    case v1::GROUP_BY_LATE_REASON:
      return FactColumns::kLateReason;
    case v1::GROUP_BY_RESPONSIBLE_UNIT:
      return FactColumns::kResponsibleUnit;
    default:
      return std::nullopt;
  }
}

std::string GroupName(const FactIndex::View& facts, v1::GroupBy by, uint32_t code) {
  // Channels and results are enum values, not names with numbers.
  if (by == v1::GROUP_BY_CHANNEL) return v1::Channel_Name(static_cast<v1::Channel>(code));
  if (by == v1::GROUP_BY_RESULT) return v1::Outcome_Name(static_cast<v1::Outcome>(code));
  return facts.names.NameOf(facts.columns.codes[*NameColumnOf(by)].NameOf(static_cast<uint16_t>(code)));
}

std::string DisplayNameOf(const domain::Catalogue& catalogue, const std::string& name) {
  const auto find = [&](const auto& known) -> std::string {
    const auto found = known.find(name);
    return found == known.end() ? "" : found->second->display_name();
  };
  if (absl::StartsWith(name, "fields/")) return find(catalogue.fields());
  if (absl::StartsWith(name, "offices/")) return find(catalogue.offices());
  if (absl::StartsWith(name, "units/")) return find(catalogue.units());
  if (absl::StartsWith(name, "officers/")) return find(catalogue.officers());
  // The newest version's name: figures cover several versions.
  const auto procedure = catalogue.procedures().find(name);
  return procedure == catalogue.procedures().end() ? "" : procedure->second.rbegin()->second->display_name();
}

}  // namespace tthc::server
