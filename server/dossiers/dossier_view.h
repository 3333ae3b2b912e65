#pragma once

#include "tthc/v1/dossier.pb.h"

// Views: how much of a dossier an answer shows. Pure; thread-safe.
//
// A view only leaves fields out. It is applied last, after everything that is computed from the whole dossier, such as
// its timeliness.
namespace tthc::server {

// `view`, or `standard` if it is unspecified or a value that this version does not know.
v1::DossierView ViewOr(v1::DossierView view, v1::DossierView standard);

// Clears what `view` does not show. FULL and unspecified clear nothing.
void ApplyView(v1::DossierView view, v1::Dossier& dossier);

// What ApplyView(REFERENCE) leaves of `dossier`, without copying the rest of it.
v1::Dossier ReferenceOf(const v1::Dossier& dossier);

}  // namespace tthc::server
