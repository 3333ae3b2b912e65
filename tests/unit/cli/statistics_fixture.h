#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "storage/base/local_time.h"
#include "storage/base/text.h"
#include "tests/unit/cli/cli_fixture.h"
#include "tthc/v1/statistics_service.grpc.pb.h"

// A server that answers statistics which the test prepared, with the dossiers of cli_fixture.h.
namespace tthc::cli {

inline void SetBasis(v1::StatisticsBasis* basis) {
  basis->mutable_period()->set_preset("q4/2026");
  *basis->mutable_period()->mutable_start_time() = ToProto(*ParseLocalTime("2026-09-15"));
  *basis->mutable_period()->mutable_end_time() = ToProto(*ParseLocalTime("2026-12-15"));
  basis->set_revision(1234);
  *basis->mutable_as_of_time() = ToProto(*ParseLocalTime("2026-11-26T10:00"));
  *basis->mutable_evaluate_time() = basis->as_of_time();
}

class PreparedStatistics final : public v1::StatisticsService::Service {
 public:
  PreparedStatistics() {
    SetBasis(query.mutable_basis());
    query.mutable_total();
    SetBasis(list.mutable_basis());
    SetBasis(report.mutable_basis());
    SetBasis(scores.mutable_basis());
    SetBasis(plan.mutable_basis());
    report.mutable_total();
  }

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
  grpc::Status ComputeReport06a(grpc::ServerContext*, const v1::ComputeReport06aRequest* request,
                                v1::Report06a* response) override {
    reports.push_back(*request);
    *response = report;
    return ToGrpc(error);
  }
  grpc::Status ComputeScores(grpc::ServerContext*, const v1::ComputeScoresRequest* request,
                             v1::ComputeScoresResponse* response) override {
    score_requests.push_back(*request);
    *response = scores;
    return ToGrpc(error);
  }
  grpc::Status ComputePlanResults(grpc::ServerContext*, const v1::ComputePlanResultsRequest*,
                                  v1::ComputePlanResultsResponse* response) override {
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
  v1::ComputeScoresResponse scores;
  v1::ComputePlanResultsResponse plan;
  v1::CheckClosingResponse check;
  std::vector<v1::VerifyFactsResponse> portions;
  absl::Status error;

  std::vector<v1::QueryStatisticsRequest> queries;
  std::vector<v1::ListCountedDossiersRequest> lists;
  std::vector<v1::ComputeReport06aRequest> reports;
  std::vector<v1::ComputeScoresRequest> score_requests;
  std::vector<v1::UpdateSchemeRequest> scheme_updates;
  std::vector<v1::ClosePeriodRequest> closes;
  std::vector<v1::CheckClosingRequest> checks;
};

class StatisticsCommandsTest : public CliTest {
 protected:
  StatisticsCommandsTest() {
    width_ = 80;
    Serve({&server_});
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
  static size_t Widest(const std::string& text) {
    size_t widest = 0;
    for (const absl::string_view line : absl::StrSplit(text, '\n')) widest = std::max(widest, DisplayWidth(line));
    return widest;
  }

  PreparedStatistics server_;
};

}  // namespace tthc::cli
