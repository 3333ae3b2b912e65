#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/domain/catalogue.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"

// Names, and what answers show although the store does not keep it: etags, names of events, display names.
//
// A dossier is called dossiers/{uid}. The uid is drawn when the dossier is opened, and the name is stored with the
// dossier from then on; code and aliases are only look-ups. So a name never has to be computed, and nothing else has to
// be read to write one.
//
// Pure; thread-safe; nothing here fails.
namespace tthc::domain {

// dossiers/{uid}
std::string DossierNameOfUid(absl::string_view uid);

// The name of a stored or folded dossier; empty before it has one.
inline const std::string& DossierName(const v1::Dossier& dossier) { return dossier.name(); }

// The uid in the name; valid as long as `dossier`.
absl::string_view UidOf(const v1::Dossier& dossier);

// What people call it: its code, the submission code before acceptance, else the first alias.
const std::string& CodeForPeople(const v1::Dossier& dossier);

// dossiers/{uid}/events/{revision}
std::string EventResourceName(absl::string_view dossier_name, int64_t revision);

// Strong and quoted: "r<revision of the last event>".
std::string EtagOf(const v1::Dossier& dossier);
std::string EtagOfRevision(int64_t revision);

// Fills the etag of a stored or folded dossier; its revision is set.
void SetEtag(v1::Dossier& dossier);

// Fills the etag and the display name of the procedure. Not the timeliness, which depends on when it is read.
void Present(const Catalogue& catalogue, v1::Dossier& dossier);

// Fills the name of a recorded event of `dossier`; its revision is set.
void PresentEvent(const v1::Dossier& dossier, v1::Event& event);

}  // namespace tthc::domain
