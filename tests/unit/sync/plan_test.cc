#include "client/sync/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sync/deliveries.h"

namespace tthc::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tthc::v1::Dossier;
using tthc::v1::MirrorDelivery;

TEST(Plan, HasEverythingForATargetThatHasNothing) {
  const Plan plan = MakePlan(Shipped("dvcqg"), FullDelivery());
  EXPECT_FALSE(plan.excluded);
  EXPECT_EQ(plan.hold.reason(), "");
  EXPECT_TRUE(plan.record_pending);
  EXPECT_EQ(plan.record_digest.size(), 32u);
  EXPECT_EQ(plan.status, "10");
  // All but the note.
  EXPECT_THAT(plan.steps, ElementsAre(11, 12, 14, 20, 21, 22, 25, 26, 30, 31, 35, 40));
}

TEST(Plan, IsEmptyOnceAllIsConfirmed) {
  const v1::Profile profile = Shipped("dvcqg");
  MirrorDelivery delivery = FullDelivery();
  const Plan first = MakePlan(profile, delivery);
  for (const int64_t step : first.steps) delivery.mutable_item()->add_confirmed_steps(step);
  delivery.mutable_item()->set_confirmed_digest(first.record_digest);
  const Plan confirmed = MakePlan(profile, delivery);
  EXPECT_EQ(confirmed.hold.reason(), "");
  EXPECT_FALSE(confirmed.record_pending);
  EXPECT_THAT(confirmed.steps, IsEmpty());
  // The unit was renamed: the record has the new name.
  (*delivery.mutable_display_names())["units/vhxh"] = "Phòng Văn hóa";
  const Plan renamed = MakePlan(profile, delivery);
  EXPECT_TRUE(renamed.record_pending);
  EXPECT_THAT(renamed.steps, IsEmpty());
}

TEST(Plan, OrdersStepsByTimeThenByRevision) {
  MirrorDelivery delivery = FullDelivery();
  // Entered late, and two in the same second.
  auto& late = *delivery.add_steps();
  late = delivery.steps(4);
  late.mutable_event()->set_revision(41);
  auto& early = *delivery.add_steps();
  early = delivery.steps(4);
  early.mutable_event()->set_revision(42);
  early.mutable_event()->mutable_occur_time()->set_seconds(1793700000);
  EXPECT_THAT(MakePlan(Shipped("dvcqg"), delivery).steps,
              ElementsAre(11, 12, 42, 14, 20, 21, 41, 22, 25, 26, 30, 31, 35, 40));
}

TEST(Plan, LeavesOutSkippedSteps) {
  MirrorDelivery delivery = FullDelivery();
  delivery.mutable_item()->set_skipped_revision(30);
  EXPECT_THAT(MakePlan(Shipped("dvcqg"), delivery).steps, ElementsAre(31, 35, 40));
}

TEST(Plan, HoldsADossierWithAnUnmappedStatus) {
  v1::Profile profile = Shipped("dvcqg");
  for (auto& row : *profile.mutable_statuses()) {
    if (row.state() == Dossier::STATE_AWAITING_PAYMENT) row.set_state(Dossier::STATE_UNSPECIFIED);
  }
  const Plan plan = MakePlan(profile, FullDelivery());
  EXPECT_EQ(plan.hold.reason(), "STATUS_UNMAPPED");
  EXPECT_THAT(plan.hold.message(), HasSubstr("AWAITING_PAYMENT"));
  // Once the step is confirmed, its status is not needed any more.
  MirrorDelivery delivery = FullDelivery();
  delivery.mutable_item()->add_confirmed_steps(30);
  EXPECT_EQ(MakePlan(profile, delivery).hold.reason(), "");
}

TEST(Plan, HoldsADossierWithoutARequiredField) {
  MirrorDelivery delivery = FullDelivery();
  delivery.mutable_dossier()->mutable_request()->clear_procedure();
  const Plan plan = MakePlan(Shipped("dvcqg"), delivery);
  EXPECT_EQ(plan.hold.reason(), "FIELD_MISSING");
  EXPECT_THAT(plan.hold.message(), HasSubstr("MaTTHC"));
}

TEST(Plan, ExcludesWhatWasNotFiledWithIgate) {
  MirrorDelivery delivery = FullDelivery();
  EXPECT_FALSE(MakePlan(Shipped("igate"), delivery).excluded);
  delivery.mutable_dossier()->clear_aliases();
  EXPECT_TRUE(MakePlan(Shipped("igate"), delivery).excluded);
  EXPECT_FALSE(MakePlan(Shipped("dvcqg"), delivery).excluded);
}

}  // namespace
}  // namespace tthc::sync
