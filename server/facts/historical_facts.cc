#include "server/facts/historical_facts.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/fact.h"
#include "server/facts/dossier_history.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

absl::Status AsOfInvalid(const std::string& why, const std::string& why_vi) {
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "AS_OF_INVALID",
                    .message = absl::StrCat("as_of ", why),
                    .message_vi = absl::StrCat("Thời điểm xem số liệu ", why_vi),
                    .field = "as_of"});
}

absl::StatusOr<absl::Time> RecordTime(const storage::StoreReader& reader, int64_t revision) {
  TTHC_ASSIGN_OR_RETURN(const auto record, reader.GetLog(revision));
  if (!record.has_value()) return absl::DataLossError(absl::StrCat("revision ", revision, " is not in the log"));
  return absl::FromUnixMicros(record->record_time_us());
}

// Puts offices back to what they were. They change rarely; only if one did since, the history before is scanned for its
// earlier entries.
absl::Status TakeOfficesBack(const storage::StoreReader& reader, int64_t revision,
                             domain::Catalogue::ByName<v1::Office>& offices) {
  std::set<std::string> changed;
  TTHC_RETURN_IF_ERROR(reader.ScanLog(revision + 1, [&](int64_t, const storage::v1::LogRecord& record) {
    if (record.has_office()) changed.insert(record.office().name());
    return true;
  }));
  if (changed.empty()) return absl::OkStatus();
  for (const std::string& name : changed) offices.erase(name);
  return reader.ScanLog(1, [&](int64_t at, const storage::v1::LogRecord& record) {
    if (at > revision) return false;
    if (record.has_office() && changed.contains(record.office().name())) {
      offices[record.office().name()] = std::make_shared<const v1::Office>(record.office());
    }
    return true;
  });
}

}  // namespace

absl::StatusOr<std::vector<int64_t>> ChangedSince(const storage::StoreReader& reader, int64_t revision) {
  std::vector<int64_t> numbers;
  TTHC_RETURN_IF_ERROR(reader.ScanLog(revision + 1, [&](int64_t, const storage::v1::LogRecord& record) {
    if (record.dossier_number() != 0) numbers.push_back(record.dossier_number());
    return true;
  }));
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

absl::StatusOr<int64_t> HistoricalFactsCache::RevisionAt(const storage::StoreReader& reader, absl::Time time) const {
  // Binary search: record times never go back, see CommitPipeline::RecordTime.
  int64_t known = 0;
  int64_t behind = reader.revision() + 1;
  while (behind - known > 1) {
    const int64_t middle = known + (behind - known) / 2;
    TTHC_ASSIGN_OR_RETURN(const absl::Time recorded, RecordTime(reader, middle));
    (recorded <= time ? known : behind) = middle;
  }
  return known;
}

absl::StatusOr<HistoryPoint> HistoricalFactsCache::Resolve(const v1::AsOf& as_of, absl::Time now) const {
  const bool has_time = as_of.has_time();
  if (as_of.revision() == 0 && !has_time) return HistoryPoint{.revision = 0, .time = now, .is_now = true};
  const storage::StoreReader reader = store_.Read();
  const int64_t head = reader.revision();
  if (as_of.revision() < 0 || as_of.revision() > head) {
    return AsOfInvalid(absl::StrCat("revision must be 1 to ", head, ", the last one recorded"),
                       absl::StrCat("phải là số hiệu từ 1 đến ", head, " (số hiệu mới nhất)"));
  }
  const absl::Time time = FromProto(as_of.time());
  if (has_time && time > now) {
    return AsOfInvalid(absl::StrCat("time ", FormatRfc3339(time), " lies in the future; leave it out for the present"),
                       absl::StrCat(FormatForPeople(time), " ở tương lai; bỏ trống để lấy số liệu hiện tại"));
  }
  HistoryPoint point{.revision = as_of.revision(), .time = time, .is_now = false};
  if (point.revision == 0) {
    TTHC_ASSIGN_OR_RETURN(point.revision, RevisionAt(reader, time));
    if (point.revision == 0) {
      return AsOfInvalid(absl::StrCat("time ", FormatRfc3339(time), " lies before the first record"),
                         absl::StrCat(FormatForPeople(time), " trước khi hệ thống ghi nhận dữ liệu đầu tiên"));
    }
  }
  if (!has_time) {
    TTHC_ASSIGN_OR_RETURN(point.time, RecordTime(reader, point.revision));
  }
  return point;
}

absl::StatusOr<std::shared_ptr<const HistoricalFacts>> HistoricalFactsCache::At(int64_t revision) {
  MutexLock lock(mutex_);
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& kept) { return kept.revision == revision; });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
    return entries_.front().facts;
  }
  TTHC_ASSIGN_OR_RETURN(auto facts, Make(revision));
  // Made under the lock: two callers that ask for the same moment fold it once.
  entries_.push_front({revision, facts});
  if (entries_.size() > limits::kAsOfViewsMax) entries_.pop_back();
  return facts;
}

absl::StatusOr<std::shared_ptr<const HistoricalFacts>> HistoricalFactsCache::Make(int64_t revision) const {
  auto facts = std::make_shared<HistoricalFacts>();
  index_.Read([&](const FactIndex::View& view) { facts->columns = view.columns; });
  facts->offices = catalogue_.Get()->offices();
  // Taken after the columns, so that it holds every dossier that they hold.
  const storage::StoreReader reader = store_.Read();
  TTHC_RETURN_IF_ERROR(FoldChanged(reader, revision, facts->columns));
  TTHC_RETURN_IF_ERROR(TakeOfficesBack(reader, revision, facts->offices));
  return std::shared_ptr<const HistoricalFacts>(std::move(facts));
}

absl::Status HistoricalFactsCache::FoldChanged(const storage::StoreReader& reader, int64_t revision,
                                               FactColumns& columns) const {
  TTHC_ASSIGN_OR_RETURN(const std::vector<int64_t> changed, ChangedSince(reader, revision));
  const auto catalogue = catalogue_.Get();
  // Names get no new numbers here: what an earlier state refers to, a commit has numbered.
  const auto number_of = [this](const std::string& name) { return name.empty() ? 0 : index_.FindName(name); };

  // Folded by several threads into a vector and put into the columns afterwards: columns are not thread-safe.
  std::vector<storage::v1::Fact> facts(changed.size());
  std::atomic<size_t> next{0};
  const auto fold = [&]() -> absl::Status {
    for (size_t i = next++; i < changed.size(); i = next++) {
      TTHC_ASSIGN_OR_RETURN(const auto record, reader.GetDossier(changed[i]));
      if (!record.has_value()) return absl::DataLossError(absl::StrCat("dossier ", changed[i], " has no record"));
      TTHC_ASSIGN_OR_RETURN(const auto dossier, FoldAsOf(reader, *catalogue, *record, revision));
      if (dossier.has_value()) facts[i] = domain::MakeFact(*catalogue, *dossier, number_of);
    }
    return absl::OkStatus();
  };
  std::vector<absl::Status> failures(limits::kAsOfThreads);
  std::vector<std::thread> threads;
  for (absl::Status& failure : failures) threads.emplace_back([&fold, &failure] { failure = fold(); });
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& failure : failures) TTHC_RETURN_IF_ERROR(failure);

  for (size_t i = 0; i < changed.size(); ++i) {
    const auto row = static_cast<size_t>(changed[i] - 1);
    // A dossier that was not opened by then gets an empty fact, which no figure counts. Rows beyond the copied columns
    // were opened after the copy.
    if (row < columns.size()) columns.Set(row, facts[i]);
  }
  return absl::OkStatus();
}

}  // namespace tthc::server
