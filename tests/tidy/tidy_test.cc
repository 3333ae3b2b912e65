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

// What a reviewer should not have to look for: the arrows between rooms, words, sizes, lists. Reads the sources as
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
        const bool is_data = IsAnyOf(path, {"tests/fuzz/corpus/", "tests/data/", "tests/contract/"});
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

// The arrows: base ← engine ← schema ← store ← facts ← commit ← capabilities ← service ← rpc, http ← main. timing and
// domain know base and the protos alone; clients know of the server only timing. The first prefix that fits counts.
std::vector<Room> Rooms() {
  const char* const base = "storage/base/";
  // The storage API: the store, and the tables that its records are in.
  const char* const store = "storage/store.h";
  const char* const tables = "storage/tables.h";
  const char* const timing = "server/timing/";
  const char* const domain = "server/domain/";
  const char* const call = "server/call/";
  const char* const facts = "server/facts/";
  const char* const commit = "server/commit/";
  return {
      {base, {}},
      {"storage/engine/", {base}},
      {"storage/schema/", {base, "storage/engine/"}},
      {"storage/tables", {base, "storage/schema/"}},
      {"storage/store", {base, "storage/engine/engine.h", "storage/schema/", "storage/tables.h"}},
      {timing, {base}},
      {domain, {base, timing}},
      {call, {base, domain}},
      {facts, {base, store, timing, domain, call}},
      {commit, {base, store, tables, timing, domain, call, facts}},
      {"server/dossiers/", {base, store, timing, domain, call, facts, commit}},
      {"server/catalogue/", {base, store, timing, domain, call, facts, commit}},
      {"server/changes/", {base, store, timing, domain, call, facts, commit}},
      {"server/mirror/", {base, store, tables, timing, domain, call, facts, commit}},
      // Lists behind figures show dossiers; two figures count what the mirror has confirmed; schemes are entries of the
      // catalogue.
      {"server/statistics/",
       {base, store, timing, domain, call, facts, commit, "server/dossiers/answer_size.h",
        "server/dossiers/dossier_queries.h", "server/dossiers/dossier_view.h", "server/mirror/mirror_standing.h",
        "server/catalogue/catalogue_command.h", "server/catalogue/catalogue_errors.h"}},
      {"server/service/",
       {base, store, timing, domain, call, facts, commit, "server/dossiers/", "server/catalogue/", "server/changes/",
        "server/mirror/", "server/statistics/"}},
      {"server/rpc/", {base, call, "server/service/"}},
      {"server/http/", {base, call, "server/service/", "server/rpc/"}},
      {"server/", {"storage/", "server/"}},
      {"client/sdk/", {base}},
      {"client/terminal/", {base, "client/sdk/"}},
      {"client/cli/", {base, timing, "client/sdk/", "client/terminal/"}},
      {"client/sample/", {base, timing, "client/sdk/", "client/terminal/"}},
      {"client/portal_sim/", {base}},
      {"client/sync/", {base, "client/sdk/", "client/terminal/"}},
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
  EXPECT_GE(used.size(), 23u) << "rooms have moved: this test no longer sees them";
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

TEST(Tidy, TimingAndDomainArePure) {
  const std::set<std::string> impure = {"thread",  "mutex",      "shared_mutex",         "atomic",
                                        "fstream", "filesystem", "storage/base/clock.h", "storage/base/mutex.h",
                                        "random",  "iostream",   "absl/time/clock.h",    "storage/base/log.h",
                                        "future",  "chrono",     "condition_variable"};
  VisitIncludes([&](const Source& source, size_t line, const std::string& included) {
    if (!IsAnyOf(source.path, {"server/domain/", "server/timing/"})) return;
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
      {std::regex("sleep_for|sleep_until|SleepFor\\(|\\busleep\\(|\\bnanosleep\\("),
       "wait for what is to happen",
       {"client/sdk/", "tests/bench/"}},
      {std::regex("\\busing namespace\\b"), "names say where they come from"},
      {std::regex("^\\s*throw\\b"), "errors are absl::Status"},
      {std::regex("\\|\\| true"), "a script that fails has to say so"},
      {std::regex("\\bassert\\("), "TTHC_CHECK is on in every build"},
      {std::regex("absl::Now\\(\\)|system_clock::now"),
       "time comes from a Clock",
       {"storage/base/", "client/", "server/rpc/", "server/http/", "server/app.cc"},
       false},
      {std::regex("std::cout|std::cerr|printf\\("),
       "the server reports to its operator by Log()",
       {"client/", "server/main.cc", "server/config.cc", "storage/base/check.cc"},
       false},
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

// Words that readers had to translate before they could think, and what the field says instead. They also count inside
// identifiers: told_code, WasTold.
const std::map<std::string, std::string>& RetiredWords() {
  static const auto* const kWords = new std::map<std::string, std::string>{
      {"tells", "sends, delivers, reports or states"},
      {"told", "sent, delivered, reported or stated"},
      {"telling", "sending, delivering, reporting or stating"},
      {"whoever", "the client, the caller, a thread that …"},
      {"owed", "pending, or required"},
      {"owes", "has pending"},
      {"judged", "evaluated"},
      {"judges", "evaluates"},
      {"stretch", "interval, or bucket of a series"},
      {"stretches", "intervals, or buckets of a series"},
      {"lane", "worker"},
      {"lanes", "workers"},
      {"aforesaid", "the name of the thing"},
      {"thereof", "of it"},
      {"therein", "in it"},
      {"whereof", "of which"},
  };
  return *kWords;
}

// One spelling for identifiers, which clients freeze, and for the texts around them.
const std::map<std::string, std::string>& BritishWords() {
  static const auto* const kWords = new std::map<std::string, std::string>{
      {"centre", "center"},
      {"centres", "centers"},
      {"organisation", "organization"},
      {"digitised", "digitized"},
      {"synchronised", "synchronized"},
      {"unsynchronised", "unsynchronized"},
      {"cancelled", "canceled"},
      {"cancelling", "canceling"},
      {"behaviour", "behavior"},
      {"colour", "color"},
      {"favour", "favor"},
      {"honour", "honor"},
      {"honoured", "honored"},
      {"neighbour", "neighbor"},
      {"normalise", "normalize"},
      {"normalised", "normalized"},
      {"recognise", "recognize"},
      {"recognised", "recognized"},
      {"serialise", "serialize"},
      {"serialised", "serialized"},
      {"summarise", "summarize"},
  };
  return *kWords;
}

bool IsLetter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || (static_cast<unsigned char>(c) & 0x80) != 0;
}
bool IsUpper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }

// The words of a line as they are written; identifiers in camel case and with underscores are taken apart. Vietnamese
// letters are letters.
std::vector<std::string> WordsOf(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::exchange(word, {}));
  };
  for (const char c : line) {
    if (!IsLetter(c)) {
      end_word();
      continue;
    }
    if (IsUpper(c) && !word.empty() && !IsUpper(word.back())) end_word();
    word += c;
  }
  end_word();
  return words;
}

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Texts that people read in English. Decisions and the history of versions keep the words of their day.
bool HasProse(const std::string& path) {
  return !IsAnyOf(path, {"docs/adr/", "docs/vi/", "tests/tidy/tidy_test.cc", "deploy/data/"});
}

TEST(Tidy, WordsAreThoseOfTheField) {
  // Names of decisions appear in links.
  static const std::regex kDecision(R"(adr/[a-z0-9.-]+)");
  std::vector<Source> sources = Sources();
  for (const char* path : {"README.md", "CONTRIBUTING.md"}) {
    sources.push_back({path, ReadLines(fs::path(TTHC_SOURCE_DIR) / path)});
  }
  for (const Source& source : sources) {
    if (!HasProse(source.path)) continue;
    for (size_t i = 0; i < source.lines.size(); ++i) {
      const bool links = source.lines[i].find("adr/") != std::string::npos;
      const std::string line = links ? std::regex_replace(source.lines[i], kDecision, "") : source.lines[i];
      for (const std::string& word : WordsOf(line)) {
        const auto retired = RetiredWords().find(Lower(word));
        EXPECT_EQ(retired, RetiredWords().end())
            << At(source, i) << ": \"" << word << "\", better: " << retired->second << "\n  " << source.lines[i];
        // gRPC and Abseil write CANCELLED and CancelledError.
        const bool is_theirs = word == "CANCELLED" || word == "Cancelled";
        const auto british = BritishWords().find(Lower(word));
        EXPECT_TRUE(is_theirs || british == BritishWords().end())
            << At(source, i) << ": \"" << word << "\" is spelled " << british->second << " here";
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
