#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace tthc {

// Low 32 bits of XXH3-64 of `bytes` with `seed`: finds accidental damage; no protection against forgery. Part of the
// on-disk format, so it never changes. Pure; thread-safe.
uint32_t Checksum(absl::string_view bytes, uint64_t seed);

// All 64 bits: distinguishes contents, such as the repetition of a request from another request with the same id. Part
// of the on-disk format, too.
uint64_t Hash64(absl::string_view bytes, uint64_t seed);

}  // namespace tthc
