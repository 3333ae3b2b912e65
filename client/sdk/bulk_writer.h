#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "client/sdk/retry.h"
#include "storage/base/limits.h"
#include "tthc/v1/dossier_service.pb.h"

namespace tthc::sdk {

// One connection of DossierService.StreamAppend. Write and Read are called from two threads, each from one.
class BulkStream {
 public:
  virtual ~BulkStream() = default;
  // False once the stream is broken.
  virtual bool Write(const v1::StreamAppendRequest& request) = 0;
  virtual void WritesDone() = 0;
  // False at the end.
  virtual bool Read(v1::StreamAppendResponse* response) = 0;
  // After Read said false.
  virtual absl::Status Finish() = 0;
  // Makes Write and Read return soon.
  virtual void Cancel() = 0;
};

// Sends many commands with a bounded number unanswered, in order, over broken connections.
//
// Commands take effect in the order of Append: after a transient refusal or a lost connection everything that has not
// succeeded from there on is sent again, in order. That is safe because every command carries a request_id (one is made
// if it has none). Not thread-safe; acks are delivered inside Append and Flush, on the caller's thread and in order.
class BulkWriter {
 public:
  using Open = std::function<std::unique_ptr<BulkStream>()>;
  // The outcome of one command: its revision, or the permanent error that refused it. Must not call the writer.
  using OnAck = std::function<void(const v1::StreamAppendRequest& request, const v1::StreamAppendResponse& response)>;

  struct Options {
    Open open;
    OnAck on_ack;
    RetryPolicy retry;
    // Copied; its clock outlives the writer.
    RetryEnvironment environment;
    // Commands without an answer, at most limits::kStreamInFlightMax.
    size_t window = limits::kClientStreamWindow;
  };

  explicit BulkWriter(Options options);
  // Cancels what is in flight.
  ~BulkWriter();

  // Queues one command; blocks while the window is full. An error is the connection's, given up on: the writer is of no
  // use after it. `sequence` is set by the writer.
  absl::Status Append(v1::StreamAppendRequest request);
  // Waits until every command has its ack.
  absl::Status Flush();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tthc::sdk
