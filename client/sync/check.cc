#include "client/sync/check.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/sync/adapter.h"
#include "client/sync/curl_http.h"
#include "client/sync/secret.h"
#include "storage/base/errors.h"
#include "storage/base/proto_duration.h"
#include "storage/base/status_macros.h"

namespace tthc::sync {
namespace {

struct Bilingual {
  std::string vi;
  std::string en;
};

// Enough digits to see whether a proxy or a far server is in between.
std::string Seconds(absl::Duration duration) { return absl::StrFormat("%.2f s", absl::ToDoubleSeconds(duration)); }

// Code and message of the answer in brackets; "" if it has neither.
std::string QuoteOf(const Answer& answer) {
  if (answer.code.empty() && answer.message.empty()) return "";
  return absl::StrCat(" [", answer.code, answer.code.empty() || answer.message.empty() ? "" : ": ", answer.message,
                      "]");
}

// What probably is wrong, by the kind of failure, and where to look.
Bilingual Explain(const Answer& answer) {
  const std::string said = QuoteOf(answer);
  if (answer.reason == "NO_ANSWER") {
    const std::string why = answer.exchange.error();
    return {absl::StrCat("không có trả lời (", why, "): xem lại địa chỉ, tường lửa, proxy, chứng thư"),
            absl::StrCat("no answer (", why, "): look at the address, firewall, proxy, certificates")};
  }
  if (answer.reason == "LOGIN_REFUSED") {
    return {absl::StrCat("bị từ chối", said, ": xem lại tài khoản, mật khẩu, dstcode"),
            absl::StrCat("refused", said, ": look at the user name, the password, dstcode")};
  }
  const int status = answer.exchange.http_status();
  switch (answer.verdict) {
    case Verdict::kBusy:
      return {absl::StrCat("hệ thống bận hoặc sai đường dẫn (HTTP ", status, ")", said),
              absl::StrCat("busy, or a wrong path (HTTP ", status, ")", said)};
    case Verdict::kUnreadable:
      return {absl::StrCat("trả lời không đọc được (HTTP ", status, "): có thể sai địa chỉ hoặc sai profile"),
              absl::StrCat("an answer that can't be read (HTTP ", status, "): perhaps a wrong address or profile")};
    case Verdict::kSessionExpired:
      return {absl::StrCat("phiên vừa tạo không được chấp nhận", said),
              absl::StrCat("the new session is not taken", said)};
    default:
      return {absl::StrCat("bị từ chối (HTTP ", status, ")", said), absl::StrCat("refused (HTTP ", status, ")", said)};
  }
}

class TargetCheck {
 public:
  TargetCheck(const TargetSetup& setup, const CheckOptions& options, std::ostream& out)
      : setup_(setup), options_(options), out_(out), adapter_(MakeAdapter(setup.profile, setup.target)) {}

  bool Run() {
    out_ << setup_.target.display_name() << " (" << setup_.target.id() << ") " << setup_.target.base_url() << "\n";
    absl::StatusOr<std::unique_ptr<Http>> http = options_.make_http(setup_);
    if (!http.ok()) {
      Line({"chứng thư", "certificates"}, false,
           {ErrorMessage(http.status(), "vi"), ErrorMessage(http.status(), "en")});
      return false;
    }
    http_ = *std::move(http);
    // Without a session the look-up would only repeat the failure of the login.
    return LogIn() && LookUp();
  }

 private:
  void Line(const Bilingual& what, bool ok, const Bilingual& how) {
    const bool vi = options_.locale == "vi";
    out_ << "  " << (ok ? (vi ? "[được] " : "[ok] ") : (vi ? "[lỗi] " : "[error] ")) << (vi ? what.vi : what.en) << ": "
         << (vi ? how.vi : how.en) << "\n";
  }

  Answer Ask(const Call& call, const std::string& password) {
    const HttpRequest request = adapter_->MakeRequest(call, session_, password);
    const absl::Time begin = options_.now();
    const absl::StatusOr<HttpResponse> response = http_->Send(request, nullptr);
    took_ = options_.now() - begin;
    return adapter_->ReadAnswer(call, request, response, begin, took_);
  }

  bool LogIn() {
    const Bilingual what{"đăng nhập", "login"};
    if (!adapter_->has_login()) {
      Line(what, true, {"hệ thống này không cần", "not needed here"});
      return true;
    }
    const absl::StatusOr<std::string> password = options_.read_password(setup_);
    if (!password.ok()) {
      Line(what, false, {ErrorMessage(password.status(), "vi"), ErrorMessage(password.status(), "en")});
      return false;
    }
    const Answer answer = Ask({.kind = CallKind::kLogin, .delivery = nullptr, .steps = {}}, *password);
    const bool ok = answer.verdict == Verdict::kDone;
    session_ = answer.session;
    Line(what, ok, ok ? Bilingual{Seconds(took_), Seconds(took_)} : Explain(answer));
    return ok;
  }

  // Looks up a code that no dossier can have, so that nobody's data is shown.
  bool LookUp() {
    const Bilingual what{"tra cứu", "look-up"};
    if (!adapter_->can_look_up()) {
      Line(what, true, {"hệ thống này không cho tra cứu", "not possible here"});
      return true;
    }
    const std::string code =
        options_.dossier_code.empty() ? absl::StrCat(setup_.target.agency(), "-000000-0000") : options_.dossier_code;
    // As much of a delivery as a look-up needs: it renders the code only.
    auto delivery = std::make_shared<tthc::v1::MirrorDelivery>();
    delivery->mutable_dossier()->set_name(absl::StrCat("dossiers/", code));
    delivery->mutable_dossier()->set_code(code);
    if (!setup_.profile.alias_prefix().empty()) {
      delivery->mutable_dossier()->add_aliases(absl::StrCat(setup_.profile.alias_prefix(), code));
    }
    const Answer answer = Ask({.kind = CallKind::kLookup, .delivery = delivery, .steps = {}}, "");
    const bool ok = answer.verdict == Verdict::kDone;
    Line(what, ok, ok ? Found(answer, code) : Explain(answer));
    return ok;
  }

  Bilingual Found(const Answer& answer, const std::string& code) const {
    const std::string took = Seconds(took_);
    if (!answer.found) {
      return {absl::StrCat("trả lời sau ", took, ", không có hồ sơ ", code),
              absl::StrCat("answered after ", took, ", there is no dossier ", code)};
    }
    return {absl::StrCat("trả lời sau ", took, ", hồ sơ ", code, " ở trạng thái ", answer.found_status,
                         answer.reports_steps ? "" : "; không kèm tiến độ"),
            absl::StrCat("answered after ", took, ", dossier ", code, " has status ", answer.found_status,
                         answer.reports_steps ? "" : "; steps are not reported")};
  }

  const TargetSetup& setup_;
  const CheckOptions& options_;
  std::ostream& out_;
  const std::unique_ptr<Adapter> adapter_;
  std::unique_ptr<Http> http_;
  std::string session_;
  absl::Duration took_;
};

}  // namespace

bool CheckTargets(const Setup& setup, const CheckOptions& options, std::ostream& out) {
  // The other targets are checked after a failure, too: one run shows everything.
  bool all_ok = true;
  for (const TargetSetup& target : setup.targets) all_ok = TargetCheck(target, options, out).Run() && all_ok;
  return all_ok;
}

absl::StatusOr<std::unique_ptr<Http>> MakeHttp(const TargetSetup& setup, const std::string& credentials_directory) {
  CurlHttpOptions options{.tls = setup.target.tls(),
                          .key_password = "",
                          .proxy = setup.target.proxy(),
                          .connect_timeout = FromProto(setup.target.connect_timeout())};
  if (setup.target.tls().has_client_key_password()) {
    TTHC_ASSIGN_OR_RETURN(options.key_password,
                          ReadSecret(setup.target.tls().client_key_password(), credentials_directory));
  }
  return std::make_unique<CurlHttp>(std::move(options));
}

}  // namespace tthc::sync
