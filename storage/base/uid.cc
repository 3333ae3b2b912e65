#include "storage/base/uid.h"

#include <cstdint>
#include <memory>
#include <random>
#include <utility>

namespace tthc {
namespace {

constexpr int kBitsPerCharacter = 5;
constexpr uint32_t kCharacterMask = (1u << kBitsPerCharacter) - 1;
constexpr int kCharactersPerWord = 32 / kBitsPerCharacter;

}  // namespace

UidSource UidSourceFrom(std::function<uint32_t()> random) {
  return [random = std::move(random)] {
    std::string uid;
    uid.reserve(kUidLength);
    while (uid.size() < kUidLength) {
      uint32_t word = random();
      for (int i = 0; i < kCharactersPerWord && uid.size() < kUidLength; ++i, word >>= kBitsPerCharacter) {
        const uint32_t index = word & kCharacterMask;
        // 31 characters: the 32nd value is drawn again, since any other answer would make one character likelier.
        if (index < kUidAlphabet.size()) uid.push_back(kUidAlphabet[index]);
      }
    }
    return uid;
  };
}

UidSource RandomUidSource() {
  // Shared, because a std::function must be copyable and a std::random_device is not.
  auto device = std::make_shared<std::random_device>();
  return UidSourceFrom([device] { return static_cast<uint32_t>((*device)()); });
}

bool IsUid(absl::string_view text) {
  return text.size() == kUidLength && text.find_first_not_of(kUidAlphabet) == absl::string_view::npos;
}

}  // namespace tthc
