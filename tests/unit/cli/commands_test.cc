#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "tests/unit/cli/cli_fixture.h"

// What command lines about dossiers ask of the server, what they print and how they end.
namespace tthc::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class CommandsTest : public CliTest {
 protected:
  CommandsTest() { Serve({}); }
};

TEST_F(CommandsTest, AcceptBuildsAWholeRequest) {
  const Outcome outcome =
      Run({"accept",  "--procedure", "1.004873",         "--office",     "H24.99.1", "--name",  "Nguyễn Thị Hòa",
           "--phone", "0912345678",  "--channel",        "post",         "--unit",   "hcc",     "--fee",
           "15.000",  "--at",        "26/11/2026 08:30", "--request-id", "abc",      "--actor", "officers/hcc02"});
  EXPECT_EQ(outcome.code, kExitOk) << outcome.err;
  ASSERT_THAT(dossiers_.creates, SizeIs(1));
  EXPECT_EQ(dossiers_.creates[0].request_id(), "abc");
  const v1::Event& event = dossiers_.creates[0].events(0);
  EXPECT_EQ(FromProto(event.occur_time()), *ParseLocalTime("2026-11-26T08:30"));
  EXPECT_EQ(event.accepted().request().procedure(), "procedures/1.004873");
  EXPECT_EQ(event.accepted().request().office(), "offices/H24.99.1");
  EXPECT_EQ(event.accepted().request().channel(), v1::CHANNEL_POST);
  EXPECT_EQ(event.accepted().unit(), "units/hcc");
  EXPECT_EQ(event.accepted().fee_vnd(), 15000);
  EXPECT_EQ(dossiers_.actor, "officers/hcc02");
  EXPECT_THAT(outcome.out, HasSubstr("H24.99.1-261126-0001"));
  EXPECT_THAT(outcome.out, HasSubstr("01/12/2026 17:00"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("Hòa")));
}

TEST_F(CommandsTest, AcceptTakesDefaultsFromTheEnvironment) {
  variables_["TTHC_OFFICE"] = "H24.99.1";
  variables_["TTHC_ACTOR"] = "officers/hcc03";
  EXPECT_EQ(Run({"accept", "--procedure", "1.004873", "--name", "A"}).code, kExitOk);
  ASSERT_THAT(dossiers_.creates, SizeIs(1));
  EXPECT_EQ(dossiers_.creates[0].events(0).accepted().request().office(), "offices/H24.99.1");
  EXPECT_EQ(dossiers_.creates[0].events(0).accepted().request().channel(), v1::CHANNEL_COUNTER);
  EXPECT_THAT(dossiers_.creates[0].request_id(), SizeIs(36));
  EXPECT_EQ(dossiers_.actor, "officers/hcc03");
}

TEST_F(CommandsTest, AcceptWithACodeAcceptsWhatWasSubmitted) {
  variables_["TTHC_OFFICE"] = "H24.99.1";
  EXPECT_EQ(Run({"accept", "0001", "--unit", "hcc"}).code, kExitOk);
  ASSERT_THAT(dossiers_.appends, SizeIs(1));
  EXPECT_EQ(dossiers_.appends[0].parent(), NameOf("0001"));
  EXPECT_FALSE(dossiers_.appends[0].event().accepted().has_request());
}

TEST_F(CommandsTest, CodesAreLookedUpAndNamesAreNot) {
  for (const std::string& typed : {std::string("0001"), CodeOf("0001")}) {
    EXPECT_EQ(Run({"forward", typed, "vp"}).code, kExitOk);
    EXPECT_EQ(dossiers_.lookups.back().code(), typed);
    EXPECT_EQ(dossiers_.lookups.back().view(), v1::DOSSIER_VIEW_REFERENCE);
    EXPECT_EQ(dossiers_.appends.back().parent(), NameOf("0001"));
  }
  EXPECT_EQ(Run({"forward", NameOf("0001"), "vp"}).code, kExitOk);
  EXPECT_THAT(dossiers_.lookups, SizeIs(2));
  EXPECT_EQ(dossiers_.appends.back().parent(), NameOf("0001"));
}

TEST_F(CommandsTest, TablesAskForLessThanJson) {
  Run({"finish", "1"});
  Run({"finish", "1", "-o", "json"});
  EXPECT_EQ(dossiers_.appends[0].view(), v1::DOSSIER_VIEW_BASIC);
  EXPECT_EQ(dossiers_.appends[1].view(), v1::DOSSIER_VIEW_FULL);
  Run({"list", "--limit", "1", "-o", "csv"});
  Run({"list", "--limit", "1", "-o", "jsonl"});
  EXPECT_EQ(dossiers_.lists[0].view(), v1::DOSSIER_VIEW_BASIC);
  EXPECT_EQ(dossiers_.lists[1].view(), v1::DOSSIER_VIEW_FULL);
}

TEST_F(CommandsTest, BeforeAcceptanceTheSubmissionCodeIsShown) {
  dossiers_.dossier.clear_code();
  dossiers_.dossier.set_submission_code("DK-261126-0007");
  EXPECT_THAT(Run({"list"}).out, HasSubstr("DK-261126-0007"));
  EXPECT_THAT(Run({"submit", "--procedure", "1.004873", "--name", "A", "--office", "H24.99.1"}).out,
              HasSubstr("DK-261126-0007: "));
}

TEST_F(CommandsTest, EveryEventCommandReachesItsEvent) {
  const struct {
    std::vector<std::string> arguments;
    v1::Event::PayloadCase payload;
  } kCases[] = {
      {{"refuse", "1", "--reason", "x"}, v1::Event::kIntakeRefused},
      {{"forward", "1", "vp"}, v1::Event::kForwarded},
      {{"forward", "1", "--to", "vp"}, v1::Event::kForwarded},
      {{"take", "1", "vp"}, v1::Event::kStepTaken},
      {{"done", "1", "vp"}, v1::Event::kStepDone},
      {{"supplement", "ask", "1", "--content", "x", "--reason", "y"}, v1::Event::kSupplementRequested},
      {{"supplement", "receive", "1"}, v1::Event::kSupplementReceived},
      {{"pay", "ask", "1", "--amount", "5"}, v1::Event::kFinancialObligationRequested},
      {{"pay", "met", "1"}, v1::Event::kFinancialObligationMet},
      {{"pause", "1", "--reason", "posting", "--document", "TB 1"}, v1::Event::kPaused},
      {{"resume", "1"}, v1::Event::kResumed},
      {{"opinion", "ask", "1", "kt", "--limit", "1wd"}, v1::Event::kOpinionAsked},
      {{"opinion", "give", "1", "kt"}, v1::Event::kOpinionGiven},
      {{"reschedule", "1", "27/11/2026 17:00", "--reason", "x", "--approver", "y"}, v1::Event::kRescheduled},
      {{"withdraw", "1"}, v1::Event::kWithdrawalRequested},
      {{"stop", "1", "--reason", "x"}, v1::Event::kStopped},
      {{"finish", "1"}, v1::Event::kFinished},
      {{"return", "1"}, v1::Event::kReturned},
      {{"rate", "1", "satisfied"}, v1::Event::kRated},
      {{"petition", "receive", "1", "PA-01", "--content", "x"}, v1::Event::kPetitionReceived},
      {{"petition", "answer", "1", "PA-01", "--content", "x", "--upheld", "yes"}, v1::Event::kPetitionAnswered},
      {{"note", "1", "list"}, v1::Event::kNoted},
      {{"document", "1", "Tờ khai"}, v1::Event::kDocumentAdded},
      {{"paid", "1", "15000"}, v1::Event::kPaid},
      {{"alias", "1", "G22-1"}, v1::Event::kAliasAdded},
  };
  for (const auto& c : kCases) {
    dossiers_.appends.clear();
    const Outcome outcome = Run(c.arguments);
    ASSERT_EQ(outcome.code, kExitOk) << c.arguments[0] << ": " << outcome.err;
    ASSERT_THAT(dossiers_.appends, SizeIs(1));
    EXPECT_EQ(dossiers_.appends[0].event().payload_case(), c.payload) << c.arguments[0];
    EXPECT_EQ(dossiers_.appends[0].parent(), NameOf("0001"));
  }
}

TEST_F(CommandsTest, WordsThatNameCommandsStayArguments) {
  EXPECT_EQ(Run({"note", "1", "pay"}).code, kExitOk);
  ASSERT_THAT(dossiers_.appends, SizeIs(1));
  EXPECT_EQ(dossiers_.appends[0].event().noted().text(), "pay");
  EXPECT_EQ(Run({"find", "late"}).code, kExitOk);
  ASSERT_FALSE(dossiers_.lists.empty());
  EXPECT_EQ(dossiers_.lists[0].filter().query(), "late");
}

TEST_F(CommandsTest, JsonFillsFieldsAndOptionsTakePrecedence) {
  EXPECT_EQ(Run({"finish", "1", "--json", R"({"document":"TB 1","reason":"a"})", "--reason", "b", "--dry-run", "--etag",
                 "\"r5\""})
                .code,
            kExitOk);
  ASSERT_THAT(dossiers_.appends, SizeIs(1));
  EXPECT_EQ(dossiers_.appends[0].event().finished().document(), "TB 1");
  EXPECT_EQ(dossiers_.appends[0].event().finished().reason(), "b");
  EXPECT_EQ(dossiers_.appends[0].event().finished().result(), v1::Finished::RESULT_GRANTED);
  EXPECT_TRUE(dossiers_.appends[0].validate_only());
  EXPECT_EQ(dossiers_.appends[0].etag(), "\"r5\"");
}

TEST_F(CommandsTest, AmendKeepsOtherFieldsAndDropsThoseOfTheServer) {
  v1::Event accepted;
  accepted.set_revision(7);
  accepted.mutable_accepted()->set_code("H24.99.1-261126-0001");
  accepted.mutable_accepted()->mutable_terms()->set_field("fields/x");
  accepted.mutable_accepted()->mutable_request()->mutable_applicant()->set_display_name("Nguyễn Thị Hoa");
  accepted.mutable_accepted()->mutable_request()->set_content("giữ nguyên");
  dossiers_.events = {accepted};
  const Outcome outcome =
      Run({"amend", "0001", "7", "--set", "name=Nguyễn Thị Hòa", "--reason", "gõ sai", "--approver", "B"});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  ASSERT_THAT(dossiers_.appends, SizeIs(1));
  const v1::Amended& amended = dossiers_.appends[0].event().amended();
  EXPECT_EQ(amended.target_revision(), 7);
  EXPECT_EQ(amended.replacement().accepted().request().applicant().display_name(), "Nguyễn Thị Hòa");
  EXPECT_EQ(amended.replacement().accepted().request().content(), "giữ nguyên");
  EXPECT_FALSE(amended.replacement().accepted().has_terms());
  EXPECT_EQ(amended.replacement().accepted().code(), "");

  EXPECT_EQ(Run({"amend", "0001", "8", "--void", "--reason", "x", "--approver", "B"}).code, kExitOk);
  EXPECT_TRUE(dossiers_.appends[1].event().amended().voided());
  EXPECT_EQ(Run({"amend", "0001", "99", "--at", "25/11/2026", "--reason", "x", "--approver", "B"}).code, kExitNotFound);
  EXPECT_EQ(Run({"amend", "0001", "7", "--set", "nmae=x"}).code, kExitUsage);
  EXPECT_EQ(Run({"amend", "0001", "7"}).code, kExitUsage);
}

TEST_F(CommandsTest, ListPagesUntilItHasEnough) {
  EXPECT_EQ(Run({"list", "--all", "--state", "processing,finished", "--accepted-to", "30/09/2026"}).code, kExitOk);
  ASSERT_THAT(dossiers_.lists, SizeIs(2));
  EXPECT_EQ(dossiers_.lists[0].page_size(), 1000);
  EXPECT_EQ(dossiers_.lists[0].filter().states_size(), 2);
  EXPECT_EQ(FromProto(dossiers_.lists[0].filter().accept_time().end_time()), *ParseLocalTime("2026-10-01"));
  EXPECT_EQ(dossiers_.lists[1].page_token(), "next");
  dossiers_.lists.clear();
  EXPECT_EQ(Run({"list", "--limit", "1"}).code, kExitOk);
  EXPECT_THAT(dossiers_.lists, SizeIs(1));
}

TEST_F(CommandsTest, TablesMaskPersonalDataUnlessRevealed) {
  EXPECT_THAT(Run({"list"}).out, Not(HasSubstr("Hòa")));
  EXPECT_THAT(Run({"list", "--reveal"}).out, HasSubstr("Nguyễn Thị Hòa"));
  EXPECT_THAT(Run({"list", "-o", "csv"}).out, Not(HasSubstr("Hòa")));
  EXPECT_THAT(Run({"show", "1"}).out, Not(::testing::AnyOf(HasSubstr("Hòa"), HasSubstr("0912345678"))));
}

TEST_F(CommandsTest, LookupShowsNothingButTheState) {
  for (const char* format : {"table", "json", "csv"}) {
    const Outcome outcome = Run({"lookup", "1", "-o", format, "--reveal"});
    EXPECT_THAT(outcome.out, HasSubstr("H24.99.1-261126-0001"));
    EXPECT_THAT(outcome.out, Not(::testing::AnyOf(HasSubstr("Hòa"), HasSubstr("0912"), HasSubstr("2026-12"))));
  }
}

TEST_F(CommandsTest, FormatsHaveTheirShapes) {
  EXPECT_THAT(Run({"list", "-o", "json", "--limit", "2"}).out, ::testing::StartsWith("[\n{"));
  EXPECT_THAT(Run({"list", "-o", "json", "--limit", "2"}).out, ::testing::EndsWith("}\n]\n"));
  const Outcome lines = Run({"list", "-o", "jsonl", "--limit", "2"});
  EXPECT_EQ(std::count(lines.out.begin(), lines.out.end(), '\n'), 2);
  EXPECT_THAT(Run({"list", "-o", "csv", "--lang", "en"}).out, ::testing::StartsWith("Code,State,"));
  EXPECT_THAT(lines.err, IsEmpty());
}

TEST_F(CommandsTest, ColorOnlyOnATerminalAndWithoutNoColor) {
  EXPECT_THAT(Run({"list"}).out, Not(HasSubstr("\x1b[")));
  terminal_ = true;
  EXPECT_THAT(Run({"list"}).out, HasSubstr("\x1b["));
  EXPECT_THAT(Run({"list", "--no-color"}).out, Not(HasSubstr("\x1b[")));
  variables_["NO_COLOR"] = "1";
  EXPECT_THAT(Run({"list"}).out, Not(HasSubstr("\x1b[")));
}

TEST_F(CommandsTest, ExitCodesDistinguishErrors) {
  const struct {
    absl::StatusCode code;
    int exit_code;
  } kCases[] = {{absl::StatusCode::kInvalidArgument, kExitFailure},
                {absl::StatusCode::kNotFound, kExitNotFound},
                {absl::StatusCode::kAborted, kExitConflict},
                {absl::StatusCode::kAlreadyExists, kExitConflict},
                {absl::StatusCode::kFailedPrecondition, kExitConflict},
                {absl::StatusCode::kUnavailable, kExitUnavailable},
                {absl::StatusCode::kResourceExhausted, kExitUnavailable},
                {absl::StatusCode::kInternal, kExitFailure}};
  for (const auto& c : kCases) {
    dossiers_.error = MakeError({.code = c.code, .reason = "R", .message = "english", .message_vi = "tiếng Việt"});
    const Outcome outcome = Run({"note", "1", "x"});
    EXPECT_EQ(outcome.code, c.exit_code) << c.code;
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, HasSubstr("tiếng Việt"));
  }
  EXPECT_THAT(Run({"note", "1", "x", "--lang", "en"}).err, HasSubstr("Error: english"));
}

TEST_F(CommandsTest, TransientErrorsAreTriedAgainWithTheSameRequestId) {
  dossiers_.error = absl::UnavailableError("away");
  EXPECT_EQ(Run({"note", "1", "x"}).code, kExitUnavailable);
  ASSERT_GT(dossiers_.appends.size(), 2u);
  for (const auto& append : dossiers_.appends) EXPECT_EQ(append.request_id(), dossiers_.appends[0].request_id());
}

TEST_F(CommandsTest, ErrorsNameTheOptionAtFault) {
  dossiers_.error = InvalidField("event.forwarded.to_unit", "is missing", "còn thiếu");
  EXPECT_THAT(Run({"forward", "1"}).err, HasSubstr("--to"));
}

TEST_F(CommandsTest, UsageErrorsSendNoRequest) {
  const std::vector<std::vector<std::string>> cases = {{"forwrd", "1"},
                                                       {"forward"},
                                                       {"forward", "1", "vp", "--nota", "x"},
                                                       {"list", "-o", "xml"},
                                                       {"supplement"},
                                                       {},
                                                       {"finish", "1", "--result", "maybe"},
                                                       {"note", "1", "x", "--at", "hôm qua"},
                                                       {"show", "1", "2"},
                                                       {"list", "--limit", "0"},
                                                       {"summary", "--period", "mùa thu"},
                                                       {"summary", "--by", "month"},
                                                       {"due"},
                                                       {"due", "--limit", "abc"},
                                                       {"due", "--limit", "1wd", "--pause", "x"}};
  for (const auto& arguments : cases) {
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.code, kExitUsage) << ::testing::PrintToString(arguments);
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, Not(IsEmpty()));
  }
  EXPECT_TRUE(dossiers_.appends.empty() && dossiers_.lists.empty() && dossiers_.lookups.empty());
}

TEST_F(CommandsTest, DidYouMean) {
  EXPECT_THAT(Run({"forwrd", "1"}).err, HasSubstr("có phải ý bạn là forward?"));
  EXPECT_THAT(Run({"supplement", "recieve"}).err, HasSubstr("receive"));
  EXPECT_THAT(Run({"list", "--sate", "x", "--lang", "en"}).err, HasSubstr("did you mean --state?"));
}

TEST_F(CommandsTest, EveryCommandHasHelpWithAnExampleInBothLanguages) {
  for (const char* lang : {"vi", "en"}) {
    std::istringstream commands(Run({"completion", "bash"}).out);
    std::string line;
    int leaves = 0;
    while (std::getline(commands, line)) {
      const size_t begin = line.find("    '");
      if (line.find("') words='") == std::string::npos) continue;
      if (begin != 0 || line.compare(0, 6, "    ''") == 0) continue;
      const std::string path = line.substr(5, line.find('\'', 5) - 5);
      std::vector<std::string> arguments;
      std::istringstream words(path);
      for (std::string word; words >> word;) arguments.push_back(word);
      arguments.insert(arguments.end(), {"--help", "--lang", lang});
      const Outcome outcome = Run(arguments);
      EXPECT_EQ(outcome.code, kExitOk) << path;
      const bool group =
          outcome.out.find(std::string(lang) == "vi" ? "\nLệnh:\n" : "\nCommands:\n") != std::string::npos;
      if (group) continue;
      ++leaves;
      EXPECT_THAT(outcome.out,
                  HasSubstr(std::string(lang) == "vi" ? "Ví dụ:\n  tthc " + path : "Examples:\n  tthc " + path));
    }
    EXPECT_GT(leaves, 45);
  }
}

TEST_F(CommandsTest, CompletionKnowsNestedCommandsAndOptions) {
  for (const char* shell : {"bash", "zsh"}) {
    const std::string script = Run({"completion", shell}).out;
    EXPECT_THAT(script, HasSubstr("'supplement ask') words='"));
    EXPECT_THAT(script, HasSubstr("--override-approver"));
  }
}

}  // namespace
}  // namespace tthc::cli
