#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"
#include "tests/testing/sample_events.h"
#include "tests/testing/service_fixture.h"

// Law 8: bad input gets a clear error that names the field, and changes nothing.
namespace tthc::server {
namespace {

using absl::StatusCode;
using testing::AcceptedEvent;
using testing::At;
using testing::SampleEvent;
using testing::ServiceFixture;
using testing::ServiceFixtureOptions;

// Three dossiers: `accepted` (r26), `processing` (r27, r28) and `finished`; two of them end in "-0001".
class Bed {
 public:
  Bed() {
    v1::Event elsewhere = AcceptedEvent();
    elsewhere.mutable_accepted()->mutable_request()->set_office(testing::kOtherOffice);
    accepted = fixture.MustCreate({AcceptedEvent()}).name();
    processing = fixture.MustCreate({AcceptedEvent(), SampleEvent(v1::Event::kForwarded)}).name();
    finished = fixture.MustCreate({elsewhere, SampleEvent(v1::Event::kFinished)}).name();
    EXPECT_TRUE(fixture.Append(accepted, SampleEvent(v1::Event::kNoted), "used-id").ok());
  }

  template <typename Request, typename Response>
  absl::Status Status(void (Service::*method)(const RequestContext&, const Request&, Reply<Response>),
                      const Request& request) {
    return fixture.Call(method, request).status();
  }
  absl::Status Append(const v1::Event& event) { return fixture.Append(accepted, event).status(); }
  absl::Status Create(const v1::Event& event) { return fixture.Create({event}).status(); }
  absl::Status List(const v1::ListDossiersRequest& request) { return fixture.List(request).status(); }

  ServiceFixture fixture;
  std::string accepted;
  std::string processing;
  std::string finished;
};

struct Case {
  const char* name;
  StatusCode code;
  const char* reason;
  const char* field;
  std::function<absl::Status(Bed&)> send;
};

v1::Event Edited(v1::Event event, const std::function<void(v1::Event&)>& edit) {
  edit(event);
  return event;
}
v1::Event EditedRequest(const std::function<void(v1::Request&)>& edit) {
  return Edited(AcceptedEvent(), [&](v1::Event& event) { edit(*event.mutable_accepted()->mutable_request()); });
}
v1::Event NoteOf(const std::string& text) {
  return Edited(SampleEvent(v1::Event::kNoted), [&](v1::Event& event) { event.mutable_noted()->set_text(text); });
}
v1::Event AtTime(v1::Event event, absl::string_view when) {
  *event.mutable_occur_time() = ToProto(At(when));
  return event;
}
v1::Event Raw(int64_t seconds, int32_t nanos) {
  v1::Event event = NoteOf("x");
  event.mutable_occur_time()->set_seconds(seconds);
  event.mutable_occur_time()->set_nanos(nanos);
  return event;
}

constexpr auto kInvalid = StatusCode::kInvalidArgument;
constexpr auto kState = StatusCode::kFailedPrecondition;
constexpr auto kMissing = StatusCode::kNotFound;
constexpr char kField[] = "FIELD_INVALID";

std::vector<Case> CatalogueCases() {
  return {
      {"UnknownProcedure", kMissing, "PROCEDURE_NOT_FOUND", "events[0].accepted.request.procedure",
       [](Bed& bed) { return bed.Create(AcceptedEvent("procedures/9.999999")); }},
      {"ClosedProcedure", kState, "PROCEDURE_CLOSED", "events[0].accepted.request.procedure",
       [](Bed& bed) { return bed.Create(AcceptedEvent(testing::kClosedProcedure)); }},
      {"ClosedProcedureAtSubmission", kState, "PROCEDURE_CLOSED", "events[0].submitted.request.procedure",
       [](Bed& bed) {
         return bed.Create(Edited(SampleEvent(v1::Event::kSubmitted), [](v1::Event& event) {
           event.mutable_submitted()->mutable_request()->set_procedure(testing::kClosedProcedure);
         }));
       }},
      {"UnknownCase", kState, "LIMIT_NOT_FOUND", "events[0].accepted.request.procedure_case",
       [](Bed& bed) {
         return bed.Create(EditedRequest([](v1::Request& request) { request.set_procedure_case("không có"); }));
       }},
      {"AmbiguousLimit", kState, "LIMIT_AMBIGUOUS", "events[0].accepted.request.procedure_case",
       [](Bed& bed) {
         return bed.Create(EditedRequest([](v1::Request& request) {
           request.set_procedure(testing::kAmbiguous);
           request.set_channel(v1::CHANNEL_ONLINE);
           request.set_area("mountain");
         }));
       }},
      {"UnknownOffice", kInvalid, kField, "events[0].accepted.request.office",
       [](Bed& bed) {
         return bed.Create(EditedRequest([](v1::Request& request) { request.set_office("offices/H99"); }));
       }},
      {"ClosedOffice", kInvalid, kField, "events[0].accepted.request.competent_office",
       [](Bed& bed) {
         return bed.Create(
             EditedRequest([](v1::Request& request) { request.set_competent_office(testing::kClosedOffice); }));
       }},
      {"UnknownUnit", kInvalid, kField, "event.forwarded.to_unit",
       [](Bed& bed) {
         return bed.Append(Edited(SampleEvent(v1::Event::kForwarded), [](v1::Event& event) {
           event.mutable_forwarded()->set_to_unit("units/khac");
         }));
       }},
      {"UnknownOfficer", kInvalid, kField, "event.finished.officer",
       [](Bed& bed) {
         return bed.Append(Edited(SampleEvent(v1::Event::kFinished), [](v1::Event& event) {
           event.mutable_finished()->set_officer("officers/khac");
         }));
       }},
      {"YearNotLoaded", kInvalid, "CALENDAR_YEAR_NOT_LOADED", "",
       [](Bed& bed) {
         bed.fixture.clock().Set(At("2026-12-30T09:00"));
         return bed.Create(AcceptedEvent());
       }},
  };
}

std::vector<Case> StateCases() {
  return {
      {"EventNotAllowed", kState, "TRANSITION_NOT_ALLOWED", "",
       [](Bed& bed) { return bed.Append(SampleEvent(v1::Event::kReturned)); }},
      {"NothingOpensWithANote", kState, "TRANSITION_NOT_ALLOWED", "",
       [](Bed& bed) { return bed.Create(NoteOf("x")); }},
      {"LaterEventOfACreationNotAllowed", kState, "TRANSITION_NOT_ALLOWED", "",
       [](Bed& bed) {
         return bed.fixture.Create({AcceptedEvent(), SampleEvent(v1::Event::kReturned)}).status();
       }},
      {"StaleEtag", StatusCode::kAborted, "ETAG_MISMATCH", "etag",
       [](Bed& bed) {
         v1::AppendEventRequest request;
         request.set_parent(bed.accepted);
         request.set_etag("\"r26\"");
         *request.mutable_event() = NoteOf("x");
         return bed.Status(&Service::AppendEvent, request);
       }},
      {"RequestIdWithOtherContent", kInvalid, "REQUEST_ID_REUSED", "request_id",
       [](Bed& bed) { return bed.fixture.Append(bed.accepted, NoteOf("khác"), "used-id").status(); }},
      {"RequestIdOfAnotherMethod", kInvalid, "REQUEST_ID_REUSED", "request_id",
       [](Bed& bed) { return bed.fixture.Create({AcceptedEvent()}, "used-id").status(); }},
      {"RequestIdOfOddShape", kInvalid, kField, "request_id",
       [](Bed& bed) { return bed.fixture.Append(bed.accepted, NoteOf("x"), "một hai").status(); }},
      {"RequestIdTooLong", kInvalid, kField, "request_id",
       [](Bed& bed) {
         return bed.fixture.Create({AcceptedEvent()}, std::string(limits::kRequestIdBytesMax + 1, 'a')).status();
       }},
      {"UnknownDossier", kMissing, "DOSSIER_NOT_FOUND", "name",
       [](Bed& bed) { return bed.fixture.Get("dossiers/H24.99.1-990101-0007").status(); }},
      {"UnknownParent", kMissing, "DOSSIER_NOT_FOUND", "parent",
       [](Bed& bed) { return bed.fixture.Append("dossiers/H24.99.1-990101-0007", NoteOf("x")).status(); }},
      {"AmbiguousTail", kState, "CODE_AMBIGUOUS", "name",
       [](Bed& bed) { return bed.fixture.Get("dossiers/0001").status(); }},
      {"AmbiguousParent", kState, "CODE_AMBIGUOUS", "parent",
       [](Bed& bed) { return bed.fixture.Append("dossiers/-0001", NoteOf("x")).status(); }},
      {"TailTooShort", kMissing, "DOSSIER_NOT_FOUND", "name",
       [](Bed& bed) { return bed.fixture.Get("dossiers/01").status(); }},
      {"CodeOfAnotherDossier", StatusCode::kAlreadyExists, "CODE_EXISTS", "event.alias_added.alias",
       [](Bed& bed) {
         return bed.Append(Edited(SampleEvent(v1::Event::kAliasAdded), [&](v1::Event& event) {
           event.mutable_alias_added()->set_alias(bed.processing.substr(std::string("dossiers/").size()));
         }));
       }},
      {"AssignedCodeOfAnotherDossier", StatusCode::kAlreadyExists, "CODE_EXISTS", "events[0].accepted.assigned_code",
       [](Bed& bed) {
         return bed.Create(Edited(AcceptedEvent(), [&](v1::Event& event) {
           event.mutable_accepted()->set_assigned_code(bed.processing.substr(std::string("dossiers/").size()));
         }));
       }},
      {"AmendmentOfNothing", kState, "AMENDMENT_NOT_POSSIBLE", "",
       [](Bed& bed) { return bed.Append(testing::VoidOf(999)); }},
      {"AmendmentOfAnothersEvent", kState, "AMENDMENT_NOT_POSSIBLE", "",
       [](Bed& bed) { return bed.Append(testing::VoidOf(28)); }},
      {"AmendmentOfTheOpening", kState, "AMENDMENT_NOT_POSSIBLE", "",
       [](Bed& bed) { return bed.Append(testing::VoidOf(26)); }},
  };
}

std::vector<Case> TimeCases() {
  const auto future = [](Bed& bed) { return ToProto(bed.fixture.clock().Now() + limits::kFutureSkewMax * 2); };
  return {
      {"TimeInTheFuture", kInvalid, kField, "event.occur_time",
       [future](Bed& bed) {
         return bed.Append(Edited(NoteOf("x"), [&](v1::Event& event) { *event.mutable_occur_time() = future(bed); }));
       }},
      {"ReplacementInTheFuture", kInvalid, kField, "event.amended.replacement.occur_time",
       [future](Bed& bed) {
         v1::Event later = NoteOf("x");
         *later.mutable_occur_time() = future(bed);
         return bed.Append(testing::AmendmentOf(bed.fixture.head_revision(), later));
       }},
      {"TooLongAgo", kInvalid, kField, "event.occur_time",
       [](Bed& bed) { return bed.Append(AtTime(NoteOf("x"), "2026-06-20T09:00")); }},
      {"WrongOrder", kInvalid, kField, "event.occur_time",
       [](Bed& bed) { return bed.Append(AtTime(SampleEvent(v1::Event::kForwarded), "2026-08-21T09:14")); }},
      {"WrongOrderInACreation", kInvalid, kField, "events[1].occur_time",
       [](Bed& bed) {
         return bed.fixture
             .Create({AcceptedEvent(), AtTime(SampleEvent(v1::Event::kFinished), "2026-08-21T08:00")})
             .status();
       }},
      {"NegativeNanos", kInvalid, kField, "event.occur_time",
       [](Bed& bed) { return bed.Append(Raw(1'787'278'000, -1)); }},
      {"TooManyNanos", kInvalid, kField, "event.occur_time",
       [](Bed& bed) { return bed.Append(Raw(1'787'278'000, 1'000'000'000)); }},
      {"BeforeAllTime", kInvalid, kField, "event.occur_time",
       [](Bed& bed) { return bed.Append(Raw(std::numeric_limits<int64_t>::min(), 0)); }},
      {"AfterAllTime", kInvalid, kField, "event.occur_time",
       [](Bed& bed) { return bed.Append(Raw(std::numeric_limits<int64_t>::max(), 0)); }},
      {"LastCentury", kInvalid, kField, "event.occur_time",
       [](Bed& bed) { return bed.Append(Edited(Raw(0, 0), [](v1::Event& event) { event.set_imported(true); })); }},
      {"NewDueTimeNotLater", kInvalid, kField, "event.rescheduled.new_due_time",
       [](Bed& bed) {
         return bed.Append(Edited(SampleEvent(v1::Event::kRescheduled), [](v1::Event& event) {
           *event.mutable_rescheduled()->mutable_new_due_time() = ToProto(At("2026-08-22T17:00"));
         }));
       }},
  };
}

std::vector<Case> TextCases() {
  return {
      {"NoPayload", kInvalid, kField, "event", [](Bed& bed) { return bed.Append({}); }},
      {"NoPayloadInACreation", kInvalid, kField, "events[0]", [](Bed& bed) { return bed.Create({}); }},
      {"OnlyTheServerRecomputes", kInvalid, kField, "event.recomputed",
       [](Bed& bed) { return bed.Append(SampleEvent(v1::Event::kRecomputed)); }},
      {"NeitherReplacedNorVoided", kInvalid, kField, "event.amended.replacement",
       [](Bed& bed) {
         return bed.Append(Edited(testing::VoidOf(26), [](v1::Event& event) {
           event.mutable_amended()->set_voided(false);
         }));
       }},
      {"TextTooLong", kInvalid, kField, "event.noted.text",
       [](Bed& bed) { return bed.Append(NoteOf(std::string(limits::kLongTextBytesMax + 1, 'a'))); }},
      {"NameTooLong", kInvalid, kField, "events[0].accepted.request.applicant.display_name",
       [](Bed& bed) {
         return bed.Create(EditedRequest([](v1::Request& request) {
           request.mutable_applicant()->set_display_name(std::string(limits::kShortTextBytesMax + 1, 'a'));
         }));
       }},
      {"InvalidUtf8", kInvalid, kField, "event.noted.text",
       [](Bed& bed) { return bed.Append(NoteOf("Nguy\xe1\xbb")); }},
      {"WindowsEncoding", kInvalid, kField, "event.noted.text",
       [](Bed& bed) { return bed.Append(NoteOf("c\xf4ng ch\xfang")); }},
      {"ControlCharacter", kInvalid, kField, "event.noted.text",
       [](Bed& bed) {
         return bed.Append(
             NoteOf("a\x07"
                    "b"));
       }},
      {"NulByte", kInvalid, kField, "event.noted.text",
       [](Bed& bed) { return bed.Append(NoteOf(std::string("a\0b", 3))); }},
      {"InvisibleDirectionMark", kInvalid, kField, "event.noted.text",
       [](Bed& bed) {
         return bed.Append(
             NoteOf("a\xe2\x80\xae"
                    "b"));
       }},
      {"LineBreakInAName", kInvalid, kField, "events[0].accepted.request.applicant.display_name",
       [](Bed& bed) {
         return bed.Create(EditedRequest(
             [](v1::Request& request) { request.mutable_applicant()->set_display_name("Nguyễn\nHòa"); }));
       }},
      {"UnknownEnum", kInvalid, kField, "events[0].accepted.request.channel",
       [](Bed& bed) {
         return bed.Create(
             EditedRequest([](v1::Request& request) { request.set_channel(static_cast<v1::Channel>(99)); }));
       }},
      {"NegativeAmount", kInvalid, kField, "event.paid.amount_vnd",
       [](Bed& bed) {
         return bed.Append(Edited(SampleEvent(v1::Event::kPaid),
                                  [](v1::Event& event) { event.mutable_paid()->set_amount_vnd(-1); }));
       }},
      {"TaxCodeWithTheWrongCheckDigit", kInvalid, kField, "events[0].accepted.request.applicant.tax_code",
       [](Bed& bed) {
         return bed.Create(
             EditedRequest([](v1::Request& request) { request.mutable_applicant()->set_tax_code("0100109107"); }));
       }},
      {"TaxCodeOfNoLength", kInvalid, kField, "events[0].accepted.request.applicant.tax_code",
       [](Bed& bed) {
         return bed.Create(
             EditedRequest([](v1::Request& request) { request.mutable_applicant()->set_tax_code("12"); }));
       }},
      {"LimitOfNothing", kInvalid, kField, "event.forwarded.step_limit",
       [](Bed& bed) {
         return bed.Append(Edited(SampleEvent(v1::Event::kForwarded), [](v1::Event& event) {
           event.mutable_forwarded()->mutable_step_limit()->set_unit(v1::Limit::WORKING_DAY);
         }));
       }},
      {"AgreedLimitWithoutPaper", kInvalid, kField, "events[0].accepted.agreed_limit_basis",
       [](Bed& bed) {
         return bed.Create(Edited(AcceptedEvent(), [](v1::Event& event) {
           *event.mutable_accepted()->mutable_agreed_limit() = testing::WorkingDays(5);
         }));
       }},
      {"CodeWithBlanks", kInvalid, kField, "event.alias_added.alias",
       [](Bed& bed) {
         return bed.Append(Edited(SampleEvent(v1::Event::kAliasAdded),
                                  [](v1::Event& event) { event.mutable_alias_added()->set_alias("A B"); }));
       }},
      {"CodeWithSlash", kInvalid, kField, "events[0].accepted.request.aliases[0]",
       [](Bed& bed) { return bed.Create(EditedRequest([](v1::Request& request) { request.add_aliases("A/B"); })); }},
      {"RefusedWithoutReason", kInvalid, kField, "event.finished.reason",
       [](Bed& bed) {
         return bed.Append(Edited(SampleEvent(v1::Event::kFinished), [](v1::Event& event) {
           event.mutable_finished()->set_result(v1::Finished::REFUSED);
         }));
       }},
      {"ReplacementWithBadText", kInvalid, kField, "event.amended.replacement.noted.text",
       [](Bed& bed) { return bed.Append(testing::AmendmentOf(31, NoteOf("a\x01"))); }},
      {"TooManyPapers", kInvalid, kField, "events[0].accepted.request.documents",
       [](Bed& bed) {
         return bed.Create(EditedRequest([](v1::Request& request) {
           for (size_t i = 0; i <= limits::kDocumentsPerDossierMax; ++i) {
             request.add_documents()->set_display_name("Tờ khai");
           }
         }));
       }},
  };
}

v1::BatchAppendEventsRequest BatchOf(Bed& bed, size_t count) {
  v1::BatchAppendEventsRequest request;
  for (size_t i = 0; i < count; ++i) {
    v1::AppendEventRequest& one = *request.add_requests();
    one.set_parent(bed.accepted);
    *one.mutable_event() = NoteOf("x");
  }
  return request;
}

std::vector<Case> BatchCases() {
  return {
      {"EmptyCreation", kInvalid, kField, "events", [](Bed& bed) { return bed.fixture.Create({}).status(); }},
      {"OversizedCreation", kInvalid, kField, "events",
       [](Bed& bed) {
         return bed.fixture.Create(std::vector<v1::Event>(limits::kEventsPerCreateMax + 1, NoteOf("x"))).status();
       }},
      {"EmptyBatch", kInvalid, kField, "requests",
       [](Bed& bed) { return bed.Status(&Service::BatchAppendEvents, BatchOf(bed, 0)); }},
      {"OversizedBatch", kInvalid, kField, "requests",
       [](Bed& bed) {
         return bed.Status(&Service::BatchAppendEvents, BatchOf(bed, limits::kEventsPerBatchMax + 1));
       }},
      {"RequestIdInsideABatch", kInvalid, kField, "requests[1].request_id",
       [](Bed& bed) {
         v1::BatchAppendEventsRequest request = BatchOf(bed, 2);
         request.mutable_requests(1)->set_request_id("inner");
         return bed.Status(&Service::BatchAppendEvents, request);
       }},
      {"BadTextInsideABatch", kInvalid, kField, "requests[2].event.noted.text",
       [](Bed& bed) {
         v1::BatchAppendEventsRequest request = BatchOf(bed, 3);
         *request.mutable_requests(2)->mutable_event() = NoteOf("a\x01");
         return bed.Status(&Service::BatchAppendEvents, request);
       }},
      {"UnknownParentInsideABatch", kMissing, "DOSSIER_NOT_FOUND", "requests[1].parent",
       [](Bed& bed) {
         v1::BatchAppendEventsRequest request = BatchOf(bed, 2);
         request.mutable_requests(1)->set_parent("dossiers/khong-co-ma-nay");
         return bed.Status(&Service::BatchAppendEvents, request);
       }},
      {"LastOfABatchNotAllowed", kInvalid, kField, "requests[3].event.occur_time",
       [](Bed& bed) {
         v1::BatchAppendEventsRequest request = BatchOf(bed, 4);
         *request.mutable_requests(3)->mutable_event() =
             AtTime(SampleEvent(v1::Event::kForwarded), "2026-08-21T09:00");
         return bed.Status(&Service::BatchAppendEvents, request);
       }},
      {"TooManyNames", kInvalid, kField, "names",
       [](Bed& bed) {
         v1::BatchGetDossiersRequest request;
         for (size_t i = 0; i <= limits::kBatchGetMax; ++i) request.add_names(bed.accepted);
         return bed.Status(&Service::BatchGetDossiers, request);
       }},
      {"OneNameUnknown", kMissing, "DOSSIER_NOT_FOUND", "names[1]",
       [](Bed& bed) {
         v1::BatchGetDossiersRequest request;
         request.add_names(bed.accepted);
         request.add_names("dossiers/khong-co-ma-nay");
         return bed.Status(&Service::BatchGetDossiers, request);
       }},
  };
}

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
      {"ReversedRange", kInvalid, kField, "filter.accept_time_to",
       [](Bed& bed) {
         return ListWith(bed, [](auto& request) {
           *request.mutable_filter()->mutable_accept_time_from() = ToProto(At("2026-08-22"));
           *request.mutable_filter()->mutable_accept_time_to() = ToProto(At("2026-08-21"));
         });
       }},
      {"UnknownState", kInvalid, kField, "filter.states",
       [](Bed& bed) {
         return ListWith(bed, [](auto& request) {
           request.mutable_filter()->add_states(static_cast<v1::Dossier::State>(77));
         });
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
           request.mutable_filter()->set_lateness(v1::DossierFilter::DUE_SOON);
           request.mutable_filter()->set_due_within_minutes(1'000'000);
         });
       }},
      {"DueSoonListOfNegativeMinutes", kInvalid, kField, "within_minutes",
       [](Bed& bed) {
         v1::ListDueSoonDossiersRequest request;
         request.set_within_minutes(-1);
         return bed.Status(&Service::ListDueSoonDossiers, request);
       }},
      {"ReversedPeriod", kInvalid, kField, "to_time",
       [](Bed& bed) {
         v1::SummarizeTimelinessRequest request;
         *request.mutable_from_time() = ToProto(At("2026-08-22"));
         *request.mutable_to_time() = ToProto(At("2026-08-22"));
         return bed.Status(&Service::SummarizeTimeliness, request);
       }},
      {"UnknownGrouping", kInvalid, kField, "group_by",
       [](Bed& bed) {
         v1::SummarizeTimelinessRequest request;
         *request.mutable_from_time() = ToProto(At("2026-08-21"));
         *request.mutable_to_time() = ToProto(At("2026-08-22"));
         request.set_group_by(static_cast<v1::SummarizeTimelinessRequest::GroupBy>(9));
         return bed.Status(&Service::SummarizeTimeliness, request);
       }},
      {"FeedFromTheFuture", StatusCode::kOutOfRange, "REVISION_IN_FUTURE", "start_revision",
       [](Bed& bed) {
         v1::ListChangesRequest request;
         request.set_start_revision(bed.fixture.head_revision() + 2);
         return bed.Status(&Service::ListChanges, request);
       }},
      {"FeedFromBelowZero", kInvalid, kField, "start_revision",
       [](Bed& bed) {
         v1::WatchChangesRequest request;
         request.set_start_revision(-1);
         return bed.fixture.service().WatchChanges({}, request).status();
       }},
      {"WatchOfNoDossier", kMissing, "DOSSIER_NOT_FOUND", "dossier",
       [](Bed& bed) {
         v1::WatchChangesRequest request;
         request.set_dossier("dossiers/khong-co-ma-nay");
         return bed.fixture.service().WatchChanges({}, request).status();
       }},
      {"CompactionPastTheHead", kInvalid, kField, "revision",
       [](Bed& bed) {
         v1::CompactChangesRequest request;
         request.set_revision(bed.fixture.head_revision() + 2);
         return bed.Status(&Service::CompactChanges, request);
       }},
      {"CompactionBelowZero", kInvalid, kField, "revision",
       [](Bed& bed) {
         v1::CompactChangesRequest request;
         request.set_revision(-5);
         return bed.Status(&Service::CompactChanges, request);
       }},
  };
}

absl::Status Preview(Bed& bed, const std::function<void(v1::PreviewDueTimeRequest&)>& edit) {
  v1::PreviewDueTimeRequest request;
  *request.mutable_limit() = testing::WorkingDays(3);
  edit(request);
  return bed.Status(&Service::PreviewDueTime, request);
}

absl::Status NewCalendar(Bed& bed, const std::function<void(v1::Calendar&)>& edit) {
  v1::CreateCalendarRequest request;
  *request.mutable_calendar() = testing::SampleCalendarProto();
  edit(*request.mutable_calendar());
  return bed.Status(&Service::CreateCalendar, request);
}

absl::Status NewProcedure(Bed& bed, const std::function<void(v1::Procedure&)>& edit) {
  v1::UpdateProcedureRequest request;
  *request.mutable_procedure() = testing::SampleProcedures()[0];
  edit(*request.mutable_procedure());
  return bed.Status(&Service::UpdateProcedure, request);
}

std::vector<Case> DueTimeAndCatalogueCases() {
  return {
      {"PreviewWithoutALimit", kInvalid, kField, "limit",
       [](Bed& bed) { return Preview(bed, [](auto& request) { request.clear_limit(); }); }},
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
         return bed.Status(&Service::ExplainDueTime, request);
       }},
      {"RecomputeByNoCalendar", kMissing, "CALENDAR_NOT_FOUND", "",
       [](Bed& bed) {
         v1::RecomputeDueTimesRequest request;
         request.set_calendar_version(9);
         return bed.fixture.service().RecomputeDueTimes({}, request).status();
       }},
      {"NoSuchCalendar", kMissing, "CALENDAR_NOT_FOUND", "name",
       [](Bed& bed) {
         v1::GetCalendarRequest request;
         request.set_name("calendars/9");
         return bed.Status(&Service::GetCalendar, request);
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
      {"ProcedureThatEndsBeforeItBegins", kInvalid, kField, "procedure.valid_to",
       [](Bed& bed) { return NewProcedure(bed, [](auto& procedure) { procedure.set_valid_to("2024-12-31"); }); }},
      {"UnitOfNoOffice", kInvalid, kField, "units[0].office",
       [](Bed& bed) {
         v1::UpdateOfficesRequest request;
         *request.add_units() = testing::SampleUnits()[0];
         request.mutable_units(0)->set_office("offices/H99");
         return bed.Status(&Service::UpdateOffices, request);
       }},
      {"NoSuchDay", kInvalid, kField, "on_date",
       [](Bed& bed) {
         v1::GetProcedureRequest request;
         request.set_name(testing::kThreeDays);
         request.set_on_date("31/02/2026");
         return bed.Status(&Service::GetProcedure, request);
       }},
      {"NoSuchProcedure", kMissing, "PROCEDURE_NOT_FOUND", "name",
       [](Bed& bed) {
         v1::GetProcedureRequest request;
         request.set_name("procedures/9");
         return bed.Status(&Service::GetProcedure, request);
       }},
      {"NoSuchVersion", kMissing, "PROCEDURE_NOT_FOUND", "version",
       [](Bed& bed) {
         v1::GetProcedureRequest request;
         request.set_name(testing::kThreeDays);
         request.set_version(9);
         return bed.Status(&Service::GetProcedure, request);
       }},
  };
}

bool HasVietnameseLetters(const std::string& text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return true;
  }
  return false;
}

void ExpectRefused(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    Bed bed;
    std::string before = bed.fixture.StoredBytes();
    const absl::Status status = one.send(bed);
    if (std::string(one.name) == "ExplainWithoutADueTime") before = bed.fixture.StoredBytes();
    EXPECT_EQ(status.code(), one.code) << status;
    EXPECT_EQ(ErrorReason(status), one.reason) << status;
    EXPECT_EQ(ErrorField(status), one.field) << status;
    const std::string vi = ErrorMessage(status, "vi");
    EXPECT_TRUE(HasVietnameseLetters(vi)) << vi;
    EXPECT_NE(vi, ErrorMessage(status, "en"));
    EXPECT_GT(ErrorMessage(status, "en").size(), 10u);
    EXPECT_EQ(bed.fixture.StoredBytes(), before) << "something was written";
    EXPECT_TRUE(bed.fixture.service().IsWritable());
  }
}

TEST(BadInputNamesTheFieldAndChangesNothing, Catalogue) { ExpectRefused(CatalogueCases()); }
TEST(BadInputNamesTheFieldAndChangesNothing, State) { ExpectRefused(StateCases()); }
TEST(BadInputNamesTheFieldAndChangesNothing, Times) { ExpectRefused(TimeCases()); }
TEST(BadInputNamesTheFieldAndChangesNothing, Texts) { ExpectRefused(TextCases()); }
TEST(BadInputNamesTheFieldAndChangesNothing, Batches) { ExpectRefused(BatchCases()); }
TEST(BadInputNamesTheFieldAndChangesNothing, Reads) { ExpectRefused(ReadCases()); }
TEST(BadInputNamesTheFieldAndChangesNothing, DueTimesAndCatalogue) { ExpectRefused(DueTimeAndCatalogueCases()); }

TEST(BadInput, AnEventThatIsNotAllowedSaysWhichAre) {
  Bed bed;
  const absl::Status status = bed.Append(SampleEvent(v1::Event::kReturned));
  EXPECT_NE(ErrorMetadata(status, "allowed").find("finished"), std::string::npos);
  EXPECT_NE(ErrorMessage(status, "vi").find("xử lý xong"), std::string::npos);
}

TEST(BadInput, AStaleEtagCarriesTheCurrentOne) {
  Bed bed;
  v1::AppendEventRequest request;
  request.set_parent(bed.accepted);
  request.set_etag("\"r1\"");
  *request.mutable_event() = NoteOf("x");
  const absl::Status stale = bed.Status(&Service::AppendEvent, request);
  request.set_etag(ErrorMetadata(stale, "current_etag"));
  EXPECT_TRUE(bed.Status(&Service::AppendEvent, request).ok());
}

TEST(BadInput, AnAmbiguousTailListsTheCodes) {
  Bed bed;
  const absl::Status status = bed.fixture.Get("dossiers/-0001").status();
  const std::string matches = ErrorMetadata(status, "matches");
  EXPECT_NE(matches.find("H24.99.1-260821-0001"), std::string::npos) << matches;
  EXPECT_NE(matches.find("H24.99.2-260821-0001"), std::string::npos) << matches;
}

TEST(BadInput, OddNumbersOfPeopleWarnAndAreTaken) {
  ServiceFixture fixture;
  const auto warnings = [&](const std::function<void(v1::Applicant&)>& edit) {
    const v1::Event event = EditedRequest([&](v1::Request& request) { edit(*request.mutable_applicant()); });
    return fixture.MustCreate({event}).warnings_size();
  };
  EXPECT_EQ(warnings([](auto& applicant) { applicant.set_identity_number("031085001234"); }), 0);
  EXPECT_EQ(warnings([](auto& applicant) { applicant.set_identity_number("031234567"); }), 0) << "an old card";
  EXPECT_EQ(warnings([](auto& applicant) { applicant.set_identity_number("B1234567"); }), 0) << "a passport";
  EXPECT_EQ(warnings([](auto& applicant) { applicant.set_identity_number("12345"); }), 1);
  EXPECT_EQ(warnings([](auto& applicant) { applicant.set_identity_number("031985001234"); }), 1) << "of no century";
  EXPECT_EQ(warnings([](auto& applicant) { applicant.set_tax_code("0100109106"); }), 0);
  EXPECT_EQ(warnings([](auto& applicant) { applicant.set_phone_number("0912345678"); }), 0);
  EXPECT_EQ(warnings([](auto& applicant) { applicant.set_phone_number("113"); }), 1);
}

TEST(BadInput, TextsAreKeptInNormalFormAndTrimmed) {
  ServiceFixture fixture;
  // "ễ" typed as e + circumflex + tilde.
  const v1::Event event = EditedRequest([](v1::Request& request) {
    request.mutable_applicant()->set_display_name("  Nguye\xcc\x82\xcc\x83n Hoa ");
  });
  EXPECT_EQ(fixture.MustCreate({event}).request().applicant().display_name(), "Nguyễn Hoa");
}

TEST(BadInput, WhatOnlyTheServerSetsIsIgnored) {
  ServiceFixture fixture;
  v1::Event event = AcceptedEvent();
  event.set_revision(999);
  event.set_actor("kẻ mạo danh");
  event.mutable_accepted()->set_code("H00-000000-0000");
  event.mutable_accepted()->mutable_terms()->set_calendar_version(77);
  const auto created = testing::ValueOrDie(fixture.Create({event}));
  EXPECT_EQ(created.dossier().code(), "H24.99.1-260821-0001");
  EXPECT_EQ(created.dossier().terms().calendar_version(), 1);
  EXPECT_EQ(created.events(0).actor(), kServerActor);
}

}  // namespace
}  // namespace tthc::server
