#include "client/portal_sim/http_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "storage/base/clock.h"
#include "storage/base/errors.h"
#include "tests/testing/scratch_directory.h"
#include "tests/unit/portal_sim/certificates.h"
#include "tests/unit/portal_sim/http_caller.h"
#include "tests/unit/portal_sim/sample_calls.h"

namespace tthc::portal_sim {
namespace {

using testing::CallOnce;
using testing::CallOnceTls;
using testing::HttpAnswer;
using testing::kCode;
using testing::Record;
using testing::Start;
using testing::WrapperLookup;
using testing::WrapperRecord;
namespace ssl = boost::asio::ssl;

class HttpServerTest : public ::testing::Test {
 protected:
  void Serve(const HttpServerOptions& options = {}) {
    auto server = HttpServer::Start(options, &portal_, &clock_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  void SetFault(Fault fault) {
    const MutexLock lock(server_->mutex());
    FaultRates rates;
    rates[fault] = 1;
    portal_.SetFaults(rates);
  }
  bool Knows(const std::string& code) {
    const MutexLock lock(server_->mutex());
    return portal_.Find("wrapper", code) != nullptr;
  }
  // Waits until the port accepts connections, or refuses them.
  bool EventuallyAnswers(bool wanted) {
    const absl::Time deadline = absl::Now() + absl::Seconds(20);
    while (absl::Now() < deadline) {
      if ((CallOnce(server_->port(), WrapperLookup()).status == 200) == wanted) return true;
      std::this_thread::yield();
    }
    return false;
  }

  ManualClock clock_{Start()};
  Portal portal_{PortalOptions()};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, ServesTheProtocolsAndThePage) {
  Serve();
  EXPECT_EQ(server_->url(), "http://127.0.0.1:" + std::to_string(server_->port()));
  const HttpAnswer answer = CallOnce(server_->port(), WrapperRecord("False", Record()));
  EXPECT_EQ(answer.status, 200) << answer.error;
  EXPECT_EQ(answer.body, R"({"error_code":0,"message":"Đồng bộ thành công"})");
  EXPECT_TRUE(Knows(kCode));
  const HttpAnswer page = CallOnce(server_->port(), {.method = "GET", .target = "/", .headers = {}, .body = ""});
  EXPECT_NE(page.body.find(kCode), std::string::npos);
}

TEST_F(HttpServerTest, KeepsConnectionsOpen) {
  Serve();
  boost::asio::io_context context;
  boost::asio::ip::tcp::socket socket(context);
  socket.connect({boost::asio::ip::address_v4::loopback(), server_->port()});
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(testing::Exchange(socket, WrapperRecord("False", Record("H99-" + std::to_string(i)))).status, 200);
  }
  // The server stops while a connection is open and idle.
  server_.reset();
}

TEST_F(HttpServerTest, ServesMoreConnectionsThanItsBound) {
  Serve({.connections_max = 4, .answer_time = absl::Milliseconds(2)});
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 5; ++j) {
        const std::string code = "H99-" + std::to_string(i) + "-" + std::to_string(j);
        if (CallOnce(server_->port(), WrapperRecord("False", Record(code))).status == 200) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 60);
  const MutexLock lock(server_->mutex());
  EXPECT_EQ(portal_.systems().at("wrapper").dossiers.size(), 60u);
}

TEST_F(HttpServerTest, AnswersTakeTheAnswerTime) {
  Serve({.answer_time = absl::Milliseconds(50)});
  const absl::Time start = absl::Now();
  EXPECT_EQ(CallOnce(server_->port(), WrapperLookup()).status, 200);
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(50));
}

TEST_F(HttpServerTest, ASlowAnswerDoesNotDelayStopping) {
  Serve();
  SetFault(Fault::kSlow);
  std::thread caller([this] { CallOnce(server_->port(), WrapperRecord("False", Record())); });
  const absl::Time start = absl::Now();
  while (!Knows(kCode) && absl::Now() < start + absl::Seconds(20)) std::this_thread::yield();
  server_.reset();
  caller.join();
  EXPECT_LT(absl::Now() - start, absl::Seconds(30));
}

TEST_F(HttpServerTest, CutsBeforeAndAfter) {
  Serve();
  SetFault(Fault::kCutBefore);
  EXPECT_EQ(CallOnce(server_->port(), WrapperRecord("False", Record("H99-1"))).status, 0);
  EXPECT_FALSE(Knows("H99-1"));
  SetFault(Fault::kCutAfter);
  for (int i = 0; i < 20; ++i) {
    const std::string code = "H99-2-" + std::to_string(i);
    const HttpAnswer answer = CallOnce(server_->port(), WrapperRecord("False", Record(code)));
    EXPECT_EQ(answer.status, 0) << answer.body;
    EXPECT_TRUE(Knows(code));
  }
}

TEST_F(HttpServerTest, RefusesConnectionsDuringAnOutageOnly) {
  Serve();
  const uint16_t port = server_->port();
  EXPECT_EQ(CallOnce(port, testing::Post("/_sim/down", {{"seconds", 10}})).status, 200);
  ASSERT_TRUE(EventuallyAnswers(false));
  // The port soon refuses connections, and goes on refusing.
  HttpAnswer answer;
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  do {
    answer = CallOnce(port, WrapperRecord("False", Record()));
    EXPECT_EQ(answer.status, 0);
  } while (answer.error != boost::asio::error::connection_refused && absl::Now() < deadline);
  EXPECT_EQ(answer.error, boost::asio::error::connection_refused);
  EXPECT_FALSE(Knows(kCode));
  clock_.Advance(absl::Seconds(10));
  ASSERT_TRUE(EventuallyAnswers(true));
  EXPECT_EQ(server_->port(), port);
}

TEST_F(HttpServerTest, ClosesIdleConnectionsWhenAnOutageBegins) {
  Serve();
  boost::asio::io_context context;
  boost::asio::ip::tcp::socket socket(context);
  socket.connect({boost::asio::ip::address_v4::loopback(), server_->port()});
  ASSERT_EQ(testing::Exchange(socket, WrapperLookup()).status, 200);
  {
    const MutexLock lock(server_->mutex());
    portal_.AddDownWindow(clock_.Now(), clock_.Now() + absl::Seconds(10));
  }
  char byte = 0;
  boost::system::error_code error;
  socket.read_some(boost::asio::buffer(&byte, 1), error);
  EXPECT_TRUE(error == boost::asio::error::eof || error == boost::asio::error::connection_reset) << error;
}

TEST_F(HttpServerTest, ServesTlsAndVerifiesClientCertificates) {
  const tthc::testing::ScratchDirectory directory;
  const testing::Certificate authority = testing::MakeCertificate("Thử nghiệm", nullptr);
  const testing::Certificate server = testing::MakeCertificate("127.0.0.1", &authority);
  const testing::Certificate client = testing::MakeCertificate("tthc-sync", &authority);
  const auto path = [&](const char* name) { return directory.path() + "/" + name; };
  testing::WriteCertificate(authority, path("ca.pem"));
  testing::WriteCertificate(server, path("server.pem"));
  testing::WriteKey(server, path("server.key"));
  testing::WriteCertificate(client, path("client.pem"));
  testing::WriteKey(client, path("client.key"));

  ssl::context trusting(ssl::context::tls_client);
  trusting.load_verify_file(path("ca.pem"));
  trusting.set_verify_mode(ssl::verify_peer);
  trusting.set_verify_callback(ssl::host_name_verification("127.0.0.1"));
  HttpServerOptions options{.tls_certificate_file = path("server.pem"), .tls_key_file = path("server.key")};
  Serve(options);
  EXPECT_EQ(server_->url().rfind("https://127.0.0.1:", 0), 0u);
  EXPECT_EQ(CallOnceTls(server_->port(), trusting, WrapperRecord("False", Record())).status, 200);
  EXPECT_EQ(CallOnce(server_->port(), WrapperLookup()).status, 0);
  ssl::context distrusting(ssl::context::tls_client);
  distrusting.set_verify_mode(ssl::verify_peer);
  EXPECT_EQ(CallOnceTls(server_->port(), distrusting, WrapperLookup()).status, 0);

  options.client_ca_file = path("ca.pem");
  Serve(options);
  EXPECT_EQ(CallOnceTls(server_->port(), trusting, WrapperLookup()).status, 0);
  trusting.use_certificate_file(path("client.pem"), ssl::context::pem);
  trusting.use_private_key_file(path("client.key"), ssl::context::pem);
  EXPECT_EQ(CallOnceTls(server_->port(), trusting, WrapperLookup()).status, 200);
}

TEST_F(HttpServerTest, RefusesInvalidOptions) {
  const auto field_of = [this](const HttpServerOptions& options) {
    return ErrorField(HttpServer::Start(options, &portal_, &clock_).status());
  };
  EXPECT_EQ(field_of({.address = "localhost"}), "address");
  EXPECT_EQ(field_of({.tls_certificate_file = "x"}), "tls");
  EXPECT_EQ(field_of({.tls_certificate_file = "/nowhere/x", .tls_key_file = "/nowhere/y"}), "tls_certificate_file");
  Serve();
  EXPECT_EQ(ErrorReason(HttpServer::Start({.port = server_->port()}, &portal_, &clock_).status()), "ADDRESS_UNUSABLE");
}

}  // namespace
}  // namespace tthc::portal_sim
