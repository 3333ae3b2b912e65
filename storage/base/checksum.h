#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace tthc {

// Low 32 bits of XXH3-64 of `bytes` under `seed`: finds bits that flipped by accident, guards against no one's intent.
// Embedded in the on-disk format: never changes. Pure; thread-safe.
uint32_t Checksum(absl::string_view bytes, uint64_t seed);

// The whole XXH3-64: tells contents apart, such as a retry from another request with the same id.
uint64_t Hash64(absl::string_view bytes, uint64_t seed);

}  // namespace tthc
