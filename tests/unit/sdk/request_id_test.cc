#include "client/sdk/request_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace tthc::sdk {
namespace {

TEST(RequestId, NewIdsAreUuidsOfVersionFourAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = NewRequestId();
    EXPECT_THAT(id, ::testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(RequestId, SameTextGivesTheSameIdForEver) {
  // Written down: rows imported before must be recognized by every later version.
  EXPECT_EQ(RequestIdFor("H24.99.1-260105-0001"), "b70d0eba-97b7-8aed-bcf4-91cc826cb0d9");
  EXPECT_NE(RequestIdFor("H24.99.1-260105-0001"), RequestIdFor("H24.99.1-260105-0002"));
}

TEST(RequestId, NearTextsDoNotCollide) {
  std::set<std::string> seen;
  for (int i = 0; i < 200'000; ++i) EXPECT_TRUE(seen.insert(RequestIdFor("row " + std::to_string(i))).second);
}

}  // namespace
}  // namespace tthc::sdk
