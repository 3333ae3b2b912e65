#include "client/portal_sim/page.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/portal_sim/call.h"
#include "client/portal_sim/rules.h"
#include "storage/base/local_time.h"
#include "storage/base/text.h"

namespace tthc::portal_sim {
namespace {

constexpr size_t kRowsPerPage = 50;
// Longer runs of digits may be a person's number.
constexpr size_t kDigitsShownMax = 8;

// In the page itself: its Content-Security-Policy allows nothing from elsewhere.
constexpr char kStyle[] = R"(
:root{color-scheme:light}
body{font:1rem/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:0}
header,main,footer{max-width:70rem;margin:0 auto;padding:.5rem 1rem}
.banner{background:#7a1f00;color:#fff;font-weight:700;padding:.75rem 1rem;text-align:center}
h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.2rem;margin:1.5rem 0 .5rem}
a{color:#0b4f9c}a:focus,button:focus,input:focus{outline:3px solid #0b4f9c;outline-offset:2px}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
caption{text-align:left;padding:.25rem 0;color:#444}
th,td{border:1px solid #767676;padding:.35rem .6rem;text-align:left;vertical-align:top}
th{background:#eef2f7}td.n{text-align:right;font-variant-numeric:tabular-nums}
label{display:block;margin:.5rem 0 .1rem}
input{font:inherit;padding:.35rem;border:1px solid #767676;width:100%;max-width:28rem;box-sizing:border-box}
button{font:inherit;padding:.5rem 1rem;margin-top:.75rem;background:#0b4f9c;color:#fff;border:0;cursor:pointer}
.skip{position:absolute;left:-999rem}.skip:focus{left:1rem;top:1rem;background:#fff;padding:.5rem}
@media print{.banner{color:#000;background:#fff;border:2px solid #000}nav,form,.skip{display:none}}
)";

// Whatever a caller sent may be shown. All five characters, since texts go into attributes, too.
std::string Escape(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

// A code may have any character. A slash would end the part of the path.
std::string UrlPart(absl::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string part;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_') {
      part += c;
    } else {
      part += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return part;
}

// "•••" for every run of digits that may be a person's number.
std::string HideNumbers(absl::string_view text) {
  std::string shown;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
    if (end - i > kDigitsShownMax) {
      shown += "•••";
    } else {
      end = std::max(end, i + 1);
      shown.append(text.data() + i, end - i);
    }
    i = end;
  }
  return shown;
}

std::string Time(absl::Time time) { return absl::FormatTime("%d/%m/%Y %H:%M", time, LocalTimeZone()); }

// A time in the format of any protocol, for people; the text itself if it is no time.
std::string SentTime(const std::string& text) {
  // Taken apart and not parsed: the page shows what was sent, even if there is no such time.
  if (text.size() == 14) {
    return absl::StrCat(text.substr(6, 2), "/", text.substr(4, 2), "/", text.substr(0, 4), " ", text.substr(8, 2), ":",
                        text.substr(10, 2));
  }
  const absl::StatusOr<absl::Time> time = ParseRfc3339(text);
  return time.ok() ? Time(*time) : text;
}

absl::Time LastTime(const SimDossier& dossier) {
  absl::Time last = dossier.filing_time;
  if (!dossier.records.empty()) last = std::max(last, dossier.records.back().receive_time);
  if (!dossier.steps.empty()) last = std::max(last, dossier.steps.back().receive_time);
  return last;
}

std::string Cell(absl::string_view text) { return absl::StrCat("<td>", Escape(text), "</td>"); }
std::string NumberCell(int64_t number) { return absl::StrCat("<td class=\"n\">", number, "</td>"); }

std::string HeadRow(const std::vector<const char*>& titles) {
  std::string row = "<thead><tr>";
  for (const char* const title : titles) absl::StrAppend(&row, "<th scope=\"col\">", title, "</th>");
  return row + "</tr></thead>\n<tbody>\n";
}

std::string Table(const char* caption, const std::vector<const char*>& titles, const std::string& rows) {
  return absl::StrCat("<div class=\"wide\"><table><caption>", caption, "</caption>", HeadRow(titles), rows,
                      "</tbody></table></div>\n");
}

std::string Page(absl::string_view title, absl::string_view content, absl::Time now) {
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>",
      Escape(title), " – bộ mô phỏng</title><style>", kStyle,
      "</style></head>\n<body><a class=\"skip\" href=\"#noi-dung\">Đến nội dung</a>\n"
      "<div class=\"banner\" role=\"note\">Bộ mô phỏng – không phải Cổng Dịch vụ công quốc gia</div>\n"
      "<main id=\"noi-dung\">\n<h1>",
      Escape(title), "</h1>\n", content, "</main>\n<footer><p>Lúc ", Time(now),
      ", giờ Việt Nam. Thông tin cá nhân đã được che. <span lang=\"en\">A simulator for tests and demonstrations."
      "</span></p></footer></body></html>\n");
}

struct Entry {
  absl::Time time;
  const std::string* system;
  const SimDossier* dossier;
};

// Sorted for every page: pages are for people and rare, and calls need not keep an order up to date. Dossiers of the
// same time are sorted by code, so that no page repeats one.
std::vector<Entry> NewestFirst(const Portal& portal) {
  std::vector<Entry> entries;
  for (const auto& [name, system] : portal.systems()) {
    for (const auto& [code, dossier] : system.dossiers) entries.push_back({LastTime(dossier), &name, &dossier});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& left, const Entry& right) {
    return std::pair(right.time, left.dossier->code) < std::pair(left.time, right.dossier->code);
  });
  return entries;
}

std::string Sums(const Portal& portal) {
  std::string rows;
  for (const auto& [name, system] : portal.systems()) {
    std::map<std::string, int64_t> by_status;
    int64_t steps = 0;
    for (const auto& [code, dossier] : system.dossiers) {
      ++by_status[dossier.status()];
      steps += static_cast<int64_t>(dossier.steps.size());
    }
    std::string statuses;
    for (const auto& [status, count] : by_status) {
      absl::StrAppend(&statuses, statuses.empty() ? "" : "; ", StatusName(status), ": ", count);
    }
    absl::StrAppend(&rows, "<tr>", Cell(name), NumberCell(static_cast<int64_t>(system.dossiers.size())),
                    NumberCell(steps), Cell(statuses), "</tr>\n");
  }
  if (rows.empty()) return "<p>Chưa nhận được gì.</p>\n";
  return Table("Những gì cổng đã nhận", {"Hệ thống", "Hồ sơ", "Tiến độ", "Theo trạng thái"}, rows);
}

std::string Calls(const Portal& portal) {
  std::string rows;
  for (const auto& [name, count] : portal.counts().calls) {
    absl::StrAppend(&rows, "<tr>", Cell(name), NumberCell(count), "</tr>\n");
  }
  for (const auto& [fault, count] : portal.counts().faults) {
    absl::StrAppend(&rows, "<tr>", Cell(absl::StrCat("lỗi cố ý: ", FaultName(fault))), NumberCell(count), "</tr>\n");
  }
  absl::StrAppend(&rows, "<tr><td>từ chối</td>", NumberCell(portal.counts().rejected), "</tr>\n",
                  "<tr><td>tiến độ nhận lặp lại</td>", NumberCell(portal.counts().steps_repeated), "</tr>\n");
  return Table("Số lời gọi từ khi khởi động", {"Lời gọi", "Số lần"}, rows);
}

std::string Dossiers(const Portal& portal, size_t page) {
  const std::vector<Entry> entries = NewestFirst(portal);
  const size_t pages = std::max<size_t>(1, (entries.size() + kRowsPerPage - 1) / kRowsPerPage);
  // Too high a number shows the last page: a dossier may have been forgotten since the link was made.
  const size_t shown = std::clamp<size_t>(page, 1, pages);
  const size_t from = (shown - 1) * kRowsPerPage;
  std::string rows;
  for (size_t i = from; i < std::min(entries.size(), from + kRowsPerPage); ++i) {
    const SimDossier& dossier = *entries[i].dossier;
    absl::StrAppend(&rows, "<tr><td><a href=\"/hoso/", Escape(*entries[i].system), "/", UrlPart(dossier.code), "\">",
                    Escape(dossier.code), "</a></td>", Cell(*entries[i].system), Cell(StatusName(dossier.status())),
                    NumberCell(static_cast<int64_t>(dossier.steps.size())), Cell(Time(entries[i].time)), "</tr>\n");
  }
  std::string text = Table("Mới nhất trước", {"Mã hồ sơ", "Hệ thống", "Trạng thái", "Tiến độ", "Nhận lần cuối"}, rows);
  absl::StrAppend(&text, "<nav aria-label=\"Trang\"><p>Trang ", shown, "/", pages);
  if (shown > 1) absl::StrAppend(&text, " · <a href=\"/?trang=", shown - 1, "\">Trang trước</a>");
  if (shown < pages) absl::StrAppend(&text, " · <a href=\"/?trang=", shown + 1, "\">Trang sau</a>");
  return text + " · <a href=\"/\">Tải lại</a></p></nav>\n";
}

std::string Input(const char* name, const char* label, const char* value) {
  return absl::StrCat("<label for=\"", name, "\">", label, "</label><input id=\"", name, "\" name=\"", name,
                      "\" value=\"", value, "\" required>\n");
}

// Filled in with an invented person, so that nobody has to think of a real one.
std::string FilingForm() {
  return absl::StrCat(
      "<h2 id=\"nop-thu\">Nộp thử một hồ sơ trực tuyến (iGate)</h2>\n"
      "<p>Chỉ nhập dữ liệu bịa. Hồ sơ này chờ đơn vị lấy về.</p>\n"
      "<form method=\"post\" action=\"/_sim/online\" aria-labeledby=\"nop-thu\">\n",
      Input("procedure_code", "Mã thủ tục", "1.004873"),
      Input("procedure_name", "Tên thủ tục", "Cấp Giấy xác nhận tình trạng hôn nhân"),
      Input("applicant", "Người nộp", "Nguyễn Văn Mẫu"), Input("id_number", "Số định danh", "000099000001"),
      Input("phone", "Điện thoại", "0990000001"), Input("summary", "Trích yếu", "Đề nghị mẫu"),
      "<button type=\"submit\">Nộp thử</button></form>\n");
}

// Masked, although all people here should be invented: records of real ones do get into test systems.
std::string RecordTable(const SimDossier& dossier) {
  // What the citizen filed stands in until the office sends a record.
  const Json record =
      Json::parse(dossier.records.empty() ? dossier.filing_json : dossier.records.back().json, nullptr, false);
  if (!record.is_object()) return "";
  std::string rows;
  const auto add = [&rows](const char* label, const std::string& value) {
    if (value.empty()) return;
    absl::StrAppend(&rows, "<tr><th scope=\"row\">", label, "</th>", Cell(value), "</tr>\n");
  };
  add("Thủ tục", absl::StrCat(TextOf(record, "MaTTHC"), " ", TextOf(record, "TenTTHC")));
  add("Trạng thái", StatusName(dossier.status()));
  add("Chủ hồ sơ", MaskName(TextOf(record, "ChuHoSo")));
  add("Số giấy tờ", MaskNumber(TextOf(record, "SoGiayToChuHoSo")));
  add("Ngày nộp", SentTime(TextOf(record, "NgayNopHoSo")));
  add("Ngày tiếp nhận", SentTime(TextOf(record, "NgayTiepNhan")));
  add("Ngày hẹn trả", SentTime(TextOf(record, "NgayHenTra")));
  add("Ngày xử lý xong", SentTime(TextOf(record, "NgayKetThucXuLy")));
  add("Ngày trả", SentTime(TextOf(record, "NgayTra")));
  add("Đơn vị xử lý", TextOf(record, "DonViXuLy"));
  add("Số định danh trên cổng", dossier.id);
  add("Mã của đơn vị", dossier.office_code == dossier.code ? "" : dossier.office_code);
  add("Số lần nhận hồ sơ", absl::StrCat(dossier.record_count));
  return absl::StrCat("<div class=\"wide\"><table><caption>Bản ghi mới nhất</caption><tbody>\n", rows,
                      "</tbody></table></div>\n");
}

std::string StepTable(const SimDossier& dossier) {
  std::string rows;
  int64_t number = 0;
  for (const SimStep& step : dossier.steps) {
    const Json json = Json::parse(step.json, nullptr, false);
    absl::StrAppend(&rows, "<tr>", NumberCell(++number), Cell(SentTime(step.time)), Cell(StatusName(step.status)),
                    Cell(HideNumbers(TextOf(json, "NoiDungXuLy"))), Cell(TextOf(json, "NguoiXuLy")),
                    Cell(TextOf(json, "PhongBanXuLy")), Cell(Time(step.receive_time)), "</tr>\n");
  }
  if (rows.empty()) return "<p>Chưa có tiến độ nào.</p>\n";
  return Table("Theo thứ tự nhận",
               {"STT", "Thời điểm xử lý", "Trạng thái", "Nội dung", "Người xử lý", "Phòng ban", "Nhận lúc"}, rows);
}

}  // namespace

std::string OverviewPage(const Portal& portal, size_t page, absl::Time now) {
  return Page("Cổng đang biết gì",
              absl::StrCat(Sums(portal), "<h2>Hồ sơ</h2>\n", Dossiers(portal, page), "<h2>Lời gọi</h2>\n",
                           Calls(portal), FilingForm()),
              now);
}

std::string DossierPage(const Portal& portal, absl::string_view system, absl::string_view code, absl::Time now) {
  const SimDossier* const dossier = portal.Find(system, code);
  if (dossier == nullptr) return "";
  return Page(absl::StrCat("Hồ sơ ", dossier->code),
              absl::StrCat("<nav><p><a href=\"/\">Tất cả hồ sơ</a></p></nav>\n<p>Hệ thống: ", Escape(system), "</p>\n",
                           RecordTable(*dossier), "<h2>Tiến độ</h2>\n", StepTable(*dossier)),
              now);
}

}  // namespace tthc::portal_sim
