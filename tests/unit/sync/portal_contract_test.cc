// The strict simulator accepts what the adapters send, in each of the three protocols.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/strip.h"
#include "client/portal_sim/portal.h"
#include "client/sync/adapter.h"
#include "client/sync/plan.h"
#include "client/sync/render.h"
#include "client/sync/sources.h"
#include "tests/unit/sync/deliveries.h"

namespace tthc::sync {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using tthc::v1::MirrorDelivery;

constexpr char kBase[] = "https://sim.invalid";

class PortalContractTest : public ::testing::TestWithParam<const char*> {
 protected:
  PortalContractTest() : profile_(Shipped(GetParam())), adapter_(MakeAdapter(profile_, Target())) {}

  static v1::Target Target() {
    return testing::ParseProto<v1::Target>(R"pb(
      id: "sim"
      base_url: "https://sim.invalid"
      agency: "H24.99.1"
      username: "demo"
      destination: "VN:GOV"
      destination_place: PLACE_QUERY
    )pb");
  }

  Answer Ask(const Call& call) {
    const HttpRequest request = adapter_->MakeRequest(call, session_, "demo");
    portal_sim::SimRequest sim;
    sim.method = request.method;
    sim.target = std::string(absl::StripPrefix(request.url, kBase));
    sim.headers = request.headers;
    sim.body = request.body;
    now_ += absl::Seconds(1);
    const portal_sim::SimResponse got = portal_.Handle(sim, now_);
    HttpResponse response;
    response.status = got.status;
    response.body = got.body;
    return adapter_->ReadAnswer(call, request, response, now_, absl::Seconds(1));
  }

  Answer LogIn() {
    const Answer answer = Ask({.kind = CallKind::kLogin, .delivery = nullptr, .steps = {}});
    session_ = answer.session;
    return answer;
  }

  // igate knows only what was filed there.
  MirrorDelivery FiledDelivery() {
    MirrorDelivery delivery = FullDelivery();
    if (profile_.alias_prefix().empty()) return delivery;
    const std::string code = portal_.FileOnline({}, now_);
    const std::string id = portal_.Find("igate", code)->id;
    delivery.mutable_dossier()->set_aliases(0, profile_.alias_prefix() + id);
    return delivery;
  }

  const v1::Profile profile_;
  const std::unique_ptr<Adapter> adapter_;
  portal_sim::Portal portal_{portal_sim::PortalOptions()};
  absl::Time now_ = absl::FromUnixSeconds(1795000000);
  std::string session_;
};

TEST_P(PortalContractTest, AcceptsTheWholeDossierAndReturnsIt) {
  if (adapter_->has_login()) {
    ASSERT_EQ(LogIn().verdict, Verdict::kDone);
  }
  const DeliveryPtr delivery = Share(FiledDelivery());
  const Plan plan = MakePlan(profile_, *delivery);
  const CallKind first = adapter_->has_insert() ? CallKind::kInsert : CallKind::kUpdate;
  Answer answer = Ask({.kind = first, .delivery = delivery, .steps = {}});
  ASSERT_EQ(answer.verdict, Verdict::kDone) << answer.code << " " << answer.message;
  std::vector<int64_t> sent;
  for (size_t i = 0; i < plan.steps.size(); i += 10) {
    const std::vector<int64_t> chunk(plan.steps.begin() + static_cast<ptrdiff_t>(i),
                                     plan.steps.begin() + static_cast<ptrdiff_t>(std::min(i + 10, plan.steps.size())));
    answer = Ask({.kind = CallKind::kSteps, .delivery = delivery, .steps = chunk});
    ASSERT_EQ(answer.verdict, Verdict::kDone) << answer.code << " " << answer.message;
    sent.insert(sent.end(), chunk.begin(), chunk.end());
    answer = Ask({.kind = CallKind::kLookup, .delivery = delivery, .steps = {}});
    EXPECT_TRUE(answer.found) << answer.reason << answer.message;
    EXPECT_EQ(answer.found_status, "10");
    EXPECT_TRUE(answer.reports_steps);
    EXPECT_THAT(answer.known_steps, ElementsAreArray(sent));
  }
  EXPECT_EQ(portal_.counts().steps_applied, 12);
  EXPECT_EQ(Ask({.kind = CallKind::kUpdate, .delivery = delivery, .steps = {}}).verdict, Verdict::kDone);
}

TEST_P(PortalContractTest, RefusesWhatTheAdapterRecognizes) {
  if (adapter_->has_login()) {
    EXPECT_EQ(Ask({.kind = CallKind::kUpdate, .delivery = Share(FullDelivery()), .steps = {}}).verdict,
              Verdict::kSessionExpired);
    ASSERT_EQ(LogIn().verdict, Verdict::kDone);
  }
  MirrorDelivery unknown = FullDelivery();
  unknown.mutable_dossier()->set_aliases(0, "igate:khong-co");
  const DeliveryPtr stranger = Share(unknown);
  EXPECT_EQ(Ask({.kind = CallKind::kSteps, .delivery = stranger, .steps = {12}}).verdict, Verdict::kMissing);
  EXPECT_EQ(Ask({.kind = CallKind::kUpdate, .delivery = stranger, .steps = {}}).verdict, Verdict::kMissing);
  const Answer lookup = Ask({.kind = CallKind::kLookup, .delivery = stranger, .steps = {}});
  EXPECT_EQ(lookup.verdict, Verdict::kDone);
  EXPECT_FALSE(lookup.found);
  EXPECT_THAT(lookup.known_steps, IsEmpty());

  const DeliveryPtr delivery = Share(FiledDelivery());
  EXPECT_EQ(Ask({.kind = CallKind::kInsert, .delivery = delivery, .steps = {}}).verdict, Verdict::kDone);
  if (adapter_->has_insert()) {
    EXPECT_EQ(Ask({.kind = CallKind::kInsert, .delivery = delivery, .steps = {}}).verdict, Verdict::kExists);
  }
  const std::string code = RenderRecord(profile_, *delivery).json["MaHoSo"];
  portal_.Refuse(code, now_, "MaLinhVuc không hợp lệ");
  const Answer refused = Ask({.kind = CallKind::kUpdate, .delivery = delivery, .steps = {}});
  EXPECT_EQ(refused.verdict, Verdict::kRefused) << refused.reason;
  EXPECT_EQ(refused.message, "MaLinhVuc không hợp lệ");
}

INSTANTIATE_TEST_SUITE_P(Profiles, PortalContractTest, ::testing::Values("dvcqg", "wrapper", "igate"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace tthc::sync
