#include "server/mirror/mirror_names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

constexpr char kTargetPrefix[] = "mirrorTargets/";
constexpr char kItemsInfix[] = "/items/";
constexpr char kDossierPrefix[] = "dossiers/";

// The id goes into keys, names and log lines.
bool IsTargetId(absl::string_view id) {
  const auto allowed = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) || c == '-';
  };
  return !id.empty() && id.size() <= limits::kMirrorTargetIdBytesMax && id != "-" &&
         std::all_of(id.begin(), id.end(), allowed);
}

}  // namespace

absl::StatusOr<std::string> MirrorTargetId(absl::string_view field, const std::string& name) {
  absl::string_view id = name;
  if (absl::ConsumePrefix(&id, kTargetPrefix) && IsTargetId(id)) return std::string(id);
  return InvalidField(field, "must look like mirrorTargets/…, of lower-case letters, digits and hyphens",
                      "phải có dạng mirrorTargets/…, chỉ gồm chữ thường, chữ số và dấu gạch nối");
}

std::string MirrorTargetName(const std::string& target_id) { return absl::StrCat(kTargetPrefix, target_id); }

absl::StatusOr<MirrorItemName> ParseMirrorItemName(absl::string_view field, const std::string& name) {
  // A dossier's code never holds this infix, and neither does a target's id.
  const size_t infix = name.find(kItemsInfix);
  if (infix == std::string::npos) {
    return InvalidField(field, "must look like mirrorTargets/…/items/…", "phải có dạng mirrorTargets/…/items/…");
  }
  MirrorItemName parts;
  TTHC_ASSIGN_OR_RETURN(parts.target_id, MirrorTargetId(field, name.substr(0, infix)));
  parts.dossier = name.substr(infix + sizeof(kItemsInfix) - 1);
  TTHC_RETURN_IF_ERROR(CheckText(field, parts.dossier, {.bytes_max = limits::kResourceNameBytesMax}));
  return parts;
}

std::string MakeMirrorItemName(const std::string& target_id, const std::string& dossier_name) {
  return absl::StrCat(kTargetPrefix, target_id, kItemsInfix, absl::StripPrefix(dossier_name, kDossierPrefix));
}

// Blanks come with codes that people copy.
std::string DossierKeyOf(const std::string& dossier_name) {
  return std::string(absl::StripAsciiWhitespace(absl::StripPrefix(dossier_name, kDossierPrefix)));
}

absl::Status MirrorTargetNotFound(absl::string_view field, const std::string& target_id) {
  return MakeError({.code = absl::StatusCode::kNotFound,
                    .reason = "MIRROR_TARGET_NOT_FOUND",
                    .message = absl::StrCat("there is no target \"", target_id, "\""),
                    .message_vi = absl::StrCat("Không có hệ thống nhận \"", target_id, "\""),
                    .metadata = {{"target", target_id}},
                    .field = std::string(field)});
}

}  // namespace tthc::server
