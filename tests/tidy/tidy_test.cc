#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

// What a reviewer should not have to look for: the arrows between rooms, sizes, words, lists. Reads the sources as
// text.
namespace tthc {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLineLengthMax = 120;
constexpr size_t kFunctionLinesMax = 70;
constexpr size_t kFileLinesMax = 750;
// Tables of cases are long and flat.
constexpr size_t kTestFunctionLinesMax = 130;

struct Source {
  // From the root of the project, such as "server/domain/fold.cc".
  std::string path;
  std::vector<std::string> lines;
};

bool StartsWith(const std::string& text, const std::string& prefix) { return text.rfind(prefix, 0) == 0; }

bool EndsWith(const std::string& text, const std::string& suffix) {
  return text.size() >= suffix.size() && text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

bool IsAnyOf(const std::string& text, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const auto& prefix) { return StartsWith(text, prefix); });
}

bool IsCode(const std::string& path) { return EndsWith(path, ".h") || EndsWith(path, ".cc"); }
bool IsTest(const std::string& path) { return StartsWith(path, "tests/"); }

std::vector<std::string> ReadLines(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// Everything that people wrote, but not what the build or a trial leaves behind.
const std::vector<Source>& Sources() {
  static const auto* const kSources = [] {
    auto* sources = new std::vector<Source>;
    const fs::path root(TTHC_SOURCE_DIR);
    for (const char* room : {"client", "deploy", "docs", "proto", "server", "storage", "tests"}) {
      for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
        const std::string path = fs::relative(entry.path(), root).string();
        const bool is_data = StartsWith(path, "tests/fuzz/corpus/") || StartsWith(path, "tests/data/");
        if (entry.is_regular_file() && !is_data) sources->push_back({path, ReadLines(entry.path())});
      }
    }
    return sources;
  }();
  return *kSources;
}

std::string At(const Source& source, size_t index) { return source.path + ":" + std::to_string(index + 1); }

// Calls visit(source, line index, included path) for every #include of code.
template <typename Visit>
void VisitIncludes(const Visit& visit) {
  static const std::regex kInclude(R"re(^\s*#include\s*["<]([^">]+)[">])re");
  for (const Source& source : Sources()) {
    if (!IsCode(source.path)) continue;
    for (size_t i = 0; i < source.lines.size(); ++i) {
      std::smatch match;
      if (std::regex_search(source.lines[i], match, kInclude)) visit(source, i, match[1].str());
    }
  }
}

// --- The arrows ------------------------------------------------------------------------------------------------------

struct Room {
  const char* prefix;
  // Our own headers that it may know, beside its own and the generated ones.
  std::vector<std::string> may_know;
};

// What the client may know of the server: counting time, and the files that people edit.
const std::vector<std::string>& SharedWithTheClient() {
  static const auto* const kHeaders = new std::vector<std::string>{
      "server/domain/calendar.h", "server/domain/deadline.h", "server/domain/calendar_csv.h",
      "server/domain/catalogue_csv.h", "server/domain/offices_csv.h", "server/domain/period.h",
      "server/domain/scheme_text.h"};
  return *kHeaders;
}

// base ← engine ← schema ← store ← domain, service ← rpc ← main. The first prefix that fits counts.
std::vector<Room> Rooms() {
  std::vector<std::string> of_client = SharedWithTheClient();
  of_client.insert(of_client.end(), {"client/", "storage/base/"});
  return {
      {"storage/base/", {}},
      {"storage/engine/", {"storage/base/"}},
      {"storage/schema/", {"storage/base/", "storage/engine/"}},
      {"storage/store", {"storage/base/", "storage/engine/engine.h", "storage/schema/"}},
      {"server/domain/", {"storage/base/"}},
      {"server/service/", {"storage/base/", "storage/store.h", "server/domain/"}},
      {"server/rpc/", {"storage/base/", "server/service/"}},
      {"server/http/", {"storage/base/", "server/service/", "server/rpc/"}},
      {"server/", {"storage/", "server/"}},
      {"client/sdk/", {"storage/base/"}},
      {"client/", of_client},
  };
}

bool IsOurs(const std::string& included) {
  return IsAnyOf(included, {"storage/", "server/", "client/", "tests/", "deploy/"});
}

TEST(Tidy, IncludesFollowTheArrowsBetweenRooms) {
  const std::vector<Room> rooms = Rooms();
  std::set<std::string> used;
  VisitIncludes([&](const Source& source, size_t line, const std::string& included) {
    if (IsTest(source.path) || !IsOurs(included)) return;
    const auto room = std::find_if(rooms.begin(), rooms.end(),
                                   [&](const Room& candidate) { return StartsWith(source.path, candidate.prefix); });
    ASSERT_NE(room, rooms.end()) << source.path << " is in no room";
    used.insert(room->prefix);
    EXPECT_TRUE(StartsWith(included, room->prefix) || IsAnyOf(included, room->may_know))
        << At(source, line) << " may not include " << included;
  });
  EXPECT_GE(used.size(), 9u) << "rooms have moved: this test no longer sees them";
}

TEST(Tidy, OnlyTheRoomsOfTheWireAndOfTheDiskKnowTheirLibraries) {
  int wires = 0;
  int disks = 0;
  VisitIncludes([&](const Source& source, size_t line, const std::string& included) {
    if (IsTest(source.path)) return;
    if (IsAnyOf(included, {"grpc/", "grpcpp/"}) || EndsWith(included, ".grpc.pb.h")) {
      ++wires;
      EXPECT_TRUE(IsAnyOf(source.path, {"server/rpc/", "server/http/", "client/sdk/"}))
          << At(source, line) << " may not include " << included;
    }
    if (StartsWith(included, "rocksdb/")) {
      ++disks;
      EXPECT_EQ(source.path, "storage/engine/rocksdb_engine.cc") << At(source, line);
    }
  });
  EXPECT_GT(wires, 0);
  EXPECT_GT(disks, 0);
}

TEST(Tidy, TheDomainIsPure) {
  const std::set<std::string> impure = {"thread",  "mutex",      "shared_mutex",          "atomic",
                                        "fstream", "filesystem", "storage/base/clock.h",  "storage/base/mutex.h",
                                        "random",  "iostream",   "absl/time/clock.h",     "storage/base/log.h",
                                        "future",  "chrono",     "condition_variable"};
  VisitIncludes([&](const Source& source, size_t line, const std::string& included) {
    if (!StartsWith(source.path, "server/domain/")) return;
    EXPECT_FALSE(impure.contains(included)) << At(source, line) << " includes " << included;
  });
}

// --- Words -----------------------------------------------------------------------------------------------------------

struct Ban {
  std::regex pattern;
  const char* why;
  // Files that may.
  std::vector<std::string> except = {};
  bool in_tests = true;
};

std::regex Word(const std::string& word) { return std::regex("\\b" + word + "\\b", std::regex::icase); }

std::vector<Ban> Bans() {
  return {
      {Word("TODO"), "do it, or write it down where it is tracked"},
      {Word("FIXME"), "fix it"},
      {Word("XXX"), "say what is the matter"},
      {Word("HACK"), "say why it has to be so"},
      {Word("for now"), "nothing is: say what holds"},
      {Word("placeholder"), "build the thing", {"client/web/"}},
      {Word("dummy"), "name it after what it stands for"},
      {std::regex("(^|[^a-zA-Z0-9_.])/(home|root|work)/"), "a path of somebody's machine", {".md"}},
      {std::regex("absl/container/(flat|node)_hash"), "crashes under ASan with the distribution's Abseil"},
      {std::regex("absl::(Mutex|MutexLock)[ &*(]"), "false races under TSan: storage/base/mutex.h"},
      {std::regex("sleep_for|sleep_until|SleepFor\\(|\\busleep\\(|\\bnanosleep\\("), "wait for what is to happen",
       {"client/sdk/", "tests/bench/"}},
      {std::regex("\\busing namespace\\b"), "names say where they come from"},
      {std::regex("^\\s*throw\\b"), "errors are absl::Status"},
      {std::regex("\\|\\| true"), "a script that fails has to say so"},
      {std::regex("\\bassert\\("), "TTHC_CHECK is on in every build"},
      {std::regex("absl::Now\\(\\)|system_clock::now"), "time comes from a Clock",
       {"storage/base/", "client/", "server/rpc/", "server/http/", "server/app.cc"}, false},
      {std::regex("std::cout|std::cerr|printf\\("), "the server tells its operator by Log()",
       {"client/", "server/main.cc", "server/config.cc", "storage/base/check.cc"}, false},
  };
}

bool IsExempt(const Ban& ban, const std::string& path) {
  if (IsTest(path) && !ban.in_tests) return true;
  return std::any_of(ban.except.begin(), ban.except.end(),
                     [&](const std::string& except) { return StartsWith(path, except) || EndsWith(path, except); });
}

TEST(Tidy, NoBannedWords) {
  const std::vector<Ban> bans = Bans();
  for (const Source& source : Sources()) {
    if (source.path == "tests/tidy/tidy_test.cc") continue;
    for (const Ban& ban : bans) {
      if (IsExempt(ban, source.path)) continue;
      for (size_t i = 0; i < source.lines.size(); ++i) {
        EXPECT_FALSE(std::regex_search(source.lines[i], ban.pattern))
            << At(source, i) << ": " << source.lines[i] << "\n  " << ban.why;
      }
    }
  }
}

// --- Sizes -----------------------------------------------------------------------------------------------------------

size_t CodePoints(const std::string& line) {
  return static_cast<size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

TEST(Tidy, LinesFitAScreen) {
  for (const Source& source : Sources()) {
    if (!IsCode(source.path) && !EndsWith(source.path, ".proto")) continue;
    for (size_t i = 0; i < source.lines.size(); ++i) {
      EXPECT_LE(CodePoints(source.lines[i]), kLineLengthMax) << At(source, i);
      EXPECT_FALSE(EndsWith(source.lines[i], " ")) << At(source, i) << " ends in a blank";
      EXPECT_EQ(source.lines[i].find('\t'), std::string::npos) << At(source, i) << " has a tab";
    }
  }
}

TEST(Tidy, FilesHoldOneThing) {
  for (const Source& source : Sources()) {
    if (!IsCode(source.path)) continue;
    EXPECT_LE(source.lines.size(), kFileLinesMax) << source.path;
    if (!EndsWith(source.path, ".h")) continue;
    EXPECT_TRUE(std::find(source.lines.begin(), source.lines.end(), "#pragma once") != source.lines.end())
        << source.path;
  }
}

// Depth of the function whose head ends on `line`; more than 2 if it is something inside one.
size_t DepthOf(const Source& source, size_t line) {
  const size_t indent = source.lines[line].find_first_not_of(' ');
  if (indent <= 2 || line == 0) return indent;
  // A head that did not fit on one line.
  const std::string& before = source.lines[line - 1];
  const bool goes_on = EndsWith(before, "(") || EndsWith(before, ",");
  return goes_on ? before.find_first_not_of(' ') : indent;
}

// Index of the line that closes a block of this depth opened on `line`.
size_t BlockEnd(const Source& source, size_t line, size_t indent) {
  for (size_t i = line + 1; i < source.lines.size(); ++i) {
    if (source.lines[i].find_first_not_of(' ') == indent && source.lines[i][indent] == '}') return i;
  }
  return line;
}

TEST(Tidy, FunctionsFitAPage) {
  // "…) {", "…) const {", "…) override {", "…) -> T {": functions and what is directly inside a class or a function.
  static const std::regex kOpens(R"(\)( const)?( override)?( mutable)?( noexcept)?( -> [^{]+)? \{$)");
  size_t functions = 0;
  for (const Source& source : Sources()) {
    if (!IsCode(source.path)) continue;
    const size_t max = IsTest(source.path) ? kTestFunctionLinesMax : kFunctionLinesMax;
    for (size_t i = 0; i < source.lines.size(); ++i) {
      const bool is_type = StartsWith(source.lines[i], "namespace") || source.lines[i].find("class ") == 0;
      if (is_type || !std::regex_search(source.lines[i], kOpens)) continue;
      const size_t depth = DepthOf(source, i);
      if (depth > 2) continue;
      ++functions;
      EXPECT_LE(BlockEnd(source, i, depth) - i + 1, max) << At(source, i) << ": " << source.lines[i];
    }
  }
  EXPECT_GT(functions, 500u);
}

// --- Tests -----------------------------------------------------------------------------------------------------------

TEST(Tidy, EveryTestIsInTheBuild) {
  std::string lists;
  for (const Source& source : Sources()) {
    if (!StartsWith(source.path, "tests/")) continue;
    if (!EndsWith(source.path, ".cmake") && !EndsWith(source.path, "CMakeLists.txt")) continue;
    for (const std::string& line : source.lines) lists += line + "\n";
  }
  for (const Source& source : Sources()) {
    if (!EndsWith(source.path, "_test.cc")) continue;
    // As the lists write it: from the folder that the list is in.
    const std::string name = fs::path(source.path).filename().string();
    EXPECT_NE(lists.find(name), std::string::npos) << source.path << " is in no list, so it is never run";
  }
}

TEST(Tidy, EveryFuzzerHasACorpusThatIsReplayed) {
  int fuzzers = 0;
  for (const Source& source : Sources()) {
    if (!StartsWith(source.path, "tests/fuzz/") || !EndsWith(source.path, "_fuzzer.cc")) continue;
    ++fuzzers;
    std::string name = fs::path(source.path).stem().string();
    name = name.substr(0, name.size() - std::string("_fuzzer").size());
    const fs::path corpus = fs::path(TTHC_SOURCE_DIR) / "tests/fuzz/corpus" / name;
    EXPECT_TRUE(fs::is_directory(corpus) && !fs::is_empty(corpus)) << corpus;
  }
  EXPECT_GE(fuzzers, 6);
}

TEST(Tidy, TestsDoNotShrink) {
  static const std::regex kTest(R"(^\s*(TEST|TEST_F|TEST_P|TYPED_TEST)\()");
  size_t tests = 0;
  for (const Source& source : Sources()) {
    if (!EndsWith(source.path, "_test.cc")) continue;
    for (const std::string& line : source.lines) tests += std::regex_search(line, kTest) ? 1u : 0u;
  }
  const std::vector<std::string> floor = ReadLines(fs::path(TTHC_SOURCE_DIR) / "tests/tidy/test_count_floor.txt");
  ASSERT_EQ(floor.size(), 1u);
  EXPECT_GE(tests, std::stoul(floor[0])) << "tests were taken away: lower the floor only with a reason in the commit";
  // So that the floor follows what is built on it.
  EXPECT_LE(tests, std::stoul(floor[0]) * 5 / 4) << "raise the number in tests/tidy/test_count_floor.txt";
}

TEST(Tidy, TestNamesAreSentences) {
  static const std::regex kUnderscore(R"(^\s*(TEST|TEST_F|TEST_P|TYPED_TEST)\([^,]*,\s*[A-Za-z0-9]*_)");
  for (const Source& source : Sources()) {
    if (!EndsWith(source.path, "_test.cc")) continue;
    for (size_t i = 0; i < source.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(source.lines[i], kUnderscore)) << At(source, i);
    }
  }
}

}  // namespace
}  // namespace tthc
