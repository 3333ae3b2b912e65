#include "server/config.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/rpc/listen_address.h"
#include "storage/base/errors.h"

namespace tthc::server {
namespace {

constexpr size_t kMegabyte = 1024 * 1024;
// Bounds against typing errors rather than of the machine.
constexpr int64_t kBlockCacheMbMax = 1024 * 1024;
constexpr int kReadThreadsMax = 64;
constexpr absl::Duration kClockOffsetMax = absl::Hours(24 * 366 * 50);

constexpr char kExamples[] = R"(
Examples:
  tthcd --data /var/lib/tthc
  tthcd --data ./data --seed deploy/data --listen 127.0.0.1:0
  tthcd --data ./data --listen unix:/run/tthc/tthcd.sock --block-cache-mb 256
  TTHC_DATA=./data tthcd

Prints one line on stdout when it serves; logs one JSON object a line on stderr. Ends cleanly on SIGINT and SIGTERM.
Exit status: 0 stopped as asked, 1 could not start or go on, 2 wrong options.
)";

// Options as typed. Texts, so that one that is no number does not hide the errors of the others.
struct RawOptions {
  std::string data;
  std::string listen = Config().listen;
  std::string seed;
  std::string engine = "rocksdb";
  std::string block_cache_mb = absl::StrCat(Config().block_cache_bytes / kMegabyte);
  std::string write_buffer_mb = absl::StrCat(Config().write_buffer_bytes / kMegabyte);
  std::string read_threads = absl::StrCat(Config().read_threads);
  std::string clock_offset;
};

void DefineOptions(CLI::App* app, RawOptions* raw) {
  // So that a script can override an option by appending it.
  app->option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app->set_help_flag("-h,--help", "Print this and exit");
  app->set_version_flag("--version", "tthcd " TTHC_VERSION, "Print the version and exit");
  app->add_option("--data", raw->data, "Directory of the data; created if missing")
      ->type_name("DIR")
      ->envname("TTHC_DATA");
  app->add_option("--listen", raw->listen, "Loopback address or unix:PATH to serve on; port 0 = any free one")
      ->type_name("ADDR")
      ->envname("TTHC_LISTEN")
      ->capture_default_str();
  app->add_option("--seed", raw->seed,
                  "Directory whose calendar.csv, sessions.csv, procedures.csv, offices.csv and schemes/ fill a new "
                  "store")
      ->type_name("DIR")
      ->envname("TTHC_SEED");
  app->add_option("--engine", raw->engine, "rocksdb, or memory (nothing is kept)")
      ->type_name("NAME")
      ->envname("TTHC_ENGINE")
      ->capture_default_str();
  app->add_option("--block-cache-mb", raw->block_cache_mb, "Memory for what is read from disk")
      ->type_name("N")
      ->envname("TTHC_BLOCK_CACHE_MB")
      ->capture_default_str();
  app->add_option("--write-buffer-mb", raw->write_buffer_mb, "Memory for what is not in sorted files yet")
      ->type_name("N")
      ->envname("TTHC_WRITE_BUFFER_MB")
      ->capture_default_str();
  app->add_option("--read-threads", raw->read_threads, "Threads for reads that may touch the disk")
      ->type_name("N")
      ->envname("TTHC_READ_THREADS")
      ->capture_default_str();
  // An empty group hides it from --help.
  app->add_option("--clock-offset", raw->clock_offset)->envname("TTHC_CLOCK_OFFSET")->group("");
}

// Reads and checks the options, and collects all errors: a person who sets up a service should not have to start it
// once for each of them.
class Validator {
 public:
  Config Validate(const RawOptions& raw) {
    Config config;
    config.data_directory = raw.data;
    config.listen = raw.listen;
    config.seed_directory = raw.seed;
    config.engine = Engine(raw.engine);
    // The memory engine ignores --data, so that a trial needs only one option to be changed.
    if (config.engine == EngineKind::kRocksDb && raw.data.empty()) {
      Add(InvalidField("--data", "say where the data is kept, such as --data /var/lib/tthc (or --engine memory)",
                       "hãy cho biết nơi lưu dữ liệu, ví dụ --data /var/lib/tthc (hoặc --engine memory)"));
    }
    Add(rpc::ListenAddress::Parse(raw.listen).status());
    CheckSeed(raw.seed);
    const int64_t write_buffer_mb_max = static_cast<int64_t>(limits::kWriteBufferBytesMax / kMegabyte);
    config.block_cache_bytes =
        static_cast<size_t>(Number("--block-cache-mb", raw.block_cache_mb, 1, kBlockCacheMbMax)) * kMegabyte;
    config.write_buffer_bytes =
        static_cast<size_t>(Number("--write-buffer-mb", raw.write_buffer_mb, 1, write_buffer_mb_max)) * kMegabyte;
    config.read_threads = static_cast<int>(Number("--read-threads", raw.read_threads, 1, kReadThreadsMax));
    config.clock_offset = Offset(raw.clock_offset);
    return config;
  }

  void Add(const absl::Status& status) {
    if (!status.ok()) errors_.push_back(status);
  }
  const std::vector<absl::Status>& errors() const { return errors_; }

 private:
  EngineKind Engine(const std::string& text) {
    if (text == "rocksdb") return EngineKind::kRocksDb;
    if (text != "memory") {
      Add(InvalidField("--engine", absl::StrCat("\"", text, "\" is neither rocksdb nor memory"),
                       absl::StrCat("\"", text, "\" không phải là rocksdb hay memory")));
    }
    return EngineKind::kMemory;
  }

  void CheckSeed(const std::string& directory) {
    std::error_code ignored;
    if (directory.empty() || std::filesystem::is_directory(directory, ignored)) return;
    Add(InvalidField("--seed", absl::StrCat(directory, " is no directory that can be read"),
                     absl::StrCat(directory, " không phải là thư mục đọc được")));
  }

  // Returns `min` with an error, so that the other options are checked as well.
  int64_t Number(absl::string_view flag, const std::string& text, int64_t min, int64_t max) {
    int64_t number = 0;
    if (absl::SimpleAtoi(text, &number) && number >= min && number <= max) return number;
    Add(InvalidField(flag, absl::StrCat("\"", text, "\" is no whole number from ", min, " to ", max),
                     absl::StrCat("\"", text, "\" không phải là số nguyên từ ", min, " đến ", max)));
    return min;
  }

  absl::Duration Offset(const std::string& text) {
    absl::Duration offset;
    if (text.empty()) return offset;
    if (absl::ParseDuration(text, &offset) && absl::AbsDuration(offset) <= kClockOffsetMax) return offset;
    Add(InvalidField("--clock-offset", absl::StrCat("\"", text, "\" is no duration such as 72h or -90m"),
                     absl::StrCat("\"", text, "\" không phải là khoảng thời gian như 72h hoặc -90m")));
    return absl::ZeroDuration();
  }

  std::vector<absl::Status> errors_;
};

std::string DescribeErrors(const std::vector<absl::Status>& errors) {
  std::string text;
  for (const absl::Status& error : errors) {
    absl::StrAppend(&text, "tthcd: ", ErrorMessage(error, "vi"), "\n       ", ErrorMessage(error, "en"), "\n");
  }
  absl::StrAppend(&text, "Xem / see: tthcd --help\n");
  return text;
}

}  // namespace

CommandLine ParseCommandLine(int argc, const char* const* argv) {
  CLI::App app("tthcd records, times and reports administrative-procedure dossiers.", "tthcd");
  RawOptions raw;
  DefineOptions(&app, &raw);
  app.footer(kExamples);
  // So that an unknown option is reported together with the other errors, instead of ending at the first.
  app.allow_extras();
  Validator validator;
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return {.config = std::nullopt, .exit_code = 0, .stdout_text = app.help(), .stderr_text = ""};
  } catch (const CLI::CallForVersion& version) {
    return {
        .config = std::nullopt, .exit_code = 0, .stdout_text = absl::StrCat(version.what(), "\n"), .stderr_text = ""};
  } catch (const CLI::ParseError& error) {
    validator.Add(InvalidField("options", error.what(), error.what()));
  }
  for (const std::string& extra : app.remaining()) {
    validator.Add(InvalidField(extra, "is no option of tthcd", "không phải là tùy chọn của tthcd"));
  }
  Config config = validator.Validate(raw);
  if (validator.errors().empty())
    return {.config = std::move(config), .exit_code = 0, .stdout_text = "", .stderr_text = ""};
  return {.config = std::nullopt, .exit_code = 2, .stdout_text = "", .stderr_text = DescribeErrors(validator.errors())};
}

}  // namespace tthc::server
