#include "client/terminal/mirror_text.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "nlohmann/json.hpp"

namespace tthc::terminal {
namespace {

struct ReasonWords {
  const char* reason;
  Text label;
  Text advice;
};

// The advice names one command or one colleague, because it is read by people who see such a dossier for the first
// time. Where a corrected dossier is sent again by itself, it says so: otherwise they retry as well.
const std::vector<ReasonWords>& Reasons() {
  static const auto* const kReasons = new std::vector<ReasonWords>{
      {"REFUSED",
       {"hệ thống nhận từ chối", "refused by the target"},
       {"đọc lời từ chối, sửa hồ sơ bằng tthc amend (hồ sơ tự gửi lại) hoặc hỏi bên nhận rồi tthc mirror retry",
        "read the refusal; correct the dossier with tthc amend (it is sent again by itself), or ask the target's "
        "team, then tthc mirror retry"}},
      {"STATUS_UNMAPPED",
       {"trạng thái chưa có mã bên nhận", "status without a code"},
       {"người quản trị thêm dòng statuses vào cấu hình rồi khởi động lại tthc-sync; hồ sơ tự gửi lại",
        "add a row of statuses to the configuration and restart tthc-sync; it is sent again by itself"}},
      {"FIELD_MISSING",
       {"thiếu thông tin bắt buộc", "a required field is missing"},
       {"bổ sung thông tin được nêu tên bằng tthc amend; hồ sơ tự gửi lại",
        "add the information that is named with tthc amend; it is sent again by itself"}},
      {"UNKNOWN_TO_TARGET",
       {"bên nhận không có hồ sơ này", "unknown to the target"},
       {"hỏi bên nhận vì sao hồ sơ không còn; gửi lại từ đầu bằng tthc mirror retry --from-scratch --with-steps",
        "ask the target's team why it is gone; send all of it again with tthc mirror retry --from-scratch "
        "--with-steps"}},
      {"CONTRADICTION",
       {"bên nhận vừa báo đã có vừa báo chưa có", "reported both as existing and as missing"},
       {"gửi cho bên nhận các trao đổi bên dưới; họ sửa xong thì tthc mirror retry",
        "send the exchanges below to the target's team; once they have fixed it, tthc mirror retry"}},
      {"ANSWER_UNREADABLE",
       {"trả lời không đọc được", "answer can't be read"},
       {"xem phần nhận của trao đổi: thường là trang báo lỗi của máy trung gian; sửa xong thì tthc mirror retry",
        "look at what was received: often an error page of a proxy; once it is fixed, tthc mirror retry"}},
      {"NO_ANSWER",
       {"nhiều lần không trả lời", "no answer, several times"},
       {"hệ thống vẫn trả lời hồ sơ khác: báo bên nhận mã hồ sơ này, rồi tthc mirror retry",
        "the target answers for other dossiers: report this code to its team, then tthc mirror retry"}},
      {"BUSY",
       {"nhiều lần báo bận", "busy, several times"},
       {"hệ thống vẫn nhận hồ sơ khác: báo bên nhận mã hồ sơ này, rồi tthc mirror retry",
        "the target accepts other dossiers: report this code to its team, then tthc mirror retry"}},
  };
  return *kReasons;
}

const ReasonWords* FindReason(const std::string& reason) {
  for (const ReasonWords& words : Reasons()) {
    if (reason == words.reason) return &words;
  }
  return nullptr;
}

bool IsControl(uint32_t code) {
  const bool kept = code == '\n' || code == '\t';
  const bool c0_or_c1 = code < 0x20 || (code >= 0x7f && code < 0xa0);
  // Marks of writing direction, which would show the text in another order than it has.
  const bool direction =
      code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  return (c0_or_c1 && !kept) || direction;
}

struct Decoded {
  uint32_t code = 0;
  // 0 = not UTF-8 here.
  size_t bytes = 0;
};

// The character at the front of a text that is not empty.
Decoded Decode(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1};
  // 0x80 to 0xc1 cannot begin a character: they continue one, or would encode ASCII in two bytes.
  const size_t bytes = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : byte(0) >= 0xc2 ? 2 : 0;
  if (bytes == 0 || byte(0) > 0xf4 || text.size() < bytes) return {};
  uint32_t code = byte(0) & (0x7fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fu);
  }
  // Longer forms than needed and halves of UTF-16 pairs are refused, since other programs may read them as other
  // characters.
  const bool overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  return overlong || surrogate || code > 0x10ffff ? Decoded{} : Decoded{code, bytes};
}

}  // namespace

std::vector<std::string> MirrorReasons() {
  std::vector<std::string> reasons;
  for (const ReasonWords& words : Reasons()) reasons.emplace_back(words.reason);
  return reasons;
}

std::string MirrorReasonLabel(const std::string& reason, Lang lang) {
  const ReasonWords* const words = FindReason(reason);
  return words == nullptr ? reason : Pick(words->label, lang);
}

std::string MirrorAdvice(const std::string& reason, Lang lang) {
  const ReasonWords* const words = FindReason(reason);
  return words == nullptr ? "" : Pick(words->advice, lang);
}

std::string MirrorTroubleLabel(const std::string& error, Lang lang) {
  static constexpr struct {
    const char* reason;
    Text label;
  } kWords[] = {{"NO_ANSWER", {"không trả lời", "no answer"}},
                {"BUSY", {"báo bận hoặc bảo trì", "busy or under maintenance"}},
                {"ANSWER_UNREADABLE", {"trả lời không đọc được", "answers can't be read"}},
                {"SESSION_EXPIRED", {"phiên hết hạn liên tục", "sessions end at once"}},
                {"LOGIN_REFUSED", {"không nhận tài khoản hoặc mật khẩu", "name or password refused"}},
                {"SECRET_UNREADABLE", {"tthc-sync không đọc được mật khẩu", "tthc-sync can't read the password"}}};
  for (const auto& word : kWords) {
    const std::string reason = word.reason;
    // A reason alone, or followed by the code of the target.
    const bool fits = error == reason || absl::StartsWith(error, reason + " ");
    if (fits) return absl::StrCat(Pick(word.label, lang), " (", error, ")");
  }
  return error;
}

std::string MirrorOutcomeLabel(const std::string& outcome, Lang lang) {
  static constexpr struct {
    const char* outcome;
    const char* vi;
  } kWords[] = {{"done", "xong"},
                {"exists", "bên nhận đã có"},
                {"missing", "bên nhận chưa có"},
                {"session", "hết phiên"},
                {"busy", "bận hoặc ngừng"},
                {"refused", "từ chối"},
                {"unreadable", "không đọc được"},
                {"no answer", "không trả lời"}};
  // The outcomes are English words already.
  if (lang == Lang::kEn) return outcome;
  for (const auto& word : kWords) {
    if (outcome == word.outcome) return word.vi;
  }
  return outcome;
}

std::string FormatElapsed(absl::Duration elapsed, Lang lang) {
  struct Unit {
    int64_t seconds;
    Text name;
  };
  static constexpr Unit kUnits[] = {
      {86'400, {" ngày", " d"}}, {3'600, {" giờ", " h"}}, {60, {" phút", " min"}}, {1, {" giây", " s"}}};
  int64_t left = std::max<int64_t>(0, absl::ToInt64Seconds(elapsed));
  std::string text;
  int parts = 0;
  for (const Unit& unit : kUnits) {
    const int64_t count = left / unit.seconds;
    left %= unit.seconds;
    if (count > 0) absl::StrAppend(&text, text.empty() ? "" : " ", count, Pick(unit.name, lang));
    // The two units must be neighbors: "3 days 5 minutes" would look more exact than it is.
    if (parts > 0 || count > 0) ++parts;
    if (parts == 2) break;
  }
  return text.empty() ? absl::StrCat(0, Pick(kUnits[3].name, lang)) : text;
}

std::string FormatShare(double share, Lang lang) {
  // The small addend makes up for binary fractions: 0.57 is stored as slightly less than 57 hundredths.
  const double hundredths = std::floor(share * 10'000 + 1e-6);
  const std::string text = absl::StrFormat("%.2f %%", hundredths / 100);
  return lang == Lang::kVi ? absl::StrReplaceAll(text, {{".", ","}}) : text;
}

std::string HarmlessText(absl::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const Decoded decoded = Decode(bytes);
    const size_t taken = std::max<size_t>(1, decoded.bytes);
    if (decoded.bytes == 0) {
      // One mark for each byte, so that the length of the damage stays visible.
      text += "\uFFFD";
    } else if (!IsControl(decoded.code)) {
      absl::StrAppend(&text, bytes.substr(0, taken));
      // Line ends of Windows would only add noise.
    } else if (decoded.code != '\r') {
      text += "·";
    }
    bytes.remove_prefix(taken);
  }
  return text;
}

std::string LayOutBody(absl::string_view bytes) {
  // Ordered, so that the members stay in the order in which they were sent. A body that is cut is no JSON any more and
  // stays unchanged.
  const auto json = nlohmann::ordered_json::parse(bytes.begin(), bytes.end(), nullptr, /*allow_exceptions=*/false);
  const bool laid_out = json.is_object() || json.is_array();
  const std::string text =
      laid_out ? json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) : std::string(bytes);
  return std::string(absl::StripTrailingAsciiWhitespace(HarmlessText(text)));
}

}  // namespace tthc::terminal
