#include <cstddef>
#include <cstdint>
#include <string>

#include "server/service/page_token.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"

// Page tokens come back from strangers.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tthc::storage::v1::PageToken;
  const std::string text(reinterpret_cast<const char*>(data), size);
  // One that was never given out is refused in one way only.
  const auto refused = tthc::server::DecodePageToken(1, 2, text);
  TTHC_CHECK(!refused.ok() && tthc::ErrorReason(refused.status()) == "PAGE_TOKEN_INVALID");

  PageToken token;
  if (!token.ParseFromString(text)) return 0;
  token.DiscardUnknownFields();
  const std::string given = tthc::server::EncodePageToken(1, 2, token);
  const auto decoded = tthc::server::DecodePageToken(1, 2, given);
  TTHC_CHECK(decoded.ok() && decoded->last_key() == token.last_key() && decoded->last_number() == token.last_number());
  TTHC_CHECK(decoded->revision() == token.revision() && decoded->read_time_us() == token.read_time_us());
  // Of another store, or for other arguments, it is none.
  TTHC_CHECK(!tthc::server::DecodePageToken(3, 2, given).ok());
  TTHC_CHECK(!tthc::server::DecodePageToken(1, 3, given).ok());
  return 0;
}
