#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "client/sample/loader.h"
#include "client/terminal/messages.h"
#include "storage/base/clock.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/program.h"
#include "storage/base/status_macros.h"

namespace tthc::sample {
namespace {

using terminal::Lang;
using terminal::Pick;

// A little more than a quarter.
constexpr int kDaysBack = 97;

constexpr char kExamples[] = R"(
Examples:
  tthc-sample
  tthc-sample --seed 7 --dossiers 500
  tthc-sample --from 2026-08-15 --to 2026-11-20 --server 127.0.0.1:50600

Running it again adds nothing twice. Exit status: 0 loaded or already there, 1 refused or no server, 2 wrong options.
)";

struct Arguments {
  std::string server = sdk::kDefaultTarget;
  std::string lang;
  std::string from;
  std::string to;
  uint64_t seed = 1;
  int dossiers = 5000;
};

void DefineOptions(CLI::App* app, Arguments* arguments) {
  // The last one wins, so that a script can add options to a common command line.
  app->option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app->set_help_flag("-h,--help", "In trợ giúp / Print this and exit");
  app->set_version_flag("--version", "tthc-sample " TTHC_VERSION);
  app->add_option("--server", arguments->server, "Máy chủ / The server")->envname("TTHC_SERVER")->capture_default_str();
  app->add_option("--seed", arguments->seed, "Mầm ngẫu nhiên / The same seed makes the same sample")
      ->capture_default_str();
  app->add_option("--dossiers", arguments->dossiers, "Số hồ sơ / How many dossiers")->capture_default_str();
  app->add_option("--from", arguments->from, "Từ ngày / First day, YYYY-MM-DD (97 days before --to)");
  app->add_option("--to", arguments->to, "Đến ngày / Last day, YYYY-MM-DD (yesterday)");
  app->add_option("--lang", arguments->lang, "Ngôn ngữ / Language")->check(CLI::IsMember({"vi", "en"}));
  app->footer(kExamples);
}

absl::StatusOr<absl::CivilDay> DayOr(const char* field, const std::string& text, absl::CivilDay otherwise) {
  if (text.empty()) return otherwise;
  const absl::StatusOr<absl::CivilDay> day = ParseIsoDate(text);
  if (!day.ok()) return InvalidField(field, day.status().message(), "phải là ngày có thật dạng YYYY-MM-DD");
  return day;
}

absl::StatusOr<SampleOptions> ToOptions(const Arguments& arguments, const Clock& clock) {
  SampleOptions options{.seed = arguments.seed, .dossiers = arguments.dossiers, .from = {}, .to = {}};
  const absl::CivilDay yesterday = LocalCivilDay(clock.Now()) - 1;
  TTHC_ASSIGN_OR_RETURN(options.to, DayOr("--to", arguments.to, yesterday));
  TTHC_ASSIGN_OR_RETURN(options.from, DayOr("--from", arguments.from, options.to - kDaysBack));
  // Today is not over: events of this evening would lie in the future, which the server refuses.
  if (options.to <= yesterday) return options;
  return InvalidField("--to", "lies after yesterday; only what has happened is recorded",
                      "sau ngày hôm qua; chỉ ghi việc đã xảy ra");
}

// On a terminal only, since a log needs no percentages.
void ShowProgress(size_t done, size_t all) {
  static const bool is_terminal = isatty(STDERR_FILENO) == 1;
  // Every 200th is often enough to look steady.
  if (!is_terminal || (done % 200 != 0 && done != all)) return;
  std::fprintf(stderr, "\r%3zu%% %zu/%zu%s", done * 100 / all, done, all, done == all ? "\n" : "");
}

int Report(const LoadResult& result, Lang lang) {
  // The same sample again is success: a script may load it at every start.
  const bool nothing_new = result.already_there || (result.events == 0 && result.refused == 0);
  if (nothing_new) {
    std::puts(Pick({.vi = "Dữ liệu mẫu này đã có từ trước; không ghi thêm gì (muốn thêm: --seed N).",
                    .en = "This sample is there already; nothing was added (for another one: --seed N)."},
                   lang));
    return 0;
  }
  std::puts(absl::StrFormat(lang == Lang::kVi ? "Đã nạp %d hồ sơ, %d sự kiện." : "Loaded %d dossiers, %d events.",
                            result.dossiers, result.events)
                .c_str());
  if (result.refused == 0) return 0;
  std::fputs(absl::StrFormat(lang == Lang::kVi ? "Bị từ chối %d lệnh; lệnh đầu: %s\n"
                                               : "%d commands were refused; the first one: %s\n",
                             result.refused, ErrorMessage(result.first_refusal, terminal::LangCode(lang)))
                 .c_str(),
             stderr);
  return 1;
}

int Fail(const absl::Status& error, Lang lang, int exit_code) {
  std::fprintf(stderr, "tthc-sample: %s\n", ErrorMessage(error, terminal::LangCode(lang)).c_str());
  return exit_code;
}

int Main(int argc, char** argv) {
  CLI::App app("Nạp một quý hồ sơ mẫu của một xã / Loads a sample quarter of a commune.", "tthc-sample");
  Arguments arguments;
  DefineOptions(&app, &arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // --help and --version come as exceptions as well; every real error is wrong usage.
    return app.exit(error) == 0 ? 0 : 2;
  }
  const Lang lang = terminal::ChooseLang(arguments.lang, GetEnvironment);
  const SystemClock clock;
  const absl::StatusOr<SampleOptions> options = ToOptions(arguments, clock);
  if (!options.ok()) return Fail(options.status(), lang, 2);

  sdk::ClientOptions client_options;
  client_options.target = arguments.server;
  client_options.actor = "tthc-sample";
  client_options.locale = terminal::LangCode(lang);
  sdk::Client client(client_options);
  const absl::StatusOr<LoadResult> result = LoadSample(client, *options, ShowProgress);
  return result.ok() ? Report(*result, lang) : Fail(result.status(), lang, 1);
}

}  // namespace
}  // namespace tthc::sample

int main(int argc, char** argv) { return tthc::sample::Main(argc, argv); }
