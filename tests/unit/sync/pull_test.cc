#include "client/sync/pull.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/sync/sources.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "tests/unit/sync/sim_target.h"

namespace tthc::sync {
namespace {

using nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using tthc::v1::Applicant;
using tthc::v1::CreateDossierRequest;

const absl::Time kNow = absl::FromUnixSeconds(1'794'600'000);

// A filed dossier as igate lists it.
ordered_json IgateFiling() {
  return {{"IdHoSo", 1000001},
          {"MaHoSo", "000.00.00.G00-261123-0001"},
          {"MaTTHC", "1.004873"},
          {"ChuHoSo", " Người Mẫu "},
          {"SoGiayToChuHoSo", "000000000012"},
          {"SoDienThoai", "0900000000"},
          {"TrichYeuHoSo", "Xác nhận tình trạng hôn nhân"},
          {"HinhThucTiepNhan", "2"},
          {"NgayNopHoSo", "2026-11-12T08:15:00.000+07:00"},
          {"TrangThaiHoSo", "1"}};
}

// A filed dossier as the national portal sends it: with the fields of a record.
ordered_json PortalFiling() {
  return ordered_json::parse(R"({"MaHoSo":"000.00.01.H99-261112-0007","MaTTHC":"1.004873","TenTTHC":"Thủ tục mẫu",
    "ChuHoSo":"Công ty Mẫu","LoaiDoiTuong":"2","SoGiayToChuHoSo":"","DinhDanhCHS":[
      {"LoaiDinhDanh":"1","SoDinhDanh":"000000000012"}],"Email":"mau@example.invalid","SoDienThoai":"0900000000",
    "TrichYeuHoSo":"Đề nghị mẫu","NgayNopHoSo":"20261112081500","TrangThaiHoSo":"1","HinhThuc":"1","TaiLieuNop":[
      {"TepDinhKemId":"f-01","TenTepDinhKem":"don.pdf","MaThanhPhanHoSo":"KQ.DEMO.1","DuocSoHoa":"1"},
      {"TepDinhKemId":"f-02","TenTepDinhKem":""}]})");
}

CreateDossierRequest MustRead(const SimTarget& target, const ordered_json& entry) {
  const auto request = RequestOf(target.setup, entry, kNow);
  EXPECT_TRUE(request.ok()) << request.status();
  return request.value_or(CreateDossierRequest());
}

TEST(PullTest, ReadsAFilingOfIgate) {
  const SimTarget target("igate");
  const CreateDossierRequest request = MustRead(target, IgateFiling());
  ASSERT_THAT(request.events(), SizeIs(1));
  const tthc::v1::Event& event = request.events(0);
  EXPECT_EQ(FromProto(event.occur_time()), absl::FromCivil(absl::CivilSecond(2026, 11, 12, 8, 15), LocalTimeZone()));
  EXPECT_FALSE(event.imported());
  const tthc::v1::Request& filed = event.submitted().request();
  EXPECT_THAT(filed.aliases(), ElementsAre("igate:1000001", "000.00.00.G00-261123-0001"));
  EXPECT_EQ(filed.procedure(), "procedures/1.004873");
  EXPECT_EQ(filed.office(), "offices/H24.99.1");
  EXPECT_EQ(filed.channel(), tthc::v1::CHANNEL_ONLINE);
  EXPECT_EQ(filed.applicant().display_name(), "Người Mẫu");
  EXPECT_EQ(filed.applicant().identity_number(), "000000000012");
  EXPECT_EQ(filed.applicant().phone_number(), "0900000000");
  EXPECT_EQ(filed.content(), "Xác nhận tình trạng hôn nhân");
  EXPECT_EQ(filed.applicant().type(), Applicant::TYPE_UNSPECIFIED) << "it is not in the record";
}

TEST(PullTest, ReadsAFilingOfTheNationalPortalByTheFieldsOfARecord) {
  const SimTarget target("dvcqg");
  const tthc::v1::Event event = MustRead(target, PortalFiling()).events(0);
  EXPECT_EQ(FromProto(event.occur_time()), absl::FromCivil(absl::CivilSecond(2026, 11, 12, 8, 15), LocalTimeZone()));
  const tthc::v1::Request& filed = event.submitted().request();
  EXPECT_THAT(filed.aliases(), ElementsAre("dvcqg:000.00.01.H99-261112-0007", "000.00.01.H99-261112-0007"));
  EXPECT_EQ(filed.applicant().type(), Applicant::TYPE_ENTERPRISE);
  EXPECT_EQ(filed.applicant().identity_number(), "000000000012");
  EXPECT_EQ(filed.applicant().email(), "mau@example.invalid");
  EXPECT_EQ(filed.content(), "Đề nghị mẫu");
  EXPECT_EQ(filed.return_channel(), tthc::v1::CHANNEL_POST);
  ASSERT_THAT(filed.documents(), SizeIs(1));
  EXPECT_EQ(filed.documents(0).display_name(), "don.pdf");
  EXPECT_EQ(filed.documents(0).code(), "KQ.DEMO.1");
  EXPECT_TRUE(filed.documents(0).digitized());
}

// The mirror later sends the dossier under the target's code.
TEST(PullTest, RegistersTheAliasThatTheMirrorUses) {
  for (const char* const profile : {"igate", "dvcqg"}) {
    const SimTarget target(profile);
    const bool is_igate = std::string(profile) == "igate";
    const CreateDossierRequest request = MustRead(target, is_igate ? IgateFiling() : PortalFiling());
    tthc::v1::MirrorDelivery delivery;
    *delivery.add_steps()->mutable_event() = request.events(0);
    *delivery.mutable_dossier()->mutable_aliases() = request.events(0).submitted().request().aliases();
    EXPECT_EQ(AliasAtTarget(target.setup.profile, delivery), is_igate ? "1000001" : "000.00.01.H99-261112-0007");
  }
}

TEST(PullTest, DerivesTheRequestIdFromTargetAndCode) {
  const SimTarget target("igate");
  ordered_json changed = IgateFiling();
  changed["SoDienThoai"] = "0911111111";
  const std::string id = MustRead(target, IgateFiling()).request_id();
  EXPECT_THAT(id, SizeIs(36));
  EXPECT_EQ(MustRead(target, changed).request_id(), id) << "the same filing with other content";
  changed["MaHoSo"] = "000.00.00.G00-261123-0002";
  EXPECT_NE(MustRead(target, changed).request_id(), id);
  SimTarget other("igate");
  other.setup.target.set_id("khac");
  EXPECT_NE(MustRead(other, IgateFiling()).request_id(), id);
}

TEST(PullTest, NamesTheMissingFieldsWithoutPersonalData) {
  const SimTarget target("igate");
  ordered_json entry = IgateFiling();
  entry["MaTTHC"] = "";
  entry["IdHoSo"] = nullptr;
  entry.erase("MaHoSo");
  const absl::Status status = RequestOf(target.setup, entry, kNow).status();
  EXPECT_EQ(ErrorReason(status), "FILING_INCOMPLETE");
  EXPECT_EQ(ErrorMetadata(status, "fields"), "MaHoSo, MaTTHC, IdHoSo");
  EXPECT_THAT(ErrorMessage(status, "vi"), Not(HasSubstr("Mẫu")));
}

TEST(PullTest, ReadsDatesInTheProfilesFormatOnly) {
  const SimTarget target("dvcqg");
  for (const char* const date :
       {"2026-11-12T08:15:00+07:00", "20261312081500", "2026111208150", "hôm qua", "20261112081560x"}) {
    ordered_json entry = PortalFiling();
    entry["NgayNopHoSo"] = date;
    const absl::Status status = RequestOf(target.setup, entry, kNow).status();
    EXPECT_EQ(ErrorReason(status), "FILING_UNREADABLE") << date;
    EXPECT_EQ(ErrorMetadata(status, "field"), "NgayNopHoSo");
  }
}

TEST(PullTest, LeavesOutFutureTimesAndMarksOldOnesImported) {
  const SimTarget target("dvcqg");
  ordered_json entry = PortalFiling();
  entry["NgayNopHoSo"] = "20991112081500";
  EXPECT_FALSE(MustRead(target, entry).events(0).has_occur_time()) << "the portal's clock is ahead";
  entry["NgayNopHoSo"] = "";
  EXPECT_FALSE(MustRead(target, entry).events(0).has_occur_time());
  entry["NgayNopHoSo"] = "20260801081500";
  EXPECT_TRUE(MustRead(target, entry).events(0).imported());
}

TEST(PullTest, TakesOneRecordOrAnArrayFromAFile) {
  EXPECT_THAT(*FiledInFile(PortalFiling().dump()), SizeIs(1));
  EXPECT_THAT(*FiledInFile(ordered_json::array({PortalFiling(), PortalFiling()}).dump()), SizeIs(2));
  EXPECT_THAT(*FiledInFile("[]"), SizeIs(0));
  for (const char* const text : {"", "1", "[1]", "{\"MaHoSo\":", "null"}) {
    EXPECT_EQ(ErrorReason(FiledInFile(text).status()), "FILINGS_UNREADABLE") << text;
  }
}

TEST(PullTest, DistinguishesAnEmptyListFromNoList) {
  SimTarget target("igate");
  PortalClient::Reply reply;
  reply.answer.verdict = Verdict::kDone;
  for (const char* const body : {R"({"code":0,"data":[]})", R"({"code":0,"data":null})"}) {
    reply.body = ReadBody(target.setup.profile.answer_keys(), body);
    EXPECT_THAT(*FiledIn(target.setup, reply), SizeIs(0)) << body;
  }
  for (const char* const body : {R"({"code":0})", R"({"code":0,"data":"x"})", R"({"code":0,"data":[1]})", ""}) {
    reply.body = ReadBody(target.setup.profile.answer_keys(), body);
    EXPECT_EQ(ErrorReason(FiledIn(target.setup, reply).status()), "FILINGS_NOT_LISTED") << body;
  }
  reply.body = ReadBody(target.setup.profile.answer_keys(), R"({"code":2,"data":[]})");
  reply.answer.verdict = Verdict::kRefused;
  EXPECT_EQ(ErrorReason(FiledIn(target.setup, reply).status()), "FILINGS_NOT_LISTED");
}

}  // namespace
}  // namespace tthc::sync
