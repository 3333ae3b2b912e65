// The service opens a store that version 0.1 wrote and goes on from there. tests/data/store-0.1/README.md says what is
// in it; tests/unit/storage/old_store_test.cc looks at its records.
#include "tests/testing/old_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "server/await.h"
#include "server/domain/fact.h"
#include "server/service/service.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/engine/rocksdb_engine.h"
#include "storage/store.h"
#include "tests/testing/calendars.h"
#include "tests/testing/service_fixture.h"

namespace tthc::server {
namespace {

using testing::OldStore;
using ::testing::StartsWith;
using testing::SyncStream;
using testing::ValueOrDie;

class OldStoreServiceTest : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }

  std::string snapshot_path() const { return old_.path() + "/facts.snapshot"; }

  void Open() {
    auto store = ValueOrDie(storage::Store::Open(ValueOrDie(storage::OpenRocksDb({.directory = old_.path()}))));
    store_ = store.get();
    service_ = ValueOrDie(
        Service::Open(std::move(store), {.clock = &clock_, .read_threads = 2, .fact_snapshot_path = snapshot_path()}));
  }
  void Restart() {
    service_.reset();
    Open();
  }

  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(const Request& request) {
    return Await<Response>(*service_, request);
  }
  absl::StatusOr<v1::Dossier> Get(const std::string& name) {
    v1::GetDossierRequest request;
    request.set_name(name);
    return Call<v1::Dossier>(request);
  }
  // How many of the dossiers were compared; the test fails if one differs from its history.
  int64_t Verify() {
    SyncStream<v1::VerifyFactsResponse> stream(
        ValueOrDie(service_->methods().Open<v1::VerifyFactsResponse>({}, v1::VerifyFactsRequest())));
    int64_t checked = 0;
    for (auto part = ValueOrDie(stream.Next()); part.has_value(); part = ValueOrDie(stream.Next())) {
      EXPECT_EQ(part->difference_count(), 0) << part->ShortDebugString();
      checked = part->checked_count();
    }
    return checked;
  }

  OldStore old_;
  // The Monday after it was written.
  ManualClock clock_{ValueOrDie(ParseRfc3339("2026-11-30T08:00:00+07:00"))};
  storage::Store* store_ = nullptr;
  std::unique_ptr<Service> service_;
};

TEST_F(OldStoreServiceTest, AnswersTheSameOfEveryDossier) {
  for (const std::vector<std::string>& row : OldStore::Dossiers()) {
    std::vector<std::string> codes = absl::StrSplit(row[1], '|');
    if (!row[0].empty()) codes.push_back(row[0]);
    const v1::Dossier dossier = ValueOrDie(Get("dossiers/" + codes.back()));
    EXPECT_THAT(dossier.name(), StartsWith("dossiers/"));
    for (const std::string& code : codes) EXPECT_EQ(ValueOrDie(Get("dossiers/" + code)).name(), dossier.name()) << code;
    EXPECT_EQ(ValueOrDie(Get(dossier.name())).SerializeAsString(), dossier.SerializeAsString());

    EXPECT_EQ(dossier.code(), row[0]);
    EXPECT_EQ(v1::Dossier::State_Name(dossier.state()), "STATE_" + row[2]);
    EXPECT_EQ(dossier.etag(), "\"r" + row[3] + "\"");
    EXPECT_EQ(dossier.event_count(), std::stoi(row[4]));
    EXPECT_EQ(dossier.due().has_due_time() ? FormatRfc3339(FromProto(dossier.due().due_time())) : "", row[5]);
    EXPECT_EQ(dossier.request().applicant().display_name(), row[6]);
  }
}

TEST_F(OldStoreServiceTest, FindsNoDifferenceBetweenFactsAndHistory) { EXPECT_EQ(Verify(), 24); }

TEST_F(OldStoreServiceTest, IgnoresTheOldSnapshotOfFactsAndWritesANewOne) {
  const auto magic = [&] {
    std::string bytes(8, '\0');
    std::ifstream(snapshot_path(), std::ios::binary).read(bytes.data(), 8);
    return bytes;
  };
  EXPECT_FALSE(std::filesystem::exists(snapshot_path())) << "its layout has no uids";
  v1::AppendEventRequest note;
  note.set_parent("dossiers/DVC-77001");
  note.mutable_event()->mutable_noted()->set_text("ghi chú");
  ValueOrDie(Call<v1::AppendEventResponse>(note));
  Restart();
  EXPECT_EQ(magic(), "TTHCFCT2");
  EXPECT_EQ(Verify(), 24);
}

TEST_F(OldStoreServiceTest, KeepsItsUidsOverRestarts) {
  const std::string name = ValueOrDie(Get("dossiers/DVC-77001")).name();
  Restart();
  EXPECT_EQ(ValueOrDie(Get("dossiers/DVC-77001")).name(), name);
  EXPECT_EQ(ValueOrDie(Get(name)).submission_code(), "H24.99.1-261129-T0001");
}

TEST_F(OldStoreServiceTest, GoesOnWithItsDossiersCountersAndFeed) {
  v1::AppendEventRequest accept;
  accept.set_parent("dossiers/DVC-77001");
  v1::Accepted& accepted = *accept.mutable_event()->mutable_accepted();
  accepted.set_unit("units/hcc");
  accepted.set_officer("officers/hcc02");
  accept.set_view(v1::DOSSIER_VIEW_FULL);
  const auto answer = ValueOrDie(Call<v1::AppendEventResponse>(accept));
  EXPECT_EQ(answer.dossier().code(), "H24.99.1-261130-0001");
  EXPECT_EQ(answer.event().revision(), 212);
  EXPECT_EQ(answer.dossier().submission_code(), "H24.99.1-261129-T0001");

  v1::ListChangesRequest list;
  list.set_start_revision(204);
  const auto changes = ValueOrDie(Call<v1::ListChangesResponse>(list));
  ASSERT_EQ(changes.changes_size(), 9);
  EXPECT_EQ(changes.changes(0).dossier(), answer.dossier().name());
  EXPECT_EQ(changes.changes(0).event().name(), answer.dossier().name() + "/events/204");
  EXPECT_EQ(changes.changes(8).dossier(), answer.dossier().name());
}

TEST_F(OldStoreServiceTest, KnowsItsMirrorAndWhatIsParkedThere) {
  v1::GetMirrorTargetRequest get;
  get.set_name("mirrorTargets/dvcqg");
  auto target = ValueOrDie(Call<v1::MirrorTarget>(get));
  while (target.progress().counting()) target = ValueOrDie(Call<v1::MirrorTarget>(get));
  EXPECT_EQ(target.progress().total_count(), 23);
  EXPECT_EQ(target.progress().confirmed_count(), 17);
  EXPECT_EQ(target.progress().parked_count(), 5);
  EXPECT_EQ(target.progress().skipped_count(), 1);

  v1::GetMirrorItemRequest item;
  item.set_name("mirrorTargets/dvcqg/items/H24.99.1-261030-0001");
  const auto skipped = ValueOrDie(Call<v1::MirrorItem>(item));
  EXPECT_EQ(skipped.state(), v1::MirrorItem::STATE_SKIPPED);
  EXPECT_EQ(skipped.dossier(), ValueOrDie(Get("dossiers/H24.99.1-261030-0001")).name());
}

}  // namespace
}  // namespace tthc::server
