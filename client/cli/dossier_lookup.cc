#include "client/cli/dossier_lookup.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "client/cli/field_value.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"

namespace tthc::cli {
namespace {

using terminal::Session;

constexpr char kCollection[] = "dossiers";

bool IsName(absl::string_view typed) { return absl::StartsWith(typed, "dossiers/"); }

}  // namespace

std::string DossierName(const std::string& code) { return ResourceName(kCollection, code); }

absl::StatusOr<v1::Dossier> FindDossier(Session& session, const std::string& typed, v1::DossierView view) {
  if (IsName(typed)) {
    v1::GetDossierRequest request;
    request.set_name(typed);
    request.set_view(view);
    return session.client().GetDossier(request);
  }
  v1::LookupDossierRequest request;
  request.set_code(typed);
  request.set_view(view);
  return session.client().LookupDossier(request);
}

absl::StatusOr<std::string> ResolveDossier(Session& session, const std::string& typed) {
  if (IsName(typed)) return typed;
  // Also for what looks like a whole code: the end of a national portal's code has the same form.
  TTHC_ASSIGN_OR_RETURN(const v1::Dossier dossier, FindDossier(session, typed, v1::DOSSIER_VIEW_REFERENCE));
  return dossier.name();
}

v1::DossierView ViewFor(const Session& session) {
  // JSON is for programs, which expect the whole resource. Tables and sheets show nothing beyond BASIC.
  const bool json = !session.is_table() && !session.is_csv() && !session.is_xlsx();
  return json ? v1::DOSSIER_VIEW_FULL : v1::DOSSIER_VIEW_BASIC;
}

std::string DossierCode(const v1::Dossier& dossier) {
  if (!dossier.code().empty()) return dossier.code();
  if (!dossier.submission_code().empty()) return dossier.submission_code();
  // Neither accepted nor submitted on-line here: the code of another system is all that people know.
  return dossier.aliases().empty() ? "" : dossier.aliases(0);
}

absl::Status DossierCodes::Load(const std::vector<std::string>& names) {
  codes_.clear();
  // A set, because one page may mention a dossier many times.
  std::set<std::string> wanted(names.begin(), names.end());
  wanted.erase("");
  std::map<std::string, std::string> codes;
  for (auto next = wanted.begin(); next != wanted.end();) {
    v1::BatchGetDossiersRequest request;
    request.set_view(v1::DOSSIER_VIEW_REFERENCE);
    for (; next != wanted.end() && request.names_size() < static_cast<int>(limits::kBatchGetMax); ++next) {
      request.add_names(*next);
    }
    TTHC_ASSIGN_OR_RETURN(const v1::BatchGetDossiersResponse response, session_.client().BatchGetDossiers(request));
    for (const v1::Dossier& dossier : response.dossiers()) codes[dossier.name()] = DossierCode(dossier);
  }
  // Only now, so that an error leaves nothing half loaded.
  codes_ = std::move(codes);
  return absl::OkStatus();
}

std::string DossierCodes::Of(const std::string& name) const {
  // A uid is better than an empty cell: it can still be typed to find the dossier.
  const auto found = codes_.find(name);
  return found == codes_.end() || found->second.empty() ? ResourceId(name) : found->second;
}

}  // namespace tthc::cli
