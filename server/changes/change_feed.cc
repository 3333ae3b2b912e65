#include "server/changes/change_feed.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/call/errors.h"
#include "server/call/page_token.h"
#include "server/domain/presentation.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

using storage::v1::LogRecord;

// Both bounds are in the metadata, so that a client can decide whether to read the lists anew.
absl::Status OutOfRange(absl::string_view reason, int64_t asked, const storage::v1::HeadRecord& head,
                        absl::string_view why) {
  return MakeError({.code = absl::StatusCode::kOutOfRange,
                    .reason = reason,
                    .message = absl::StrCat("start_revision: ", asked, " ", why, "; retained are ",
                                            head.oldest_revision(), " to ", head.revision()),
                    .message_vi = absl::StrCat("start_revision: ", asked, " nằm ngoài phần còn giữ (từ ",
                                               head.oldest_revision(), " đến ", head.revision(), ")"),
                    .metadata = {{"oldest_revision", absl::StrCat(head.oldest_revision())},
                                 {"head_revision", absl::StrCat(head.revision())}},
                    .field = "start_revision"});
}

// 0 means the same in both methods.
int64_t FirstRevision(int64_t start_revision, const storage::v1::HeadRecord& head) {
  return start_revision == 0 ? head.oldest_revision() : start_revision;
}

// The name of a dossier: from the columns. A commit is on disk a moment before the columns know it; a page that is read
// then finds the name in the record.
absl::StatusOr<std::string> NameOf(const FactIndex& index, const storage::StoreReader& reader, int64_t number) {
  const std::optional<std::string> uid = index.UidOf(number);
  if (uid.has_value()) return domain::DossierNameOfUid(*uid);
  TTHC_ASSIGN_OR_RETURN(const auto record, reader.GetDossier(number));
  if (!record.has_value()) return absl::DataLossError(absl::StrCat("dossier ", number, " is in the log only"));
  return domain::DossierName(record->dossier());
}

// Moves the content of the record into the change.
absl::Status FillChange(int64_t revision, const std::string& dossier, LogRecord& record, v1::Change& change) {
  change.set_revision(revision);
  change.set_command_end_revision(revision + record.command_tail());
  *change.mutable_record_time() = ToProto(absl::FromUnixMicros(record.record_time_us()));
  switch (record.change_case()) {
    case LogRecord::kEvent: {
      change.set_dossier(dossier);
      v1::Event& event = *change.mutable_event();
      event = std::move(*record.mutable_event());
      event.set_revision(revision);
      event.set_name(domain::EventResourceName(dossier, revision));
      *event.mutable_record_time() = change.record_time();
      return absl::OkStatus();
    }
    case LogRecord::kProcedure:
      *change.mutable_procedure() = std::move(*record.mutable_procedure());
      return absl::OkStatus();
    case LogRecord::kField:
      *change.mutable_field() = std::move(*record.mutable_field());
      return absl::OkStatus();
    case LogRecord::kOffice:
      *change.mutable_office() = std::move(*record.mutable_office());
      return absl::OkStatus();
    case LogRecord::kUnit:
      *change.mutable_unit() = std::move(*record.mutable_unit());
      return absl::OkStatus();
    case LogRecord::kOfficer:
      *change.mutable_officer() = std::move(*record.mutable_officer());
      return absl::OkStatus();
    case LogRecord::kCalendar:
      *change.mutable_calendar() = std::move(*record.mutable_calendar());
      return absl::OkStatus();
    case LogRecord::kScheme:
      *change.mutable_scheme() = std::move(*record.mutable_scheme());
      return absl::OkStatus();
    case LogRecord::kClosing:
      *change.mutable_closing() = std::move(*record.mutable_closing());
      return absl::OkStatus();
    case LogRecord::kMirrorDecision:
      *change.mutable_mirror_decision() = std::move(*record.mutable_mirror_decision());
      return absl::OkStatus();
    case LogRecord::CHANGE_NOT_SET:
      break;
  }
  return absl::DataLossError(absl::StrCat("revision ", revision, " is of an unknown kind"));
}

}  // namespace

// One stream. At most one reply is pending and at most one read is under way; whichever of Answer and End takes the
// pending reply calls it.
class ChangeFeed::Watcher : public std::enable_shared_from_this<ChangeFeed::Watcher> {
 public:
  using Message = std::optional<v1::WatchChangesResponse>;

  Watcher(ChangeFeed* feed, int64_t next, int64_t only_dossier)
      : feed_(*feed), only_dossier_(only_dossier), next_(next), progress_at_(NextProgress()) {}

  // Keeps the reply until there is something to send.
  void Next(Reply<Message> reply) {
    absl::Status ended;
    {
      MutexLock lock(mutex_);
      ended = ended_;
      if (ended.ok()) pending_ = std::move(reply);
    }
    if (!ended.ok()) return reply(ended);
    Wake(false);
  }

  void End(absl::Status status) {
    Reply<Message> reply;
    {
      MutexLock lock(mutex_);
      if (!ended_.ok()) return;
      ended_ = status;
      // A read under way takes the reply itself and finds the error.
      if (!reading_) reply = std::exchange(pending_, nullptr);
    }
    if (reply != nullptr) reply(status);
  }

  // Starts a read if someone waits for a message and there is one: new revisions or, with `tick`, a progress mark that
  // is due. Does nothing while a read is under way, which looks at the head again when it ends.
  void Wake(bool tick) {
    {
      MutexLock lock(mutex_);
      const bool due = tick && feed_.clock_.Now() >= progress_at_;
      if (pending_ == nullptr || reading_ || (!due && next_ > feed_.store_.head().revision())) return;
      reading_ = true;
    }
    const absl::Status posted = feed_.pool_.Post([self = shared_from_this()] { self->Answer(); });
    if (posted.ok()) return;
    // The pool is full: the next commit or tick tries again, at the latest in a second. But if the stream has ended
    // meanwhile, End has left the reply to this read, so it is answered here.
    Reply<Message> reply;
    absl::Status ended;
    {
      MutexLock lock(mutex_);
      reading_ = false;
      ended = ended_;
      if (!ended.ok()) reply = std::exchange(pending_, nullptr);
    }
    if (reply != nullptr) reply(ended);
  }

 private:
  absl::Time NextProgress() const { return feed_.clock_.Now() + limits::kWatchProgressInterval; }

  // On the read pool. Reads without the lock: only this read moves the position.
  void Answer() {
    v1::WatchChangesResponse response;
    const storage::StoreReader reader = feed_.store_.Read();
    int64_t from = 0;
    {
      MutexLock lock(mutex_);
      from = next_;
    }
    int64_t covered = from - 1;
    absl::Status status =
        feed_.Read(from, limits::kWatchMessageChangesMax, only_dossier_, reader, response.mutable_changes(), &covered);
    Reply<Message> reply;
    {
      MutexLock lock(mutex_);
      reading_ = false;
      if (!ended_.ok()) status = ended_;
      // Revisions of other dossiers only, and no mark due: skip them without a message. If the head has moved since,
      // the empty message that follows brings the next call.
      const bool nothing = status.ok() && response.changes().empty() && feed_.clock_.Now() < progress_at_;
      next_ = std::max(next_, covered + 1);
      if (nothing && next_ > feed_.store_.head().revision()) return;
      progress_at_ = NextProgress();
      reply = std::exchange(pending_, nullptr);
    }
    if (reply == nullptr) return;
    response.set_revision(covered);
    if (!status.ok()) return reply(status);
    reply(Message(std::move(response)));
  }

  ChangeFeed& feed_;
  // Number of the only dossier to send; 0: all changes.
  const int64_t only_dossier_;
  Mutex mutex_;
  // The first revision that was not sent yet.
  int64_t next_ ABSL_GUARDED_BY(mutex_);
  absl::Time progress_at_ ABSL_GUARDED_BY(mutex_);
  Reply<Message> pending_ ABSL_GUARDED_BY(mutex_);
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status ended_ ABSL_GUARDED_BY(mutex_);
};

ChangeFeed::ChangeFeed(const storage::Store* store, const FactIndex* index, ReadPool* pool, const Clock* clock)
    : store_(*store), index_(*index), pool_(*pool), clock_(*clock), ticker_([this] { Tick(); }) {}

ChangeFeed::~ChangeFeed() { Stop(); }

absl::Status ChangeFeed::CheckStart(int64_t start, const storage::v1::HeadRecord& head) const {
  if (start < 0) return InvalidField("start_revision", "must not be negative", "không được âm");
  if (start > head.revision() + 1) return OutOfRange("REVISION_IN_FUTURE", start, head, "lies in the future");
  if (start != 0 && start < head.oldest_revision()) {
    return OutOfRange("REVISION_COMPACTED", start, head, "is compacted away");
  }
  return absl::OkStatus();
}

absl::Status ChangeFeed::Read(int64_t from, size_t count_max, int64_t only_dossier, const storage::StoreReader& reader,
                              google::protobuf::RepeatedPtrField<v1::Change>* changes, int64_t* revision) const {
  absl::Status failed;
  size_t seen = 0;
  size_t bytes = 0;
  const auto add = [&](int64_t at, LogRecord& record) -> absl::Status {
    std::string dossier;
    if (record.has_event()) {
      // The log holds only the number of the dossier.
      TTHC_ASSIGN_OR_RETURN(dossier, NameOf(index_, reader, record.dossier_number()));
    }
    v1::Change& change = *changes->Add();
    TTHC_RETURN_IF_ERROR(FillChange(at, dossier, record, change));
    bytes += change.ByteSizeLong();
    return absl::OkStatus();
  };
  // The end of the last whole command that fits. A message ends only there. One command alone may exceed the bound of a
  // message and still fits into an answer, see limits::kCommandBytesMax.
  int whole_changes = 0;
  int64_t whole_revision = 0;
  TTHC_RETURN_IF_ERROR(reader.ScanLog(from, [&](int64_t at, LogRecord& record) {
    if (only_dossier == 0 || record.dossier_number() == only_dossier) {
      failed = add(at, record);
      if (!failed.ok()) return false;
    }
    *revision = at;
    ++seen;
    if (bytes > limits::kWatchMessageBytesMax && whole_revision != 0) {
      changes->DeleteSubrange(whole_changes, changes->size() - whole_changes);
      *revision = whole_revision;
      return false;
    }
    if (record.command_tail() != 0) return true;
    whole_changes = changes->size();
    whole_revision = at;
    return seen < count_max && bytes < limits::kWatchMessageBytesMax;
  }));
  return failed;
}

absl::StatusOr<v1::ListChangesResponse> ChangeFeed::List(const v1::ListChangesRequest& request) const {
  TTHC_ASSIGN_OR_RETURN(const size_t page_size, PageSize(request.page_size()));
  const storage::StoreReader reader = store_.Read();
  TTHC_ASSIGN_OR_RETURN(const storage::v1::HeadRecord head, reader.Head());
  TTHC_RETURN_IF_ERROR(CheckStart(request.start_revision(), head));
  const int64_t from = FirstRevision(request.start_revision(), head);
  v1::ListChangesResponse response;
  int64_t revision = from - 1;
  TTHC_RETURN_IF_ERROR(Read(from, page_size, 0, reader, response.mutable_changes(), &revision));
  response.set_revision(revision);
  response.set_head_revision(head.revision());
  response.set_oldest_revision(head.oldest_revision());
  return response;
}

absl::StatusOr<std::unique_ptr<ServerStream<v1::WatchChangesResponse>>> ChangeFeed::Watch(
    const v1::WatchChangesRequest& request) {
  // From memory: opening a stream must not wait for the disk.
  const storage::v1::HeadRecord head = store_.head();
  TTHC_RETURN_IF_ERROR(CheckStart(request.start_revision(), head));
  if (request.from_now() && request.start_revision() != 0) {
    return InvalidField("start_revision", "must be 0 with from_now", "phải để trống khi chỉ theo dõi từ bây giờ");
  }
  int64_t only_dossier = 0;
  if (!request.dossier().empty()) {
    TTHC_ASSIGN_OR_RETURN(const auto number,
                          store_.Read().FindCode(std::string(absl::StripPrefix(request.dossier(), "dossiers/"))));
    if (!number.has_value()) return DossierNotFound("dossier", request.dossier());
    only_dossier = *number;
  }
  const int64_t next = request.from_now() ? head.revision() + 1 : FirstRevision(request.start_revision(), head);
  auto watcher = std::make_shared<Watcher>(this, next, only_dossier);
  {
    MutexLock lock(mutex_);
    if (stopping_) return ShuttingDown();
    if (watchers_.size() >= limits::kWatchersMax) {
      return MakeError({.code = absl::StatusCode::kResourceExhausted,
                        .reason = "TOO_MANY_WATCHERS",
                        .message = absl::StrCat("at most ", limits::kWatchersMax, " streams watch at once"),
                        .message_vi = absl::StrCat("Chỉ cho phép ", limits::kWatchersMax, " luồng theo dõi cùng lúc"),
                        .retry_delay = limits::kReadOnlyRetryDelay});
    }
    watchers_.push_back(watcher);
  }
  class Stream final : public ServerStream<v1::WatchChangesResponse> {
   public:
    Stream(ChangeFeed* feed, std::shared_ptr<Watcher> watcher) : feed_(*feed), watcher_(std::move(watcher)) {}
    // The adapter destroys the stream when the call ends, also if the client just went away.
    ~Stream() override {
      Cancel();
      feed_.Remove(watcher_.get());
    }
    void Next(Reply<std::optional<v1::WatchChangesResponse>> reply) override { watcher_->Next(std::move(reply)); }
    void Cancel() override { watcher_->End(absl::CancelledError("the watch was canceled")); }

   private:
    ChangeFeed& feed_;
    const std::shared_ptr<Watcher> watcher_;
  };
  return std::make_unique<Stream>(this, std::move(watcher));
}

void ChangeFeed::Remove(Watcher* watcher) {
  MutexLock lock(mutex_);
  watchers_.remove_if([&](const auto& held) { return held.get() == watcher; });
}

void ChangeFeed::OnCommitted() {
  std::vector<std::shared_ptr<Watcher>> watchers;
  {
    MutexLock lock(mutex_);
    watchers.assign(watchers_.begin(), watchers_.end());
  }
  // Without the feed's lock: a wake may call a reply, which may open or close a stream.
  for (const auto& watcher : watchers) watcher->Wake(false);
}

// Wakes the watchers every second: for progress marks, and for reads that the full pool had refused.
void ChangeFeed::Tick() {
  while (true) {
    std::vector<std::shared_ptr<Watcher>> watchers;
    {
      MutexLock lock(mutex_);
      // A wait that ends early only makes a tick early.
      if (!stopping_) wake_ticker_.WaitFor(mutex_, absl::Seconds(1));
      if (stopping_) return;
      watchers.assign(watchers_.begin(), watchers_.end());
    }
    for (const auto& watcher : watchers) watcher->Wake(true);
  }
}

void ChangeFeed::Stop() {
  std::vector<std::shared_ptr<Watcher>> watchers;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    watchers.assign(watchers_.begin(), watchers_.end());
  }
  wake_ticker_.NotifyAll();
  if (ticker_.joinable()) ticker_.join();
  for (const auto& watcher : watchers) watcher->End(ShuttingDown());
}

}  // namespace tthc::server
