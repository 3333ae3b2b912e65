#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/await.h"
#include "server/service/service.h"
#include "server/statistics/closing_form.h"
#include "server/statistics/closing_queries.h"
#include "storage/base/clock.h"
#include "storage/base/errors.h"
#include "storage/engine/rocksdb_engine.h"
#include "storage/store.h"
#include "tests/testing/old_store.h"
#include "tests/testing/scripted_center.h"

// Closings as they are stored, read, listed and repeated; with which versions of rules and form they are checked. That
// the figures stay the same is tested in report06a_test.cc.
namespace tthc::server {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::At;
using testing::Preset;
using testing::ScriptedCenter;
using testing::ValueOrDie;

constexpr char kRequestId[] = "7d3d8d0e-5c0e-4b3b-8f0e-0f6f3a1b2c02";

v1::ClosePeriodRequest CloseRequest(const std::string& preset, const std::string& office = "") {
  v1::ClosePeriodRequest request;
  *request.mutable_period() = Preset(preset);
  request.set_office(office);
  return request;
}

// On 20/07/2026, with dossiers of June.
class ClosingTest : public ::testing::Test {
 protected:
  ClosingTest() {
    center_.Open("2026-06-15T08:00", testing::AcceptedEvent());
    center_.Finished("2026-06-16T08:00", "2026-06-17T08:00");
    center_.SetNow("2026-07-20T08:00");
  }
  testing::ServiceFixture& fixture() { return center_.fixture(); }
  v1::Closing Close(const v1::ClosePeriodRequest& request) { return ValueOrDie(fixture().Call<v1::Closing>(request)); }
  v1::Closing Get(const std::string& name) {
    v1::GetClosingRequest request;
    request.set_name(name);
    return ValueOrDie(fixture().Call<v1::Closing>(request));
  }

  ScriptedCenter center_{"2026-06-01T07:30"};
};

TEST_F(ClosingTest, IsReadWholeAsItWasStoredAndListedWithoutRows) {
  const v1::Closing closing = Close(CloseRequest("m6/2026"));
  EXPECT_GT(closing.report().rows_size(), 0);
  EXPECT_TRUE(MessageDifferencer::Equals(Get(closing.name()), closing));
  const auto listed = ValueOrDie(fixture().Call<v1::ListClosingsResponse>(v1::ListClosingsRequest()));
  ASSERT_EQ(listed.closings_size(), 1);
  v1::Closing expected = closing;
  expected.mutable_report()->clear_rows();
  EXPECT_TRUE(MessageDifferencer::Equals(listed.closings(0), expected)) << listed.closings(0).DebugString();
}

TEST_F(ClosingTest, PagesHoldEveryClosingOfTheOfficeOnceNewestFirst) {
  std::vector<std::string> all;
  std::vector<std::string> of_office;
  for (const char* preset : {"m1/2026", "m2/2026", "m3/2026", "m4/2026", "m5/2026", "m6/2026"}) {
    all.insert(all.begin(), Close(CloseRequest(preset)).name());
    all.insert(all.begin(), Close(CloseRequest(preset, testing::kOffice)).name());
    of_office.insert(of_office.begin(), all.front());
  }
  for (const auto& [office, expected] : {std::pair{std::string(), all}, {std::string(testing::kOffice), of_office}}) {
    v1::ListClosingsRequest request;
    request.set_office(office);
    request.set_page_size(5);
    std::vector<std::string> names;
    do {
      const auto page = ValueOrDie(fixture().Call<v1::ListClosingsResponse>(request));
      EXPECT_EQ(page.total_size(), static_cast<int64_t>(expected.size()));
      for (const v1::Closing& closing : page.closings()) names.push_back(closing.name());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(names, expected);
  }
}

TEST_F(ClosingTest, ARepeatedRequestClosesOnceAndAnswersWithTheFirstFigures) {
  v1::ClosePeriodRequest request = CloseRequest("m6/2026");
  request.set_request_id(kRequestId);
  // Without the request id each of them would be another closing.
  request.set_repeat(true);
  const v1::Closing first = Close(request);
  // A late entry, so that June has other figures now.
  v1::Event late = testing::AcceptedEvent();
  *late.mutable_occur_time() = ToProto(At("2026-06-18T08:00"));
  late.set_imported(true);
  fixture().MustCreate({late});
  const std::string stored = fixture().StoredBytes();
  for (const bool restarted : {false, true}) {
    if (restarted) fixture().Restart();
    EXPECT_TRUE(MessageDifferencer::Equals(Close(request), first));
  }
  v1::ClosePeriodRequest other = request;
  other.set_note("khác");
  EXPECT_EQ(ErrorReason(fixture().Status(other)), "REQUEST_ID_REUSED");
  EXPECT_EQ(fixture().StoredBytes(), stored);
  request.clear_request_id();
  const v1::Closing second = Close(request);
  EXPECT_NE(second.name(), first.name());
  EXPECT_NE(second.digest(), first.digest());
}

TEST_F(ClosingTest, ARetryOfAFirstClosingIsNotRefusedAsClosed) {
  v1::ClosePeriodRequest request = CloseRequest("m6/2026");
  request.set_request_id(kRequestId);
  const v1::Closing first = Close(request);
  EXPECT_TRUE(MessageDifferencer::Equals(Close(request), first));
  request.clear_request_id();
  const absl::Status status = fixture().Status(request);
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ErrorReason(status), "PERIOD_CLOSED");
  EXPECT_EQ(ErrorMetadata(status, "closing"), first.name());
}

// --- Versions of rules and form --------------------------------------------------------------------------------------

TEST_F(ClosingTest, ANewClosingNamesTheVersionsItWasMadeWith) {
  const v1::Closing closing = Close(CloseRequest("m6/2026"));
  EXPECT_EQ(closing.form_version(), kClosingFormVersion);
  EXPECT_EQ(closing.rule_version(), CurrentReport06aRules().version);
  EXPECT_EQ(closing.digest(), ValueOrDie(ClosingDigest(closing.form_version(), closing.report())));
}

// Checks closings that the service did not make itself: they are in a catalogue that holds nothing else.
class ClosingVersionTest : public ClosingTest {
 protected:
  absl::StatusOr<v1::CheckClosingResponse> CheckAs(v1::Closing closing) {
    auto catalogue = std::make_shared<domain::Catalogue>();
    storage::v1::LogRecord record;
    *record.mutable_closing() = closing;
    EXPECT_TRUE(catalogue->Add(record).ok());
    const Published<domain::Catalogue> published(std::move(catalogue));
    FactIndex index;
    HistoricalFactsCache history(&fixture().store(), &index, &published);
    const ClosingQueries queries(
        {.store = &fixture().store(), .index = &index, .catalogue = &published, .history = &history});
    v1::CheckClosingRequest request;
    request.set_name(closing.name());
    return queries.Check(request, fixture().clock().Now());
  }
};

TEST_F(ClosingVersionTest, AClosingOfANewerServerIsNotCheckedByOtherRules) {
  const v1::Closing closing = Close(CloseRequest("m6/2026"));
  for (const bool newer_form : {false, true}) {
    v1::Closing newer = closing;
    if (newer_form) {
      newer.set_form_version(kClosingFormVersion + 1);
    } else {
      newer.set_rule_version(CurrentReport06aRules().version + 1);
    }
    const absl::Status status = CheckAs(newer).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
    EXPECT_EQ(ErrorReason(status), "CLOSING_VERSION_UNKNOWN");
    EXPECT_EQ(ErrorMetadata(status, "form_version"), absl::StrCat(newer.form_version()));
    EXPECT_EQ(ErrorMetadata(status, "rule_version"), absl::StrCat(newer.rule_version()));
  }
}

TEST(OldClosingTest, AClosingOfVersion01StillHasItsDigestAndItsFigures) {
  const testing::OldStore old;
  const ManualClock clock(At("2026-11-30T08:00"));
  auto store = ValueOrDie(storage::Store::Open(ValueOrDie(storage::OpenRocksDb({.directory = old.path()}))));
  const auto service = ValueOrDie(Service::Open(std::move(store), {.clock = &clock, .read_threads = 2}));
  v1::CheckClosingRequest request;
  request.set_name("closings/000001");
  const auto checked = ValueOrDie(Await<v1::CheckClosingResponse>(*service, request));
  EXPECT_EQ(checked.closing().digest(), "40870a36ee792a50e229545261fca5e03ec27ba2d011afbbc1139d8a045e1e49");
  EXPECT_EQ(checked.closing().form_version(), 0) << "made before versions were kept";
  EXPECT_EQ(checked.closing().rule_version(), 0);
  EXPECT_EQ(checked.closing().note(), "Báo cáo quý III");
  EXPECT_TRUE(checked.digest_matches());
  for (const v1::Report06a* report : {&checked.closing().report(), &checked.recomputed()}) {
    EXPECT_EQ(report->total().received_count(), 8);
    EXPECT_EQ(report->total().received_online_count(), 2);
    EXPECT_EQ(report->total().received_direct_count(), 6);
    EXPECT_EQ(report->total().resolved_count(), 8);
    EXPECT_EQ(report->total().resolved_early_count(), 2);
    EXPECT_EQ(report->total().resolved_on_time_count(), 6);
  }
}

TEST(ClosingFormTest, Version1CoversTheseBytesForEver) {
  v1::Report06a report;
  report.mutable_basis()->mutable_period()->mutable_start_time()->set_seconds(1'781'456'400);
  report.mutable_basis()->mutable_period()->mutable_end_time()->set_seconds(1'789'405'200);
  report.mutable_basis()->set_revision(4711);
  report.set_office(testing::kOffice);
  v1::Report06aRow& row = *report.add_rows();
  row.set_number("1");
  row.set_name("fields/G15-TP07");
  row.set_received_count(3);
  row.set_received_online_count(1);
  row.set_received_direct_count(1);
  row.set_carried_over_count(1);
  row.set_resolved_count(2);
  row.set_resolved_early_count(1);
  row.set_resolved_late_count(1);
  row.set_open_count(1);
  row.set_open_in_term_count(1);
  *report.mutable_total() = row;
  report.mutable_total()->clear_number();
  report.mutable_total()->clear_name();
  const std::string digest = ValueOrDie(ClosingDigest(1, report));
  EXPECT_EQ(digest, "63c381b12e0e57fecbdfe380914f90f16c3d6a55858315e167d57bb4a7760cac");
  EXPECT_EQ(ValueOrDie(ClosingDigest(0, report)), digest) << "closings of before versions were kept";
  report.set_office_display_name("UBND phường Hợp Tiến");
  report.mutable_rows(0)->set_display_name("Hộ tịch");
  EXPECT_EQ(ValueOrDie(ClosingDigest(1, report)), digest) << "names to show may change";
  report.mutable_rows(0)->set_open_in_term_count(0);
  EXPECT_NE(ValueOrDie(ClosingDigest(1, report)), digest);
  EXPECT_FALSE(ClosingDigest(kClosingFormVersion + 1, report).ok());
  EXPECT_FALSE(ClosingDigest(-1, report).ok());
}

TEST(Report06aRulesTest, Version1CountsTheseMetricsForEver) {
  const Report06aRules* rules = FindReport06aRules(1);
  ASSERT_NE(rules, nullptr);
  EXPECT_EQ(FindReport06aRules(0), rules) << "closings of before versions were kept";
  std::vector<std::string> addends;
  for (const Report06aRules::Addend& addend : rules->addends) {
    addends.push_back(absl::StrCat(addend.column, addend.sign > 0 ? " + " : " - ", v1::Metric_Name(addend.metric)));
  }
  EXPECT_EQ(addends, (std::vector<std::string>{
                         "4 + METRIC_RECEIVED_ONLINE", "5 + METRIC_RECEIVED", "5 - METRIC_RECEIVED_ONLINE",
                         "6 + METRIC_CARRIED_OVER", "8 + METRIC_ENDED_EARLY_06A", "9 + METRIC_ENDED_ON_TIME_06A",
                         "10 + METRIC_ENDED_LATE_06A", "12 + METRIC_OPEN_IN_TERM", "13 + METRIC_OPEN_OVERDUE"}));
}

TEST(Report06aRulesTest, EveryVersionIsFoundAndTheHighestIsCurrent) {
  const int32_t current = CurrentReport06aRules().version;
  for (int32_t version = 1; version <= current; ++version) {
    ASSERT_NE(FindReport06aRules(version), nullptr);
    EXPECT_EQ(FindReport06aRules(version)->version, version);
  }
  EXPECT_EQ(FindReport06aRules(current + 1), nullptr);
  EXPECT_EQ(FindReport06aRules(-1), nullptr);
}

}  // namespace
}  // namespace tthc::server
