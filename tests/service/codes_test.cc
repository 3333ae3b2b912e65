#include <gtest/gtest.h>

#include <future>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/uid.h"
#include "tests/testing/calendars.h"
#include "tests/testing/sample_events.h"
#include "tests/testing/service_fixture.h"

// Codes and names of dossiers (docs/regulations.md "Dossier code"): issued once, found however people write them,
// never given to another dossier.
namespace tthc::server {
namespace {

using testing::AcceptedEvent;
using testing::At;
using testing::EngineKind;
using testing::SampleEvent;
using testing::ServiceFixture;
using testing::ValueOrDie;

v1::Event AcceptedAt(absl::string_view when, const std::string& office = testing::kOffice) {
  v1::Event event = AcceptedEvent();
  event.mutable_accepted()->mutable_request()->set_office(office);
  *event.mutable_occur_time() = ToProto(At(when));
  return event;
}

v1::Event AliasOf(const std::string& alias) {
  v1::Event event = SampleEvent(v1::Event::kAliasAdded);
  event.mutable_alias_added()->set_alias(alias);
  return event;
}

class CodesTest : public ::testing::TestWithParam<EngineKind> {
 protected:
  std::string CodeOf(const v1::Event& event) { return fixture_.MustCreate({event}).code(); }
  absl::StatusOr<v1::Dossier> Lookup(const std::string& code) {
    v1::LookupDossierRequest request;
    request.set_code(code);
    return fixture_.Call<v1::Dossier>(request);
  }

  ServiceFixture fixture_{{.engine = GetParam()}};
};

TEST_P(CodesTest, CountPerAgencyAndLocalDay) {
  EXPECT_EQ(CodeOf(AcceptedEvent()), "H24.99.1-260821-0001");
  EXPECT_EQ(CodeOf(AcceptedEvent()), "H24.99.1-260821-0002");
  EXPECT_EQ(CodeOf(AcceptedAt("2026-08-21T09:00", testing::kOtherOffice)), "H24.99.2-260821-0001");
  // Taken in yesterday, entered today: counted yesterday.
  EXPECT_EQ(CodeOf(AcceptedAt("2026-08-20T16:00")), "H24.99.1-260820-0001");
  fixture_.clock().Set(At("2026-08-21T23:59:59"));
  EXPECT_EQ(CodeOf(AcceptedEvent()), "H24.99.1-260821-0003");
  fixture_.clock().Set(At("2026-08-22T00:00"));
  EXPECT_EQ(CodeOf(AcceptedEvent()), "H24.99.1-260822-0001") << "midnight in Viet Nam, not in UTC";
}

TEST_P(CodesTest, RefusedCreationsAndTrialsUseNoNumber) {
  EXPECT_EQ(CodeOf(AcceptedEvent()), "H24.99.1-260821-0001");
  EXPECT_FALSE(fixture_.Create({AcceptedEvent(), SampleEvent(v1::Event::kReturned)}).ok());
  v1::CreateDossierRequest tried;
  *tried.add_events() = AcceptedEvent();
  tried.set_validate_only(true);
  const auto trial = ValueOrDie(fixture_.Call<v1::CreateDossierResponse>(tried));
  EXPECT_EQ(trial.dossier().code(), "") << "a trial issues no code";
  EXPECT_EQ(CodeOf(AcceptedEvent()), "H24.99.1-260821-0002");
}

TEST_P(CodesTest, AreUniqueUnderConcurrencyAndNeverReusedAfterARestart) {
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  std::vector<std::vector<std::string>> issued(kThreads);
  std::vector<std::thread> clerks;
  for (int i = 0; i < kThreads; ++i) {
    clerks.emplace_back([&, i] {
      for (int n = 0; n < kEach; ++n) issued[static_cast<size_t>(i)].push_back(CodeOf(AcceptedEvent()));
    });
  }
  for (std::thread& clerk : clerks) clerk.join();
  std::set<std::string> all;
  for (const auto& codes : issued) {
    for (const std::string& code : codes) EXPECT_TRUE(all.insert(code).second) << code;
  }
  fixture_.Restart();
  EXPECT_EQ(CodeOf(AcceptedEvent()), "H24.99.1-260821-0201");
  EXPECT_EQ(all.size(), size_t{kThreads * kEach});
  EXPECT_EQ(*all.rbegin(), "H24.99.1-260821-0200");
}

TEST_P(CodesTest, IssuedCodesStepOverAssignedOnes) {
  v1::Event moved = AcceptedEvent();
  moved.mutable_accepted()->set_assigned_code("H24.99.1-260821-0001");
  EXPECT_EQ(CodeOf(moved), "H24.99.1-260821-0001");
  EXPECT_EQ(CodeOf(AcceptedEvent()), "H24.99.1-260821-0002");
}

TEST_P(CodesTest, ASubmissionKeepsItsNameAndIsFoundByItsSubmissionCodeAfterItIsAccepted) {
  const v1::Dossier submitted = fixture_.MustCreate({SampleEvent(v1::Event::kSubmitted)});
  EXPECT_EQ(submitted.submission_code(), "H24.99.1-260821-T0001");
  EXPECT_EQ(submitted.code(), "");
  v1::Event accepted;
  accepted.mutable_accepted()->set_unit(testing::kCounterUnit);
  const v1::Dossier dossier = fixture_.MustAppend(submitted.name(), accepted);
  EXPECT_EQ(dossier.name(), submitted.name());
  EXPECT_EQ(dossier.code(), "H24.99.1-260821-0001");
  EXPECT_EQ(dossier.submission_code(), "H24.99.1-260821-T0001");
  for (const char* code : {"H24.99.1-260821-T0001", "H24.99.1-260821-0001"}) {
    EXPECT_EQ(fixture_.MustGet(absl::StrCat("dossiers/", code)).name(), dossier.name()) << code;
  }
}

TEST_P(CodesTest, ARefusedIntakeHasASubmissionCodeToo) {
  const v1::Dossier refused = fixture_.MustCreate({SampleEvent(v1::Event::kIntakeRefused)});
  EXPECT_EQ(refused.submission_code(), "H24.99.1-260821-T0001");
  EXPECT_EQ(fixture_.MustGet("dossiers/h24.99.1-260821-t0001").name(), refused.name());
}

TEST_P(CodesTest, ANameIsADrawnUidThatNoEventAndNoRestartChanges) {
  std::set<std::string> names;
  for (int i = 0; i < 50; ++i) names.insert(fixture_.MustCreate({AcceptedEvent()}).name());
  EXPECT_EQ(names.size(), 50u);
  for (const std::string& name : names) {
    ASSERT_EQ(name.substr(0, 9), "dossiers/");
    EXPECT_TRUE(IsUid(name.substr(9))) << name;
  }
  const std::string name = *names.begin();
  v1::Event corrected = AcceptedEvent(testing::kByClock);
  fixture_.MustAppend(name, testing::AmendmentOf(fixture_.MustGet(name).revision(), corrected));
  fixture_.Restart();
  const v1::Dossier dossier = fixture_.MustGet("dossiers/" + absl::AsciiStrToUpper(name.substr(9)));
  EXPECT_EQ(dossier.name(), name) << "an amendment folds the dossier anew and keeps its name";
  for (const v1::Event& event : fixture_.MustListEvents("dossiers/" + dossier.code())) {
    EXPECT_EQ(event.name(), absl::StrCat(name, "/events/", event.revision()));
  }
}

TEST_P(CodesTest, NoDossierTakesTheUidOfAnotherAsItsCode) {
  const v1::Dossier first = fixture_.MustCreate({AcceptedEvent()});
  const v1::Dossier second = fixture_.MustCreate({AcceptedEvent()});
  const std::string uid = first.name().substr(9);
  EXPECT_EQ(ErrorReason(fixture_.Append(second.name(), AliasOf(uid)).status()), "CODE_EXISTS");
}

TEST_P(CodesTest, AnAliasFromThePortalMayBecomeTheCodeOfItsOwnDossier) {
  v1::Event submitted = SampleEvent(v1::Event::kSubmitted);
  submitted.mutable_submitted()->mutable_request()->add_aliases("G22.99-260820-000123");
  const v1::Dossier dossier = fixture_.MustCreate({submitted});
  v1::Event accepted;
  accepted.mutable_accepted()->set_assigned_code("G22.99-260820-000123");
  EXPECT_EQ(fixture_.MustAppend(dossier.name(), accepted).code(), "G22.99-260820-000123");
}

TEST_P(CodesTest, AreFoundAsPeopleWriteThem) {
  const std::string code = CodeOf(AcceptedEvent());
  fixture_.MustAppend("dossiers/" + code, AliasOf("G22.99-2026-ABC77"));
  for (const char* written : {"H24.99.1-260821-0001", "h24.99.1-260821-0001", " H24.99.1 - 260821 - 0001 ",
                              "G22.99-2026-ABC77", "g22.99-2026-abc77"}) {
    SCOPED_TRACE(written);
    const auto found = fixture_.Get(absl::StrCat("dossiers/", written));
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(found->code(), code);
    EXPECT_EQ(ValueOrDie(Lookup(written)).code(), code);
    EXPECT_TRUE(fixture_.Append(absl::StrCat("dossiers/", written), SampleEvent(v1::Event::kNoted)).ok());
  }
}

TEST_P(CodesTest, TailsAreFoundByLookupAndByNothingElse) {
  const std::string code = CodeOf(AcceptedEvent());
  fixture_.MustAppend("dossiers/" + code, AliasOf("G22.99-2026-ABC77"));
  for (const char* tail : {"821-0001", "1-260821-0001", "abc77", " 0001 "}) {
    SCOPED_TRACE(tail);
    EXPECT_EQ(ValueOrDie(Lookup(tail)).code(), code);
    EXPECT_EQ(ErrorReason(fixture_.Get(absl::StrCat("dossiers/", tail)).status()), "DOSSIER_NOT_FOUND");
    const auto appended = fixture_.Append(absl::StrCat("dossiers/", tail), SampleEvent(v1::Event::kNoted));
    EXPECT_EQ(ErrorReason(appended.status()), "DOSSIER_NOT_FOUND");
  }
  EXPECT_EQ(ErrorReason(Lookup("0002").status()), "DOSSIER_NOT_FOUND");
  EXPECT_EQ(ErrorReason(Lookup("01").status()), "DOSSIER_NOT_FOUND") << "too short";
}

TEST_P(CodesTest, LookupTakesAUidAndAppliesTheView) {
  const v1::Dossier dossier = fixture_.MustCreate({AcceptedEvent(), SampleEvent(v1::Event::kForwarded)});
  v1::LookupDossierRequest request;
  request.set_code(dossier.name().substr(9));
  EXPECT_EQ(ValueOrDie(fixture_.Call<v1::Dossier>(request)).steps_size(), 1) << "everything by default";
  request.set_view(v1::DOSSIER_VIEW_REFERENCE);
  const v1::Dossier reference = ValueOrDie(fixture_.Call<v1::Dossier>(request));
  EXPECT_EQ(reference.code(), dossier.code());
  EXPECT_FALSE(reference.has_request());
}

TEST_P(CodesTest, AWholeCodeTakesPrecedenceOverTheTailOfAnother) {
  v1::Event shorter = AcceptedEvent();
  shorter.mutable_accepted()->set_assigned_code("260821-0001");
  CodeOf(AcceptedEvent());
  CodeOf(shorter);
  EXPECT_EQ(ValueOrDie(Lookup("260821-0001")).code(), "260821-0001");
  EXPECT_EQ(ErrorReason(Lookup("0821-0001").status()), "CODE_AMBIGUOUS");
}

TEST_P(CodesTest, NoAmendmentTakesTheCodeOfAnotherDossier) {
  const v1::Dossier first = fixture_.MustCreate({AcceptedEvent()});
  const v1::Dossier second = fixture_.MustCreate({AcceptedEvent()});
  fixture_.MustAppend(second.name(), AliasOf("KHAC-2"));
  const v1::Dossier aliased = fixture_.MustAppend(first.name(), AliasOf("KHAC-1"));
  const auto steal = testing::AmendmentOf(aliased.revision(), AliasOf("KHAC-2"));
  EXPECT_EQ(ErrorReason(fixture_.Append(first.name(), steal).status()), "CODE_EXISTS");
  // Nor does an amendment that gives a voided event new content.
  fixture_.MustAppend(first.name(), testing::VoidOf(aliased.revision()));
  EXPECT_EQ(ErrorReason(fixture_.Append(first.name(), steal).status()), "CODE_EXISTS");
  EXPECT_EQ(fixture_.MustGet("dossiers/KHAC-2").code(), second.code());
  EXPECT_TRUE(fixture_.Append(first.name(), testing::AmendmentOf(aliased.revision(), AliasOf("KHAC-1"))).ok());
}

TEST_P(CodesTest, ACorrectedAliasIsFoundByTheNewSpellingToo) {
  const v1::Dossier dossier = fixture_.MustCreate({AcceptedEvent()});
  const int64_t revision = fixture_.MustAppend(dossier.name(), AliasOf("KHAC-1")).revision();
  fixture_.MustAppend(dossier.name(), testing::AmendmentOf(revision, AliasOf("KHAC-9")));
  EXPECT_EQ(fixture_.MustGet("dossiers/KHAC-9").code(), dossier.code());
  // Its old alias is not free for another dossier.
  const v1::Dossier other = fixture_.MustCreate({AcceptedEvent()});
  EXPECT_EQ(ErrorReason(fixture_.Append(other.name(), AliasOf("KHAC-1")).status()), "CODE_EXISTS");
}

TEST_P(CodesTest, OneCommandCanNotGiveOneCodeToTwoDossiers) {
  const v1::Dossier first = fixture_.MustCreate({AcceptedEvent()});
  const v1::Dossier second = fixture_.MustCreate({AcceptedEvent()});
  v1::BatchAppendEventsRequest batch;
  for (const v1::Dossier* dossier : {&first, &second}) {
    v1::AppendEventRequest& one = *batch.add_requests();
    one.set_parent(dossier->name());
    *one.mutable_event() = AliasOf("KHAC-1");
  }
  const absl::Status status = fixture_.Status(batch);
  EXPECT_EQ(ErrorReason(status), "CODE_EXISTS");
  EXPECT_EQ(ErrorField(status), "requests[1].event.alias_added.alias");
  EXPECT_EQ(ErrorReason(fixture_.Get("dossiers/KHAC-1").status()), "DOSSIER_NOT_FOUND") << "all or none";
}

TEST_P(CodesTest, AnAmendedAcceptanceKeepsItsCodeItsTermsAndItsFee) {
  v1::Event accepted = AcceptedEvent(testing::kManyLimits);
  const v1::Dossier before = fixture_.MustCreate({accepted});
  EXPECT_EQ(before.fee_vnd(), 50'000);
  // A new version of the procedure in between.
  v1::UpdateProcedureRequest update;
  *update.mutable_procedure() = testing::SampleProcedures()[5];
  *update.mutable_procedure()->mutable_limits(0)->mutable_limit() = testing::WorkingDays(15);
  ASSERT_TRUE(fixture_.Status(update).ok());
  accepted.mutable_accepted()->mutable_request()->mutable_applicant()->set_display_name("Trần Văn Đạt");
  const v1::Dossier after = fixture_.MustAppend(before.name(), testing::AmendmentOf(before.revision(), accepted));
  EXPECT_EQ(after.code(), before.code());
  EXPECT_EQ(after.terms().DebugString(), before.terms().DebugString());
  EXPECT_EQ(after.fee_vnd(), 50'000);
  EXPECT_EQ(after.request().applicant().display_name(), "Trần Văn Đạt");
  // Another procedure has other terms.
  accepted.mutable_accepted()->mutable_request()->set_procedure(testing::kThreeDays);
  const v1::Dossier moved = fixture_.MustAppend(before.name(), testing::AmendmentOf(before.revision(), accepted));
  EXPECT_EQ(moved.terms().limit().minutes(), 3 * 480);
  EXPECT_EQ(moved.code(), before.code());
}

INSTANTIATE_TEST_SUITE_P(Engines, CodesTest, ::testing::Values(EngineKind::kMemory, EngineKind::kRocksDb),
                         [](const auto& param) { return param.param == EngineKind::kMemory ? "Memory" : "RocksDb"; });

}  // namespace
}  // namespace tthc::server
