#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "tests/testing/amount.h"
#include "tests/testing/seed.h"
#include "tests/testing/sync_world.h"

// Law 7 in virtual time: the real server, Syncer and adapters with the simulated portal, and faults everywhere between
// them, drawn from seeds. A failing schedule prints its seed; TTHC_TEST_SEED=N runs it first.
namespace tthc::testing {
namespace {

using ::testing::IsEmpty;

portal_sim::FaultRates Rates(const std::string& text) {
  const auto rates = portal_sim::ParseFaultRates(text);
  EXPECT_TRUE(rates.ok()) << rates.status();
  return rates.ok() ? *rates : portal_sim::FaultRates();
}

struct Findings {
  int schedules = 0;
  std::vector<absl::Duration> catch_ups;

  void Print() {
    std::sort(catch_ups.begin(), catch_ups.end());
    std::cout << schedules << " schedules; time to catch up: median " << catch_ups[catch_ups.size() / 2] << ", longest "
              << catch_ups.back() << std::endl;
  }
};

// Runs schedules from consecutive seeds, as many of `full` as TTHC_TEST_AMOUNT allows.
void RunSchedules(int full, const std::function<SyncWorldOptions(uint64_t seed)>& make) {
  const uint64_t first = TestSeed();
  const int count = Amount(full);
  Findings findings;
  for (int i = 0; i < count; ++i) {
    const uint64_t seed = first + static_cast<uint64_t>(i);
    SyncWorldOptions options = make(seed);
    options.seed = seed;
    SyncWorld world(options);
    ASSERT_TRUE(world.Run()) << "TTHC_TEST_SEED=" << seed << ": not done after " << world.catch_up_time() << "; "
                             << world.Target().ShortDebugString();
    ASSERT_THAT(world.Differences(), IsEmpty()) << "TTHC_TEST_SEED=" << seed;
    findings.catch_ups.push_back(world.catch_up_time());
    ++findings.schedules;
  }
  findings.Print();
}

TEST(SyncSimulation, HealthyPortalReceivesEverything) {
  RunSchedules(50, [](uint64_t) { return SyncWorldOptions{}; });
}

// Each fault alone and often, so that what one of them breaks is not hidden by the others.
class SyncFault : public ::testing::TestWithParam<const char*> {};

TEST_P(SyncFault, NothingIsLostOrDoubled) {
  RunSchedules(40, [](uint64_t) { return SyncWorldOptions{.faults = Rates(absl::StrCat(GetParam(), "=0.3"))}; });
}

INSTANTIATE_TEST_SUITE_P(Each, SyncFault,
                         ::testing::Values("down", "slow", "busy", "unavailable", "skew", "error_after", "cut_after",
                                           "cut_before", "malformed", "truncated", "html", "exists_zero",
                                           "exists_minus", "text_code", "session_dropped", "duplicate"),
                         [](const auto& one) { return std::string(one.param); });

// In portions, so that they run in parallel.
class SyncChaos : public ::testing::TestWithParam<int> {};

TEST_P(SyncChaos, Law7EverythingGoesWrongAtOnce) {
  RunSchedules(500, [](uint64_t seed) {
    return SyncWorldOptions{.profile = seed % 3 == 0 ? "wrapper" : "dvcqg",
                            .workers = static_cast<int>(1 + seed % 5),
                            .faults = Rates("all=0.02,down=0.01,refuse=0.1"),
                            .kill_sync = 15,
                            .kill_server = 8,
                            .second_sync = 5,
                            .freeze_sync = 5};
  });
}

INSTANTIATE_TEST_SUITE_P(Portion, SyncChaos, ::testing::Range(1, 5));

class SyncOutage : public ::testing::TestWithParam<int> {};

TEST_P(SyncOutage, Law7PortalDown) {
  // Simulating a day takes about a second of real time.
  RunSchedules(GetParam() > 3600 ? 5 : 25, [](uint64_t) {
    return SyncWorldOptions{
        .faults = Rates("all=0.01"), .kill_sync = 2, .kill_server = 2, .outage = absl::Seconds(GetParam())};
  });
}

INSTANTIATE_TEST_SUITE_P(Seconds, SyncOutage, ::testing::Values(10, 60, 600, 86'400));

}  // namespace
}  // namespace tthc::testing
