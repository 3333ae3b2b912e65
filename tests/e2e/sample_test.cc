// The sample against the real server: everything it makes up is accepted.
#include <gtest/gtest.h>

#include "client/sample/loader.h"
#include "tests/testing/test_server.h"

namespace tthc::sample {
namespace {

class SampleLoadTest : public ::testing::Test {
 protected:
  static SampleOptions Options(int dossiers) {
    return {.seed = 1, .dossiers = dossiers, .from = absl::CivilDay(2026, 8, 15), .to = absl::CivilDay(2026, 11, 20)};
  }

  LoadResult Load(const SampleOptions& options) {
    auto result = LoadSample(client_, options, [](size_t, size_t) {});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.value_or(LoadResult{});
  }

  int64_t CountDossiers(const v1::DossierFilter& filter = {}) {
    v1::ListDossiersRequest request;
    *request.mutable_filter() = filter;
    const auto page = client_.ListDossiers(request);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->total_size() : -1;
  }

  int64_t CountState(v1::Dossier::State state) {
    v1::DossierFilter filter;
    filter.add_states(state);
    return CountDossiers(filter);
  }

  sdk::ClientOptions ClientOptions() {
    sdk::ClientOptions options;
    options.target = server_.address();
    return options;
  }

  testing::TestServer server_{
      {.now = absl::FromCivil(absl::CivilSecond(2026, 11, 21, 8, 0, 0), absl::FixedTimeZone(7 * 3600))}};
  sdk::Client client_{ClientOptions()};
};

TEST_F(SampleLoadTest, ServerAcceptsEveryCommandAndASecondLoadAddsNothing) {
  const LoadResult first = Load(Options(300));
  EXPECT_EQ(first.refused, 0) << first.first_refusal;
  EXPECT_EQ(first.dossiers, 300);
  EXPECT_EQ(CountDossiers(), 300);

  const LoadResult second = Load(Options(300));
  EXPECT_EQ(second.refused, 0) << second.first_refusal;
  EXPECT_EQ(second.dossiers, 0);
  EXPECT_EQ(second.events, 0);
  EXPECT_EQ(CountDossiers(), 300);
}

TEST_F(SampleLoadTest, SameSeedOfAnotherSizeIsLeftAlone) {
  Load(Options(20));
  const LoadResult other = Load(Options(30));
  EXPECT_TRUE(other.already_there);
  EXPECT_EQ(CountDossiers(), 20);
}

TEST_F(SampleLoadTest, QuarterEndsWithWorkInEveryState) {
  const LoadResult result = Load(Options(5000));
  EXPECT_EQ(result.refused, 0) << result.first_refusal;
  for (const v1::Dossier::State state :
       {v1::Dossier::STATE_SUBMITTED, v1::Dossier::STATE_PROCESSING, v1::Dossier::STATE_AWAITING_SUPPLEMENT,
        v1::Dossier::STATE_AWAITING_PAYMENT, v1::Dossier::STATE_PAUSED, v1::Dossier::STATE_STOPPED,
        v1::Dossier::STATE_INTAKE_REFUSED, v1::Dossier::STATE_FINISHED, v1::Dossier::STATE_RETURNED}) {
    EXPECT_GT(CountState(state), 0) << v1::Dossier::State_Name(state);
  }
  EXPECT_GT(client_.ListLateDossiers({})->total_size(), 0);
  EXPECT_GT(client_.ListDueSoonDossiers({})->total_size(), 0);
}

}  // namespace
}  // namespace tthc::sample
