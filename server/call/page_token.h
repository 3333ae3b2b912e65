#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "tthc/storage/v1/records.pb.h"

// Page tokens (AIP-158): a base64url text in which the server writes down for itself where the next page begins.
//
// A token is opaque to clients and carries no authority: a caller sees no more with it than without. It is bound to the
// store (by its id), and to every argument of the request but page_token and page_size (by their hash), so that a token
// of another list or of a changed filter is refused and never misread. It is not stored and may be refused after an
// update of the server; the reader then starts again from the first page. Pure; thread-safe.
namespace tthc::server {

// Hash of all of `request` but page_token and page_size.
uint64_t HashArguments(const google::protobuf::Message& request);

// Fills in version, arguments_hash and mac of `token`, and writes it as text.
std::string EncodePageToken(uint64_t store_id, uint64_t arguments_hash, storage::v1::PageToken token);

// INVALID_ARGUMENT PAGE_TOKEN_INVALID unless this store made it for these arguments.
absl::StatusOr<storage::v1::PageToken> DecodePageToken(uint64_t store_id, uint64_t arguments_hash,
                                                       const std::string& text);

// How many entries a page holds: the default for 0, at most limits::kPageSizeMax. INVALID_ARGUMENT FIELD_INVALID at
// "page_size" if negative.
absl::StatusOr<size_t> PageSize(int32_t requested);

// Hash of a message's type and content, the same in every process and version: request ids are compared by it long
// after a restart.
uint64_t HashContent(const google::protobuf::Message& message);

}  // namespace tthc::server
