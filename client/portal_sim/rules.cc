#include "client/portal_sim/rules.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace tthc::portal_sim {
namespace {

enum class Form {
  kText,
  // Text without blanks.
  kCode,
  // yyyyMMddHHmmss, or ISO with milliseconds where the protocol is igate.
  kDate,
  // "1" to "10"; an integer in igate's steps, text or integer in igate's records.
  kStatus,
  kTextOrNumber,
  kInteger,
  kBoolean,
  kList,
};

struct Rule {
  const char* name;
  Form form = Form::kText;
  bool filled = false;
  // One of the 16 oldest fields of a record.
  bool old = false;
  // May be missing: the sources for the other fields of the list's entry are older.
  bool optional = false;
  // Allowed values beside ""; empty: any value.
  const char* codes = "";
  int chars_max = 0;
  // Fields of the list's entries.
  const std::vector<Rule>* entries = nullptr;
};

using Rules = std::vector<Rule>;

const Rules kIdentity = {{.name = "LoaiDinhDanh", .codes = "1,2"}, {.name = "SoDinhDanh"}};
const Rules kDatabase = {{.name = "MaCSDL"}};
const Rules kSubmitted = {
    {.name = "TepDinhKemId"},
    {.name = "TenTepDinhKem", .chars_max = 4000},
    {.name = "IsDeleted", .codes = "True,False"},
    {.name = "MaThanhPhanHoSo"},
    {.name = "DuongDanTaiTepTin"},
    {.name = "DuocSoHoa", .codes = "0,1"},
    {.name = "DuocTaiSuDung", .codes = "0,1,2"},
    {.name = "DuocLayTuKhoDMQG", .codes = "0,1"},
    {.name = "MaKetQuaThayThe", .optional = true},
};
const Rules kFee = {
    {.name = "TenPhiLePhi"},
    {.name = "MaPhiLePhi"},
    {.name = "HinhThucThu", .codes = "1,2,4"},
    {.name = "Gia", .form = Form::kTextOrNumber},
    {.name = "LoaiPhiLePhi", .codes = "1,2,3"},
};
const Rules kOtherPaper = {
    {.name = "TenGiayTo", .chars_max = 2000},
    {.name = "SoLuong", .form = Form::kInteger},
    {.name = "LoaiGiayTo", .form = Form::kInteger},
};
const Rules kSupplement = {
    {.name = "HoSoBoSungId", .form = Form::kInteger},
    {.name = "NguoiYeuCauBoSung"},
    {.name = "NoiDungBoSung"},
    {.name = "NgayBoSung", .form = Form::kDate, .filled = true},
    {.name = "NguoiTiepNhanBoSung"},
    {.name = "ThongTinTiepNhan"},
    {.name = "NgayTiepNhanBoSung", .form = Form::kDate},
    {.name = "TrangThaiBoSung", .form = Form::kBoolean},
    {.name = "DanhSachGiayToBoSung", .form = Form::kList, .entries = &kOtherPaper},
    {.name = "DanhSachLePhiBoSung", .form = Form::kList, .entries = &kFee},
    {.name = "NgayHenTraTruoc", .form = Form::kDate},
    {.name = "NgayHenTraMoi", .form = Form::kDate},
};
const Rules kResult = {
    {.name = "TenGiayTo", .chars_max = 2000},
    {.name = "MaThanhPhanHoSo"},
    {.name = "GiayToId"},
    {.name = "DuongDanTepTinKetQua"},
    {.name = "MaGiayToKetQua", .optional = true},
};

// Of dvcqg and of the wrapper.
const Rules kRecord = {
    {.name = "MaHoSo", .form = Form::kCode, .filled = true, .old = true, .chars_max = 64},
    {.name = "MaTTHC", .form = Form::kCode, .filled = true, .old = true},
    {.name = "TenTTHC", .old = true},
    {.name = "MaLinhVuc", .old = true},
    {.name = "TenLinhVuc", .old = true},
    {.name = "SoBienNhan", .old = true},
    {.name = "KenhThucHien", .codes = "1,2,3"},
    {.name = "ChuHoSo", .old = true},
    {.name = "SoGiayToChuHoSo"},
    {.name = "LoaiDoiTuong", .old = true, .codes = "1,2,3,4"},
    {.name = "MaDoiTuong", .old = true},
    {.name = "DinhDanhCHS", .form = Form::kList, .entries = &kIdentity},
    {.name = "ThongTinKhac"},
    {.name = "Fax"},
    {.name = "GhiChu"},
    {.name = "Email"},
    {.name = "SoDienThoai"},
    {.name = "TrichYeuHoSo", .chars_max = 1000},
    {.name = "NgayNopHoSo", .form = Form::kDate},
    {.name = "NgayTiepNhan", .form = Form::kDate, .old = true},
    {.name = "NgayHenTra", .form = Form::kDate, .old = true},
    {.name = "TrangThaiHoSo", .form = Form::kStatus, .filled = true, .old = true},
    {.name = "NgayKetThucXuLy", .form = Form::kDate},
    {.name = "NgayTra", .form = Form::kDate},
    {.name = "ThongTinTra"},
    {.name = "NgayTuChoi", .form = Form::kDate},
    {.name = "HinhThuc", .old = true, .codes = "0,1"},
    {.name = "DonViXuLy", .old = true},
    {.name = "NoiNopHoSo"},
    {.name = "HoSoCoThanhPhanSoHoa", .codes = "0,1"},
    {.name = "TaiKhoanDuocXacThucVoiVNeID", .codes = "0,1"},
    {.name = "DuocThanhToanTrucTuyen", .codes = "0,1,2"},
    {.name = "DSKetNoiCSDL", .form = Form::kList, .entries = &kDatabase},
    {.name = "TaiLieuNop", .form = Form::kList, .old = true, .entries = &kSubmitted},
    {.name = "DanhSachLePhi", .form = Form::kList, .entries = &kFee},
    {.name = "DanhSachTepDinhKemKhac", .form = Form::kList, .entries = &kOtherPaper},
    {.name = "DanhSachHoSoBoSung", .form = Form::kList, .entries = &kSupplement},
    {.name = "DanhSachGiayToKetQua", .form = Form::kList, .old = true, .entries = &kResult},
};

const Rules kStep = {
    {.name = "MaHoSo", .form = Form::kCode, .filled = true, .chars_max = 64},
    {.name = "NguoiXuLy", .chars_max = 50},
    {.name = "ChucDanh"},
    {.name = "ThoiDiemXuLy", .form = Form::kDate, .filled = true},
    {.name = "PhongBanXuLy"},
    {.name = "NoiDungXuLy"},
    {.name = "TrangThai", .form = Form::kStatus, .filled = true},
    {.name = "NgayBatDau", .form = Form::kDate},
    {.name = "NgayKetThucTheoQuyDinh", .form = Form::kDate},
};

// iGate has the rest from the citizen who filed the dossier: an office reports status, fees and results only.
const Rules kIgateRecord = {
    {.name = "IdHoSo", .form = Form::kTextOrNumber},
    {.name = "MaHoSo", .form = Form::kCode, .filled = true, .chars_max = 64},
    {.name = "TrangThai", .form = Form::kStatus, .filled = true},
    {.name = "NoiDungYKien"},
    {.name = "PhongBanXuLy"},
    {.name = "NoiDungXuLy"},
    {.name = "DanhSachLePhi", .form = Form::kList, .entries = &kFee},
    {.name = "DanhSachGiayToKetQua", .form = Form::kList, .entries = &kResult},
};

const Rules kIgateStep = [] {
  Rules rules = kStep;
  // One source has this spelling in steps.
  rules.insert(rules.begin(), {.name = "IDHoSo", .form = Form::kTextOrNumber});
  return rules;
}();

bool AreDigits(const std::string& text, size_t from, size_t count) {
  if (from + count > text.size()) return false;
  return std::all_of(text.begin() + static_cast<ptrdiff_t>(from), text.begin() + static_cast<ptrdiff_t>(from + count),
                     [](char c) { return c >= '0' && c <= '9'; });
}

bool IsCompactDate(const std::string& text) {
  if (text.size() != 14 || !AreDigits(text, 0, 14)) return false;
  const auto part = [&](size_t from, size_t count) { return std::stoi(text.substr(from, count)); };
  const absl::CivilSecond second(part(0, 4), part(4, 2), part(6, 2), part(8, 2), part(10, 2), part(12, 2));
  // CivilSecond normalizes parts that are out of range: such a text is no time.
  return absl::FormatCivilTime(second) == absl::StrCat(text.substr(0, 4), "-", text.substr(4, 2), "-",
                                                       text.substr(6, 2), "T", text.substr(8, 2), ":",
                                                       text.substr(10, 2), ":", text.substr(12, 2)) &&
         part(0, 4) >= 1900;
}

// 2026-01-05T08:15:00.000+07:00 or …Z
bool IsIsoDate(const std::string& text) {
  const bool is_zulu = text.size() == 24 && text.back() == 'Z';
  if (!is_zulu && text.size() != 29) return false;
  // absl also accepts times without a fraction, and other separators.
  if (text[10] != 'T' || text[19] != '.' || !AreDigits(text, 20, 3)) return false;
  absl::Time time;
  std::string error;
  return absl::ParseTime(absl::RFC3339_full, text, &time, &error);
}

// Interfaces limit characters, of which a Vietnamese letter may take three bytes.
size_t CodePoints(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// The comparison at the end refuses " 4" and "+4", which SimpleAtoi accepts.
bool IsStatus(const std::string& text) {
  int code = 0;
  return absl::SimpleAtoi(text, &code) && code >= 1 && code <= 10 && text == absl::StrCat(code);
}

std::string Wrong(const std::string& field, const char* why) { return absl::StrCat("Trường ", field, " ", why); }

std::string CheckText(const Rule& rule, const std::string& field, const std::string& text, Protocol protocol) {
  if (text.empty()) return rule.filled ? Wrong(field, "không được để trống") : "";
  if (rule.chars_max > 0 && CodePoints(text) > static_cast<size_t>(rule.chars_max)) return Wrong(field, "quá dài");
  if (rule.form == Form::kDate) {
    if (protocol == Protocol::kIgate) return IsIsoDate(text) ? "" : Wrong(field, "sai định dạng ngày ISO có mili giây");
    return IsCompactDate(text) ? "" : Wrong(field, "sai định dạng ngày yyyyMMddHHmmss");
  }
  if (rule.form == Form::kCode &&
      std::any_of(text.begin(), text.end(), [](unsigned char c) { return c <= ' ' || c == 0x7F; })) {
    return Wrong(field, "có ký tự trắng");
  }
  if (rule.form == Form::kStatus && !IsStatus(text)) return Wrong(field, "nằm ngoài 1..10");
  if (*rule.codes == '\0') return "";
  const std::vector<std::string> codes = absl::StrSplit(rule.codes, ',');
  return std::find(codes.begin(), codes.end(), text) != codes.end() ? "" : Wrong(field, "không có trong danh mục");
}

// True if the value has the JSON type of the protocol.
bool HasType(const Rule& rule, const Json& value, Protocol protocol, bool is_step) {
  switch (rule.form) {
    case Form::kInteger:
      return value.is_number_integer();
    case Form::kBoolean:
      return value.is_boolean();
    case Form::kList:
      return value.is_array();
    case Form::kTextOrNumber:
      return value.is_string() || value.is_number();
    case Form::kStatus:
      if (protocol != Protocol::kIgate) return value.is_string();
      return value.is_number_integer() || (!is_step && value.is_string());
    case Form::kText:
    case Form::kCode:
    case Form::kDate:
      return value.is_string();
  }
  return false;
}

struct Check {
  Protocol protocol;
  bool is_step = false;
  bool short_record = false;
};

std::string CheckObject(const Rules& rules, const Json& object, const std::string& path, const Check& check);

std::string CheckValue(const Rule& rule, const Json& value, const std::string& field, const Check& check) {
  if (!HasType(rule, value, check.protocol, check.is_step)) return Wrong(field, "sai kiểu dữ liệu");
  if (rule.form == Form::kList) {
    for (size_t i = 0; i < value.size(); ++i) {
      const std::string entry = absl::StrCat(field, "[", i, "]");
      // Entries are checked in full: the short form concerns the fields of the record itself.
      std::string problem = CheckObject(*rule.entries, value[i], entry + ".", {.protocol = check.protocol});
      if (!problem.empty()) return problem;
    }
    return "";
  }
  if (value.is_string()) return CheckText(rule, field, value.get_ref<const std::string&>(), check.protocol);
  if (rule.form == Form::kStatus) return CheckText(rule, field, value.dump(), check.protocol);
  return "";
}

std::string CheckObject(const Rules& rules, const Json& object, const std::string& path, const Check& check) {
  if (!object.is_object()) return absl::StrCat("Dữ liệu ", path, " không phải là đối tượng");
  for (const auto& [name, value] : object.items()) {
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const Rule& r) { return name == r.name; });
    if (rule == rules.end()) return Wrong(path + name, "không có trong đặc tả");
    std::string problem = CheckValue(*rule, value, path + name, check);
    if (!problem.empty()) return problem;
  }
  for (const Rule& rule : rules) {
    // An interface wants every field, empty if there is no value.
    const bool may_lack = rule.optional || (check.short_record && !rule.old);
    if (!may_lack && !object.contains(rule.name)) return Wrong(path + rule.name, "bị thiếu");
  }
  return "";
}

// Statuses that a dossier can have before it is accepted, and then without a time of acceptance.
// 1 filed, 3 refused, 5 supplement requested, 7 withdrawal requested, 8 stopped.
bool MayLackAcceptance(const std::string& status) {
  return status == "1" || status == "3" || status == "5" || status == "7" || status == "8";
}

// 12 digits of an identity number, or 9 of an old identity card, as the kind beside it says.
std::string CheckIdentities(const Json& record) {
  if (!record.contains("DinhDanhCHS")) return "";
  for (const Json& identity : record["DinhDanhCHS"]) {
    const std::string number = TextOf(identity, "SoDinhDanh");
    const size_t digits = TextOf(identity, "LoaiDinhDanh") == "1" ? 12 : 9;
    if (number.size() != digits || !AreDigits(number, 0, digits)) {
      return Wrong("DinhDanhCHS.SoDinhDanh", "không khớp với LoaiDinhDanh");
    }
  }
  return "";
}

// iGate accepts fees and results only with the statuses that they belong to.
std::string CheckIgateLists(const Json& record) {
  const std::string status = TextOf(record, "TrangThai");
  if (status == "5" || status == "6" || status == "9") return "";
  for (const char* const list : {"DanhSachLePhi", "DanhSachGiayToKetQua"}) {
    if (!record[list].empty()) return Wrong(list, "chỉ được gửi ở trạng thái 5, 6, 9");
  }
  return "";
}

}  // namespace

std::string TextOf(const Json& object, const char* field) {
  const auto found = object.find(field);
  if (found == object.end()) return "";
  if (found->is_string()) return found->get<std::string>();
  return found->is_number() ? found->dump() : "";
}

std::string CheckRecord(Protocol protocol, const Json& record, bool short_record) {
  if (protocol == Protocol::kIgate) {
    std::string problem = CheckObject(kIgateRecord, record, "", {.protocol = protocol});
    return problem.empty() ? CheckIgateLists(record) : problem;
  }
  std::string problem = CheckObject(
      kRecord, record, "", {.protocol = protocol, .short_record = short_record && protocol == Protocol::kWrapper});
  if (!problem.empty()) return problem;
  if (TextOf(record, "NgayTiepNhan").empty() && !MayLackAcceptance(TextOf(record, "TrangThaiHoSo"))) {
    return Wrong("NgayTiepNhan", "không được để trống ở trạng thái này");
  }
  return CheckIdentities(record);
}

std::string CheckStep(Protocol protocol, const Json& step) {
  return CheckObject(protocol == Protocol::kIgate ? kIgateStep : kStep, step, "",
                     {.protocol = protocol, .is_step = true});
}

std::string StatusName(const std::string& code) {
  static constexpr const char* kNames[] = {"Mới đăng ký",
                                           "Được tiếp nhận",
                                           "Không được tiếp nhận",
                                           "Đang xử lý",
                                           "Yêu cầu bổ sung giấy tờ",
                                           "Yêu cầu thực hiện nghĩa vụ tài chính",
                                           "Công dân yêu cầu rút hồ sơ",
                                           "Dừng xử lý",
                                           "Đã xử lý xong",
                                           "Đã trả kết quả"};
  int number = 0;
  if (!IsStatus(code) || !absl::SimpleAtoi(code, &number)) return code;
  return kNames[number - 1];
}

}  // namespace tthc::portal_sim
