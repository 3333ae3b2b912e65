// The mirror over real gRPC, through the SDK.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/sdk/client.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "tests/testing/sample_requests.h"
#include "tests/testing/test_server.h"

namespace tthc::rpc {
namespace {

using testing::AcceptRequest;
using testing::TestServer;
using v1::MirrorItem;
using v1::MirrorOutcome;

constexpr char kTarget[] = "mirrorTargets/dvcqg";

class MirrorRpcTest : public ::testing::Test {
 protected:
  sdk::Client MakeClient(const std::string& actor) {
    sdk::ClientOptions options;
    options.target = server_.address();
    options.actor = actor;
    options.retry.attempts_max = 1;
    return sdk::Client(std::move(options));
  }

  TestServer server_;
};

TEST_F(MirrorRpcTest, ADeliveryIsListedRefusedRetriedAndSkipped) {
  sdk::Client clerk = MakeClient("officers/hcc02");
  sdk::Client sync = MakeClient("tthc-sync");
  const auto created = clerk.CreateDossier(AcceptRequest());
  ASSERT_TRUE(created.ok()) << created.status();

  v1::AcquireMirrorTargetRequest acquire;
  acquire.set_name(kTarget);
  acquire.set_display_name("Cổng Dịch vụ công quốc gia");
  acquire.set_holder("sync-1");
  const auto acquired = sync.AcquireMirrorTarget(acquire);
  ASSERT_TRUE(acquired.ok()) << acquired.status();
  const int64_t fence = acquired->target().lease().fence();
  EXPECT_EQ(acquired->target().progress().pending_count(), 1);

  v1::RenewMirrorTargetRequest renew;
  renew.set_name(kTarget);
  renew.set_fence(fence);
  renew.mutable_condition()->set_state(v1::MirrorCondition::STATE_UNREACHABLE);
  EXPECT_EQ(sync.RenewMirrorTarget(renew)->pending_count(), 1);

  v1::ListMirrorDeliveriesRequest list;
  list.set_parent(kTarget);
  list.set_fence(fence);
  const auto page = sync.ListMirrorDeliveries(list);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->deliveries_size(), 1);
  EXPECT_EQ(page->deliveries(0).dossier().name(), created->dossier().name());

  v1::RecordMirrorOutcomesRequest record;
  record.set_parent(kTarget);
  record.set_fence(fence);
  MirrorOutcome& outcome = *record.add_outcomes();
  outcome.set_dossier(created->dossier().name());
  outcome.set_revision(created->dossier().revision());
  outcome.set_result(MirrorOutcome::RESULT_REFUSED);
  outcome.mutable_error()->set_reason("REFUSED");
  EXPECT_EQ(sync.RecordMirrorOutcomes(record)->states(0), MirrorItem::STATE_PARKED);

  v1::ListMirrorItemsRequest items;
  items.set_parent(kTarget);
  EXPECT_EQ(clerk.ListMirrorItems(items)->items(0).last_error().reason(), "REFUSED");
  v1::RetryMirrorItemsRequest retry;
  retry.set_parent(kTarget);
  EXPECT_EQ(clerk.RetryMirrorItems(retry)->retried_count(), 1);
  v1::SkipMirrorItemRequest skip;
  skip.set_name(absl::StrCat(kTarget, "/items/", absl::StripPrefix(created->dossier().name(), "dossiers/")));
  skip.set_reason("đã báo bằng văn bản");
  const auto skipped = clerk.SkipMirrorItem(skip);
  ASSERT_TRUE(skipped.ok()) << skipped.status();
  EXPECT_EQ(skipped->state(), MirrorItem::STATE_SKIPPED);
  EXPECT_EQ(skipped->decision_actor(), "officers/hcc02");

  v1::ReleaseMirrorTargetRequest release;
  release.set_name(kTarget);
  release.set_fence(fence);
  EXPECT_TRUE(sync.ReleaseMirrorTarget(release).ok());
  const auto targets = clerk.ListMirrorTargets({});
  ASSERT_TRUE(targets.ok()) << targets.status();
  EXPECT_EQ(targets->targets(0).condition().state(), v1::MirrorCondition::STATE_UNREACHABLE);
  EXPECT_EQ(targets->targets(0).lease().holder(), "");
  EXPECT_EQ(targets->targets(0).progress().skipped_count(), 1);
}

TEST_F(MirrorRpcTest, ErrorsHaveTheirReasons) {
  sdk::Client client = MakeClient("tthc-sync");
  v1::RecordMirrorOutcomesRequest record;
  EXPECT_EQ(ErrorMetadata(client.RecordMirrorOutcomes(record).status(), "fields"), "parent, fence, outcomes");
  record.set_parent(kTarget);
  record.set_fence(1);
  EXPECT_EQ(ErrorField(client.RecordMirrorOutcomes(record).status()), "outcomes");
  record.add_outcomes();
  EXPECT_EQ(ErrorField(client.RecordMirrorOutcomes(record).status()), "outcomes[0].dossier");
  v1::ListMirrorDeliveriesRequest list;
  list.set_parent(kTarget);
  list.set_fence(1);
  EXPECT_EQ(ErrorReason(client.ListMirrorDeliveries(list).status()), "MIRROR_TARGET_NOT_FOUND");
  v1::AcquireMirrorTargetRequest acquire;
  acquire.set_name(kTarget);
  acquire.set_holder("sync-1");
  ASSERT_TRUE(client.AcquireMirrorTarget(acquire).ok());
  acquire.set_holder("sync-2");
  const absl::Status held = client.AcquireMirrorTarget(acquire).status();
  EXPECT_EQ(ErrorReason(held), "MIRROR_LEASE_HELD");
  EXPECT_GE(ErrorRetryDelay(held), limits::kMirrorLeaseDefault);
  list.set_fence(7);
  EXPECT_EQ(ErrorReason(client.ListMirrorDeliveries(list).status()), "MIRROR_LEASE_LOST");
}

}  // namespace
}  // namespace tthc::rpc
