#include "tests/service/bad_input.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"

// Law 8 for events and batches: bad input gets a clear error that names the field, and changes nothing.
namespace tthc::server {
namespace {

using absl::StatusCode;
using testing::AcceptedEvent;
using testing::At;
using testing::AtTime;
using testing::Edited;
using testing::EditedRequest;
using testing::ExpectRefused;
using testing::NoteOf;
using testing::SampleEvent;
using testing::ServiceFixture;
using Bed = testing::RefusalStore;
using Case = testing::RefusalCase;

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
         return bed.Append(Edited(SampleEvent(v1::Event::kForwarded),
                                  [](v1::Event& event) { event.mutable_forwarded()->set_to_unit("units/khac"); }));
       }},
      {"UnknownOfficer", kInvalid, kField, "event.finished.officer",
       [](Bed& bed) {
         return bed.Append(Edited(SampleEvent(v1::Event::kFinished),
                                  [](v1::Event& event) { event.mutable_finished()->set_officer("officers/khac"); }));
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
      {"NothingOpensWithANote", kState, "TRANSITION_NOT_ALLOWED", "", [](Bed& bed) { return bed.Create(NoteOf("x")); }},
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
         return bed.fixture.Status(request);
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
      {"TailAsName", kMissing, "DOSSIER_NOT_FOUND", "name",
       [](Bed& bed) { return bed.fixture.Get("dossiers/821-0002").status(); }},
      {"TailAsParent", kMissing, "DOSSIER_NOT_FOUND", "parent",
       [](Bed& bed) { return bed.fixture.Append("dossiers/821-0002", NoteOf("x")).status(); }},
      {"AmbiguousTail", kState, "CODE_AMBIGUOUS", "code", [](Bed& bed) { return bed.Lookup("0001"); }},
      {"TailTooShort", kMissing, "DOSSIER_NOT_FOUND", "code", [](Bed& bed) { return bed.Lookup("01"); }},
      {"LookupOfNothing", kMissing, "DOSSIER_NOT_FOUND", "code", [](Bed& bed) { return bed.Lookup("H99-1"); }},
      {"EventOfAnotherDossier", kMissing, "EVENT_NOT_FOUND", "name",
       [](Bed& bed) { return bed.GetEvent(bed.accepted + "/events/28"); }},
      {"EventOfNoDossier", kMissing, "DOSSIER_NOT_FOUND", "name",
       [](Bed& bed) { return bed.GetEvent("dossiers/khong-co-ma-nay/events/28"); }},
      {"EventNameWithoutARevision", kInvalid, kField, "name",
       [](Bed& bed) { return bed.GetEvent(bed.accepted + "/events/mot"); }},
      {"EventNameOfADossier", kInvalid, kField, "name", [](Bed& bed) { return bed.GetEvent(bed.accepted); }},
      {"CodeOfAnotherDossier", StatusCode::kAlreadyExists, "CODE_EXISTS", "event.alias_added.alias",
       [](Bed& bed) {
         return bed.Append(Edited(SampleEvent(v1::Event::kAliasAdded), [&](v1::Event& event) {
           event.mutable_alias_added()->set_alias(bed.processing_code);
         }));
       }},
      {"AssignedCodeOfAnotherDossier", StatusCode::kAlreadyExists, "CODE_EXISTS", "events[0].accepted.assigned_code",
       [](Bed& bed) {
         return bed.Create(Edited(AcceptedEvent(), [&](v1::Event& event) {
           event.mutable_accepted()->set_assigned_code(bed.processing_code);
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
         return bed.fixture.Create({AcceptedEvent(), AtTime(SampleEvent(v1::Event::kFinished), "2026-08-21T08:00")})
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
         return bed.Append(
             Edited(testing::VoidOf(26), [](v1::Event& event) { event.mutable_amended()->set_voided(false); }));
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
         return bed.Create(
             EditedRequest([](v1::Request& request) { request.mutable_applicant()->set_display_name("Nguyễn\nHòa"); }));
       }},
      {"UnknownEnum", kInvalid, kField, "events[0].accepted.request.channel",
       [](Bed& bed) {
         return bed.Create(
             EditedRequest([](v1::Request& request) { request.set_channel(static_cast<v1::Channel>(99)); }));
       }},
      {"NegativeAmount", kInvalid, kField, "event.paid.amount_vnd",
       [](Bed& bed) {
         return bed.Append(
             Edited(SampleEvent(v1::Event::kPaid), [](v1::Event& event) { event.mutable_paid()->set_amount_vnd(-1); }));
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
           event.mutable_forwarded()->mutable_step_limit()->set_unit(v1::Limit::UNIT_WORKING_DAY);
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
           event.mutable_finished()->set_result(v1::Finished::RESULT_REFUSED);
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
      {"EmptyBatch", kInvalid, kField, "requests", [](Bed& bed) { return bed.fixture.Status(BatchOf(bed, 0)); }},
      {"OversizedBatch", kInvalid, kField, "requests",
       [](Bed& bed) { return bed.fixture.Status(BatchOf(bed, limits::kEventsPerBatchMax + 1)); }},
      {"RequestIdInsideABatch", kInvalid, kField, "requests[1].request_id",
       [](Bed& bed) {
         v1::BatchAppendEventsRequest request = BatchOf(bed, 2);
         request.mutable_requests(1)->set_request_id("inner");
         return bed.fixture.Status(request);
       }},
      {"TrialInsideABatch", kInvalid, kField, "requests[0].validate_only",
       [](Bed& bed) {
         v1::BatchAppendEventsRequest request = BatchOf(bed, 2);
         request.mutable_requests(0)->set_validate_only(true);
         return bed.fixture.Status(request);
       }},
      {"ViewInsideABatch", kInvalid, kField, "requests[1].view",
       [](Bed& bed) {
         v1::BatchAppendEventsRequest request = BatchOf(bed, 2);
         request.mutable_requests(1)->set_view(v1::DOSSIER_VIEW_FULL);
         return bed.fixture.Status(request);
       }},
      {"StaleEtagInsideABatch", StatusCode::kAborted, "ETAG_MISMATCH", "requests[1].etag",
       [](Bed& bed) {
         v1::BatchAppendEventsRequest request = BatchOf(bed, 2);
         // That of the dossier after the first item: an etag refers to the dossier before the batch.
         request.mutable_requests(1)->set_etag(absl::StrCat("\"r", bed.fixture.head_revision() + 1, "\""));
         return bed.fixture.Status(request);
       }},
      {"BadTextInsideABatch", kInvalid, kField, "requests[2].event.noted.text",
       [](Bed& bed) {
         v1::BatchAppendEventsRequest request = BatchOf(bed, 3);
         *request.mutable_requests(2)->mutable_event() = NoteOf("a\x01");
         return bed.fixture.Status(request);
       }},
      {"UnknownParentInsideABatch", kMissing, "DOSSIER_NOT_FOUND", "requests[1].parent",
       [](Bed& bed) {
         v1::BatchAppendEventsRequest request = BatchOf(bed, 2);
         request.mutable_requests(1)->set_parent("dossiers/khong-co-ma-nay");
         return bed.fixture.Status(request);
       }},
      {"LastOfABatchNotAllowed", kInvalid, kField, "requests[3].event.occur_time",
       [](Bed& bed) {
         v1::BatchAppendEventsRequest request = BatchOf(bed, 4);
         *request.mutable_requests(3)->mutable_event() = AtTime(SampleEvent(v1::Event::kForwarded), "2026-08-21T09:00");
         return bed.fixture.Status(request);
       }},
      {"TooManyNames", kInvalid, kField, "names",
       [](Bed& bed) {
         v1::BatchGetDossiersRequest request;
         for (size_t i = 0; i <= limits::kBatchGetMax; ++i) request.add_names(bed.accepted);
         return bed.fixture.Status(request);
       }},
      {"NoNames", kInvalid, kField, "names",
       [](Bed& bed) { return bed.fixture.Status(v1::BatchGetDossiersRequest()); }},
      {"OneNameUnknown", kMissing, "DOSSIER_NOT_FOUND", "names[1]",
       [](Bed& bed) {
         v1::BatchGetDossiersRequest request;
         request.add_names(bed.accepted);
         request.add_names("dossiers/khong-co-ma-nay");
         return bed.fixture.Status(request);
       }},
  };
}

TEST(BadInputNamesTheFieldAndChangesNothing, Catalogue) { ExpectRefused(CatalogueCases()); }
TEST(BadInputNamesTheFieldAndChangesNothing, State) { ExpectRefused(StateCases()); }
TEST(BadInputNamesTheFieldAndChangesNothing, Times) { ExpectRefused(TimeCases()); }
TEST(BadInputNamesTheFieldAndChangesNothing, Texts) { ExpectRefused(TextCases()); }
TEST(BadInputNamesTheFieldAndChangesNothing, Batches) { ExpectRefused(BatchCases()); }

TEST(BadInput, ARefusedTransitionListsTheAllowedEvents) {
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
  const absl::Status stale = bed.fixture.Status(request);
  request.set_etag(ErrorMetadata(stale, "current_etag"));
  EXPECT_TRUE(bed.fixture.Status(request).ok());
}

TEST(BadInput, AnAmbiguousTailListsTheCodes) {
  Bed bed;
  const absl::Status status = bed.Lookup("-0001");
  EXPECT_EQ(ErrorMetadata(status, "tail"), "-0001");
  const std::string matches = ErrorMetadata(status, "matches");
  EXPECT_NE(matches.find("H24.99.1-260821-0001"), std::string::npos) << matches;
  EXPECT_NE(matches.find("H24.99.2-260821-0001"), std::string::npos) << matches;
}

TEST(BadInput, UnusualNumbersOfApplicantsAreRecordedWithAWarning) {
  ServiceFixture fixture;
  const auto warnings = [&](const std::function<void(v1::Applicant&)>& edit) {
    const v1::Event event = EditedRequest([&](v1::Request& request) { edit(*request.mutable_applicant()); });
    return fixture.MustCreate({event}).warnings_size();
  };
  EXPECT_EQ(warnings([](auto& applicant) { applicant.set_identity_number("031085001234"); }), 0);
  EXPECT_EQ(warnings([](auto& applicant) { applicant.set_identity_number("031234567"); }), 0) << "an old card";
  EXPECT_EQ(warnings([](auto& applicant) { applicant.set_identity_number("B1234567"); }), 0) << "a passport";
  EXPECT_EQ(warnings([](auto& applicant) { applicant.set_identity_number("12345"); }), 1);
  EXPECT_EQ(warnings([](auto& applicant) { applicant.set_identity_number("031985001234"); }), 1)
      << "the fourth digit stands for no century";
  EXPECT_EQ(warnings([](auto& applicant) { applicant.set_tax_code("0100109106"); }), 0);
  EXPECT_EQ(warnings([](auto& applicant) { applicant.set_phone_number("0912345678"); }), 0);
  EXPECT_EQ(warnings([](auto& applicant) { applicant.set_phone_number("113"); }), 1);
}

TEST(BadInput, TextsAreKeptInNormalFormAndTrimmed) {
  ServiceFixture fixture;
  // "ễ" typed as e + circumflex + tilde.
  const v1::Event event = EditedRequest(
      [](v1::Request& request) { request.mutable_applicant()->set_display_name("  Nguye\xcc\x82\xcc\x83n Hoa "); });
  EXPECT_EQ(fixture.MustCreate({event}).request().applicant().display_name(), "Nguyễn Hoa");
}

TEST(BadInput, OutputOnlyFieldsOfAnEventAreIgnored) {
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
