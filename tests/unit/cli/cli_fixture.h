#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cli/cli_app.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "tests/testing/scratch_directory.h"
#include "tthc/v1/dossier_service.grpc.pb.h"

// Whole command lines against a server that answers what the test prepared and records what it is asked. What the real
// server does with the requests is for tests/e2e/cli.
namespace tthc::cli {

inline grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status rpc = ToRpcStatus(status);
  return grpc::Status(static_cast<grpc::StatusCode>(rpc.code()), rpc.message(), rpc.SerializeAsString());
}

// The code and the name of the dossier with this tail, such as "0001". Names show nothing of codes, so that a table
// that shows a name fails its test.
inline std::string CodeOf(const std::string& tail) { return absl::StrCat("H24.99.1-261126-", tail); }
inline std::string NameOf(const std::string& tail) { return absl::StrCat("dossiers/bcdfghjklmnp", tail); }

// Has every dossier that it is asked for.
class PreparedDossiers final : public v1::DossierService::Service {
 public:
  PreparedDossiers() {
    dossier.set_state(v1::Dossier::STATE_ACCEPTED);
    dossier.mutable_request()->mutable_applicant()->set_display_name("Nguyễn Thị Hòa");
    dossier.mutable_request()->mutable_applicant()->set_phone_number("0912345678");
    *dossier.mutable_due()->mutable_due_time() = ToProto(*ParseLocalTime("2026-12-01T17:00"));
    SetTail("0001", &dossier);
  }

  grpc::Status CreateDossier(grpc::ServerContext* context, const v1::CreateDossierRequest* request,
                             v1::CreateDossierResponse* response) override {
    Record(*context);
    creates.push_back(*request);
    *response->mutable_dossier() = dossier;
    return ToGrpc(error);
  }
  grpc::Status AppendEvent(grpc::ServerContext* context, const v1::AppendEventRequest* request,
                           v1::AppendEventResponse* response) override {
    Record(*context);
    appends.push_back(*request);
    *response->mutable_dossier() = dossier;
    return ToGrpc(error);
  }
  grpc::Status GetDossier(grpc::ServerContext*, const v1::GetDossierRequest* request, v1::Dossier* response) override {
    gets.push_back(*request);
    *response = dossier;
    return ToGrpc(error);
  }
  // Not affected by `error`, so that it reaches the method that a command is about.
  grpc::Status LookupDossier(grpc::ServerContext*, const v1::LookupDossierRequest* request,
                             v1::Dossier* response) override {
    lookups.push_back(*request);
    *response = dossier;
    std::string tail(absl::StripPrefix(request->code(), CodeOf("")));
    if (tail.size() < 4) tail.insert(0, 4 - tail.size(), '0');
    SetTail(tail, response);
    return grpc::Status::OK;
  }
  grpc::Status BatchGetDossiers(grpc::ServerContext*, const v1::BatchGetDossiersRequest* request,
                                v1::BatchGetDossiersResponse* response) override {
    batches.push_back(*request);
    for (const std::string& name : request->names()) {
      SetTail(std::string(absl::StripPrefix(name, NameOf(""))), response->add_dossiers());
    }
    return grpc::Status::OK;
  }
  // Two pages of one dossier.
  grpc::Status ListDossiers(grpc::ServerContext*, const v1::ListDossiersRequest* request,
                            v1::ListDossiersResponse* response) override {
    lists.push_back(*request);
    *response->add_dossiers() = dossier;
    response->set_total_size(2);
    if (request->page_token().empty()) response->set_next_page_token("next");
    return ToGrpc(error);
  }
  grpc::Status ListEvents(grpc::ServerContext*, const v1::ListEventsRequest*,
                          v1::ListEventsResponse* response) override {
    for (const v1::Event& event : events) *response->add_events() = event;
    return ToGrpc(error);
  }

  v1::Dossier dossier;
  std::vector<v1::Event> events;
  absl::Status error;

  std::vector<v1::CreateDossierRequest> creates;
  std::vector<v1::AppendEventRequest> appends;
  std::vector<v1::GetDossierRequest> gets;
  std::vector<v1::LookupDossierRequest> lookups;
  std::vector<v1::BatchGetDossiersRequest> batches;
  std::vector<v1::ListDossiersRequest> lists;
  // Of the last write.
  std::string actor;

 private:
  static void SetTail(const std::string& tail, v1::Dossier* dossier) {
    dossier->set_name(NameOf(tail));
    dossier->set_code(CodeOf(tail));
  }

  void Record(const grpc::ServerContext& context) {
    const auto found = context.client_metadata().find("tthc-actor");
    actor = found == context.client_metadata().end() ? "" : std::string(found->second.data(), found->second.size());
  }
};

// How a command line ended.
struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

// Runs command lines against `dossiers_` and the services that the derived class hands to Serve in its constructor.
class CliTest : public ::testing::Test {
 protected:
  void Serve(const std::vector<grpc::Service*>& services) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&dossiers_);
    for (grpc::Service* const service : services) builder.RegisterService(service);
    host_ = builder.BuildAndStart();
    variables_["TTHC_SERVER"] = absl::StrCat("127.0.0.1:", port);
  }
  // Before the services are destroyed.
  void TearDown() override { host_->Shutdown(); }

  Outcome Run(const std::vector<std::string>& arguments) {
    std::istringstream in(input_);
    std::ostringstream out;
    std::ostringstream err;
    const terminal::Environment environment{.in = &in,
                                            .out = &out,
                                            .err = &err,
                                            .in_is_terminal = asks_,
                                            .out_is_terminal = terminal_,
                                            .err_is_terminal = false,
                                            .width = width_,
                                            .getenv =
                                                [this](const char* name) {
                                                  const auto found = variables_.find(name);
                                                  return found == variables_.end() ? std::string() : found->second;
                                                },
                                            .clock = &clock_,
                                            .retry = {.clock = &clock_,
                                                      .sleep = [this](absl::Duration delay) { clock_.Advance(delay); },
                                                      .uniform = [] { return 0.5; }}};
    const int code = RunCli(arguments, environment);
    return {code, out.str(), err.str()};
  }

  std::string Path(const std::string& name) const { return absl::StrCat(scratch_.path(), "/", name); }
  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  PreparedDossiers dossiers_;
  std::map<std::string, std::string> variables_;
  std::string input_;
  // Whether questions can be asked at the standard input.
  bool asks_ = false;
  // Whether the standard output is a terminal, and how wide.
  bool terminal_ = false;
  int width_ = 100;
  ManualClock clock_{*ParseLocalTime("2026-11-26T10:00")};
  testing::ScratchDirectory scratch_;

 private:
  std::unique_ptr<grpc::Server> host_;
};

}  // namespace tthc::cli
