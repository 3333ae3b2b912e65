#include "server/commit/commit_scope.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/engine/memory_engine.h"
#include "storage/store.h"

namespace tthc::server {
namespace {

std::unique_ptr<storage::Store> FilledStore() {
  auto store = *storage::Store::Open(std::make_unique<storage::MemoryEngine>());
  storage::StoreWrites writes;
  writes.PutCode("stored", 1);
  storage::v1::MirrorItemRecord item;
  item.set_state_revision(5);
  writes.Put<storage::MirrorItems>({1, 1}, item);
  storage::v1::MirrorExchangesRecord exchanges;
  exchanges.add_exchanges()->set_service("stored");
  writes.Put<storage::MirrorExchanges>({1, 1}, exchanges);
  writes.PutCounter("counter", 7);
  EXPECT_TRUE(store->Commit(std::move(writes), store->head()).ok());
  return store;
}

class CommitScopeTest : public ::testing::Test {
 protected:
  CommitScopeTest() {
    batch_.catalogue = std::make_shared<const domain::Catalogue>();
    batch_.head = store_->head();
  }

  CommitScope NewScope() { return CommitScope(reader_, cache_, batch_, absl::FromUnixSeconds(1'000), uids_); }

  const std::unique_ptr<storage::Store> store_ = FilledStore();
  const storage::StoreReader reader_ = store_->Read();
  DossierCache cache_;
  Staged batch_;
  std::vector<std::string> next_uids_;
  const UidSource uids_ = [this] {
    std::string uid = next_uids_.front();
    next_uids_.erase(next_uids_.begin());
    return uid;
  };
};

TEST_F(CommitScopeTest, ReadsItsOwnWritesThenThoseOfTheBatchThenTheStore) {
  CommitScope first = NewScope();
  first.PutCode("STAGED", 2);
  EXPECT_EQ(*first.Count("counter"), 8);
  batch_.Merge(first.TakeStaged());

  CommitScope second = NewScope();
  EXPECT_EQ(*second.FindCode(" stored"), std::optional<int64_t>(1));
  EXPECT_EQ(*second.FindCode("staged"), std::optional<int64_t>(2));
  EXPECT_EQ(*second.FindCode("own"), std::nullopt);
  second.PutCode("OWN", 3);
  EXPECT_EQ(*second.FindCode("own"), std::optional<int64_t>(3));
  EXPECT_EQ(*second.Count("counter"), 9);
  EXPECT_EQ(*second.Count("other"), 1);
}

TEST_F(CommitScopeTest, ReadsRecordsOfAnyTableThroughTheSameLayers) {
  const storage::MirrorItemKey id{1, 1};
  EXPECT_EQ((*NewScope().Find<storage::MirrorItems>(id))->state_revision(), 5);
  EXPECT_EQ((*NewScope().Find<storage::MirrorExchanges>(id))->exchanges(0).service(), "stored");
  EXPECT_FALSE(NewScope().Find<storage::MirrorAttention>(id)->has_value());

  CommitScope first = NewScope();
  storage::v1::MirrorItemRecord item;
  item.set_state_revision(6);
  first.Put<storage::MirrorItems>(id, item);
  first.Put<storage::MirrorAttention>(id, item);
  first.Delete<storage::MirrorExchanges>(id);
  batch_.Merge(first.TakeStaged());

  CommitScope second = NewScope();
  EXPECT_EQ((*second.Find<storage::MirrorItems>(id))->state_revision(), 6);
  EXPECT_TRUE(second.Find<storage::MirrorAttention>(id)->has_value());
  EXPECT_FALSE(second.Find<storage::MirrorExchanges>(id)->has_value()) << "deleted in the batch, still in the store";
  item.set_state_revision(7);
  second.Put<storage::MirrorItems>(id, item);
  second.Delete<storage::MirrorAttention>(id);
  EXPECT_EQ((*second.Find<storage::MirrorItems>(id))->state_revision(), 7);
  EXPECT_EQ((*NewScope().Find<storage::MirrorItems>(id))->state_revision(), 6) << "not merged: nobody else sees it";
  batch_.Merge(second.TakeStaged());

  storage::StoreWrites writes;
  batch_.records.WriteTo(writes);
  ASSERT_TRUE(store_->Commit(std::move(writes), store_->head()).ok());
  const storage::StoreReader reader = store_->Read();
  EXPECT_EQ((*reader.Get<storage::MirrorItems>(id))->state_revision(), 7);
  EXPECT_FALSE(reader.Get<storage::MirrorAttention>(id)->has_value());
  EXPECT_FALSE(reader.Get<storage::MirrorExchanges>(id)->has_value());
}

TEST_F(CommitScopeTest, DrawsUidsThatAreNotTaken) {
  CommitScope scope = NewScope();
  next_uids_ = {"stored", "bbbbbbbbbbbbbbbb", "bbbbbbbbbbbbbbbb", "cccccccccccccccc"};
  EXPECT_EQ(*scope.NewUid(), "bbbbbbbbbbbbbbbb");
  v1::Event opening;
  opening.set_revision(scope.NewRevision());
  opening.mutable_noted();
  scope.PutEvent(1, opening, "bbbbbbbbbbbbbbbb");
  EXPECT_EQ(*scope.NewUid(), "cccccccccccccccc");
  EXPECT_EQ(*scope.FindCode("BBBBBBBBBBBBBBBB"), std::optional<int64_t>(1));
  EXPECT_EQ(scope.LoadLog(1)->dossier_uid(), "bbbbbbbbbbbbbbbb");
}

TEST_F(CommitScopeTest, MarksTheRecordsOfOneCommandAndRefusesTooManyBytes) {
  CommitScope scope = NewScope();
  v1::MirrorDecision decision;
  decision.set_target("mirrorTargets/dvcqg");
  EXPECT_EQ(scope.PutMirrorDecision(decision), 1);
  EXPECT_EQ(scope.PutMirrorDecision(decision), 2);
  ASSERT_TRUE(scope.EndCommand("request", 5).ok());
  EXPECT_EQ(scope.LoadLog(1)->command_tail(), 1);
  EXPECT_EQ(scope.LoadLog(1)->request_id(), "request");
  EXPECT_EQ(scope.LoadLog(2)->command_tail(), 0);
  EXPECT_EQ(scope.LoadLog(2)->record_time_us(), 1'000'000'000);
  EXPECT_EQ(scope.LoadLog(2)->mirror_decision().target(), "mirrorTargets/dvcqg");

  CommitScope large = NewScope();
  decision.set_reason(std::string(limits::kCommandBytesMax, 'x'));
  large.PutMirrorDecision(decision);
  EXPECT_EQ(ErrorReason(large.EndCommand("", 0)), "COMMAND_TOO_LARGE");

  // What lies beside the log is not in the feed's message, so it does not count.
  CommitScope beside = NewScope();
  storage::v1::MirrorItemRecord item;
  item.set_decision_reason(std::string(limits::kCommandBytesMax, 'x'));
  beside.Put<storage::MirrorItems>({1, 2}, item);
  beside.PutMirrorDecision(v1::MirrorDecision());
  EXPECT_TRUE(beside.EndCommand("", 0).ok());
}

}  // namespace
}  // namespace tthc::server
