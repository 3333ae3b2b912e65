#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/sdk/client.h"
#include "client/sdk/paging.h"
#include "storage/base/csv.h"
#include "tests/e2e/cli/cli_fixture.h"

namespace tthc::testing {
namespace {

using ::testing::HasSubstr;

// A register with these columns, by header.
using Cells = std::map<std::string, std::string>;

std::string Register(const std::vector<Cells>& rows) {
  const std::vector<std::string> header = {
      "Loại",    "Thời điểm", "Mã hồ sơ",     "Mã TTHC",         "Tên tổ chức, cá nhân",
      "Cơ quan", "Kênh",      "Nhận hồ sơ",   "Ngày xử lý xong", "Trả kết quả",
      "Đơn vị",  "Kết quả",   "Mức đánh giá", "Giai đoạn"};
  std::string text;
  AppendCsvRow(header, {}, &text);
  for (const Cells& row : rows) {
    std::vector<std::string> cells;
    for (const std::string& column : header) cells.push_back(row.count(column) > 0 ? row.at(column) : "");
    AppendCsvRow(cells, {}, &text);
  }
  return text;
}

// Taken in on 05/01/2026 at 08:15; `more` adds and replaces.
Cells Taken(const std::string& code, const Cells& more = {}) {
  Cells row = more;
  row.insert({{"Mã hồ sơ", code},
              {"Mã TTHC", "1.004222"},
              {"Tên tổ chức, cá nhân", "Nguyễn Thị Hòa"},
              {"Cơ quan", "H24.99.1"},
              {"Kênh", "Trực tiếp"},
              {"Nhận hồ sơ", "05/01/2026 08:15"}});
  return row;
}

Cells Happened(const std::string& kind, const std::string& time, const std::string& code, const Cells& more = {}) {
  Cells row = more;
  row.insert({{"Loại", kind}, {"Thời điểm", time}, {"Mã hồ sơ", code}});
  return row;
}

class CliRegisterTest : public CliTest {
 protected:
  nlohmann::json Import(const std::string& path, int status = 0) const {
    const ProgramResult result = Run({"import", path, "-o", "json"});
    EXPECT_EQ(result.status, status) << result.errors;
    return nlohmann::json::parse(result.output, nullptr, false);
  }

  // The folded dossiers by code, without what differs from server to server: names, revisions, first codes.
  static std::map<std::string, std::string> States(const std::string& address) {
    sdk::ClientOptions options;
    options.target = address;
    sdk::Client client(options);
    std::map<std::string, std::string> states;
    v1::ListDossiersRequest request;
    request.set_view(v1::DOSSIER_VIEW_FULL);
    const absl::Status status = sdk::ForEachPage(
        request, [&](const v1::ListDossiersRequest& page) { return client.ListDossiers(page); },
        [&](const v1::ListDossiersResponse& page) {
          for (v1::Dossier dossier : page.dossiers()) {
            // Before acceptance each server gives its own code; the code of the server that it came from is an alias.
            const std::string key =
                dossier.code().empty() ? dossier.request().applicant().display_name() : dossier.code();
            dossier.clear_name();
            dossier.clear_submission_code();
            dossier.clear_etag();
            dossier.clear_revision();
            dossier.clear_due_revision();
            dossier.clear_event_count();
            dossier.clear_aliases();
            dossier.clear_timeliness();
            dossier.mutable_request()->clear_aliases();
            states[key] = dossier.DebugString();
          }
          return true;
        });
    EXPECT_TRUE(status.ok()) << status;
    return states;
  }
};

TEST_F(CliRegisterTest, TheTemplateGoesInOnce) {
  const std::string path = Write("template.csv", Ok({"import", "--template"}));
  EXPECT_EQ(Import(path), nlohmann::json::parse(R"({"rows":8,"added":8,"alreadyThere":0,"refused":0,"warnings":0})"));
  EXPECT_EQ(Import(path), nlohmann::json::parse(R"({"rows":8,"added":0,"alreadyThere":8,"refused":0,"warnings":0})"));
  EXPECT_EQ(Json({"show", "H24.99.1-260105-0001"})["state"], "STATE_RETURNED");
  EXPECT_EQ(Json({"history", "H24.99.1-260105-0002"}).size(), 7u);
  EXPECT_FALSE(std::filesystem::exists(path + ".errors.csv"));
}

TEST_F(CliRegisterTest, ALaterRegisterAddsOnlyWhatIsNew) {
  Import(Write("a.csv", Register({Taken("OLD-260105-0001")})));
  EXPECT_EQ(Json({"show", "OLD-260105-0001"})["state"], "STATE_ACCEPTED");
  // The same dossier, resolved since, and rated.
  const nlohmann::json counts =
      Import(Write("b.csv", Register({Happened("đánh giá", "05/01/2026 08:20", "OLD-260105-0001",
                                               {{"Mức đánh giá", "Hài lòng"}, {"Giai đoạn", "Tiếp nhận"}}),
                                      Taken("OLD-260105-0001", {{"Ngày xử lý xong", "12/01/2026 16:00"},
                                                                {"Trả kết quả", "13/01/2026 08:00"}})})));
  EXPECT_EQ(counts["added"], 2);
  EXPECT_EQ(Json({"show", "OLD-260105-0001"})["state"], "STATE_RETURNED");
  EXPECT_EQ(Json({"history", "OLD-260105-0001"}).size(), 4u);
}

TEST_F(CliRegisterTest, GoodRowsAreAddedAndBadOnesReportedWithLineColumnAndReason) {
  const std::string path = Write(
      "mixed.csv",
      Register({Taken("C-260105-0001"), Taken("C-260105-0002", {{"Mã TTHC", "9.999999"}}),
                Happened("chuyển xử lý", "05/01/2026 09:00", "C-260105-0002", {{"Đơn vị", "vp"}}),
                Taken("C-260105-0003", {{"Kênh", "fax"}}), Taken("C-260105-0004", {{"Ngày xử lý xong", "04/01/2026"}}),
                Happened("trả kết quả", "05/01/2026 10:00", "C-260105-0001"),
                Happened("chuyển xử lý", "05/01/2026 10:00", "C-260105-0001", {{"Đơn vị", "không-có"}}),
                Happened("chuyển xử lý", "06/01/2026 10:00", "C-260105-0001", {{"Đơn vị", "vp"}}),
                Happened("ghi gì đó", "06/01/2026 10:00", "C-260105-0001"),
                Taken("C-260105-0001", {{"Tên tổ chức, cá nhân", "Người khác"}})}));
  const nlohmann::json counts = Import(path, 1);
  const absl::StatusOr<std::vector<CsvRow>> errors = ReadCsv(Read(path + ".errors.csv"), {});
  ASSERT_TRUE(errors.ok()) << errors.status();
  std::map<std::string, std::string> columns;
  for (size_t i = 1; i < errors->size(); ++i) {
    columns[(*errors)[i].cells[0]] = (*errors)[i].cells[1];
    EXPECT_FALSE((*errors)[i].cells[2].empty());
    EXPECT_FALSE((*errors)[i].cells[3].empty());
  }
  EXPECT_EQ(columns, (Cells{{"3", "Mã TTHC"},
                            {"4", ""},
                            {"5", "Kênh"},
                            {"6", "Thời điểm"},
                            {"7", ""},
                            {"8", "Đơn vị"},
                            {"10", "Loại"},
                            {"11", ""}}));
  EXPECT_EQ(Json({"show", "C-260105-0001"})["unit"], "units/vp");
  EXPECT_EQ(counts["refused"].get<size_t>(), columns.size());

  // Corrected in the file of errors, it goes in as it is.
  std::string corrected = Read(path + ".errors.csv");
  corrected = absl::StrReplaceAll(corrected, {{"9.999999", "1.004222"}, {"fax", "Bưu chính"}});
  const std::string again = Write("corrected.csv", corrected);
  Import(again, 1);
  EXPECT_EQ(Json({"show", "C-260105-0002"})["unit"], "units/vp");
  EXPECT_EQ(Json({"show", "C-260105-0003"})["state"], "STATE_ACCEPTED");
}

TEST_F(CliRegisterTest, BrokenQuotesCostTheirLineAndTheSwallowedLinesAreReported) {
  const std::string text =
      absl::StrCat(Register({Taken("Q-260105-0001")}), ",,Q-260105-0002,1.004222,\"A\" B,,,,,,,,,\n",
                   ",,Q-260105-0003,1.004222,A,H24.99.1,Trực tiếp,05/01/2026,,,,,,\n",
                   ",,Q-260105-0004,1.004222,\"A,H24.99.1,Trực tiếp,05/01/2026,,,,,,\n",
                   ",,Q-260105-0005,1.004222,A,H24.99.1,Trực tiếp,05/01/2026,,,,,,\n");
  const ProgramResult result = Run({"import", Write("quotes.csv", text)});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("đã nhập 2 · đã có 0 · lỗi 2"));
  EXPECT_THAT(result.errors, HasSubstr("không đọc được dòng 6–6"));
  EXPECT_EQ(Json({"list"}).size(), 2u);
}

TEST_F(CliRegisterTest, EveryDialectOfCsvGoesIn) {
  const std::string header = "Mã hồ sơ;Mã TTHC;Tên tổ chức, cá nhân;Cơ quan;Kênh;Nhận hồ sơ\r\n";
  const std::string row = ";1.004222;\"Nguyễn \"\"Tý\"\"\nVăn A\";H24.99.1;Trực tiếp;05/01/2026\r\n";
  EXPECT_EQ(Import(Write("excel.csv", absl::StrCat("\xEF\xBB\xBF", header, "D-260105-0001", row)), 1)["rows"], 1);
  EXPECT_EQ(
      Import(Write("semicolon.csv",
                   absl::StrCat("\xEF\xBB\xBF", header,
                                "D-260105-0002;1.004222;Nguyễn Văn A;H24.99.1;Trực tiếp;05/01/2026\r\n")))["added"],
      1);
  EXPECT_EQ(Import(Write("tab.csv", absl::StrReplaceAll(
                                        absl::StrCat(header, "D-260105-0003;1.004222;A;H24.99.1;Trực tiếp;05/01/2026"),
                                        {{";", "\t"}})))["added"],
            1);
}

TEST_F(CliRegisterTest, FilesThatAreNoRegisterAreRefusedWhole) {
  const struct {
    const char* name;
    std::string text;
    const char* message;
  } kCases[] = {{"empty.csv", "", "không có dòng nào"},
                {"utf16.csv", std::string("\xFF\xFEM\0\xE3\0", 6), ""},
                {"latin.csv", "M\xE3 h\xF4 s\xF5,K\xEAnh\nA,b\n", "UTF-8"},
                {"unknown.csv", "Mã hồ sơ,Cột lạ\nA,b\n", "Cột lạ"},
                {"twice.csv", "Mã hồ sơ,Kênh,kenh\nA,b,c\n", ""},
                {"nocode.csv", "Kênh\nb\n", "Mã hồ sơ"}};
  for (const auto& c : kCases) {
    const ProgramResult result = Run({"import", Write(c.name, c.text)});
    EXPECT_TRUE(result.status == 1 || result.status == 2) << c.name << result.status;
    EXPECT_THAT(result.errors, HasSubstr(c.message)) << c.name;
    EXPECT_EQ(result.output, "") << c.name;
  }
  EXPECT_EQ(Run({"import", "no-such-file.csv"}).status, 3);
  EXPECT_EQ(Run({"import"}).status, 2);
  EXPECT_TRUE(Json({"list"}).empty());
}

TEST_F(CliRegisterTest, PromisesThatDifferFromTheLawsAreReported) {
  const ProgramResult result =
      Run({"import", Write("promised.csv",
                           "Mã hồ sơ,Mã TTHC,\"Tên tổ chức, cá nhân\",Cơ quan,Kênh,Nhận hồ sơ,Hẹn trả\n"
                           "P-260105-0001,1.004222,A,H24.99.1,Trực tiếp,05/01/2026 08:00,13/01/2026\n"
                           "P-260105-0002,1.004222,B,H24.99.1,Trực tiếp,05/01/2026 08:00,14/01/2026\n")});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.errors, HasSubstr("P-260105-0002: sổ hẹn 14/01/2026"));
  EXPECT_THAT(result.errors, ::testing::Not(HasSubstr("P-260105-0001")));
}

TEST_F(CliRegisterTest, CheckNeedsNoServer) {
  const std::string path = Write("template.csv", Ok({"import", "--template"}));
  EXPECT_EQ(Run({"import", path, "--check", "--server", "127.0.0.1:1"}).status, 0);
  EXPECT_EQ(Run({"import", path, "--server", "127.0.0.1:1", "--timeout", "1"}).status, 5);
  EXPECT_TRUE(Json({"list"}).empty());
}

TEST_F(CliRegisterTest, ExportAndImportRoundTripToTheSameStates) {
  Import(Write("template.csv", Ok({"import", "--template"})));
  const std::string first =
      Accept({"--identity", "031190001234", "--documents", "Tờ khai;KQ-1;bản chính;1;có|Ảnh \\| 3x4", "--request",
              "=1+1 \"trích\", dòng 1", "--alias", "DVC-1", "--fee", "15000"});
  for (const std::vector<std::string>& step :
       std::vector<std::vector<std::string>>{{"forward", first, "vp", "--limit", "1,5wd", "--note", "-gấp"},
                                             {"take", first, "vp", "--officer", "hcc01"},
                                             {"opinion", "ask", first, "kt"},
                                             {"supplement", "ask", first, "--content", "Thiếu", "--reason", "Thiếu"},
                                             {"note", first, "+84 912"},
                                             {"rate", first, "satisfied", "--phase", "reception"},
                                             {"paid", first, "15000"},
                                             {"petition", "receive", first, "PA-1", "--content", "Chậm"},
                                             {"alias", first, "X-1", "--system", "igate"}}) {
    Ok(step);
  }
  const std::string second = Accept();
  Ok({"forward", second, "vp"});
  const std::string revision = std::to_string(Json({"history", second})[1]["revision"].get<int64_t>());
  Ok({"amend", second, revision, "--set", "unit=kt", "--reason", "Nhầm", "--approver", "B"});
  Ok({"pause", second, "--reason", "verification", "--document", "CV 1"});
  const std::string third = Accept();
  Ok({"note", third, "sẽ bị hủy"});
  Ok({"amend", third, std::to_string(Json({"history", third})[1]["revision"].get<int64_t>()), "--void", "--reason",
      "Nhầm", "--approver", "B"});
  Ok({"finish", third, "--result", "refused", "--reason", "Không đủ điều kiện"});
  Ok({"submit", "--procedure", "1.004873", "--name", "Chờ tiếp nhận"});
  const std::string online = Json({"submit", "--procedure", "1.004873", "--name", "Đã tiếp nhận"})["submissionCode"];
  Ok({"accept", online, "--unit", "hcc"});
  Ok({"refuse", "--procedure", "1.004873", "--name", "Bị từ chối", "--reason", "Không thuộc thẩm quyền"});

  const std::string exported = scratch_.path() + "/export.csv";
  Ok({"export", "--to", exported});
  const std::map<std::string, std::string> before = States(server_->address());
  EXPECT_EQ(Import(exported)["added"], 0) << "everything was exported from this server";
  EXPECT_EQ(States(server_->address()), before);

  // A clock behind everything that happened at the first server.
  server_ = StartServer("2026-11-20T10:00");
  const nlohmann::json counts = Import(exported);
  EXPECT_EQ(counts["added"], counts["rows"]);
  EXPECT_EQ(States(server_->address()), before);
  // What was exported again is the same text, but for codes given before acceptance.
  EXPECT_EQ(Import(exported)["added"], 0);
}

}  // namespace
}  // namespace tthc::testing
