#include "tests/crash/clerks.h"

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/testing/sample_requests.h"
#include "tthc/v1/change_service.grpc.pb.h"

namespace tthc::crash {
namespace {

void SetDeadline(grpc::ClientContext* context) {
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
}

// A refusal would be a fault of the test's: every command is one that the server takes.
bool IsAnswer(const grpc::Status& status, const Command& command) {
  EXPECT_TRUE(status.ok() || status.error_code() == grpc::StatusCode::UNAVAILABLE ||
              status.error_code() == grpc::StatusCode::CANCELLED)
      << command.request_id << ": " << status.error_message();
  return status.ok();
}

bool SendCreate(v1::DossierService::Stub* stub, Command* command) {
  grpc::ClientContext context;
  SetDeadline(&context);
  v1::CreateDossierResponse response;
  const grpc::Status status = stub->CreateDossier(&context, command->create, &response);
  if (!IsAnswer(status, *command)) return false;
  command->revisions = {response.events(0).revision()};
  command->dossiers = {response.dossier().name()};
  return true;
}

bool SendBatch(v1::DossierService::Stub* stub, Command* command) {
  grpc::ClientContext context;
  SetDeadline(&context);
  v1::BatchAppendEventsResponse response;
  const grpc::Status status = stub->BatchAppendEvents(&context, command->batch, &response);
  if (!IsAnswer(status, *command)) return false;
  command->revisions.clear();
  command->dossiers.clear();
  for (const v1::Event& event : response.events()) {
    command->revisions.push_back(event.revision());
    command->dossiers.push_back(event.name().substr(0, event.name().find("/events/")));
  }
  return true;
}

void CompactFeed(const std::shared_ptr<grpc::Channel>& channel, int64_t revision) {
  grpc::ClientContext context;
  SetDeadline(&context);
  v1::CompactChangesRequest request;
  request.set_revision(revision);
  v1::CompactChangesResponse response;
  static_cast<void>(v1::ChangeService::NewStub(channel)->CompactChanges(&context, request, &response));
}

}  // namespace

bool Send(v1::DossierService::Stub* stub, Command* command) {
  const bool answered = command->create.events().empty() ? SendBatch(stub, command) : SendCreate(stub, command);
  if (answered) command->outcome = Command::Outcome::kAcknowledged;
  return answered;
}

Clerks::Clerks(uint64_t seed, int count) : count_(count), random_(seed) {}

void Clerks::Work(const std::string& address, int commands_max, const std::function<void(int)>& on_acknowledged) {
  acknowledged_ = 0;
  on_acknowledged_ = on_acknowledged;
  std::vector<std::thread> threads;
  for (int clerk = 0; clerk < count_; ++clerk) {
    threads.emplace_back([=, this] { WorkAlone(clerk, address, commands_max); });
  }
  for (std::thread& thread : threads) thread.join();
}

Command Clerks::Make(int clerk, std::mt19937_64& random) {
  std::lock_guard<std::mutex> lock(mutex_);
  Command command;
  command.request_id = absl::StrCat("clerk-", clerk, "-", ++last_id_);
  if (dossiers_.size() < 3 || random() % 8 == 0) {
    command.texts = {command.request_id};
    command.create = testing::AcceptRequest();
    command.create.mutable_events(0)->mutable_accepted()->mutable_request()->set_content(command.request_id);
    command.create.set_request_id(command.request_id);
    return command;
  }
  const size_t notes = random() % 3 == 0 ? 1 + random() % 5 : 1;
  for (size_t i = 0; i < notes; ++i) {
    command.texts.push_back(absl::StrCat(command.request_id, ".", i));
    *command.batch.add_requests() = testing::NoteRequest(dossiers_[random() % dossiers_.size()], command.texts.back());
  }
  command.batch.set_request_id(command.request_id);
  return command;
}

void Clerks::Log(Command command) {
  std::lock_guard<std::mutex> lock(mutex_);
  const bool acknowledged = command.outcome == Command::Outcome::kAcknowledged;
  if (acknowledged && !command.create.events().empty()) dossiers_.push_back(command.dossiers[0]);
  commands_.push_back(std::move(command));
  if (acknowledged) on_acknowledged_(++acknowledged_);
}

void Clerks::WorkAlone(int clerk, const std::string& address, int commands_max) {
  std::mt19937_64 random;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    random.seed(random_());
  }
  // A connection of one's own: gRPC would share one.
  grpc::ChannelArguments arguments;
  arguments.SetInt("tthc.clerk", clerk);
  const auto channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  const auto stub = v1::DossierService::NewStub(channel);
  for (int sent = 0; sent < commands_max; ++sent) {
    Command command = Make(clerk, random);
    const bool answered = Send(stub.get(), &command);
    if (answered && random() % 25 == 0) CompactFeed(channel, command.revisions[0]);
    Log(std::move(command));
    if (!answered) return;
  }
}

}  // namespace tthc::crash
