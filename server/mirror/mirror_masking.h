#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/mirror.pb.h"

// Takes personal data out of what was exchanged with a target, for views. Pure; thread-safe.
namespace tthc::server {

// Stands where personal data stood.
inline constexpr char kMask[] = "***";

// Masks the data of one dossier's people: who applies, who acts for them, who got the result.
class MirrorMasker {
 public:
  // `receiver_name` as its events say; empty if nobody got it yet.
  MirrorMasker(const v1::Dossier& dossier, const std::string& receiver_name);

  // Request, response, URL and error; clears personal_keys.
  void Mask(v1::MirrorExchange& exchange) const;
  void Mask(v1::MirrorError& error) const;
  // Every occurrence of a value that is the people's own, in the spellings of JSON and of URLs too.
  std::string MaskText(absl::string_view text) const;

 private:
  void Add(const std::string& value);
  std::string MaskBody(const std::string& body, bool cut, const std::vector<std::string>& keys) const;
  // A text that was cut may end within a value.
  std::string MaskBeginningAtEnd(std::string text) const;

  // Longer ones first.
  std::vector<std::string> values_;
};

// Masks the values of `keys`, wherever in a JSON text they stand, strings and numbers, objects and arrays whole. The
// text may be cut or malformed: a value without an end is masked to the end.
std::string MaskJsonKeys(absl::string_view text, const std::vector<std::string>& keys);

}  // namespace tthc::server
