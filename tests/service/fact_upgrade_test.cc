// Stored facts and dossiers are folded again when the rules that made them change.
#include <gtest/gtest.h>

#include <string>

#include "server/domain/fact.h"
#include "storage/store.h"
#include "tests/testing/calendars.h"
#include "tests/testing/dossier_records.h"
#include "tests/testing/random_center.h"
#include "tests/testing/seed.h"

namespace tthc::server {
namespace {

using testing::RandomCenter;
using testing::ServiceFixture;
using testing::ValueOrDie;

constexpr char kCounter[] = "fact-version";

// Records as an earlier build wrote them: facts without statistics, dossiers without the fields that were added since.
void MakeOld(ServiceFixture& fixture) {
  const storage::StoreReader reader = fixture.store().Read();
  storage::StoreWrites writes;
  const absl::Status read =
      testing::VisitDossiers(reader, [&](int64_t number, const storage::v1::DossierRecord& stored) {
        storage::v1::DossierRecord old = stored;
        old.mutable_fact()->clear_version();
        old.mutable_fact()->clear_verdicts();
        old.mutable_fact()->clear_steps();
        old.mutable_fact()->clear_responsible_unit();
        old.mutable_dossier()->clear_withdrawn();
        writes.PutDossier(number, old);
      });
  ASSERT_TRUE(read.ok()) << read;
  writes.PutCounter(kCounter, domain::kFactVersion - 1);
  ASSERT_TRUE(fixture.store().Commit(std::move(writes), fixture.store().head()).ok());
}

TEST(FactUpgrade, MakesRecordsOfOlderRulesAnewFromTheHistory) {
  RandomCenter center(testing::TestSeed(), {});
  center.Run(600);
  ServiceFixture& fixture = center.fixture();
  fixture.Restart();
  const std::string before = fixture.StoredBytes();
  const int64_t revision = fixture.head_revision();
  MakeOld(fixture);
  ASSERT_NE(fixture.StoredBytes(), before);
  fixture.Restart();
  EXPECT_EQ(fixture.head_revision(), revision) << "no event was recorded";
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
