#include "client/sync/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "client/sync/profile.h"
#include "client/sync/secret.h"
#include "client/sync/url.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/proto_duration.h"
#include "tests/testing/scratch_directory.h"

namespace tthc::sync {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string Write(const testing::ScratchDirectory& directory, const std::string& name, const std::string& text,
                  mode_t mode = 0600) {
  const std::string path = directory.path() + "/" + name;
  std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(chmod(path.c_str(), mode), 0);
  return path;
}

constexpr char kGood[] = R"pb(
  targets {
    id: "dvcqg"
    profile: "dvcqg"
    base_url: "https://truc.invalid/XrdAdapter/RestService/forward"
    agency: "H24.99.1"
    destination: "VN:GOV:dich"
    destination_place: PLACE_QUERY
    username: "don-vi"
    password { file: "mat-khau" }
  }
)pb";

sync::Setup Parse(const std::string& text, Problems* problems, bool check_files = false) {
  return ParseConfig("thu.textproto", text, "/etc/tthc", {.credentials_directory = "", .check_files = check_files},
                     problems);
}

// "line field" of every problem.
std::vector<std::string> Places(const std::string& text) {
  Problems problems;
  Parse(text, &problems);
  std::vector<std::string> places;
  for (const Problem& problem : problems.list()) {
    EXPECT_FALSE(problem.message.empty());
    EXPECT_FALSE(problem.message_vi.empty());
    places.push_back(std::to_string(problem.line) + " " + problem.field);
  }
  return places;
}

TEST(Config, FillsInDefaults) {
  Problems problems;
  const sync::Setup setup = Parse(kGood, &problems);
  ASSERT_TRUE(problems.empty()) << problems.Describe("en");
  EXPECT_EQ(setup.server, "127.0.0.1:50551");
  EXPECT_EQ(setup.actor, "tthc-sync");
  ASSERT_EQ(setup.targets.size(), 1u);
  const v1::Target& target = setup.targets[0].target;
  EXPECT_EQ(target.display_name(), "dvcqg");
  EXPECT_EQ(target.worker_count(), limits::kSyncWorkersDefault);
  EXPECT_EQ(target.attempts_max(), limits::kSyncAttemptsMax);
  EXPECT_EQ(FromProto(target.connect_timeout()), limits::kSyncConnectTimeout);
  EXPECT_EQ(FromProto(target.call_timeout()), limits::kSyncCallTimeout);
  EXPECT_EQ(FromProto(target.retry_delay_first()), limits::kSyncRetryDelayFirst);
  EXPECT_EQ(FromProto(target.retry_delay_max()), limits::kSyncRetryDelayMax);
  EXPECT_EQ(FromProto(target.lease_duration()), limits::kMirrorLeaseDefault);
  EXPECT_EQ(target.password().file(), "/etc/tthc/mat-khau") << "relative to the configuration";
  EXPECT_EQ(setup.targets[0].profile.id(), "dvcqg");
}

TEST(Config, ReportsAllProblemsAtOnceWithTheirLines) {
  const std::string text = R"(server: "máy 1"
targets {
  id: "Cổng quốc gia"
  profile: "dvcqg"
  base_url: "http://truc.invalid"
  destination: "đích"
  worker_count: 1000
  attempts_max: -1
  connect_timeout { seconds: 20 }
  call_timeout { seconds: 10 }
  lease_duration { seconds: 1 }
  start_date: "2026-02-30"
  proxy: "socks5://proxy"
  khong_co: 7
  statuses { code: "4" }
  outcomes { outcome: OUTCOME_DONE }
}
targets {
  id: "hai"
  profile: "khong-co"
  base_url: "https://ten:mat-khau@may.invalid/"
}
)";
  EXPECT_THAT(
      Places(text),
      ElementsAre("14 ", "1 server", "3 targets[0].id", "12 targets[0].start_date", "15 targets[0].statuses[0].state",
                  "16 targets[0].outcomes[0].outcome", "16 targets[0].outcomes[0].codes", "5 targets[0].base_url",
                  "13 targets[0].proxy", "2 targets[0].destination_place", "6 targets[0].destination",
                  "2 targets[0].agency", "2 targets[0].username", "2 targets[0].password", "7 targets[0].worker_count",
                  "8 targets[0].attempts_max", "9 targets[0].connect_timeout", "11 targets[0].lease_duration", "0 ",
                  "20 targets[1].profile", "21 targets[1].base_url"));
  Problems problems;
  Parse(text, &problems);
  const std::string vi = problems.Describe("vi");
  EXPECT_THAT(vi, HasSubstr("thu.textproto:5: targets[0].base_url: http không mã hóa"));
  EXPECT_THAT(vi, Not(HasSubstr("mat-khau@")));
  EXPECT_EQ(ErrorReason(problems.ToStatus()), "FIELD_INVALID");
}

TEST(Config, RefusesTextThatIsNoTextFormat) {
  EXPECT_THAT(Places("targets {\n  id: \"a\"\n  id: \"b\"\n}\n"), ElementsAre("3 "));
  EXPECT_THAT(Places("targets [\n"), Not(IsEmpty()));
  EXPECT_THAT(Places(""), ElementsAre("0 targets"));
}

TEST(Config, RefusesTwoTargetsWithOneId) {
  EXPECT_THAT(Places(std::string(kGood) + kGood), ElementsAre(::testing::EndsWith(" targets[1].id")));
}

TEST(Config, RefusesALoginForAProtocolWithoutOne) {
  EXPECT_THAT(Places("targets { id: \"t\" profile: \"wrapper\" base_url: \"https://a.invalid\" agency: \"H24\"\n"
                     "username: \"u\"\npassword { file: \"p\" } }"),
              ElementsAre("2 targets[0].username", "3 targets[0].password"));
}

TEST(Config, NeedsCertificateAndKeyTogether) {
  const auto with = [](const std::string& tls) {
    return "targets { id: \"t\" profile: \"wrapper\" base_url: \"https://a.invalid\" agency: \"H24\"\n" + tls + "}";
  };
  EXPECT_THAT(Places(with("tls { client_key_file: \"k\" }")), ElementsAre("2 targets[0].tls.client_certificate_file"));
  EXPECT_THAT(Places(with("tls { client_certificate_file: \"c\" }")), ElementsAre("2 targets[0].tls.client_key_file"));
  EXPECT_THAT(Places(with("tls { client_certificate_file: \"c\" client_key_file: \"k\" }")), IsEmpty());
  EXPECT_THAT(Places(with("tls { client_key_password { file: \"a\" credential: \"b\" } }")),
              ElementsAre("2 targets[0].tls.client_key_file", "2 targets[0].tls.client_key_password.credential"));
}

TEST(Config, AcceptsHttpForThisMachineOnly) {
  for (const char* const url :
       {"http://127.0.0.1:8070", "http://localhost", "http://[::1]:80/goc", "https://may.invalid"}) {
    EXPECT_THAT(
        Places(std::string("targets { id: \"t\" profile: \"wrapper\" agency: \"H24\" base_url: \"") + url + "\" }"),
        IsEmpty())
        << url;
  }
  for (const char* const url :
       {"http://127.example", "http://127.0.0.1.example", "http://10.0.0.1", "http://localhost.example",
        "ftp://localhost", "https://", "https://a b", "https://a.invalid?x=1", "https://a.invalid:0",
        "https://a.invalid:99999", "https://a.invalid:", "https:///a", "https://a_b.invalid", "https://u@a.invalid",
        "https://a.invalid/#x", "//a", "https:/a", "https://-a", "https://[::1"}) {
    EXPECT_THAT(
        Places(std::string("targets { id: \"t\" profile: \"wrapper\" agency: \"H24\" base_url: \"") + url + "\" }"),
        ElementsAre("1 targets[0].base_url"))
        << url;
  }
}

TEST(Config, FindsMissingFilesBeforeAnythingIsSent) {
  const testing::ScratchDirectory directory;
  const std::string path = Write(directory, "sync.textproto", kGood);
  absl::StatusOr<sync::Setup> setup = LoadConfig(path, {});
  ASSERT_FALSE(setup.ok());
  EXPECT_THAT(ErrorMessage(setup.status(), "vi"), HasSubstr("targets[0].password.file"));
  Write(directory, "mat-khau", "rat-bi-mat\n", 0644);
  setup = LoadConfig(path, {});
  ASSERT_FALSE(setup.ok());
  EXPECT_THAT(ErrorMessage(setup.status(), "vi"), AllOf(HasSubstr("chmod 600"), Not(HasSubstr("rat-bi-mat"))));
  Write(directory, "mat-khau", "rat-bi-mat\n", 0600);
  EXPECT_TRUE(LoadConfig(path, {}).ok());
  EXPECT_FALSE(LoadConfig(directory.path() + "/khong-co", {}).ok());
  EXPECT_FALSE(LoadConfig(directory.path(), {}).ok()) << "a directory is no file";
}

TEST(Config, AcceptsACentersOwnProfile) {
  const testing::ScratchDirectory directory;
  std::string own = ShippedProfileText("wrapper");
  own.replace(own.find("id: \"wrapper\""), 13, "id: \"tinh\"");
  Write(directory, "tinh.textproto", own);
  const std::string config =
      "targets { id: \"t\" profile: \"tinh.textproto\" base_url: \"https://a.invalid\" agency: \"H24\" "
      "statuses { state: STATE_PAUSED code: \"41\" } }";
  absl::StatusOr<sync::Setup> setup = LoadConfig(Write(directory, "sync.textproto", config), {});
  ASSERT_TRUE(setup.ok()) << setup.status();
  EXPECT_EQ(setup->targets[0].profile.id(), "tinh");
  EXPECT_EQ(setup->targets[0].profile.statuses(0).code(), "41");
  Write(directory, "tinh.textproto", own + "step_words { event: \"khong_co\" text: \"x\" }\n");
  setup = LoadConfig(directory.path() + "/sync.textproto", {});
  ASSERT_FALSE(setup.ok());
  EXPECT_THAT(ErrorMessage(setup.status(), "en"), HasSubstr("tinh.textproto:"));
}

TEST(ExampleConfig, HasNoProblems) {
  std::ifstream file(TTHC_SOURCE_DIR "/deploy/data/sync/tthc-sync.example.textproto", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  Problems problems;
  const sync::Setup setup = Parse(text, &problems);
  EXPECT_TRUE(problems.empty()) << problems.Describe("en");
  EXPECT_EQ(setup.targets.size(), 3u) << "one of each kind";
}

// --- Profiles --------------------------------------------------------------------------------------------------------

std::vector<std::string> ProfileFields(const std::string& more) {
  Problems problems;
  ParseProfile("p", ShippedProfileText("dvcqg") + more, &problems);
  std::vector<std::string> fields;
  for (const Problem& problem : problems.list()) {
    EXPECT_GT(problem.line, 0) << problem.field;
    fields.push_back(problem.field.substr(problem.field.rfind('.') + 1));
  }
  return fields;
}

TEST(ProfileFile, IsCheckedInAllItsParts) {
  EXPECT_THAT(ProfileFields(""), IsEmpty());
  EXPECT_THAT(ProfileFields("record_fields { name: \"A\" from: \"khong.co\" }"), ElementsAre("from"));
  EXPECT_THAT(ProfileFields("record_fields { name: \"A\" from: \"step.text\" }"), ElementsAre("from"));
  EXPECT_THAT(ProfileFields("record_fields { name: \"A\" from: \"documents\" }"), ElementsAre("from"));
  EXPECT_THAT(ProfileFields("record_fields { name: \"A\" kind: KIND_LIST from: \"documents\" }"),
              ElementsAre("fields"));
  EXPECT_THAT(ProfileFields("record_fields { name: \"A\" kind: KIND_LIST from: \"documents\" "
                            "fields { name: \"B\" from: \"supplement.content\" } }"),
              ElementsAre("from"));
  EXPECT_THAT(ProfileFields("record_fields { name: \"MaHoSo\" }"), ElementsAre("name"));
  EXPECT_THAT(ProfileFields("record_fields { name: \"A\" codes: \"khong-co\" }"), ElementsAre("codes"));
  EXPECT_THAT(ProfileFields("record_fields { name: \"A\" from: \"code\" constant: \"x\" }"), ElementsAre("constant"));
  EXPECT_THAT(ProfileFields("step_words { event: \"revision\" text: \"x\" }"), ElementsAre("event"));
  EXPECT_THAT(ProfileFields("step_words { event: \"finished\" text: \"x\" }"), ElementsAre("event"));
  EXPECT_THAT(ProfileFields("outcomes { outcome: OUTCOME_BUSY }"), ElementsAre("outcome"));
  EXPECT_THAT(ProfileFields("outcomes { message_contains: \"thành công\" outcome: OUTCOME_DONE }"),
              ElementsAre("codes"));
  EXPECT_THAT(ProfileFields("outcomes { codes: \"1\" message_contains: \"\" outcome: OUTCOME_BUSY }"),
              ElementsAre("message_contains[0]"));
  EXPECT_THAT(ProfileFields("list { path: \"/x\" }"), ElementsAre("service"));
}

TEST(ProfileFile, HasADigestOfWhatDecidesTheRendering) {
  Problems problems;
  const v1::Profile profile = LoadProfile("dvcqg", &problems);
  v1::Profile other = profile;
  other.mutable_outcomes()->RemoveLast();
  EXPECT_EQ(ProfileDigest(profile), ProfileDigest(other)) << "the rows for answers do not change what is sent";
  other.mutable_statuses(0)->set_code("11");
  EXPECT_NE(ProfileDigest(profile), ProfileDigest(other));
  EXPECT_EQ(ProfileDigest(profile).size(), 32u);
}

// --- Secrets ---------------------------------------------------------------------------------------------------------

v1::Secret InFile(const std::string& path) {
  v1::Secret secret;
  secret.set_file(path);
  return secret;
}

TEST(Secret, IsTheLineOfAFileThatOnlyItsOwnerCanRead) {
  const testing::ScratchDirectory directory;
  for (const char* const text : {"bi mat", "bi mat\n", "bi mat\r\n"}) {
    EXPECT_EQ(ReadSecret(InFile(Write(directory, "s", text)), "").value(), "bi mat");
  }
  EXPECT_EQ(ReadSecret(InFile(Write(directory, "s", "bi mat", 0400)), "").value(), "bi mat");
  for (const mode_t mode : {0640u, 0604u, 0620u, 0602u, 0644u, 0611u}) {
    const absl::Status status = ReadSecret(InFile(Write(directory, "s", "bi mat", mode)), "").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << std::oct << mode;
    EXPECT_THAT(status.ToString(), Not(HasSubstr("bi mat")));
    EXPECT_FALSE(CheckPrivateFile(directory.path() + "/s").ok());
  }
}

TEST(Secret, IsOneLineOfBoundedLength) {
  const testing::ScratchDirectory directory;
  for (const std::string& text : {std::string(), std::string("\n"), std::string("mot\nhai\n"), std::string("a\0b", 3),
                                  std::string(limits::kSyncSecretBytesMax + 1, 'x')}) {
    const absl::Status status = ReadSecret(InFile(Write(directory, "s", text)), "").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text.size();
    EXPECT_THAT(ErrorMessage(status, "vi"), Not(HasSubstr("hai")));
  }
  EXPECT_TRUE(ReadSecret(InFile(Write(directory, "s", std::string(limits::kSyncSecretBytesMax, 'x'))), "").ok());
  EXPECT_EQ(ReadSecret(InFile(directory.path()), "").status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReadSecret(InFile(directory.path() + "/khong-co"), "").status().code(), absl::StatusCode::kNotFound);
}

TEST(Secret, IsACredentialOfTheServiceManager) {
  const testing::ScratchDirectory directory;
  // As systemd shows a credential: readable by an access list, which looks like permissions of the group.
  Write(directory, "dvcqg-mat-khau", "bi mat\n", 0440);
  v1::Secret secret;
  EXPECT_FALSE(ReadSecret(secret, directory.path()).ok());
  secret.set_credential("dvcqg-mat-khau");
  EXPECT_EQ(ReadSecret(secret, directory.path()).value(), "bi mat");
  EXPECT_FALSE(ReadSecret(secret, "").ok());
  secret.set_credential("../dvcqg-mat-khau");
  EXPECT_EQ(ReadSecret(secret, directory.path()).status().code(), absl::StatusCode::kInvalidArgument);
  secret.set_credential("..");
  EXPECT_FALSE(ReadSecret(secret, directory.path()).ok());
  secret.set_credential("dvcqg-mat-khau");
  secret.set_file(directory.path() + "/dvcqg-mat-khau");
  EXPECT_FALSE(ReadSecret(secret, directory.path()).ok()) << "two places";
}

}  // namespace
}  // namespace tthc::sync
