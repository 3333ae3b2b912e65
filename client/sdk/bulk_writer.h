#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "client/sdk/retry.h"
#include "storage/base/limits.h"
#include "tthc/v1/dossier_service.pb.h"

// Appending in bulk over one long-lived stream, for imports and other clients with much to write. Knows nothing of
// gRPC: BulkStream is what the client makes of it, and tests bring streams that break.
//
// Vocabulary:
//   command  one StreamAppendRequest: atomic, with a sequence number and a request_id.
//   ack      its outcome, handed to the caller once: the revision, or the error that refused the command for good.
//   window   how many commands may be without an ack.
namespace tthc::sdk {

// One connection of DossierService.StreamAppend. Write and Read are called from two threads, each from one.
class BulkStream {
 public:
  virtual ~BulkStream() = default;
  // Sends a command. False once the stream is broken.
  virtual bool Write(const v1::StreamAppendRequest& request) = 0;
  // Nothing more is written.
  virtual void WritesDone() = 0;
  // Blocks until there is an answer. False at the end of the stream.
  virtual bool Read(v1::StreamAppendResponse* response) = 0;
  // Returns why the stream ended. To be called once, after Read returned false.
  virtual absl::Status Finish() = 0;
  // Makes Write and Read return soon.
  virtual void Cancel() = 0;
};

// Sends many commands in order, over broken connections, with a bounded number of them unanswered.
//
// Order. Commands take effect in the order of Append. After a transient refusal or a lost connection, the writer sends
// again, in order, everything from that command on that has not succeeded. This is safe because every command carries a
// request_id; the writer makes one where it is empty.
//
// Acks. They are delivered inside Append and Flush, on the caller's thread and in order. A command that is refused for
// good is an ack, too, and does not stop the writer.
//
// Failures. If the writer gives up on the connection, as RetryPolicy says, commands without an ack may or may not have
// taken effect: append them again with the same request_ids to a new writer.
//
// Memory. The window bounds it: a command is kept until its ack, since it may have to be sent again.
//
// Threads. One of the writer's own reads the stream. Not thread-safe: one thread of the caller uses it.
class BulkWriter {
 public:
  // Opens a connection; called for the first command and after every broken connection. The writer owns the stream.
  using Open = std::function<std::unique_ptr<BulkStream>()>;
  // Receives one ack: the response has the revision, or the permanent error. Must not call the writer.
  using OnAck = std::function<void(const v1::StreamAppendRequest& request, const v1::StreamAppendResponse& response)>;

  struct Options {
    Open open;
    OnAck on_ack;
    // Waits between connections. Every ack starts the count of tries and the time anew.
    RetryPolicy retry;
    // Copied; its clock must outlive the writer.
    RetryEnvironment environment;
    // At most limits::kStreamInFlightMax.
    size_t window = limits::kClientStreamWindow;
  };

  explicit BulkWriter(Options options);
  // Cancels the stream; commands without an ack may or may not take effect.
  ~BulkWriter();

  // Sends one command; blocks while the window is full. `sequence` is set by the writer. An error means that the writer
  // gave up on the connection; every later call returns it again.
  absl::Status Append(v1::StreamAppendRequest request);
  // Waits until every command has its ack.
  absl::Status Flush();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tthc::sdk
