#include "server/catalogue/catalogue_errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"

namespace tthc::server {

absl::Status CatalogueFull(absl::string_view kind, size_t max) {
  return MakeError({.code = absl::StatusCode::kResourceExhausted,
                    .reason = "CATALOGUE_FULL",
                    .message = absl::StrCat("the catalogue holds at most ", max, " ", kind),
                    .message_vi = absl::StrCat("Danh mục có tối đa ", max, " mục loại này"),
                    .metadata = {{"kind", std::string(kind)}, {"max", absl::StrCat(max)}}});
}

}  // namespace tthc::server
