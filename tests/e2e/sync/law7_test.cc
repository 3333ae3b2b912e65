#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/e2e/sync/mirrored_centre.h"
#include "tests/testing/seed.h"

// Law 7 with real processes: nothing lost, nothing applied twice, order per dossier kept, whatever dies or is down.
namespace tthc::testing {
namespace {

using ::testing::IsEmpty;

class Law7 : public ::testing::Test {
 protected:
  void ExpectAllTold(MirroredCentre& centre, absl::Duration patience) {
    const absl::Duration took = centre.WaitUntilTold(patience);
    std::cout << centre.dossier_count() << " dossiers, caught up in " << took << std::endl;
    EXPECT_THAT(centre.Differences(), IsEmpty());
    const auto target = centre.Target();
    EXPECT_EQ(target.progress().confirmed(), target.progress().owed());
    EXPECT_EQ(target.progress().confirmed_share(), 1.0);
  }

  // The portal's process is gone for so long, while the centre works on.
  void RunOutage(absl::Duration outage) {
    MirroredCentre centre({.seed = seed_});
    centre.StartSync();
    centre.WorkFor(absl::Seconds(2), absl::Milliseconds(20));
    centre.KillPortal();
    centre.WorkFor(outage, absl::Milliseconds(100));
    EXPECT_GT(centre.Target().progress().pending(), 0);
    EXPECT_EQ(centre.Target().progress().parked(), 0) << "an outage is nobody's fault";
    centre.StartPortal();
    ExpectAllTold(centre, absl::Seconds(60));
    EXPECT_EQ(centre.StopSync(), 0);
  }

  const uint64_t seed_ = TestSeed();
};

TEST_F(Law7, PortalDownForTenSeconds) { RunOutage(absl::Seconds(10)); }

TEST_F(Law7, PortalDownForSixtySeconds) { RunOutage(absl::Seconds(60)); }

TEST_F(Law7, EveryoneIsKilledAtRandomWhileEverythingFails) {
  MirroredCentre centre({.faults = "all=0.02,slow_max=1s,retry_after_max=1s", .seed = seed_});
  centre.StartSync();
  for (int round = 0; round < 10; ++round) {
    centre.WorkFor(absl::Milliseconds(500 + static_cast<int64_t>(centre.random()() % 1500)), absl::Milliseconds(15));
    switch (centre.random()() % 4) {
      case 0:
        centre.KillServer();
        centre.StartServer();
        break;
      case 1:
        centre.KillPortal();
        centre.StartPortal();
        break;
      case 2:
        EXPECT_EQ(centre.StopSync(), 0);
        centre.StartSync();
        break;
      default:
        centre.KillSync();
        centre.StartSync();
        break;
    }
  }
  ExpectAllTold(centre, absl::Seconds(90));
}

TEST_F(Law7, TwoProgramsOnOneTargetDoNoHarm) {
  MirroredCentre centre({.faults = "all=0.01,slow_max=1s,retry_after_max=1s", .seed = seed_});
  centre.StartSync("one");
  centre.StartSync("two");
  centre.WorkFor(absl::Seconds(3), absl::Milliseconds(15));
  // The one that speaks dies; the other takes over when the lease has ended.
  centre.KillSync("one");
  centre.WorkFor(absl::Seconds(3), absl::Milliseconds(15));
  centre.StartSync("one");
  ExpectAllTold(centre, absl::Seconds(60));
  EXPECT_EQ(centre.StopSync("one"), 0);
  EXPECT_EQ(centre.StopSync("two"), 0);
}

TEST_F(Law7, AnOrderlyEndLeavesNothingToLookUp) {
  MirroredCentre centre({.seed = seed_});
  centre.StartSync();
  centre.WorkFor(absl::Seconds(2), absl::Milliseconds(10));
  EXPECT_EQ(centre.StopSync(), 0);
  EXPECT_EQ(centre.Target().lease().holder(), "");
  centre.WorkFor(absl::Seconds(1), absl::Milliseconds(10));
  centre.StartSync();
  ExpectAllTold(centre, absl::Seconds(30));
}

}  // namespace
}  // namespace tthc::testing
