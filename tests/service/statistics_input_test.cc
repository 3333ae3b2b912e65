#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "tests/testing/scripted_center.h"

// Law 8 for statistics: what makes no sense gets a clear error that names the field, and changes nothing.
namespace tthc::server {
namespace {

using absl::StatusCode;
using testing::AcceptedEvent;
using testing::At;
using testing::Between;
using testing::Preset;
using testing::ScriptedCenter;
using testing::ValueOrDie;
using Query = v1::QueryStatisticsRequest;
using List = v1::ListCountedDossiersRequest;

constexpr auto kInvalid = StatusCode::kInvalidArgument;
constexpr char kField[] = "FIELD_INVALID";

// On 20/07/2026, with a few dossiers of June.
class Bed {
 public:
  Bed() {
    center.Open("2026-06-15T08:00", AcceptedEvent());
    center.Finished("2026-06-16T08:00", "2026-06-17T08:00");
    for (const char* procedure : {testing::kNoLimit, testing::kByClock, testing::kLong}) {
      center.Open("2026-06-18T08:00", AcceptedEvent(procedure));
    }
    center.SetNow("2026-07-20T08:00");
  }

  absl::Status Send(const google::protobuf::Message& request) { return center.fixture().Status(request); }

  static Query June() {
    Query query;
    *query.mutable_period() = Preset("m6/2026");
    query.add_metrics(v1::METRIC_RECEIVED);
    return query;
  }
  static List JuneList() {
    List list;
    *list.mutable_period() = Preset("m6/2026");
    list.set_metric(v1::METRIC_RECEIVED);
    return list;
  }
  absl::Status Ask(const std::function<void(Query&)>& edit) {
    Query query = June();
    edit(query);
    return Send(query);
  }
  absl::Status AskList(const std::function<void(List&)>& edit) {
    List list = JuneList();
    edit(list);
    return Send(list);
  }
  absl::Status AskPeriod(const v1::Period& period) {
    return Ask([&](Query& query) { *query.mutable_period() = period; });
  }

  ScriptedCenter center;
};

struct Case {
  const char* name;
  StatusCode code;
  const char* reason;
  const char* field;
  std::function<absl::Status(Bed&)> send;
};

std::vector<Case> PeriodCases() {
  return {
      {"NoPeriod", kInvalid, "PERIOD_INVALID", "period", [](Bed& bed) { return bed.AskPeriod({}); }},
      {"ReversedPeriod", kInvalid, "PERIOD_INVALID", "period",
       [](Bed& bed) { return bed.AskPeriod(Between("2026-07-01", "2026-06-01")); }},
      {"EmptyPeriod", kInvalid, "PERIOD_INVALID", "period",
       [](Bed& bed) { return bed.AskPeriod(Between("2026-06-01", "2026-06-01")); }},
      {"HalfAPeriod", kInvalid, "PERIOD_INVALID", "period",
       [](Bed& bed) {
         v1::Period period = Between("2026-06-01", "2026-07-01");
         period.clear_end_time();
         return bed.AskPeriod(period);
       }},
      {"EndlessPeriod", kInvalid, "PERIOD_INVALID", "period",
       [](Bed& bed) { return bed.AskPeriod(Between("2001-01-01", "2099-01-01")); }},
      {"UnknownPreset", kInvalid, "PERIOD_INVALID", "period",
       [](Bed& bed) { return bed.AskPeriod(Preset("q5/2026")); }},
      {"NoDay", kInvalid, "PERIOD_INVALID", "period", [](Bed& bed) { return bed.AskPeriod(Preset("d31/02/2026")); }},
      {"PresetAndOtherTimes", kInvalid, "PERIOD_INVALID", "period",
       [](Bed& bed) {
         v1::Period period = Between("2026-06-01", "2026-07-01");
         period.set_preset("m7/2026");
         return bed.AskPeriod(period);
       }},
      {"UnknownScheme", kInvalid, "PERIOD_INVALID", "period",
       [](Bed& bed) { return bed.AskPeriod(Preset("m6/2026", static_cast<v1::Period::Scheme>(9))); }},
      {"PeriodOfNoCalendar", kInvalid, "CALENDAR_YEAR_NOT_LOADED", "period",
       [](Bed& bed) { return bed.AskPeriod(Preset("m6/2062")); }},
      {"ReportOfNoPeriod", kInvalid, "PERIOD_INVALID", "period",
       [](Bed& bed) { return bed.Send(v1::ComputeReport06aRequest()); }},
      {"ListOfAReversedPeriod", kInvalid, "PERIOD_INVALID", "period",
       [](Bed& bed) {
         return bed.AskList([](List& list) { *list.mutable_period() = Between("2026-07-01", "2026-06-01"); });
       }},
  };
}

std::vector<Case> MetricCases() {
  return {
      {"NoMetric", kInvalid, kField, "metrics",
       [](Bed& bed) { return bed.Ask([](Query& query) { query.clear_metrics(); }); }},
      {"UnknownMetric", kInvalid, kField, "metrics",
       [](Bed& bed) { return bed.Ask([](Query& query) { query.add_metrics(static_cast<v1::Metric>(999)); }); }},
      {"UnspecifiedMetric", kInvalid, kField, "metrics",
       [](Bed& bed) { return bed.Ask([](Query& query) { query.add_metrics(v1::METRIC_UNSPECIFIED); }); }},
      {"TheSameMetricTwice", kInvalid, kField, "metrics",
       [](Bed& bed) { return bed.Ask([](Query& query) { query.add_metrics(v1::METRIC_RECEIVED); }); }},
      {"UnknownGrouping", kInvalid, kField, "group_by",
       [](Bed& bed) { return bed.Ask([](Query& query) { query.add_group_by(static_cast<v1::GroupBy>(99)); }); }},
      {"UnspecifiedGrouping", kInvalid, kField, "group_by",
       [](Bed& bed) { return bed.Ask([](Query& query) { query.add_group_by(v1::GROUP_BY_UNSPECIFIED); }); }},
      {"TheSameGroupingTwice", kInvalid, kField, "group_by",
       [](Bed& bed) {
         return bed.Ask([](Query& query) {
           query.add_group_by(v1::GROUP_BY_FIELD);
           query.add_group_by(v1::GROUP_BY_FIELD);
         });
       }},
      {"TwoKindsOfBuckets", kInvalid, kField, "group_by",
       [](Bed& bed) {
         return bed.Ask([](Query& query) {
           query.add_group_by(v1::GROUP_BY_DAY);
           query.add_group_by(v1::GROUP_BY_MONTH);
         });
       }},
      {"FourGroupings", kInvalid, kField, "group_by",
       [](Bed& bed) {
         return bed.Ask([](Query& query) {
           for (int group = v1::GROUP_BY_OFFICE; group <= v1::GROUP_BY_FIELD; ++group) {
             query.add_group_by(static_cast<v1::GroupBy>(group));
           }
         });
       }},
      {"TooManyRows", kInvalid, "TOO_MANY_GROUPS", "group_by",
       [](Bed& bed) {
         // Some thousand days for each of four procedures.
         return bed.Ask([](Query& query) {
           *query.mutable_period() = Between("2010-01-01", "2029-12-31");
           query.add_group_by(v1::GROUP_BY_DAY);
           query.add_group_by(v1::GROUP_BY_PROCEDURE);
         });
       }},
  };
}

std::vector<Case> AsOfCases() {
  return {
      {"FutureTime", kInvalid, "AS_OF_INVALID", "as_of",
       [](Bed& bed) {
         return bed.Ask(
             [](Query& query) { *query.mutable_as_of()->mutable_time() = ToProto(At("2026-07-20T08:00:01")); });
       }},
      {"FutureRevision", kInvalid, "AS_OF_INVALID", "as_of",
       [](Bed& bed) {
         const int64_t head = bed.center.fixture().head_revision();
         return bed.Ask([&](Query& query) { query.mutable_as_of()->set_revision(head + 1); });
       }},
      {"NegativeRevision", kInvalid, "AS_OF_INVALID", "as_of",
       [](Bed& bed) { return bed.Ask([](Query& query) { query.mutable_as_of()->set_revision(-1); }); }},
      {"BeforeTheFirstRecord", kInvalid, "AS_OF_INVALID", "as_of",
       [](Bed& bed) {
         return bed.Ask([](Query& query) { *query.mutable_as_of()->mutable_time() = ToProto(At("2026-05-31T08:00")); });
       }},
      {"ReportAsOfTheFuture", kInvalid, "AS_OF_INVALID", "as_of",
       [](Bed& bed) {
         v1::ComputeReport06aRequest request;
         *request.mutable_period() = Preset("m6/2026");
         *request.mutable_as_of()->mutable_time() = ToProto(At("2027-01-01"));
         return bed.Send(request);
       }},
      {"ListAsOfTheFuture", kInvalid, "AS_OF_INVALID", "as_of",
       [](Bed& bed) { return bed.AskList([](List& list) { list.mutable_as_of()->set_revision(1'000'000); }); }},
  };
}

std::vector<Case> FilterCases() {
  return {
      {"UnknownOffice", kInvalid, kField, "filter.offices",
       [](Bed& bed) { return bed.Ask([](Query& query) { query.mutable_filter()->add_offices("offices/H99"); }); }},
      {"UnknownUnit", kInvalid, kField, "filter.units",
       [](Bed& bed) { return bed.Ask([](Query& query) { query.mutable_filter()->add_units("units/khac"); }); }},
      {"UnknownOfficer", kInvalid, kField, "filter.officers",
       [](Bed& bed) { return bed.Ask([](Query& query) { query.mutable_filter()->add_officers("officers/khac"); }); }},
      {"UnknownField", kInvalid, kField, "filter.fields",
       [](Bed& bed) { return bed.Ask([](Query& query) { query.mutable_filter()->add_fields("fields/khac"); }); }},
      {"UnknownProcedure", kInvalid, kField, "filter.procedures",
       [](Bed& bed) {
         return bed.Ask([](Query& query) { query.mutable_filter()->add_procedures("procedures/9.999999"); });
       }},
      {"UnknownResponsibleUnit", kInvalid, kField, "filter.responsible_units",
       [](Bed& bed) {
         return bed.Ask([](Query& query) { query.mutable_filter()->add_responsible_units("units/khac"); });
       }},
      {"UnknownChannel", kInvalid, kField, "filter.channels",
       [](Bed& bed) {
         return bed.Ask([](Query& query) { query.mutable_filter()->add_channels(static_cast<v1::Channel>(9)); });
       }},
      {"UnknownResult", kInvalid, kField, "filter.results",
       [](Bed& bed) {
         return bed.Ask([](Query& query) { query.mutable_filter()->add_results(static_cast<v1::Outcome>(99)); });
       }},
      {"TooManyNames", kInvalid, kField, "filter.units",
       [](Bed& bed) {
         return bed.Ask([](Query& query) {
           for (size_t i = 0; i <= limits::kFilterValuesMax; ++i) query.mutable_filter()->add_units(testing::kLandUnit);
         });
       }},
      {"ReportOfAnUnknownOffice", kInvalid, kField, "office",
       [](Bed& bed) {
         v1::ComputeReport06aRequest request;
         *request.mutable_period() = Preset("m6/2026");
         request.set_office("offices/H99");
         return bed.Send(request);
       }},
  };
}

v1::SummarizeTimelinessRequest SummaryOfJune(v1::GroupBy by) {
  v1::SummarizeTimelinessRequest request;
  *request.mutable_start_time() = ToProto(At("2026-06-01"));
  *request.mutable_end_time() = ToProto(At("2026-07-01"));
  request.set_group_by(by);
  return request;
}

std::vector<Case> SummaryCases() {
  return {
      {"SummaryByResult", kInvalid, kField, "group_by",
       [](Bed& bed) { return bed.Send(SummaryOfJune(v1::GROUP_BY_RESULT)); }},
      {"SummaryByDay", kInvalid, kField, "group_by",
       [](Bed& bed) { return bed.Send(SummaryOfJune(v1::GROUP_BY_DAY)); }},
      {"SummaryByAnUnknownGrouping", kInvalid, kField, "group_by",
       [](Bed& bed) { return bed.Send(SummaryOfJune(static_cast<v1::GroupBy>(99))); }},
      {"SummaryOfAReversedPeriod", kInvalid, kField, "end_time",
       [](Bed& bed) {
         v1::SummarizeTimelinessRequest request = SummaryOfJune(v1::GROUP_BY_FIELD);
         *request.mutable_end_time() = request.start_time();
         return bed.Send(request);
       }},
  };
}

std::vector<Case> ListCases() {
  return {
      {"ListBehindAShare", kInvalid, "METRIC_NOT_COUNTED", "metric",
       [](Bed& bed) { return bed.AskList([](List& list) { list.set_metric(v1::METRIC_LATE_SHARE); }); }},
      {"ListBehindADistribution", kInvalid, "METRIC_NOT_COUNTED", "metric",
       [](Bed& bed) { return bed.AskList([](List& list) { list.set_metric(v1::METRIC_HANDLING_TIME); }); }},
      {"ListBehindNoMetric", kInvalid, "METRIC_NOT_COUNTED", "metric",
       [](Bed& bed) { return bed.AskList([](List& list) { list.clear_metric(); }); }},
      {"ListBehindAnUnknownMetric", kInvalid, "METRIC_NOT_COUNTED", "metric",
       [](Bed& bed) { return bed.AskList([](List& list) { list.set_metric(static_cast<v1::Metric>(999)); }); }},
      {"ListOfAnUnknownGroup", kInvalid, kField, "keys",
       [](Bed& bed) {
         return bed.AskList([](List& list) { list.add_keys()->set_group_by(static_cast<v1::GroupBy>(99)); });
       }},
      {"ListOfADayThatBeginsNoBucket", kInvalid, kField, "keys",
       [](Bed& bed) {
         return bed.AskList([](List& list) {
           list.add_keys()->set_group_by(v1::GROUP_BY_WEEK);
           list.mutable_keys(0)->set_name("2026-06-16");
         });
       }},
      {"WaitingForLessThanNothing", kInvalid, kField, "waiting_days_min",
       [](Bed& bed) {
         return bed.AskList([](List& list) {
           list.set_metric(v1::METRIC_WAITING_FOR_SUPPLEMENT);
           list.set_waiting_days_min(-1);
         });
       }},
      {"WaitingWithoutAWait", kInvalid, kField, "waiting_days_min",
       [](Bed& bed) { return bed.AskList([](List& list) { list.set_waiting_days_min(3); }); }},
      {"NegativePageSize", kInvalid, kField, "page_size",
       [](Bed& bed) { return bed.AskList([](List& list) { list.set_page_size(-1); }); }},
      {"NoPageToken", kInvalid, "PAGE_TOKEN_INVALID", "page_token",
       [](Bed& bed) { return bed.AskList([](List& list) { list.set_page_token("abc"); }); }},
      {"PageTokenOfAnotherList", kInvalid, "PAGE_TOKEN_INVALID", "page_token",
       [](Bed& bed) {
         List list = Bed::JuneList();
         list.set_page_size(1);
         const auto page = ValueOrDie(bed.center.fixture().Call<v1::ListCountedDossiersResponse>(list));
         return bed.AskList([&](List& other) {
           other.set_metric(v1::METRIC_RECEIVED_AT_COUNTER);
           other.set_page_size(1);
           other.set_page_token(page.next_page_token());
         });
       }},
  };
}

v1::ClosePeriodRequest CloseRequest(const std::string& preset) {
  v1::ClosePeriodRequest request;
  *request.mutable_period() = Preset(preset);
  return request;
}

std::vector<Case> ClosingCases() {
  return {
      {"ClosingWhatStillRuns", StatusCode::kFailedPrecondition, "PERIOD_NOT_OVER", "period",
       [](Bed& bed) { return bed.Send(CloseRequest("m7/2026")); }},
      {"ClosingWhatIsAhead", StatusCode::kFailedPrecondition, "PERIOD_NOT_OVER", "period",
       [](Bed& bed) { return bed.Send(CloseRequest("m8/2026")); }},
      {"ClosingNoPeriod", kInvalid, "PERIOD_INVALID", "period",
       [](Bed& bed) { return bed.Send(v1::ClosePeriodRequest()); }},
      {"ClosingAnUnknownOffice", kInvalid, kField, "office",
       [](Bed& bed) {
         v1::ClosePeriodRequest request = CloseRequest("m6/2026");
         request.set_office("offices/H99");
         return bed.Send(request);
       }},
      {"ClosingWithALongNote", kInvalid, kField, "note",
       [](Bed& bed) {
         v1::ClosePeriodRequest request = CloseRequest("m6/2026");
         request.set_note(std::string(limits::kLongTextBytesMax + 1, 'x'));
         return bed.Send(request);
       }},
      {"CheckingNoClosing", StatusCode::kNotFound, "CLOSING_NOT_FOUND", "name",
       [](Bed& bed) {
         v1::CheckClosingRequest request;
         request.set_name("closings/999");
         return bed.Send(request);
       }},
      {"CheckingNothing", StatusCode::kNotFound, "CLOSING_NOT_FOUND", "name",
       [](Bed& bed) { return bed.Send(v1::CheckClosingRequest()); }},
      {"ReadingNoClosing", StatusCode::kNotFound, "CLOSING_NOT_FOUND", "name",
       [](Bed& bed) {
         v1::GetClosingRequest request;
         request.set_name("closings/999");
         return bed.Send(request);
       }},
      {"ClosingWithABadRequestId", kInvalid, kField, "request_id",
       [](Bed& bed) {
         v1::ClosePeriodRequest request = CloseRequest("m6/2026");
         request.set_request_id(std::string(limits::kRequestIdBytesMax + 1, 'x'));
         return bed.Send(request);
       }},
      {"ListingClosingsByAnotherToken", kInvalid, "PAGE_TOKEN_INVALID", "page_token",
       [](Bed& bed) {
         v1::ListClosingsRequest request;
         request.set_page_token("abc");
         return bed.Send(request);
       }},
      {"ListingSchemesByANegativeSize", kInvalid, kField, "page_size",
       [](Bed& bed) {
         v1::ListSchemesRequest request;
         request.set_page_size(-1);
         return bed.Send(request);
       }},
  };
}

class StatisticsInput : public ::testing::TestWithParam<Case> {};

TEST_P(StatisticsInput, GetsAClearErrorAndChangesNothing) {
  Bed bed;
  const std::string bytes = bed.center.fixture().StoredBytes();
  const absl::Status status = GetParam().send(bed);
  EXPECT_EQ(status.code(), GetParam().code) << status;
  EXPECT_EQ(ErrorReason(status), GetParam().reason) << status;
  EXPECT_EQ(ErrorField(status), GetParam().field) << status;
  EXPECT_FALSE(ErrorMessage(status, "vi").empty());
  EXPECT_NE(ErrorMessage(status, "vi"), ErrorMessage(status, "en")) << "both languages";
  EXPECT_EQ(bed.center.fixture().StoredBytes(), bytes);
}

std::vector<Case> AllCases() {
  std::vector<Case> all;
  for (const auto& cases :
       {PeriodCases(), MetricCases(), AsOfCases(), FilterCases(), SummaryCases(), ListCases(), ClosingCases()}) {
    all.insert(all.end(), cases.begin(), cases.end());
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, StatisticsInput, ::testing::ValuesIn(AllCases()),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace tthc::server
