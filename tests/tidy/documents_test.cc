// The documents keep step with the code.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"

namespace tthc {
namespace {

namespace fs = std::filesystem;

const fs::path& Root() {
  static const fs::path* const kRoot = new fs::path(TTHC_SOURCE_DIR);
  return *kRoot;
}

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<fs::path> FilesUnder(const char* directory, const char* extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(Root() / directory)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  return files;
}

bool HasWord(const std::string& text, const std::string& word) {
  return text.find("`" + word + "`") != std::string::npos;
}

// Reasons stand in quotes, in capitals with underscores; so do only the names of environment variables.
std::set<std::string> ReasonsIn(const char* room) {
  static const std::regex kReason("\"([A-Z]+(_[A-Z]+)+)\"");
  std::set<std::string> reasons;
  for (const fs::path& path : FilesUnder(room, ".cc")) {
    const std::string text = ReadFile(path);
    for (std::sregex_iterator it(text.begin(), text.end(), kReason), end; it != end; ++it) {
      const std::string word = (*it)[1];
      if (word.rfind("TTHC_", 0) != 0 && word != "NOTIFY_SOCKET") reasons.insert(word);
    }
  }
  return reasons;
}

TEST(DocumentsTest, ApiListsEveryReasonOfAnError) {
  const std::string api = ReadFile(Root() / "docs/api.md");
  for (const char* const room : {"server", "storage", "client/sdk"}) {
    const std::set<std::string> reasons = ReasonsIn(room);
    EXPECT_FALSE(reasons.empty()) << room;
    for (const std::string& reason : reasons) EXPECT_TRUE(HasWord(api, reason)) << reason << " of " << room;
  }
}

TEST(DocumentsTest, GlossaryHasEveryEventAndState) {
  const std::string glossary = ReadFile(Root() / "docs/glossary.md");
  const auto* payloads = v1::Event::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < payloads->field_count(); ++i) {
    EXPECT_TRUE(HasWord(glossary, std::string(payloads->field(i)->name()))) << payloads->field(i)->name();
  }
  const auto* states = v1::Dossier::State_descriptor();
  for (int i = 1; i < states->value_count(); ++i) {
    EXPECT_TRUE(HasWord(glossary, std::string(states->value(i)->name()))) << states->value(i)->name();
  }
}

// Markdown links to files, without what follows a #.
std::vector<std::string> LinksOf(const std::string& text) {
  static const std::regex kLink(R"(\]\(([^)#\s]+)(#[^)]*)?\))");
  std::vector<std::string> links;
  for (std::sregex_iterator it(text.begin(), text.end(), kLink), end; it != end; ++it) {
    const std::string link = (*it)[1];
    if (link.find("://") == std::string::npos) links.push_back(link);
  }
  return links;
}

TEST(DocumentsTest, LinksLeadSomewhere) {
  std::vector<fs::path> documents = FilesUnder("docs", ".md");
  for (const char* const name : {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"}) documents.push_back(Root() / name);
  int checked = 0;
  for (const fs::path& document : documents) {
    for (const std::string& link : LinksOf(ReadFile(document))) {
      ++checked;
      EXPECT_TRUE(fs::exists(document.parent_path() / link)) << document << " links to " << link;
    }
  }
  EXPECT_GT(checked, 0);
}

// Paths that architecture.md and the others name in backquotes, such as `server/domain/fold.cc`.
TEST(DocumentsTest, FilesThatArchitectureNamesAreThere) {
  static const std::regex kPath("`((client|deploy|docs|proto|server|storage|tests)/[a-zA-Z0-9_./-]+)`");
  const std::string text = ReadFile(Root() / "docs/architecture.md");
  int checked = 0;
  for (std::sregex_iterator it(text.begin(), text.end(), kPath), end; it != end; ++it) {
    ++checked;
    EXPECT_TRUE(fs::exists(Root() / (*it)[1].str())) << (*it)[1];
  }
  EXPECT_GT(checked, 10);
}

}  // namespace
}  // namespace tthc
