#include "server/facts/dossier_history.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {

absl::StatusOr<std::vector<v1::Event>> LoadEvents(const storage::StoreReader& reader,
                                                  const storage::v1::DossierRecord& record, int64_t revision,
                                                  std::string* uid) {
  std::vector<v1::Event> events;
  int64_t at = 0;
  for (const uint64_t delta : record.revision_deltas()) {
    at += static_cast<int64_t>(delta);
    // Revisions rise, so the rest lies after it.
    if (at > revision) break;
    TTHC_ASSIGN_OR_RETURN(auto log, reader.GetLog(at));
    if (!log.has_value()) return absl::DataLossError(absl::StrCat("revision ", at, " is not in the log"));
    if (uid != nullptr && events.empty()) *uid = log->dossier_uid();
    v1::Event event = std::move(*log->mutable_event());
    event.set_revision(at);
    *event.mutable_record_time() = ToProto(absl::FromUnixMicros(log->record_time_us()));
    events.push_back(std::move(event));
  }
  return events;
}

absl::StatusOr<std::optional<v1::Dossier>> FoldAsOf(const storage::StoreReader& reader,
                                                    const domain::CalendarSource& calendars,
                                                    const storage::v1::DossierRecord& record, int64_t revision) {
  std::string uid;
  TTHC_ASSIGN_OR_RETURN(const std::vector<v1::Event> events, LoadEvents(reader, record, revision, &uid));
  if (events.empty()) return std::optional<v1::Dossier>();
  TTHC_ASSIGN_OR_RETURN(v1::Dossier dossier, domain::Fold(calendars, events));
  // The events can't give the name: it was drawn at random and recorded beside the first of them.
  dossier.set_name(absl::StrCat("dossiers/", uid));
  return std::optional<v1::Dossier>(std::move(dossier));
}

}  // namespace tthc::server
