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
// version and the payload, then the payload, a message of tthc.storage.v1.
//
// Every reader checks the envelope before it parses anything, so a flipped bit, a cut value or a block of zeros becomes
// an error that names the record and never a wrong figure. The checksum finds accidents; it is no protection against
// people who can write to the disk.
//
// Errors: DATA_LOSS CHECKSUM_MISMATCH for a value that is not what was written; FAILED_PRECONDITION SCHEMA_TOO_NEW for
// an intact one of a later format; DATA_LOSS RECORD_MALFORMED when the payload is no such message. Each carries the
// record's kind and number. Pure; thread-safe.
namespace tthc::storage {

inline constexpr char kRecordFormatVersion = 1;
inline constexpr size_t kEnvelopeBytes = 5;

// The value to store: fields in the order of their numbers, so that equal messages give equal bytes.
std::string EncodeRecord(const google::protobuf::MessageLite& message);

// The payload, a view into `value`, after the envelope was checked. `key` is for the error only.
absl::StatusOr<absl::string_view> OpenEnvelope(absl::string_view key, absl::string_view value);

// Checks the envelope and parses the payload into `message`.
absl::Status DecodeRecord(absl::string_view key, absl::string_view value, google::protobuf::MessageLite* message);

// Checks the envelope of a DossierRecord and parses its fact only: a start reads the facts of all dossiers, and parsing
// the folded dossiers would take many times as long. `fact` is empty if the record has none.
absl::Status DecodeFact(absl::string_view key, absl::string_view value, v1::Fact* fact);

// Reads and decodes one record; nullopt if it is not there. Errors as DecodeRecord, and the engine's.
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
