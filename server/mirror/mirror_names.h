#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Resource names of the mirror (proto/tthc/v1/mirror.proto): mirrorTargets/{target} and
// mirrorTargets/{target}/items/{dossier}. Pure; thread-safe. `field` is the request field that held the name; errors
// carry it.
namespace tthc::server {

// Parent of the items of every target that is not retired, in ListMirrorItems.
inline constexpr char kAllMirrorTargets[] = "mirrorTargets/-";

// "dvcqg" of "mirrorTargets/dvcqg". INVALID_ARGUMENT FIELD_INVALID unless the id has 1 to 63 lower-case letters, digits
// and hyphens, and at least one that is no hyphen: "-" alone stands for all targets.
absl::StatusOr<std::string> MirrorTargetId(absl::string_view field, const std::string& name);
std::string MirrorTargetName(const std::string& target_id);

// An item's name, taken apart.
struct MirrorItemName {
  std::string target_id;
  // What stands for the dossier, as the caller wrote it: a uid, a code or an alias.
  std::string dossier;
};
// INVALID_ARGUMENT FIELD_INVALID. The dossier is not looked up.
absl::StatusOr<MirrorItemName> ParseMirrorItemName(absl::string_view field, const std::string& name);
// `dossier_name` is "dossiers/{uid}".
std::string MakeMirrorItemName(const std::string& target_id, const std::string& dossier_name);

// The text behind "dossiers/", without blanks around it: what StoreReader::FindCode takes.
std::string DossierKeyOf(const std::string& dossier_name);

// NOT_FOUND MIRROR_TARGET_NOT_FOUND.
absl::Status MirrorTargetNotFound(absl::string_view field, const std::string& target_id);

}  // namespace tthc::server
