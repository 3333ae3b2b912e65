#include "client/sync/config.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/sync/profile.h"
#include "client/sync/secret.h"
#include "client/sync/url.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/proto_duration.h"

namespace tthc::sync {
namespace {

namespace fs = std::filesystem;
using google::protobuf::Duration;

constexpr char kDefaultServer[] = "127.0.0.1:50551";
constexpr char kDefaultActor[] = "tthc-sync";
constexpr size_t kNameBytesMax = 200;
constexpr int kTargetAttemptsMax = 1000;
constexpr absl::Duration kTimeoutMax = absl::Minutes(10);
// Every pull reads the whole list of the target.
constexpr absl::Duration kPullIntervalMin = absl::Seconds(10);

bool IsTargetId(const std::string& id) {
  return !id.empty() && id.size() <= limits::kMirrorTargetIdBytesMax && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// True for texts that can go into headers and URLs.
bool IsPlain(const std::string& text) {
  return text.size() <= kNameBytesMax && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isprint(static_cast<unsigned char>(c));
         });
}

bool IsToken(const std::string& text) {
  return text.size() <= kNameBytesMax && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
         });
}

void RequiredOption(const Spot& spot, absl::string_view field) {
  spot.Add(field, "is required", "không được để trống");
}

// Checks one target and fills in its defaults. Goes on after a problem, so that one run shows all of them.
class TargetChecker {
 public:
  TargetChecker(const Spot& spot, const std::string& directory, const ConfigEnvironment& environment,
                Problems* problems, TargetSetup* setup)
      : spot_(spot),
        directory_(directory),
        environment_(environment),
        problems_(problems),
        setup_(*setup),
        target_(setup->target) {}

  void Check() {
    CheckNames();
    CheckProfile();
    CheckAddress();
    CheckLogin();
    CheckTls();
    CheckNumbers();
    CheckDurations();
    CheckPull();
  }

 private:
  // Relative to the configuration's directory: a service manager starts programs in another one.
  std::string Absolute(const std::string& path) const {
    return (fs::path(directory_) / path).lexically_normal().string();
  }

  void CheckNames() {
    if (!IsTargetId(target_.id())) {
      spot_.Add(
          "id",
          absl::StrCat("must be 1 to ", limits::kMirrorTargetIdBytesMax, " lower-case letters, digits and hyphens"),
          absl::StrCat("gồm 1 đến ", limits::kMirrorTargetIdBytesMax, " chữ thường, chữ số và dấu gạch nối"));
    }
    if (target_.display_name().size() > kNameBytesMax) spot_.Add("display_name", "is too long", "quá dài");
    if (target_.display_name().empty()) target_.set_display_name(target_.id());
    if (!target_.start_date().empty() && !ParseIsoDate(target_.start_date()).ok()) {
      spot_.Add("start_date", "is not an existing day YYYY-MM-DD", "không phải ngày có thật dạng YYYY-MM-DD");
    }
  }

  void CheckProfile() {
    if (target_.profile().empty()) return RequiredOption(spot_, "profile");
    std::string name = target_.profile();
    // A slash or the ending makes it a file; everything else is the id of a built-in profile.
    const bool is_file = absl::StrContains(name, '/') || absl::EndsWith(name, ".textproto");
    if (is_file) name = Absolute(name);
    const size_t before = problems_->list().size();
    const v1::Profile profile = LoadProfile(name, problems_);
    // The profile's problems are reported under its own file. This one points to the line that names it.
    if (problems_->list().size() != before) {
      return spot_.Add("profile", absl::StrCat("\"", target_.profile(), "\" can't be used"),
                       absl::StrCat("không dùng được \"", target_.profile(), "\""));
    }
    has_profile_ = true;
    setup_.profile = MergeProfile(profile, target_);
    for (int i = 0; i < target_.statuses_size(); ++i) {
      CheckStatusRow(spot_.Inside("statuses", i, target_.statuses(i)), target_.statuses(i));
    }
    for (int i = 0; i < target_.outcomes_size(); ++i) {
      CheckOutcomeRow(spot_.Inside("outcomes", i, target_.outcomes(i)), target_.outcomes(i));
    }
  }

  void CheckAddress() {
    if (target_.base_url().empty()) return RequiredOption(spot_, "base_url");
    const absl::StatusOr<Url> url = ParseUrl(target_.base_url());
    if (!url.ok()) {
      return spot_.Add("base_url", "must be https://host[:port][/path], without name, password and query",
                       "phải có dạng https://máy[:cổng][/đường dẫn], không kèm tài khoản và tham số");
    }
    is_https_ = url->is_https;
    if (!url->is_https && !url->is_loopback) {
      spot_.Add("base_url", "http is not encrypted: use https; http is for this machine's own addresses only",
                "http không mã hóa: chỉ dùng https, trừ địa chỉ của chính máy này");
    }
    // Only the session protocol has a destination, and every protocol but the bearer one an agency.
    CheckProxy();
    CheckDestination();
    const bool wants_agency = has_profile_ && setup_.profile.protocol() != v1::Profile::PROTOCOL_BEARER;
    if (wants_agency && target_.agency().empty()) RequiredOption(spot_, "agency");
    if (!IsPlain(target_.agency()))
      spot_.Add("agency", "must be plain letters and digits", "chỉ gồm chữ và số không dấu");
  }

  void CheckProxy() {
    if (target_.proxy().empty()) return;
    const absl::StatusOr<Url> proxy = ParseUrl(target_.proxy());
    if (proxy.ok() && !proxy->is_https && proxy->path.empty()) return;
    spot_.Add("proxy", "must be http://host:port", "phải có dạng http://máy:cổng");
  }

  void CheckDestination() {
    const bool has_place = target_.destination_place() != v1::Target::PLACE_UNSPECIFIED;
    const bool wants = has_profile_ && setup_.profile.protocol() == v1::Profile::PROTOCOL_SESSION_IN_BODY;
    if (wants && target_.destination().empty()) RequiredOption(spot_, "destination");
    if (!target_.destination().empty() && !has_place) RequiredOption(spot_, "destination_place");
    if (target_.destination().empty() && has_place) {
      spot_.Add("destination_place", "has no effect without destination", "không có nghĩa khi thiếu destination");
    }
    if (!IsPlain(target_.destination())) {
      spot_.Add("destination", "must be plain letters and digits", "chỉ gồm chữ và số không dấu");
    }
    if (!IsToken(target_.destination_name())) {
      spot_.Add("destination_name", "must be letters, digits and hyphens", "chỉ gồm chữ, số và dấu gạch nối");
    }
  }

  void CheckLogin() {
    if (!has_profile_) return;
    if (!setup_.profile.has_login()) {
      for (const char* const field : {"username", "password"}) {
        const auto* const descriptor = v1::Target::descriptor()->FindFieldByName(field);
        if (!target_.GetReflection()->HasField(target_, descriptor)) continue;
        spot_.Add(field, "this profile has no login: leave it out", "profile này không đăng nhập: hãy bỏ đi");
      }
      return;
    }
    if (target_.username().empty()) RequiredOption(spot_, "username");
    if (!target_.has_password()) return RequiredOption(spot_, "password");
    CheckSecret(spot_.Inside("password", -1, target_.password()), *target_.mutable_password());
  }

  // Opened here already: a missing password must not be found at the first login, hours later.
  void CheckSecret(const Spot& spot, v1::Secret& secret) const {
    if (!secret.file().empty()) secret.set_file(Absolute(secret.file()));
    const bool one_place = secret.file().empty() != secret.credential().empty();
    // Without access to the files, only the form can be checked.
    if (one_place && !environment_.check_files) return;
    const absl::Status status = ReadSecret(secret, environment_.credentials_directory).status();
    if (status.ok()) return;
    spot.Add(secret.credential().empty() ? "file" : "credential", ErrorMessage(status, "en"),
             ErrorMessage(status, "vi"));
  }

  void CheckTls() {
    if (!target_.has_tls()) return;
    v1::Tls& tls = *target_.mutable_tls();
    const Spot spot = spot_.Inside("tls", -1, tls);
    if (!is_https_ && !target_.base_url().empty()) {
      spot_.Add("tls", "has no effect with http", "không có nghĩa khi dùng http");
    }
    if (tls.client_certificate_file().empty() != tls.client_key_file().empty()) {
      RequiredOption(spot, tls.client_key_file().empty() ? "client_key_file" : "client_certificate_file");
    }
    for (const char* const field : {"ca_file", "client_certificate_file", "client_key_file"})
      MakeAbsolute(spot, tls, field);
    if (environment_.check_files && !tls.client_key_file().empty()) {
      const absl::Status status = CheckPrivateFile(tls.client_key_file());
      if (!status.ok()) spot.Add("client_key_file", ErrorMessage(status, "en"), ErrorMessage(status, "vi"));
    }
    if (!tls.has_client_key_password()) return;
    if (tls.client_key_file().empty()) RequiredOption(spot, "client_key_file");
    CheckSecret(spot.Inside("client_key_password", -1, tls.client_key_password()), *tls.mutable_client_key_password());
  }

  void MakeAbsolute(const Spot& spot, v1::Tls& tls, const char* field) const {
    const auto* const descriptor = v1::Tls::descriptor()->FindFieldByName(field);
    const std::string path = tls.GetReflection()->GetString(tls, descriptor);
    if (path.empty()) return;
    const std::string absolute = Absolute(path);
    tls.GetReflection()->SetString(&tls, descriptor, absolute);
    // Read and not only looked for: the user that runs the program must have the right to.
    if (!environment_.check_files || ReadFileBounded(absolute, limits::kSyncConfigBytesMax).ok()) return;
    spot.Add(field, absl::StrCat("can't be read: ", absolute), absl::StrCat("không đọc được: ", absolute));
  }

  void CheckNumbers() {
    if (target_.worker_count() < 0 || target_.worker_count() > limits::kSyncWorkersMax) {
      spot_.Add("worker_count", absl::StrCat("must be 1 to ", limits::kSyncWorkersMax),
                absl::StrCat("phải từ 1 đến ", limits::kSyncWorkersMax));
    }
    if (target_.worker_count() == 0) target_.set_worker_count(limits::kSyncWorkersDefault);
    if (target_.attempts_max() < 0 || target_.attempts_max() > kTargetAttemptsMax) {
      spot_.Add("attempts_max", absl::StrCat("must be 1 to ", kTargetAttemptsMax),
                absl::StrCat("phải từ 1 đến ", kTargetAttemptsMax));
    }
    if (target_.attempts_max() == 0) target_.set_attempts_max(limits::kSyncAttemptsMax);
  }

  struct Range {
    absl::Duration min;
    absl::Duration max;
    absl::Duration otherwise;
  };

  // Fills in the default if the field is unset. Returns its value, or the default if it is out of range.
  absl::Duration CheckDuration(const char* field, const Range& range) {
    const auto* const reflection = target_.GetReflection();
    const auto* const descriptor = v1::Target::descriptor()->FindFieldByName(field);
    const bool is_set = reflection->HasField(target_, descriptor);
    auto& duration = static_cast<Duration&>(*reflection->MutableMessage(&target_, descriptor));
    if (!is_set) duration = ToProto(range.otherwise);
    // The default in place of a value out of range: comparisons with other fields then report no second problem.
    const absl::Duration value = FromProto(duration);
    if (value >= range.min && value <= range.max) return value;
    spot_.Add(field, absl::StrCat("must be ", absl::FormatDuration(range.min), " to ", absl::FormatDuration(range.max)),
              absl::StrCat("phải từ ", absl::FormatDuration(range.min), " đến ", absl::FormatDuration(range.max)));
    return range.otherwise;
  }

  void CheckDurations() {
    const absl::Duration least = absl::Milliseconds(1);
    const absl::Duration connect = CheckDuration("connect_timeout", {least, kTimeoutMax, limits::kSyncConnectTimeout});
    const absl::Duration call = CheckDuration("call_timeout", {least, kTimeoutMax, limits::kSyncCallTimeout});
    if (connect > call) spot_.Add("connect_timeout", "is longer than call_timeout", "dài hơn call_timeout");
    const absl::Duration first =
        CheckDuration("retry_delay_first", {least, limits::kSyncRetryAfterMax, limits::kSyncRetryDelayFirst});
    const absl::Duration max =
        CheckDuration("retry_delay_max", {least, limits::kSyncRetryAfterMax, limits::kSyncRetryDelayMax});
    if (first > max) spot_.Add("retry_delay_first", "is longer than retry_delay_max", "dài hơn retry_delay_max");
    CheckDuration("lease_duration", {limits::kMirrorLeaseMin, limits::kMirrorLeaseMax, limits::kMirrorLeaseDefault});
  }

  void CheckPull() {
    if (!target_.pull_office().empty() && !absl::StartsWith(target_.pull_office(), "offices/")) {
      spot_.Add("pull_office", "must look like offices/…", "phải có dạng offices/…");
    }
    if (!target_.has_pull_interval()) return;
    if (FromProto(target_.pull_interval()) < kPullIntervalMin) {
      spot_.Add("pull_interval", absl::StrCat("must be at least ", absl::FormatDuration(kPullIntervalMin)),
                absl::StrCat("ít nhất ", absl::FormatDuration(kPullIntervalMin)));
    }
    if (target_.pull_office().empty()) RequiredOption(spot_, "pull_office");
    if (has_profile_ && !setup_.profile.has_list()) {
      spot_.Add("pull_interval", "this profile has no list to pull from", "profile này không có dịch vụ lấy danh sách");
    }
  }

  const Spot spot_;
  const std::string& directory_;
  const ConfigEnvironment& environment_;
  Problems* problems_;
  TargetSetup& setup_;
  v1::Target& target_;
  bool has_profile_ = false;
  bool is_https_ = true;
};

}  // namespace

Setup ParseConfig(const std::string& file, const std::string& text, const std::string& directory,
                  const ConfigEnvironment& environment, Problems* problems) {
  Setup setup;
  v1::Config config;
  Spot::Tree tree;
  if (!ParseText(file, text, &config, &tree, problems)) return setup;
  const Spot spot(file, config, &tree, problems);
  setup.server = config.server().empty() ? kDefaultServer : config.server();
  setup.actor = config.actor().empty() ? kDefaultActor : config.actor();
  if (setup.actor.size() > kNameBytesMax) spot.Add("actor", "is too long", "quá dài");
  if (!IsPlain(setup.server)) spot.Add("server", "must look like host:port", "phải có dạng máy:cổng");
  if (config.targets().empty()) RequiredOption(spot, "targets");
  if (static_cast<size_t>(config.targets_size()) > limits::kSyncTargetsMax) {
    spot.Add("targets", absl::StrCat("at most ", limits::kSyncTargetsMax),
             absl::StrCat("tối đa ", limits::kSyncTargetsMax));
  }
  // Two targets of one id would fight for one lease.
  std::set<std::string> ids;
  for (int i = 0; i < config.targets_size(); ++i) {
    const Spot inside = spot.Inside("targets", i, config.targets(i));
    TargetSetup target{.target = config.targets(i), .profile = {}};
    TargetChecker(inside, directory, environment, problems, &target).Check();
    if (!ids.insert(target.target.id()).second) inside.Add("id", "is there twice", "bị lặp");
    setup.targets.push_back(std::move(target));
  }
  return setup;
}

absl::StatusOr<Setup> LoadConfig(const std::string& path, const ConfigEnvironment& environment) {
  Problems problems;
  Setup setup;
  const absl::StatusOr<std::string> text = ReadFileBounded(path, limits::kSyncConfigBytesMax);
  if (text.ok()) {
    std::error_code error;
    const fs::path absolute = fs::absolute(path, error);
    setup = ParseConfig(path, *text, absolute.parent_path().string(), environment, &problems);
  } else {
    problems.Add(
        {.file = path, .message = ErrorMessage(text.status(), "en"), .message_vi = ErrorMessage(text.status(), "vi")});
  }
  if (!problems.empty()) return problems.ToStatus();
  return setup;
}

}  // namespace tthc::sync
