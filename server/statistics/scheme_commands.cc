#include "server/statistics/scheme_commands.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/call/resource_update.h"
#include "server/catalogue/catalogue_errors.h"
#include "server/commit/request_ids.h"
#include "server/domain/scheme.h"
#include "server/statistics/score_queries.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

using google::protobuf::util::MessageDifferencer;

// Here and not in CheckScheme, which is pure. An office must be known when the scheme is stored; none is ever deleted.
absl::Status CheckOffices(const domain::Catalogue& catalogue, const v1::Scheme& scheme) {
  for (int i = 0; i < scheme.offices_size(); ++i) {
    if (catalogue.offices().contains(scheme.offices(i))) continue;
    return InvalidField(absl::StrCat("scheme.offices[", i, "]"),
                        absl::StrCat("\"", scheme.offices(i), "\" is not in the catalogue"),
                        absl::StrCat("cơ quan \"", scheme.offices(i), "\" không có trong danh mục"));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Scheme> UpdateScheme(CommitScope& scope, const v1::UpdateSchemeRequest& request) {
  const auto& known = scope.catalogue().schemes();
  const auto found = known.find(request.scheme().name());
  v1::Scheme next = request.scheme();
  if (found == known.end()) {
    if (!request.allow_missing()) return SchemeNotFound("scheme.name", next.name());
    TTHC_RETURN_IF_ERROR(CheckEtag("scheme.etag", next.etag(), ""));
    if (known.size() >= limits::kSchemesMax) return CatalogueFull("schemes", limits::kSchemesMax);
  } else {
    const v1::Scheme& stored = *found->second;
    TTHC_RETURN_IF_ERROR(CheckEtag("scheme.etag", next.etag(), ShownScheme(stored).etag()));
    next = Updated(request.update_mask(), request.scheme(), stored);
    next.clear_etag();
    // What the server fills is taken from the stored scheme, so that only what the client says is compared.
    *next.mutable_record_time() = stored.record_time();
    if (MessageDifferencer::Equals(next, stored)) return ShownScheme(stored);
  }
  // Checked again although Prepare did: with a mask the merged scheme is another one than the request's.
  TTHC_RETURN_IF_ERROR(domain::CheckScheme("scheme", next));
  TTHC_RETURN_IF_ERROR(CheckOffices(scope.catalogue(), next));
  next.clear_etag();
  *next.mutable_record_time() = ToProto(scope.now());
  storage::v1::LogRecord record;
  *record.mutable_scheme() = next;
  TTHC_RETURN_IF_ERROR(scope.PutCatalogue(std::move(record)));
  return ShownScheme(next);
}

}  // namespace

absl::StatusOr<UpdateSchemeCommand> PrepareUpdateScheme(const RequestContext&, const v1::UpdateSchemeRequest& request) {
  TTHC_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  TTHC_RETURN_IF_ERROR(CheckUpdateMask(request.update_mask(), *v1::Scheme::descriptor()));
  // What the mask leaves out is known on the commit thread only.
  if (request.update_mask().paths().empty()) TTHC_RETURN_IF_ERROR(domain::CheckScheme("scheme", request.scheme()));
  return MakeCatalogueCommand(request);
}

absl::StatusOr<v1::Scheme> RunUpdateScheme(CommitScope& scope, UpdateSchemeCommand& command) {
  return RunOnce<v1::Scheme>(
      scope, command.request_id, command.content_hash,
      [&](CommitScope& own) { return UpdateScheme(own, command.request); },
      [](CommitScope& own, int64_t first_revision, int32_t) -> absl::StatusOr<v1::Scheme> {
        TTHC_ASSIGN_OR_RETURN(const auto record, own.LoadLog(first_revision));
        return ShownScheme(record.scheme());
      });
}

}  // namespace tthc::server
