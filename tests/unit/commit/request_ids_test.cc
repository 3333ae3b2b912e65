#include "server/commit/request_ids.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/commit/commit_pipeline.h"
#include "storage/base/errors.h"
#include "storage/engine/memory_engine.h"
#include "storage/store.h"
#include "tests/testing/faulty_engine.h"

namespace tthc::server {
namespace {

using tthc::testing::FaultyEngine;

// Commands that record decisions about the mirror, the smallest there are. The answer names the revisions written.
class RunOnceTest : public ::testing::Test {
 protected:
  RunOnceTest() {
    auto engine = std::make_unique<FaultyEngine>(std::make_unique<storage::MemoryEngine>());
    engine_ = engine.get();
    store_ = *storage::Store::Open(std::move(engine));
    pipeline_ = std::make_unique<CommitPipeline>(CommitPipeline::Options{
        .store = store_.get(), .clock = &clock_, .catalogue = std::make_shared<const domain::Catalogue>()});
  }

  // Decides `count` records, none with 0; answers "decided A-B" or "replayed A-B", or the error.
  std::string Run(const std::string& request_id, uint64_t content_hash, int count, bool validate_only = false) {
    std::promise<absl::Status> done;
    std::string answer;
    const auto decide = [&](CommitScope& scope) -> absl::StatusOr<std::string> {
      const int64_t before = scope.head().revision();
      for (int i = 0; i < count; ++i) scope.PutMirrorDecision(v1::MirrorDecision());
      return absl::StrCat("decided ", before + 1, "-", before + count);
    };
    const auto replay = [](CommitScope&, int64_t first, int32_t written) -> absl::StatusOr<std::string> {
      return absl::StrCat("replayed ", first, "-", first + written - 1);
    };
    const absl::Status queued =
        pipeline_->Submit({.run =
                               [&](CommitScope& scope) {
                                 auto result = RunOnce<std::string>(scope, request_id, content_hash, decide, replay);
                                 if (result.ok()) answer = *result;
                                 return result.status();
                               },
                           .done = [&](const absl::Status& status) { done.set_value(status); },
                           .validate_only = validate_only});
    EXPECT_TRUE(queued.ok()) << queued;
    const absl::Status status = done.get_future().get();
    if (status.ok()) return answer;
    return ErrorReason(status).empty() ? std::string(status.message()) : ErrorReason(status);
  }

  ManualClock clock_{absl::FromUnixSeconds(1'787'278'500)};
  FaultyEngine* engine_ = nullptr;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<CommitPipeline> pipeline_;
};

TEST_F(RunOnceTest, DecidesOnceAndReplaysTheSameRevisionsAfterwards) {
  EXPECT_EQ(Run("a", 1, 3), "decided 1-3");
  EXPECT_EQ(Run("b", 1, 1), "decided 4-4");
  EXPECT_EQ(Run("a", 1, 3), "replayed 1-3");
  EXPECT_EQ(store_->head().revision(), 4);
}

TEST_F(RunOnceTest, RefusesAnIdThatWasUsedForOtherContent) {
  EXPECT_EQ(Run("a", 1, 1), "decided 1-1");
  EXPECT_EQ(Run("a", 2, 1), "REQUEST_ID_REUSED");
  EXPECT_EQ(store_->head().revision(), 1);
}

TEST_F(RunOnceTest, DecidesEveryTimeWithoutAnId) {
  EXPECT_EQ(Run("", 1, 1), "decided 1-1");
  EXPECT_EQ(Run("", 1, 1), "decided 2-2");
}

TEST_F(RunOnceTest, DoesNotRememberWhatWroteNothing) {
  EXPECT_EQ(Run("a", 1, 1, true), "decided 1-1");
  EXPECT_EQ(Run("b", 1, 0), "decided 1-0");
  EXPECT_EQ(Run("a", 2, 1), "decided 1-1");
  EXPECT_EQ(Run("b", 2, 1), "decided 2-2");
}

TEST_F(RunOnceTest, DecidesAgainAfterACommitThatTheDiskRefused) {
  engine_->ScriptCommit(FaultyEngine::When::kBefore, absl::UnavailableError("disk"));
  EXPECT_EQ(Run("a", 1, 1), "disk");
  EXPECT_FALSE(pipeline_->is_writable());
  EXPECT_EQ(Run("a", 1, 1), "decided 1-1");
  EXPECT_TRUE(pipeline_->is_writable());
}

TEST(CheckRequestId, AcceptsUuidsAndRefusesOtherCharacters) {
  EXPECT_TRUE(CheckRequestId("").ok());
  EXPECT_TRUE(CheckRequestId("6f1ed002-ab5e-4a0c-9d5c-000000000001").ok());
  for (const std::string& id : {std::string("a b"), std::string("ă"), std::string("a/b"), std::string(65, 'a')}) {
    EXPECT_EQ(ErrorField(CheckRequestId(id)), "request_id") << id;
  }
}

}  // namespace
}  // namespace tthc::server
