#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "tests/service/bad_input.h"

// Law 8 for lists, look-ups, the feed, due times and the catalogue: bad input gets a clear error that names the field,
// and changes nothing.
namespace tthc::server {
namespace {

using absl::StatusCode;
using testing::AcceptedEvent;
using testing::At;
using testing::ExpectRefused;
using testing::SampleEvent;
using Bed = testing::RefusalStore;
using Case = testing::RefusalCase;

constexpr auto kInvalid = StatusCode::kInvalidArgument;
constexpr auto kState = StatusCode::kFailedPrecondition;
constexpr auto kMissing = StatusCode::kNotFound;
constexpr char kField[] = "FIELD_INVALID";

absl::Status ListWith(Bed& bed, const std::function<void(v1::ListDossiersRequest&)>& edit) {
  v1::ListDossiersRequest request;
  edit(request);
  return bed.List(request);
}

std::vector<Case> ReadCases() {
  return {
      {"NegativePage", kInvalid, kField, "page_size",
       [](Bed& bed) { return ListWith(bed, [](auto& request) { request.set_page_size(-1); }); }},
      {"ForeignPageToken", kInvalid, "PAGE_TOKEN_INVALID", "page_token",
       [](Bed& bed) { return ListWith(bed, [](auto& request) { request.set_page_token("AAAA"); }); }},
      {"OtherArgumentsThanTheToken", kInvalid, "PAGE_TOKEN_INVALID", "page_token",
       [](Bed& bed) {
         v1::ListDossiersRequest first;
         first.set_page_size(1);
         const std::string token = testing::ValueOrDie(bed.fixture.List(first)).next_page_token();
         return ListWith(bed, [&](auto& request) {
           request.set_page_token(token);
           request.mutable_filter()->set_open_only(true);
         });
       }},
      {"ReversedRange", kInvalid, kField, "filter.accept_time.end_time",
       [](Bed& bed) {
         return ListWith(bed, [](auto& request) {
           *request.mutable_filter()->mutable_accept_time()->mutable_start_time() = ToProto(At("2026-08-22"));
           *request.mutable_filter()->mutable_accept_time()->mutable_end_time() = ToProto(At("2026-08-21"));
         });
       }},
      {"EmptyRange", kInvalid, kField, "filter.due_time.end_time",
       [](Bed& bed) {
         return ListWith(bed, [](auto& request) {
           *request.mutable_filter()->mutable_due_time()->mutable_start_time() = ToProto(At("2026-08-22"));
           *request.mutable_filter()->mutable_due_time()->mutable_end_time() = ToProto(At("2026-08-22"));
         });
       }},
      {"UnknownState", kInvalid, kField, "filter.states",
       [](Bed& bed) {
         return ListWith(
             bed, [](auto& request) { request.mutable_filter()->add_states(static_cast<v1::Dossier::State>(77)); });
       }},
      {"TooManyFilterValues", kInvalid, kField, "filter.procedures",
       [](Bed& bed) {
         return ListWith(bed, [](auto& request) {
           for (size_t i = 0; i <= limits::kFilterValuesMax; ++i)
             request.mutable_filter()->add_procedures("procedures/1");
         });
       }},
      {"QueryTooLong", kInvalid, kField, "filter.query",
       [](Bed& bed) {
         return ListWith(bed, [](auto& request) {
           request.mutable_filter()->set_query(std::string(limits::kQueryBytesMax + 1, 'a'));
         });
       }},
      {"QueryInvalidUtf8", kInvalid, kField, "filter.query",
       [](Bed& bed) { return ListWith(bed, [](auto& request) { request.mutable_filter()->set_query("\xff"); }); }},
      {"QueryAndApplicant", kInvalid, kField, "filter.applicant",
       [](Bed& bed) {
         return ListWith(bed, [](auto& request) {
           request.mutable_filter()->set_query("hoa");
           request.mutable_filter()->set_applicant("hoa");
         });
       }},
      {"DueSoonOfAYearAhead", kInvalid, kField, "filter.due_within_minutes",
       [](Bed& bed) {
         return ListWith(bed, [](auto& request) {
           request.mutable_filter()->set_lateness(v1::DossierFilter::LATENESS_DUE_SOON);
           request.mutable_filter()->set_due_within_minutes(1'000'000);
         });
       }},
      {"DueSoonListOfNegativeMinutes", kInvalid, kField, "within_minutes",
       [](Bed& bed) {
         v1::ListDueSoonDossiersRequest request;
         request.set_within_minutes(-1);
         return bed.fixture.Status(request);
       }},
      {"ReversedPeriod", kInvalid, kField, "end_time",
       [](Bed& bed) {
         v1::SummarizeTimelinessRequest request;
         *request.mutable_start_time() = ToProto(At("2026-08-22"));
         *request.mutable_end_time() = ToProto(At("2026-08-22"));
         return bed.fixture.Status(request);
       }},
      {"UnknownGrouping", kInvalid, kField, "group_by",
       [](Bed& bed) {
         v1::SummarizeTimelinessRequest request;
         *request.mutable_start_time() = ToProto(At("2026-08-21"));
         *request.mutable_end_time() = ToProto(At("2026-08-22"));
         request.set_group_by(static_cast<v1::GroupBy>(99));
         return bed.fixture.Status(request);
       }},
      {"GroupingThatTheSummaryDoesNotHave", kInvalid, kField, "group_by",
       [](Bed& bed) {
         v1::SummarizeTimelinessRequest request;
         *request.mutable_start_time() = ToProto(At("2026-08-21"));
         *request.mutable_end_time() = ToProto(At("2026-08-22"));
         request.set_group_by(v1::GROUP_BY_RESULT);
         return bed.fixture.Status(request);
       }},
      {"FeedFromTheFuture", StatusCode::kOutOfRange, "REVISION_IN_FUTURE", "start_revision",
       [](Bed& bed) {
         v1::ListChangesRequest request;
         request.set_start_revision(bed.fixture.head_revision() + 2);
         return bed.fixture.Status(request);
       }},
      {"FeedFromBelowZero", kInvalid, kField, "start_revision",
       [](Bed& bed) {
         v1::WatchChangesRequest request;
         request.set_start_revision(-1);
         return bed.fixture.Open<v1::WatchChangesResponse>(request).status();
       }},
      {"WatchOfNoDossier", kMissing, "DOSSIER_NOT_FOUND", "dossier",
       [](Bed& bed) {
         v1::WatchChangesRequest request;
         request.set_dossier("dossiers/khong-co-ma-nay");
         return bed.fixture.Open<v1::WatchChangesResponse>(request).status();
       }},
      {"CompactionPastTheHead", kInvalid, kField, "revision",
       [](Bed& bed) {
         v1::CompactChangesRequest request;
         request.set_revision(bed.fixture.head_revision() + 2);
         return bed.fixture.Status(request);
       }},
      {"CompactionToNoRevision", kInvalid, kField, "revision",
       [](Bed& bed) { return bed.fixture.Status(v1::CompactChangesRequest()); }},
      {"CompactionBelowZero", kInvalid, kField, "revision",
       [](Bed& bed) {
         v1::CompactChangesRequest request;
         request.set_revision(-5);
         return bed.fixture.Status(request);
       }},
  };
}

absl::Status Preview(Bed& bed, const std::function<void(v1::PreviewDueTimeRequest&)>& edit) {
  v1::PreviewDueTimeRequest request;
  *request.mutable_limit() = testing::WorkingDays(3);
  edit(request);
  return bed.fixture.Status(request);
}

absl::Status NewCalendar(Bed& bed, const std::function<void(v1::Calendar&)>& edit) {
  v1::CreateCalendarRequest request;
  *request.mutable_calendar() = testing::SampleCalendarProto();
  edit(*request.mutable_calendar());
  return bed.fixture.Status(request);
}

absl::Status NewProcedure(Bed& bed, const std::function<void(v1::Procedure&)>& edit) {
  v1::UpdateProcedureRequest request;
  *request.mutable_procedure() = testing::SampleProcedures()[0];
  request.set_allow_missing(true);
  edit(*request.mutable_procedure());
  return bed.fixture.Status(request);
}

std::vector<Case> DueTimeAndCatalogueCases() {
  return {
      {"PreviewWithoutALimit", kInvalid, kField, "limit",
       [](Bed& bed) { return Preview(bed, [](auto& request) { request.clear_limit(); }); }},
      {"PreviewOfAPauseWithoutAnEnd", kInvalid, kField, "pauses[1].end_time",
       [](Bed& bed) {
         return Preview(bed, [](auto& request) {
           for (int i = 0; i < 2; ++i) *request.add_pauses()->mutable_start_time() = ToProto(At("2026-08-24T08:00"));
           *request.mutable_pauses(0)->mutable_end_time() = ToProto(At("2026-08-25T08:00"));
         });
       }},
      {"PreviewOfAReversedPause", kInvalid, kField, "pauses[0].end_time",
       [](Bed& bed) {
         return Preview(bed, [](auto& request) {
           v1::TimeRange& pause = *request.add_pauses();
           *pause.mutable_start_time() = ToProto(At("2026-08-25T08:00"));
           *pause.mutable_end_time() = ToProto(At("2026-08-24T08:00"));
         });
       }},
      {"PreviewOfABadLimit", kInvalid, kField, "limit",
       [](Bed& bed) { return Preview(bed, [](auto& request) { request.mutable_limit()->set_minutes(-480); }); }},
      {"PreviewBeyondTheCalendar", kInvalid, "CALENDAR_YEAR_NOT_LOADED", "",
       [](Bed& bed) {
         return Preview(bed, [](auto& request) { *request.mutable_start_time() = ToProto(At("2027-01-04T08:00")); });
       }},
      {"PreviewOfNoProcedure", kMissing, "PROCEDURE_NOT_FOUND", "procedure",
       [](Bed& bed) { return Preview(bed, [](auto& request) { request.set_procedure("procedures/9"); }); }},
      {"PreviewByNoCalendar", kMissing, "CALENDAR_NOT_FOUND", "",
       [](Bed& bed) { return Preview(bed, [](auto& request) { request.set_calendar_version(9); }); }},
      {"ExplainWithoutADueTime", kState, "NO_DUE_TIME", "",
       [](Bed& bed) {
         v1::ExplainDueTimeRequest request;
         request.set_name(bed.fixture.MustCreate({AcceptedEvent(testing::kNoLimit)}).name());
         return bed.fixture.Status(request);
       }},
      {"RecomputeByNoCalendar", kMissing, "CALENDAR_NOT_FOUND", "",
       [](Bed& bed) {
         v1::RecomputeDueTimesRequest request;
         request.set_calendar_version(9);
         return bed.fixture.Open<v1::RecomputeDueTimesResponse>(request).status();
       }},
      {"NoSuchCalendar", kMissing, "CALENDAR_NOT_FOUND", "name",
       [](Bed& bed) {
         v1::GetCalendarRequest request;
         request.set_name("calendars/9");
         return bed.fixture.Status(request);
       }},
      {"CalendarDayThatIsNone", kInvalid, kField, "calendar.days[0].date",
       [](Bed& bed) {
         return NewCalendar(bed, [](auto& calendar) { calendar.mutable_days(0)->set_date("2025-02-29"); });
       }},
      {"CalendarDayOutsideItsYears", kInvalid, kField, "calendar.days[0].date",
       [](Bed& bed) {
         return NewCalendar(bed, [](auto& calendar) { calendar.mutable_days(0)->set_date("2024-01-01"); });
       }},
      {"CalendarWithoutHours", kInvalid, kField, "calendar.sessions",
       [](Bed& bed) { return NewCalendar(bed, [](auto& calendar) { calendar.clear_sessions(); }); }},
      {"ProcedureWithoutLimits", kInvalid, kField, "procedure.limits",
       [](Bed& bed) { return NewProcedure(bed, [](auto& procedure) { procedure.clear_limits(); }); }},
      {"ProcedureOfOddName", kInvalid, kField, "procedure.name",
       [](Bed& bed) { return NewProcedure(bed, [](auto& procedure) { procedure.set_name("1.004873"); }); }},
      {"ProcedureThatEndsBeforeItBegins", kInvalid, kField, "procedure.end_date",
       [](Bed& bed) { return NewProcedure(bed, [](auto& procedure) { procedure.set_end_date("2024-12-31"); }); }},
      {"UnitOfNoOffice", kInvalid, kField, "units[0].office",
       [](Bed& bed) {
         v1::ImportOfficesRequest request;
         *request.add_units() = testing::SampleUnits()[0];
         request.mutable_units(0)->set_office("offices/H99");
         return bed.fixture.Status(request);
       }},
      {"NoSuchDay", kInvalid, kField, "on_date",
       [](Bed& bed) {
         v1::GetProcedureRequest request;
         request.set_name(testing::kThreeDays);
         request.set_on_date("31/02/2026");
         return bed.fixture.Status(request);
       }},
      {"NoSuchProcedure", kMissing, "PROCEDURE_NOT_FOUND", "name",
       [](Bed& bed) {
         v1::GetProcedureRequest request;
         request.set_name("procedures/9");
         return bed.fixture.Status(request);
       }},
      {"NoSuchVersion", kMissing, "PROCEDURE_NOT_FOUND", "version",
       [](Bed& bed) {
         v1::GetProcedureRequest request;
         request.set_name(testing::kThreeDays);
         request.set_version(9);
         return bed.fixture.Status(request);
       }},
  };
}

TEST(BadInputNamesTheFieldAndChangesNothing, Reads) { ExpectRefused(ReadCases()); }
TEST(BadInputNamesTheFieldAndChangesNothing, DueTimesAndCatalogue) { ExpectRefused(DueTimeAndCatalogueCases()); }

}  // namespace
}  // namespace tthc::server
