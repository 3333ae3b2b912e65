#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "tests/testing/calendars.h"
#include "tests/testing/sample_catalogue.h"
#include "tests/testing/service_fixture.h"

// Entries of the catalogue as clients read and change them: pages, update masks, etags, request ids.
namespace tthc::server {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::EngineKind;
using testing::ServiceFixture;
using testing::ValueOrDie;

constexpr char kRequestId[] = "7d3d8d0e-5c0e-4b3b-8f0e-0f6f3a1b2c01";

// Reads a list page by page; checks what holds for every page.
template <typename Response, typename Request, typename EntriesOf>
std::vector<std::string> ListNames(ServiceFixture& fixture, Request request, int page_size, EntriesOf entries_of) {
  std::vector<std::string> names;
  std::vector<int64_t> totals;
  request.set_page_size(page_size);
  do {
    const Response page = ValueOrDie(fixture.Call<Response>(request));
    EXPECT_GT(entries_of(page).size(), 0);
    EXPECT_LE(entries_of(page).size(), page_size);
    for (const auto& entry : entries_of(page)) names.push_back(entry.name());
    totals.push_back(page.total_size());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  for (const int64_t total : totals) EXPECT_EQ(total, static_cast<int64_t>(names.size()));
  return names;
}

template <typename Entries>
std::vector<std::string> SortedNames(const Entries& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.push_back(entry.name());
  std::sort(names.begin(), names.end());
  return names;
}

// --- Pages -----------------------------------------------------------------------------------------------------------

TEST(CatalogueListTest, PagesOfEverySizeHoldEveryEntryOnceInTheOrderOfNames) {
  ServiceFixture fixture;
  for (const int size : {1, 2, 3, 1000}) {
    EXPECT_EQ((ListNames<v1::ListFieldsResponse>(fixture, v1::ListFieldsRequest(), size,
                                                 [](const auto& page) { return page.fields(); })),
              SortedNames(testing::SampleFields()));
    EXPECT_EQ((ListNames<v1::ListOfficesResponse>(fixture, v1::ListOfficesRequest(), size,
                                                  [](const auto& page) { return page.offices(); })),
              SortedNames(testing::SampleOffices()));
    EXPECT_EQ((ListNames<v1::ListUnitsResponse>(fixture, v1::ListUnitsRequest(), size,
                                                [](const auto& page) { return page.units(); })),
              SortedNames(testing::SampleUnits()));
    EXPECT_EQ((ListNames<v1::ListOfficersResponse>(fixture, v1::ListOfficersRequest(), size,
                                                   [](const auto& page) { return page.officers(); })),
              SortedNames(testing::SampleOfficers()));
  }
}

TEST(CatalogueListTest, UnitsAndOfficersCanBeThoseOfOneOfficeOrUnit) {
  ServiceFixture fixture;
  v1::ListUnitsRequest units;
  units.set_office(testing::kOtherOffice);
  const auto of_office = ValueOrDie(fixture.Call<v1::ListUnitsResponse>(units));
  ASSERT_EQ(of_office.units_size(), 1);
  EXPECT_EQ(of_office.units(0).name(), testing::kOtherUnit);
  EXPECT_EQ(of_office.total_size(), 1);
  v1::ListOfficersRequest officers;
  officers.set_unit(testing::kLandUnit);
  const auto of_unit = ValueOrDie(fixture.Call<v1::ListOfficersResponse>(officers));
  EXPECT_GT(of_unit.officers_size(), 0);
  for (const v1::Officer& officer : of_unit.officers()) {
    EXPECT_EQ(officer.unit(), testing::kLandUnit);
  }
  officers.set_unit("units/khac");
  EXPECT_EQ(ValueOrDie(fixture.Call<v1::ListOfficersResponse>(officers)).total_size(), 0);
}

TEST(CatalogueListTest, ProceduresOfADayAndAllVersionsAreListedInPages) {
  ServiceFixture fixture;
  v1::UpdateProcedureRequest update;
  *update.mutable_procedure() = testing::SampleProcedures()[0];
  for (int version = 2; version <= 11; ++version) {
    update.mutable_procedure()->set_review_note(absl::StrCat("Lần ", version));
    EXPECT_EQ(ValueOrDie(fixture.Call<v1::Procedure>(update)).version(), version);
  }
  v1::ListProceduresRequest request;
  request.set_show_all_versions(true);
  request.set_page_size(4);
  std::vector<std::pair<std::string, int32_t>> listed;
  do {
    const auto page = ValueOrDie(fixture.Call<v1::ListProceduresResponse>(request));
    for (const v1::Procedure& procedure : page.procedures()) {
      listed.emplace_back(procedure.name(), procedure.version());
      EXPECT_EQ(procedure.etag(), absl::StrCat("\"v", procedure.version(), "\""));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  // By name, and the versions of one in rising order: 9, 10, 11 and not 10, 11, 9.
  EXPECT_TRUE(std::is_sorted(listed.begin(), listed.end()));
  EXPECT_EQ(listed.size(), testing::SampleProcedures().size() + 10);
  EXPECT_EQ(std::adjacent_find(listed.begin(), listed.end()), listed.end());
  // On a day there is at most one version of each.
  v1::ListProceduresRequest today;
  const auto names =
      ListNames<v1::ListProceduresResponse>(fixture, today, 3, [](const auto& page) { return page.procedures(); });
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  EXPECT_EQ(std::count(names.begin(), names.end(), testing::kClosedProcedure), 0);
}

TEST(CatalogueListTest, CalendarsAreListedNewestFirstByVersion) {
  ServiceFixture fixture;
  v1::CreateCalendarRequest create;
  *create.mutable_calendar() = testing::SampleCalendarProto();
  for (int i = 0; i < 10; ++i) ValueOrDie(fixture.Call<v1::Calendar>(create));
  const auto names = ListNames<v1::ListCalendarsResponse>(fixture, v1::ListCalendarsRequest(), 3,
                                                          [](const auto& page) { return page.calendars(); });
  ASSERT_EQ(names.size(), 11u);
  for (size_t i = 0; i < names.size(); ++i) EXPECT_EQ(names[i], absl::StrCat("calendars/", 11 - i));
}

TEST(CatalogueListTest, AnEntryThatComesOrGoesBetweenPagesDisturbsNoOther) {
  ServiceFixture fixture({.seed = false});
  v1::ImportOfficesRequest import;
  for (const char* id : {"b", "d", "f", "h"}) {
    import.add_fields()->set_name(absl::StrCat("fields/", id));
    import.mutable_fields()->rbegin()->set_display_name(id);
  }
  ValueOrDie(fixture.Call<v1::ImportOfficesResponse>(import));
  v1::ListFieldsRequest request;
  request.set_page_size(2);
  auto page = ValueOrDie(fixture.Call<v1::ListFieldsResponse>(request));
  EXPECT_EQ(SortedNames(page.fields()), (std::vector<std::string>{"fields/b", "fields/d"}));
  import.clear_fields();
  for (const char* id : {"a", "e"}) {
    import.add_fields()->set_name(absl::StrCat("fields/", id));
    import.mutable_fields()->rbegin()->set_display_name(id);
  }
  ValueOrDie(fixture.Call<v1::ImportOfficesResponse>(import));
  request.set_page_token(page.next_page_token());
  request.set_page_size(1000);  // may change from page to page
  page = ValueOrDie(fixture.Call<v1::ListFieldsResponse>(request));
  EXPECT_EQ(SortedNames(page.fields()), (std::vector<std::string>{"fields/e", "fields/f", "fields/h"}));
  EXPECT_EQ(page.next_page_token(), "");
}

TEST(CatalogueListTest, PagesStayBelowTheMessageLimit) {
  ServiceFixture fixture({.seed = false});
  v1::CreateCalendarRequest create;
  *create.mutable_calendar() = testing::SampleCalendarProto();
  // Hours of many offices make a calendar of some 600 kilobytes.
  for (int office = 0; office < 4900; ++office) {
    v1::SessionRule& rule = *create.mutable_calendar()->add_sessions();
    rule = create.calendar().sessions(0);
    rule.set_office(absl::StrCat("offices/H24.", office, ".", std::string(80, '9')));
  }
  for (int i = 0; i < 10; ++i) ValueOrDie(fixture.Call<v1::Calendar>(create));
  v1::ListCalendarsRequest request;
  int pages = 0;
  int calendars = 0;
  do {
    const auto page = ValueOrDie(fixture.Call<v1::ListCalendarsResponse>(request));
    EXPECT_LT(page.ByteSizeLong(), limits::kMessageBytesMax);
    EXPECT_EQ(page.total_size(), 10);
    ++pages;
    calendars += page.calendars_size();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(calendars, 10);
  EXPECT_GT(pages, 1);
}

TEST(CatalogueListTest, ATokenOfAnotherListOrWithOtherArgumentsIsRefused) {
  ServiceFixture fixture;
  v1::ListUnitsRequest request;
  request.set_page_size(1);
  const std::string token = ValueOrDie(fixture.Call<v1::ListUnitsResponse>(request)).next_page_token();
  ASSERT_NE(token, "");
  request.set_page_token(token);
  request.set_office(testing::kOffice);
  EXPECT_EQ(ErrorReason(fixture.Status(request)), "PAGE_TOKEN_INVALID");
  v1::ListOfficersRequest officers;
  officers.set_page_size(1);
  officers.set_page_token(token);
  EXPECT_EQ(ErrorReason(fixture.Status(officers)), "PAGE_TOKEN_INVALID");
  v1::ListFieldsRequest fields;
  fields.set_page_size(-1);
  EXPECT_EQ(ErrorField(fixture.Status(fields)), "page_size");
}

// --- Updates of a procedure ------------------------------------------------------------------------------------------

v1::UpdateProcedureRequest UpdateOf(const v1::Procedure& procedure) {
  v1::UpdateProcedureRequest request;
  *request.mutable_procedure() = procedure;
  return request;
}

TEST(UpdateProcedureTest, AMaskChangesTheFieldsThatItNamesAndNothingElse) {
  ServiceFixture fixture;
  v1::GetProcedureRequest get;
  get.set_name(testing::kThreeDays);
  v1::Procedure expected = ValueOrDie(fixture.Call<v1::Procedure>(get));
  v1::UpdateProcedureRequest request;
  request.mutable_procedure()->set_name(testing::kThreeDays);
  request.mutable_procedure()->set_review_note("Đã đối chiếu");
  request.mutable_procedure()->set_display_name("not in the mask");
  for (const char* path : {"review_note", "cut_off", "name", "version", "etag"}) {
    request.mutable_update_mask()->add_paths(path);
  }
  const v1::Procedure updated = ValueOrDie(fixture.Call<v1::Procedure>(request));
  expected.set_review_note("Đã đối chiếu");
  expected.clear_cut_off();
  expected.set_version(2);
  expected.set_etag("\"v2\"");
  *expected.mutable_record_time() = updated.record_time();
  EXPECT_TRUE(MessageDifferencer::Equals(updated, expected)) << updated.DebugString();
  // The same again changes nothing.
  const int64_t head = fixture.head_revision();
  EXPECT_EQ(ValueOrDie(fixture.Call<v1::Procedure>(request)).version(), 2);
  EXPECT_EQ(fixture.head_revision(), head);
}

TEST(UpdateProcedureTest, AMaskIsCheckedAgainstTheMergedProcedure) {
  ServiceFixture fixture;
  const std::string stored = fixture.StoredBytes();
  v1::UpdateProcedureRequest request;
  request.mutable_procedure()->set_name(testing::kThreeDays);
  request.mutable_update_mask()->add_paths("limits");
  EXPECT_EQ(ErrorField(fixture.Status(request)), "procedure.limits");
  request.mutable_update_mask()->set_paths(0, "counting_rule");
  EXPECT_EQ(ErrorField(fixture.Status(request)), "procedure.counting_rule");
  request.mutable_update_mask()->set_paths(0, "end_date");
  request.mutable_procedure()->set_end_date("1999-01-01");
  EXPECT_EQ(ErrorField(fixture.Status(request)), "procedure.end_date") << "before the stored start_date";
  request.mutable_update_mask()->set_paths(0, "limits.limit");
  EXPECT_EQ(ErrorField(fixture.Status(request)), "update_mask");
  EXPECT_EQ(fixture.StoredBytes(), stored);
}

TEST(UpdateProcedureTest, AMissingProcedureIsCreatedOnlyIfThatIsAllowed) {
  ServiceFixture fixture;
  v1::Procedure procedure = testing::SampleProcedures()[0];
  procedure.set_name("procedures/2.000001");
  v1::UpdateProcedureRequest request = UpdateOf(procedure);
  absl::Status status = fixture.Status(request);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ErrorReason(status), "PROCEDURE_NOT_FOUND");
  EXPECT_EQ(ErrorField(status), "procedure.name");
  request.set_allow_missing(true);
  request.mutable_procedure()->set_etag("\"v1\"");
  status = fixture.Status(request);
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ErrorReason(status), "ETAG_MISMATCH");
  request.mutable_procedure()->clear_etag();
  const v1::Procedure created = ValueOrDie(fixture.Call<v1::Procedure>(request));
  EXPECT_EQ(created.version(), 1);
  EXPECT_EQ(created.etag(), "\"v1\"");
}

TEST(UpdateProcedureTest, OnlyTheEtagOfTheNewestVersionIsAccepted) {
  ServiceFixture fixture;
  v1::Procedure procedure = testing::SampleProcedures()[0];
  procedure.set_review_note("một");
  procedure.set_etag("\"v1\"");
  EXPECT_EQ(ValueOrDie(fixture.Call<v1::Procedure>(UpdateOf(procedure))).etag(), "\"v2\"");
  procedure.set_review_note("hai");
  const absl::Status status = fixture.Status(UpdateOf(procedure));
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ErrorReason(status), "ETAG_MISMATCH");
  EXPECT_EQ(ErrorField(status), "procedure.etag");
  EXPECT_EQ(ErrorMetadata(status, "current_etag"), "\"v2\"");
  procedure.set_etag("\"v2\"");
  EXPECT_EQ(ValueOrDie(fixture.Call<v1::Procedure>(UpdateOf(procedure))).etag(), "\"v3\"");
}

TEST(UpdateProcedureTest, ValidateOnlyAnswersTheVersionAndWritesNothing) {
  ServiceFixture fixture;
  v1::Procedure procedure = testing::SampleProcedures()[0];
  procedure.set_review_note("một");
  v1::UpdateProcedureRequest request = UpdateOf(procedure);
  request.set_validate_only(true);
  request.set_request_id(kRequestId);
  const std::string stored = fixture.StoredBytes();
  EXPECT_EQ(ValueOrDie(fixture.Call<v1::Procedure>(request)).version(), 2);
  EXPECT_EQ(fixture.StoredBytes(), stored);
  // The id was not used up.
  request.set_validate_only(false);
  EXPECT_EQ(ValueOrDie(fixture.Call<v1::Procedure>(request)).version(), 2);
}

// --- Request ids -----------------------------------------------------------------------------------------------------

class RequestIdTest : public ::testing::TestWithParam<EngineKind> {
 protected:
  // Sends `request` again, before and after a restart: the answer is the first one and nothing is written. With
  // `other`, another content under the same id, it is refused.
  template <typename Response, typename Request>
  void ExpectRepeatable(const Request& request, const Request& other) {
    const Response first = ValueOrDie(fixture_.Call<Response>(request));
    const std::string stored = fixture_.StoredBytes();
    for (const bool restarted : {false, true}) {
      if (restarted) fixture_.Restart();
      const Response again = ValueOrDie(fixture_.Call<Response>(request));
      EXPECT_TRUE(MessageDifferencer::Equals(again, first)) << again.DebugString();
    }
    const absl::Status status = fixture_.Status(other);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ErrorReason(status), "REQUEST_ID_REUSED");
    EXPECT_EQ(fixture_.StoredBytes(), stored);
  }

  ServiceFixture fixture_{{.engine = GetParam()}};
};

TEST_P(RequestIdTest, ARepeatedUpdateOfAProcedureIsAnsweredWithTheFirstVersion) {
  v1::UpdateProcedureRequest request = UpdateOf(testing::SampleProcedures()[0]);
  request.mutable_procedure()->set_review_note("một");
  request.set_request_id(kRequestId);
  v1::UpdateProcedureRequest other = request;
  other.mutable_procedure()->set_review_note("hai");
  ExpectRepeatable<v1::Procedure>(request, other);
  // Also after somebody else has made another version.
  other.clear_request_id();
  EXPECT_EQ(ValueOrDie(fixture_.Call<v1::Procedure>(other)).version(), 3);
  EXPECT_EQ(ValueOrDie(fixture_.Call<v1::Procedure>(request)).version(), 2);
}

TEST_P(RequestIdTest, ARepeatedImportIsAnsweredWithTheFirstCount) {
  v1::ImportOfficesRequest request;
  for (const v1::Unit& unit : testing::SampleUnits()) *request.add_units() = unit;
  for (v1::Unit& unit : *request.mutable_units()) unit.set_display_name(unit.display_name() + " mới");
  request.set_request_id(kRequestId);
  v1::ImportOfficesRequest other = request;
  other.mutable_units()->RemoveLast();
  ExpectRepeatable<v1::ImportOfficesResponse>(request, other);
  EXPECT_EQ(ValueOrDie(fixture_.Call<v1::ImportOfficesResponse>(request)).changed_count(), request.units_size());
  request.clear_request_id();
  EXPECT_EQ(ValueOrDie(fixture_.Call<v1::ImportOfficesResponse>(request)).changed_count(), 0);
}

TEST_P(RequestIdTest, ARepeatedCalendarIsNotAnotherVersion) {
  v1::CreateCalendarRequest request;
  *request.mutable_calendar() = testing::SampleCalendarWithHoliday("2026-07-14");
  request.set_request_id(kRequestId);
  v1::CreateCalendarRequest other;
  *other.mutable_calendar() = testing::SampleCalendarWithHoliday("2026-07-15");
  other.set_request_id(kRequestId);
  ExpectRepeatable<v1::Calendar>(request, other);
  EXPECT_EQ(ValueOrDie(fixture_.Call<v1::Calendar>(request)).version(), 2);
  request.clear_request_id();
  EXPECT_EQ(ValueOrDie(fixture_.Call<v1::Calendar>(request)).version(), 3);
}

TEST_P(RequestIdTest, ARefusedUpdateDoesNotUseTheIdUp) {
  v1::Procedure procedure = testing::SampleProcedures()[0];
  procedure.set_name("procedures/2.000001");
  v1::UpdateProcedureRequest request = UpdateOf(procedure);
  request.set_request_id(kRequestId);
  EXPECT_EQ(ErrorReason(fixture_.Status(request)), "PROCEDURE_NOT_FOUND");
  request.set_allow_missing(true);
  EXPECT_EQ(ValueOrDie(fixture_.Call<v1::Procedure>(request)).version(), 1);
}

INSTANTIATE_TEST_SUITE_P(Engines, RequestIdTest, ::testing::Values(EngineKind::kMemory, EngineKind::kRocksDb),
                         [](const auto& param) { return param.param == EngineKind::kMemory ? "Memory" : "RocksDb"; });

}  // namespace
}  // namespace tthc::server
