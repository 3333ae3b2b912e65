#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <memory>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/sync/check.h"
#include "client/sync/commands.h"
#include "client/sync/config.h"
#include "client/sync/program.h"
#include "client/sync/secret.h"
#include "client/terminal/messages.h"
#include "client/terminal/session.h"
#include "storage/base/clock.h"
#include "storage/base/errors.h"
#include "storage/base/log.h"
#include "storage/base/program.h"
#include "storage/base/service_manager.h"

namespace tthc::sync {
namespace {

using terminal::Lang;
using terminal::Pick;

constexpr char kExamples[] = R"(
Ví dụ / Examples:
  tthc-sync check --config tthc-sync.textproto
  tthc-sync run --config tthc-sync.textproto
  tthc-sync reconcile --target dvcqg --sample 200
  tthc-sync reconcile --target dvcqg --from 2026-10-01 --to 2026-10-31 --repair
  tthc-sync pull --target igate
  tthc-sync figures --period 2026-10 --department 401234

Mã thoát / Exit status: 0 xong / done, 1 có lỗi hoặc có sai khác / failed or differences found,
2 sai lựa chọn hoặc cấu hình / wrong options or configuration.
)";

struct Arguments {
  std::string config = "/etc/tthc/tthc-sync.textproto";
  std::string lang;
  std::string server;
  std::string dossier;
  std::string output;
  ReconcileArguments reconcile;
  PullArguments pull;
  FiguresArguments figures;
};

// Unique among all processes of all machines: host name and process id.
std::string Holder() {
  char host[256] = {};
  gethostname(host, sizeof(host) - 1);
  return absl::StrCat("tthc-sync@", host, "/", getpid());
}

int Fail(const absl::Status& error, Lang lang, int status) {
  std::fprintf(stderr, "tthc-sync: %s\n", ErrorMessage(error, terminal::LangCode(lang)).c_str());
  return status;
}

int Run(Setup setup, Lang lang) {
  // Before any thread starts: threads inherit the mask, and only sigwait() below receives the signals.
  const sigset_t signals = BlockStopSignals();
  const size_t count = setup.targets.size();
  auto program = Program::Start(std::move(setup), {.credentials_directory = GetEnvironment("CREDENTIALS_DIRECTORY"),
                                                   .holder = Holder(),
                                                   .seed = std::random_device{}()});
  if (!program.ok()) return Fail(program.status(), lang, 2);
  std::printf("tthc-sync ready, %zu targets\n", count);
  std::fflush(stdout);
  // Only now: a unit that needs the mirror starts after the certificates were read.
  NotifyServiceManager("READY=1");
  int received = 0;
  sigwait(&signals, &received);
  Log(LogLevel::kInfo, "stopping", {{"signal", std::to_string(received)}});
  NotifyServiceManager("STOPPING=1");
  // A second signal ends the program at once. What was sent without a recorded outcome is looked up at the next start.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  (*program)->Stop();
  Log(LogLevel::kInfo, "stopped");
  return 0;
}

int Check(const Setup& setup, const Arguments& arguments, Lang lang) {
  const std::string credentials = GetEnvironment("CREDENTIALS_DIRECTORY");
  const SystemClock clock;
  const bool ok = CheckTargets(
      setup,
      {.make_http = [&](const TargetSetup& target) { return MakeHttp(target, credentials); },
       .read_password = [&](const TargetSetup& target) { return ReadSecret(target.target.password(), credentials); },
       .now = [&clock] { return clock.Now(); },
       .dossier_code = arguments.dossier,
       .locale = terminal::LangCode(lang)},
      std::cout);
  return ok ? 0 : 1;
}

void DefineOptions(CLI::App* app, Arguments* arguments) {
  app->option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app->set_help_flag("-h,--help", "In trợ giúp / Print this and exit");
  app->set_version_flag("--version", "tthc-sync " TTHC_VERSION);
  app->add_option("--config", arguments->config, "Tệp cấu hình / Configuration")
      ->envname("TTHC_SYNC_CONFIG")
      ->capture_default_str();
  app->add_option("--server", arguments->server,
                  "Máy chủ, thay cho trong cấu hình / Server, instead of the one in the configuration")
      ->envname("TTHC_SERVER");
  app->add_option("--lang", arguments->lang, "Ngôn ngữ / Language")->check(CLI::IsMember({"vi", "en"}));
  app->footer(kExamples);
  app->require_subcommand(0, 1);
  app->fallthrough();
}

void AddOutput(CLI::App* command, Arguments* arguments) {
  command->add_option("-o,--output", arguments->output, "Dạng kết quả / Output")
      ->check(CLI::IsMember({"text", "json"}));
}

CLI::App* AddReconcile(CLI::App* app, Arguments* arguments) {
  CLI::App* const command = app->add_subcommand(
      "reconcile", "Hỏi hệ thống kia đang có gì, đối chiếu / Ask a target what it has, and compare");
  ReconcileArguments& reconcile = arguments->reconcile;
  command->add_option("--target", reconcile.target, "Hệ thống, tên id trong cấu hình / Target, by its id");
  command->add_flag("--all", reconcile.all, "Mọi hồ sơ / All dossiers");
  command->add_option("--sample", reconcile.sample, "Chừng này hồ sơ bất kỳ / That many dossiers, at random")
      ->check(CLI::PositiveNumber);
  command->add_option("--from", reconcile.from, "Tiếp nhận từ ngày / Accepted from, YYYY-MM-DD");
  command->add_option("--to", reconcile.to, "Đến hết ngày / To the end of, YYYY-MM-DD");
  command->add_option("--seed", reconcile.seed, "Mầm của --sample, mặc định theo ngày / Seed of --sample");
  command->add_flag("--repair", reconcile.repair,
                    "Yêu cầu gửi lại hồ sơ thiếu và cũ / Send again what is missing or stale");
  AddOutput(command, arguments);
  return command;
}

CLI::App* AddPull(CLI::App* app, Arguments* arguments) {
  CLI::App* const command = app->add_subcommand(
      "pull", "Lấy hồ sơ nộp trực tuyến ở hệ thống kia về / Register what was filed online with a target");
  command->add_option("--target", arguments->pull.target, "Hệ thống, tên id trong cấu hình / Target, by its id");
  command->add_option("--file", arguments->pull.file,
                      "Bản ghi JSON đã nhận, - là đầu vào chuẩn / JSON records that it sent; - is standard input");
  AddOutput(command, arguments);
  return command;
}

CLI::App* AddFigures(CLI::App* app, Arguments* arguments) {
  CLI::App* const command = app->add_subcommand(
      "figures", "Số liệu Cổng công bố đặt cạnh số của ta / The portal's public figures beside ours");
  FiguresArguments& figures = arguments->figures;
  command->add_option("--period", figures.period, "Kỳ / Period: 2026-10, 2026-Q3, 2026")->required();
  command->add_option("--department", figures.department, "Mã đơn vị ở Cổng / The portal's id of the department")
      ->required();
  command->add_option("--office", figures.office, "Chỉ của cơ quan / Only this office of ours: offices/…");
  command->add_option("--base-url", figures.base_url, "Địa chỉ Cổng / The portal's address")->capture_default_str();
  command->add_option("--proxy", figures.proxy, "http://máy:cổng / http://host:port");
  AddOutput(command, arguments);
  return command;
}

int TerminalWidth() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

// `figures` needs no targets. If there is a configuration, only its server is used.
std::string ServerForFigures(const Arguments& arguments) {
  if (!arguments.server.empty()) return arguments.server;
  const absl::StatusOr<Setup> setup = LoadConfig(arguments.config, {.credentials_directory = "", .check_files = false});
  return setup.ok() ? setup->server : sdk::kDefaultTarget;
}

int Main(int argc, char** argv) {
  CLI::App app("Đồng bộ hồ sơ sang hệ thống của thành phố và Cổng Dịch vụ công quốc gia / Mirrors dossiers.",
               "tthc-sync");
  Arguments arguments;
  DefineOptions(&app, &arguments);
  app.add_subcommand("run", "Đồng bộ liên tục (mặc định) / Mirror until stopped (the default)");
  CLI::App* const check = app.add_subcommand("check", "Thử đăng nhập và tra cứu / Try a login and a look-up");
  check->add_option("--dossier", arguments.dossier, "Mã hồ sơ để tra cứu / Code to look up");
  CLI::App* const reconcile = AddReconcile(&app, &arguments);
  CLI::App* const pull = AddPull(&app, &arguments);
  CLI::App* const figures = AddFigures(&app, &arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  // Options are parsed before the language is known; their texts are in both.
  const Lang lang = terminal::ChooseLang(arguments.lang, GetEnvironment);
  const SystemClock clock;
  const terminal::Environment environment{.in = &std::cin,
                                          .out = &std::cout,
                                          .err = &std::cerr,
                                          .in_is_terminal = isatty(STDIN_FILENO) == 1,
                                          .out_is_terminal = isatty(STDOUT_FILENO) == 1,
                                          .err_is_terminal = isatty(STDERR_FILENO) == 1,
                                          .width = TerminalWidth(),
                                          .getenv = GetEnvironment,
                                          .clock = &clock,
                                          .retry = sdk::RetryEnvironment::System()};
  terminal::Session session(environment, lang);
  session.options().output = arguments.output;
  const CommandContext context{
      .session = session, .credentials_directory = GetEnvironment("CREDENTIALS_DIRECTORY"), .holder = Holder()};
  if (figures->parsed()) {
    session.options().server = ServerForFigures(arguments);
    return RunFigures(context, arguments.figures);
  }
  absl::StatusOr<Setup> setup =
      LoadConfig(arguments.config, {.credentials_directory = GetEnvironment("CREDENTIALS_DIRECTORY")});
  if (!setup.ok()) return Fail(setup.status(), lang, 2);
  if (!arguments.server.empty()) setup->server = arguments.server;
  session.options().server = setup->server;
  session.options().actor = setup->actor;
  if (reconcile->parsed()) return RunReconcile(context, *setup, arguments.reconcile);
  if (pull->parsed()) return RunPull(context, *setup, arguments.pull);
  if (check->parsed()) return Check(*setup, arguments, lang);
  return Run(*std::move(setup), lang);
}

}  // namespace
}  // namespace tthc::sync

int main(int argc, char** argv) { return tthc::sync::Main(argc, argv); }
