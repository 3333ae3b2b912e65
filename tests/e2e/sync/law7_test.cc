#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/e2e/sync/mirrored_center.h"
#include "tests/testing/seed.h"

// Law 7 with real processes: whatever is killed or down, nothing is lost or applied twice and each dossier keeps its
// order.
namespace tthc::testing {
namespace {

using ::testing::IsEmpty;

class Law7 : public ::testing::Test {
 protected:
  void ExpectAllDelivered(MirroredCenter& center, absl::Duration patience) {
    const absl::Duration took = center.WaitUntilDelivered(patience);
    std::cout << center.dossier_count() << " dossiers, caught up in " << took << std::endl;
    EXPECT_THAT(center.Differences(), IsEmpty());
    const auto target = center.Target();
    EXPECT_EQ(target.progress().confirmed_count(), target.progress().total_count());
    EXPECT_EQ(target.progress().confirmed_share(), 1.0);
  }

  // The portal's process is down for `outage`, while the center works on.
  void RunOutage(absl::Duration outage) {
    MirroredCenter center({.seed = seed_});
    center.StartSync();
    center.WorkFor(absl::Seconds(2), absl::Milliseconds(20));
    center.KillPortal();
    center.WorkFor(outage, absl::Milliseconds(100));
    EXPECT_GT(center.Target().progress().pending_count(), 0);
    EXPECT_EQ(center.Target().progress().parked_count(), 0) << "an outage uses up no attempts";
    center.StartPortal();
    ExpectAllDelivered(center, absl::Seconds(60));
    EXPECT_EQ(center.StopSync(), 0);
  }

  const uint64_t seed_ = TestSeed();
};

TEST_F(Law7, PortalDownForTenSeconds) { RunOutage(absl::Seconds(10)); }

TEST_F(Law7, PortalDownForSixtySeconds) { RunOutage(absl::Seconds(60)); }

TEST_F(Law7, RandomKillsOfAllProcessesUnderFaults) {
  MirroredCenter center({.faults = "all=0.02,slow_max=1s,retry_after_max=1s", .seed = seed_});
  center.StartSync();
  for (int round = 0; round < 10; ++round) {
    center.WorkFor(absl::Milliseconds(500 + static_cast<int64_t>(center.random()() % 1500)), absl::Milliseconds(15));
    switch (center.random()() % 4) {
      case 0:
        center.KillServer();
        center.StartServer();
        break;
      case 1:
        center.KillPortal();
        center.StartPortal();
        break;
      case 2:
        EXPECT_EQ(center.StopSync(), 0);
        center.StartSync();
        break;
      default:
        center.KillSync();
        center.StartSync();
        break;
    }
  }
  ExpectAllDelivered(center, absl::Seconds(90));
}

TEST_F(Law7, TwoProgramsOnOneTargetDoNoHarm) {
  MirroredCenter center({.faults = "all=0.01,slow_max=1s,retry_after_max=1s", .seed = seed_});
  center.StartSync("one");
  center.StartSync("two");
  center.WorkFor(absl::Seconds(3), absl::Milliseconds(15));
  // The one that holds the lease is killed; the other takes over when the lease has ended.
  center.KillSync("one");
  center.WorkFor(absl::Seconds(3), absl::Milliseconds(15));
  center.StartSync("one");
  ExpectAllDelivered(center, absl::Seconds(60));
  EXPECT_EQ(center.StopSync("one"), 0);
  EXPECT_EQ(center.StopSync("two"), 0);
}

TEST_F(Law7, AnOrderlyStopReleasesTheLease) {
  MirroredCenter center({.seed = seed_});
  center.StartSync();
  center.WorkFor(absl::Seconds(2), absl::Milliseconds(10));
  EXPECT_EQ(center.StopSync(), 0);
  EXPECT_EQ(center.Target().lease().holder(), "");
  center.WorkFor(absl::Seconds(1), absl::Milliseconds(10));
  center.StartSync();
  ExpectAllDelivered(center, absl::Seconds(30));
}

}  // namespace
}  // namespace tthc::testing
