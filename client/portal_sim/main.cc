#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/portal_sim/http_server.h"
#include "client/portal_sim/journal.h"
#include "client/portal_sim/portal.h"
#include "storage/base/clock.h"
#include "storage/base/errors.h"
#include "storage/base/program.h"
#include "storage/base/status_macros.h"

namespace tthc::portal_sim {
namespace {

constexpr char kExamples[] = R"(
Examples:
  tthc-portal-sim --listen 127.0.0.1:8070 --state /tmp/portal.jsonl
  tthc-portal-sim --faults busy=0.02,cut_after=0.01,slow_max=5s --seed 7 --answer-time 20ms
  tthc-portal-sim --faults all=0.01 --down-from 30s --down-for 10s

Faults: down slow busy unavailable skew error_after cut_after cut_before malformed truncated html exists_zero
exists_minus text_code session_dropped duplicate refuse all.
It is not the national portal: for tests and demonstrations only.
)";

// Durations and rates are texts here: they are parsed afterwards, with errors in both languages.
struct Arguments {
  std::string listen = "127.0.0.1:0";
  std::string state;
  std::string answer_time = "0s";
  uint64_t seed = 1;
  std::string faults;
  std::string down_from = "0s";
  std::string down_for = "0s";
  std::string session_life = "10m";
  std::string username = "demo";
  std::string password_file;
  std::string certificate;
  std::string key;
  std::string client_ca;
  int connections_max = HttpServerOptions().connections_max;
  bool dedupe_steps = false;
  bool short_records = false;
  std::string lang = "vi";
};

void DefineOptions(CLI::App* app, Arguments* arguments) {
  app->option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app->set_help_flag("-h,--help", "In trợ giúp / Print this and exit");
  app->set_version_flag("--version", "tthc-portal-sim " TTHC_VERSION);
  app->add_option("--listen", arguments->listen, "Địa chỉ:cổng / Address:port; port 0 = any")->capture_default_str();
  app->add_option("--state", arguments->state, "Tệp giữ những gì đã nhận / File that keeps what was received");
  app->add_option("--answer-time", arguments->answer_time, "Thời gian trả lời / How long each answer takes, as 20ms")
      ->capture_default_str();
  app->add_option("--seed", arguments->seed, "Mầm ngẫu nhiên / Seed of the faults")->capture_default_str();
  app->add_option("--faults", arguments->faults, "Lỗi cố ý / Faults and their rates, as busy=0.02,cut_after=0.01");
  app->add_option("--down-from", arguments->down_from, "Ngừng sau / Time from the start to an outage")
      ->capture_default_str();
  app->add_option("--down-for", arguments->down_for, "Ngừng trong / Length of the outage")->capture_default_str();
  app->add_option("--session-life", arguments->session_life, "Phiên sống / How long a session lives")
      ->capture_default_str();
  app->add_option("--username", arguments->username, "Tên đăng nhập / Name to log in with")->capture_default_str();
  app->add_option("--password-file", arguments->password_file,
                  "Tệp mật khẩu / File with the password; \"demo\" without");
  app->add_option("--tls-cert", arguments->certificate, "Chứng thư TLS / TLS certificate, PEM");
  app->add_option("--tls-key", arguments->key, "Khóa TLS / Its key, PEM");
  app->add_option("--client-ca", arguments->client_ca, "CA của máy khách / Clients need a certificate of this CA");
  app->add_option("--connections", arguments->connections_max, "Số kết nối tối đa / Connections at the same time")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app->add_flag("--dedupe-steps", arguments->dedupe_steps, "Bỏ tiến độ trùng / Drop steps that are known already");
  app->add_flag("--short-records", arguments->short_records,
                "Nhận bản ghi 16 trường / The wrapper accepts records with the 16 oldest fields");
  app->add_option("--lang", arguments->lang, "Ngôn ngữ / Language")
      ->envname("TTHC_LANG")
      ->check(CLI::IsMember({"vi", "en"}));
  app->footer(kExamples);
}

// Durations are not negative; "0s" turns the option off.
absl::StatusOr<absl::Duration> DurationOf(const char* option, const std::string& text) {
  absl::Duration duration;
  if (absl::ParseDuration(text, &duration) && duration >= absl::ZeroDuration()) return duration;
  return InvalidField(option, "must be a duration such as 20ms, 10s or 5m",
                      "phải là khoảng thời gian như 20ms, 10s hoặc 5m");
}

absl::Status SetAddress(const std::string& listen, HttpServerOptions* options) {
  // The last one: an IPv6 address has colons of its own and stands in brackets.
  const size_t colon = listen.rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port > 65'535) {
    return InvalidField("--listen", "must be address:port", "phải có dạng địa-chỉ:cổng");
  }
  absl::string_view address = absl::string_view(listen).substr(0, colon);
  absl::ConsumePrefix(&address, "[");
  absl::ConsumeSuffix(&address, "]");
  options->address = std::string(address);
  options->port = static_cast<uint16_t>(port);
  return absl::OkStatus();
}

absl::StatusOr<HttpServerOptions> ToServerOptions(const Arguments& arguments) {
  HttpServerOptions options;
  TTHC_RETURN_IF_ERROR(SetAddress(arguments.listen, &options));
  TTHC_ASSIGN_OR_RETURN(options.answer_time, DurationOf("--answer-time", arguments.answer_time));
  options.connections_max = arguments.connections_max;
  options.tls_certificate_file = arguments.certificate;
  options.tls_key_file = arguments.key;
  options.client_ca_file = arguments.client_ca;
  return options;
}

// From a file and not from an option: every user of a machine can see the options of its programs.
absl::StatusOr<std::string> ReadPassword(const std::string& path) {
  std::ifstream file(path);
  std::string password;
  if (std::getline(file, password) && !password.empty()) return password;
  return InvalidField("--password-file", "can't be read, or its first line is empty",
                      "không đọc được, hoặc dòng đầu trống");
}

absl::StatusOr<PortalOptions> ToPortalOptions(const Arguments& arguments) {
  PortalOptions options;
  options.seed = arguments.seed;
  options.username = arguments.username;
  if (!arguments.password_file.empty()) {
    TTHC_ASSIGN_OR_RETURN(options.password, ReadPassword(arguments.password_file));
  }
  TTHC_ASSIGN_OR_RETURN(options.session_life, DurationOf("--session-life", arguments.session_life));
  TTHC_ASSIGN_OR_RETURN(options.faults, ParseFaultRates(arguments.faults));
  options.dedupe_steps = arguments.dedupe_steps;
  options.short_records = arguments.short_records;
  return options;
}

absl::Status Simulate(const Arguments& arguments) {
  TTHC_ASSIGN_OR_RETURN(const HttpServerOptions server_options, ToServerOptions(arguments));
  TTHC_ASSIGN_OR_RETURN(PortalOptions portal_options, ToPortalOptions(arguments));
  TTHC_ASSIGN_OR_RETURN(const absl::Duration down_from, DurationOf("--down-from", arguments.down_from));
  TTHC_ASSIGN_OR_RETURN(const absl::Duration down_for, DurationOf("--down-for", arguments.down_for));
  // Declared before the portal, which calls it until it is destroyed.
  std::unique_ptr<Journal> journal;
  if (!arguments.state.empty()) {
    TTHC_ASSIGN_OR_RETURN(journal, Journal::Open(arguments.state));
    portal_options.journal = [&journal](const std::string& line) { journal->Append(line); };
  }
  Portal portal(std::move(portal_options));
  // Before the port listens, so that no call meets half of the state.
  if (journal != nullptr) TTHC_RETURN_IF_ERROR(journal->Load(&portal));

  // Before the server starts its threads, which inherit the mask.
  const sigset_t signals = BlockStopSignals();
  const SystemClock clock;
  if (down_for > absl::ZeroDuration()) {
    const absl::Time start = clock.Now();
    portal.AddDownWindow(start + down_from, start + down_from + down_for);
  }
  TTHC_ASSIGN_OR_RETURN(const std::unique_ptr<HttpServer> server, HttpServer::Start(server_options, &portal, &clock));
  // Scripts and tests wait for this line and read the port from it.
  std::printf("tthc-portal-sim ready on %s\n", server->url().c_str());
  std::fflush(stdout);
  int received = 0;
  sigwait(&signals, &received);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("Bộ mô phỏng cổng dịch vụ công, để thử tthc-sync / A simulated portal to test tthc-sync with.",
               "tthc-portal-sim");
  Arguments arguments;
  DefineOptions(&app, &arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const absl::Status result = Simulate(arguments);
  if (result.ok()) return 0;
  std::fprintf(stderr, "tthc-portal-sim: %s\n", ErrorMessage(result, arguments.lang).c_str());
  // 2: the options are wrong; 1: they are right, and something else failed.
  return absl::IsInvalidArgument(result) ? 2 : 1;
}

}  // namespace
}  // namespace tthc::portal_sim

int main(int argc, char** argv) { return tthc::portal_sim::Main(argc, argv); }
