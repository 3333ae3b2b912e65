#include "client/portal_sim/rules.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/portal_sim/sample_calls.h"

namespace tthc::portal_sim {
namespace {

using testing::IgateRecord;
using testing::IgateStep;
using testing::Record;
using testing::Step;
using testing::TestJson;

TestJson Entry(const char* text) { return TestJson::parse(text); }

TEST(RecordRulesTest, AcceptsACompleteRecord) {
  EXPECT_EQ(CheckRecord(Protocol::kDvcqg, Record(), false), "");
  EXPECT_EQ(CheckRecord(Protocol::kWrapper, Record(), false), "");
}

// A path into the record, the value to put there, and the expected problem.
struct Case {
  const char* pointer;
  TestJson value;
  // Part of the problem; "": none.
  const char* problem;
};

TEST(RecordRulesTest, EveryFieldIsChecked) {
  const std::vector<Case> cases = {
      {"/MaHoSo", "", "MaHoSo không được để trống"},
      {"/MaHoSo", "H 1", "MaHoSo có ký tự trắng"},
      {"/MaHoSo", 7, "MaHoSo sai kiểu"},
      {"/MaTTHC", "", "MaTTHC không được để trống"},
      {"/TrangThaiHoSo", "", "TrangThaiHoSo không được để trống"},
      {"/TrangThaiHoSo", "0", "TrangThaiHoSo nằm ngoài 1..10"},
      {"/TrangThaiHoSo", "11", "TrangThaiHoSo nằm ngoài 1..10"},
      {"/TrangThaiHoSo", "04", "TrangThaiHoSo nằm ngoài 1..10"},
      {"/TrangThaiHoSo", 4, "TrangThaiHoSo sai kiểu"},
      {"/NgayTiepNhan", "", "NgayTiepNhan không được để trống"},
      {"/NgayTiepNhan", "2026-01-05", "NgayTiepNhan sai định dạng"},
      {"/NgayTiepNhan", "20260230081500", "NgayTiepNhan sai định dạng"},
      {"/NgayTiepNhan", "20260105240000", "NgayTiepNhan sai định dạng"},
      {"/NgayTiepNhan", "20260105081500.0", "NgayTiepNhan sai định dạng"},
      {"/NgayHenTra", "", ""},
      {"/NgayHenTra", "2026010817000", "NgayHenTra sai định dạng"},
      {"/TenTTHC", "", ""},
      {"/KenhThucHien", "", ""},
      {"/KenhThucHien", "2", ""},
      {"/KenhThucHien", "4", "KenhThucHien không có trong danh mục"},
      {"/LoaiDoiTuong", "5", "LoaiDoiTuong không có trong danh mục"},
      {"/HinhThuc", "1", ""},
      {"/HinhThuc", "2", "HinhThuc không có trong danh mục"},
      {"/DuocThanhToanTrucTuyen", "3", "DuocThanhToanTrucTuyen không có trong danh mục"},
      {"/HoSoCoThanhPhanSoHoa", true, "HoSoCoThanhPhanSoHoa sai kiểu"},
      {"/TrichYeuHoSo", std::string(1000, 'x'), ""},
      {"/TrichYeuHoSo", std::string(1001, 'x'), "TrichYeuHoSo quá dài"},
      {"/MaHoSoKhac", "", "MaHoSoKhac không có trong đặc tả"},
      {"/DanhSachLePhi", "", "DanhSachLePhi sai kiểu"},
      {"/DanhSachLePhi/0", "x", "không phải là đối tượng"},
      {"/DSKetNoiCSDL/0", Entry(R"({"MaCSDL":"7"})"), ""},
      {"/DSKetNoiCSDL/0", Entry(R"({})"), "DSKetNoiCSDL[0].MaCSDL bị thiếu"},
      {"/DinhDanhCHS/0", Entry(R"({"LoaiDinhDanh":"1","SoDinhDanh":"000099001234"})"), ""},
      {"/DinhDanhCHS/0", Entry(R"({"LoaiDinhDanh":"2","SoDinhDanh":"000099001"})"), ""},
      {"/DinhDanhCHS/0", Entry(R"({"LoaiDinhDanh":"1","SoDinhDanh":"000099001"})"), "không khớp"},
      {"/DinhDanhCHS/0", Entry(R"({"LoaiDinhDanh":"3","SoDinhDanh":"000099001"})"), "LoaiDinhDanh không có"},
      {"/DanhSachGiayToKetQua/0",
       Entry(R"({"TenGiayTo":"KQ","MaThanhPhanHoSo":"","GiayToId":"","DuongDanTepTinKetQua":""})"), ""},
      {"/DanhSachGiayToKetQua/0",
       Entry(R"({"TenGiayTo":"KQ","MaThanhPhanHoSo":"","GiayToId":"","DuongDanTepTinKetQua":"","MaGiayToKetQua":""})"),
       ""},
      {"/DanhSachGiayToKetQua/0", Entry(R"({"TenGiayTo":"KQ"})"), "bị thiếu"},
  };
  for (const Case& c : cases) {
    TestJson record = Record();
    record[TestJson::json_pointer(c.pointer)] = c.value;
    const std::string problem = CheckRecord(Protocol::kDvcqg, record, false);
    if (*c.problem == '\0') {
      EXPECT_EQ(problem, "") << c.pointer << " " << c.value;
    } else {
      EXPECT_NE(problem.find(c.problem), std::string::npos) << c.pointer << " " << c.value << ": " << problem;
    }
  }
}

TEST(RecordRulesTest, NoFieldMayBeMissing) {
  const TestJson whole = Record();
  for (const auto& [name, value] : whole.items()) {
    TestJson record = Record();
    record.erase(name);
    EXPECT_EQ(CheckRecord(Protocol::kDvcqg, record, true), "Trường " + name + " bị thiếu");
    EXPECT_EQ(CheckRecord(Protocol::kWrapper, record, false), "Trường " + name + " bị thiếu");
  }
}

TEST(RecordRulesTest, ShortRecordsOfTheWrapperHaveSixteenFields) {
  int needed = 0;
  const TestJson whole = Record();
  for (const auto& [name, value] : whole.items()) {
    TestJson record = Record();
    record.erase(name);
    if (!CheckRecord(Protocol::kWrapper, record, true).empty()) ++needed;
  }
  EXPECT_EQ(needed, 16);
}

TEST(RecordRulesTest, StatusesAfterAcceptanceNeedItsTime) {
  for (int status = 1; status <= 10; ++status) {
    TestJson record = Record(testing::kCode, std::to_string(status));
    record["NgayTiepNhan"] = "";
    const bool may_lack = status == 1 || status == 3 || status == 5 || status == 7 || status == 8;
    EXPECT_EQ(CheckRecord(Protocol::kDvcqg, record, false).empty(), may_lack) << status;
  }
}

TEST(RecordRulesTest, SupplementsHaveTheirTypes) {
  const TestJson good = Entry(
      R"({"HoSoBoSungId":1,"NguoiYeuCauBoSung":"Trần Văn Mẫu","NoiDungBoSung":"Thiếu bản sao",
          "NgayBoSung":"20260106100000","NguoiTiepNhanBoSung":"","ThongTinTiepNhan":"","NgayTiepNhanBoSung":"",
          "TrangThaiBoSung":false,"DanhSachGiayToBoSung":[],"DanhSachLePhiBoSung":[],
          "NgayHenTraTruoc":"20260108170000","NgayHenTraMoi":""})");
  TestJson record = Record();
  record["DanhSachHoSoBoSung"].push_back(good);
  EXPECT_EQ(CheckRecord(Protocol::kDvcqg, record, false), "");
  const TestJson wrong = {
      {"HoSoBoSungId", "1"}, {"TrangThaiBoSung", "false"}, {"NgayBoSung", ""}, {"NgayHenTraMoi", "x"}};
  for (const auto& [name, value] : wrong.items()) {
    TestJson bad = record;
    bad["DanhSachHoSoBoSung"][0][name] = value;
    EXPECT_NE(CheckRecord(Protocol::kDvcqg, bad, false).find("DanhSachHoSoBoSung[0]." + name), std::string::npos)
        << name;
  }
}

TEST(StepRulesTest, EveryFieldIsChecked) {
  EXPECT_EQ(CheckStep(Protocol::kDvcqg, Step()), "");
  const TestJson whole = Step();
  for (const auto& [name, value] : whole.items()) {
    TestJson step = Step();
    step.erase(name);
    EXPECT_EQ(CheckStep(Protocol::kDvcqg, step), "Trường " + name + " bị thiếu");
  }
  const std::vector<Case> cases = {
      {"/MaHoSo", "", "MaHoSo không được để trống"},
      {"/ThoiDiemXuLy", "", "ThoiDiemXuLy không được để trống"},
      {"/TrangThai", "", "TrangThai không được để trống"},
      {"/TrangThai", 4, "TrangThai sai kiểu"},
      {"/NguoiXuLy", "", ""},
      // Characters count, not bytes.
      {"/NguoiXuLy", "ĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐĐ", ""},
      {"/NguoiXuLy", std::string(51, 'x'), "NguoiXuLy quá dài"},
      {"/NgayBatDau", "2026", "NgayBatDau sai định dạng"},
      {"/IDHoSo", "1", "IDHoSo không có trong đặc tả"},
  };
  for (const Case& c : cases) {
    TestJson step = Step();
    step[TestJson::json_pointer(c.pointer)] = c.value;
    const std::string problem = CheckStep(Protocol::kDvcqg, step);
    EXPECT_TRUE(*c.problem == '\0' ? problem.empty() : problem.find(c.problem) != std::string::npos)
        << c.pointer << " " << c.value << ": " << problem;
  }
}

TEST(IgateRulesTest, DatesAreIsoAndStatusesOfStepsAreNumbers) {
  EXPECT_EQ(CheckRecord(Protocol::kIgate, IgateRecord("1000001", "H99-260105-0007", "4"), false), "");
  EXPECT_EQ(CheckStep(Protocol::kIgate, IgateStep("1000001", "H99-260105-0007", 4)), "");

  TestJson step = IgateStep("1000001", "H99-260105-0007", 4);
  step["TrangThai"] = "4";
  EXPECT_EQ(CheckStep(Protocol::kIgate, step), "Trường TrangThai sai kiểu dữ liệu");
  step["TrangThai"] = 11;
  EXPECT_EQ(CheckStep(Protocol::kIgate, step), "Trường TrangThai nằm ngoài 1..10");
  for (const char* const time : {"20260105090000", "2026-01-05T09:00:00+07:00", "2026-01-05 09:00:00.000+07:00",
                                 "2026-02-30T09:00:00.000+07:00", "2026-01-05T09:00:00.0000+07:0"}) {
    step = IgateStep("1000001", "H99-260105-0007", 4);
    step["ThoiDiemXuLy"] = time;
    EXPECT_EQ(CheckStep(Protocol::kIgate, step), "Trường ThoiDiemXuLy sai định dạng ngày ISO có mili giây") << time;
  }
  step["ThoiDiemXuLy"] = "2026-01-05T02:00:00.000Z";
  EXPECT_EQ(CheckStep(Protocol::kIgate, step), "");
}

TEST(IgateRulesTest, FeesAndResultsComeWithTheirStatuses) {
  for (int status = 1; status <= 10; ++status) {
    TestJson record = IgateRecord("1000001", "H99-260105-0007", std::to_string(status));
    EXPECT_EQ(CheckRecord(Protocol::kIgate, record, false), "");
    record["DanhSachLePhi"].push_back(
        Entry(R"({"TenPhiLePhi":"","MaPhiLePhi":"","HinhThucThu":"","Gia":"20000","LoaiPhiLePhi":""})"));
    const bool is_taken = status == 5 || status == 6 || status == 9;
    EXPECT_EQ(CheckRecord(Protocol::kIgate, record, false).empty(), is_taken) << status;
  }
}

TEST(StatusNameTest, NamesTheTenStatuses) {
  EXPECT_EQ(StatusName("1"), "Mới đăng ký");
  EXPECT_EQ(StatusName("10"), "Đã trả kết quả");
  EXPECT_EQ(StatusName("11"), "11");
}

}  // namespace
}  // namespace tthc::portal_sim
