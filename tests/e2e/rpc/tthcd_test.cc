// The server's program: its command line, its signals, its data.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/testing/sample_requests.h"
#include "tests/testing/scratch_directory.h"
#include "tests/testing/test_server.h"
#include "tests/testing/tthcd_process.h"

namespace tthc::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr absl::Duration kPatience = absl::Seconds(60);

std::unique_ptr<v1::DossierService::Stub> Dial(const std::string& address) {
  return v1::DossierService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
}

absl::StatusOr<v1::Dossier> Accept(v1::DossierService::Stub* stub) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  v1::CreateDossierResponse response;
  const absl::Status status = FromGrpc(stub->CreateDossier(&context, AcceptRequest(), &response));
  if (!status.ok()) return status;
  return response.dossier();
}

int64_t CountEvents(v1::DossierService::Stub* stub, const std::string& dossier) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  v1::ListEventsRequest request;
  request.set_parent(dossier);
  request.set_page_size(1);
  v1::ListEventsResponse response;
  const absl::Status status = FromGrpc(stub->ListEvents(&context, request, &response));
  EXPECT_TRUE(status.ok()) << status;
  return response.total_size();
}

TEST(Tthcd, PrintsOneLineWhenItServesAndEndsCleanly) {
  auto tthcd = TthcdProcess::Start({});
  ASSERT_TRUE(tthcd.ok()) << tthcd.status();
  EXPECT_THAT((*tthcd)->ready_line(), MatchesRegex("tthcd ready on 127.0.0.1:[0-9]+, revision [0-9]+, 0 dossiers"));
  const auto exit_status = (*tthcd)->Stop();
  ASSERT_TRUE(exit_status.ok()) << exit_status.status();
  EXPECT_EQ(*exit_status, 0);
  EXPECT_EQ(*(*tthcd)->process().ReadToEnd(kPatience), "");
  const std::vector<std::string> log = absl::StrSplit((*tthcd)->process().Stderr(), '\n', absl::SkipEmpty());
  for (const std::string& line : log) EXPECT_TRUE(nlohmann::json::accept(line)) << line;
}

TEST(Tthcd, KeepsItsDataAndSeedsOnce) {
  const ScratchDirectory data;
  std::string first_line;
  std::string name;
  {
    auto tthcd = TthcdProcess::Start({.data_directory = data.path()});
    ASSERT_TRUE(tthcd.ok()) << tthcd.status();
    const auto dossier = Accept(Dial((*tthcd)->address()).get());
    ASSERT_TRUE(dossier.ok()) << dossier.status();
    name = dossier->name();
    ASSERT_EQ(*(*tthcd)->Stop(), 0);
    first_line = (*tthcd)->ready_line();
  }
  auto again = TthcdProcess::Start({.data_directory = data.path()});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(CountEvents(Dial((*again)->address()).get(), name), 1);
  // The one event is all that came since: "…, revision N, 0 dossiers" → "…, revision N + 1, 1 dossiers".
  const std::vector<std::string> before = absl::StrSplit(first_line, ' ');
  const std::vector<std::string> after = absl::StrSplit((*again)->ready_line(), ' ');
  EXPECT_EQ(std::stoll(after[5]), std::stoll(before[5]) + 1);
  EXPECT_EQ(after[6], "1");
}

// What was acknowledged while the server was stopping is there after the restart.
TEST(Tthcd, StoppingUnderLoadLosesNothingAcknowledged) {
  const ScratchDirectory data;
  auto tthcd = TthcdProcess::Start({.data_directory = data.path()});
  ASSERT_TRUE(tthcd.ok()) << tthcd.status();
  const auto stub = Dial((*tthcd)->address());
  const auto dossier = Accept(stub.get());
  ASSERT_TRUE(dossier.ok()) << dossier.status();

  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  const auto stream = stub->StreamAppend(&context);
  std::thread writer([&] {
    // Ends when the server does, or at the bound on events.
    for (int64_t i = 1; i < 900; ++i) {
      v1::StreamAppendRequest command;
      command.set_sequence(i);
      *command.mutable_append() = NoteRequest(dossier->name(), "ghi chú");
      if (!stream->Write(command)) return;
    }
  });
  int64_t acknowledged = 0;
  v1::StreamAppendResponse ack;
  while (stream->Read(&ack)) {
    if (ack.has_error()) continue;
    if (++acknowledged == 100) (*tthcd)->process().Signal(SIGTERM);
  }
  writer.join();
  EXPECT_GE(acknowledged, 100);
  const auto exit_status = (*tthcd)->process().Wait(kPatience);
  ASSERT_TRUE(exit_status.ok()) << exit_status.status();
  EXPECT_EQ(*exit_status, 0);

  auto again = TthcdProcess::Start({.data_directory = data.path()});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_GE(CountEvents(Dial((*again)->address()).get(), dossier->name()), acknowledged + 1);
}

TEST(Tthcd, RefusesToBeReachableFromOtherMachines) {
  const ProgramResult result =
      RunProgram({.program = TthcdProgram(), .arguments = {"--engine", "memory", "--listen", "0.0.0.0:50551"}});
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.errors, HasSubstr("can be reached from other machines"));
  EXPECT_THAT(result.errors, HasSubstr("các máy khác truy cập được"));
}

TEST(Tthcd, RefusesDataAndPortsThatAreInUse) {
  const ScratchDirectory data;
  auto tthcd = TthcdProcess::Start({.data_directory = data.path()});
  ASSERT_TRUE(tthcd.ok()) << tthcd.status();
  const ProgramResult same_data =
      RunProgram({.program = TthcdProgram(), .arguments = {"--data", data.path(), "--listen", "127.0.0.1:0"}});
  EXPECT_EQ(same_data.status, 1);
  EXPECT_THAT(same_data.errors, HasSubstr(data.path()));
  const ProgramResult same_port =
      RunProgram({.program = TthcdProgram(), .arguments = {"--engine", "memory", "--listen", (*tthcd)->address()}});
  EXPECT_EQ(same_port.status, 1);
  EXPECT_THAT(same_port.errors, HasSubstr((*tthcd)->address()));
  EXPECT_TRUE(Accept(Dial((*tthcd)->address()).get()).ok());
}

TEST(Tthcd, NamesTheSeedFileThatIsMissing) {
  const ScratchDirectory seed;
  const ProgramResult result =
      RunProgram({.program = TthcdProgram(),
                  .arguments = {"--engine", "memory", "--listen", "127.0.0.1:0", "--seed", seed.path()}});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.errors, HasSubstr(seed.path() + "/procedures.csv"));
}

TEST(Tthcd, ServesOnAUnixSocket) {
  const ScratchDirectory directory;
  const std::string address = absl::StrCat("unix:", directory.path(), "/tthcd.sock");
  auto tthcd = TthcdProcess::Start({.arguments = {"--listen", address}});
  ASSERT_TRUE(tthcd.ok()) << tthcd.status();
  EXPECT_EQ((*tthcd)->address(), address);
  EXPECT_TRUE(Accept(Dial(address).get()).ok());
}

TEST(Tthcd, NotifiesTheServiceManager) {
  const ScratchDirectory directory;
  const std::string path = directory.path() + "/notify";
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ASSERT_GE(fd, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof(address.sun_path));
  std::memcpy(address.sun_path, path.c_str(), path.size());
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  const auto received = [fd] {
    pollfd readable{.fd = fd, .events = POLLIN, .revents = 0};
    char buffer[64];
    if (poll(&readable, 1, static_cast<int>(absl::ToInt64Milliseconds(kPatience))) != 1) return std::string("nothing");
    const ssize_t got = recv(fd, buffer, sizeof(buffer), 0);
    return std::string(buffer, got > 0 ? static_cast<size_t>(got) : 0);
  };
  auto tthcd = TthcdProcess::Start({.environment = {{"NOTIFY_SOCKET", path}}});
  ASSERT_TRUE(tthcd.ok()) << tthcd.status();
  EXPECT_EQ(received(), "READY=1");
  EXPECT_EQ(*(*tthcd)->Stop(), 0);
  EXPECT_EQ(received(), "STOPPING=1");
  close(fd);
}

}  // namespace
}  // namespace tthc::testing
