#include "client/sdk/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/sdk/fake_retry_environment.h"

namespace tthc::sdk {
namespace {

using ::testing::ElementsAre;

v1::WatchChangesResponse UpTo(int64_t revision) {
  v1::WatchChangesResponse message;
  message.set_revision(revision);
  return message;
}

TEST(WatchLoop, GoesOnAfterTheLastRevisionThatWasSeen) {
  FakeRetryEnvironment fake;
  std::vector<int64_t> starts;
  std::vector<int64_t> seen;
  const WatchStream stream = [&](int64_t start, const WatchVisitor& visit) {
    starts.push_back(start);
    for (int64_t revision = start; revision < start + 2; ++revision) {
      if (!visit(UpTo(revision))) return absl::OkStatus();
    }
    return absl::UnavailableError("broken");
  };
  const absl::Status status = WatchLoop({}, fake.Get(), 10, stream, [&](const v1::WatchChangesResponse& message) {
    seen.push_back(message.revision());
    return message.revision() < 14;
  });
  EXPECT_TRUE(status.ok());
  EXPECT_THAT(starts, ElementsAre(10, 12, 14));
  EXPECT_THAT(seen, ElementsAre(10, 11, 12, 13, 14));
}

TEST(WatchLoop, ProgressMarksCountAsSeen) {
  FakeRetryEnvironment fake;
  std::vector<int64_t> starts;
  const WatchStream stream = [&](int64_t start, const WatchVisitor& visit) {
    starts.push_back(start);
    if (starts.size() == 2) return absl::OkStatus();
    visit(UpTo(99));
    return absl::UnavailableError("broken");
  };
  EXPECT_TRUE(WatchLoop({}, fake.Get(), 1, stream, [](const auto&) { return true; }).ok());
  EXPECT_THAT(starts, ElementsAre(1, 100));
}

TEST(WatchLoop, GivesUpWhenNothingComesAndOnPermanentErrors) {
  FakeRetryEnvironment fake;
  int tries = 0;
  const auto fail_with = [&](absl::Status status) {
    return WatchLoop(
        {.attempts_max = 3}, fake.Get(), 1,
        [&, status](int64_t, const WatchVisitor&) {
          ++tries;
          return status;
        },
        [](const auto&) { return true; });
  };
  EXPECT_EQ(fail_with(absl::UnavailableError("away")).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(tries, 3);
  EXPECT_EQ(fail_with(absl::OutOfRangeError("compacted")).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(tries, 4);
}

}  // namespace
}  // namespace tthc::sdk
