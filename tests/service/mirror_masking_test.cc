#include "server/mirror/mirror_masking.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/base/limits.h"
#include "tests/testing/mirror_target.h"
#include "tests/testing/sample_events.h"

// Personal data in exchanges and errors, as supervisors see them.
namespace tthc::server {
namespace {

using testing::MirrorTargetClient;
using testing::ServiceFixture;
using testing::ValueOrDie;

struct KeyCase {
  const char* text;
  const char* masked;
};

TEST(MaskJsonKeys, MasksValuesOfEveryKindEvenInCutOrMalformedText) {
  const std::vector<std::string> keys = {"HoTen", "SoCMND"};
  const KeyCase cases[] = {
      {R"({"HoTen":"Hòa","MaHoSo":"H1"})", R"({"HoTen":"***","MaHoSo":"H1"})"},
      {R"({"HoTen" :  "a\"b\\" , "x":1})", R"({"HoTen" :  "***" , "x":1})"},
      {R"({"SoCMND":31085012345,"x":1})", R"({"SoCMND":"***","x":1})"},
      {R"({"SoCMND":31085012345})", R"({"SoCMND":"***"})"},
      {R"({"HoTen":{"ho":"Trần","ten":["}"]},"x":1})", R"({"HoTen":"***","x":1})"},
      {R"({"HoTen":["A","B"],"x":[{"HoTen":"C"}]})", R"({"HoTen":"***","x":[{"HoTen":"***"}]})"},
      {R"({"HoTen":"","SoCMND":null})", R"({"HoTen":"","SoCMND":null})"},
      // Cut or malformed.
      {R"({"HoTen":"Trần Th)", R"({"HoTen":"***")"},
      {R"({"HoTen":{"ho":"Trần",)", R"({"HoTen":"***")"},
      {R"({"HoTen":)", R"({"HoTen":)"},
      {R"({"HoTen)", R"({"HoTen)"},
      {R"({"HoTen":"A" "SoCMND":"1" ]]])", R"({"HoTen":"***" "SoCMND":"***" ]]])"},
      // A text that is no key.
      {R"(["HoTen","A"])", R"(["HoTen","A"])"},
      {"<html>HoTen: A</html>", "<html>HoTen: A</html>"},
      {"", ""},
  };
  for (const KeyCase& one : cases) EXPECT_EQ(MaskJsonKeys(one.text, keys), one.masked) << one.text;
}

v1::Dossier Dossier() {
  v1::Dossier dossier;
  v1::Applicant& applicant = *dossier.mutable_request()->mutable_applicant();
  applicant.set_display_name("Nguyễn Thị Hòa");
  applicant.set_identity_number("031085012345");
  applicant.set_phone_number("+84 912 345 678");
  applicant.set_email("hoa@vi-du.vn");
  applicant.set_address("Số 5/3, thôn \"Đông\"");
  applicant.set_representative_name("Trần Văn Sơn");
  dossier.mutable_request()->set_content("Xin trích lục khai sinh");
  return dossier;
}

TEST(MirrorMasker, MasksValuesInEverySpelling) {
  const MirrorMasker masker(Dossier(), "Lê Minh Ơn");
  const KeyCase cases[] = {
      {"Nguyễn Thị Hòa nộp", "*** nộp"},
      {"Nguy\\u1ec5n Th\\u1ecb H\\u00f2a", "***"},
      {"Nguy\\u1EC5n Th\\u1ECB H\\u00F2a", "***"},
      {"ten=Nguy%E1%BB%85n%20Th%E1%BB%8B%20H%C3%B2a&x=1", "ten=***&x=1"},
      {"ten=Nguy%E1%BB%85n+Th%E1%BB%8B+H%C3%B2a", "ten=***"},
      {"số 031085012345 đã có", "số *** đã có"},
      {"0912345678", "***"},
      {"+84 912 345 678", "***"},
      {"hoa@vi-du.vn", "***"},
      {R"("Số 5/3, thôn \"Đông\"")", R"("***")"},
      {R"("Số 5\/3, thôn \"Đông\"")", R"("***")"},
      {"Trần Văn Sơn, Lê Minh Ơn", "***, ***"},
      {"Xin trích lục khai sinh", "***"},
      {"H24.60-261126-0001", "H24.60-261126-0001"},
  };
  for (const KeyCase& one : cases) EXPECT_EQ(masker.MaskText(one.text), one.masked) << one.text;
}

TEST(MirrorMasker, MasksTheBeginningOfAValueWhereATextWasCut) {
  const MirrorMasker masker(Dossier(), "");
  v1::MirrorExchange exchange;
  exchange.set_response(R"({"loi":"trùng với Nguyễn Th)");
  exchange.set_response_cut(true);
  exchange.set_request("0310850");
  masker.Mask(exchange);
  EXPECT_EQ(exchange.response(), R"({"loi":"trùng với ***)");
  EXPECT_EQ(exchange.request(), "0310850") << "the text was not cut, so that this is another number";
}

TEST(MirrorViews, AreMaskedUnlessTheRawViewIsRequested) {
  ServiceFixture fixture;
  MirrorTargetClient client(&fixture, "dvcqg");
  ValueOrDie(client.Acquire());
  const std::string name = fixture.MustCreate({testing::AcceptedEvent()}).name();
  const std::string applicant = fixture.MustGet(name).request().applicant().display_name();
  v1::MirrorOutcome refused =
      MirrorTargetClient::Outcome(client.MustListAll().at(0), v1::MirrorOutcome::RESULT_REFUSED);
  refused.mutable_error()->set_message(absl::StrCat("đã có hồ sơ của ", applicant));
  v1::MirrorExchange& exchange = *refused.add_exchanges();
  exchange.set_request(absl::StrCat(R"({"NguoiNop":")", applicant, R"(","BiMat":"x"})"));
  exchange.set_response(R"({"BiMat":"12345"})");
  exchange.add_personal_keys("BiMat");
  client.MustRecord(refused);

  const v1::MirrorItem masked = client.MustGetItem(name);
  EXPECT_EQ(masked.exchanges(0).request(), R"({"NguoiNop":"***","BiMat":"***"})");
  EXPECT_EQ(masked.exchanges(0).response(), R"({"BiMat":"***"})");
  EXPECT_TRUE(masked.exchanges(0).personal_keys().empty());
  EXPECT_EQ(masked.last_error().message(), "đã có hồ sơ của ***");
  const v1::MirrorItem raw = client.MustGetItem(name, v1::MIRROR_EXCHANGE_VIEW_RAW);
  EXPECT_EQ(raw.exchanges(0).request(), refused.exchanges(0).request());
  EXPECT_EQ(raw.last_error().message(), refused.error().message());

  v1::ListMirrorItemsRequest request;
  request.set_parent(client.name());
  const auto listed = ValueOrDie(fixture.Call<v1::ListMirrorItemsResponse>(request));
  EXPECT_EQ(listed.items(0).last_error().message(), "đã có hồ sơ của ***");
  EXPECT_TRUE(listed.items(0).exchanges().empty());
  request.set_dossier(name);
  request.set_view(v1::MIRROR_EXCHANGE_VIEW_RAW);
  const auto of_dossier = ValueOrDie(fixture.Call<v1::ListMirrorItemsResponse>(request));
  EXPECT_EQ(of_dossier.items(0).exchanges(0).request(), refused.exchanges(0).request());
  EXPECT_EQ(ValueOrDie(client.Skip(name)).last_error().message(), "đã có hồ sơ của ***");
}

}  // namespace
}  // namespace tthc::server
