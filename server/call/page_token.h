#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "tthc/storage/v1/records.pb.h"

// Opaque page tokens (AIP-158): base64url of storage.v1.PageToken, bound to the store and to every other argument of
// the request. They carry no authority. Pure; thread-safe.
namespace tthc::server {

// Hash of all of `request` but page_token and page_size.
uint64_t HashArguments(const google::protobuf::Message& request);

// Fills version, arguments_hash and mac.
std::string EncodePageToken(uint64_t store_id, uint64_t arguments_hash, storage::v1::PageToken token);
// INVALID_ARGUMENT PAGE_TOKEN_INVALID unless it was made by this store for these arguments.
absl::StatusOr<storage::v1::PageToken> DecodePageToken(uint64_t store_id, uint64_t arguments_hash,
                                                       const std::string& text);

// 0 → default, larger than the maximum → the maximum. INVALID_ARGUMENT FIELD_INVALID if negative.
absl::StatusOr<size_t> PageSize(int32_t requested);

// Stable over processes: the same content gives the same hash.
uint64_t HashContent(const google::protobuf::Message& message);

}  // namespace tthc::server
