#include "client/sync/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nlohmann/json.hpp"
#include "storage/base/errors.h"

namespace tthc::sync {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::SizeIs;

// Answers every request with one response.
class CannedHttp : public Http {
 public:
  explicit CannedHttp(absl::StatusOr<HttpResponse> answer) : answer_(std::move(answer)) {}
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request, const std::atomic<bool>*) override {
    asked = request;
    return answer_;
  }
  HttpRequest asked;

 private:
  const absl::StatusOr<HttpResponse> answer_;
};

HttpResponse Response(int status, const std::string& body) {
  HttpResponse response;
  response.status = status;
  response.body = body;
  return response;
}

EvaluationPeriod Parsed(const std::string& text) {
  const auto period = ParseEvaluationPeriod(text);
  EXPECT_TRUE(period.ok()) << text;
  return period.value_or(EvaluationPeriod());
}

TEST(EvaluationPeriodTest, CoversCivilDays) {
  struct Case {
    const char* text;
    absl::CivilDay first;
    absl::CivilDay end;
  };
  for (const Case& c : {Case{"2026-10", absl::CivilDay(2026, 10, 1), absl::CivilDay(2026, 11, 1)},
                        Case{"2026-2", absl::CivilDay(2026, 2, 1), absl::CivilDay(2026, 3, 1)},
                        Case{"2026-12", absl::CivilDay(2026, 12, 1), absl::CivilDay(2027, 1, 1)},
                        Case{"2026-Q3", absl::CivilDay(2026, 7, 1), absl::CivilDay(2026, 10, 1)},
                        Case{"2026-Q4", absl::CivilDay(2026, 10, 1), absl::CivilDay(2027, 1, 1)},
                        Case{"2026", absl::CivilDay(2026, 1, 1), absl::CivilDay(2027, 1, 1)}}) {
    EXPECT_EQ(Parsed(c.text).first_day(), c.first) << c.text;
    EXPECT_EQ(Parsed(c.text).end_day(), c.end) << c.text;
  }
}

TEST(EvaluationPeriodTest, RefusesMalformedPeriods) {
  for (const char* const text : {"", "26-10", "2026-", "2026-0", "2026-13", "2026-Q0", "2026-Q5", "2026-Q", "2026-010",
                                 "2026/10", "2026-10-01", "x", "99999", "2026Q3", "2026--1"}) {
    const auto period = ParseEvaluationPeriod(text);
    EXPECT_EQ(ErrorReason(period.status()), "FIELD_INVALID") << text;
    EXPECT_EQ(ErrorField(period.status()), "--period") << text;
  }
}

TEST(EvaluationRequestTest, HasPeriodAndDepartment) {
  const EvaluationSource source{.base_url = "https://cong.invalid/", .department_id = "401234"};
  const HttpRequest month = MakeEvaluationRequest(source, Parsed("2026-10"));
  EXPECT_EQ(month.method, "POST");
  EXPECT_EQ(month.url, "https://cong.invalid/api/v1/reporting/evaluation/dvc-progress-tree");
  EXPECT_EQ(nlohmann::json::parse(month.body),
            nlohmann::json::parse(R"({"timeType":"month","year":2026,"month":10,"rootDepartmentId":"401234",
                                      "currentPage":1,"pageSize":1000})"));
  const auto quarter = nlohmann::json::parse(MakeEvaluationRequest(source, Parsed("2026-Q3")).body);
  EXPECT_EQ(quarter["timeType"], "quarter");
  EXPECT_EQ(quarter["quarter"], 3);
  EXPECT_FALSE(quarter.contains("month"));
  const auto year = nlohmann::json::parse(MakeEvaluationRequest(source, Parsed("2026")).body);
  EXPECT_EQ(year["timeType"], "year");
  EXPECT_FALSE(year.contains("quarter"));
}

// Invented figures in the known form.
constexpr char kTree[] = R"({"code":"OK","message":null,"data":[
  {"departmentId":"400000","departmentName":"Tỉnh Mẫu","totalReceived":120,"totalOnTime":100,"totalOverdue":20,
   "totalCompleted":90,"avgProcessingDays":2.5,"children":[
     {"departmentId":401234,"departmentName":"Xã Mẫu","totalReceived":0,"totalOnTime":null,"totalOverdue":0,
      "totalCompleted":"12","avgProcessingDays":null,"children":[]}]}]})";

TEST(ReadEvaluationTest, DistinguishesMissingFromZero) {
  const auto figures = ReadEvaluation(kTree);
  ASSERT_TRUE(figures.ok()) << figures.status();
  ASSERT_THAT(*figures, SizeIs(2));
  const ProgressFigures& province = figures->at(0);
  EXPECT_EQ(province.name, "Tỉnh Mẫu");
  EXPECT_EQ(province.depth, 0);
  EXPECT_THAT(province.received, Optional(120.0));
  EXPECT_THAT(province.mean_working_days, Optional(2.5));
  const ProgressFigures& commune = figures->at(1);
  EXPECT_EQ(commune.id, "401234") << "also if it is a number";
  EXPECT_EQ(commune.depth, 1);
  EXPECT_THAT(commune.received, Optional(0.0));
  EXPECT_THAT(commune.on_time, Eq(std::nullopt));
  EXPECT_THAT(commune.overdue, Optional(0.0));
  EXPECT_THAT(commune.completed, Eq(std::nullopt)) << "a text is no number";
  EXPECT_THAT(commune.mean_working_days, Eq(std::nullopt));
}

TEST(ReadEvaluationTest, FindsTheRequestedDepartment) {
  const auto figures = ReadEvaluation(kTree);
  ASSERT_TRUE(figures.ok());
  EXPECT_EQ(FindDepartment(*figures, "401234")->name, "Xã Mẫu");
  EXPECT_EQ(FindDepartment(*figures, "1")->name, "Tỉnh Mẫu") << "the root of the tree";
  EXPECT_EQ(FindDepartment({}, "1"), nullptr);
}

TEST(ReadEvaluationTest, AcceptsAPeriodWithoutFigures) {
  for (const char* const body : {R"({"code":"OK","data":[]})", R"({"code":"OK","data":null})"}) {
    const auto figures = ReadEvaluation(body);
    ASSERT_TRUE(figures.ok()) << body;
    EXPECT_THAT(*figures, IsEmpty());
  }
}

TEST(ReadEvaluationTest, RefusesOtherForms) {
  for (const char* const body :
       {"", "null", "[]", "<html>", R"({"code":"ERROR","data":[]})", R"({"code":"OK"})", R"({"data":[]})",
        R"({"code":"OK","data":[{"x":1}]})", R"({"code":0,"data":[]})", R"({"code":"OK","data":[{"totalReceived":1)"}) {
    EXPECT_EQ(ErrorReason(ReadEvaluation(body).status()), "EVALUATION_UNREADABLE") << body;
  }
}

TEST(FetchEvaluationTest, AcceptsCreatedAsSuccess) {
  const EvaluationSource source{.base_url = "https://cong.invalid", .department_id = "401234"};
  for (const int status : {200, 201}) {
    CannedHttp http(Response(status, kTree));
    const auto figures = FetchEvaluation(http, source, Parsed("2026-10"));
    ASSERT_TRUE(figures.ok()) << figures.status();
    EXPECT_THAT(*figures, SizeIs(2));
    EXPECT_THAT(http.asked.body, HasSubstr("401234"));
  }
}

TEST(FetchEvaluationTest, ReportsWhyThereAreNoFigures) {
  const EvaluationSource source{.base_url = "https://cong.invalid", .department_id = "401234"};
  CannedHttp broken(Response(500, kTree));
  EXPECT_EQ(ErrorReason(FetchEvaluation(broken, source, Parsed("2026")).status()), "EVALUATION_UNREACHABLE");
  EXPECT_EQ(ErrorMetadata(FetchEvaluation(broken, source, Parsed("2026")).status(), "http_status"), "500");
  CannedHttp silent(absl::UnavailableError("connection refused"));
  EXPECT_EQ(ErrorReason(FetchEvaluation(silent, source, Parsed("2026")).status()), "EVALUATION_UNREACHABLE");
  CannedHttp page(Response(200, "<html>"));
  EXPECT_EQ(ErrorReason(FetchEvaluation(page, source, Parsed("2026")).status()), "EVALUATION_UNREADABLE");
}

}  // namespace
}  // namespace tthc::sync
