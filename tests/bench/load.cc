#include "tests/bench/load.h"

#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/base/check.h"
#include "storage/base/status_macros.h"
#include "tests/bench/bench.pb.h"

namespace tthc::bench {
namespace {

absl::Status ToStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

// Unary calls, one per slot at a time, all on one completion queue.
class UnaryLoad {
 public:
  UnaryLoad(const std::shared_ptr<grpc::Channel>& channel, Script* script, size_t slots)
      : stub_(channel), script_(*script), slots_(slots) {}

  ~UnaryLoad() {
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  void Start(size_t slot, absl::Time due) {
    Script::Call call = script_.Next(slot);
    slots_[slot].emplace();
    Slot& state = *slots_[slot];
    state.due = due;
    state.reader = stub_.PrepareUnaryCall(&state.context, call.method, call.request, &queue_);
    state.reader->StartCall();
    state.reader->Finish(&state.answer, &state.status, reinterpret_cast<void*>(slot));
    ++in_flight_;
  }

  // The slot of the next answer, or nullopt at the deadline.
  absl::StatusOr<std::optional<size_t>> Wait(absl::Time deadline) {
    void* tag = nullptr;
    bool ok = false;
    const auto next = queue_.AsyncNext(&tag, &ok, absl::ToChronoTime(deadline));
    if (next != grpc::CompletionQueue::GOT_EVENT) return std::nullopt;
    const auto slot = reinterpret_cast<size_t>(tag);
    --in_flight_;
    TTHC_RETURN_IF_ERROR(ToStatus(slots_[slot]->status));
    latencies_.push_back(absl::Now() - slots_[slot]->due);
    TTHC_RETURN_IF_ERROR(script_.Answered(slot, slots_[slot]->answer));
    return slot;
  }

  size_t in_flight() const { return in_flight_; }
  std::vector<absl::Duration>& latencies() { return latencies_; }

 private:
  struct Slot {
    grpc::ClientContext context;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
    grpc::ByteBuffer answer;
    grpc::Status status;
    absl::Time due;
  };

  grpc::GenericStub stub_;
  Script& script_;
  grpc::CompletionQueue queue_;
  std::vector<std::optional<Slot>> slots_;
  std::vector<absl::Duration> latencies_;
  size_t in_flight_ = 0;
};

// A stream whose messages are answered in order.
class StreamLoad {
 public:
  StreamLoad(const std::shared_ptr<grpc::Channel>& channel, const char* method, Script* script)
      : stub_(channel), script_(*script) {
    stream_ = stub_.PrepareCall(&context_, method, &queue_);
    stream_->StartCall(Tag(kStarted));
  }

  absl::StatusOr<LoadResult> Run(size_t window, absl::Duration duration) {
    for (size_t slot = 0; slot < window; ++slot) ready_.push_back(slot);
    const absl::Time started = absl::Now();
    end_ = started + duration;
    absl::Status failed;
    void* tag = nullptr;
    bool ok = false;
    while (!finished_ && queue_.Next(&tag, &ok)) {
      const absl::Status status = On(static_cast<Event>(reinterpret_cast<intptr_t>(tag)), ok);
      if (status.ok()) continue;
      failed = status;
      context_.TryCancel();
      ready_.clear();
      sent_.clear();
      end_ = absl::InfinitePast();
    }
    queue_.Shutdown();
    while (queue_.Next(&tag, &ok)) {
    }
    TTHC_RETURN_IF_ERROR(failed);
    TTHC_RETURN_IF_ERROR(ToStatus(status_));
    return Summarize(std::move(latencies_), absl::Now() - started);
  }

 private:
  enum Event : intptr_t { kStarted, kWritten, kRead, kClosed, kFinished };
  static void* Tag(Event event) { return reinterpret_cast<void*>(event); }

  absl::Status On(Event event, bool ok) {
    switch (event) {
      case kStarted:
        stream_->Read(&answer_, Tag(kRead));
        WriteNext();
        return absl::OkStatus();
      case kWritten:
        writing_ = false;
        if (ok) WriteNext();
        return absl::OkStatus();
      case kRead:
        return OnRead(ok);
      case kClosed:
        return absl::OkStatus();
      case kFinished:
        finished_ = true;
        return absl::OkStatus();
    }
    return absl::OkStatus();
  }

  absl::Status OnRead(bool ok) {
    if (!ok) {
      stream_->Finish(&status_, Tag(kFinished));
      return absl::OkStatus();
    }
    if (sent_.empty()) return absl::OkStatus();
    const auto [slot, sent_at] = sent_.front();
    sent_.pop_front();
    latencies_.push_back(absl::Now() - sent_at);
    const absl::Status status = script_.Answered(slot, answer_);
    ready_.push_back(slot);
    stream_->Read(&answer_, Tag(kRead));
    if (!writing_) WriteNext();
    return status;
  }

  void WriteNext() {
    if (closed_ || writing_) return;
    if (absl::Now() >= end_) {
      // Calls in flight are still answered and counted.
      closed_ = true;
      stream_->WritesDone(Tag(kClosed));
      return;
    }
    if (ready_.empty()) return;
    const size_t slot = ready_.front();
    ready_.pop_front();
    Script::Call call = script_.Next(slot);
    sent_.emplace_back(slot, absl::Now());
    grpc::WriteOptions options;
    if (wrote_ && !ready_.empty()) options.set_buffer_hint();
    wrote_ = writing_ = true;
    stream_->Write(call.request, options, Tag(kWritten));
  }

  grpc::GenericStub stub_;
  Script& script_;
  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  grpc::ByteBuffer answer_;
  grpc::Status status_;
  absl::Time end_;
  std::deque<size_t> ready_;
  std::deque<std::pair<size_t, absl::Time>> sent_;
  std::vector<absl::Duration> latencies_;
  bool writing_ = false;
  bool wrote_ = false;
  bool closed_ = false;
  bool finished_ = false;
};

class TthcScript final : public Script {
 public:
  TthcScript(Wire wire, uint64_t salt, LifeNumbers* numbers) : wire_(wire), salt_(salt), numbers_(*numbers) {}

  Call Next(size_t slot) override {
    if (slot >= slots_.size()) slots_.resize(slot + 1);
    Slot& state = slots_[slot];
    if (state.step == 0) state.number = numbers_.Next();
    const Life life(salt_, state.number);
    if (wire_ == Wire::kUnary) {
      if (state.step == 0) return {"/tthc.v1.DossierService/CreateDossier", ToBytes(life.Create())};
      return {"/tthc.v1.DossierService/AppendEvent", ToBytes(life.Append(state.step, state.dossier))};
    }
    v1::StreamAppendRequest request;
    request.set_sequence(++sequence_);
    if (state.step == 0) {
      *request.mutable_create() = life.Create();
    } else {
      *request.mutable_append() = life.Append(state.step, state.dossier);
    }
    return {nullptr, ToBytes(request)};
  }

  absl::Status Answered(size_t slot, grpc::ByteBuffer& answer) override {
    Slot& state = slots_[slot];
    if (wire_ == Wire::kStream) {
      v1::StreamAppendResponse ack;
      TTHC_RETURN_IF_ERROR(FromBytes(answer, &ack));
      if (ack.has_error()) return absl::UnknownError(ack.error().message());
      state.dossier = std::move(*ack.mutable_dossier());
    } else if (state.step == 0) {
      v1::CreateDossierResponse created;
      TTHC_RETURN_IF_ERROR(FromBytes(answer, &created));
      state.dossier = created.dossier().name();
    }
    state.step = (state.step + 1) % kStepsPerLife;
    return absl::OkStatus();
  }

 private:
  struct Slot {
    int64_t number = 0;
    int step = 0;
    std::string dossier;
  };

  const Wire wire_;
  const uint64_t salt_;
  LifeNumbers& numbers_;
  int64_t sequence_ = 0;
  std::vector<Slot> slots_;
};

class BareScript final : public Script {
 public:
  BareScript(Wire wire, uint64_t salt, LifeNumbers* numbers, const Shape& shape)
      : wire_(wire), salt_(salt), numbers_(*numbers), shape_(shape) {}

  Call Next(size_t slot) override {
    if (slot >= slots_.size()) slots_.resize(slot + 1);
    auto& [number, step] = slots_[slot];
    if (step == 0) number = numbers_.Next();
    BareRequest request;
    request.set_step(step);
    request.set_dossier(number);
    request.set_request_id(Life(salt_, number).RequestId(step));
    const size_t wanted = shape_[static_cast<size_t>(step)].request_bytes;
    const size_t has = request.ByteSizeLong() + 3;
    if (wanted > has) request.mutable_filling()->resize(wanted - has, 'x');
    step = (step + 1) % kStepsPerLife;
    return {wire_ == Wire::kEcho ? "/tthc.bench.Bare/Echo" : "/tthc.bench.Bare/Append", ToBytes(request)};
  }

  absl::Status Answered(size_t, grpc::ByteBuffer&) override { return absl::OkStatus(); }

 private:
  const Wire wire_;
  const uint64_t salt_;
  LifeNumbers& numbers_;
  const Shape& shape_;
  std::vector<std::pair<int64_t, int>> slots_;
};

class ImportScript final : public Script {
 public:
  ImportScript(uint64_t salt, LifeNumbers* numbers) : salt_(salt), numbers_(*numbers) {}

  Call Next(size_t) override {
    v1::StreamAppendRequest request;
    request.set_sequence(++sequence_);
    *request.mutable_create() = Life(salt_, numbers_.Next()).CreateWhole();
    return {nullptr, ToBytes(request)};
  }
  absl::Status Answered(size_t, grpc::ByteBuffer& answer) override {
    v1::StreamAppendResponse ack;
    TTHC_RETURN_IF_ERROR(FromBytes(answer, &ack));
    return ack.has_error() ? absl::UnknownError(ack.error().message()) : absl::OkStatus();
  }

 private:
  const uint64_t salt_;
  LifeNumbers& numbers_;
  int64_t sequence_ = 0;
};

class LookUpScript final : public Script {
 public:
  explicit LookUpScript(const std::vector<std::string>* names) : names_(*names) {}

  Call Next(size_t) override {
    v1::GetDossierRequest request;
    request.set_name(names_[random_() % names_.size()]);
    return {"/tthc.v1.DossierService/GetDossier", ToBytes(request)};
  }
  absl::Status Answered(size_t, grpc::ByteBuffer&) override { return absl::OkStatus(); }

 private:
  const std::vector<std::string>& names_;
  std::mt19937_64 random_{20260821};
};

class RepeatScript final : public Script {
 public:
  RepeatScript(const char* method, const google::protobuf::MessageLite& request)
      : method_(method), request_(ToBytes(request)) {}

  Call Next(size_t) override { return {method_, request_}; }
  absl::Status Answered(size_t, grpc::ByteBuffer&) override { return absl::OkStatus(); }

 private:
  const char* const method_;
  const grpc::ByteBuffer request_;
};

}  // namespace

LoadResult Summarize(std::vector<absl::Duration> latencies, absl::Duration took) {
  if (latencies.empty()) return {};
  LoadResult result{.count = static_cast<int64_t>(latencies.size()),
                    .per_second = static_cast<double>(latencies.size()) / absl::ToDoubleSeconds(took),
                    .p50 = {},
                    .p99 = {}};
  std::sort(latencies.begin(), latencies.end());
  result.p50 = latencies[latencies.size() / 2];
  result.p99 = latencies[latencies.size() * 99 / 100];
  return result;
}

absl::StatusOr<LoadResult> RunClosedLoop(const std::shared_ptr<grpc::Channel>& channel, Script* script, size_t slots,
                                         absl::Duration duration) {
  UnaryLoad load(channel, script, slots);
  const absl::Time started = absl::Now();
  const absl::Time end = started + duration;
  for (size_t slot = 0; slot < slots; ++slot) load.Start(slot, absl::Now());
  while (load.in_flight() > 0) {
    TTHC_ASSIGN_OR_RETURN(const std::optional<size_t> slot, load.Wait(absl::InfiniteFuture()));
    const absl::Time now = absl::Now();
    if (slot.has_value() && now < end) load.Start(*slot, now);
  }
  return Summarize(std::move(load.latencies()), absl::Now() - started);
}

absl::StatusOr<LoadResult> RunAtRate(const std::shared_ptr<grpc::Channel>& channel, Script* script, double rate,
                                     absl::Duration duration) {
  constexpr size_t kSlots = 4096;
  UnaryLoad load(channel, script, kSlots);
  // Last in, first out, so that few dossiers are used, each of which makes progress.
  std::vector<size_t> idle;
  for (size_t slot = kSlots; slot-- > 0;) idle.push_back(slot);
  const absl::Duration interval = absl::Seconds(1) / rate;
  const absl::Time started = absl::Now();
  const absl::Time end = started + duration;
  absl::Time due = started;
  while (due < end || load.in_flight() > 0) {
    while (due < end && absl::Now() >= due) {
      if (idle.empty()) return absl::ResourceExhaustedError("the server does not keep up with the rate");
      load.Start(idle.back(), due);
      idle.pop_back();
      due += interval;
    }
    TTHC_ASSIGN_OR_RETURN(const std::optional<size_t> slot, load.Wait(due < end ? due : absl::InfiniteFuture()));
    if (slot.has_value()) idle.push_back(*slot);
  }
  return Summarize(std::move(load.latencies()), absl::Now() - started);
}

absl::StatusOr<LoadResult> RunStream(const std::shared_ptr<grpc::Channel>& channel, const char* method, Script* script,
                                     size_t window, absl::Duration duration) {
  return StreamLoad(channel, method, script).Run(window, duration);
}

grpc::ByteBuffer ToBytes(const google::protobuf::MessageLite& message) {
  const std::string bytes = message.SerializeAsString();
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

absl::Status FromBytes(grpc::ByteBuffer& bytes, google::protobuf::MessageLite* message) {
  grpc::Slice slice;
  if (!bytes.TrySingleSlice(&slice).ok() && !bytes.DumpToSingleSlice(&slice).ok()) {
    return absl::InternalError("no bytes");
  }
  if (message->ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) return absl::OkStatus();
  return absl::InternalError("the answer can't be parsed");
}

std::unique_ptr<Script> MakeTthcScript(Wire wire, uint64_t salt, LifeNumbers* numbers) {
  return std::make_unique<TthcScript>(wire, salt, numbers);
}
std::unique_ptr<Script> MakeBareScript(Wire wire, uint64_t salt, LifeNumbers* numbers, const Shape& shape) {
  return std::make_unique<BareScript>(wire, salt, numbers, shape);
}
std::unique_ptr<Script> MakeImportScript(uint64_t salt, LifeNumbers* numbers) {
  return std::make_unique<ImportScript>(salt, numbers);
}
std::unique_ptr<Script> MakeLookUpScript(const std::vector<std::string>* names) {
  return std::make_unique<LookUpScript>(names);
}
std::unique_ptr<Script> MakeRepeatScript(const char* method, const google::protobuf::MessageLite& request) {
  return std::make_unique<RepeatScript>(method, request);
}

}  // namespace tthc::bench
