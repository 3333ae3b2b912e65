#include "server/commit/commit_scope.h"

#include "absl/strings/str_cat.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

using storage::v1::LogRecord;

// The log keeps revision and record time in its own fields.
v1::Event WithLogFields(int64_t revision, const LogRecord& record) {
  v1::Event event = record.event();
  event.set_revision(revision);
  *event.mutable_record_time() = ToProto(absl::FromUnixMicros(record.record_time_us()));
  return event;
}

}  // namespace

void Staged::Merge(Staged later) {
  for (auto& [number, state] : later.dossiers) dossiers[number] = std::move(state);
  // Its revisions follow those of this batch: the later command drew them from this head.
  for (auto& entry : later.log) log.push_back(std::move(entry));
  records.Merge(std::move(later.records));
  if (later.catalogue != nullptr) catalogue = std::move(later.catalogue);
  head = std::move(later.head);
  bytes += later.bytes;
  log_bytes += later.log_bytes;
}

CommitScope::CommitScope(const storage::StoreReader& reader, DossierCache& cache, const Staged& batch, absl::Time now,
                         const UidSource& uids)
    : reader_(reader), cache_(cache), batch_(batch), now_(now), uids_(uids) {
  own_.head = batch.head;
}

absl::StatusOr<std::optional<int64_t>> CommitScope::FindCode(const std::string& code) const {
  const std::string canonical = storage::CanonicalCode(code);
  // Not Find<Codes>: the cache lies between the batch and the store, and holds only what is durable.
  for (const Staged* staged : {&own_, &batch_}) {
    const auto* record = staged->records.Find<storage::Codes>(canonical);
    if (record != nullptr && record->has_value()) return std::optional<int64_t>((*record)->dossier_number());
  }
  if (const int64_t* known = cache_.codes.Find(canonical); known != nullptr) return std::optional<int64_t>(*known);
  TTHC_ASSIGN_OR_RETURN(const std::optional<int64_t> stored, reader_.FindCode(canonical));
  if (stored.has_value()) cache_.codes.Put(canonical, *stored);
  return stored;
}

absl::StatusOr<DossierStatePtr> CommitScope::LoadDossier(int64_t number) const {
  if (const auto own = own_.dossiers.find(number); own != own_.dossiers.end()) return own->second;
  if (const auto staged = batch_.dossiers.find(number); staged != batch_.dossiers.end()) return staged->second;
  if (const auto* cached = cache_.dossiers.Find(number); cached != nullptr) return DossierStatePtr(*cached);
  TTHC_ASSIGN_OR_RETURN(std::shared_ptr<DossierState> state, ReadDossier(number));
  cache_.dossiers.Put(number, state);
  return DossierStatePtr(std::move(state));
}

absl::StatusOr<std::vector<int64_t>> CommitScope::LoadRevisions(int64_t number) const {
  for (const Staged* staged : {&own_, &batch_}) {
    if (const auto found = staged->dossiers.find(number); found != staged->dossiers.end()) {
      return found->second->revisions;
    }
  }
  if (const auto* cached = cache_.dossiers.Find(number); cached != nullptr) return (*cached)->revisions;
  TTHC_ASSIGN_OR_RETURN(const std::shared_ptr<DossierState> state, ReadDossier(number));
  return state->revisions;
}

absl::StatusOr<std::shared_ptr<DossierState>> CommitScope::TakeDossier(int64_t number) {
  if (const auto own = own_.dossiers.find(number); own != own_.dossiers.end()) {
    return std::make_shared<DossierState>(*own->second);
  }
  if (const auto staged = batch_.dossiers.find(number); staged != batch_.dossiers.end()) {
    return std::make_shared<DossierState>(*staged->second);
  }
  std::optional<std::shared_ptr<DossierState>> cached = cache_.dossiers.Take(number);
  if (!cached.has_value()) return ReadDossier(number);
  // A reader of an earlier command may still hold it; then it gets a copy of its own.
  if (cached->use_count() == 1) return *std::move(cached);
  return std::make_shared<DossierState>(**cached);
}

absl::StatusOr<std::shared_ptr<DossierState>> CommitScope::ReadDossier(int64_t number) const {
  TTHC_ASSIGN_OR_RETURN(std::optional<storage::v1::DossierRecord> record, reader_.GetDossier(number));
  if (!record.has_value()) return absl::DataLossError(absl::StrCat("dossier ", number, " has a code but no record"));
  auto state = std::make_shared<DossierState>();
  state->record = *std::move(record);
  // Kept as differences on disk, which take one byte each where dossiers are busy.
  int64_t revision = 0;
  for (const uint64_t delta : state->record.revision_deltas()) {
    revision += static_cast<int64_t>(delta);
    state->revisions.push_back(revision);
  }
  return state;
}

absl::StatusOr<LogRecord> CommitScope::LoadLog(int64_t revision) const {
  for (const Staged* staged : {&own_, &batch_}) {
    // Revisions have no gaps, so the place in the vector follows from the first one.
    if (staged->log.empty() || staged->log.front().first > revision) continue;
    const auto index = static_cast<size_t>(revision - staged->log.front().first);
    if (index < staged->log.size()) return staged->log[index].second;
  }
  TTHC_ASSIGN_OR_RETURN(std::optional<LogRecord> record, reader_.GetLog(revision));
  if (!record.has_value()) return absl::DataLossError(absl::StrCat("revision ", revision, " is not in the log"));
  return *std::move(record);
}

absl::StatusOr<std::vector<v1::Event>> CommitScope::LoadEvents(const DossierState& state) const {
  std::vector<v1::Event> events;
  events.reserve(state.revisions.size());
  for (const int64_t revision : state.revisions) {
    TTHC_ASSIGN_OR_RETURN(const LogRecord record, LoadLog(revision));
    events.push_back(WithLogFields(revision, record));
  }
  return events;
}

absl::StatusOr<std::map<std::string, storage::v1::MirrorTargetRecord>> CommitScope::LoadMirrorTargets() const {
  std::map<std::string, storage::v1::MirrorTargetRecord> targets;
  TTHC_RETURN_IF_ERROR(reader_.ScanMirrorTargets(
      [&](const std::string& id, const storage::v1::MirrorTargetRecord& record) { targets[id] = record; }));
  for (const Staged* staged : {&batch_, &own_}) {
    // Targets are never deleted.
    for (const auto& [id, record] : staged->records.rows<storage::MirrorTargets>()) targets[id] = *record;
  }
  return targets;
}

absl::StatusOr<int64_t> CommitScope::Count(const std::string& counter) {
  TTHC_ASSIGN_OR_RETURN(std::optional<storage::v1::CounterRecord> found, Find<storage::Counters>(counter));
  storage::v1::CounterRecord record = std::move(found).value_or(storage::v1::CounterRecord());
  record.set_last(record.last() + 1);
  const int64_t value = record.last();
  Put<storage::Counters>(counter, std::move(record));
  return value;
}

int64_t CommitScope::NewDossierNumber() {
  own_.head.set_last_dossier_number(own_.head.last_dossier_number() + 1);
  return own_.head.last_dossier_number();
}

absl::StatusOr<std::string> CommitScope::NewUid() {
  // With 79 random bits the second round is all but impossible; it also keeps a uid from looking like an alias.
  while (true) {
    std::string uid = uids_();
    TTHC_ASSIGN_OR_RETURN(const std::optional<int64_t> owner, FindCode(uid));
    if (!owner.has_value()) return uid;
  }
}

int64_t CommitScope::NewRevision() {
  own_.head.set_revision(own_.head.revision() + 1);
  return own_.head.revision();
}

void CommitScope::PutCode(const std::string& code, int64_t number) {
  storage::v1::CodeRecord record;
  record.set_dossier_number(number);
  Put<storage::Codes>(code, std::move(record));
}

void CommitScope::PutEvent(int64_t number, v1::Event event, const std::string& opened_uid) {
  const int64_t revision = event.revision();
  // The key and the record have them.
  event.clear_name();
  event.clear_revision();
  event.clear_record_time();
  LogRecord record;
  record.set_record_time_us(absl::ToUnixMicros(now_));
  record.set_dossier_number(number);
  if (!opened_uid.empty()) {
    record.set_dossier_uid(opened_uid);
    PutCode(storage::CanonicalCode(opened_uid), number);
  }
  *record.mutable_event() = std::move(event);
  AppendLog(revision, std::move(record));
}

void CommitScope::AppendLog(int64_t revision, LogRecord record) {
  const size_t bytes = record.ByteSizeLong();
  own_.bytes += bytes;
  own_.log_bytes += bytes;
  own_.log.emplace_back(revision, std::move(record));
}

absl::Status CommitScope::PutCatalogue(LogRecord record) {
  record.set_record_time_us(absl::ToUnixMicros(now_));
  // Copied once for each command: readers go on with the published one, and a refused command leaves no trace.
  if (draft_catalogue_ == nullptr) {
    draft_catalogue_ = std::make_shared<domain::Catalogue>(catalogue());
    own_.catalogue = draft_catalogue_;
  }
  TTHC_RETURN_IF_ERROR(draft_catalogue_->Add(record));
  AppendLog(NewRevision(), record);
  const storage::CatalogueEntries::Key key = storage::CatalogueEntries::KeyOf(record);
  Put<storage::CatalogueEntries>(key, std::move(record));
  return absl::OkStatus();
}

int64_t CommitScope::PutMirrorDecision(v1::MirrorDecision decision) {
  LogRecord record;
  record.set_record_time_us(absl::ToUnixMicros(now_));
  *record.mutable_mirror_decision() = std::move(decision);
  AppendLog(NewRevision(), std::move(record));
  return own_.head.revision();
}

absl::Status CommitScope::EndCommand(const std::string& request_id, uint64_t content_hash) {
  // Without a log record nothing took effect, so there is nothing to repeat.
  if (own_.log.empty()) return absl::OkStatus();
  if (own_.log_bytes > limits::kCommandBytesMax) {
    return MakeError({.code = absl::StatusCode::kInvalidArgument,
                      .reason = "COMMAND_TOO_LARGE",
                      .message = absl::StrCat("the command writes ", own_.log_bytes, " bytes to the log; at most ",
                                              limits::kCommandBytesMax, " are written at once: split it"),
                      .message_vi = absl::StrCat("Yêu cầu ghi ", own_.log_bytes, " byte, vượt mức ",
                                                 limits::kCommandBytesMax, " byte một lần; hãy chia nhỏ"),
                      .metadata = {{"bytes", absl::StrCat(own_.log_bytes)}}});
  }
  const int64_t first = own_.log.front().first;
  const int64_t last = own_.log.back().first;
  TTHC_CHECK(last - first + 1 == static_cast<int64_t>(own_.log.size()));
  // The feed sends the records of one command in one message: the tail says how many follow.
  for (auto& [revision, record] : own_.log) record.set_command_tail(static_cast<int32_t>(last - revision));
  if (request_id.empty()) return absl::OkStatus();
  // The sweep of expired ids follows the log and finds the id here.
  own_.log.front().second.set_request_id(request_id);
  storage::v1::RequestRecord request;
  request.set_content_hash(content_hash);
  request.set_first_revision(first);
  request.set_revision_count(static_cast<int32_t>(own_.log.size()));
  request.set_record_time_us(absl::ToUnixMicros(now_));
  Put<storage::Requests>(request_id, std::move(request));
  return absl::OkStatus();
}

}  // namespace tthc::server
