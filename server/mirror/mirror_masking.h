#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/mirror.pb.h"

// Masks personal data in the exchanges with a target before people see them.
//
// Two ways together, since neither finds everything. By key: the client reports the JSON keys of its profile whose
// values are personal. By value: what the dossier says of its people is masked wherever it occurs, in every spelling
// that JSON and URLs have for it; targets repeat names in error messages. What a target knows of other people under
// other keys stays visible. The stored exchanges are not changed.
//
// Pure; thread-safe.
namespace tthc::server {

// Replaces each masked value.
inline constexpr char kMask[] = "***";

// Masks the data of one dossier's people: the applicant, the representative and the receiver of the result.
class MirrorMasker {
 public:
  // `receiver_name` from its events; empty if no result was handed over.
  MirrorMasker(const v1::Dossier& dossier, const std::string& receiver_name);

  // Masks request, response, URL and error, and clears personal_keys.
  void Mask(v1::MirrorExchange& exchange) const;
  void Mask(v1::MirrorError& error) const;
  // Masks every occurrence of a personal value, also as JSON and URLs spell it.
  std::string MaskText(absl::string_view text) const;

 private:
  void Add(const std::string& value);
  std::string MaskBody(const std::string& body, bool cut, const std::vector<std::string>& keys) const;
  // Masks the beginning of a value at the end of a text that was cut.
  std::string MaskBeginningAtEnd(std::string text) const;

  // In all spellings, longest first.
  std::vector<std::string> values_;
};

// Masks the values of `keys` at any depth of a JSON text: strings, numbers, and whole objects and arrays. The text may
// be cut or malformed: a value without an end is masked to the end of the text.
std::string MaskJsonKeys(absl::string_view text, const std::vector<std::string>& keys);

}  // namespace tthc::server
