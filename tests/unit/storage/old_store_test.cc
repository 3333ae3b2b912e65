// A store that version 0.1 wrote still opens, and nothing in it is lost.
#include "tests/testing/old_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "storage/base/uid.h"
#include "storage/engine/rocksdb_engine.h"
#include "storage/schema/keys.h"
#include "storage/schema/record.h"
#include "storage/store.h"
#include "tests/testing/dossier_records.h"

namespace tthc::storage {
namespace {

using tthc::testing::OldStore;
using tthc::testing::VisitDossiers;
using AllBytes = std::map<std::string, std::string>;

AllBytes BytesOf(const Engine& engine) {
  AllBytes bytes;
  EXPECT_TRUE(engine.TakeSnapshot()
                  ->Scan("", "", {},
                         [&](absl::string_view key, absl::string_view value) {
                           bytes[std::string(key)] = std::string(value);
                           return true;
                         })
                  .ok());
  return bytes;
}

std::unique_ptr<Store> Open(const OldStore& old) {
  auto engine = OpenRocksDb({.directory = old.path()});
  EXPECT_TRUE(engine.ok()) << engine.status();
  auto store = Store::Open(*std::move(engine));
  EXPECT_TRUE(store.ok()) << store.status();
  return *std::move(store);
}

TEST(OldStoreTest, OpensWithItsWholeHistory) {
  const OldStore old;
  const auto store = Open(old);
  EXPECT_EQ(store->head().revision(), 211);
  EXPECT_EQ(store->head().last_dossier_number(), 24);
  EXPECT_EQ(store->head().oldest_revision(), 1);
  int64_t next = 1;
  ASSERT_TRUE(store->Read()
                  .ScanLog(1,
                           [&](int64_t revision, const v1::LogRecord&) {
                             EXPECT_EQ(revision, next++);
                             return true;
                           })
                  .ok());
  EXPECT_EQ(next, 212);
  EXPECT_EQ((*store->Read().Get<MirrorTargets>("dvcqg"))->pause_reason(), "Chờ cổng nâng cấp");
  EXPECT_TRUE(store->Read().Get<Requests>("old-submit-1")->has_value());
}

TEST(OldStoreTest, NamesItsDossiersByUidsAndFindsThemByAllTheirCodes) {
  const OldStore old;
  const auto store = Open(old);
  const StoreReader reader = store->Read();
  std::map<int64_t, int64_t> number_of_revision;
  ASSERT_TRUE(VisitDossiers(reader, [&](int64_t number, const v1::DossierRecord& record) {
                number_of_revision[record.dossier().revision()] = number;
              }).ok());
  const auto rows = OldStore::Dossiers();
  ASSERT_EQ(rows.size(), 24U);
  for (const std::vector<std::string>& row : rows) {
    const int64_t number = number_of_revision[std::stoll(row[3])];
    const auto record = *reader.GetDossier(number);
    ASSERT_TRUE(record.has_value()) << row[0] << row[1];
    const tthc::v1::Dossier& dossier = record->dossier();
    EXPECT_EQ(dossier.code(), row[0]);
    EXPECT_EQ(tthc::v1::Dossier::State_Name(dossier.state()), "STATE_" + row[2]);
    EXPECT_EQ(dossier.event_count(), std::stoi(row[4]));
    EXPECT_EQ(dossier.request().applicant().display_name(), row[6]);

    const std::string uid(absl::StripPrefix(dossier.name(), "dossiers/"));
    EXPECT_TRUE(IsUid(uid)) << dossier.name();
    EXPECT_EQ(record->fact().uid(), uid);
    std::vector<std::string> codes = absl::StrSplit(row[1], '|');
    EXPECT_EQ(dossier.submission_code(), absl::StrContains(codes[0], "-T0") ? codes[0] : "");
    if (!row[0].empty()) codes.push_back(row[0]);
    codes.push_back(uid);
    codes.push_back(absl::AsciiStrToUpper(uid));
    for (const std::string& code : codes) EXPECT_EQ(*reader.FindCode(code), std::optional<int64_t>(number)) << code;
  }
}

TEST(OldStoreTest, KeepsEveryOtherByteAndIsMigratedOnce) {
  const OldStore old;
  const AllBytes before = BytesOf(**OpenRocksDb({.directory = old.path()}));
  const AllBytes after = BytesOf(Open(old)->engine());
  EXPECT_EQ(BytesOf(Open(old)->engine()), after) << "the second opening finds nothing to do";
  size_t new_codes = 0;
  for (const auto& [key, value] : after) {
    const auto found = before.find(key);
    if (found == before.end()) {
      EXPECT_EQ(key[0], static_cast<char>(KeyKind::kCode)) << DescribeKey(key);
      ++new_codes;
      continue;
    }
    std::string was = value;
    if (key == SchemaKey()) continue;
    if (key[0] == static_cast<char>(KeyKind::kLog)) {
      v1::LogRecord record;
      ASSERT_TRUE(DecodeRecord(key, value, &record).ok());
      record.clear_dossier_uid();
      was = EncodeRecord(record);
    }
    if (key[0] == static_cast<char>(KeyKind::kDossier)) {
      v1::DossierRecord record;
      ASSERT_TRUE(DecodeRecord(key, value, &record).ok());
      record.mutable_fact()->clear_uid();
      record.mutable_dossier()->clear_name();
      record.mutable_dossier()->clear_submission_code();
      was = EncodeRecord(record);
    }
    EXPECT_EQ(was, found->second) << DescribeKey(key);
  }
  EXPECT_EQ(new_codes, 24U);
  EXPECT_EQ(after.size(), before.size() + new_codes);
}

}  // namespace
}  // namespace tthc::storage
