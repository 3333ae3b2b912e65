#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/sdk/client.h"
#include "storage/base/errors.h"
#include "tests/testing/sample_requests.h"
#include "tests/testing/scratch_directory.h"
#include "tests/testing/seed.h"
#include "tests/testing/tthcd_process.h"

// Acknowledged outcomes of deliveries survive `kill -9`, and the next start knows what is pending. Real servers, real
// kills.
namespace tthc::crash {
namespace {

using testing::TthcdProcess;
using v1::MirrorItem;
using v1::MirrorOutcome;

constexpr int kSigKilled = 128 + 9;
constexpr char kTarget[] = "mirrorTargets/dvcqg";

class MirrorCrashTest : public ::testing::Test {
 protected:
  std::unique_ptr<TthcdProcess> StartServer(const std::string& crash_point) {
    auto server =
        TthcdProcess::Start({.data_directory = directory_.path(), .environment = {{"TTHC_CRASH_POINT", crash_point}}});
    EXPECT_TRUE(server.ok()) << server.status();
    if (!server.ok()) return nullptr;
    sdk::ClientOptions options;
    options.target = (*server)->address();
    // A dead server stays dead: its client must not wait for it.
    options.retry.attempts_max = 1;
    client_ = std::make_unique<sdk::Client>(options);
    return *std::move(server);
  }

  // One more dossier, or one more event: false once the server is dead.
  bool Happen() {
    if (dossiers_.empty() || random_() % 3 == 0) {
      const auto created = client_->CreateDossier(testing::AcceptRequest());
      if (created.ok()) dossiers_[created->dossier().name()].recorded = created->dossier().revision();
      return created.ok();
    }
    auto dossier = dossiers_.begin();
    std::advance(dossier, static_cast<ptrdiff_t>(random_() % dossiers_.size()));
    const auto appended = client_->AppendEvent(testing::NoteRequest(dossier->first, "ghi chú"));
    if (appended.ok()) dossier->second.recorded = appended->dossier().revision();
    return appended.ok();
  }

  // Delivers some of what is pending: false once the server is dead.
  bool Deliver() {
    v1::ListMirrorDeliveriesRequest list;
    list.set_parent(kTarget);
    list.set_fence(fence_);
    list.set_page_size(static_cast<int32_t>(1 + random_() % 4));
    const auto page = client_->ListMirrorDeliveries(list);
    if (!page.ok()) return false;
    v1::RecordMirrorOutcomesRequest record;
    record.set_parent(kTarget);
    record.set_fence(fence_);
    for (const v1::MirrorDelivery& delivery : page->deliveries()) {
      // Known from now on, even if the answer to its creation was lost.
      dossiers_[delivery.dossier().name()];
      MirrorOutcome& outcome = *record.add_outcomes();
      outcome.set_dossier(delivery.dossier().name());
      outcome.set_revision(delivery.dossier().revision());
      outcome.set_result(MirrorOutcome::RESULT_DONE);
      outcome.set_sent_status("4");
      for (const v1::MirrorStep& step : delivery.steps()) outcome.add_confirmed_steps(step.event().revision());
    }
    if (record.outcomes().empty()) return true;
    if (!client_->RecordMirrorOutcomes(record).ok()) return false;
    for (const MirrorOutcome& outcome : record.outcomes()) {
      dossiers_[outcome.dossier()].confirmed = outcome.revision();
    }
    return true;
  }

  void Acquire() {
    v1::AcquireMirrorTargetRequest request;
    request.set_name(kTarget);
    request.set_holder("crash-test");
    const auto acquired = client_->AcquireMirrorTarget(request);
    ASSERT_TRUE(acquired.ok()) << acquired.status();
    EXPECT_GT(acquired->target().lease().fence(), fence_)
        << "a fence given twice would let a dead holder record outcomes";
    fence_ = acquired->target().lease().fence();
  }

  void ExpectNothingIsForgotten() {
    v1::GetMirrorTargetRequest get;
    get.set_name(kTarget);
    auto target = client_->GetMirrorTarget(get);
    while (target.ok() && target->progress().counting()) target = client_->GetMirrorTarget(get);
    ASSERT_TRUE(target.ok()) << target.status();
    int64_t confirmed = 0;
    int64_t pending = 0;
    for (auto& [name, known] : dossiers_) {
      v1::ListMirrorItemsRequest request;
      request.set_parent(kTarget);
      request.set_dossier(name);
      const auto items = client_->ListMirrorItems(request);
      ASSERT_TRUE(items.ok() && items->items_size() == 1) << items.status();
      const MirrorItem& item = items->items(0);
      EXPECT_GE(item.desired_revision(), known.recorded) << name;
      EXPECT_GE(item.confirmed_revision(), known.confirmed) << name;
      const bool newest = item.confirmed_revision() == item.desired_revision();
      EXPECT_EQ(MirrorItem::State_Name(item.state()), newest ? "STATE_CONFIRMED" : "STATE_PENDING") << name;
      ++(newest ? confirmed : pending);
      known = {item.desired_revision(), item.confirmed_revision()};
    }
    // A dossier whose creation was recorded and not answered is pending, too.
    EXPECT_EQ(target->progress().confirmed_count(), confirmed);
    EXPECT_GE(target->progress().pending_count(), pending);
    EXPECT_LE(target->progress().pending_count(), pending + rounds_);
  }

  void Run(int rounds, const std::string& crash_point) {
    for (rounds_ = 0; rounds_ < rounds; ++rounds_) {
      SCOPED_TRACE(absl::StrCat("round ", rounds_));
      auto server = StartServer("");
      ASSERT_NE(server, nullptr);
      ASSERT_NO_FATAL_FAILURE(Acquire());
      ASSERT_NO_FATAL_FAILURE(ExpectNothingIsForgotten());
      server->Kill();
      server = StartServer(absl::StrCat(crash_point, ":", 3 + random_() % 25));
      ASSERT_NE(server, nullptr);
      bool alive = true;
      for (int i = 0; i < 400 && alive; ++i) alive = random_() % 3 == 0 ? Happen() : Deliver() && Happen();
      const auto status = server->process().Wait(absl::Seconds(30));
      ASSERT_TRUE(status.ok() && *status == kSigKilled) << "it did not die: " << status.status();
    }
    const auto server = StartServer("");
    ASSERT_NE(server, nullptr);
    ASSERT_NO_FATAL_FAILURE(Acquire());
    ASSERT_NO_FATAL_FAILURE(ExpectNothingIsForgotten());
    EXPECT_GT(dossiers_.size(), 10u);
  }

 private:
  struct Known {
    int64_t recorded = 0;
    int64_t confirmed = 0;
  };
  std::mt19937_64 random_{testing::TestSeed()};
  testing::ScratchDirectory directory_;
  std::unique_ptr<sdk::Client> client_;
  int64_t fence_ = 0;
  int rounds_ = 0;
  // Acknowledged.
  std::map<std::string, Known> dossiers_;
};

TEST_F(MirrorCrashTest, KilledBeforeThePipelineCommits) { Run(8, "pipeline.before_commit"); }

TEST_F(MirrorCrashTest, KilledAfterThePipelineCommitted) { Run(8, "pipeline.after_commit"); }

TEST_F(MirrorCrashTest, KilledAfterTheEngineWrote) { Run(6, "engine.after_write"); }

}  // namespace
}  // namespace tthc::crash
