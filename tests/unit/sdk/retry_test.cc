#include "client/sdk/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/status/statusor.h"
#include "tests/unit/sdk/fake_retry_environment.h"

namespace tthc::sdk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr RetryPolicy kPolicy = {.attempts_max = 4,
                                 .delay_first = absl::Milliseconds(100),
                                 .delay_max = absl::Milliseconds(250),
                                 .total_max = absl::Seconds(30)};

absl::Status Unavailable() { return absl::UnavailableError("away"); }

TEST(RetryLoop, TransientThenSuccess) {
  FakeRetryEnvironment fake;
  int calls = 0;
  const absl::StatusOr<int> result = RetryLoop(kPolicy, fake.Get(), [&]() -> absl::StatusOr<int> {
    if (++calls < 3) return Unavailable();
    return 7;
  });
  EXPECT_EQ(*result, 7);
  EXPECT_THAT(fake.slept, ElementsAre(absl::Milliseconds(100), absl::Milliseconds(200)));
}

TEST(RetryLoop, JitterIsFullAndCapped) {
  FakeRetryEnvironment fake;
  fake.uniform = 0.5;
  const absl::Status result = RetryLoop(kPolicy, fake.Get(), Unavailable);
  EXPECT_EQ(result.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(fake.slept, ElementsAre(absl::Milliseconds(50), absl::Milliseconds(100), absl::Milliseconds(125)));
}

TEST(RetryLoop, PermanentErrorsEndAtOnce) {
  for (const auto code : {absl::StatusCode::kInvalidArgument, absl::StatusCode::kAborted,
                          absl::StatusCode::kDeadlineExceeded, absl::StatusCode::kInternal}) {
    FakeRetryEnvironment fake;
    int calls = 0;
    RetryLoop(kPolicy, fake.Get(), [&] {
      ++calls;
      return absl::Status(code, "no");
    }).IgnoreError();
    EXPECT_EQ(calls, 1) << code;
    EXPECT_THAT(fake.slept, IsEmpty());
  }
}

TEST(RetryLoop, WaitsAtLeastAsLongAsTheServerAsks) {
  FakeRetryEnvironment fake;
  int calls = 0;
  RetryLoop(kPolicy, fake.Get(), [&]() -> absl::Status {
    if (++calls > 1) return absl::OkStatus();
    return MakeError({.code = absl::StatusCode::kResourceExhausted,
                      .reason = "QUEUE_FULL",
                      .message = "full",
                      .message_vi = "đầy",
                      .retry_delay = absl::Seconds(2)});
  }).IgnoreError();
  EXPECT_THAT(fake.slept, ElementsAre(absl::Seconds(2) + absl::Milliseconds(100)));
}

TEST(RetryLoop, WhatIsTooLargeIsTriedOnce) {
  for (const char* reason : {"ANSWER_TOO_LARGE", "MESSAGE_TOO_LARGE"}) {
    FakeRetryEnvironment fake;
    int calls = 0;
    const absl::Status status = RetryLoop(kPolicy, fake.Get(), [&]() -> absl::Status {
      ++calls;
      return MakeError({.code = absl::StatusCode::kResourceExhausted,
                        .reason = reason,
                        .message = "too large",
                        .message_vi = "quá lớn"});
    });
    EXPECT_EQ(ErrorReason(status), reason);
    EXPECT_EQ(calls, 1) << reason;
  }
}

TEST(RetryLoop, NoWaitBeginsThatEndsTooLate) {
  FakeRetryEnvironment fake;
  RetryPolicy policy = kPolicy;
  policy.total_max = absl::Milliseconds(250);
  RetryLoop(policy, fake.Get(), Unavailable).IgnoreError();
  EXPECT_THAT(fake.slept, ElementsAre(absl::Milliseconds(100)));
}

TEST(Backoff, CountsAnewAfterReset) {
  FakeRetryEnvironment fake;
  const RetryEnvironment environment = fake.Get();
  Backoff backoff(kPolicy, environment);
  EXPECT_EQ(backoff.Next(Unavailable()), absl::Milliseconds(100));
  EXPECT_EQ(backoff.Next(Unavailable()), absl::Milliseconds(200));
  backoff.Reset();
  EXPECT_EQ(backoff.Next(Unavailable()), absl::Milliseconds(100));
}

}  // namespace
}  // namespace tthc::sdk
