#include "client/sync/outcome.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "storage/base/limits.h"
#include "tests/testing/seed.h"
#include "tests/unit/sync/deliveries.h"

namespace tthc::sync {
namespace {

HttpResponse Response(int status, const std::string& body) {
  HttpResponse response;
  response.status = status;
  response.body = body;
  return response;
}

const v1::Profile& Loaded(const std::string& id) {
  static auto* const profiles = new std::map<std::string, v1::Profile>;
  const auto found = profiles->find(id);
  return found != profiles->end() ? found->second : profiles->emplace(id, Shipped(id)).first->second;
}

Answer ClassifyAs(const std::string& profile, CallKind kind, const absl::StatusOr<HttpResponse>& response) {
  static const DeliveryPtr delivery = Share(FullDelivery());
  Call call{.kind = kind, .delivery = delivery, .steps = {}};
  Answer answer;
  Classify(Loaded(profile), call, response, answer);
  return answer;
}

struct Case {
  const char* profile;
  CallKind kind;
  int status;
  const char* body;
  Verdict verdict;
  bool may_have_applied;
  const char* reason;
};

constexpr CallKind kInsert = CallKind::kInsert;
constexpr CallKind kUpdate = CallKind::kUpdate;
constexpr CallKind kSteps = CallKind::kSteps;
constexpr CallKind kLogin = CallKind::kLogin;
constexpr CallKind kLookup = CallKind::kLookup;

const Case kCases[] = {
    // Success is code 0, as number or as text, and nothing else.
    {"dvcqg", kInsert, 200, R"({"error_code":0,"message":"Đồng bộ thành công"})", Verdict::kDone, true, ""},
    {"dvcqg", kSteps, 200, R"({"error_code":"0","message":""})", Verdict::kDone, true, ""},
    {"dvcqg", kUpdate, 200, R"({"error_code":"00"})", Verdict::kDone, true, ""},
    {"dvcqg", kUpdate, 200, R"({"error_code":" 0 "})", Verdict::kDone, true, ""},
    {"wrapper", kInsert, 200, R"({"error_code":0})", Verdict::kDone, true, ""},
    {"igate", kUpdate, 200, R"({"code":0,"message":"OK","data":null})", Verdict::kDone, true, ""},
    {"igate", kUpdate, 200, R"({"data":{"code":"0","message":"OK"}})", Verdict::kDone, true, ""},
    // "Exists" also comes with the code of a success, and in several spellings.
    {"dvcqg", kInsert, 200, R"({"error_code":0,"message":"Hồ sơ đã tồn tại"})", Verdict::kExists, false,
     "EXISTS_AT_TARGET"},
    {"dvcqg", kInsert, 200, R"({"error_code":"3","message":"HO SO DA TON TAI"})", Verdict::kExists, false,
     "EXISTS_AT_TARGET"},
    {"wrapper", kInsert, 200, R"({"error_code":-3,"message":"Mã hồ sơ ĐÃ  TỒN TẠI trên hệ thống"})", Verdict::kExists,
     false, "EXISTS_AT_TARGET"},
    // 3 and -3 alone do not mean that.
    {"dvcqg", kInsert, 200, R"({"error_code":3,"message":"Dữ liệu sai"})", Verdict::kRefused, false, "REFUSED"},
    {"dvcqg", kInsert, 200, R"({"error_code":-3})", Verdict::kRefused, false, "REFUSED"},
    {"dvcqg", kInsert, 200, R"({"error_code":-1,"message":"?"})", Verdict::kRefused, false, "REFUSED"},
    {"dvcqg", kInsert, 400, R"({"error_code":12,"message":"MaLinhVuc không hợp lệ"})", Verdict::kRefused, false,
     "REFUSED"},
    {"dvcqg", kUpdate, 200, R"({"error_code":4,"message":"Hồ sơ chưa tồn tại"})", Verdict::kMissing, false,
     "UNKNOWN_TO_TARGET"},
    {"igate", kSteps, 404, R"({"code":4,"message":"Không tìm thấy hồ sơ"})", Verdict::kMissing, false,
     "UNKNOWN_TO_TARGET"},
    // The session.
    {"dvcqg", kSteps, 200, R"({"error_code":9,"message":"Phiên làm việc hết hạn"})", Verdict::kSessionExpired, false,
     "SESSION_EXPIRED"},
    {"dvcqg", kSteps, 401, "", Verdict::kSessionExpired, false, "SESSION_EXPIRED"},
    {"igate", kUpdate, 403, "<html>", Verdict::kSessionExpired, false, "SESSION_EXPIRED"},
    // Without a login there is no session to renew: the configuration is wrong, not the dossier.
    {"wrapper", kUpdate, 403, "<html>", Verdict::kBusy, false, "BUSY"},
    // The target as a whole has a problem.
    {"dvcqg", kSteps, 500, R"({"error_code":0,"message":"thành công"})", Verdict::kBusy, true, "BUSY"},
    {"dvcqg", kSteps, 503, "", Verdict::kBusy, true, "BUSY"},
    {"dvcqg", kSteps, 504, "<html>", Verdict::kBusy, true, "BUSY"},
    {"dvcqg", kSteps, 408, "", Verdict::kBusy, true, "BUSY"},
    {"dvcqg", kSteps, 425, "", Verdict::kBusy, false, "BUSY"},
    {"dvcqg", kSteps, 429, "", Verdict::kBusy, false, "BUSY"},
    {"dvcqg", kLookup, 503, "", Verdict::kBusy, false, "BUSY"},
    {"dvcqg", kLogin, 503, "", Verdict::kBusy, false, "BUSY"},
    {"dvcqg", kUpdate, 302, "", Verdict::kBusy, false, "BUSY"},
    {"dvcqg", kUpdate, 404, "<html>", Verdict::kBusy, false, "BUSY"},
    {"dvcqg", kUpdate, 200, R"({"error_code":99,"message":"Hệ thống đang bận, vui lòng thử lại sau"})", Verdict::kBusy,
     false, "BUSY"},
    // An unreadable answer is never a success.
    {"dvcqg", kInsert, 200, "", Verdict::kUnreadable, true, "ANSWER_UNREADABLE"},
    {"dvcqg", kInsert, 200, "<html><body>thành công</body></html>", Verdict::kUnreadable, true, "ANSWER_UNREADABLE"},
    {"dvcqg", kInsert, 200, R"({"error_code":0,"mess)", Verdict::kUnreadable, true, "ANSWER_UNREADABLE"},
    {"dvcqg", kInsert, 200, R"({"error_code":0}})", Verdict::kUnreadable, true, "ANSWER_UNREADABLE"},
    {"dvcqg", kInsert, 200, R"([{"error_code":0}])", Verdict::kUnreadable, true, "ANSWER_UNREADABLE"},
    {"dvcqg", kInsert, 200, "0", Verdict::kUnreadable, true, "ANSWER_UNREADABLE"},
    {"dvcqg", kInsert, 200, "{}", Verdict::kUnreadable, true, "ANSWER_UNREADABLE"},
    {"dvcqg", kInsert, 200, R"({"error_code":null,"message":"Đồng bộ thành công"})", Verdict::kUnreadable, true,
     "ANSWER_UNREADABLE"},
    {"dvcqg", kInsert, 200, R"({"error_code":[0]})", Verdict::kUnreadable, true, "ANSWER_UNREADABLE"},
    {"dvcqg", kInsert, 200, "{\"error_code\":0,\"message\":\"\xff\"}", Verdict::kUnreadable, true, "ANSWER_UNREADABLE"},
    // Logins.
    {"dvcqg", kLogin, 200, R"({"error_code":0,"session":"s-1","message":"OK"})", Verdict::kDone, false, ""},
    {"dvcqg", kLogin, 200, R"({"error_code":"0","session":"s-1","message":"Tạo phiên làm việc"})", Verdict::kDone,
     false, ""},
    {"dvcqg", kLogin, 200, R"({"error_code":0,"session":""})", Verdict::kUnreadable, false, "ANSWER_UNREADABLE"},
    {"dvcqg", kLogin, 200, R"({"error_code":1,"message":"Sai mật khẩu"})", Verdict::kRefused, false, "LOGIN_REFUSED"},
    {"dvcqg", kLogin, 401, "", Verdict::kRefused, false, "LOGIN_REFUSED"},
    {"dvcqg", kLogin, 200, "<html>", Verdict::kUnreadable, false, "ANSWER_UNREADABLE"},
    {"igate", kLogin, 200, R"({"access_token":"t-1","expires_in":60,"token_type":"Bearer"})", Verdict::kDone, false,
     ""},
    {"igate", kLogin, 200, R"({"code":0,"message":"","data":{"access_token":"t-1","expires_in":"60"}})", Verdict::kDone,
     false, ""},
    {"igate", kLogin, 401, R"({"code":1,"message":"invalid_client"})", Verdict::kRefused, false, "LOGIN_REFUSED"},
    // Look-ups.
    {"dvcqg", kLookup, 200, R"({"error_code":0,"result":[]})", Verdict::kDone, false, ""},
    {"dvcqg", kLookup, 200, R"({"result":[]})", Verdict::kDone, false, ""},
    {"dvcqg", kLookup, 200, R"({"error_code":0})", Verdict::kUnreadable, false, "ANSWER_UNREADABLE"},
    {"dvcqg", kLookup, 200, R"({"error_code":0,"result":"x"})", Verdict::kUnreadable, false, "ANSWER_UNREADABLE"},
    {"dvcqg", kLookup, 200, R"({"error_code":4,"message":"Không tìm thấy hồ sơ"})", Verdict::kDone, false, ""},
    {"dvcqg", kLookup, 200, R"({"error_code":12,"message":"?"})", Verdict::kRefused, false, "REFUSED"},
    {"dvcqg", kLookup, 200, R"({"error_code":0,"result":[{"MaHoSo":"of-another-agency"}]})", Verdict::kUnreadable,
     false, "ANSWER_UNREADABLE"},
};

TEST(Outcome, FollowsTheTable) {
  for (const Case& c : kCases) {
    const Answer answer = ClassifyAs(c.profile, c.kind, Response(c.status, c.body));
    EXPECT_EQ(answer.verdict, c.verdict) << c.profile << " " << c.status << " " << c.body << " " << answer.reason;
    EXPECT_EQ(answer.may_have_applied, c.may_have_applied) << c.profile << " " << c.status << " " << c.body;
    EXPECT_EQ(answer.reason, c.reason) << c.profile << " " << c.status << " " << c.body;
  }
}

// A connection may end early: no part of an answer may count as the whole.
TEST(Outcome, NoPrefixOfASuccessIsASuccess) {
  const std::string whole = R"({"error_code":0,"message":"Đồng bộ thành công","result":[]})";
  for (const CallKind kind : {kInsert, kUpdate, kSteps, kLookup}) {
    ASSERT_EQ(ClassifyAs("dvcqg", kind, Response(200, whole)).verdict, Verdict::kDone);
    for (size_t size = 0; size < whole.size(); ++size) {
      EXPECT_EQ(ClassifyAs("dvcqg", kind, Response(200, whole.substr(0, size))).verdict, Verdict::kUnreadable) << size;
    }
  }
}

TEST(Outcome, ChangedBytesMakeNoSuccessOfARefusal) {
  std::mt19937_64 random(testing::TestSeed());
  const std::string refused = R"({"error_code":"12","message":"MaLinhVuc không hợp lệ"})";
  for (int i = 0; i < 2'000; ++i) {
    std::string answer = refused;
    for (uint64_t changes = 1 + random() % 3; changes > 0; --changes) {
      answer[random() % answer.size()] = static_cast<char>(random());
    }
    // It may only be a success if the code itself was changed into one.
    const AnswerBody body = ReadBody(Loaded("dvcqg").answer_keys(), answer);
    const bool says_done = body.code.has_value() && (*body.code == "0" || *body.code == "00");
    const Answer classified = ClassifyAs("dvcqg", kUpdate, Response(200, answer));
    EXPECT_TRUE(says_done || classified.verdict != Verdict::kDone) << answer;
  }
}

TEST(Outcome, OfNoAnswerDependsOnWhetherTheRequestMayHaveArrived) {
  Answer answer = ClassifyAs("dvcqg", kSteps, absl::UnavailableError("connection refused"));
  EXPECT_EQ(answer.verdict, Verdict::kBusy);
  EXPECT_EQ(answer.reason, "NO_ANSWER");
  EXPECT_FALSE(answer.may_have_applied);
  answer = ClassifyAs("dvcqg", kSteps, absl::UnknownError("timed out"));
  EXPECT_EQ(answer.reason, "NO_ANSWER");
  EXPECT_TRUE(answer.may_have_applied);
  EXPECT_FALSE(ClassifyAs("dvcqg", kLookup, absl::UnknownError("timed out")).may_have_applied);
  answer = ClassifyAs("dvcqg", kSteps, absl::ResourceExhaustedError("too large"));
  EXPECT_EQ(answer.verdict, Verdict::kUnreadable);
  EXPECT_TRUE(answer.may_have_applied);
}

TEST(Outcome, HasTheSessionAndItsLife) {
  const Answer answer = ClassifyAs("igate", kLogin, Response(200, R"({"access_token":"t-1","expires_in":"90"})"));
  EXPECT_EQ(answer.session, "t-1");
  EXPECT_EQ(answer.session_life, absl::Seconds(90));
  EXPECT_EQ(ClassifyAs("dvcqg", kLogin, Response(200, R"({"error_code":0,"session":17})")).session, "17");
}

TEST(Outcome, RowsOfTheTargetPrecedeTheProfiles) {
  v1::Target target;
  *target.add_outcomes() = testing::ParseProto<v1::OutcomeRow>(R"pb(codes: "77" outcome: OUTCOME_BUSY)pb");
  *target.add_outcomes() =
      testing::ParseProto<v1::OutcomeRow>(R"pb(http_status_min: 500 http_status_max: 500 outcome: OUTCOME_REFUSED)pb");
  const v1::Profile merged = MergeProfile(Shipped("dvcqg"), target);
  Answer answer;
  Call call{.kind = kUpdate, .delivery = nullptr, .steps = {}};
  Classify(merged, call, Response(200, R"({"error_code":77,"message":"bad"})"), answer);
  EXPECT_EQ(answer.verdict, Verdict::kBusy);
  Classify(merged, call, Response(500, "<html>"), answer);
  EXPECT_EQ(answer.verdict, Verdict::kRefused);
  EXPECT_TRUE(answer.may_have_applied) << "after a server error the call may have taken effect";
}

TEST(Outcome, AStatusAloneIsNoSuccess) {
  v1::Profile profile = Shipped("dvcqg");
  auto& row = *profile.mutable_outcomes(0);
  row.Clear();
  row.set_http_status_min(200);
  row.set_http_status_max(200);
  row.set_outcome(v1::OUTCOME_DONE);
  Answer answer;
  Classify(profile, {.kind = kUpdate, .delivery = nullptr, .steps = {}}, Response(200, "<html>"), answer);
  EXPECT_EQ(answer.verdict, Verdict::kUnreadable);
}

TEST(Outcome, LongMessagesEndBetweenCharacters) {
  std::string message;
  for (size_t i = 0; i < limits::kMirrorErrorBytesMax; ++i) message += "ở";
  const Answer answer =
      ClassifyAs("dvcqg", kUpdate, Response(200, "{\"error_code\":5,\"message\":\"" + message + "\"}"));
  EXPECT_LE(answer.message.size(), limits::kMirrorErrorBytesMax);
  EXPECT_EQ(answer.message.size() % 3, 0u);
}

}  // namespace
}  // namespace tthc::sync
