#include "storage/schema/record.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "storage/base/check.h"
#include "storage/base/checksum.h"
#include "storage/base/errors.h"
#include "storage/base/status_macros.h"
#include "storage/schema/keys.h"

namespace tthc::storage {
namespace {

using google::protobuf::internal::WireFormatLite;

// The version seeds the checksum, so that a flipped bit in the version byte is found like any other.
uint32_t EnvelopeChecksum(char version, absl::string_view payload) {
  return Checksum(payload, static_cast<unsigned char>(version));
}

absl::Status Damaged(absl::string_view reason, absl::string_view key) {
  const std::string what = DescribeKey(key);
  return MakeError(
      {.code = absl::StatusCode::kDataLoss,
       .reason = reason,
       .message = absl::StrCat("the record \"", what, "\" on disk is not what was written; restore the last backup"),
       .message_vi = absl::StrCat("bản ghi \"", what,
                                  "\" trên ổ đĩa không còn nguyên vẹn; hãy phục hồi từ bản sao lưu gần "
                                  "nhất"),
       .metadata = {{"record", what}}});
}

absl::Status TooNew(absl::string_view key, char version) {
  const std::string found = absl::StrCat(static_cast<int>(static_cast<unsigned char>(version)));
  return MakeError(
      {.code = absl::StatusCode::kFailedPrecondition,
       .reason = "SCHEMA_TOO_NEW",
       .message = absl::StrCat("the record \"", DescribeKey(key), "\" has format ", found, ", this software knows ",
                               static_cast<int>(kRecordFormatVersion), "; update the software"),
       .message_vi = absl::StrCat("bản ghi \"", DescribeKey(key), "\" có định dạng ", found, ", phần mềm này chỉ biết ",
                                  static_cast<int>(kRecordFormatVersion), "; hãy cập nhật phần mềm"),
       .metadata = {{"record", DescribeKey(key)}, {"found_version", found}}});
}

}  // namespace

std::string EncodeRecord(const google::protobuf::MessageLite& message) {
  const size_t payload_bytes = message.ByteSizeLong();
  std::string value(kEnvelopeBytes + payload_bytes, '\0');
  auto* payload = reinterpret_cast<uint8_t*>(value.data() + kEnvelopeBytes);
  // ByteSizeLong above has cached the sizes.
  message.SerializeWithCachedSizesToArray(payload);
  value[0] = kRecordFormatVersion;
  const uint32_t checksum = EnvelopeChecksum(kRecordFormatVersion, {value.data() + kEnvelopeBytes, payload_bytes});
  for (size_t i = 0; i < 4; ++i) value[1 + i] = static_cast<char>(checksum >> (8 * i));
  return value;
}

absl::StatusOr<absl::string_view> OpenEnvelope(absl::string_view key, absl::string_view value) {
  // Too short to have an envelope: cut by the disk.
  if (value.size() < kEnvelopeBytes) return Damaged("CHECKSUM_MISMATCH", key);
  uint32_t stored = 0;
  for (size_t i = 0; i < 4; ++i) stored |= static_cast<uint32_t>(static_cast<unsigned char>(value[1 + i])) << (8 * i);
  const absl::string_view payload = value.substr(kEnvelopeBytes);
  // The checksum before the version: an unknown version with a wrong checksum is damage, not newer software.
  if (EnvelopeChecksum(value[0], payload) != stored) return Damaged("CHECKSUM_MISMATCH", key);
  if (value[0] != kRecordFormatVersion) return TooNew(key, value[0]);
  return payload;
}

absl::Status DecodeRecord(absl::string_view key, absl::string_view value, google::protobuf::MessageLite* message) {
  TTHC_ASSIGN_OR_RETURN(const absl::string_view payload, OpenEnvelope(key, value));
  if (!message->ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return Damaged("RECORD_MALFORMED", key);
  }
  return absl::OkStatus();
}

absl::Status DecodeFact(absl::string_view key, absl::string_view value, v1::Fact* fact) {
  TTHC_ASSIGN_OR_RETURN(const absl::string_view payload, OpenEnvelope(key, value));
  constexpr uint32_t kFactTag =
      WireFormatLite::MakeTag(v1::DossierRecord::kFactFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  // The message is reused from dossier to dossier, and parsing merges.
  fact->Clear();
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(payload.data()),
                                               static_cast<int>(payload.size()));
  // Fields are serialized in the order of their numbers, so the fact is first if the record has one.
  if (payload.empty() || input.ReadTag() != kFactTag) return absl::OkStatus();
  uint32_t bytes = 0;
  if (!input.ReadVarint32(&bytes)) return Damaged("RECORD_MALFORMED", key);
  // The checksum is right, so this guards against a record of another kind under this key.
  const auto at = static_cast<size_t>(input.CurrentPosition());
  if (bytes > payload.size() - at || !fact->ParseFromArray(payload.data() + at, static_cast<int>(bytes))) {
    return Damaged("RECORD_MALFORMED", key);
  }
  return absl::OkStatus();
}

}  // namespace tthc::storage
