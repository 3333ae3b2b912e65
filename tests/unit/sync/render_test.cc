#include "client/sync/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "client/sync/plan.h"
#include "tests/unit/sync/deliveries.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using tthc::v1::Dossier;
using tthc::v1::MirrorDelivery;

std::string ReadSource(const std::string& path) {
  std::ifstream file(std::string(TTHC_SOURCE_DIR "/") + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The record and every step that the profile sends, in order.
std::string Everything(const std::string& id) {
  const v1::Profile profile = Shipped(id);
  const MirrorDelivery delivery = FullDelivery();
  ordered_json all;
  all["record"] = RenderRecord(profile, delivery).json;
  all["steps"] = ordered_json::array();
  for (const int64_t revision : MakePlan(profile, delivery).steps) {
    for (const auto& step : delivery.steps()) {
      if (step.event().revision() == revision) all["steps"].push_back(RenderStep(profile, delivery, step).json);
    }
  }
  return all.dump(2) + "\n";
}

class GoldenTest : public ::testing::TestWithParam<const char*> {};

TEST_P(GoldenTest, RendersAFullDossierAsTheGoldenFile) {
  const std::string path = std::string("tests/data/sync-") + GetParam() + ".json";
  const std::string actual = Everything(GetParam());
  EXPECT_EQ(actual, ReadSource(path)) << "what is sent has changed: check every difference, then update " << path;
}

INSTANTIATE_TEST_SUITE_P(Profiles, GoldenTest, ::testing::Values("dvcqg", "wrapper", "igate"),
                         [](const auto& parameter) { return std::string(parameter.param); });

// A submission with nothing but its required values.
MirrorDelivery BareDelivery() {
  return testing::ParseProto<MirrorDelivery>(R"pb(
    dossier {
      name: "dossiers/hgfdcb9876543210"
      submission_code: "H24.99.1-261103-T0001"
      state: STATE_SUBMITTED
      request {
        procedure: "procedures/1.004873"
        office: "offices/H24.99.1"
        applicant { display_name: "Trần Mẫu" }
      }
      submit_time { seconds: 1793667600 }
      revision: 5
    }
    steps {
      event {
        revision: 5
        occur_time { seconds: 1793667600 }
        submitted { code: "H24.99.1-261103-T0001" }
      }
      state: STATE_SUBMITTED
    }
    display_names { key: "offices/H24.99.1" value: "UBND xã Mẫu" }
  )pb");
}

TEST(Render, SendsUnknownValuesEmpty) {
  const std::set<std::string> known = {
      "MaHoSo", "MaTTHC", "ChuHoSo", "NgayNopHoSo", "TrangThaiHoSo", "DonViXuLy", "DuocThanhToanTrucTuyen"};
  const Rendered record = RenderRecord(Shipped("dvcqg"), BareDelivery());
  EXPECT_THAT(record.missing, ElementsAre());
  for (const auto& [name, value] : record.json.items()) {
    EXPECT_EQ(value == "" || value == ordered_json::array(), !known.contains(name)) << name << " = " << value;
  }
}

TEST(Render, NeverGuessesAScoredField) {
  MirrorDelivery delivery = FullDelivery();
  delivery.mutable_dossier()->set_paid_online(true);
  delivery.mutable_dossier()->mutable_request()->clear_documents();
  delivery.mutable_dossier()->set_result(tthc::v1::Finished::RESULT_REFUSED);
  const ordered_json record = RenderRecord(Shipped("dvcqg"), delivery).json;
  for (const char* const name :
       {"DuocThanhToanTrucTuyen", "HoSoCoThanhPhanSoHoa", "TaiKhoanDuocXacThucVoiVNeID", "NoiNopHoSo"}) {
    EXPECT_EQ(record[name], "") << name;
  }
  EXPECT_EQ(record["DanhSachGiayToKetQua"], ordered_json::array());
  EXPECT_EQ(record["DSKetNoiCSDL"], ordered_json::array());
}

TEST(Render, DerivesTheKindOfAnIdentityFromItsShape) {
  const v1::Profile profile = Shipped("dvcqg");
  MirrorDelivery delivery = FullDelivery();
  auto& applicant = *delivery.mutable_dossier()->mutable_request()->mutable_applicant();
  applicant.set_identity_number("123456789");
  EXPECT_EQ(RenderRecord(profile, delivery).json["DinhDanhCHS"][0]["LoaiDinhDanh"], "2");
  applicant.set_identity_number("B1234567");
  EXPECT_EQ(RenderRecord(profile, delivery).json["DinhDanhCHS"], ordered_json::array());
  EXPECT_EQ(RenderRecord(profile, delivery).json["SoGiayToChuHoSo"], "B1234567");
}

TEST(Render, AnOpenSupplementHasNoAnswerYet) {
  MirrorDelivery delivery = FullDelivery();
  auto& wait = *delivery.mutable_dossier()->mutable_waits(0);
  wait.clear_end_time();
  wait.clear_due_time_after();
  const ordered_json entry = RenderRecord(Shipped("dvcqg"), delivery).json["DanhSachHoSoBoSung"][0];
  EXPECT_EQ(entry["TrangThaiBoSung"], false);
  EXPECT_EQ(entry["NgayTiepNhanBoSung"], "");
  EXPECT_EQ(entry["ThongTinTiepNhan"], "");
  EXPECT_EQ(entry["NgayHenTraMoi"], "");
  EXPECT_EQ(entry["NgayHenTraTruoc"], "20261110163000");
}

TEST(Render, CutsByCharactersNotBytes) {
  EXPECT_EQ(CutChars("Yêu cầu", 3), "Yêu");
  EXPECT_EQ(CutChars("Yêu cầu", 7), "Yêu cầu");
  EXPECT_EQ(CutChars("", 3), "");
  MirrorDelivery delivery = FullDelivery();
  std::string content;
  for (int i = 0; i < 1200; ++i) content += "ở";
  delivery.mutable_dossier()->mutable_request()->set_content(content);
  const std::string summary = RenderRecord(Shipped("dvcqg"), delivery).json["TrichYeuHoSo"];
  EXPECT_EQ(summary.size(), 3000u);
}

TEST(Render, WritesTimesInVietnamTime) {
  const absl::Time time = absl::FromUnixSeconds(1793669400);
  EXPECT_EQ(FormatTime(v1::Profile::DATE_FORMAT_COMPACT, time), "20261103083000");
  EXPECT_EQ(FormatTime(v1::Profile::DATE_FORMAT_ISO_MILLIS, time + absl::Milliseconds(7)),
            "2026-11-03T08:30:00.007+07:00");
}

TEST(CodeAtTarget, NeverChangesAfterTheFirstDelivery) {
  const v1::Profile dvcqg = Shipped("dvcqg");
  MirrorDelivery delivery = FullDelivery();
  EXPECT_EQ(CodeAtTarget(dvcqg, delivery), "H24.99.1-261103-0007") << "the code on the receipt";
  // An alias that was added later does not change it.
  delivery.mutable_dossier()->add_aliases("dvcqg:000.00.01.H99-261103-0001");
  EXPECT_EQ(CodeAtTarget(dvcqg, delivery), "H24.99.1-261103-0007");
  delivery.mutable_steps(0)->mutable_event()->mutable_submitted()->mutable_request()->add_aliases(
      "dvcqg:000.00.01.H99-261103-0001");
  EXPECT_EQ(CodeAtTarget(dvcqg, delivery), "000.00.01.H99-261103-0001");
  EXPECT_EQ(RenderRecord(dvcqg, delivery).json["SoBienNhan"], "H24.99.1-261103-0007");
  EXPECT_EQ(CodeAtTarget(Shipped("igate"), delivery), "77001");
}

TEST(HasLastingCode, IsFalseWhileAcceptanceMayChangeTheCode) {
  const v1::Profile dvcqg = Shipped("dvcqg");
  MirrorDelivery delivery = FullDelivery();
  EXPECT_TRUE(HasLastingCode(dvcqg, delivery));
  delivery.mutable_dossier()->clear_code();
  for (const auto state :
       {Dossier::STATE_SUBMITTED, Dossier::STATE_AWAITING_SUPPLEMENT, Dossier::STATE_WITHDRAWAL_REQUESTED}) {
    delivery.mutable_dossier()->set_state(state);
    EXPECT_FALSE(HasLastingCode(dvcqg, delivery));
    EXPECT_TRUE(MakePlan(dvcqg, delivery).excluded);
  }
  // After an intake refusal the submission code is final.
  delivery.mutable_dossier()->set_state(Dossier::STATE_INTAKE_REFUSED);
  EXPECT_EQ(CodeAtTarget(dvcqg, delivery), "H24.99.1-261103-T0003");
  EXPECT_FALSE(MakePlan(dvcqg, delivery).excluded);
  // The portal's own code never changes.
  delivery.mutable_dossier()->set_state(Dossier::STATE_SUBMITTED);
  delivery.mutable_steps(0)->mutable_event()->mutable_submitted()->mutable_request()->add_aliases("dvcqg:X-1");
  EXPECT_FALSE(MakePlan(dvcqg, delivery).excluded);
}

TEST(StatusTable, HasACodeForEveryState) {
  for (const char* const id : {"dvcqg", "wrapper", "igate"}) {
    const v1::Profile profile = Shipped(id);
    for (int state = Dossier::State_MIN + 1; state <= Dossier::State_MAX; ++state) {
      for (int reason = tthc::v1::PauseReason_MIN; reason <= tthc::v1::PauseReason_MAX; ++reason) {
        const std::string code =
            StatusCode(profile, static_cast<Dossier::State>(state), static_cast<tthc::v1::PauseReason>(reason));
        // States have the national numbers; a pause counts as processing.
        EXPECT_EQ(code, state == Dossier::STATE_PAUSED ? "4" : std::to_string(state)) << id;
      }
    }
  }
}

TEST(StatusTable, PrefersTheRowWithThePauseReasonWhateverTheOrder) {
  v1::Profile profile = Shipped("dvcqg");
  auto& row = *profile.add_statuses();
  row.set_state(Dossier::STATE_PAUSED);
  row.set_pause_reason(tthc::v1::PAUSE_REASON_APPRAISAL);
  row.set_code("41");
  EXPECT_EQ(StatusCode(profile, Dossier::STATE_PAUSED, tthc::v1::PAUSE_REASON_APPRAISAL), "41");
  EXPECT_EQ(StatusCode(profile, Dossier::STATE_PAUSED, tthc::v1::PAUSE_REASON_VERIFICATION), "4");
}

TEST(StepWords, AreThereForStepsAndNothingElse) {
  const std::set<std::string> no_steps = {"rated",       "petition_received", "petition_answered",
                                          "noted",       "document_added",    "paid",
                                          "alias_added", "amended",           "recomputed"};
  const auto* const payloads = tthc::v1::Event::descriptor()->FindOneofByName("payload");
  for (const char* const id : {"dvcqg", "wrapper", "igate"}) {
    const v1::Profile profile = Shipped(id);
    std::set<std::string> words;
    for (const auto& row : profile.step_words()) words.insert(row.event());
    for (int i = 0; i < payloads->field_count(); ++i) {
      const std::string event(payloads->field(i)->name());
      EXPECT_NE(words.contains(event), no_steps.contains(event)) << id << " " << event;
    }
  }
}

}  // namespace
}  // namespace tthc::sync
