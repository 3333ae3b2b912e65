#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"

// Unique ids of dossiers: the last segment of `dossiers/{uid}`. A uid is drawn once, when the dossier is opened, is
// recorded with that event and never changes.
//
// 16 characters out of 31 (digits and consonants, lower case) carry 79 random bits: two of a hundred million dossiers
// share one with a probability below 10^-8, and the index of codes is asked besides. There are no vowels, so that no
// uid spells a word and no Vietnamese input method rewrites one while it is typed.
namespace tthc {

inline constexpr absl::string_view kUidAlphabet = "0123456789bcdfghjklmnpqrstvwxyz";
inline constexpr size_t kUidLength = 16;

// Returns another uid with each call. Called by one thread at a time. Tests pass one that is seeded.
using UidSource = std::function<std::string()>;

// Draws from the operating system's entropy, so that nobody can guess the next uid from those he has seen.
UidSource RandomUidSource();

// Draws from a generator that returns uniform 32-bit words, such as std::mt19937.
UidSource UidSourceFrom(std::function<uint32_t()> random);

// True for 16 characters of the alphabet, lower case as they are stored.
bool IsUid(absl::string_view text);

}  // namespace tthc
