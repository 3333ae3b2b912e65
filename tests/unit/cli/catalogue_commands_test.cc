#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/cli/cli_fixture.h"
#include "tthc/v1/catalogue_service.grpc.pb.h"

// What command lines about the catalogue ask of the server.
namespace tthc::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Lists have two pages of one item.
class PreparedCatalogue final : public v1::CatalogueService::Service {
 public:
  grpc::Status ListProcedures(grpc::ServerContext*, const v1::ListProceduresRequest* request,
                              v1::ListProceduresResponse* response) override {
    response->add_procedures()->set_name(Name("procedures/1.00", *request));
    SetNext(*request, response);
    return grpc::Status::OK;
  }
  grpc::Status UpdateProcedure(grpc::ServerContext*, const v1::UpdateProcedureRequest* request,
                               v1::Procedure* response) override {
    updates.push_back(*request);
    *response = request->procedure();
    return grpc::Status::OK;
  }
  grpc::Status ListOffices(grpc::ServerContext*, const v1::ListOfficesRequest* request,
                           v1::ListOfficesResponse* response) override {
    response->add_offices()->set_name(Name("offices/H24.", *request));
    SetNext(*request, response);
    return grpc::Status::OK;
  }
  grpc::Status ListUnits(grpc::ServerContext*, const v1::ListUnitsRequest* request,
                         v1::ListUnitsResponse* response) override {
    response->add_units()->set_name(Name("units/phong-", *request));
    SetNext(*request, response);
    return grpc::Status::OK;
  }
  grpc::Status ListOfficers(grpc::ServerContext*, const v1::ListOfficersRequest* request,
                            v1::ListOfficersResponse* response) override {
    response->add_officers()->set_name(Name("officers/nv-", *request));
    SetNext(*request, response);
    return grpc::Status::OK;
  }
  grpc::Status ImportOffices(grpc::ServerContext*, const v1::ImportOfficesRequest* request,
                             v1::ImportOfficesResponse* response) override {
    imports.push_back(*request);
    response->set_changed_count(request->fields_size() + request->offices_size());
    return grpc::Status::OK;
  }
  grpc::Status ListCalendars(grpc::ServerContext*, const v1::ListCalendarsRequest* request,
                             v1::ListCalendarsResponse* response) override {
    response->add_calendars()->set_version(request->page_token().empty() ? 12 : 11);
    SetNext(*request, response);
    return grpc::Status::OK;
  }
  grpc::Status RecomputeDueTimes(grpc::ServerContext*, const v1::RecomputeDueTimesRequest*,
                                 grpc::ServerWriter<v1::RecomputeDueTimesResponse>* writer) override {
    writer->Write(recomputed);
    return grpc::Status::OK;
  }

  v1::RecomputeDueTimesResponse recomputed;

  std::vector<v1::UpdateProcedureRequest> updates;
  std::vector<v1::ImportOfficesRequest> imports;

 private:
  template <typename Request>
  static std::string Name(const std::string& prefix, const Request& request) {
    return absl::StrCat(prefix, request.page_token().empty() ? "1" : "2");
  }
  template <typename Request, typename Response>
  static void SetNext(const Request& request, Response* response) {
    if (request.page_token().empty()) response->set_next_page_token("next");
  }
};

class CatalogueCommandsTest : public CliTest {
 protected:
  CatalogueCommandsTest() { Serve({&server_}); }

  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(Path(name)) << text;
    return Path(name);
  }

  PreparedCatalogue server_;
};

TEST_F(CatalogueCommandsTest, ListsShowAllPages) {
  EXPECT_THAT(Run({"procedures", "list"}).out, AllOf(HasSubstr("1.001"), HasSubstr("1.002")));
  EXPECT_THAT(Run({"calendar", "list"}).out, AllOf(HasSubstr("12"), HasSubstr("11")));
  EXPECT_THAT(Run({"offices", "list"}).out,
              AllOf(HasSubstr("H24.1"), HasSubstr("H24.2"), HasSubstr("phong-2"), HasSubstr("nv-2")));
}

TEST_F(CatalogueCommandsTest, AProcedureAsShownIsCheckedByItsEtag) {
  const std::string path = Write("mot.json", R"({"name":"procedures/1.1","version":3,"etag":"\"v3\""})");
  EXPECT_EQ(Run({"procedures", "update", path}).code, kExitOk);
  ASSERT_THAT(server_.updates, SizeIs(1));
  EXPECT_TRUE(server_.updates[0].allow_missing());
  EXPECT_EQ(server_.updates[0].procedure().etag(), "\"v3\"");
  EXPECT_EQ(server_.updates[0].procedure().version(), 0);
}

TEST_F(CatalogueCommandsTest, AListOfProceduresGoesToAnyServer) {
  const std::string array =
      Write("mang.json", R"([{"name":"procedures/1.1","etag":"\"v3\""},{"name":"procedures/1.2"}])");
  EXPECT_EQ(Run({"procedures", "update", array, "--dry-run"}).code, kExitOk);
  ASSERT_THAT(server_.updates, SizeIs(2));
  EXPECT_TRUE(server_.updates[0].validate_only());
  EXPECT_EQ(server_.updates[0].procedure().etag(), "");
  const std::string object = Write(
      "danh-muc.json",
      R"({"procedures":[{"name":"procedures/1.3"}],"fields":[{"name":"fields/ho-tich","displayName":"Hộ tịch"}]})");
  EXPECT_EQ(Run({"procedures", "update", object}).code, kExitOk);
  ASSERT_THAT(server_.imports, SizeIs(1));
  EXPECT_EQ(server_.imports[0].fields(0).name(), "fields/ho-tich");
  EXPECT_EQ(server_.updates[2].procedure().name(), "procedures/1.3");
  const std::string wrong = Write("sai.json", R"({"procedures":[],"offices":[]})");
  const Outcome outcome = Run({"procedures", "update", wrong});
  EXPECT_EQ(outcome.code, kExitUsage);
  EXPECT_THAT(outcome.err, HasSubstr("offices"));
}

TEST_F(CatalogueCommandsTest, RecomputingShowsCodesAndReasons) {
  v1::RecomputedDossier& moved = *server_.recomputed.add_dossiers();
  moved.set_name(NameOf("0001"));
  moved.set_code(CodeOf("0001"));
  *moved.mutable_previous_due_time() = ToProto(*ParseLocalTime("2026-12-01T17:00"));
  *moved.mutable_due_time() = ToProto(*ParseLocalTime("2026-12-02T17:00"));
  v1::RecomputedDossier& failed = *server_.recomputed.add_dossiers();
  failed.set_code(CodeOf("0002"));
  *failed.mutable_error() = ToRpcStatus(MakeError({.code = absl::StatusCode::kFailedPrecondition,
                                                   .reason = "CALENDAR_YEAR_NOT_LOADED",
                                                   .message = "no year",
                                                   .message_vi = "chưa có lịch năm 2028"}));
  server_.recomputed.set_failed_count(1);
  const Outcome outcome = Run({"calendar", "recompute", "--reason", "NQ 28"});
  EXPECT_EQ(outcome.code, kExitFailure);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr(CodeOf("0001") + "  01/12/2026 17:00  02/12/2026 17:00"),
                                 HasSubstr("chưa có lịch năm 2028")));
  EXPECT_THAT(Run({"calendar", "recompute", "--reason", "x", "--lang", "en"}).out, HasSubstr("no year"));
}

}  // namespace
}  // namespace tthc::cli
