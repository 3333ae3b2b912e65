#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/base/csv.h"
#include "tests/testing/scratch_directory.h"

namespace tthc::testing {

// A copy of the store that version 0.1 wrote, see tests/data/store-0.1/README.md; it may be opened and changed.
class OldStore {
 public:
  OldStore() {
    for (const char* file : {"CURRENT", "IDENTITY", "MANIFEST-000005", "000004.log", "facts.snapshot"}) {
      std::filesystem::copy_file(std::filesystem::path(kFiles) / file, std::filesystem::path(path()) / file);
    }
  }

  const std::string& path() const { return directory_.path(); }

  // What 0.1 said of its dossiers, one row each in the order of their revisions, without the header.
  static std::vector<std::vector<std::string>> Dossiers() {
    std::ifstream file(absl::StrCat(kFiles, "/dossiers.csv"), std::ios::binary);
    CsvReader reader(CsvOptions{});
    std::string line;
    while (std::getline(file, line)) reader.Feed(line + "\n");
    reader.Finish();
    std::vector<std::vector<std::string>> rows;
    while (auto row = reader.Next()) rows.push_back(row->cells);
    if (!rows.empty()) rows.erase(rows.begin());
    return rows;
  }

 private:
  static constexpr char kFiles[] = TTHC_SOURCE_DIR "/tests/data/store-0.1";
  ScratchDirectory directory_;
};

}  // namespace tthc::testing
