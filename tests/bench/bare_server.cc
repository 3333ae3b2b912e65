// tthc_bench_bare SEED_DIRECTORY DATA_DIRECTORY: serves Bare on a free port of this machine until SIGTERM.
#include <grpcpp/grpcpp.h>
#include <rocksdb/db.h>
#include <signal.h>

#include <atomic>
#include <cstdio>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/base/check.h"
#include "storage/base/limits.h"
#include "storage/base/mutex.h"
#include "tests/bench/bench.grpc.pb.h"
#include "tests/bench/shape.h"

namespace tthc::bench {
namespace {

// One thread that writes all commands that have come in, in one synced batch, and then answers them.
class Writer {
 public:
  struct Command {
    size_t step = 0;
    int64_t dossier = 0;
    std::string request_id;
    std::function<void(int64_t revision)> done;
  };

  Writer(rocksdb::DB* db, const Shape& shape) : db_(*db), shape_(shape), thread_([this] { Work(); }) {}
  ~Writer() {
    {
      MutexLock lock(mutex_);
      stopping_ = true;
    }
    wake_.NotifyAll();
    thread_.join();
  }

  void Submit(Command command) {
    {
      MutexLock lock(mutex_);
      queue_.push_back(std::move(command));
      if (queue_.size() > 1) return;
    }
    wake_.NotifyOne();
  }

 private:
  std::vector<Command> Drain() {
    MutexLock lock(mutex_);
    while (!stopping_ && queue_.empty()) wake_.Wait(mutex_);
    std::vector<Command> commands;
    while (!queue_.empty() && commands.size() < limits::kCommitBatchCommandsMax) {
      commands.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    return commands;
  }

  void Work() {
    rocksdb::WriteOptions durable;
    durable.sync = true;
    for (std::vector<Command> commands = Drain(); !commands.empty(); commands = Drain()) {
      const int64_t before = revision_;
      rocksdb::WriteBatch batch;
      for (const Command& command : commands) {
        AddCommand(shape_[command.step], ++revision_, command.dossier, command.request_id, &batch);
      }
      AddCommit(shape_[0], revision_, &batch);
      TTHC_CHECK(db_.Write(durable, &batch).ok());
      int64_t revision = before;
      for (const Command& command : commands) command.done(++revision);
    }
  }

  rocksdb::DB& db_;
  const Shape& shape_;
  int64_t revision_ = 0;
  Mutex mutex_;
  CondVar wake_;
  std::deque<Command> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// Acknowledges in the order of the requests, which is that of the writer, too.
class StreamReactor final : public grpc::ServerBidiReactor<BareRequest, BareAck> {
 public:
  explicit StreamReactor(Writer* writer) : writer_(*writer) { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      MutexLock lock(mutex_);
      closed_ = true;
      if (in_flight_ == 0) End();
      return;
    }
    {
      MutexLock lock(mutex_);
      ++in_flight_;
    }
    writer_.Submit(
        {.step = static_cast<size_t>(request_.step()),
         .dossier = request_.dossier(),
         .request_id = std::move(*request_.mutable_request_id()),
         .done = [this, dossier = request_.dossier()](int64_t revision) { Acknowledge(dossier, revision); }});
    StartRead(&request_);
  }

  void OnWriteDone(bool) override {
    MutexLock lock(mutex_);
    --in_flight_;
    writing_ = false;
    if (!acks_.empty()) return Write();
    if (closed_ && in_flight_ == 0) End();
  }

  void OnDone() override { delete this; }

 private:
  void Acknowledge(int64_t dossier, int64_t revision) {
    BareAck ack;
    ack.set_sequence(revision);
    ack.set_dossier(absl::StrCat("dossiers/H24.99.1-260821-", dossier));
    ack.set_revision(revision);
    MutexLock lock(mutex_);
    acks_.push_back(std::move(ack));
    if (!writing_) Write();
  }

  void Write() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    writing_ = true;
    ack_ = std::move(acks_.front());
    acks_.pop_front();
    grpc::WriteOptions options;
    if (wrote_ && !acks_.empty()) options.set_buffer_hint();
    wrote_ = true;
    StartWrite(&ack_, options);
  }

  void End() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!std::exchange(ended_, true)) Finish(grpc::Status::OK);
  }

  Writer& writer_;
  BareRequest request_;
  BareAck ack_;
  Mutex mutex_;
  std::deque<BareAck> acks_ ABSL_GUARDED_BY(mutex_);
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool wrote_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

class BareService final : public Bare::CallbackService {
 public:
  BareService(Writer* writer, const Shape& shape) : writer_(*writer), shape_(shape) {}

  grpc::ServerUnaryReactor* Append(grpc::CallbackServerContext* context, const BareRequest* request,
                                   BareAnswer* answer) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const auto step = static_cast<size_t>(request->step());
    writer_.Submit({.step = step,
                    .dossier = request->dossier(),
                    .request_id = request->request_id(),
                    .done = [this, step, answer, reactor](int64_t) {
                      answer->mutable_filling()->resize(shape_[step].answer_bytes);
                      reactor->Finish(grpc::Status::OK);
                    }});
    return reactor;
  }

  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const BareRequest* request,
                                 BareAnswer* answer) override {
    answer->mutable_filling()->resize(shape_[static_cast<size_t>(request->step())].answer_bytes);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerBidiReactor<BareRequest, BareAck>* StreamAppend(grpc::CallbackServerContext*) override {
    return new StreamReactor(&writer_);
  }

 private:
  Writer& writer_;
  const Shape& shape_;
};

int Main(const std::string& seed_directory, const std::string& data_directory) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const absl::StatusOr<Shape> shape = MeasureShape(seed_directory);
  const absl::StatusOr<rocksdb::Options> options = EngineOptions(absl::StrCat(data_directory, "/options"));
  if (!shape.ok() || !options.ok()) {
    std::fprintf(stderr, "%s %s\n", shape.status().ToString().c_str(), options.status().ToString().c_str());
    return 1;
  }
  rocksdb::DB* opened = nullptr;
  rocksdb::Options create = *options;
  create.create_if_missing = true;
  if (const rocksdb::Status status = rocksdb::DB::Open(create, absl::StrCat(data_directory, "/db"), &opened);
      !status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  const std::unique_ptr<rocksdb::DB> db(opened);
  Writer writer(db.get(), *shape);
  BareService service(&writer, *shape);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::printf("ready on 127.0.0.1:%d\n", port);
  std::fflush(stdout);
  int received = 0;
  sigwait(&signals, &received);
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

}  // namespace
}  // namespace tthc::bench

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  return tthc::bench::Main(argv[1], argv[2]);
}
