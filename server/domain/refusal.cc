#include "server/domain/refusal.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"

namespace tthc::domain {

absl::Status Refused(absl::string_view reason, std::string message, std::string message_vi) {
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = reason,
                    .message = std::move(message),
                    .message_vi = std::move(message_vi)});
}

// Here because a single event and an amendment are refused alike.
absl::Status TooManyEvents() {
  return Refused("TOO_MANY_EVENTS", absl::StrCat("a dossier holds at most ", limits::kEventsPerDossierMax, " events"),
                 absl::StrCat("Mỗi hồ sơ có tối đa ", limits::kEventsPerDossierMax, " sự kiện"));
}

}  // namespace tthc::domain
