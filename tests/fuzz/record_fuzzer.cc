#include <cstddef>
#include <cstdint>
#include <string>

#include "storage/base/check.h"
#include "storage/base/checksum.h"
#include "storage/schema/keys.h"
#include "storage/schema/record.h"
#include "tthc/storage/v1/records.pb.h"

// Records of any bytes. First byte: which kind of record; second: the bytes as they are, or in an envelope whose
// checksum is right.
namespace tthc::storage {
namespace {

template <typename Record>
void Decode(const std::string& value) {
  Record record;
  if (!DecodeRecord("key", value, &record).ok()) return;
  // A record that was read can be written and read again.
  Record again;
  TTHC_CHECK(DecodeRecord("key", EncodeRecord(record), &again).ok());
  TTHC_CHECK(again.SerializeAsString() == record.SerializeAsString());
}

void DecodeAs(uint8_t kind, const std::string& value) {
  v1::Fact fact;
  switch (kind % 8) {
    case 0:
      return Decode<v1::LogRecord>(value);
    case 1:
      return Decode<v1::DossierRecord>(value);
    case 2:
      return Decode<v1::CodeRecord>(value);
    case 3:
      return Decode<v1::RequestRecord>(value);
    case 4:
      return Decode<v1::HeadRecord>(value);
    case 5:
      return Decode<v1::SchemaRecord>(value);
    case 6:
      // Reading the fact alone gives the same fact as reading the whole record, as the store writes it.
      if (v1::DossierRecord whole; DecodeRecord("key", value, &whole).ok()) {
        TTHC_CHECK(DecodeFact("key", EncodeRecord(whole), &fact).ok());
        TTHC_CHECK(fact.SerializeAsString() == whole.fact().SerializeAsString());
      }
      return;
    default:
      static_cast<void>(DecodeFact("key", value, &fact));
      static_cast<void>(NumberOfKey(value));
      static_cast<void>(DescribeKey(value));
  }
}

// Puts the bytes into an envelope with the right checksum, which no mutation would find.
std::string InEnvelope(const std::string& payload) {
  std::string value(1, static_cast<char>(kRecordFormatVersion));
  const uint32_t checksum = Checksum(payload, static_cast<uint64_t>(kRecordFormatVersion));
  for (int i = 0; i < 4; ++i) value.push_back(static_cast<char>(checksum >> (8 * i)));
  return value + payload;
}

}  // namespace
}  // namespace tthc::storage

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  tthc::storage::DecodeAs(data[0], data[1] % 2 == 0 ? bytes : tthc::storage::InEnvelope(bytes));
  return 0;
}
