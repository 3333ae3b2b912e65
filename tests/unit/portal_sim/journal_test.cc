#include "client/portal_sim/journal.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "storage/base/errors.h"
#include "tests/testing/scratch_directory.h"
#include "tests/unit/portal_sim/sample_calls.h"

namespace tthc::portal_sim {
namespace {

class JournalTest : public ::testing::Test {
 protected:
  std::string Path() const { return directory_.path() + "/portal.jsonl"; }
  std::string Content() const {
    std::ifstream file(Path());
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

 private:
  tthc::testing::ScratchDirectory directory_;
};

TEST_F(JournalTest, KeepsTheStateAcrossProcesses) {
  for (int life = 0; life < 3; ++life) {
    auto journal = Journal::Open(Path());
    ASSERT_TRUE(journal.ok()) << journal.status();
    PortalOptions options;
    options.journal = [&](const std::string& line) { (*journal)->Append(line); };
    Portal portal(options);
    ASSERT_TRUE((*journal)->Load(&portal).ok());
    const size_t before = portal.systems().contains("wrapper") ? portal.systems().at("wrapper").dossiers.size() : 0;
    EXPECT_EQ(before, static_cast<size_t>(life));
    const std::string code = "H99-260105-000" + std::to_string(life);
    portal.Handle(testing::WrapperRecord("False", testing::Record(code)), testing::Start());
  }
}

TEST_F(JournalTest, RemovesAnIncompleteLastLine) {
  {
    auto journal = Journal::Open(Path());
    ASSERT_TRUE(journal.ok());
    PortalOptions options;
    options.journal = [&](const std::string& line) { (*journal)->Append(line); };
    Portal portal(options);
    portal.Handle(testing::WrapperRecord("False", testing::Record()), testing::Start());
  }
  const std::string whole = Content();
  ASSERT_FALSE(whole.empty());
  std::ofstream(Path(), std::ios::app) << R"({"op":"records","sys)";
  auto journal = Journal::Open(Path());
  ASSERT_TRUE(journal.ok());
  EXPECT_EQ(Content(), whole);
  Portal portal({});
  EXPECT_TRUE((*journal)->Load(&portal).ok());
  EXPECT_NE(portal.Find("wrapper", testing::kCode), nullptr);
}

TEST_F(JournalTest, RefusesOtherFilesAndFilesInUse) {
  std::ofstream(Path()) << "{\"op\":\"session\",\"time\":1}\nno journal\n";
  auto journal = Journal::Open(Path());
  ASSERT_TRUE(journal.ok());
  Portal portal({});
  const absl::Status status = (*journal)->Load(&portal);
  EXPECT_EQ(ErrorReason(status), "JOURNAL_UNREADABLE");
  EXPECT_EQ(ErrorMetadata(status, "line"), "2");
  EXPECT_EQ(ErrorReason(Journal::Open(Path()).status()), "JOURNAL_UNUSABLE");
  EXPECT_EQ(ErrorReason(Journal::Open(Path() + "/below").status()), "JOURNAL_UNUSABLE");
}

}  // namespace
}  // namespace tthc::portal_sim
