#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/support/byte_buffer.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message_lite.h"
#include "tests/bench/life.h"
#include "tests/bench/shape.h"

// A load tool of one thread over asynchronous gRPC: blocking stubs would be the bottleneck themselves.
namespace tthc::bench {

struct LoadResult {
  int64_t count = 0;
  double per_second = 0;
  absl::Duration p50;
  absl::Duration p99;
};
// Rate and percentiles of latencies, which may be in any order.
LoadResult Summarize(std::vector<absl::Duration> latencies, absl::Duration took);

// What is sent. A slot has at most one call under way, and each answer may decide the slot's next.
class Script {
 public:
  virtual ~Script() = default;
  struct Call {
    // "/package.Service/Method"; ignored on a stream.
    const char* method = nullptr;
    grpc::ByteBuffer request;
  };
  virtual Call Next(size_t slot) = 0;
  // An error ends the benchmark, because figures of refused calls mean nothing.
  virtual absl::Status Answered(size_t slot, grpc::ByteBuffer& answer) = 0;
};

// Keeps `slots` calls in flight for `duration`. Errors of calls.
absl::StatusOr<LoadResult> RunClosedLoop(const std::shared_ptr<grpc::Channel>& channel, Script* script, size_t slots,
                                         absl::Duration duration);
// Starts a call every 1/rate seconds, whether or not earlier ones have been answered; latencies count from the moment
// each was due to start.
absl::StatusOr<LoadResult> RunAtRate(const std::shared_ptr<grpc::Channel>& channel, Script* script, double rate,
                                     absl::Duration duration);
// One bidirectional stream with `window` messages in flight, answered in order.
absl::StatusOr<LoadResult> RunStream(const std::shared_ptr<grpc::Channel>& channel, const char* method, Script* script,
                                     size_t window, absl::Duration duration);

grpc::ByteBuffer ToBytes(const google::protobuf::MessageLite& message);
absl::Status FromBytes(grpc::ByteBuffer& bytes, google::protobuf::MessageLite* message);

// A source of lives, each number once.
class LifeNumbers {
 public:
  int64_t Next() { return ++last_; }

 private:
  int64_t last_ = 0;
};

enum class Wire { kUnary, kStream, kEcho };

// Each slot leads one dossier after the other through its life.
std::unique_ptr<Script> MakeTthcScript(Wire wire, uint64_t salt, LifeNumbers* numbers);
std::unique_ptr<Script> MakeBareScript(Wire wire, uint64_t salt, LifeNumbers* numbers, const Shape& shape);
// One message per dossier, its whole life in it.
std::unique_ptr<Script> MakeImportScript(uint64_t salt, LifeNumbers* numbers);
// GetDossier of names in a random order.
std::unique_ptr<Script> MakeLookUpScript(const std::vector<std::string>* names);
// The same request over and over.
std::unique_ptr<Script> MakeRepeatScript(const char* method, const google::protobuf::MessageLite& request);

}  // namespace tthc::bench
