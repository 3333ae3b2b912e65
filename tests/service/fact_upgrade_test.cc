// Views that lie on disk never outlive the rules that made them.
#include <gtest/gtest.h>

#include <string>

#include "server/domain/fact.h"
#include "storage/store.h"
#include "tests/testing/calendars.h"
#include "tests/testing/random_centre.h"
#include "tests/testing/seed.h"

namespace tthc::server {
namespace {

using testing::RandomCentre;
using testing::ServiceFixture;
using testing::ValueOrDie;

constexpr char kCounter[] = "fact-version";

// Records as an earlier build wrote them: facts that know nothing of statistics, a dossier without what was added.
void MakeOld(ServiceFixture& fixture) {
  const storage::StoreReader reader = fixture.store().Read();
  storage::StoreWrites writes;
  const absl::Status scanned = reader.ScanDossiers(1, [&](int64_t number, const storage::v1::DossierRecord& stored) {
    storage::v1::DossierRecord old = stored;
    old.mutable_fact()->clear_version();
    old.mutable_fact()->clear_verdicts();
    old.mutable_fact()->clear_steps();
    old.mutable_fact()->clear_responsible_unit();
    old.mutable_dossier()->clear_withdrawn();
    writes.PutDossier(number, old);
    return true;
  });
  ASSERT_TRUE(scanned.ok()) << scanned;
  writes.PutCounter(kCounter, domain::kFactVersion - 1);
  ASSERT_TRUE(fixture.store().Commit(std::move(writes), fixture.store().head()).ok());
}

TEST(FactUpgrade, MakesRecordsOfOlderRulesAnewFromTheHistory) {
  RandomCentre centre(testing::TestSeed(), {});
  centre.Run(600);
  ServiceFixture& fixture = centre.fixture();
  fixture.Restart();
  const std::string before = fixture.StoredBytes();
  const int64_t revision = fixture.head_revision();
  MakeOld(fixture);
  ASSERT_NE(fixture.StoredBytes(), before);
  fixture.Restart();
  EXPECT_EQ(fixture.head_revision(), revision) << "nothing happened to any dossier";
  EXPECT_EQ(fixture.StoredBytes(), before);
}

TEST(FactUpgrade, LeavesAStoreOfTheseRulesAlone) {
  ServiceFixture fixture;
  fixture.Restart();
  EXPECT_EQ(ValueOrDie(fixture.store().Read().GetCounter(kCounter)), domain::kFactVersion);
  const std::string before = fixture.StoredBytes();
  fixture.Restart();
  EXPECT_EQ(fixture.StoredBytes(), before);
}

}  // namespace
}  // namespace tthc::server
