#include "server/facts/fact_snapshot.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/fact.h"
#include "server/facts/grow.h"
#include "storage/base/checksum.h"
#include "storage/base/crash_point.h"
#include "storage/base/log.h"
#include "storage/base/status_macros.h"
#include "tthc/storage/v1/fact_snapshot.pb.h"

namespace tthc::server {
namespace {

using storage::v1::FactChunk;

// The digit rises when the layout of the file changes.
constexpr absl::string_view kMagic = "TTHCFCT2";
constexpr uint64_t kHashSeed = 1;
// Minutes of handling, submission and hand-over.
constexpr size_t kMinutesColumns = 3;

// The last bytes of the file: hash and size of the message before them, and the magic once more. A reader begins here.
struct Trailer {
  uint64_t hash = 0;
  uint64_t size = 0;
  char magic[8] = {};
};
static_assert(sizeof(Trailer) == 24);

// Columns are written as they lie in memory. A build that lays out numbers or bit fields differently gets another hash
// and does not read the file.
uint64_t LayoutHash() {
  const FactMoment moment = {
      .time = 1, .value = 2, .kind = FactMoment::kPetition, .verdict = 3, .flag = 1, .is_last = 0, .other = 0x01020304};
  char bytes[sizeof moment];
  std::memcpy(bytes, &moment, sizeof moment);
  return Hash64({bytes, sizeof bytes}, FactColumns::kNameCount);
}

// A store that was restored from a backup and has gone another way since has another record at the same revision.
absl::StatusOr<uint64_t> LogHash(const storage::StoreReader& reader, int64_t revision) {
  TTHC_ASSIGN_OR_RETURN(const auto record, reader.GetLog(revision));
  if (!record.has_value()) return absl::FailedPreconditionError(absl::StrCat("no revision ", revision));
  return Hash64(absl::StrCat(record->record_time_us(), " ", record->dossier_number(), " ", record->command_tail(), " ",
                             record->request_id()),
                kHashSeed);
}

absl::Status FileError(absl::string_view what, const std::string& path) {
  return absl::UnavailableError(absl::StrCat(what, " ", path, ": ", std::strerror(errno)));
}

std::string PathOfNew(const std::string& path) { return path + ".new"; }

// --- Rows as bytes ---------------------------------------------------------------------------------------------------

template <typename T>
void Put(const T* values, size_t count, std::string* bytes) {
  bytes->append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

// Reads back what Put() wrote, in the same order. The caller has checked the sizes and the hash.
class RowReader {
 public:
  explicit RowReader(absl::string_view bytes) : rest_(bytes) {}

  template <typename T>
  void Take(T* values, size_t count) {
    std::memcpy(values, rest_.data(), count * sizeof(T));
    rest_.remove_prefix(count * sizeof(T));
  }
  template <typename T>
  std::vector<T> Take(size_t count) {
    std::vector<T> values(count);
    Take(values.data(), count);
    return values;
  }
  absl::string_view rest() const { return rest_; }

 private:
  absl::string_view rest_;
};

template <typename Columns>
auto TimesOf(Columns& columns) {
  return std::array{&columns.submit, &columns.accept, &columns.due, &columns.due_766, &columns.end, &columns.returned};
}

template <typename Columns>
auto MinutesOf(Columns& columns) {
  return std::array{&columns.handling_minutes, &columns.submitted_minutes, &columns.hand_over_minutes};
}

// Of columns of fixed width: uid, codes, traits, times, minutes, number of moments, sizes of texts.
constexpr size_t FixedBytesPerRow() {
  constexpr size_t kTimes = std::tuple_size_v<decltype(TimesOf(std::declval<FactColumns&>()))>;
  return sizeof(FactTexts::Uid) + FactColumns::kNameCount * sizeof(uint16_t) + sizeof(uint64_t) +
         kTimes * sizeof(uint32_t) + kMinutesColumns * sizeof(int32_t) + sizeof(uint16_t) + 3 * sizeof(uint16_t);
}

// Copies the rows [first, first + count). Runs under the lock of the index, so it does nothing but copy.
void EncodeRows(const FactIndex::View& view, size_t first, size_t count, FactChunk* chunk, std::string* bytes) {
  const FactColumns& columns = view.columns;
  // Column by column, so that loading is a few large copies; texts and moments last, since their sizes vary.
  bytes->clear();
  Put(view.texts.uids().data() + first, count, bytes);
  for (const auto& names : columns.names) Put(names.data() + first, count, bytes);
  Put(columns.traits.data() + first, count, bytes);
  for (const auto* times : TimesOf(columns)) Put(times->data() + first, count, bytes);
  for (const auto* minutes : MinutesOf(columns)) {
    for (size_t row = first; row < first + count; ++row) {
      const int32_t value = minutes->At(row);
      Put(&value, 1, bytes);
    }
  }
  std::vector<FactMoment> moments;
  for (size_t row = first; row < first + count; ++row) {
    // Collected rather than copied in one piece: the runs of neighboring rows lie anywhere in the table.
    const size_t before = moments.size();
    columns.moments.ForEach(columns.moment_refs[row], [&](const FactMoment& moment) { moments.push_back(moment); });
    const auto added = static_cast<uint16_t>(moments.size() - before);
    Put(&added, 1, bytes);
  }
  size_t text_bytes = 0;
  for (size_t row = first; row < first + count; ++row) {
    const FactTexts::Place& place = view.texts.PlaceOf(row);
    const uint16_t sizes[] = {place.codes_size, place.name_size, place.digits_size};
    Put(sizes, 3, bytes);
    text_bytes += place.size();
  }
  Put(moments.data(), moments.size(), bytes);
  for (size_t row = first; row < first + count; ++row) {
    const absl::string_view entry = view.texts.EntryOf(row);
    Put(entry.data(), entry.size(), bytes);
  }
  chunk->set_row_count(static_cast<int64_t>(count));
  chunk->set_moment_count(static_cast<int64_t>(moments.size()));
  chunk->set_text_bytes(static_cast<int64_t>(text_bytes));
  chunk->set_size(static_cast<int64_t>(bytes->size()));
  chunk->set_hash(Hash64(*bytes, kHashSeed));
}

// --- Files -----------------------------------------------------------------------------------------------------------

// A file descriptor that is closed with the object.
class File {
 public:
  File(const std::string& path, int flags) : path_(path), fd_(open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return fd_ >= 0; }
  absl::Status Append(absl::string_view bytes) {
    // A write may take a part only, or be interrupted by a signal.
    while (!bytes.empty()) {
      const ssize_t written = write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return FileError("writing", path_);
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return absl::OkStatus();
  }
  absl::Status Sync() { return fsync(fd_) == 0 ? absl::OkStatus() : FileError("syncing", path_); }

  absl::StatusOr<int64_t> Size() const {
    struct stat status = {};
    if (fstat(fd_, &status) != 0) return FileError("reading the size of", path_);
    return int64_t{status.st_size};
  }
  absl::Status Read(int64_t offset, size_t size, std::string* bytes) const {
    bytes->resize(size);
    for (size_t done = 0; done < size;) {
      const ssize_t got = pread(fd_, bytes->data() + done, size - done, offset + static_cast<int64_t>(done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return FileError("reading", path_);
      if (got == 0) return absl::DataLossError("it is shorter than its parts");
      done += static_cast<size_t>(got);
    }
    return absl::OkStatus();
  }

 private:
  const std::string path_;
  const int fd_;
};

// Renames the new file over the old one. The directory is synced, too: without it a power loss could undo the rename.
absl::Status Publish(const std::string& path) {
  TTHC_CRASH_POINT("facts.before_rename");
  if (std::rename(PathOfNew(path).c_str(), path.c_str()) != 0) return FileError("renaming to", path);
  TTHC_CRASH_POINT("facts.after_rename");
  const std::string directory = std::filesystem::path(path).parent_path();
  File opened(directory.empty() ? "." : directory, O_RDONLY | O_DIRECTORY);
  return opened.is_open() ? opened.Sync() : FileError("opening", directory);
}

// A cache must not take the space that the next commits need.
absl::Status CheckSpace(const std::string& path, size_t rows) {
  const std::string directory = std::filesystem::path(path).parent_path();
  struct statvfs space = {};
  if (statvfs(directory.empty() ? "." : directory.c_str(), &space) != 0)
    return FileError("reading the free space of", directory);
  const uint64_t needed = rows * limits::kFactSnapshotBytesPerRow + limits::kFactSnapshotSpareBytes;
  if (uint64_t{space.f_bavail} * space.f_frsize > needed) return absl::OkStatus();
  return absl::UnavailableError("too little space is left on the disk");
}

// --- Writing ---------------------------------------------------------------------------------------------------------

absl::Status WriteChunks(const FactIndex& index, size_t rows, size_t chunk_rows, storage::v1::FactSnapshot* snapshot,
                         File* file) {
  std::string bytes;
  bytes.reserve(chunk_rows * limits::kFactSnapshotBytesPerRow);
  auto offset = static_cast<int64_t>(kMagic.size());
  int64_t synced = 0;
  for (size_t first = 0; first < rows; first += chunk_rows) {
    const size_t count = std::min(chunk_rows, rows - first);
    FactChunk* chunk = snapshot->add_chunks();
    // The lock is taken for each chunk anew. Held over all rows, it would keep the commit thread waiting for the whole
    // copy.
    index.Read([&](const FactIndex::View& view) { EncodeRows(view, first, count, chunk, &bytes); });
    chunk->set_offset(offset);
    TTHC_CRASH_POINT("facts.writing");
    TTHC_RETURN_IF_ERROR(file->Append(bytes));
    offset += chunk->size();
    // In small steps: one sync of the whole file at the end would delay the syncs of commits for seconds.
    if (offset - synced < limits::kFactSnapshotSyncBytes) continue;
    TTHC_RETURN_IF_ERROR(file->Sync());
    synced = offset;
  }
  return absl::OkStatus();
}

// Commits go on while the rows are copied, so the snapshot covers an interval: from_revision is taken before the first
// row and to_revision after the last.
absl::Status WriteAll(const std::string& path, const storage::Store& store, const FactIndex& index, size_t chunk_rows,
                      storage::v1::FactSnapshot* snapshot) {
  size_t rows = 0;
  index.Read([&](const FactIndex::View& view) {
    snapshot->set_from_revision(view.revision);
    rows = view.columns.size();
  });
  TTHC_RETURN_IF_ERROR(CheckSpace(path, rows));
  File file(PathOfNew(path), O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.is_open()) return FileError("creating", PathOfNew(path));
  snapshot->set_store_id(store.store_id());
  snapshot->set_fact_version(domain::kFactVersion);
  snapshot->set_layout(LayoutHash());
  TTHC_RETURN_IF_ERROR(file.Append(kMagic));
  TTHC_RETURN_IF_ERROR(WriteChunks(index, rows, chunk_rows, snapshot, &file));
  // After the rows: codes are only added, so these include all that any copied row has.
  index.Read([&](const FactIndex::View& view) {
    snapshot->set_to_revision(view.revision);
    for (const NameCodes& codes : view.columns.codes) {
      const std::vector<uint32_t>& numbers = codes.name_numbers();
      snapshot->add_codes()->mutable_name_numbers()->Add(numbers.begin(), numbers.end());
    }
  });
  TTHC_ASSIGN_OR_RETURN(const uint64_t log_hash, LogHash(store.Read(), snapshot->to_revision()));
  snapshot->set_to_log_hash(log_hash);
  // At the end of the file, because sizes and hashes of the chunks are known only after they have been written.
  const std::string footer = snapshot->SerializeAsString();
  Trailer trailer = {.hash = Hash64(footer, kHashSeed), .size = footer.size()};
  std::memcpy(trailer.magic, kMagic.data(), kMagic.size());
  TTHC_RETURN_IF_ERROR(file.Append(footer));
  TTHC_RETURN_IF_ERROR(file.Append({reinterpret_cast<const char*>(&trailer), sizeof trailer}));
  return file.Sync();
}

// --- Reading ---------------------------------------------------------------------------------------------------------

// Returns where the message begins.
absl::StatusOr<int64_t> ReadFooter(const File& file, storage::v1::FactSnapshot* snapshot) {
  TTHC_ASSIGN_OR_RETURN(const int64_t size, file.Size());
  const auto footer_end = size - static_cast<int64_t>(sizeof(Trailer));
  // Every number that the file holds is checked before it is used: the file may be cut, damaged or anything else.
  if (footer_end < static_cast<int64_t>(kMagic.size())) return absl::DataLossError("it is too short");
  std::string bytes;
  TTHC_RETURN_IF_ERROR(file.Read(0, kMagic.size(), &bytes));
  if (bytes != kMagic) return absl::DataLossError("it does not begin with the magic of this version");
  Trailer trailer;
  TTHC_RETURN_IF_ERROR(file.Read(footer_end, sizeof trailer, &bytes));
  std::memcpy(&trailer, bytes.data(), sizeof trailer);
  const bool fits = trailer.size <= static_cast<uint64_t>(footer_end) - kMagic.size();
  if (absl::string_view(trailer.magic, sizeof trailer.magic) != kMagic || !fits) {
    return absl::DataLossError("it has no end");
  }
  TTHC_RETURN_IF_ERROR(file.Read(footer_end - static_cast<int64_t>(trailer.size), trailer.size, &bytes));
  if (Hash64(bytes, kHashSeed) != trailer.hash || !snapshot->ParseFromString(bytes)) {
    return absl::DataLossError("its end is damaged");
  }
  return footer_end - static_cast<int64_t>(trailer.size);
}

// It must be of this store, of this history, by these rules and for this build.
absl::Status CheckOrigin(const storage::v1::FactSnapshot& snapshot, const storage::Store& store) {
  if (snapshot.store_id() != store.store_id()) return absl::FailedPreconditionError("it is of another store");
  if (snapshot.fact_version() != domain::kFactVersion) {
    return absl::FailedPreconditionError("other rules made its facts");
  }
  if (snapshot.layout() != LayoutHash() || snapshot.codes_size() != FactColumns::kNameCount) {
    return absl::FailedPreconditionError("another build has made it");
  }
  // A store restored from an older backup ends before the snapshot does.
  const storage::StoreReader reader = store.Read();
  if (snapshot.to_revision() > reader.revision()) return absl::FailedPreconditionError("it is newer than the data");
  TTHC_ASSIGN_OR_RETURN(const uint64_t log_hash, LogHash(reader, snapshot.to_revision()));
  if (log_hash != snapshot.to_log_hash()) return absl::FailedPreconditionError("it is of another history");
  return absl::OkStatus();
}

// Where the rows and moments of one chunk go, so that threads can load chunks independently.
struct ChunkPlace {
  const FactChunk* chunk = nullptr;
  size_t first_row = 0;
  size_t first_moment = 0;
  uint32_t block = 0;
};

class ChunkLoader {
 public:
  ChunkLoader(const File& file, const storage::v1::FactSnapshot& snapshot) : file_(file), snapshot_(snapshot) {}

  absl::StatusOr<FactSnapshot> Load(int threads, int64_t chunks_end) {
    TTHC_RETURN_IF_ERROR(MakePlaces(chunks_end));
    facts_.columns.Resize(rows_);
    GrowTo(rows_, places_of_texts_);
    GrowTo(rows_, uids_);
    blocks_.resize(places_.size());
    GrowTo(moment_count_, moments_);
    // Before the rows: their codes refer to these.
    for (size_t i = 0; i < FactColumns::kNameCount; ++i) {
      const auto& numbers = snapshot_.codes(static_cast<int>(i)).name_numbers();
      facts_.columns.codes[i].Restore({numbers.begin(), numbers.end()});
    }
    const size_t workers = std::min<size_t>(static_cast<size_t>(std::max(threads, 1)), places_.size());
    // One status for each worker, so that they share nothing but the counter of chunks.
    std::vector<absl::Status> statuses(workers);
    std::vector<std::thread> running;
    for (absl::Status& status : statuses) running.emplace_back([this, &status] { status = Work(); });
    for (std::thread& worker : running) worker.join();
    for (const absl::Status& status : statuses) TTHC_RETURN_IF_ERROR(status);
    facts_.columns.moments.Restore(std::move(moments_));
    facts_.texts.Restore(std::move(places_of_texts_), std::move(uids_), std::move(blocks_));
    facts_.revision = snapshot_.from_revision();
    return std::move(facts_);
  }

 private:
  absl::Status MakePlaces(int64_t chunks_end) {
    auto offset = static_cast<int64_t>(kMagic.size());
    for (const FactChunk& chunk : snapshot_.chunks()) {
      const auto fixed = chunk.row_count() * static_cast<int64_t>(FixedBytesPerRow());
      const auto moments = chunk.moment_count() * static_cast<int64_t>(sizeof(FactMoment));
      // With the sizes right, and the hash checked later, RowReader can't read beyond the chunk.
      const bool adds_up = chunk.offset() == offset && chunk.size() == fixed + moments + chunk.text_bytes();
      if (!adds_up) return absl::DataLossError("its parts don't add up");
      offset += chunk.size();
      places_.push_back({.chunk = &chunk,
                         .first_row = rows_,
                         .first_moment = moment_count_,
                         .block = static_cast<uint32_t>(places_.size())});
      rows_ += static_cast<size_t>(chunk.row_count());
      moment_count_ += static_cast<size_t>(chunk.moment_count());
    }
    return offset == chunks_end ? absl::OkStatus() : absl::DataLossError("its parts don't add up");
  }

  absl::Status Work() {
    std::string bytes;
    // Each thread takes the next chunk that nobody has taken.
    for (size_t next = next_++; next < places_.size(); next = next_++) {
      const ChunkPlace& place = places_[next];
      TTHC_RETURN_IF_ERROR(file_.Read(place.chunk->offset(), static_cast<size_t>(place.chunk->size()), &bytes));
      if (Hash64(bytes, kHashSeed) != place.chunk->hash()) return absl::DataLossError("a part of it is damaged");
      TTHC_RETURN_IF_ERROR(PutRows(place, bytes));
    }
    return absl::OkStatus();
  }

  absl::Status PutRows(const ChunkPlace& place, absl::string_view bytes) {
    RowReader reader(bytes);
    FactColumns& columns = facts_.columns;
    const auto rows = static_cast<size_t>(place.chunk->row_count());
    reader.Take(uids_.data() + place.first_row, rows);
    for (auto& names : columns.names) reader.Take(names.data() + place.first_row, rows);
    reader.Take(columns.traits.data() + place.first_row, rows);
    for (auto* times : TimesOf(columns)) reader.Take(times->data() + place.first_row, rows);
    for (auto* minutes : MinutesOf(columns)) PutMinutes(place.first_row, reader.Take<int32_t>(rows), minutes);
    TTHC_RETURN_IF_ERROR(PutMoments(place, reader.Take<uint16_t>(rows)));
    size_t offset = 0;
    for (size_t i = 0; i < rows; ++i) {
      FactTexts::Place& text = places_of_texts_[place.first_row + i];
      uint16_t sizes[3];
      reader.Take(sizes, 3);
      text = {.block = place.block,
              .offset = static_cast<uint32_t>(offset),
              .codes_size = sizes[0],
              .name_size = sizes[1],
              .digits_size = sizes[2]};
      offset += text.size();
    }
    if (offset != static_cast<size_t>(place.chunk->text_bytes())) return absl::DataLossError("its texts don't add up");
    reader.Take(moments_.data() + place.first_moment, static_cast<size_t>(place.chunk->moment_count()));
    blocks_[place.block] = std::string(reader.rest());
    return absl::OkStatus();
  }

  void PutMinutes(size_t first_row, const std::vector<int32_t>& values, MinutesColumn* column) {
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i] >= 0 && values[i] < MinutesColumn::kElsewhere) {
        column->Set(first_row + i, values[i]);
      } else {
        // Long and unknown durations are kept in one map for all rows.
        MutexLock lock(long_minutes_);
        column->Set(first_row + i, values[i]);
      }
    }
  }

  absl::Status PutMoments(const ChunkPlace& place, const std::vector<uint16_t>& counts) {
    size_t at = place.first_moment;
    for (size_t i = 0; i < counts.size(); ++i) {
      // Refs begin with 1: 0 stands for a row without moments.
      facts_.columns.moment_refs[place.first_row + i] = counts[i] == 0 ? 0 : static_cast<MomentTable::Ref>(at + 1);
      at += counts[i];
    }
    const bool adds_up = at == place.first_moment + static_cast<size_t>(place.chunk->moment_count());
    return adds_up ? absl::OkStatus() : absl::DataLossError("its moments don't add up");
  }

  const File& file_;
  const storage::v1::FactSnapshot& snapshot_;
  std::vector<ChunkPlace> places_;
  size_t rows_ = 0;
  size_t moment_count_ = 0;
  std::atomic<size_t> next_ = 0;
  // Threads write to different rows of these, so they need no lock.
  FactSnapshot facts_;
  std::vector<FactTexts::Place> places_of_texts_;
  std::vector<FactTexts::Uid> uids_;
  std::vector<std::string> blocks_;
  std::vector<FactMoment> moments_;
  Mutex long_minutes_;
};

}  // namespace

absl::StatusOr<int64_t> SaveFactSnapshot(const std::string& path, const storage::Store& store, const FactIndex& index,
                                         size_t chunk_rows) {
  storage::v1::FactSnapshot snapshot;
  // Under another name until it is complete: a crash leaves the old file as it was.
  absl::Status status = WriteAll(path, store, index, chunk_rows, &snapshot);
  if (status.ok()) status = Publish(path);
  if (!status.ok()) {
    // Half a file is of no use, and the space that it takes may be the reason for the failure.
    unlink(PathOfNew(path).c_str());
    return status;
  }
  return snapshot.from_revision();
}

absl::StatusOr<FactSnapshot> LoadFactSnapshot(const std::string& path, const storage::Store& store, int threads) {
  const File file(path, O_RDONLY);
  if (!file.is_open()) return errno == ENOENT ? absl::NotFoundError(path) : FileError("opening", path);
  storage::v1::FactSnapshot snapshot;
  TTHC_ASSIGN_OR_RETURN(const int64_t footer_begin, ReadFooter(file, &snapshot));
  TTHC_RETURN_IF_ERROR(CheckOrigin(snapshot, store));
  return ChunkLoader(file, snapshot).Load(threads, footer_begin);
}

void RemoveFactSnapshot(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove(PathOfNew(path), ignored);
  std::filesystem::remove(path, ignored);
}

// --- Keeping ---------------------------------------------------------------------------------------------------------

FactSnapshotKeeper::FactSnapshotKeeper(Options options)
    : options_(std::move(options)), saved_revision_(options_.saved_revision), thread_([this] { Work(); }) {}

FactSnapshotKeeper::~FactSnapshotKeeper() { Stop(); }

void FactSnapshotKeeper::Stop() {
  {
    MutexLock lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  // The thread may be writing a snapshot: this waits for it.
  wake_.NotifyAll();
  thread_.join();
  // After the join, so that only one thread at a time writes the file. What has not changed is not saved again.
  if (options_.index->revision() != saved_revision_) Save();
}

void FactSnapshotKeeper::Work() {
  while (WaitForInterval()) {
    // Without the lock, so that Stop need not wait to set its flag.
    if (IsWorthwhile()) Save();
  }
}

bool FactSnapshotKeeper::WaitForInterval() {
  const std::chrono::steady_clock::time_point end =
      std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(options_.interval);
  MutexLock lock(mutex_);
  while (!stopping_) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left.count() <= 0) return true;
    wake_.WaitFor(mutex_, absl::FromChrono(left));
  }
  return false;
}

bool FactSnapshotKeeper::IsWorthwhile() const {
  int64_t passed = 0;
  int64_t rows = 0;
  options_.index->Read([&](const FactIndex::View& view) {
    passed = view.revision - saved_revision_;
    rows = static_cast<int64_t>(view.columns.size());
  });
  return passed > std::max(options_.revisions_min, rows / limits::kFactSnapshotRowsShare);
}

void FactSnapshotKeeper::Save() {
  const absl::StatusOr<int64_t> saved = SaveFactSnapshot(options_.path, *options_.store, *options_.index);
  if (!saved.ok()) {
    Log(LogLevel::kWarning, "fact_snapshot_not_saved", {{"reason", std::string(saved.status().message())}});
    return;
  }
  saved_revision_ = *saved;
  Log(LogLevel::kInfo, "fact_snapshot_saved", {{"revision", absl::StrCat(*saved)}});
}

}  // namespace tthc::server
