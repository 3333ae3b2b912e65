#pragma once

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/cli_app.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/text.h"
#include "tests/testing/scratch_directory.h"
#include "tthc/v1/statistics_service.grpc.pb.h"

// Whole command lines of statistics against a server that answers with what the test prepared: what they ask, and how
// they show figures that are known. What the figures are is for tests with the real server (tests/e2e/cli).
namespace tthc::cli {

inline grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status rpc = ToRpcStatus(status);
  return grpc::Status(static_cast<grpc::StatusCode>(rpc.code()), rpc.message(), rpc.SerializeAsString());
}

inline void SetBasis(v1::StatisticsBasis* basis) {
  basis->mutable_period()->set_preset("q4/2026");
  *basis->mutable_period()->mutable_from_time() = ToProto(*ParseLocalTime("2026-09-15"));
  *basis->mutable_period()->mutable_to_time() = ToProto(*ParseLocalTime("2026-12-15"));
  basis->set_revision(1234);
  *basis->mutable_as_of_time() = ToProto(*ParseLocalTime("2026-11-26T10:00"));
  *basis->mutable_judged_time() = basis->as_of_time();
}

// Answers with what the test put there, and notes what was asked.
class PreparedServer final : public v1::StatisticsService::Service {
 public:
  PreparedServer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    SetBasis(query.mutable_basis());
    query.mutable_total();
    SetBasis(list.mutable_basis());
    SetBasis(report.mutable_basis());
    SetBasis(scores.mutable_basis());
    SetBasis(plan.mutable_basis());
    report.mutable_total();
  }
  ~PreparedServer() override { server_->Shutdown(); }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  grpc::Status QueryStatistics(grpc::ServerContext*, const v1::QueryStatisticsRequest* request,
                               v1::QueryStatisticsResponse* response) override {
    queries.push_back(*request);
    *response = query;
    return ToGrpc(error);
  }
  grpc::Status ListCountedDossiers(grpc::ServerContext*, const v1::ListCountedDossiersRequest* request,
                                   v1::ListCountedDossiersResponse* response) override {
    lists.push_back(*request);
    *response = list;
    if (request->page_token().empty() && pages > 1) response->set_next_page_token("next");
    return ToGrpc(error);
  }
  grpc::Status GetReport06a(grpc::ServerContext*, const v1::GetReport06aRequest* request,
                            v1::Report06a* response) override {
    reports.push_back(*request);
    *response = report;
    return ToGrpc(error);
  }
  grpc::Status GetScores(grpc::ServerContext*, const v1::GetScoresRequest* request,
                         v1::GetScoresResponse* response) override {
    score_requests.push_back(*request);
    *response = scores;
    return ToGrpc(error);
  }
  grpc::Status GetPlanResults(grpc::ServerContext*, const v1::GetPlanResultsRequest*,
                              v1::GetPlanResultsResponse* response) override {
    *response = plan;
    return ToGrpc(error);
  }
  grpc::Status UpdateScheme(grpc::ServerContext*, const v1::UpdateSchemeRequest* request,
                            v1::Scheme* response) override {
    scheme_updates.push_back(*request);
    *response = request->scheme();
    return ToGrpc(error);
  }
  grpc::Status ClosePeriod(grpc::ServerContext*, const v1::ClosePeriodRequest* request,
                           v1::Closing* response) override {
    closes.push_back(*request);
    *response = check.closing();
    return ToGrpc(error);
  }
  grpc::Status ListClosings(grpc::ServerContext*, const v1::ListClosingsRequest*,
                            v1::ListClosingsResponse* response) override {
    *response->add_closings() = check.closing();
    return ToGrpc(error);
  }
  grpc::Status CheckClosing(grpc::ServerContext*, const v1::CheckClosingRequest* request,
                            v1::CheckClosingResponse* response) override {
    checks.push_back(*request);
    *response = check;
    return ToGrpc(error);
  }
  grpc::Status VerifyFacts(grpc::ServerContext*, const v1::VerifyFactsRequest*,
                           grpc::ServerWriter<v1::VerifyFactsResponse>* writer) override {
    for (const v1::VerifyFactsResponse& portion : portions) writer->Write(portion);
    return ToGrpc(error);
  }

  v1::QueryStatisticsResponse query;
  v1::ListCountedDossiersResponse list;
  int pages = 1;
  v1::Report06a report;
  v1::GetScoresResponse scores;
  v1::GetPlanResultsResponse plan;
  v1::CheckClosingResponse check;
  std::vector<v1::VerifyFactsResponse> portions;
  absl::Status error;

  std::vector<v1::QueryStatisticsRequest> queries;
  std::vector<v1::ListCountedDossiersRequest> lists;
  std::vector<v1::GetReport06aRequest> reports;
  std::vector<v1::GetScoresRequest> score_requests;
  std::vector<v1::UpdateSchemeRequest> scheme_updates;
  std::vector<v1::ClosePeriodRequest> closes;
  std::vector<v1::CheckClosingRequest> checks;

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

class StatisticsCommandsTest : public ::testing::Test {
 protected:
  Outcome Run(std::vector<std::string> arguments) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    const Environment environment{
        .in = &in,
        .out = &out,
        .err = &err,
        .out_is_terminal = terminal_,
        .err_is_terminal = false,
        .width = 80,
        .getenv =
            [this](const char* name) { return std::string(name) == "TTHC_SERVER" ? server_.address() : std::string(); },
        .clock = &clock_,
        .retry = {.clock = &clock_,
                  .sleep = [this](absl::Duration delay) { clock_.Advance(delay); },
                  .uniform = [] { return 0.5; }}};
    const int code = RunCli(arguments, environment);
    return {code, out.str(), err.str()};
  }

  static v1::StatisticsValue Count(v1::Metric metric, int64_t count) {
    v1::StatisticsValue value;
    value.set_metric(metric);
    value.set_count(count);
    return value;
  }
  static v1::StatisticsValue Share(v1::Metric metric, int64_t numerator, int64_t denominator) {
    v1::StatisticsValue value;
    value.set_metric(metric);
    value.set_numerator(numerator);
    value.set_denominator(denominator);
    if (denominator > 0) value.set_percent(100.0 * static_cast<double>(numerator) / static_cast<double>(denominator));
    return value;
  }
  // A row of the prepared answer.
  void AddRow(const std::string& name, const std::string& display_name, std::vector<v1::StatisticsValue> values) {
    v1::StatisticsRow& row = *server_.query.add_rows();
    v1::StatisticsKey& key = *row.add_keys();
    key.set_group_by(v1::GROUP_BY_FIELD);
    key.set_name(name);
    key.set_display_name(display_name);
    for (v1::StatisticsValue& value : values) *row.add_values() = std::move(value);
  }
  void SetTotal(std::vector<v1::StatisticsValue> values) {
    server_.query.mutable_total()->Clear();
    for (v1::StatisticsValue& value : values) *server_.query.mutable_total()->add_values() = std::move(value);
  }
  std::string Path(const std::string& name) const { return absl::StrCat(scratch_.path(), "/", name); }
  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  static size_t Widest(const std::string& text) {
    size_t widest = 0;
    for (const absl::string_view line : absl::StrSplit(text, '\n')) widest = std::max(widest, DisplayWidth(line));
    return widest;
  }

  PreparedServer server_;
  testing::ScratchDirectory scratch_;
  bool terminal_ = false;
  ManualClock clock_{*ParseLocalTime("2026-11-26T10:00")};
};

}  // namespace tthc::cli
