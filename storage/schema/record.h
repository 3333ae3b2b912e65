#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message_lite.h"
#include "storage/engine/engine.h"
#include "tthc/storage/v1/records.pb.h"

// The envelope around every value on disk: one byte of format version, four bytes (little-endian) of checksum over the
// version and the payload, the payload (a message of tthc.storage.v1). Pure; thread-safe.
namespace tthc::storage {

inline constexpr char kRecordFormatVersion = 1;
inline constexpr size_t kEnvelopeBytes = 5;

std::string EncodeRecord(const google::protobuf::MessageLite& message);

// The payload, after its checksum was found right; a view into `value`. `key` is for the error only: DATA_LOSS
// CHECKSUM_MISMATCH, or FAILED_PRECONDITION SCHEMA_TOO_NEW for an intact record of a later format.
absl::StatusOr<absl::string_view> OpenEnvelope(absl::string_view key, absl::string_view value);

// OpenEnvelope, then parsing; DATA_LOSS RECORD_MALFORMED when the payload is no such message.
absl::Status DecodeRecord(absl::string_view key, absl::string_view value, google::protobuf::MessageLite* message);

// Checks the whole envelope, then parses the fact alone: what follows it in the record is not looked at.
absl::Status DecodeFact(absl::string_view key, absl::string_view value, v1::Fact* fact);

// nullopt = not there.
template <typename Record>
absl::StatusOr<std::optional<Record>> ReadRecord(const Snapshot& snapshot, absl::string_view key) {
  absl::StatusOr<std::optional<std::string>> value = snapshot.Get(key);
  if (!value.ok()) return value.status();
  if (!value->has_value()) return std::optional<Record>();
  std::optional<Record> record(std::in_place);
  if (absl::Status status = DecodeRecord(key, **value, &*record); !status.ok()) return status;
  return record;
}

}  // namespace tthc::storage
