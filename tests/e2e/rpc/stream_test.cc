// The reactors over real gRPC, with handlers that answer when the test says so.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "server/rpc/grpc_host.h"
#include "server/service/service_rows.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "tthc/v1/change_service.grpc.pb.h"
#include "tthc/v1/dossier_service.grpc.pb.h"

namespace tthc::rpc {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(30);

// Waits until a condition holds, woken by every change.
class Monitor {
 public:
  template <typename Change>
  void Do(const Change& change) {
    std::lock_guard<std::mutex> lock(mutex_);
    change();
    changed_.notify_all();
  }
  template <typename Condition>
  bool Wait(const Condition& condition) {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, absl::ToChronoSeconds(kPatience), condition);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

// Messages 1, 2, 3, … up to `count`, then the end, or nothing until canceled.
class CountingStream final : public server::ServerStream<v1::WatchChangesResponse> {
 public:
  struct Options {
    int64_t count = 0;
    bool ends = false;
  };
  struct Counts {
    Monitor monitor;
    int64_t pulled = 0;
    int canceled = 0;
    int destroyed = 0;
  };

  CountingStream(const Options& options, Counts* counts) : options_(options), counts_(counts) {}
  ~CountingStream() override {
    counts_->monitor.Do([this] { ++counts_->destroyed; });
  }

  void Next(server::Reply<std::optional<v1::WatchChangesResponse>> reply) override {
    bool canceled = false;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      canceled = canceled_;
      if (!canceled && next_ >= options_.count && !options_.ends) {
        waiting_ = std::move(reply);
        return;
      }
    }
    if (canceled) return reply(absl::CancelledError("canceled"));
    if (next_ >= options_.count) return reply(std::optional<v1::WatchChangesResponse>());
    v1::WatchChangesResponse message;
    message.set_revision(++next_);
    counts_->monitor.Do([this] { ++counts_->pulled; });
    reply(std::optional<v1::WatchChangesResponse>(std::move(message)));
  }

  void Cancel() override {
    server::Reply<std::optional<v1::WatchChangesResponse>> waiting;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      canceled_ = true;
      waiting = std::exchange(waiting_, nullptr);
    }
    counts_->monitor.Do([this] { ++counts_->canceled; });
    if (waiting) waiting(absl::CancelledError("canceled"));
  }

 private:
  const Options options_;
  Counts* const counts_;
  int64_t next_ = 0;
  std::mutex mutex_;
  bool canceled_ = false;
  server::Reply<std::optional<v1::WatchChangesResponse>> waiting_;
};

class StreamTest : public ::testing::Test {
 protected:
  using PendingAck = std::pair<int64_t, server::Reply<v1::StreamAppendResponse>>;

  StreamTest() {
    AddRows();
    std::vector<std::unique_ptr<RpcService>> services;
    for (const auto* service : table_.Services()) {
      services.push_back(std::make_unique<RpcService>(service, table_, &adapter_));
    }
    host_ = *GrpcHost::Start(*ListenAddress::Parse("127.0.0.1:0"), std::move(services));
    const auto channel = grpc::CreateChannel(host_->address(), grpc::InsecureChannelCredentials());
    dossiers_ = v1::DossierService::NewStub(channel);
    changes_ = v1::ChangeService::NewStub(channel);
    context_.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  }

  // Two streams that the test answers; the other methods of their services refuse.
  void AddRows() {
    server::ServiceRows dossiers(&table_, server::Executors(), "tthc.v1.DossierService");
    dossiers.Call(
        "StreamAppend", server::MethodPolicy::kWrite,
        [this](const server::RequestContext& context, const v1::StreamAppendRequest& request,
               server::Reply<v1::StreamAppendResponse> reply) { Handle(context, request, std::move(reply)); });
    server::ServiceRows changes(&table_, server::Executors(), "tthc.v1.ChangeService");
    changes.Stream("WatchChanges",
                   [this](const v1::WatchChangesRequest& request)
                       -> absl::StatusOr<std::unique_ptr<server::ServerStream<v1::WatchChangesResponse>>> {
                     if (request.start_revision() < 0) return absl::OutOfRangeError("before all history");
                     return std::make_unique<CountingStream>(watch_, &counts_);
                   });
    for (const auto* service : table_.Services()) {
      for (int i = 0; i < service->method_count(); ++i) {
        const std::string name = absl::StrCat(service->full_name(), "/", service->method(i)->name());
        if (table_.Find(name) != nullptr) continue;
        table_.Add({.descriptor = service->method(i),
                    .call = [](const server::RequestContext&, const google::protobuf::Message&,
                               server::MessageReply reply) { reply(absl::UnimplementedError("not in this test")); }});
      }
    }
  }

  void Handle(const server::RequestContext& context, const v1::StreamAppendRequest& request,
              server::Reply<v1::StreamAppendResponse> reply) {
    if (answer_at_once_) {
      v1::StreamAppendResponse ack;
      ack.set_revision(request.sequence() * 10);
      return reply(std::move(ack));
    }
    monitor_.Do([&] {
      actor_ = context.caller.actor;
      pending_.emplace_back(request.sequence(), std::move(reply));
    });
  }

  bool WaitForPending(size_t count) {
    return monitor_.Wait([&] { return pending_.size() >= count; });
  }

  PendingAck TakePending(size_t index) {
    PendingAck taken;
    monitor_.Do([&] {
      taken = std::move(pending_[index]);
      pending_.erase(pending_.begin() + static_cast<ptrdiff_t>(index));
    });
    return taken;
  }

  static v1::StreamAppendRequest Command(int64_t sequence) {
    v1::StreamAppendRequest request;
    request.set_sequence(sequence);
    request.mutable_append()->set_parent("dossiers/1");
    request.mutable_append()->mutable_event()->mutable_noted()->set_text("ghi chú");
    return request;
  }

  static v1::StreamAppendResponse Ack(int64_t revision) {
    v1::StreamAppendResponse ack;
    ack.set_revision(revision);
    return ack;
  }

  SystemClock clock_;
  prometheus::Registry registry_;
  server::MethodTable table_;
  Adapter adapter_{&clock_, &registry_};
  CountingStream::Options watch_{.count = 3, .ends = true};
  CountingStream::Counts counts_;
  Monitor monitor_;
  std::deque<PendingAck> pending_;
  std::string actor_;
  bool answer_at_once_ = false;
  std::unique_ptr<GrpcHost> host_;
  std::unique_ptr<v1::DossierService::Stub> dossiers_;
  std::unique_ptr<v1::ChangeService::Stub> changes_;
  grpc::ClientContext context_;
};

TEST_F(StreamTest, AcksComeInTheOrderOfTheCommands) {
  context_.AddMetadata(kActorMetadata, "officers/hcc01");
  const auto stream = dossiers_->StreamAppend(&context_);
  for (int64_t i = 1; i <= 3; ++i) ASSERT_TRUE(stream->Write(Command(i)));
  // All three are under way before the first is answered: the pipeline can batch them.
  ASSERT_TRUE(WaitForPending(3));
  EXPECT_EQ(actor_, "officers/hcc01");
  for (const size_t index : {size_t{2}, size_t{1}, size_t{0}}) {
    PendingAck ack = TakePending(index);
    ack.second(Ack(ack.first * 10));
  }
  stream->WritesDone();
  v1::StreamAppendResponse received;
  for (int64_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(stream->Read(&received));
    EXPECT_EQ(received.sequence(), i);
    EXPECT_EQ(received.revision(), i * 10);
  }
  EXPECT_FALSE(stream->Read(&received));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(StreamTest, ARefusedCommandDoesNotEndTheStream) {
  const auto stream = dossiers_->StreamAppend(&context_);
  v1::StreamAppendRequest incomplete = Command(1);
  incomplete.mutable_append()->clear_parent();
  ASSERT_TRUE(stream->Write(incomplete));
  ASSERT_TRUE(stream->Write(Command(2)));
  ASSERT_TRUE(stream->Write(Command(3)));
  ASSERT_TRUE(WaitForPending(2));
  TakePending(0).second(absl::NotFoundError("no such dossier"));
  TakePending(0).second(Ack(30));
  stream->WritesDone();
  v1::StreamAppendResponse ack;
  ASSERT_TRUE(stream->Read(&ack));
  EXPECT_EQ(ack.sequence(), 1);
  EXPECT_EQ(ErrorField(FromRpcStatus(ack.error())), "parent");
  ASSERT_TRUE(stream->Read(&ack));
  EXPECT_EQ(ack.sequence(), 2);
  EXPECT_EQ(ack.error().code(), static_cast<int>(grpc::StatusCode::NOT_FOUND));
  ASSERT_TRUE(stream->Read(&ack));
  EXPECT_EQ(ack.sequence(), 3);
  EXPECT_FALSE(ack.has_error());
  EXPECT_FALSE(stream->Read(&ack));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(StreamTest, AnOversizedCommandIsRefusedInItsAck) {
  answer_at_once_ = true;
  const auto stream = dossiers_->StreamAppend(&context_);
  v1::StreamAppendRequest oversized = Command(7);
  oversized.mutable_append()->mutable_event()->mutable_noted()->set_text(std::string(limits::kMessageBytesMax, 'a'));
  ASSERT_TRUE(stream->Write(oversized));
  ASSERT_TRUE(stream->Write(Command(8)));
  stream->WritesDone();
  v1::StreamAppendResponse ack;
  ASSERT_TRUE(stream->Read(&ack));
  EXPECT_EQ(ack.sequence(), 7);
  EXPECT_EQ(ErrorReason(FromRpcStatus(ack.error())), "MESSAGE_TOO_LARGE");
  ASSERT_TRUE(stream->Read(&ack));
  EXPECT_EQ(ack.sequence(), 8);
  EXPECT_FALSE(ack.has_error());
  EXPECT_FALSE(stream->Read(&ack));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(StreamTest, ReadsNoFurtherThanTheWindow) {
  constexpr auto kWindow = static_cast<int64_t>(limits::kStreamInFlightMax);
  constexpr int64_t kCommands = kWindow + 500;
  const auto stream = dossiers_->StreamAppend(&context_);
  std::thread writer([&] {
    for (int64_t i = 1; i <= kCommands; ++i) {
      if (!stream->Write(Command(i))) break;
    }
    stream->WritesDone();
  });
  ASSERT_TRUE(WaitForPending(limits::kStreamInFlightMax));
  // One that is answered makes room for one more, never for two; the highest command seen shows it.
  int64_t highest_seen = 0;
  int64_t answered = 0;
  v1::StreamAppendResponse ack;
  for (int64_t i = 1; i <= kCommands; ++i) {
    ASSERT_TRUE(WaitForPending(1));
    monitor_.Do([&] { highest_seen = pending_.back().first; });
    // Commands written to the wire but not yet read back by us: one ack in the writer's hands.
    ASSERT_LE(highest_seen, answered + kWindow + 1);
    PendingAck next = TakePending(0);
    next.second(Ack(next.first));
    ASSERT_TRUE(stream->Read(&ack));
    ASSERT_EQ(ack.sequence(), i);
    ++answered;
  }
  writer.join();
  EXPECT_FALSE(stream->Read(&ack));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(highest_seen, kCommands);
}

TEST_F(StreamTest, AcknowledgesEachOfManyCommands) {
  answer_at_once_ = true;
  constexpr int64_t kCommands = 20'000;
  const auto stream = dossiers_->StreamAppend(&context_);
  std::thread writer([&] {
    for (int64_t i = 1; i <= kCommands; ++i) {
      if (!stream->Write(Command(i))) break;
    }
    stream->WritesDone();
  });
  v1::StreamAppendResponse ack;
  int64_t received = 0;
  while (stream->Read(&ack)) {
    ++received;
    ASSERT_EQ(ack.sequence(), received);
    ASSERT_EQ(ack.revision(), received * 10);
  }
  writer.join();
  EXPECT_EQ(received, kCommands);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(StreamTest, AStreamOutlivesAClientThatIsGoneUntilItsCommandsAreAnswered) {
  const auto stream = dossiers_->StreamAppend(&context_);
  ASSERT_TRUE(stream->Write(Command(1)));
  ASSERT_TRUE(WaitForPending(1));
  context_.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  // The command is answered later; the stream must still exist then.
  TakePending(0).second(Ack(10));
  host_->Shutdown(kPatience);
}

TEST_F(StreamTest, DrainingAnswersWhatWasTakenAndEndsTheStream) {
  const auto stream = dossiers_->StreamAppend(&context_);
  ASSERT_TRUE(stream->Write(Command(1)));
  ASSERT_TRUE(WaitForPending(1));
  adapter_.DrainStreams();
  TakePending(0).second(Ack(10));
  v1::StreamAppendResponse ack;
  ASSERT_TRUE(stream->Read(&ack));
  EXPECT_EQ(ack.revision(), 10);
  // The caller never half-closes.
  EXPECT_FALSE(stream->Read(&ack));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(ErrorReason(FromRpcStatus(details)), "SHUTTING_DOWN");
}

TEST_F(StreamTest, AnActorThatIsNoNameIsRefused) {
  context_.AddMetadata(kActorMetadata, std::string(limits::kResourceNameBytesMax + 1, 'a'));
  const auto stream = dossiers_->StreamAppend(&context_);
  v1::StreamAppendResponse ack;
  EXPECT_FALSE(stream->Read(&ack));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr(kActorMetadata));
}

TEST_F(StreamTest, AWatchDeliversUntilItsEnd) {
  const auto reader = changes_->WatchChanges(&context_, v1::WatchChangesRequest());
  v1::WatchChangesResponse message;
  for (int64_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(reader->Read(&message));
    EXPECT_EQ(message.revision(), i);
  }
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(StreamTest, AWatchThatCannotBeginEndsWithTheReason) {
  v1::WatchChangesRequest request;
  request.set_start_revision(-1);
  const auto reader = changes_->WatchChanges(&context_, request);
  v1::WatchChangesResponse message;
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::OUT_OF_RANGE);
}

TEST_F(StreamTest, ACanceledWatchIsReleased) {
  watch_ = {.count = 1, .ends = false};
  const auto reader = changes_->WatchChanges(&context_, v1::WatchChangesRequest());
  v1::WatchChangesResponse message;
  ASSERT_TRUE(reader->Read(&message));
  context_.TryCancel();
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(counts_.monitor.Wait([&] { return counts_.destroyed == 1; }));
  EXPECT_EQ(counts_.canceled, 1);
}

TEST_F(StreamTest, ASlowWatcherHoldsItsStreamBack) {
  watch_ = {.count = 1'000'000, .ends = true};
  const auto reader = changes_->WatchChanges(&context_, v1::WatchChangesRequest());
  v1::WatchChangesResponse message;
  for (int64_t i = 1; i <= 100; ++i) {
    ASSERT_TRUE(reader->Read(&message));
    ASSERT_EQ(message.revision(), i);
  }
  context_.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  ASSERT_TRUE(counts_.monitor.Wait([&] { return counts_.destroyed == 1; }));
  // No more than the windows of HTTP/2 hold.
  EXPECT_LT(counts_.pulled, 100'000);
}

}  // namespace
}  // namespace tthc::rpc
