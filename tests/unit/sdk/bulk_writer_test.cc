#include "client/sdk/bulk_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "storage/base/errors.h"
#include "tests/unit/sdk/fake_retry_environment.h"

namespace tthc::sdk {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// What the server knows, over all streams: which commands took effect, by request id, in order.
class FakeServer {
 public:
  // Decides one command: OK, or the error of its ack. Called in order.
  std::function<absl::Status(const v1::AppendEventRequest&)> decide = [](const auto&) { return absl::OkStatus(); };
  // The stream breaks before its n-th answer (from 1); 0 = never. Only the first streams, one entry each.
  std::deque<int> break_before_answer;

  std::vector<std::string> effects;
  std::set<std::string> request_ids;
  int streams = 0;
  size_t in_flight_max = 0;

  v1::StreamAppendResponse Handle(const v1::StreamAppendRequest& request) {
    v1::StreamAppendResponse response;
    response.set_sequence(request.sequence());
    const v1::AppendEventRequest& append = request.append();
    const absl::Status status = decide(append);
    if (!status.ok()) {
      *response.mutable_error() = ToRpcStatus(status);
    } else if (request_ids.insert(append.request_id()).second) {
      effects.push_back(append.event().noted().text());
    }
    return response;
  }
};

class FakeStream final : public BulkStream {
 public:
  FakeStream(FakeServer& server, int break_before) : server_(server), break_before_(break_before) {}

  bool Write(const v1::StreamAppendRequest& request) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (broken_) return false;
    requests_.push_back(request);
    ++unanswered_;
    server_.in_flight_max = std::max(server_.in_flight_max, unanswered_);
    changed_.notify_all();
    return true;
  }
  void WritesDone() override {}

  bool Read(v1::StreamAppendResponse* response) override {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return broken_ || !requests_.empty(); });
    if (broken_) return false;
    const v1::StreamAppendResponse answer = server_.Handle(requests_.front());
    requests_.pop_front();
    --unanswered_;
    // The command took effect; its answer is lost.
    if (++answers_ == break_before_) broken_ = true;
    if (broken_) return false;
    *response = answer;
    return true;
  }

  absl::Status Finish() override { return absl::UnavailableError("broken"); }
  void Cancel() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    broken_ = true;
    changed_.notify_all();
  }

 private:
  FakeServer& server_;
  const int break_before_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<v1::StreamAppendRequest> requests_;
  size_t unanswered_ = 0;
  int answers_ = 0;
  bool broken_ = false;
};

class BulkWriterTest : public ::testing::Test {
 protected:
  BulkWriter MakeWriter(size_t window) {
    return BulkWriter(
        {.open =
             [this] {
               ++server_.streams;
               int break_before = 0;
               if (!server_.break_before_answer.empty()) {
                 break_before = server_.break_before_answer.front();
                 server_.break_before_answer.pop_front();
               }
               return std::make_unique<FakeStream>(server_, break_before);
             },
         .on_ack =
             [this](const v1::StreamAppendRequest& request, const v1::StreamAppendResponse& response) {
               (response.has_error() ? refused_ : acked_).push_back(request.append().event().noted().text());
             },
         .retry = {},
         .environment = fake_.Get(),
         .window = window});
  }

  static v1::StreamAppendRequest Note(const std::string& text) {
    v1::StreamAppendRequest request;
    request.mutable_append()->mutable_event()->mutable_noted()->set_text(text);
    return request;
  }

  static std::vector<std::string> Numbers(int count) {
    std::vector<std::string> numbers;
    for (int i = 0; i < count; ++i) numbers.push_back(std::to_string(i));
    return numbers;
  }

  void AppendNumbers(BulkWriter& writer, int count) {
    for (const std::string& number : Numbers(count)) ASSERT_TRUE(writer.Append(Note(number)).ok());
    ASSERT_TRUE(writer.Flush().ok());
  }

  FakeServer server_;
  FakeRetryEnvironment fake_;
  std::vector<std::string> acked_;
  std::vector<std::string> refused_;
};

TEST_F(BulkWriterTest, EveryCommandIsAcknowledgedInOrderWithinTheWindow) {
  BulkWriter writer = MakeWriter(4);
  AppendNumbers(writer, 100);
  EXPECT_EQ(acked_, Numbers(100));
  EXPECT_EQ(server_.effects, Numbers(100));
  EXPECT_LE(server_.in_flight_max, 4u);
  EXPECT_EQ(server_.streams, 1);
}

TEST_F(BulkWriterTest, BrokenStreamsLoseAndRepeatNothing) {
  server_.break_before_answer = {3, 1, 7, 20};
  BulkWriter writer = MakeWriter(16);
  AppendNumbers(writer, 100);
  EXPECT_EQ(acked_, Numbers(100));
  EXPECT_EQ(server_.effects, Numbers(100));
  EXPECT_EQ(server_.streams, 5);
}

TEST_F(BulkWriterTest, RefusedCommandsDoNotStopTheOthers) {
  server_.decide = [](const v1::AppendEventRequest& request) {
    return request.event().noted().text() == "5" ? InvalidField("event.noted.text", "no", "không") : absl::OkStatus();
  };
  BulkWriter writer = MakeWriter(4);
  AppendNumbers(writer, 8);
  EXPECT_THAT(refused_, ElementsAre("5"));
  EXPECT_THAT(acked_, ElementsAre("0", "1", "2", "3", "4", "6", "7"));
}

TEST_F(BulkWriterTest, OrderHoldsWhenTheQueueIsFullForAWhile) {
  // As the server does: "3" is refused twice for want of room, and what builds on it is refused because it is not
  // there.
  int full = 2;
  server_.decide = [&](const v1::AppendEventRequest& request) -> absl::Status {
    const std::string& text = request.event().noted().text();
    if (text == "3" && full-- > 0) return absl::ResourceExhaustedError("queue full");
    const int number = std::stoi(text);
    if (number > 3 && server_.effects.size() < static_cast<size_t>(number))
      return absl::FailedPreconditionError("not yet");
    return absl::OkStatus();
  };
  BulkWriter writer = MakeWriter(8);
  AppendNumbers(writer, 20);
  EXPECT_EQ(acked_, Numbers(20));
  EXPECT_EQ(server_.effects, Numbers(20));
  EXPECT_THAT(refused_, SizeIs(0));
  EXPECT_THAT(fake_.slept, SizeIs(2));
}

TEST_F(BulkWriterTest, GivesUpWhenTheServerStaysAway) {
  server_.break_before_answer.assign(50, 1);
  server_.decide = [](const auto&) { return absl::UnavailableError("away"); };
  BulkWriter writer = MakeWriter(2);
  absl::Status status;
  for (int i = 0; i < 10 && status.ok(); ++i) status = writer.Append(Note("x"));
  if (status.ok()) status = writer.Flush();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(writer.Append(Note("y")).code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace tthc::sdk
