#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/testing/seed.h"

// The fuzzer that this program is linked with.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace tthc {
namespace {

void Feed(const std::string& input) {
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size()), 0);
}

std::vector<std::string> Corpus() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(TTHC_CORPUS)) paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> inputs;
  for (const std::string& path : paths) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

std::string Mutate(std::string input, const std::vector<std::string>& corpus, std::mt19937_64& random) {
  const auto below = [&](size_t bound) { return bound == 0 ? 0 : static_cast<size_t>(random() % bound); };
  for (size_t changes = 1 + below(4); changes > 0; --changes) {
    const size_t at = below(input.size() + 1);
    switch (below(5)) {
      case 0:
        input.insert(at, 1, static_cast<char>(random()));
        break;
      case 1:
        input.erase(at, 1 + below(4));
        break;
      case 2:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        break;
      case 3:
        input.insert(at, input.substr(below(input.size() + 1), below(20)));
        break;
      default:
        input = input.substr(0, at) + corpus[below(corpus.size())].substr(0, 4096);
    }
  }
  return input;
}

TEST(Corpus, TheFuzzerAcceptsEveryInput) {
  const std::vector<std::string> corpus = Corpus();
  ASSERT_GE(corpus.size(), 4u) << TTHC_CORPUS;
  for (const std::string& input : corpus) Feed(input);
  Feed("");
}

TEST(Corpus, TheFuzzerAcceptsMutatedInputs) {
  std::mt19937_64 random(testing::TestSeed());
  const std::vector<std::string> corpus = Corpus();
  for (int i = 0; i < 3000; ++i) Feed(Mutate(corpus[random() % corpus.size()], corpus, random));
}

}  // namespace
}  // namespace tthc
