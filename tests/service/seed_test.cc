// What a new store is filled with, and what an old one keeps.
#include "server/seed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "storage/base/errors.h"
#include "tests/testing/schemes.h"
#include "tests/testing/scratch_directory.h"
#include "tests/testing/service_fixture.h"

namespace tthc::server {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using testing::ScratchDirectory;
using testing::ServiceFixture;
using testing::ShippedScheme;
using testing::ShippedSchemeIds;
using testing::ValueOrDie;

constexpr char kShipped[] = TTHC_SOURCE_DIR "/deploy/data";

std::vector<v1::Scheme> SchemesOf(ServiceFixture& fixture) {
  const auto answer = ValueOrDie(fixture.Call<v1::ListSchemesResponse>(v1::ListSchemesRequest()));
  return {answer.schemes().begin(), answer.schemes().end()};
}

std::vector<std::string> IdsOf(ServiceFixture& fixture) {
  std::vector<std::string> ids;
  for (const v1::Scheme& scheme : SchemesOf(fixture))
    ids.push_back(scheme.name().substr(std::string("schemes/").size()));
  return ids;
}

void Write(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

// The shipped data, to be changed.
class SeedDirectory {
 public:
  SeedDirectory() { fs::copy(kShipped, directory_.path(), fs::copy_options::recursive); }
  const std::string& path() const { return directory_.path(); }
  std::string scheme(const std::string& id) const { return path() + "/schemes/" + id + ".textproto"; }

 private:
  ScratchDirectory directory_;
};

TEST(SeedTest, ANewStoreIsFilledOnceAndThenLeftAlone) {
  ServiceFixture fixture({.seed = false});
  ASSERT_EQ(SeedStore(fixture.service(), kShipped), absl::OkStatus());
  EXPECT_THAT(IdsOf(fixture), ElementsAreArray(ShippedSchemeIds()));
  const std::string stored = fixture.StoredBytes();
  ASSERT_EQ(SeedStore(fixture.service(), kShipped), absl::OkStatus());
  EXPECT_EQ(fixture.StoredBytes(), stored);
  fixture.Restart();
  ASSERT_EQ(SeedStore(fixture.service(), kShipped), absl::OkStatus());
  EXPECT_EQ(fixture.StoredBytes(), stored);
}

TEST(SeedTest, AStoreKeepsItsOwnSchemesAndGetsTheMissingOnes) {
  ServiceFixture fixture;
  v1::UpdateSchemeRequest own;
  *own.mutable_scheme() = ShippedScheme("plan-hop-tien-2025");
  own.mutable_scheme()->set_end_date("2025-12-31");
  own.set_allow_missing(true);
  ValueOrDie(fixture.Call<v1::Scheme>(own));
  ASSERT_EQ(SeedStore(fixture.service(), kShipped), absl::OkStatus());
  EXPECT_THAT(IdsOf(fixture), ElementsAreArray(ShippedSchemeIds()));
  EXPECT_EQ(SchemesOf(fixture)[0].end_date(), "2025-12-31");
  // A later edition ships one more; the rest of the store is not touched.
  SeedDirectory later;
  v1::Scheme successor = ShippedScheme("qd766-2022");
  successor.set_name("schemes/qd766-2027");
  successor.set_start_date("2027-01-01");
  Write(later.scheme("qd766-2027"), successor.DebugString());
  Write(later.path() + "/schemes/README", "not a scheme");
  const int64_t before = fixture.head_revision();
  ASSERT_EQ(SeedStore(fixture.service(), later.path()), absl::OkStatus());
  EXPECT_EQ(fixture.head_revision(), before + 1);
  EXPECT_EQ(SchemesOf(fixture).back().name(), "schemes/tt01-2018-units");
  EXPECT_EQ(IdsOf(fixture)[2], "qd766-2027");
}

TEST(SeedTest, AFileThatIsWrongIsNamed) {
  SeedDirectory broken;
  Write(broken.scheme("hong"), "name: \"schemes/hong\"\nkind: ");
  ServiceFixture fixture;
  const absl::Status malformed = SeedStore(fixture.service(), broken.path());
  EXPECT_EQ(ErrorReason(malformed), "SCHEME_MALFORMED");
  EXPECT_THAT(ErrorMessage(malformed, "vi"), HasSubstr(broken.scheme("hong")));
  Write(broken.scheme("hong"), "name: \"schemes/hong\" kind: KIND_PLAN start_date: \"2026-01-01\"");
  const absl::Status invalid = SeedStore(fixture.service(), broken.path());
  EXPECT_EQ(ErrorReason(invalid), "FIELD_INVALID");
  EXPECT_EQ(ErrorField(invalid), "scheme.display_name");
  EXPECT_THAT(ErrorMessage(invalid, "en"), HasSubstr(broken.scheme("hong")));
  fs::remove_all(broken.path() + "/schemes");
  const absl::Status missing = SeedStore(fixture.service(), broken.path());
  EXPECT_EQ(ErrorReason(missing), "SEED_UNREADABLE");
  EXPECT_THAT(ErrorMessage(missing, "en"), HasSubstr(broken.path() + "/schemes"));
}

}  // namespace
}  // namespace tthc::server
