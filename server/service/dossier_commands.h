#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/service/commit_scope.h"
#include "tthc/v1/dossier_service.pb.h"

// The write side of dossiers: what a request means, decided on the pipeline's thread from what a CommitScope shows.
namespace tthc::server {

// Events have passed NormalizeEvent; `actor` is recorded on each.
struct CreateCommand {
  std::vector<v1::Event> events;
  std::string actor;
  std::string request_id;
  uint64_t content_hash = 0;
};
absl::StatusOr<v1::CreateDossierResponse> RunCreate(CommitScope& scope, const CreateCommand& command);

struct AppendItem {
  // "dossiers/…" as the caller wrote it, and what FindDossier made of it if it was a tail; 0 = look up by code.
  std::string parent;
  int64_t number = 0;
  v1::Event event;
  std::string etag;
};
struct AppendCommand {
  std::vector<AppendItem> items;
  std::string actor;
  std::string request_id;
  uint64_t content_hash = 0;
  // A batch names its items in errors: "requests[3].event.…".
  bool is_batch = false;
};
struct AppendOutcome {
  std::vector<v1::Event> events;
  // The last item's dossier.
  v1::Dossier dossier;
};
absl::StatusOr<AppendOutcome> RunAppend(CommitScope& scope, const AppendCommand& command);

// Moves one open dossier to a calendar version. nullopt if it is there already, or not open.
struct RecomputeOutcome {
  v1::Dossier before;
  v1::Dossier after;
};
absl::StatusOr<std::optional<RecomputeOutcome>> RunRecompute(CommitScope& scope, int64_t number,
                                                             int64_t calendar_version, const std::string& reason,
                                                             const std::string& actor);

// Fills what is not stored: name, etag, the procedure's name. Not the timeliness, which needs a moment.
void Present(const Catalogue& catalogue, v1::Dossier& dossier);
// Fills name and late_entry of a recorded event.
void PresentEvent(const v1::Dossier& dossier, v1::Event& event);
std::string DossierName(const v1::Dossier& dossier);
std::string EtagOf(const v1::Dossier& dossier);

}  // namespace tthc::server
