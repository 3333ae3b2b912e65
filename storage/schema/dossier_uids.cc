#include "storage/schema/dossier_uids.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/base/crash_point.h"
#include "storage/base/limits.h"
#include "storage/base/status_macros.h"
#include "storage/schema/keys.h"
#include "storage/schema/record.h"
#include "tthc/storage/v1/records.pb.h"

namespace tthc::storage {
namespace {

struct StoredDossier {
  int64_t number = 0;
  v1::DossierRecord record;
};

// The next dossiers from `from_number` on, as many as one commit rewrites.
absl::StatusOr<std::vector<StoredDossier>> ReadPortion(const Snapshot& snapshot, int64_t from_number,
                                                       size_t count_max) {
  std::vector<StoredDossier> portion;
  size_t bytes = 0;
  absl::Status status;
  const std::string end = KeyRange(KeyKind::kDossier).second;
  TTHC_RETURN_IF_ERROR(
      snapshot.Scan(DossierKey(from_number), end, {.bulk = true}, [&](absl::string_view key, absl::string_view value) {
        const absl::StatusOr<int64_t> number = NumberOfKey(key);
        status = number.status();
        if (!status.ok()) return false;
        StoredDossier& dossier = portion.emplace_back();
        dossier.number = *number;
        status = DecodeRecord(key, value, &dossier.record);
        bytes += value.size();
        return status.ok() && portion.size() < count_max && bytes < limits::kMigrationBytes;
      }));
  TTHC_RETURN_IF_ERROR(status);
  return portion;
}

// The code that a dossier opened by this event was known by before its acceptance. Amendments never change it.
const std::string& SubmissionCode(const tthc::v1::Event& opening) {
  return opening.has_intake_refused() ? opening.intake_refused().code() : opening.submitted().code();
}

// Rewrites dossiers over one snapshot into one batch.
class Rewriter {
 public:
  Rewriter(const Snapshot& snapshot, const UidSource& uids) : snapshot_(snapshot), uids_(uids) {}

  absl::Status Add(StoredDossier& dossier) {
    if (dossier.record.revision_deltas().empty()) {
      return absl::DataLossError(absl::StrCat("dossier ", dossier.number, " has no events"));
    }
    const std::string log_key = LogKey(static_cast<int64_t>(dossier.record.revision_deltas(0)));
    TTHC_ASSIGN_OR_RETURN(std::optional<v1::LogRecord> opening, ReadRecord<v1::LogRecord>(snapshot_, log_key));
    if (!opening.has_value() || opening->dossier_number() != dossier.number) {
      return absl::DataLossError(absl::StrCat("the event that opened dossier ", dossier.number, " is not in the log"));
    }
    // An earlier run of this step came so far.
    if (!opening->dossier_uid().empty()) return absl::OkStatus();
    TTHC_ASSIGN_OR_RETURN(const std::string uid, DrawUid());
    // All of it in one batch: an interruption leaves a dossier with everything or with nothing.
    opening->set_dossier_uid(uid);
    batch_.Put(log_key, EncodeRecord(*opening));
    v1::DossierRecord& record = dossier.record;
    record.mutable_fact()->set_uid(uid);
    record.mutable_dossier()->set_name(absl::StrCat("dossiers/", uid));
    record.mutable_dossier()->set_submission_code(SubmissionCode(opening->event()));
    batch_.Put(DossierKey(dossier.number), EncodeRecord(record));
    v1::CodeRecord code;
    code.set_dossier_number(dossier.number);
    batch_.Put(UidKey(uid), EncodeRecord(code));
    return absl::OkStatus();
  }

  Batch TakeBatch() { return std::move(batch_); }

 private:
  // The index of codes is keyed by upper case, see CanonicalCode() of the store.
  static std::string UidKey(const std::string& uid) { return CodeKey(absl::AsciiStrToUpper(uid)); }

  absl::StatusOr<std::string> DrawUid() {
    while (true) {
      std::string uid = uids_();
      TTHC_ASSIGN_OR_RETURN(const std::optional<std::string> taken, snapshot_.Get(UidKey(uid)));
      if (!taken.has_value() && drawn_.insert(uid).second) return uid;
    }
  }

  const Snapshot& snapshot_;
  const UidSource& uids_;
  // Uids of this batch, which the snapshot does not show yet.
  std::set<std::string> drawn_;
  Batch batch_;
};

}  // namespace

absl::Status AssignDossierUids(Engine& engine, const UidSource& uids, size_t dossiers_per_commit) {
  int64_t from_number = 0;
  while (true) {
    // A new one for each portion: it must show the uids of the one before.
    const std::unique_ptr<Snapshot> snapshot = engine.TakeSnapshot();
    TTHC_ASSIGN_OR_RETURN(std::vector<StoredDossier> portion, ReadPortion(*snapshot, from_number, dossiers_per_commit));
    if (portion.empty()) return absl::OkStatus();
    Rewriter rewriter(*snapshot, uids);
    for (StoredDossier& dossier : portion) TTHC_RETURN_IF_ERROR(rewriter.Add(dossier));
    from_number = portion.back().number + 1;
    const Batch batch = rewriter.TakeBatch();
    if (batch.empty()) continue;
    TTHC_CRASH_POINT("migration.before_commit");
    const int64_t revision = engine.revision();
    TTHC_RETURN_IF_ERROR(engine.Commit(batch, revision, revision));
    TTHC_CRASH_POINT("migration.after_commit");
  }
}

}  // namespace tthc::storage
