#include "client/sync/reconcile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/sync/plan.h"
#include "client/sync/sources.h"
#include "tests/unit/sync/sim_target.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tthc::v1::MirrorDelivery;
using tthc::v1::MirrorItem;
using Kind = Comparison::Kind;

// A dossier that the target has confirmed, and what a look-up answers about it.
class ReconcileTest : public ::testing::Test {
 protected:
  ReconcileTest() {
    // Without aliases it is known by our own code, as most are.
    delivery_.mutable_dossier()->clear_aliases();
    delivery_.mutable_item()->set_state(MirrorItem::STATE_CONFIRMED);
  }

  ordered_json Sent(CallKind kind) {
    const Call call{.kind = kind,
                    .delivery = std::make_shared<const MirrorDelivery>(delivery_),
                    .steps = MakePlan(target_.setup.profile, delivery_).steps};
    return ordered_json::parse(MakeAdapter(target_.setup.profile, target_.setup.target)->MakeRequest(call, "", "").body)
        .at("data");
  }

  // The result of a look-up with everything as it was sent.
  ordered_json Whole() {
    ordered_json result = Sent(CallKind::kUpdate).at(0);
    result["DanhSachTienDo"] = Sent(CallKind::kSteps);
    return result;
  }

  Comparison Compare(const ordered_json& results) {
    HttpResponse response;
    response.status = 200;
    response.body = ordered_json({{"error_code", 0}, {"message", "OK"}, {"result", results}}).dump();
    // The client asks up to four times.
    target_.http.scripted.assign(4, response);
    const auto reply = target_.client->LookUp(std::make_shared<const MirrorDelivery>(delivery_));
    EXPECT_TRUE(reply.ok()) << reply.status();
    target_.http.scripted.clear();
    return CompareDossier(target_.setup, delivery_, *reply);
  }

  SimTarget target_{"wrapper"};
  MirrorDelivery delivery_ = FullDelivery();
};

TEST_F(ReconcileTest, FindsWhatWasSentEqual) {
  const Comparison found = Compare(ordered_json::array({Whole()}));
  EXPECT_EQ(found.kind, Kind::kEqual) << ::testing::PrintToString(found.fields) << found.steps_missing
                                      << found.steps_extra;
  EXPECT_EQ(found.status_there, "10");
  EXPECT_EQ(found.code, "H24.99.1-261103-0007");
  EXPECT_EQ(found.own_code, "H24.99.1-261103-0007");
  EXPECT_EQ(found.dossier, delivery_.dossier().name());
}

TEST_F(ReconcileTest, FindsAnAbsentDossierMissing) {
  const Comparison found = Compare(ordered_json::array());
  EXPECT_EQ(found.kind, Kind::kMissing);
  EXPECT_TRUE(IsMendable(found));
}

TEST_F(ReconcileTest, NamesTheFieldsThatDifferWithoutTheirValues) {
  ordered_json theirs = Whole();
  theirs["TrangThaiHoSo"] = "4";
  theirs["ChuHoSo"] = "Ai Khác";
  const Comparison found = Compare(ordered_json::array({theirs}));
  EXPECT_EQ(found.kind, Kind::kStale);
  EXPECT_THAT(found.fields, ElementsAre("ChuHoSo", "TrangThaiHoSo"));
  EXPECT_EQ(found.status_here, "10");
  EXPECT_EQ(found.status_there, "4");
  EXPECT_TRUE(IsMendable(found));
}

TEST_F(ReconcileTest, ComparesOnlyValuesThatBothHave) {
  ordered_json theirs = Whole();
  // Another spelling, filled in by the target, or not returned by it: no difference.
  theirs["TrangThaiHoSo"] = 10;
  theirs["ChuHoSo"] = " Nguyễn Thị Mẫu ";
  theirs["MaDoiTuong"] = "abc-1";
  theirs["NgayTra"] = "";
  theirs.erase("NgayHenTra");
  theirs["TaiLieuNop"] = ordered_json::array();
  EXPECT_EQ(Compare(ordered_json::array({theirs})).kind, Kind::kEqual);
}

TEST_F(ReconcileTest, CountsMissingAndExtraSteps) {
  ordered_json theirs = Whole();
  const ordered_json sent = theirs["DanhSachTienDo"];
  theirs["DanhSachTienDo"].erase(0);
  Comparison found = Compare(ordered_json::array({theirs}));
  EXPECT_EQ(found.kind, Kind::kStale);
  EXPECT_EQ(found.steps_missing, 1);
  EXPECT_EQ(found.steps_extra, 0);
  EXPECT_TRUE(IsMendable(found));
  theirs["DanhSachTienDo"] = sent;
  theirs["DanhSachTienDo"].push_back(sent.at(1));
  found = Compare(ordered_json::array({theirs}));
  EXPECT_EQ(found.kind, Kind::kStale);
  EXPECT_EQ(found.steps_missing, 0);
  EXPECT_EQ(found.steps_extra, 1);
  EXPECT_FALSE(IsMendable(found)) << "sending again removes no step";
  theirs.erase("DanhSachTienDo");
  EXPECT_EQ(Compare(ordered_json::array({theirs})).kind, Kind::kEqual) << "a target need not report steps";
}

TEST_F(ReconcileTest, TakesAnotherProcedureOrAgencyForForeign) {
  ordered_json theirs = Whole();
  theirs["MaTTHC"] = "9.999999";
  Comparison found = Compare(ordered_json::array({theirs}));
  EXPECT_EQ(found.kind, Kind::kForeign);
  EXPECT_THAT(found.fields, ElementsAre("MaTTHC"));
  EXPECT_FALSE(IsMendable(found));
  theirs = Whole();
  theirs["MaDonVi"] = "H01.1";
  EXPECT_EQ(Compare(ordered_json::array({theirs})).kind, Kind::kForeign);
  theirs["MaDonVi"] = "H24.99.1";
  EXPECT_EQ(Compare(ordered_json::array({theirs})).kind, Kind::kEqual);
}

TEST_F(ReconcileTest, ReportsPendingDossiersAsWaiting) {
  delivery_.mutable_item()->set_state(MirrorItem::STATE_PENDING);
  EXPECT_EQ(Compare(ordered_json::array()).kind, Kind::kWaiting);
  ordered_json theirs = Whole();
  EXPECT_EQ(Compare(ordered_json::array({theirs})).kind, Kind::kEqual);
  theirs["TrangThaiHoSo"] = "4";
  const Comparison found = Compare(ordered_json::array({theirs}));
  EXPECT_EQ(found.kind, Kind::kWaiting);
  EXPECT_FALSE(found.differs());
  EXPECT_FALSE(IsMendable(found));
  theirs["MaTTHC"] = "9.999999";
  EXPECT_EQ(Compare(ordered_json::array({theirs})).kind, Kind::kForeign) << "sending does not mend that";
}

TEST_F(ReconcileTest, DoesNotRepairParkedAndSkippedDossiers) {
  for (const auto state : {MirrorItem::STATE_PARKED, MirrorItem::STATE_SKIPPED}) {
    delivery_.mutable_item()->set_state(state);
    const Comparison found = Compare(ordered_json::array());
    EXPECT_EQ(found.kind, Kind::kMissing);
    EXPECT_EQ(found.state, state);
    EXPECT_FALSE(IsMendable(found));
  }
}

TEST_F(ReconcileTest, TakesAnUnusableAnswerForNoDifference) {
  HttpResponse page;
  page.status = 200;
  page.body = "<html>";
  target_.http.scripted.assign(4, page);
  const auto reply = target_.client->LookUp(std::make_shared<const MirrorDelivery>(delivery_));
  ASSERT_TRUE(reply.ok());
  const Comparison found = CompareDossier(target_.setup, delivery_, *reply);
  EXPECT_EQ(found.kind, Kind::kUnasked);
  EXPECT_EQ(found.reason, "ANSWER_UNREADABLE");
  EXPECT_FALSE(found.differs());
  // A record of another dossier is no answer either.
  ordered_json other = Whole();
  other["MaHoSo"] = "H24.99.1-261103-9999";
  EXPECT_EQ(Compare(ordered_json::array({other})).kind, Kind::kUnasked);
}

TEST_F(ReconcileTest, ExpectsNothingOfExcludedDossiers) {
  SimTarget igate("igate");
  delivery_.mutable_item()->set_state(MirrorItem::STATE_EXCLUDED);
  const auto nothing = igate.client->LookUp(std::make_shared<const MirrorDelivery>(delivery_));
  ASSERT_TRUE(nothing.ok());
  EXPECT_EQ(CompareDossier(igate.setup, delivery_, *nothing).kind, Kind::kExcluded);
  igate.portal.Plant("igate", R"({"IdHoSo":"5","MaHoSo":"H24.99.1-261103-0007","TrangThai":"4"})", igate.clock.Now());
  const auto something = igate.client->LookUp(std::make_shared<const MirrorDelivery>(delivery_));
  ASSERT_TRUE(something.ok());
  const Comparison found = CompareDossier(igate.setup, delivery_, *something);
  EXPECT_EQ(found.kind, Kind::kForeign);
  EXPECT_THAT(found.fields, IsEmpty());
}

TEST(ReconcileCountsTest, HasNoShareWithoutAnswers) {
  ReconcileCounts counts;
  counts.excluded = 7;
  counts.unasked = 2;
  EXPECT_EQ(counts.equal_share(), std::nullopt);
  counts.equal = 3;
  counts.stale = 1;
  EXPECT_EQ(counts.equal_share(), 0.75);
}

}  // namespace
}  // namespace tthc::sync
