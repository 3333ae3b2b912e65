#include "server/domain/presentation.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace tthc::domain {
namespace {

constexpr absl::string_view kDossierPrefix = "dossiers/";

}  // namespace

std::string DossierNameOfUid(absl::string_view uid) { return absl::StrCat(kDossierPrefix, uid); }

absl::string_view UidOf(const v1::Dossier& dossier) { return absl::StripPrefix(dossier.name(), kDossierPrefix); }

// The last alternative is for dossiers whose opening event, from an early version, had no submission code.
const std::string& CodeForPeople(const v1::Dossier& dossier) {
  if (!dossier.code().empty() || (dossier.submission_code().empty() && dossier.aliases().empty())) {
    return dossier.code();
  }
  return dossier.submission_code().empty() ? dossier.aliases(0) : dossier.submission_code();
}

std::string EventResourceName(absl::string_view dossier_name, int64_t revision) {
  return absl::StrCat(dossier_name, "/events/", revision);
}

std::string EtagOf(const v1::Dossier& dossier) { return EtagOfRevision(dossier.revision()); }

std::string EtagOfRevision(int64_t revision) { return absl::StrCat("\"r", revision, "\""); }

void SetEtag(v1::Dossier& dossier) { dossier.set_etag(EtagOf(dossier)); }

void Present(const Catalogue& catalogue, v1::Dossier& dossier) {
  SetEtag(dossier);
  // A dossier that is not accepted yet has no frozen version: the newest one gives its name.
  std::shared_ptr<const v1::Procedure> procedure;
  if (dossier.has_terms()) {
    procedure = catalogue.ProcedureVersion(dossier.request().procedure(), dossier.terms().procedure_version());
  } else if (const auto versions = catalogue.procedures().find(dossier.request().procedure());
             versions != catalogue.procedures().end()) {
    procedure = versions->second.rbegin()->second;
  }
  if (procedure != nullptr) dossier.set_procedure_display_name(procedure->display_name());
}

void PresentEvent(const v1::Dossier& dossier, v1::Event& event) {
  event.set_name(EventResourceName(dossier.name(), event.revision()));
}

}  // namespace tthc::domain
