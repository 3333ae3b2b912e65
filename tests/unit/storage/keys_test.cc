#include "storage/schema/keys.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/escaping.h"
#include "storage/base/errors.h"
#include "tests/testing/seed.h"

namespace tthc::storage {
namespace {

std::string Hex(const std::string& key) { return absl::BytesToHexString(key); }

// docs/storage_format.md, section "Keys".
TEST(StorageKeys, HaveTheBytesOfTheFormat) {
  EXPECT_EQ(Hex(LogKey(258)), "6c0000000000000102");
  EXPECT_EQ(Hex(DossierKey(1)), "640000000000000001");
  EXPECT_EQ(Hex(NameKey(66051)), "6900010203");
  EXPECT_EQ(Hex(CodeKey("H24.60-261126-0001")), "634832342e36302d3236313132362d30303031");
  EXPECT_EQ(Hex(CodeKey("0123456789BCDFGH")), "6330313233343536373839424344464748");
  EXPECT_EQ(Hex(RequestKey(std::string("\x00\xff", 2))), "7200ff");
  EXPECT_EQ(Hex(CounterKey("H24.60-261126")), "6e4832342e36302d323631313236");
  EXPECT_EQ(Hex(CatalogueKey("procedures/1.004873", 2)), "6b70726f636564757265732f312e3030343837330000000002");
  EXPECT_EQ(Hex(MirrorTargetKey("dvcqg")), "746476637167");
  EXPECT_EQ(Hex(MirrorKey(KeyKind::kMirrorAttention, 1, 258)), "6f000000010000000000000102");
  EXPECT_EQ(Hex(MirrorKey(KeyKind::kMirrorItem, 1, 258)), "75000000010000000000000102");
  EXPECT_EQ(Hex(MirrorKey(KeyKind::kMirrorExchanges, 1, 258)), "78000000010000000000000102");
  EXPECT_EQ(Hex(HeadKey()), "6d68656164");
  EXPECT_EQ(Hex(SchemaKey()), "6d736368656d61");
}

TEST(StorageKeys, SortAsTheirNumbersDo) {
  std::mt19937_64 random(testing::TestSeed());
  const auto number = [&] {
    // All magnitudes alike, so that numbers differ in every byte.
    return static_cast<int64_t>(random() >> (1 + random() % 63));
  };
  for (int i = 0; i < 20'000; ++i) {
    const int64_t a = number();
    const int64_t b = number();
    ASSERT_EQ(a < b, LogKey(a) < LogKey(b)) << a << " " << b;
    ASSERT_EQ(a < b, DossierKey(a) < DossierKey(b)) << a << " " << b;
    const auto small_a = static_cast<uint32_t>(a);
    const auto small_b = static_cast<uint32_t>(b);
    ASSERT_EQ(small_a < small_b, NameKey(small_a) < NameKey(small_b)) << small_a << " " << small_b;
    const auto version_a = static_cast<int32_t>(a & INT32_MAX);
    const auto version_b = static_cast<int32_t>(b & INT32_MAX);
    ASSERT_EQ(std::tuple("a", version_a) < std::tuple("a", version_b),
              CatalogueKey("a", version_a) < CatalogueKey("a", version_b));
    ASSERT_LT(CatalogueKey("a", version_a), CatalogueKey("a.1", version_b));
  }
}

TEST(StorageKeys, AreDecodedToTheirNumber) {
  for (const int64_t number :
       {int64_t{0}, int64_t{1}, int64_t{255}, int64_t{256}, int64_t{1} << 40, std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(*NumberOfKey(LogKey(number)), number);
    EXPECT_EQ(*NumberOfKey(DossierKey(number)), number);
  }
  EXPECT_EQ(*NumberOfKey(NameKey(0xffffffff)), 0xffffffff);
}

TEST(StorageKeys, AreRefusedWhenTheyHaveNoNumber) {
  const std::string negative = "l" + std::string(8, '\xff');
  for (const std::string& key : {std::string(), std::string("l"), LogKey(1) + "x", HeadKey(), CodeKey("12345678"),
                                 NameKey(1).substr(0, 4), negative}) {
    const auto number = NumberOfKey(key);
    EXPECT_EQ(number.status().code(), absl::StatusCode::kDataLoss) << DescribeKey(key);
    EXPECT_EQ(ErrorReason(number.status()), "KEY_MALFORMED");
  }
}

TEST(StorageKeys, LieOnlyInTheRangeOfTheirKind) {
  const std::vector<std::pair<KeyKind, std::string>> keys = {
      {KeyKind::kLog, LogKey(std::numeric_limits<int64_t>::max())},
      {KeyKind::kDossier, DossierKey(0)},
      {KeyKind::kName, NameKey(0xffffffff)},
      {KeyKind::kCode, CodeKey("\xff\xff")},
      {KeyKind::kRequest, RequestKey(std::string(3, '\0'))},
      {KeyKind::kCounter, CounterKey("")},
      {KeyKind::kCatalogue, CatalogueKey("units/1", 0)},
      {KeyKind::kMirrorTarget, MirrorTargetKey("dvcqg")},
      {KeyKind::kMirrorItem, MirrorKey(KeyKind::kMirrorItem, 0xffffffff, 0)},
      {KeyKind::kMirrorExchanges, MirrorKey(KeyKind::kMirrorExchanges, 0, std::numeric_limits<int64_t>::max())},
      {KeyKind::kMirrorAttention, MirrorKey(KeyKind::kMirrorAttention, 1, 1)},
      {KeyKind::kMeta, HeadKey()}};
  for (const auto& [kind, key] : keys) {
    for (const auto& [other_kind, unused] : keys) {
      const auto [first, last] = KeyRange(other_kind);
      EXPECT_EQ(key >= first && key < last, kind == other_kind) << DescribeKey(key);
    }
  }
}

TEST(StorageKeys, OfTheMirrorLieInTheRangeOfTheirTargetInTheOrderOfDossiers) {
  for (const KeyKind kind : {KeyKind::kMirrorItem, KeyKind::kMirrorExchanges, KeyKind::kMirrorAttention}) {
    const auto [first, last] = MirrorKeyRange(kind, 7, 100);
    const auto holds = [&](const std::string& key) { return key >= first && key < last; };
    EXPECT_FALSE(holds(MirrorKey(kind, 7, 99)));
    EXPECT_TRUE(holds(MirrorKey(kind, 7, 100)));
    EXPECT_TRUE(holds(MirrorKey(kind, 7, int64_t{1} << 40)));
    EXPECT_FALSE(holds(MirrorKey(kind, 6, 100)));
    EXPECT_FALSE(holds(MirrorKey(kind, 8, 0)));
    EXPECT_EQ(*NumberOfKey(MirrorKey(kind, 7, 258)), 258);
    EXPECT_FALSE(NumberOfKey(MirrorKey(kind, 7, 258).substr(0, 9)).ok());
  }
  EXPECT_EQ(DescribeKey(MirrorKey(KeyKind::kMirrorItem, 2, 17)), "mirror item 2 17");
  EXPECT_EQ(DescribeKey(MirrorTargetKey("dvcqg")), "mirror target dvcqg");
}

TEST(StorageKeys, AreDescribedForPeople) {
  EXPECT_EQ(DescribeKey(DossierKey(17)), "dossier 17");
  EXPECT_EQ(DescribeKey(LogKey(204)), "log 204");
  EXPECT_EQ(DescribeKey(CodeKey("H24")), "code H24");
  EXPECT_EQ(DescribeKey(RequestKey("\x01")), "request \\x01");
  EXPECT_EQ(DescribeKey("?x"), "unknown x");
}

}  // namespace
}  // namespace tthc::storage
