#include "server/commit/request_ids.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"

namespace tthc::server {

absl::Status CheckRequestId(const std::string& request_id) {
  // The characters of UUIDs and of other systems' ids that are safe in logs and keys.
  const bool ok =
      request_id.size() <= limits::kRequestIdBytesMax && std::all_of(request_id.begin(), request_id.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
      });
  if (ok) return absl::OkStatus();
  return InvalidField(
      "request_id",
      absl::StrCat("must be at most ", limits::kRequestIdBytesMax, " letters, digits and dashes, such as a UUID"),
      "phải là một UUID");
}

}  // namespace tthc::server
