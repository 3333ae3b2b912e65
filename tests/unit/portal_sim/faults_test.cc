#include "client/portal_sim/faults.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "storage/base/errors.h"
#include "tests/testing/seed.h"

namespace tthc::portal_sim {
namespace {

TEST(FaultRatesTest, ReadsRatesAndDurations) {
  const auto rates = ParseFaultRates("busy=0.02, cut_after=0.01,slow_max=5s,refuse=0.5");
  ASSERT_TRUE(rates.ok()) << rates.status();
  EXPECT_EQ((*rates)[Fault::kBusy], 0.02);
  EXPECT_EQ((*rates)[Fault::kCutAfter], 0.01);
  EXPECT_EQ((*rates)[Fault::kDown], 0);
  EXPECT_EQ(rates->slow_max, absl::Seconds(5));
  EXPECT_EQ(rates->refuse, 0.5);
}

TEST(FaultRatesTest, AllStandsForEveryFaultButDown) {
  const auto rates = ParseFaultRates("all=0.01,busy=0");
  ASSERT_TRUE(rates.ok());
  for (size_t i = 1; i < kFaultCount; ++i) {
    const auto fault = static_cast<Fault>(i);
    EXPECT_EQ((*rates)[fault], fault == Fault::kDown || fault == Fault::kBusy ? 0 : 0.01) << FaultName(fault);
  }
}

TEST(FaultRatesTest, NamesAreDistinctAndParse) {
  std::set<std::string> names;
  for (size_t i = 1; i < kFaultCount; ++i) {
    const std::string name = FaultName(static_cast<Fault>(i));
    EXPECT_TRUE(names.insert(name).second) << name;
    const auto rates = ParseFaultRates(name + "=0.25,down_max=90s");
    ASSERT_TRUE(rates.ok()) << name;
    EXPECT_EQ((*rates)[static_cast<Fault>(i)], 0.25);
    EXPECT_EQ(FormatFaultRates(*rates), name + "=0.25,down_max=1m30s");
  }
  EXPECT_EQ(FormatFaultRates(FaultRates()), "");
}

TEST(FaultRatesTest, RefusesInvalidRates) {
  for (const char* const text : {"busy", "busy=2", "busy=-0.1", "busy=nan", "busy=x", "bussy=0.1", "slow_max=-1s",
                                 "slow_max=5", "busy=0.6,html=0.6", "none=0.1", "busy=0.1=0.2"}) {
    const auto rates = ParseFaultRates(text);
    ASSERT_FALSE(rates.ok()) << text;
    EXPECT_EQ(ErrorReason(rates.status()), "FIELD_INVALID") << text;
    EXPECT_EQ(ErrorField(rates.status()), "faults") << text;
  }
}

TEST(ChanceTest, DrawsWithTheGivenRates) {
  const auto rates = ParseFaultRates("busy=0.1,duplicate=0.3");
  ASSERT_TRUE(rates.ok());
  Chance chance(testing::TestSeed());
  std::map<Fault, int> drawn;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) ++drawn[chance.Draw(*rates)];
  // Ten standard deviations.
  EXPECT_NEAR(drawn[Fault::kBusy], 0.1 * kDraws, 950);
  EXPECT_NEAR(drawn[Fault::kDuplicate], 0.3 * kDraws, 1450);
  EXPECT_EQ(drawn[Fault::kBusy] + drawn[Fault::kDuplicate] + drawn[Fault::kNone], kDraws);
}

TEST(ChanceTest, TheSameSeedDrawsTheSame) {
  Chance left(7);
  Chance right(7);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(left.Fraction(), right.Fraction());
}

}  // namespace
}  // namespace tthc::portal_sim
