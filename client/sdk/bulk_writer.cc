#include "client/sdk/bulk_writer.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "client/sdk/request_id.h"
#include "storage/base/errors.h"
#include "storage/base/status_macros.h"

namespace tthc::sdk {
namespace {

void EnsureRequestId(v1::StreamAppendRequest& request) {
  if (request.has_create() && request.create().request_id().empty()) {
    request.mutable_create()->set_request_id(NewRequestId());
  } else if (request.has_append() && request.append().request_id().empty()) {
    request.mutable_append()->set_request_id(NewRequestId());
  }
}

// A stream and the thread that reads it. The thread is needed because Write blocks when the server stops reading, and
// the server stops reading when its answers are not read. Answers stay here until the writer takes them; the window
// bounds them.
class Connection {
 public:
  explicit Connection(std::unique_ptr<BulkStream> stream)
      : stream_(std::move(stream)), reader_([this] { ReadAll(); }) {}

  ~Connection() {
    // First: the reader may be blocked in Read, and the join would wait for the server.
    stream_->Cancel();
    reader_.join();
  }

  bool Write(const v1::StreamAppendRequest& request) { return stream_->Write(request); }

  // Takes the answers that are there; with `wait` blocks until there is one or the stream has ended.
  std::deque<v1::StreamAppendResponse> Take(bool wait) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (wait) {
      changed_.wait(lock, [this] { return !answers_.empty() || ended_; });
    }
    return std::exchange(answers_, {});
  }

  // Blocks until the stream has ended.
  absl::Status WaitForEnd() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return ended_; });
    return status_;
  }

 private:
  void ReadAll() {
    v1::StreamAppendResponse response;
    while (stream_->Read(&response)) {
      const std::lock_guard<std::mutex> lock(mutex_);
      answers_.push_back(std::move(response));
      changed_.notify_one();
    }
    // Without the lock: it blocks until the server has ended the stream, and the writer takes answers meanwhile.
    const absl::Status status = stream_->Finish();
    const std::lock_guard<std::mutex> lock(mutex_);
    status_ = status;
    ended_ = true;
    changed_.notify_all();
  }

  const std::unique_ptr<BulkStream> stream_;
  // Guards what follows. A std::mutex because a condition variable waits on it.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<v1::StreamAppendResponse> answers_;
  bool ended_ = false;
  absl::Status status_;
  std::thread reader_;
};

}  // namespace

class BulkWriter::Impl {
 public:
  explicit Impl(Options options)
      : options_(std::move(options)),
        window_(std::clamp(options_.window, size_t{1}, limits::kStreamInFlightMax)),
        backoff_(options_.retry, options_.environment) {}

  absl::Status Append(v1::StreamAppendRequest request) {
    TTHC_RETURN_IF_ERROR(broken_);
    EnsureRequestId(request);
    request.set_sequence(next_sequence_++);
    pending_.push_back({.request = std::move(request)});
    // Room for the next command is made here and not when it comes, so that acks are delivered as early as possible.
    broken_ = Pump(window_ - 1);
    return broken_;
  }

  absl::Status Flush() {
    TTHC_RETURN_IF_ERROR(broken_);
    broken_ = Pump(0);
    return broken_;
  }

 private:
  struct Pending {
    v1::StreamAppendRequest request;
    bool sent = false;
    std::optional<v1::StreamAppendResponse> answer = std::nullopt;
  };

  static absl::Status ErrorOf(const Pending& pending) { return FromRpcStatus(pending.answer->error()); }

  // Sends what is unsent and delivers acks until at most `unanswered_max` commands are without one.
  absl::Status Pump(size_t unanswered_max) {
    while (true) {
      if (!SendUnsent()) {
        TTHC_RETURN_IF_ERROR(Reconnect());
        continue;
      }
      const bool wait = pending_.size() > unanswered_max;
      const std::deque<v1::StreamAppendResponse> answers = connection_->Take(wait);
      if (answers.empty() && wait) {
        TTHC_RETURN_IF_ERROR(Reconnect());
        continue;
      }
      Record(answers);
      TTHC_RETURN_IF_ERROR(Settle());
      if (pending_.size() <= unanswered_max && first_unsent_ == pending_.size()) return absl::OkStatus();
    }
  }

  bool SendUnsent() {
    if (connection_ == nullptr) connection_ = std::make_unique<Connection>(options_.open());
    for (size_t i = first_unsent_; i < pending_.size(); ++i) {
      Pending& pending = pending_[i];
      // After a repetition, commands that succeeded stand between those that are sent again.
      if (pending.sent || pending.answer.has_value()) continue;
      if (!connection_->Write(pending.request)) return false;
      pending.sent = true;
    }
    first_unsent_ = pending_.size();
    return true;
  }

  void Record(const std::deque<v1::StreamAppendResponse>& answers) {
    for (const v1::StreamAppendResponse& answer : answers) {
      if (pending_.empty()) return;
      const int64_t index = answer.sequence() - pending_.front().request.sequence();
      // An answer to a command that has its ack already.
      if (index < 0 || index >= static_cast<int64_t>(pending_.size())) continue;
      pending_[static_cast<size_t>(index)].answer = answer;
    }
  }

  // Delivers acks from the front on. Stops at a transient refusal: that command and all behind it are sent again.
  absl::Status Settle() {
    while (!pending_.empty() && pending_.front().answer.has_value()) {
      const absl::Status error = ErrorOf(pending_.front());
      if (IsTransient(error)) return SendAgain(error);
      backoff_.Reset();
      options_.on_ack(pending_.front().request, *pending_.front().answer);
      pending_.pop_front();
      if (first_unsent_ > 0) --first_unsent_;
    }
    return absl::OkStatus();
  }

  // Waits for the answers of what was sent, so that a command that succeeded meanwhile is not sent twice and none is
  // still under way when the repetition overtakes it.
  absl::Status SendAgain(const absl::Status& error) {
    while (std::any_of(pending_.begin(), pending_.end(), [](const Pending& p) { return p.sent && !p.answer; })) {
      const std::deque<v1::StreamAppendResponse> answers = connection_->Take(/*wait=*/true);
      if (answers.empty()) return Reconnect();
      Record(answers);
    }
    TTHC_RETURN_IF_ERROR(WaitAfter(error));
    ForgetRefusals();
    return absl::OkStatus();
  }

  // For a stream that has ended although commands are unanswered. The next SendUnsent opens a new one.
  absl::Status Reconnect() {
    absl::Status status = connection_->WaitForEnd();
    Record(connection_->Take(/*wait=*/false));
    connection_.reset();
    if (status.ok()) status = absl::UnavailableError("the server ended the stream early");
    TTHC_RETURN_IF_ERROR(WaitAfter(status));
    ForgetRefusals();
    return absl::OkStatus();
  }

  absl::Status WaitAfter(const absl::Status& error) {
    const std::optional<absl::Duration> delay = backoff_.Next(error);
    if (!delay.has_value()) return error;
    options_.environment.sleep(*delay);
    return absl::OkStatus();
  }

  // A command may have been refused only because one before it did not take effect, so refusals behind the one that is
  // repeated are dropped; successes are kept.
  void ForgetRefusals() {
    for (Pending& pending : pending_) {
      if (pending.answer.has_value() && ErrorOf(pending).ok()) continue;
      pending.answer.reset();
      pending.sent = false;
    }
    first_unsent_ = 0;
  }

  const Options options_;
  const size_t window_;
  Backoff backoff_;
  std::unique_ptr<Connection> connection_;
  // In the order of Append; sequences without gaps.
  std::deque<Pending> pending_;
  // Everything before it is sent.
  size_t first_unsent_ = 0;
  int64_t next_sequence_ = 1;
  absl::Status broken_;
};

BulkWriter::BulkWriter(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
BulkWriter::~BulkWriter() = default;

absl::Status BulkWriter::Append(v1::StreamAppendRequest request) { return impl_->Append(std::move(request)); }
absl::Status BulkWriter::Flush() { return impl_->Flush(); }

}  // namespace tthc::sdk
