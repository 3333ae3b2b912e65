#include "client/sdk/client.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "tests/unit/sdk/fake_retry_environment.h"
#include "tthc/v1/change_service.grpc.pb.h"
#include "tthc/v1/dossier_service.grpc.pb.h"

namespace tthc::sdk {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// --- The contract that the client relies on --------------------------------------------------------------------------

std::vector<const google::protobuf::MethodDescriptor*> UnaryMethods() {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  for (const google::protobuf::FileDescriptor* file :
       {v1::GetDossierRequest::descriptor()->file(), v1::GetProcedureRequest::descriptor()->file(),
        v1::PreviewDueTimeRequest::descriptor()->file(), v1::ListChangesRequest::descriptor()->file(),
        v1::ListLateDossiersRequest::descriptor()->file(), v1::QueryStatisticsRequest::descriptor()->file(),
        v1::GetMirrorTargetRequest::descriptor()->file()}) {
    for (int i = 0; i < file->service(0)->method_count(); ++i) {
      const auto* const method = file->service(0)->method(i);
      if (!method->client_streaming() && !method->server_streaming()) methods.push_back(method);
    }
  }
  return methods;
}

TEST(ClientContract, EveryRequestTypeBelongsToOneMethod) {
  std::map<std::string, int> uses;
  for (const auto* method : UnaryMethods()) {
    ++uses[std::string(method->input_type()->full_name())];
    EXPECT_EQ(method->input_type()->file(), method->service()->file()) << method->full_name();
  }
  for (const auto& [type, count] : uses) EXPECT_EQ(count, 1) << type;
  EXPECT_GT(uses.size(), 50u);
}

TEST(ClientContract, EveryUnaryMethodMayBeSentTwice) {
  const std::set<std::string> idempotent = {"CompactChanges", "AcquireMirrorTarget", "RenewMirrorTarget",
                                            "ReleaseMirrorTarget", "RecordMirrorOutcomes"};
  for (const auto* method : UnaryMethods()) {
    bool reads = false;
    for (const char* verb :
         {"Get", "List", "Lookup", "BatchGet", "Query", "Compute", "Check", "Preview", "Explain", "Summarize"}) {
      reads = reads || absl::StartsWith(std::string(method->name()), verb);
    }
    const bool named = method->input_type()->FindFieldByName("request_id") != nullptr;
    EXPECT_TRUE(reads || named || idempotent.contains(std::string(method->name()))) << method->full_name();
  }
}

// --- Against a server ------------------------------------------------------------------------------------------------

class PreparedDossiers final : public v1::DossierService::Service {
 public:
  grpc::Status AppendEvent(grpc::ServerContext*, const v1::AppendEventRequest* request,
                           v1::AppendEventResponse* response) override {
    ids.push_back(request->request_id());
    if (ids.size() < 3) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "away");
    response->mutable_event()->set_revision(7);
    return grpc::Status::OK;
  }

  std::vector<std::string> ids;
};

class PreparedChanges final : public v1::ChangeService::Service {
 public:
  grpc::Status ListChanges(grpc::ServerContext*, const v1::ListChangesRequest*,
                           v1::ListChangesResponse* response) override {
    response->set_head_revision(7);
    return grpc::Status::OK;
  }
  // Breaks the first connection before anything was sent.
  grpc::Status WatchChanges(grpc::ServerContext*, const v1::WatchChangesRequest* request,
                            grpc::ServerWriter<v1::WatchChangesResponse>* writer) override {
    watches.push_back(*request);
    if (watches.size() == 1) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "away");
    v1::WatchChangesResponse message;
    message.set_revision(9);
    writer->Write(message);
    return grpc::Status::OK;
  }

  std::vector<v1::WatchChangesRequest> watches;
};

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&dossiers_);
    builder.RegisterService(&changes_);
    server_ = builder.BuildAndStart();
    ClientOptions options;
    options.target = absl::StrCat("127.0.0.1:", port);
    options.environment = fake_.Get();
    client_ = std::make_unique<Client>(options);
  }
  ~ClientTest() override { server_->Shutdown(); }

  FakeRetryEnvironment fake_;
  PreparedDossiers dossiers_;
  PreparedChanges changes_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Client> client_;
};

TEST_F(ClientTest, ARequestIdIsMadeOnceAndKeptForEveryTry) {
  const absl::StatusOr<v1::AppendEventResponse> response = client_->AppendEvent({});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->event().revision(), 7);
  ASSERT_THAT(dossiers_.ids, SizeIs(3));
  EXPECT_THAT(dossiers_.ids, Each(AllOf(SizeIs(36), dossiers_.ids[0])));
  v1::AppendEventRequest request;
  request.set_request_id("own");
  EXPECT_TRUE(client_->AppendEvent(request).ok());
  EXPECT_EQ(dossiers_.ids.back(), "own");
}

TEST_F(ClientTest, FromNowNamesARevisionThatABrokenConnectionKeeps) {
  v1::WatchChangesRequest request;
  request.set_from_now(true);
  EXPECT_TRUE(client_->WatchChanges(request, [](const v1::WatchChangesResponse&) { return false; }).ok());
  ASSERT_THAT(changes_.watches, SizeIs(2));
  for (const v1::WatchChangesRequest& watch : changes_.watches) {
    EXPECT_EQ(watch.start_revision(), 8);
    EXPECT_FALSE(watch.from_now());
  }
}

TEST_F(ClientTest, WithoutFromNowAWatchStartsAtTheOldestRevision) {
  EXPECT_TRUE(client_->WatchChanges({}, [](const v1::WatchChangesResponse&) { return false; }).ok());
  EXPECT_EQ(changes_.watches[0].start_revision(), 0);
}

TEST_F(ClientTest, CanceledWatchesEndAndNoneStarts) {
  client_->CancelWatches();
  EXPECT_EQ(client_->WatchChanges({}, [](const v1::WatchChangesResponse&) { return true; }).code(),
            absl::StatusCode::kCancelled);
}

TEST_F(ClientTest, HealthIsReportedForWhatWasAskedAbout) {
  server_->GetHealthCheckService()->SetServingStatus("tthc.v1.write", false);
  EXPECT_TRUE(client_->CheckHealth(HealthScope::kReads).ok());
  const absl::Status writes = client_->CheckHealth(HealthScope::kWrites);
  EXPECT_EQ(writes.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorReason(writes), "NOT_SERVING");
  EXPECT_THAT(ErrorMessage(writes, "en"), HasSubstr("accepts no writes now"));
  server_->GetHealthCheckService()->SetServingStatus("tthc.v1.write", true);
  EXPECT_TRUE(client_->CheckHealth(HealthScope::kWrites).ok());
  server_->GetHealthCheckService()->SetServingStatus(false);
  EXPECT_THAT(ErrorMessage(client_->CheckHealth(HealthScope::kReads), "en"), HasSubstr("does not serve now"));
}

TEST_F(ClientTest, AServerThatIsAwayIsNamed) {
  server_->Shutdown();
  const absl::Status status = client_->CheckHealth(HealthScope::kReads);
  EXPECT_EQ(ErrorReason(status), "SERVER_UNREACHABLE");
  EXPECT_THAT(ErrorMessage(status, "vi"), HasSubstr(client_->options().target));
  EXPECT_THAT(fake_.slept, IsEmpty()) << "health is asked once";
}

}  // namespace
}  // namespace tthc::sdk
