#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Keys on disk: one byte for the kind, then big-endian numbers or the text itself, so that byte order is the order of
// the numbers. Embedded in the on-disk format: docs/storage_format.md. Pure; thread-safe.
namespace tthc::storage {

enum class KeyKind : char {
  kCode = 'c',
  kDossier = 'd',
  kName = 'i',
  kCatalogue = 'k',
  kLog = 'l',
  kMeta = 'm',
  kCounter = 'n',
  kMirrorAttention = 'o',
  kRequest = 'r',
  kMirrorTarget = 't',
  kMirrorItem = 'u',
  kMirrorExchanges = 'x',
};

// Numbers must not be negative.
std::string LogKey(int64_t revision);
std::string DossierKey(int64_t number);
std::string NameKey(uint32_t number);
std::string CodeKey(absl::string_view canonical_code);
std::string RequestKey(absl::string_view request_id);
std::string CounterKey(absl::string_view name);
// `version` tells versions of one resource apart; 0 where a resource has none.
std::string CatalogueKey(absl::string_view resource_name, int32_t version);
std::string MirrorTargetKey(absl::string_view target_id);
// Of one dossier at one target: kMirrorItem, kMirrorExchanges or kMirrorAttention.
std::string MirrorKey(KeyKind kind, uint32_t target, int64_t dossier_number);
std::string HeadKey();
std::string SchemaKey();

// [first, last) of all keys of a kind.
std::pair<std::string, std::string> KeyRange(KeyKind kind);
// [first, last) of one target's mirror keys of a kind, from `from_dossier_number` on.
std::pair<std::string, std::string> MirrorKeyRange(KeyKind kind, uint32_t target, int64_t from_dossier_number);

// The number at the end of a log, dossier or name key; the dossier's of a mirror key. DATA_LOSS KEY_MALFORMED.
absl::StatusOr<int64_t> NumberOfKey(absl::string_view key);

// For people and logs: "dossier 17", "log 204", "code H24.60-261126-0001".
std::string DescribeKey(absl::string_view key);

}  // namespace tthc::storage
