#include "server/service/commit_scope.h"

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

// Later over earlier: what is on disk is what the first one found, and exchanges stay unless they were written anew.
void MergeItem(std::map<MirrorItemId, MirrorItemState>& items, MirrorItemId id, MirrorItemState later) {
  const auto found = items.find(id);
  if (found == items.end()) {
    items.emplace(id, std::move(later));
    return;
  }
  later.had_attention = found->second.had_attention;
  if (!later.exchanges.has_value()) later.exchanges = std::move(found->second.exchanges);
  found->second = std::move(later);
}

}  // namespace

void Staged::Merge(Staged later) {
  for (auto& [number, state] : later.dossiers) dossiers[number] = std::move(state);
  codes.merge(later.codes);
  requests.merge(later.requests);
  for (const auto& [name, last] : later.counters) counters[name] = last;
  for (auto& entry : later.log) log.push_back(std::move(entry));
  for (auto& record : later.catalogue_records) catalogue_records.push_back(std::move(record));
  for (auto& [id, record] : later.mirror_targets) mirror_targets[id] = std::move(record);
  for (auto& [id, state] : later.mirror_items) MergeItem(mirror_items, id, std::move(state));
  if (later.catalogue != nullptr) catalogue = std::move(later.catalogue);
  head = std::move(later.head);
  bytes += later.bytes;
}

CommitScope::CommitScope(const storage::StoreReader& reader, DossierCache& cache, const Staged& batch, absl::Time now)
    : reader_(reader), cache_(cache), batch_(batch), now_(now) {
  own_.head = batch.head;
}

absl::StatusOr<std::optional<int64_t>> CommitScope::FindCode(const std::string& code) const {
  const std::string canonical = storage::CanonicalCode(code);
  if (const auto own = own_.codes.find(canonical); own != own_.codes.end()) return own->second;
  if (const auto staged = batch_.codes.find(canonical); staged != batch_.codes.end()) return staged->second;
  if (const int64_t* known = cache_.codes.Find(canonical); known != nullptr) return *known;
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
  for (const auto* staged : {&own_, &batch_}) {
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
  if (cached->use_count() == 1) return *std::move(cached);
  return std::make_shared<DossierState>(**cached);
}

absl::StatusOr<std::shared_ptr<DossierState>> CommitScope::ReadDossier(int64_t number) const {
  TTHC_ASSIGN_OR_RETURN(std::optional<storage::v1::DossierRecord> record, reader_.GetDossier(number));
  if (!record.has_value()) return absl::DataLossError(absl::StrCat("dossier ", number, " has a code but no record"));
  auto state = std::make_shared<DossierState>();
  state->record = *std::move(record);
  int64_t revision = 0;
  for (const uint64_t delta : state->record.revision_deltas()) {
    revision += static_cast<int64_t>(delta);
    state->revisions.push_back(revision);
  }
  return state;
}

absl::StatusOr<LogRecord> CommitScope::LoadLog(int64_t revision) const {
  for (const auto* staged : {&own_, &batch_}) {
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

absl::StatusOr<std::optional<storage::v1::RequestRecord>> CommitScope::FindRequest(
    const std::string& request_id) const {
  if (const auto staged = batch_.requests.find(request_id); staged != batch_.requests.end()) return staged->second;
  return reader_.GetRequest(request_id);
}

absl::StatusOr<std::map<std::string, storage::v1::MirrorTargetRecord>> CommitScope::LoadMirrorTargets() const {
  std::map<std::string, storage::v1::MirrorTargetRecord> targets;
  TTHC_RETURN_IF_ERROR(reader_.ScanMirrorTargets(
      [&](const std::string& id, const storage::v1::MirrorTargetRecord& record) { targets[id] = record; }));
  for (const auto* staged : {&batch_, &own_}) {
    for (const auto& [id, record] : staged->mirror_targets) targets[id] = record;
  }
  return targets;
}

absl::StatusOr<std::optional<storage::v1::MirrorTargetRecord>> CommitScope::FindMirrorTarget(
    const std::string& target_id) const {
  for (const auto* staged : {&own_, &batch_}) {
    if (const auto found = staged->mirror_targets.find(target_id); found != staged->mirror_targets.end()) {
      return std::optional<storage::v1::MirrorTargetRecord>(found->second);
    }
  }
  return reader_.GetMirrorTarget(target_id);
}

absl::StatusOr<std::optional<storage::v1::MirrorItemRecord>> CommitScope::FindMirrorItem(MirrorItemId id) const {
  for (const auto* staged : {&own_, &batch_}) {
    if (const auto found = staged->mirror_items.find(id); found != staged->mirror_items.end()) {
      return std::optional<storage::v1::MirrorItemRecord>(found->second.record);
    }
  }
  return reader_.GetMirrorItem(id.first, id.second);
}

absl::StatusOr<storage::v1::MirrorExchangesRecord> CommitScope::LoadMirrorExchanges(MirrorItemId id) const {
  for (const auto* staged : {&own_, &batch_}) {
    const auto found = staged->mirror_items.find(id);
    if (found != staged->mirror_items.end() && found->second.exchanges.has_value()) return *found->second.exchanges;
  }
  TTHC_ASSIGN_OR_RETURN(const auto stored, reader_.GetMirrorExchanges(id.first, id.second));
  return stored.value_or(storage::v1::MirrorExchangesRecord());
}

void CommitScope::PutMirrorTarget(const std::string& target_id, storage::v1::MirrorTargetRecord record) {
  own_.bytes += record.ByteSizeLong();
  own_.mirror_targets[target_id] = std::move(record);
}

void CommitScope::PutMirrorItem(MirrorItemId id, MirrorItemState state) {
  own_.bytes += state.record.ByteSizeLong();
  if (state.exchanges.has_value()) own_.bytes += state.exchanges->ByteSizeLong();
  MergeItem(own_.mirror_items, id, std::move(state));
}

absl::StatusOr<int64_t> CommitScope::Count(const std::string& counter) {
  int64_t last = 0;
  if (const auto own = own_.counters.find(counter); own != own_.counters.end()) {
    last = own->second;
  } else if (const auto staged = batch_.counters.find(counter); staged != batch_.counters.end()) {
    last = staged->second;
  } else {
    TTHC_ASSIGN_OR_RETURN(last, reader_.GetCounter(counter));
  }
  own_.counters[counter] = ++last;
  return last;
}

int64_t CommitScope::NewDossierNumber() {
  own_.head.set_last_dossier_number(own_.head.last_dossier_number() + 1);
  return own_.head.last_dossier_number();
}

int64_t CommitScope::NewRevision() {
  own_.head.set_revision(own_.head.revision() + 1);
  return own_.head.revision();
}

void CommitScope::PutEvent(int64_t number, v1::Event event) {
  const int64_t revision = event.revision();
  event.clear_name();
  event.clear_revision();
  event.clear_record_time();
  LogRecord record;
  record.set_record_time_us(absl::ToUnixMicros(now_));
  record.set_dossier_number(number);
  *record.mutable_event() = std::move(event);
  own_.bytes += record.ByteSizeLong();
  own_.log.emplace_back(revision, std::move(record));
}

absl::Status CommitScope::PutCatalogue(LogRecord record) {
  record.set_record_time_us(absl::ToUnixMicros(now_));
  if (draft_catalogue_ == nullptr) {
    draft_catalogue_ = std::make_shared<Catalogue>(catalogue());
    own_.catalogue = draft_catalogue_;
  }
  TTHC_RETURN_IF_ERROR(draft_catalogue_->Add(record));
  own_.bytes += 2 * record.ByteSizeLong();
  own_.log.emplace_back(NewRevision(), record);
  own_.catalogue_records.push_back(std::move(record));
  return absl::OkStatus();
}

absl::Status CommitScope::EndCommand(const std::string& request_id, uint64_t content_hash) {
  if (own_.log.empty()) return absl::OkStatus();
  if (own_.bytes > limits::kCommandBytesMax) {
    return MakeError({.code = absl::StatusCode::kInvalidArgument,
                      .reason = "COMMAND_TOO_LARGE",
                      .message = absl::StrCat("the command writes ", own_.bytes, " bytes; at most ",
                                              limits::kCommandBytesMax, " are written at once: split it"),
                      .message_vi = absl::StrCat("Yêu cầu ghi ", own_.bytes, " byte, vượt mức ",
                                                 limits::kCommandBytesMax, " byte một lần; hãy chia nhỏ"),
                      .metadata = {{"bytes", absl::StrCat(own_.bytes)}}});
  }
  const int64_t first = own_.log.front().first;
  const int64_t last = own_.log.back().first;
  TTHC_CHECK(last - first + 1 == static_cast<int64_t>(own_.log.size()));
  for (auto& [revision, record] : own_.log) record.set_command_tail(static_cast<int32_t>(last - revision));
  if (request_id.empty()) return absl::OkStatus();
  own_.log.front().second.set_request_id(request_id);
  storage::v1::RequestRecord request;
  request.set_content_hash(content_hash);
  request.set_first_revision(first);
  request.set_revision_count(static_cast<int32_t>(own_.log.size()));
  request.set_record_time_us(absl::ToUnixMicros(now_));
  own_.requests[request_id] = std::move(request);
  return absl::OkStatus();
}

}  // namespace tthc::server
