#include <cstddef>
#include <cstdint>
#include <string>

#include "server/call/page_token.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"

// Page tokens are input from callers.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tthc::storage::v1::PageToken;
  const std::string text(reinterpret_cast<const char*>(data), size);
  // One that the server never made is always refused for the same reason.
  const auto refused = tthc::server::DecodePageToken(1, 2, text);
  TTHC_CHECK(!refused.ok() && tthc::ErrorReason(refused.status()) == "PAGE_TOKEN_INVALID");

  PageToken token;
  if (!token.ParseFromString(text)) return 0;
  token.DiscardUnknownFields();
  const std::string given = tthc::server::EncodePageToken(1, 2, token);
  const auto decoded = tthc::server::DecodePageToken(1, 2, given);
  TTHC_CHECK(decoded.ok() && decoded->last_key() == token.last_key() && decoded->last_number() == token.last_number());
  TTHC_CHECK(decoded->revision() == token.revision() && decoded->read_time_us() == token.read_time_us());
  TTHC_CHECK(decoded->last_name() == token.last_name());
  // It is refused by another store and for other arguments.
  TTHC_CHECK(!tthc::server::DecodePageToken(3, 2, given).ok());
  TTHC_CHECK(!tthc::server::DecodePageToken(1, 3, given).ok());
  return 0;
}
