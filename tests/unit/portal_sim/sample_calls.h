#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "client/portal_sim/portal.h"

// Complete and correct calls of the three protocols.
namespace tthc::portal_sim::testing {

using TestJson = nlohmann::ordered_json;

inline const char kCode[] = "000.00.01.H99-260105-0007";
inline constexpr char kDvcqg[] = "/mapi/g?dstcode=VN:demo";

// 05/01/2026 08:15 in Vietnam.
inline absl::Time Start() { return absl::FromUnixSeconds(1'767'575'700); }

inline TestJson Record(const std::string& code = kCode, const std::string& status = "4") {
  TestJson record;
  for (const char* const name : {"MaHoSo",
                                 "MaTTHC",
                                 "TenTTHC",
                                 "MaLinhVuc",
                                 "TenLinhVuc",
                                 "SoBienNhan",
                                 "KenhThucHien",
                                 "ChuHoSo",
                                 "SoGiayToChuHoSo",
                                 "LoaiDoiTuong",
                                 "MaDoiTuong",
                                 "ThongTinKhac",
                                 "Fax",
                                 "GhiChu",
                                 "Email",
                                 "SoDienThoai",
                                 "TrichYeuHoSo",
                                 "NgayNopHoSo",
                                 "NgayTiepNhan",
                                 "NgayHenTra",
                                 "TrangThaiHoSo",
                                 "NgayKetThucXuLy",
                                 "NgayTra",
                                 "ThongTinTra",
                                 "NgayTuChoi",
                                 "HinhThuc",
                                 "DonViXuLy",
                                 "NoiNopHoSo",
                                 "HoSoCoThanhPhanSoHoa",
                                 "TaiKhoanDuocXacThucVoiVNeID",
                                 "DuocThanhToanTrucTuyen"}) {
    record[name] = "";
  }
  for (const char* const name : {"DinhDanhCHS", "DSKetNoiCSDL", "TaiLieuNop", "DanhSachLePhi", "DanhSachTepDinhKemKhac",
                                 "DanhSachHoSoBoSung", "DanhSachGiayToKetQua"}) {
    record[name] = TestJson::array();
  }
  record["MaHoSo"] = code;
  record["MaTTHC"] = "9.999001";
  record["TenTTHC"] = "Thủ tục mẫu A";
  record["ChuHoSo"] = "Nguyễn Thị Mẫu";
  record["SoGiayToChuHoSo"] = "000099001234";
  record["NgayTiepNhan"] = "20260105081500";
  record["NgayHenTra"] = "20260108170000";
  record["TrangThaiHoSo"] = status;
  return record;
}

inline TestJson Step(const std::string& status = "4", const std::string& time = "20260105090000",
                     const std::string& code = kCode) {
  return {{"MaHoSo", code},
          {"NguoiXuLy", "Trần Văn Mẫu"},
          {"ChucDanh", "Công chức"},
          {"ThoiDiemXuLy", time},
          {"PhongBanXuLy", "Bộ phận mẫu"},
          {"NoiDungXuLy", "Xử lý"},
          {"TrangThai", status},
          {"NgayBatDau", ""},
          {"NgayKetThucTheoQuyDinh", ""}};
}

inline SimRequest Post(const std::string& target, const TestJson& body) {
  return {.method = "POST",
          .target = target,
          .headers = {{"Content-Type", "application/json; charset=utf-8"}},
          .body = body.dump()};
}

inline TestJson Parse(const SimResponse& response) { return TestJson::parse(response.body, nullptr, false); }

inline SimRequest DvcqgLogin(const std::string& password = "demo") {
  return Post("/mapi/login?dstcode=VN:demo", {{"username", "demo"}, {"password", password}});
}

inline SimRequest DvcqgRecord(const std::string& session, const std::string& is_updating, const TestJson& record) {
  return Post(kDvcqg, {{"session", session},
                       {"madonvi", "000.00.01.H99"},
                       {"service", "DongBoHoSoMC"},
                       {"isUpdating", is_updating},
                       {"data", TestJson::array({record})}});
}

inline SimRequest DvcqgSteps(const std::string& session, const std::vector<TestJson>& steps) {
  return Post(kDvcqg, {{"session", session},
                       {"madonvi", "000.00.01.H99"},
                       {"service", "CapNhatTienDoHoSoMC"},
                       {"data", TestJson(steps)}});
}

inline SimRequest DvcqgLookup(const std::string& session, const std::string& code = kCode) {
  return Post(kDvcqg,
              {{"session", session}, {"madonvi", "000.00.01.H99"}, {"service", "TraCuuHoSo"}, {"mahoso", code}});
}

inline SimRequest WrapperRecord(const std::string& is_updating, const TestJson& record) {
  return Post("/api/SynsTTHCC/DongBoHoSoMC?MaDinhDanhDV=H99.1&isUpdating=" + is_updating,
              {{"data", TestJson::array({record})}});
}

inline SimRequest WrapperSteps(const std::vector<TestJson>& steps) {
  return Post("/api/SynsTTHCC/CapNhatTienDoHoSoMC?MaDinhDanhDV=H99.1", {{"data", TestJson(steps)}});
}

inline SimRequest WrapperLookup(const std::string& code = kCode) {
  return Post("/api/SynsTTHCC/TraCuuHoSo?MaDinhDanhDV=H99.1", {{"mahoso", code}});
}

inline SimRequest IgateCall(const std::string& token, const std::string& service, const TestJson& body) {
  SimRequest request = Post("/connector/connector/v1/" + service, body);
  if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  return request;
}

inline TestJson IgateRecord(const std::string& id, const std::string& code, const std::string& status) {
  return {{"IdHoSo", id},
          {"MaHoSo", code},
          {"TrangThai", status},
          {"NoiDungYKien", ""},
          {"PhongBanXuLy", ""},
          {"NoiDungXuLy", ""},
          {"DanhSachLePhi", TestJson::array()},
          {"DanhSachGiayToKetQua", TestJson::array()}};
}

inline TestJson IgateStep(const std::string& id, const std::string& code, int status) {
  TestJson step = Step("", "2026-01-05T09:00:00.000+07:00", code);
  step["TrangThai"] = status;
  TestJson with_id = {{"IDHoSo", id}};
  with_id.update(step);
  return with_id;
}

// "" if a fault replaced the answer.
inline std::string LogIn(Portal* portal, absl::Time now) {
  const TestJson answer = Parse(portal->Handle(DvcqgLogin(), now));
  return answer.is_object() ? answer.value("session", "") : "";
}

inline std::string LogInIgate(Portal* portal, absl::Time now) {
  const SimRequest request = IgateCall("", "login", {{"client_id", "demo"}, {"client_secret", "demo"}});
  const TestJson answer = Parse(portal->Handle(request, now));
  return answer.is_object() ? answer.value("access_token", "") : "";
}

// As text, also if it is a number; "?" if there is none.
inline std::string CodeOf(const SimResponse& response) {
  const TestJson answer = Parse(response);
  if (!answer.is_object()) return "?";
  for (const char* const key : {"error_code", "code"}) {
    if (answer.contains(key)) return answer[key].is_string() ? answer[key].get<std::string>() : answer[key].dump();
  }
  return "?";
}

}  // namespace tthc::portal_sim::testing
