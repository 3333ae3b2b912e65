#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

// docs/regulations.md and the repository agree: every rule that is cited is an entry, every entry that claims code
// names files and tests that exist, and nothing cites a document that is not in the repository.
//
// An entry is a heading with the lines "- Source: ", "- Status: ", "- Missing: ", "- Code: " and "- Test: " under it,
// each on one line, names in backquotes. The heading of a rule begins with its id.
namespace tthc {
namespace {

namespace fs = std::filesystem;

constexpr char kPage[] = "docs/regulations.md";
constexpr int kRules = 48;

using Lines = std::vector<std::string>;

const fs::path& Root() {
  static const fs::path* const kRoot = new fs::path(TTHC_SOURCE_DIR);
  return *kRoot;
}

bool StartsWith(const std::string& text, const std::string& prefix) { return text.rfind(prefix, 0) == 0; }

bool EndsWith(const std::string& text, const std::string& suffix) {
  return text.size() >= suffix.size() && text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

Lines ReadLines(const fs::path& path) {
  std::ifstream file(path);
  Lines lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Group `group` of every match.
Lines MatchesIn(const std::string& text, const std::regex& pattern, size_t group) {
  Lines found;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) found.push_back((*it)[group]);
  return found;
}

// --- The page --------------------------------------------------------------------------------------------------------

struct Entry {
  std::string title;
  // By the word before the colon, such as "Status".
  std::map<std::string, std::string> facts;
};

std::vector<Entry> Entries() {
  static const std::regex kHeading("^##+ (.+)$");
  static const std::regex kFact("^- ([A-Z][a-z]+): (.+)$");
  std::vector<Entry> entries;
  for (const std::string& line : ReadLines(Root() / kPage)) {
    std::smatch match;
    if (std::regex_match(line, match, kHeading)) {
      entries.push_back({.title = match[1], .facts = {}});
    } else if (!entries.empty() && std::regex_match(line, match, kFact)) {
      const bool is_new = entries.back().facts.emplace(match[1], match[2]).second;
      EXPECT_TRUE(is_new) << entries.back().title << " has two lines of " << match[1];
    }
  }
  return entries;
}

// "D14" of a rule's heading, else empty.
std::string RuleId(const std::string& title) {
  static const std::regex kId("^(D[1-9][0-9]?) .+");
  std::smatch match;
  return std::regex_match(title, match, kId) ? match[1].str() : std::string();
}

std::set<std::string> RuleIds() {
  std::set<std::string> ids;
  for (const Entry& entry : Entries()) {
    if (!RuleId(entry.title).empty()) ids.insert(RuleId(entry.title));
  }
  return ids;
}

Lines NamesIn(const Entry& entry, const char* fact) {
  static const std::regex kName("`([^`]+)`");
  const auto found = entry.facts.find(fact);
  return found == entry.facts.end() ? Lines() : MatchesIn(found->second, kName, 1);
}

// --- The repository --------------------------------------------------------------------------------------------------

// Texts that people wrote, from the root of the project. Decisions (docs/adr) may name what there was when they were
// made.
const Lines& Texts() {
  static const Lines* const kTexts = [] {
    auto* texts = new Lines;
    const auto add = [&](const fs::path& file) {
      static const std::set<std::string> kKinds = {"",     ".cc",   ".h",     ".proto", ".md",
                                                   ".csv", ".txt",  ".cmake", ".json",  ".textproto",
                                                   ".sql", ".yaml", ".yml",   ".py",    ".sh"};
      const std::string path = fs::relative(file, Root()).string();
      const bool is_left_out = StartsWith(path, "docs/adr/") || StartsWith(path, "tests/fuzz/corpus/") ||
                               StartsWith(path, "tests/data/") || StartsWith(path, "tests/tidy/");
      if (!is_left_out && kKinds.count(file.extension().string()) > 0) texts->push_back(path);
    };
    for (const auto& entry : fs::directory_iterator(Root())) {
      if (entry.is_regular_file()) add(entry.path());
    }
    for (const char* const room : {"client", "deploy", "docs", "proto", "server", "storage", "tests"}) {
      for (const auto& entry : fs::recursive_directory_iterator(Root() / room)) {
        if (entry.is_regular_file()) add(entry.path());
      }
    }
    return texts;
  }();
  return *kTexts;
}

// The part of a line that is written for people.
std::string CommentOf(const std::string& path, const std::string& line) {
  if (EndsWith(path, ".md")) return line;
  const bool is_code = EndsWith(path, ".cc") || EndsWith(path, ".h") || EndsWith(path, ".proto");
  const size_t at = line.find(is_code ? "//" : "#");
  return at == std::string::npos ? std::string() : line.substr(at);
}

// Ids in comments, and in messages that say "rule D14".
std::set<std::string> CitedRules(const std::string& path, const std::string& line) {
  static const std::regex kId(R"(\b(D[1-9][0-9]?)\b)");
  static const std::regex kNamed(R"(\b[Rr]ules? (D[1-9][0-9]?)\b)");
  std::set<std::string> cited;
  for (std::string& id : MatchesIn(CommentOf(path, line), kId, 1)) cited.insert(std::move(id));
  for (std::string& id : MatchesIn(line, kNamed, 1)) cited.insert(std::move(id));
  return cited;
}

// The lines as one, without the marks that begin comments, so that what is wrapped is found whole.
std::string Unwrapped(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) {
    const size_t at = line.find_first_not_of(" /#");
    text += at == std::string::npos ? "" : line.substr(at);
    text += ' ';
  }
  return text;
}

// Suite.Name of every test in tests/.
std::set<std::string> Tests() {
  static const std::regex kTest(R"(\bTEST(_F|_P)?\(\s*(\w+),\s*(\w+)\))");
  std::set<std::string> tests;
  for (const std::string& path : Texts()) {
    if (!StartsWith(path, "tests/") || !EndsWith(path, "_test.cc")) continue;
    const std::string text = ReadFile(Root() / path);
    for (std::sregex_iterator it(text.begin(), text.end(), kTest), end; it != end; ++it) {
      tests.insert((*it)[2].str() + "." + (*it)[3].str());
    }
  }
  return tests;
}

// --- What has to hold ------------------------------------------------------------------------------------------------

TEST(RegulationsTest, EveryRuleIsAnEntryOnce) {
  std::multiset<std::string> titles;
  for (const Entry& entry : Entries()) titles.insert(entry.title);
  for (const std::string& title : titles) EXPECT_EQ(titles.count(title), 1u) << title;

  const std::set<std::string> ids = RuleIds();
  EXPECT_EQ(ids.size(), size_t{kRules});
  for (int i = 1; i <= kRules; ++i) EXPECT_EQ(ids.count("D" + std::to_string(i)), 1u) << "D" << i;
}

TEST(RegulationsTest, EveryEntrySaysWhereItComesFromAndWhatHoldsIt) {
  const std::set<std::string> tests = Tests();
  EXPECT_GT(tests.size(), 500u);
  std::map<std::string, int> count_of_status;
  for (const Entry& entry : Entries()) {
    if (RuleId(entry.title).empty() && entry.facts.empty()) continue;
    SCOPED_TRACE(entry.title);
    const auto status = entry.facts.find("Status");
    ASSERT_NE(status, entry.facts.end());
    ++count_of_status[status->second];
    EXPECT_EQ(entry.facts.count("Source"), 1u);
    EXPECT_EQ(entry.facts.count("Missing"), status->second == "implemented" ? 0u : 1u);

    const bool has_code = status->second != "not implemented";
    EXPECT_EQ(!NamesIn(entry, "Code").empty(), has_code);
    EXPECT_EQ(!NamesIn(entry, "Test").empty(), has_code);
    for (const std::string& path : NamesIn(entry, "Code")) {
      EXPECT_TRUE(fs::is_regular_file(Root() / path)) << path << " does not exist";
    }
    for (const std::string& test : NamesIn(entry, "Test")) {
      EXPECT_EQ(tests.count(test), 1u) << test << " is no test";
    }
  }
  EXPECT_EQ(count_of_status.size(), 3u) << "the statuses are implemented, partly, not implemented";
  for (const char* const status : {"implemented", "partly", "not implemented"}) EXPECT_GT(count_of_status[status], 5);
}

TEST(RegulationsTest, EveryRuleThatIsCitedIsAnEntry) {
  const std::set<std::string> ids = RuleIds();
  std::map<std::string, int> citations_in;
  for (const std::string& path : Texts()) {
    const Lines lines = ReadLines(Root() / path);
    for (size_t i = 0; i < lines.size(); ++i) {
      for (const std::string& id : CitedRules(path, lines[i])) {
        if (path != kPage) ++citations_in[path.substr(0, path.find('/'))];
        EXPECT_EQ(ids.count(id), 1u) << path << ":" << i + 1 << " cites rule " << id << ", which " << kPage << " lacks";
      }
    }
  }
  for (const char* const room : {"proto", "server", "tests"}) EXPECT_GT(citations_in[room], 4) << room;
}

TEST(RegulationsTest, EverySectionThatIsCitedIsThere) {
  static const std::regex kSection(R"re(regulations\.md "([^"]*)")re");
  std::set<std::string> titles;
  for (const Entry& entry : Entries()) titles.insert(entry.title);
  int checked = 0;
  for (const std::string& path : Texts()) {
    for (const std::string& title : MatchesIn(Unwrapped(ReadLines(Root() / path)), kSection, 1)) {
      ++checked;
      EXPECT_EQ(titles.count(title), 1u) << path << " cites a section that " << kPage << " lacks: " << title;
    }
  }
  EXPECT_GT(checked, 5);
}

TEST(RegulationsTest, NothingCitesADocumentThatIsNotInTheRepository) {
  static const std::regex kElsewhere(
      R"(\bdesign\.md|domain/regulations|\bfield/|portal-protocol|seed-plan|\bissue #?[0-9])", std::regex::icase);
  EXPECT_TRUE(std::regex_search("(domain/regulations 6.4)", kElsewhere)) << "the pattern finds what it is for";
  EXPECT_FALSE(std::regex_search("docs/regulations.md, fields/G15-TP07", kElsewhere));
  EXPECT_GT(Texts().size(), 400u);
  for (const std::string& path : Texts()) {
    const Lines lines = ReadLines(Root() / path);
    for (size_t i = 0; i < lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(lines[i], kElsewhere)) << path << ":" << i + 1 << ": " << lines[i];
    }
  }
}

}  // namespace
}  // namespace tthc
