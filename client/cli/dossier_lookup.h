#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/terminal/session.h"
#include "tthc/v1/dossier.pb.h"

// From what people type to names, and back. People know a dossier by its code, by an alias from another system, or by
// the last digits of a code (its tail); the API knows it by dossiers/{uid}, which is never shown in tables. Not
// thread-safe, as the session is not.
//
// A tail is convenient at a counter and dangerous in a file: a register could reach the wrong dossier. So commands
// resolve what was typed, and import uses whole codes only.
namespace tthc::cli {

// "dossiers/…" for a whole code or alias as typed. For rows of a register, where a tail must not match.
std::string DossierName(const std::string& code);

// The dossier of a code, alias, tail, uid or name as typed. NOT_FOUND DOSSIER_NOT_FOUND; FAILED_PRECONDITION
// CODE_AMBIGUOUS for a tail of several codes.
absl::StatusOr<v1::Dossier> FindDossier(terminal::Session& session, const std::string& typed, v1::DossierView view);
// The name of the same dossier. A name is returned as typed, without asking the server. Errors of FindDossier.
absl::StatusOr<std::string> ResolveDossier(terminal::Session& session, const std::string& typed);

// What the chosen output format shows of a dossier: lists and tables BASIC, JSON FULL.
v1::DossierView ViewFor(const terminal::Session& session);

// The code that people know the dossier by: before acceptance the submission code, or the code of another system.
std::string DossierCode(const v1::Dossier& dossier);

// Codes for lists whose rows have only names, fetched in batches.
class DossierCodes {
 public:
  explicit DossierCodes(terminal::Session& session) : session_(session) {}

  // Forgets what was loaded before, so that memory stays bounded by one page and a code given at acceptance shows.
  // Empty names are skipped. Errors of BatchGetDossiers; nothing is loaded then.
  absl::Status Load(const std::vector<std::string>& names);
  // The code of a loaded dossier; the uid of one that is not.
  std::string Of(const std::string& name) const;

 private:
  terminal::Session& session_;
  std::map<std::string, std::string> codes_;
};

}  // namespace tthc::cli
