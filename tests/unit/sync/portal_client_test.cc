#include "client/sync/portal_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/base/errors.h"
#include "tests/unit/sync/sim_target.h"

namespace tthc::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

DeliveryPtr Delivery() { return std::make_shared<const tthc::v1::MirrorDelivery>(FullDelivery()); }

HttpResponse Busy(absl::Duration retry_after) {
  HttpResponse response;
  response.status = 503;
  response.retry_after = retry_after;
  response.body = "bận";
  return response;
}

TEST(PortalClientTest, LogsInOnceForAllQueries) {
  SimTarget target("dvcqg");
  EXPECT_EQ(target.http.calls, 0) << "not before the first query";
  for (int i = 0; i < 3; ++i) {
    const auto reply = target.client->LookUp(Delivery());
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->answer.verdict, Verdict::kDone);
    EXPECT_FALSE(reply->answer.found);
  }
  EXPECT_EQ(target.portal.counts().logins, 1);
}

TEST(PortalClientTest, LogsInAgainWhenTheSessionHasExpired) {
  SimTarget target("dvcqg");
  ASSERT_TRUE(target.client->LookUp(Delivery()).ok());
  // Longer than the profile's session, which is then not used any more.
  target.clock.Advance(absl::Minutes(11));
  ASSERT_TRUE(target.client->LookUp(Delivery()).ok());
  EXPECT_EQ(target.http.calls, 4);
  // The portal drops the session early.
  HttpResponse expired;
  expired.status = 200;
  expired.body = R"({"error_code":9,"message":"Phiên làm việc hết hạn"})";
  target.http.scripted = {expired};
  const auto reply = target.client->LookUp(Delivery());
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->answer.verdict, Verdict::kDone);
  EXPECT_EQ(target.portal.counts().logins, 3);
  // A portal that never accepts a session is not asked forever.
  const int calls = target.http.calls;
  target.http.scripted = {expired, expired};
  target.portal.AddDownWindow(absl::InfinitePast(), absl::InfiniteFuture());
  EXPECT_FALSE(target.client->LookUp(Delivery()).ok());
  EXPECT_LE(target.http.calls - calls, 6);
}

TEST(PortalClientTest, HonorsRetryAfterUpToAMinute) {
  SimTarget target("wrapper");
  target.http.scripted = {Busy(absl::Seconds(7)), Busy(absl::ZeroDuration()), Busy(absl::Hours(3))};
  const auto reply = target.client->LookUp(Delivery());
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->answer.verdict, Verdict::kDone);
  EXPECT_THAT(target.waits, ElementsAre(absl::Seconds(7), absl::Seconds(1), absl::Minutes(1)))
      << "a person waits for the command";
}

TEST(PortalClientTest, AsksAgainAfterAnUnreadableAnswer) {
  SimTarget target("wrapper");
  HttpResponse page;
  page.status = 200;
  page.body = "<html>";
  target.http.scripted = {page, page};
  const auto reply = target.client->LookUp(Delivery());
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->answer.verdict, Verdict::kDone);
  EXPECT_EQ(target.waits.size(), 2u);
}

TEST(PortalClientTest, GivesUpOnATargetThatIsDown) {
  SimTarget target("wrapper");
  target.portal.AddDownWindow(absl::InfinitePast(), absl::InfiniteFuture());
  int answered = 0;
  absl::Status ended;
  while (ended.ok() && answered < 100) {
    const auto reply = target.client->LookUp(Delivery());
    ended = reply.status();
    if (!reply.ok()) break;
    ++answered;
    EXPECT_EQ(reply->answer.reason, "NO_ANSWER");
  }
  EXPECT_EQ(ErrorReason(ended), "TARGET_UNREACHABLE");
  EXPECT_EQ(answered, 4);
  EXPECT_EQ(target.http.calls, 20);
}

TEST(PortalClientTest, OneUnansweredQueryDoesNotEndTheOthers) {
  SimTarget target("wrapper");
  for (int i = 0; i < 20; ++i) {
    target.http.scripted.assign(4, Busy(absl::ZeroDuration()));
    const auto silent = target.client->LookUp(Delivery());
    ASSERT_TRUE(silent.ok()) << silent.status();
    EXPECT_EQ(silent->answer.verdict, Verdict::kBusy);
    const auto reply = target.client->LookUp(Delivery());
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->answer.verdict, Verdict::kDone);
  }
}

TEST(PortalClientTest, TriesARefusedLoginOnce) {
  SimTarget target("dvcqg");
  target.password = std::string("sai");
  EXPECT_EQ(ErrorReason(target.client->LookUp(Delivery()).status()), "TARGET_LOGIN_REFUSED");
  EXPECT_EQ(ErrorReason(target.client->LookUp(Delivery()).status()), "TARGET_LOGIN_REFUSED");
  EXPECT_EQ(target.http.calls, 1) << "the account might be locked";
  SimTarget without("dvcqg");
  without.password = absl::NotFoundError("no file");
  EXPECT_EQ(without.client->LookUp(Delivery()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(without.http.calls, 0);
}

TEST(PortalClientTest, EndsWhenAborted) {
  SimTarget target("dvcqg");
  target.abort = true;
  EXPECT_TRUE(absl::IsCancelled(target.client->LookUp(Delivery()).status()));
  EXPECT_EQ(target.http.calls, 0);
  EXPECT_THAT(target.waits, IsEmpty());
}

TEST(PortalClientTest, ListsAndConfirmsWhatWasFiled) {
  SimTarget target("igate");
  const std::string code =
      target.portal.FileOnline({.procedure_code = "1.004873", .applicant = "Người Mẫu"}, target.clock.Now());
  const auto listed = target.client->List();
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_EQ(listed->answer.verdict, Verdict::kDone) << listed->answer.message;
  ASSERT_EQ(listed->body.json["data"].size(), 1u);
  EXPECT_EQ(listed->body.json["data"][0]["MaHoSo"], code);
  const auto confirmed = target.client->Confirm({{{"MaHoSo", code}, {"TrangThaiNhanHoSo", "1"}}});
  ASSERT_TRUE(confirmed.ok()) << confirmed.status();
  EXPECT_EQ(confirmed->answer.verdict, Verdict::kDone) << confirmed->answer.message;
  EXPECT_TRUE(target.portal.Find("igate", code)->received);
}

}  // namespace
}  // namespace tthc::sync
