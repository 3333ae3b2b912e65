#include "storage/schema/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "storage/base/checksum.h"
#include "storage/base/errors.h"
#include "storage/schema/keys.h"

namespace tthc::storage {
namespace {

using ::testing::HasSubstr;

template <typename Record>
Record Parse(const std::string& text) {
  Record record;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &record)) << text;
  return record;
}

constexpr char kLog[] = R"(
  record_time_us: 1795662000000000 dossier_number: 7 command_tail: 1 request_id: "req-1"
  event { occur_time { seconds: 1795661990 } actor: "users/lan" forwarded { to_unit: "units/dat-dai" } })";
constexpr char kDossier[] = R"(
  fact { state: 4 channel: 1 procedure: 1 field: 2 office: 3 unit: 4 officer: 5 submit_time: 1795600000
         accept_time: 1795600001 due_time: 1796000000 overdue_time: 1796000000 end_time: 1795900000
         return_time: 1795950000 flags: 3 folded_name: "nguyen thi hoa" phone_digits: "0912345678"
         identity_digits: "001099012345" code: "H24.60-261126-0001" aliases: "A-1" holder_since_time: 1795600002 }
  dossier { name: "dossiers/H24.60-261126-0001" code: "H24.60-261126-0001" state: STATE_PROCESSING revision: 258 }
  revision_deltas: 257 revision_deltas: 1)";

// The bytes of every record kind: docs/storage_format.md, section "Golden bytes". A change here breaks data in the
// field.
template <typename Record>
void ExpectGolden(const std::string& text, const std::string& hex) {
  const auto record = Parse<Record>(text);
  EXPECT_EQ(absl::BytesToHexString(EncodeRecord(record)), hex) << record.GetTypeName();
  Record decoded;
  const absl::Status status = DecodeRecord("x", absl::HexStringToBytes(hex), &decoded);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(decoded, record)) << record.GetTypeName();
}

TEST(StorageRecord, HasTheBytesOfTheFormat) {
  ExpectGolden<v1::LogRecord>(
      kLog,
      "01b2779bab088098969dd2a498031007180122057265712d3152251a0608a6c19ed8062a0975736572732f6c616eba01"
      "0f0a0d756e6974732f6461742d646169");
  ExpectGolden<v1::DossierRecord>(
      kDossier,
      "01b9167e400a820108041001180120022803300438054080dd9ad8064881dd9ad806508092b3d806588092b3d80660e0"
      "84add80668b08bb0d80670037a0e6e677579656e2074686920686f6182010a303931323334353637388a010c30303130"
      "39393031323334359201124832342e36302d3236313132362d303030319a0103412d31a00182dd9ad80612370a1b646f"
      "7373696572732f4832342e36302d3236313132362d3030303112124832342e36302d3236313132362d30303031200488"
      "0282021a03810201");
  // With uids, as dossiers are written today; the two records above show that older ones are read as before.
  ExpectGolden<v1::LogRecord>(
      "record_time_us: 1795662000000000 dossier_number: 7 request_id: 'req-1' dossier_uid: '0123456789bcdfgh' "
      "event { occur_time { seconds: 1795661990 } actor: 'officers/lan' submitted { code: 'H24.60-261126-T0001' } }",
      "01c88aeb4a088098969dd2a49803100722057265712d312a1030313233343536373839626364666768522e1a0608a6c1"
      "9ed8062a0c6f666669636572732f6c616ea2011512134832342e36302d3236313132362d5430303031");
  ExpectGolden<v1::DossierRecord>(
      "fact { state: 4 code: 'H24.60-261126-0001' aliases: 'H24.60-261126-T0001' uid: '0123456789bcdfgh' } "
      "dossier { name: 'dossiers/0123456789bcdfgh' code: 'H24.60-261126-0001' state: STATE_PROCESSING revision: 258 "
      "submission_code: 'H24.60-261126-T0001' } revision_deltas: 257 revision_deltas: 1",
      "01017d54cf0a4008049201124832342e36302d3236313132362d303030319a01134832342e36302d3236313132362d54"
      "303030319a021030313233343536373839626364666768124b0a19646f7373696572732f303132333435363738396263"
      "6466676812124832342e36302d3236313132362d30303031200488028202ca02134832342e36302d3236313132362d54"
      "303030311a03810201");
  ExpectGolden<v1::LogRecord>(
      "record_time_us: 1795662000000000 request_id: 'req-2' mirror_decision { target: 'mirrorTargets/dvcqg' "
      "kind: KIND_RETRY reason: 'x' actor: 'officers/a' items: 'mirrorTargets/dvcqg/items/0123456789bcdfgh' "
      "retried_count: 1 resend_record: true }",
      "01d29e0efb088098969dd2a4980322057265712d329a01560a136d6972726f72546172676574732f647663716710041a"
      "0178220a6f666669636572732f612a2a6d6972726f72546172676574732f64766371672f6974656d732f303132333435"
      "3637383962636466676838014801");
  ExpectGolden<v1::CodeRecord>("dossier_number: 7", "01efc3d7190807");
  ExpectGolden<v1::RequestRecord>(
      "content_hash: 81985529216486895 first_revision: 257 revision_count: 2 record_time_us: 1795662000000000",
      "0184af687309efcdab89674523011081021802208098969dd2a49803");
  ExpectGolden<v1::CounterRecord>("last: 300", "0179f6d35d08ac02");
  ExpectGolden<v1::NameRecord>("name: 'procedures/1.004873'", "0158f1a6450a1370726f636564757265732f312e303034383733");
  ExpectGolden<v1::HeadRecord>("revision: 258 last_dossier_number: 7 oldest_revision: 1 swept_revision: 100",
                               "0100e4da8d088202100718012064");
  ExpectGolden<v1::SchemaRecord>("version: 1 store_id: 1311768467463790320", "01bf43d932080119f0debc9a78563412");
  ExpectGolden<v1::LogRecord>(
      "record_time_us: 1795662000000000 field { name: 'fields/dat-dai' display_name: 'Đất đai' }",
      "01b0f576dd088098969dd2a49803621d0a0e6669656c64732f6461742d646169120bc490e1baa57420c4916169");
  ExpectGolden<v1::MirrorTargetRecord>(
      "number: 1 display_name: 'Cổng' paused: true lease_holder: 'sync' fence: 3 released: true "
      "lease_expire_time_us: 1795662000000000 lease_duration_us: 20000000 profile_digest: 'ab' position: 258 "
      "first_dossier_number: 7 unclean_revision: 200",
      "01d49e36780801120643e1bb956e6718013a0473796e634003488098969dd2a498035080dac409580162026162688202"
      "700778c801");
  ExpectGolden<v1::MirrorItemRecord>(
      "state: 3 state_revision: 258 confirmed_revision: 257 sent_status: '4' attempt_count: 2 known_to_target: true "
      "last_error { reason: 'REFUSED' code: '-3' } confirmed_step_deltas: 250 confirmed_step_deltas: 7 "
      "confirmed_digest: 'ab' decision_actor: 'officers/a'",
      "01fc11a4f308031082021881022201343802420d0a075245465553454412022d335203fa01075801620261626a0a6f66"
      "6669636572732f61");
  ExpectGolden<v1::MirrorExchangesRecord>(
      "exchanges { service: 'DongBoHoSoMC' http_status: 200 request: '{}' outcome: 'done' }",
      "0178c1a1540a1b0a0c446f6e67426f486f536f4d4328c80132027b7d5204646f6e65");
}

TEST(StorageRecord, ChecksumNeverChanges) {
  // XXH3-64 of nothing is 2d06800538d394c2.
  EXPECT_EQ(Checksum("", 0), 0x38d394c2u);
  EXPECT_EQ(Checksum("tthc", 1), 2789562671u);
  EXPECT_NE(Checksum("tthc", 1), Checksum("tthc", 2));
}

TEST(StorageRecord, FindsEveryFlippedBit) {
  const std::string key = DossierKey(7);
  const std::string value = EncodeRecord(Parse<v1::DossierRecord>(kDossier));
  for (size_t i = 0; i < value.size() * 8; ++i) {
    std::string flipped = value;
    flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
    v1::DossierRecord record;
    const absl::Status status = DecodeRecord(key, flipped, &record);
    ASSERT_EQ(status.code(), absl::StatusCode::kDataLoss) << "bit " << i;
    ASSERT_EQ(ErrorReason(status), "CHECKSUM_MISMATCH");
    ASSERT_EQ(ErrorMetadata(status, "record"), "dossier 7");
    v1::Fact fact;
    ASSERT_EQ(DecodeFact(key, flipped, &fact), status) << "bit " << i;
  }
}

TEST(StorageRecord, FindsEveryCutTail) {
  const std::string value = EncodeRecord(Parse<v1::LogRecord>(kLog));
  for (size_t size = 0; size < value.size(); ++size) {
    v1::LogRecord record;
    ASSERT_EQ(ErrorReason(DecodeRecord(LogKey(1), value.substr(0, size), &record)), "CHECKSUM_MISMATCH") << size;
  }
}

// An intact envelope of `version` around `payload`.
std::string Envelope(char version, const std::string& payload) {
  const uint32_t checksum = Checksum(payload, static_cast<unsigned char>(version));
  std::string value(1, version);
  for (int i = 0; i < 4; ++i) value.push_back(static_cast<char>(checksum >> (8 * i)));
  return value + payload;
}

TEST(StorageRecord, AsksForAnUpdateWhenTheFormatIsNewer) {
  v1::HeadRecord head;
  const absl::Status status = DecodeRecord(HeadKey(), Envelope(2, ""), &head);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ErrorReason(status), "SCHEMA_TOO_NEW");
  EXPECT_THAT(ErrorMessage(status, "vi"), HasSubstr("cập nhật phần mềm"));
}

TEST(StorageRecord, AnswersDataLossForAPayloadThatIsNoMessage) {
  v1::DossierRecord record;
  v1::Fact fact;
  // A fact that claims more bytes than there are; a tag without a value; a number that never ends.
  for (const std::string& payload :
       {std::string("\x0a\x7f\x01"), std::string("\x0a"), "\x0a" + std::string(11, '\xff')}) {
    EXPECT_EQ(ErrorReason(DecodeRecord(DossierKey(1), Envelope(1, payload), &record)), "RECORD_MALFORMED");
    EXPECT_EQ(ErrorReason(DecodeFact(DossierKey(1), Envelope(1, payload), &fact)), "RECORD_MALFORMED");
  }
}

TEST(StorageRecord, ReadsTheFactAlone) {
  const auto record = Parse<v1::DossierRecord>(kDossier);
  v1::Fact fact;
  fact.set_officer(99);
  fact.add_aliases("of the dossier before");
  ASSERT_TRUE(DecodeFact(DossierKey(7), EncodeRecord(record), &fact).ok());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(fact, record.fact()));

  v1::DossierRecord without = record;
  without.clear_fact();
  ASSERT_TRUE(DecodeFact(DossierKey(7), EncodeRecord(without), &fact).ok());
  EXPECT_EQ(fact.ByteSizeLong(), 0u);
}

}  // namespace
}  // namespace tthc::storage
