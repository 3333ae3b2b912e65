// The whole server over real gRPC, in the test's process.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/engine/memory_engine.h"
#include "tests/testing/faulty_engine.h"
#include "tests/testing/sample_requests.h"
#include "tests/testing/test_server.h"

namespace tthc::rpc {
namespace {

using testing::AcceptRequest;
using testing::ForwardRequest;
using testing::FromGrpc;
using ::testing::HasSubstr;
using testing::NoteRequest;
using testing::TestServer;

constexpr absl::Duration kPatience = absl::Seconds(30);

std::unique_ptr<grpc::ClientContext> Context(absl::Duration patience = kPatience) {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(absl::ToChronoTime(absl::Now() + patience));
  return context;
}

v1::Dossier Accept(TestServer* server) {
  v1::CreateDossierRequest request = AcceptRequest();
  request.set_view(v1::DOSSIER_VIEW_FULL);
  v1::CreateDossierResponse response;
  const absl::Status status = FromGrpc(server->dossiers().CreateDossier(Context().get(), request, &response));
  EXPECT_TRUE(status.ok()) << status;
  return response.dossier();
}

absl::Status Append(TestServer* server, const v1::AppendEventRequest& request) {
  v1::AppendEventResponse response;
  return FromGrpc(server->dossiers().AppendEvent(Context().get(), request, &response));
}

// grpc.health.v1, whose proto is not ours: HealthCheckRequest{string service = 1}, HealthCheckResponse{status = 1}.
std::string CheckHealth(TestServer* server, const std::string& name) {
  std::string bytes = name.empty() ? "" : absl::StrCat("\x0a", std::string(1, static_cast<char>(name.size())), name);
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  const auto context = Context();
  std::promise<grpc::Status> done;
  grpc::GenericStub stub(server->channel());
  stub.UnaryCall(context.get(), "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &response,
                 [&done](grpc::Status status) { done.set_value(std::move(status)); });
  const grpc::Status status = done.get_future().get();
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return "unknown name";
  if (!status.ok()) return status.error_message();
  grpc::Slice answer;
  EXPECT_TRUE(response.DumpToSingleSlice(&answer).ok());
  return std::string(reinterpret_cast<const char*>(answer.begin()), answer.size()) == "\x08\x01" ? "serving"
                                                                                                 : "not serving";
}

TEST(Server, RecordsTheFirstDayOfADossier) {
  TestServer server;
  const v1::Dossier accepted = Accept(&server);
  EXPECT_EQ(accepted.code(), "H24.99.1-260821-0001");
  EXPECT_EQ(accepted.state(), v1::Dossier::STATE_ACCEPTED);
  ASSERT_TRUE(Append(&server, ForwardRequest(accepted.name())).ok());

  v1::LookupDossierRequest lookup;
  lookup.set_code("260821-0001");
  v1::Dossier dossier;
  ASSERT_TRUE(server.dossiers().LookupDossier(Context().get(), lookup, &dossier).ok());
  EXPECT_EQ(dossier.name(), accepted.name());
  EXPECT_EQ(dossier.state(), v1::Dossier::STATE_PROCESSING);
  EXPECT_EQ(dossier.unit(), "units/vp");
  EXPECT_TRUE(dossier.due().has_due_time());

  v1::ListDossiersRequest list;
  list.mutable_filter()->set_query("nguyen thi hoa");
  v1::ListDossiersResponse found;
  ASSERT_TRUE(server.dossiers().ListDossiers(Context().get(), list, &found).ok());
  ASSERT_EQ(found.total_size(), 1);
  EXPECT_EQ(found.dossiers(0).name(), accepted.name());

  v1::ListEventsRequest history;
  history.set_parent(accepted.name());
  v1::ListEventsResponse events;
  ASSERT_TRUE(server.dossiers().ListEvents(Context().get(), history, &events).ok());
  ASSERT_EQ(events.events_size(), 2);
  EXPECT_TRUE(events.events(0).has_accepted());
  EXPECT_TRUE(events.events(1).has_forwarded());
}

TEST(Server, AnswersWritesWithAReferenceUnlessAskedForMore) {
  TestServer server;
  v1::CreateDossierResponse created;
  ASSERT_TRUE(server.dossiers().CreateDossier(Context().get(), AcceptRequest(), &created).ok());
  EXPECT_FALSE(created.dossier().name().empty());
  EXPECT_EQ(created.dossier().code(), "H24.99.1-260821-0001");
  EXPECT_FALSE(created.dossier().etag().empty());
  EXPECT_GT(created.dossier().revision(), 0);
  EXPECT_FALSE(created.dossier().has_request());
  ASSERT_EQ(created.events_size(), 1);
  EXPECT_EQ(created.events(0).revision(), created.dossier().revision());
  EXPECT_FALSE(created.events(0).has_accepted());
}

TEST(Server, RecordsTheActorThatTheCallerNames) {
  TestServer server;
  const auto context = Context();
  context->AddMetadata(kActorMetadata, "officers/hcc03");
  v1::CreateDossierRequest request = AcceptRequest();
  request.set_view(v1::DOSSIER_VIEW_FULL);
  v1::CreateDossierResponse named;
  ASSERT_TRUE(server.dossiers().CreateDossier(context.get(), request, &named).ok());
  EXPECT_EQ(named.events(0).actor(), "officers/hcc03");
  v1::CreateDossierResponse unnamed;
  ASSERT_TRUE(server.dossiers().CreateDossier(Context().get(), request, &unnamed).ok());
  EXPECT_EQ(unnamed.events(0).actor(), "anonymous");
}

TEST(Server, NamesTheFieldThatIsMissingAndChangesNothing) {
  TestServer server;
  const v1::Dossier dossier = Accept(&server);
  v1::AppendEventRequest request;
  request.set_parent(dossier.name());
  request.mutable_event()->mutable_finished();
  const absl::Status status = Append(&server, request);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorField(status), "event.finished.result");
  EXPECT_THAT(ErrorMessage(status, "vi"), HasSubstr("là bắt buộc"));

  v1::GetDossierRequest get;
  get.set_name(dossier.name());
  v1::Dossier unchanged;
  ASSERT_TRUE(server.dossiers().GetDossier(Context().get(), get, &unchanged).ok());
  EXPECT_EQ(unchanged.etag(), dossier.etag());
}

TEST(Server, NamesEveryFieldThatIsMissing) {
  TestServer server;
  v1::AppendEventRequest request;
  request.mutable_event()->mutable_finished();
  const absl::Status status = Append(&server, request);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorMetadata(status, "fields"), "parent, event.finished.result");
}

TEST(Server, NamesTheTextThatIsNotUtf8) {
  TestServer server;
  const v1::Dossier dossier = Accept(&server);
  const absl::Status status = Append(&server, NoteRequest(dossier.name(), "Nguy\xe1n"));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(ErrorField(status), "event.noted.text");
}

TEST(Server, RefusesMessagesThatAreTooLarge) {
  TestServer server;
  const v1::Dossier dossier = Accept(&server);
  const absl::Status large = Append(&server, NoteRequest(dossier.name(), std::string(limits::kMessageBytesMax, 'a')));
  EXPECT_EQ(large.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorReason(large), "MESSAGE_TOO_LARGE");
  // So large that the transport stops it.
  const absl::Status huge =
      Append(&server, NoteRequest(dossier.name(), std::string(limits::kTransportMessageBytesMax, 'a')));
  EXPECT_EQ(huge.code(), absl::StatusCode::kResourceExhausted);
}

TEST(Server, WatchersSeeEventsInOrderAsTheyHappen) {
  TestServer server;
  const auto context = Context();
  v1::WatchChangesRequest from_now;
  from_now.set_from_now(true);
  const auto watch = server.changes().WatchChanges(context.get(), from_now);
  watch->WaitForInitialMetadata();
  const v1::Dossier dossier = Accept(&server);
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(Append(&server, NoteRequest(dossier.name(), absl::StrCat("ghi chú ", i))).ok());

  std::vector<v1::Change> changes;
  int64_t mark = 0;
  v1::WatchChangesResponse message;
  while (changes.size() < 21 && watch->Read(&message)) {
    for (const v1::Change& change : message.changes()) {
      EXPECT_GT(change.revision(), mark);
      changes.push_back(change);
    }
    EXPECT_GE(message.revision(), mark);
    mark = message.revision();
  }
  ASSERT_EQ(changes.size(), 21u);
  EXPECT_TRUE(changes[0].event().has_accepted());
  for (size_t i = 1; i < changes.size(); ++i) {
    EXPECT_EQ(changes[i].event().noted().text(), absl::StrCat("ghi chú ", i - 1));
    EXPECT_GT(changes[i].revision(), changes[i - 1].revision());
  }
  context->TryCancel();
}

TEST(Server, ADeadlineEndsAWatchAndFreesIt) {
  TestServer server;
  const auto context = Context(absl::Milliseconds(100));
  v1::WatchChangesRequest from_now;
  from_now.set_from_now(true);
  const auto watch = server.changes().WatchChanges(context.get(), from_now);
  v1::WatchChangesResponse message;
  while (watch->Read(&message)) {
  }
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST(Server, StreamedCommandsAreAcknowledgedInOrderAndKept) {
  TestServer server;
  constexpr int64_t kCommands = 3000;
  const auto context = Context(absl::Seconds(60));
  const auto stream = server.dossiers().StreamAppend(context.get());
  std::thread writer([&] {
    for (int64_t i = 1; i <= kCommands; ++i) {
      v1::StreamAppendRequest request;
      request.set_sequence(i);
      *request.mutable_create() = AcceptRequest(absl::StrCat("Trần Văn ", i));
      // One in a hundred has no applicant.
      if (i % 100 == 0)
        request.mutable_create()->mutable_events(0)->mutable_accepted()->mutable_request()->clear_applicant();
      if (!stream->Write(request)) break;
    }
    stream->WritesDone();
  });
  int64_t sequence = 0;
  int64_t refused = 0;
  int64_t revision = 0;
  v1::StreamAppendResponse ack;
  while (stream->Read(&ack)) {
    ASSERT_EQ(ack.sequence(), ++sequence);
    if (ack.has_error()) {
      ++refused;
      EXPECT_EQ(ErrorField(FromRpcStatus(ack.error())), "events[0].accepted.request.applicant");
      continue;
    }
    EXPECT_GT(ack.revision(), revision);
    revision = ack.revision();
  }
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(sequence, kCommands);
  EXPECT_EQ(refused, kCommands / 100);
  v1::ListDossiersResponse found;
  ASSERT_TRUE(server.dossiers().ListDossiers(Context().get(), v1::ListDossiersRequest(), &found).ok());
  EXPECT_EQ(found.total_size(), kCommands - refused);
}

TEST(Server, ReportsItsHealthForReadsAndForWrites) {
  auto engine = std::make_unique<testing::FaultyEngine>(std::make_unique<storage::MemoryEngine>());
  testing::FaultyEngine* faulty = engine.get();
  TestServer server({.engine = std::move(engine)});
  EXPECT_EQ(CheckHealth(&server, ""), "serving");
  for (const auto* service : server.service().methods().Services()) {
    EXPECT_EQ(CheckHealth(&server, std::string(service->full_name())), "serving") << service->full_name();
  }
  EXPECT_EQ(CheckHealth(&server, kWriteHealthName), "serving");
  EXPECT_EQ(CheckHealth(&server, "tthc.v1.Nothing"), "unknown name");

  const v1::Dossier dossier = Accept(&server);
  faulty->FailAllCommits(MakeError({.code = absl::StatusCode::kUnavailable,
                                    .reason = "STORE_READ_ONLY",
                                    .message = "disk full",
                                    .message_vi = "đĩa đầy",
                                    .retry_delay = limits::kReadOnlyRetryDelay}));
  const absl::Status refused = Append(&server, NoteRequest(dossier.name(), "a"));
  EXPECT_EQ(ErrorReason(refused), "STORE_READ_ONLY") << refused;
  EXPECT_GT(ErrorRetryDelay(refused), absl::ZeroDuration());
  server.rpc().RefreshHealth();
  EXPECT_EQ(CheckHealth(&server, kWriteHealthName), "not serving");
  EXPECT_EQ(CheckHealth(&server, ""), "serving");
  v1::GetDossierRequest get;
  get.set_name(dossier.name());
  v1::Dossier readable;
  EXPECT_TRUE(server.dossiers().GetDossier(Context().get(), get, &readable).ok());

  faulty->FailAllCommits(absl::OkStatus());
  EXPECT_TRUE(Append(&server, NoteRequest(dossier.name(), "b")).ok());
  server.rpc().RefreshHealth();
  EXPECT_EQ(CheckHealth(&server, kWriteHealthName), "serving");
}

// grpc.reflection.v1alpha, whose proto is not ours: list_services = 7 in the request.
TEST(Server, ReflectionListsItsServices) {
  TestServer server;
  const auto context = Context();
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(server.channel());
  const auto call =
      stub.PrepareCall(context.get(), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  void* tag = nullptr;
  bool ok = false;
  call->StartCall(nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  const grpc::Slice slice(std::string("\x3a\x01*"));
  call->Write(grpc::ByteBuffer(&slice, 1), nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  grpc::ByteBuffer response;
  call->Read(&response, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  grpc::Slice answer;
  ASSERT_TRUE(response.DumpToSingleSlice(&answer).ok());
  const std::string listed(reinterpret_cast<const char*>(answer.begin()), answer.size());
  EXPECT_THAT(listed, HasSubstr("grpc.health.v1.Health"));
  ASSERT_EQ(server.service().methods().Services().size(), 7u);
  for (const auto* service : server.service().methods().Services()) {
    EXPECT_THAT(listed, HasSubstr(std::string(service->full_name())));
  }
  context->TryCancel();
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
}

TEST(Server, ShutdownEndsWatchesAndStreamsWithTheReason) {
  TestServer server;
  Accept(&server);
  const auto watch_context = Context();
  v1::WatchChangesRequest from_now;
  from_now.set_from_now(true);
  const auto watch = server.changes().WatchChanges(watch_context.get(), from_now);
  watch->WaitForInitialMetadata();
  const auto stream_context = Context();
  const auto stream = server.dossiers().StreamAppend(stream_context.get());
  v1::StreamAppendRequest command;
  command.set_sequence(1);
  *command.mutable_create() = AcceptRequest();
  ASSERT_TRUE(stream->Write(command));
  v1::StreamAppendResponse ack;
  ASSERT_TRUE(stream->Read(&ack));
  ASSERT_FALSE(ack.has_error()) << ack.ShortDebugString();

  const absl::Time began = absl::Now();
  server.rpc().Shutdown();
  EXPECT_LT(absl::Now() - began, limits::kShutdownGrace / 2);
  v1::WatchChangesResponse message;
  while (watch->Read(&message)) {
  }
  EXPECT_EQ(ErrorReason(FromGrpc(watch->Finish())), "SHUTTING_DOWN");
  EXPECT_FALSE(stream->Read(&ack));
  EXPECT_EQ(ErrorReason(FromGrpc(stream->Finish())), "SHUTTING_DOWN");
}

}  // namespace
}  // namespace tthc::rpc
