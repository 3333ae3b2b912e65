#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Keys on disk: one byte for the kind, then big-endian numbers or the text itself, so that the order of bytes is the
// order of numbers and a scan of one kind visits nothing else.
//
// The bytes are part of the on-disk format (docs/storage_format.md has them, tests hold them): a letter is never used
// for anything else, and a key never changes its spelling. Pure; thread-safe.
namespace tthc::storage {

// The first byte of a key.
enum class KeyKind : char {
  // Uid, code or alias of a dossier.
  kCode = 'c',
  kDossier = 'd',
  // Name that facts refer to by number.
  kName = 'i',
  // Current entry of the catalogue.
  kCatalogue = 'k',
  kLog = 'l',
  // Head and schema; the engine's revision.
  kMeta = 'm',
  kCounter = 'n',
  // Item of the mirror that a start must read.
  kMirrorAttention = 'o',
  kRequest = 'r',
  kMirrorTarget = 't',
  kMirrorItem = 'u',
  kMirrorExchanges = 'x',
};

// Each makes the key of one record. Numbers must not be negative.
std::string LogKey(int64_t revision);
std::string DossierKey(int64_t number);
std::string NameKey(uint32_t number);
// `canonical_code` as CanonicalCode() makes it.
std::string CodeKey(absl::string_view canonical_code);
std::string RequestKey(absl::string_view request_id);
std::string CounterKey(absl::string_view name);
// `version` distinguishes the versions of one resource; 0 where it has none.
std::string CatalogueKey(absl::string_view resource_name, int32_t version);
std::string MirrorTargetKey(absl::string_view target_id);
// `kind` is kMirrorItem, kMirrorExchanges or kMirrorAttention.
std::string MirrorKey(KeyKind kind, uint32_t target, int64_t dossier_number);
std::string HeadKey();
std::string SchemaKey();

// [first, last) of all keys of a kind.
std::pair<std::string, std::string> KeyRange(KeyKind kind);
// [first, last) of one target's mirror keys of a kind, from `from_dossier_number` on.
std::pair<std::string, std::string> MirrorKeyRange(KeyKind kind, uint32_t target, int64_t from_dossier_number);

// The number at the end of a log, dossier or name key; the dossier's of a mirror key. DATA_LOSS KEY_MALFORMED.
absl::StatusOr<int64_t> NumberOfKey(absl::string_view key);

// The key for messages and logs: "dossier 17", "log 204", "code H24.60-261126-0001". Any bytes are accepted.
std::string DescribeKey(absl::string_view key);

}  // namespace tthc::storage
