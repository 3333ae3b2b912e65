#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

// Keeps answers below the message limit (limits::kMessageBytesMax), which clients of any language refuse to go beyond.
namespace tthc::server {

// Counts the bytes of the entries of an answer as they are added, up to limits::kPageBytesMax, which leaves room for
// the other fields. Belongs to one call; not thread-safe.
class AnswerSize {
 public:
  // True, and counts it, if an answer has room for `entry` as well. The first entry always fits: a single dossier or
  // event is bounded far below the limit, and a page must go on.
  bool Fits(const google::protobuf::Message& entry);

 private:
  size_t bytes_ = 0;
  bool empty_ = true;
};

// RESOURCE_EXHAUSTED ANSWER_TOO_LARGE with metadata `fitting_count`: how many of the entries that were asked for, from
// the first on, fit into one answer.
absl::Status AnswerTooLarge(int64_t fitting_count);

// The same for the whole answer of a write, with metadata `bytes`. Called before the write is committed: a client that
// can't receive the answer must not be left without knowing what was written.
absl::Status CheckAnswerSize(const google::protobuf::Message& answer);

}  // namespace tthc::server
