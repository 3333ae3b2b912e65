#include "server/dossiers/dossier_view.h"

#include <utility>

namespace tthc::server {

v1::DossierView ViewOr(v1::DossierView view, v1::DossierView standard) {
  switch (view) {
    case v1::DOSSIER_VIEW_REFERENCE:
    case v1::DOSSIER_VIEW_BASIC:
    case v1::DOSSIER_VIEW_FULL:
      return view;
    // A newer client may know more views.
    default:
      return standard;
  }
}

// Field by field and not by clearing a copy: most answers to writes are references, and a dossier may hold 1 MiB.
v1::Dossier ReferenceOf(const v1::Dossier& dossier) {
  v1::Dossier reference;
  reference.set_name(dossier.name());
  reference.set_code(dossier.code());
  reference.set_submission_code(dossier.submission_code());
  reference.set_etag(dossier.etag());
  reference.set_revision(dossier.revision());
  reference.set_state(dossier.state());
  *reference.mutable_warnings() = dossier.warnings();
  return reference;
}

void ApplyView(v1::DossierView view, v1::Dossier& dossier) {
  switch (view) {
    case v1::DOSSIER_VIEW_REFERENCE:
      // Built anew, so that a field that is added later is left out without a change here.
      dossier = ReferenceOf(dossier);
      return;
    case v1::DOSSIER_VIEW_BASIC:
      dossier.clear_waits();
      dossier.clear_steps();
      dossier.clear_opinions();
      dossier.clear_ratings();
      dossier.clear_petitions();
      if (dossier.has_request()) dossier.mutable_request()->clear_documents();
      return;
    default:
      return;
  }
}

}  // namespace tthc::server
