#include "server/call/page_token.h"

#include <algorithm>
#include <memory>

#include "absl/strings/escaping.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "server/call/errors.h"
#include "storage/base/checksum.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"

namespace tthc::server {
namespace {

// Rises when the meaning of a token's fields changes: tokens of other versions are refused.
constexpr int kTokenVersion = 1;

// Plain serialization may order map entries differently in another process; hashes must not depend on that.
std::string Deterministic(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

// Keyed by the store's id: not a signature against forgers, who gain nothing, but a check against tokens of other
// stores and damaged ones.
uint64_t MacOf(uint64_t store_id, storage::v1::PageToken token) {
  token.clear_mac();
  return Hash64(Deterministic(token), store_id);
}

}  // namespace

uint64_t HashContent(const google::protobuf::Message& message) {
  return Hash64(Deterministic(message), Hash64(std::string(message.GetDescriptor()->full_name()), 0));
}

uint64_t HashArguments(const google::protobuf::Message& request) {
  const std::unique_ptr<google::protobuf::Message> copy(request.New());
  copy->CopyFrom(request);
  for (const char* paging : {"page_token", "page_size"}) {
    const auto* field = copy->GetDescriptor()->FindFieldByName(paging);
    // The size of a page may change from page to page.
    if (field != nullptr) copy->GetReflection()->ClearField(copy.get(), field);
  }
  return HashContent(*copy);
}

std::string EncodePageToken(uint64_t store_id, uint64_t arguments_hash, storage::v1::PageToken token) {
  token.set_version(kTokenVersion);
  token.set_arguments_hash(arguments_hash);
  token.set_mac(MacOf(store_id, token));
  return absl::WebSafeBase64Escape(token.SerializeAsString());
}

absl::StatusOr<storage::v1::PageToken> DecodePageToken(uint64_t store_id, uint64_t arguments_hash,
                                                       const std::string& text) {
  std::string bytes;
  storage::v1::PageToken token;
  // All reasons look the same to the caller: whatever is wrong with a token, reading starts again from the first page.
  const bool ok = absl::WebSafeBase64Unescape(text, &bytes) && token.ParseFromString(bytes) &&
                  token.version() == kTokenVersion && token.arguments_hash() == arguments_hash &&
                  token.mac() == MacOf(store_id, token);
  if (!ok) return PageTokenInvalid();
  return token;
}

absl::StatusOr<size_t> PageSize(int32_t requested) {
  if (requested < 0) return InvalidField("page_size", "must not be negative", "không được âm");
  if (requested == 0) return static_cast<size_t>(limits::kPageSizeDefault);
  return static_cast<size_t>(std::min(requested, limits::kPageSizeMax));
}

}  // namespace tthc::server
