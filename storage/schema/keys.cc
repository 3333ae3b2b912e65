#include "storage/schema/keys.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"

namespace tthc::storage {
namespace {

// Revisions and dossiers; names and targets.
constexpr size_t kLongNumberBytes = 8;
constexpr size_t kShortNumberBytes = 4;

void AppendBigEndian(uint64_t number, size_t bytes, std::string* key) {
  for (size_t i = bytes; i-- > 0;) key->push_back(static_cast<char>(number >> (8 * i)));
}

std::string NumberKey(KeyKind kind, int64_t number) {
  TTHC_CHECK(number >= 0);
  std::string key(1, static_cast<char>(kind));
  AppendBigEndian(static_cast<uint64_t>(number), kLongNumberBytes, &key);
  return key;
}

std::string TextKey(KeyKind kind, absl::string_view text) {
  std::string key(1, static_cast<char>(kind));
  key.append(text.data(), text.size());
  return key;
}

// Their keys have two numbers, and no text.
bool IsMirrorKind(KeyKind kind) {
  return kind == KeyKind::kMirrorItem || kind == KeyKind::kMirrorExchanges || kind == KeyKind::kMirrorAttention;
}

// Bytes between the kind and the number: the number of the target.
size_t PrefixBytes(KeyKind kind) { return IsMirrorKind(kind) ? kShortNumberBytes : 0; }

// 0 for the kinds whose keys are texts.
size_t NumberBytes(KeyKind kind) {
  switch (kind) {
    case KeyKind::kMirrorAttention:
    case KeyKind::kMirrorItem:
    case KeyKind::kMirrorExchanges:
    case KeyKind::kLog:
    case KeyKind::kDossier:
      return kLongNumberBytes;
    case KeyKind::kName:
      return kShortNumberBytes;
    default:
      return 0;
  }
}

const char* KindName(KeyKind kind) {
  switch (kind) {
    case KeyKind::kCode:
      return "code";
    case KeyKind::kDossier:
      return "dossier";
    case KeyKind::kName:
      return "name";
    case KeyKind::kCatalogue:
      return "catalogue";
    case KeyKind::kLog:
      return "log";
    case KeyKind::kMeta:
      return "meta";
    case KeyKind::kCounter:
      return "counter";
    case KeyKind::kMirrorAttention:
      return "mirror attention";
    case KeyKind::kRequest:
      return "request";
    case KeyKind::kMirrorTarget:
      return "mirror target";
    case KeyKind::kMirrorItem:
      return "mirror item";
    case KeyKind::kMirrorExchanges:
      return "mirror exchanges";
  }
  return "unknown";
}

}  // namespace

std::string LogKey(int64_t revision) { return NumberKey(KeyKind::kLog, revision); }

std::string DossierKey(int64_t number) { return NumberKey(KeyKind::kDossier, number); }

std::string NameKey(uint32_t number) {
  std::string key(1, static_cast<char>(KeyKind::kName));
  AppendBigEndian(number, kShortNumberBytes, &key);
  return key;
}

std::string CodeKey(absl::string_view canonical_code) { return TextKey(KeyKind::kCode, canonical_code); }

std::string RequestKey(absl::string_view request_id) { return TextKey(KeyKind::kRequest, request_id); }

std::string CounterKey(absl::string_view name) { return TextKey(KeyKind::kCounter, name); }

std::string CatalogueKey(absl::string_view resource_name, int32_t version) {
  TTHC_CHECK(version >= 0);
  std::string key = TextKey(KeyKind::kCatalogue, resource_name);
  // A zero byte, which no name holds, keeps the versions of "a" from standing among those of "ab".
  key.push_back('\0');
  AppendBigEndian(static_cast<uint64_t>(version), kShortNumberBytes, &key);
  return key;
}

std::string MirrorTargetKey(absl::string_view target_id) { return TextKey(KeyKind::kMirrorTarget, target_id); }

std::string MirrorKey(KeyKind kind, uint32_t target, int64_t dossier_number) {
  TTHC_CHECK(IsMirrorKind(kind));
  TTHC_CHECK(dossier_number >= 0);
  std::string key(1, static_cast<char>(kind));
  AppendBigEndian(target, kShortNumberBytes, &key);
  AppendBigEndian(static_cast<uint64_t>(dossier_number), kLongNumberBytes, &key);
  return key;
}

std::string HeadKey() { return TextKey(KeyKind::kMeta, "head"); }

std::string SchemaKey() { return TextKey(KeyKind::kMeta, "schema"); }

// The next letter bounds the range: no key of this kind reaches it, whatever follows its first byte.
std::pair<std::string, std::string> KeyRange(KeyKind kind) {
  return {std::string(1, static_cast<char>(kind)), std::string(1, static_cast<char>(static_cast<char>(kind) + 1))};
}

std::pair<std::string, std::string> MirrorKeyRange(KeyKind kind, uint32_t target, int64_t from_dossier_number) {
  // INT64_MAX is larger than any number in use, so its key serves as the end.
  return {MirrorKey(kind, target, from_dossier_number), MirrorKey(kind, target, INT64_MAX)};
}

absl::StatusOr<int64_t> NumberOfKey(absl::string_view key) {
  const size_t bytes = key.empty() ? 0 : NumberBytes(static_cast<KeyKind>(key[0]));
  const size_t first = key.empty() ? 1 : 1 + PrefixBytes(static_cast<KeyKind>(key[0]));
  uint64_t number = 0;
  for (size_t i = first; i < key.size() && i < first + bytes; ++i) {
    number = number << 8 | static_cast<unsigned char>(key[i]);
  }
  // Larger numbers were never written: the bytes are damaged.
  if (bytes == 0 || key.size() != first + bytes || number > static_cast<uint64_t>(INT64_MAX)) {
    return MakeError({.code = absl::StatusCode::kDataLoss,
                      .reason = "KEY_MALFORMED",
                      .message = absl::StrCat("the key ", absl::BytesToHexString(key),
                                              " on disk is damaged; restore the last backup"),
                      .message_vi = absl::StrCat("khóa ", absl::BytesToHexString(key),
                                                 " trên ổ đĩa bị hỏng; hãy phục hồi từ bản sao lưu gần nhất"),
                      .metadata = {{"key", absl::BytesToHexString(key)}}});
  }
  return static_cast<int64_t>(number);
}

std::string DescribeKey(absl::string_view key) {
  // Called for damaged keys, too: it must accept any bytes.
  if (key.empty()) return "empty key";
  const KeyKind kind = static_cast<KeyKind>(key[0]);
  if (NumberBytes(kind) > 0) {
    const absl::StatusOr<int64_t> number = NumberOfKey(key);
    if (number.ok() && IsMirrorKind(kind)) {
      uint32_t target = 0;
      for (size_t i = 1; i <= kShortNumberBytes; ++i) target = target << 8 | static_cast<unsigned char>(key[i]);
      return absl::StrCat(KindName(kind), " ", target, " ", *number);
    }
    if (number.ok()) return absl::StrCat(KindName(kind), " ", *number);
  }
  return absl::StrCat(KindName(kind), " ", absl::CHexEscape(key.substr(1)));
}

}  // namespace tthc::storage
