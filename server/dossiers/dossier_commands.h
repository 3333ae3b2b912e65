#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/service/commit_scope.h"
#include "tthc/v1/dossier_service.pb.h"

// The write side of dossiers: what a request means, decided on the pipeline's thread from what a CommitScope shows.
namespace tthc::server {

// What the caller wants to know of a command that was carried out.
enum class AnswerKind {
  // The events, each with its name and revision.
  kEvents,
  // The events, and the last one's dossier with what is not stored filled in, but for its timeliness.
  kEventsAndDossier,
  // Only where it stands.
  kRevision,
};
struct CommandOutcome {
  std::vector<v1::Event> events;
  v1::Dossier dossier;
  // "dossiers/…" of the last event, and its revision; for every kind of answer.
  std::string dossier_name;
  int64_t revision = 0;
};

// Events have passed NormalizeEvent; `actor` is recorded on each.
struct CreateCommand {
  std::vector<v1::Event> events;
  std::string actor;
  std::string request_id;
  uint64_t content_hash = 0;
  AnswerKind answer = AnswerKind::kEventsAndDossier;
};
// Takes the events out of `command`: it is run once.
absl::StatusOr<CommandOutcome> RunCreate(CommitScope& scope, CreateCommand& command);

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
  AnswerKind answer = AnswerKind::kEventsAndDossier;
};
// As RunCreate.
absl::StatusOr<CommandOutcome> RunAppend(CommitScope& scope, AppendCommand& command);

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
