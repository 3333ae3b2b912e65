#include "client/sdk/request_id.h"

#include <cstdint>
#include <random>

#include "absl/strings/str_format.h"

namespace tthc::sdk {
namespace {

std::string FormatUuid(uint64_t high, uint64_t low, uint64_t version) {
  high = (high & 0xffffffffffff0fffULL) | (version << 12);
  low = (low & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", high >> 32, (high >> 16) & 0xffff, high & 0xffff, low >> 48,
                         low & 0xffffffffffffULL);
}

// FNV-1a over 64 bits, finished with splitmix64 so that similar texts get unrelated ids.
uint64_t Hash(absl::string_view text, uint64_t seed) {
  uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  hash ^= hash >> 30;
  hash *= 0xbf58476d1ce4e5b9ULL;
  hash ^= hash >> 27;
  hash *= 0x94d049bb133111ebULL;
  return hash ^ (hash >> 31);
}

}  // namespace

std::string NewRequestId() {
  // Not a seeded generator: two processes that start in the same microsecond must not make the same ids.
  thread_local std::random_device device;
  const auto draw = [] { return (static_cast<uint64_t>(device()) << 32) | device(); };
  const uint64_t high = draw();
  return FormatUuid(high, draw(), 4);
}

std::string RequestIdFor(absl::string_view text) {
  return FormatUuid(Hash(text, 0), Hash(text, 0x9e3779b97f4a7c15ULL), 8);
}

}  // namespace tthc::sdk
