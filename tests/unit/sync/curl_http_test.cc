#include "client/sync/curl_http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/time/clock.h"
#include "client/portal_sim/http_server.h"
#include "storage/base/clock.h"
#include "storage/base/limits.h"
#include "tests/testing/scratch_directory.h"
#include "tests/unit/portal_sim/certificates.h"
#include "tests/unit/sync/scripted_server.h"

namespace tthc::sync {
namespace {

using portal_sim::testing::Certificate;
using portal_sim::testing::MakeCertificate;
using portal_sim::testing::WriteCertificate;
using portal_sim::testing::WriteKey;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

CurlHttpOptions Options(const std::string& proxy = "") {
  return {.tls = {}, .key_password = "", .proxy = proxy, .connect_timeout = absl::Seconds(5)};
}

HttpRequest Request(const std::string& url, const std::string& body = "{\"a\":1}") {
  HttpRequest request;
  request.url = url;
  request.headers = {{"Content-Type", "application/json"}, {"dstcode", "VN:GOV"}};
  request.body = body;
  request.timeout = absl::Seconds(20);
  return request;
}

ScriptedServer::Script Always(const ScriptedServer::Reply& reply) {
  return [reply](int) { return reply; };
}

TEST(CurlHttp, SendsRequestsOverAReusedConnection) {
  ScriptedServer server(Always({.bytes = ScriptedServer::Ok("{\"error_code\":0}")}));
  CurlHttp http(Options());
  for (int i = 0; i < 3; ++i) {
    const auto response = http.Send(Request(server.url() + "/mapi/g?x=1", std::string(100'000, 'b')), nullptr);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->content_type, "application/json");
    EXPECT_EQ(response->body, "{\"error_code\":0}");
    EXPECT_EQ(response->retry_after, absl::ZeroDuration());
  }
  EXPECT_EQ(server.connections(), 1);
  const std::string request = server.requests().at(0);
  EXPECT_THAT(request, StartsWith("POST /mapi/g?x=1 HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\ndstcode: VN:GOV\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nContent-Length: 100000\r\n"));
  EXPECT_THAT(request, Not(HasSubstr("Expect:")));
  EXPECT_THAT(request, Not(HasSubstr("chunked")));
  EXPECT_EQ(request.substr(request.size() - 100'000), std::string(100'000, 'b'));
}

// libcurl repeats a request by itself if a reused connection closes without a response. The server has read the request
// and may have processed it.
TEST(CurlHttp, NeverSendsARequestTwice) {
  for (const std::string& body : {std::string("{}"), std::string(300'000, 'x')}) {
    ScriptedServer server([](int number) {
      if (number == 0) return ScriptedServer::Reply{.bytes = ScriptedServer::Ok("{}")};
      return ScriptedServer::Reply{.bytes = "", .close = true};
    });
    CurlHttp http(Options());
    ASSERT_TRUE(http.Send(Request(server.url(), body), nullptr).ok());
    const auto response = http.Send(Request(server.url(), body), nullptr);
    EXPECT_EQ(response.status().code(), absl::StatusCode::kUnknown) << response.status();
    EXPECT_EQ(server.requests().size(), 2u);
    // The next request succeeds.
    EXPECT_FALSE(http.Send(Request(server.url(), body), nullptr).ok());
    EXPECT_EQ(server.requests().size(), 3u);
  }
}

TEST(CurlHttp, ReportsACutCallAsInDoubt) {
  for (const char* const bytes :
       {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"error"}) {
    ScriptedServer server(Always({.bytes = bytes, .close = true}));
    CurlHttp http(Options());
    const auto response = http.Send(Request(server.url()), nullptr);
    EXPECT_EQ(response.status().code(), absl::StatusCode::kUnknown) << bytes << response.status();
    EXPECT_THAT(response.status().ToString(), Not(HasSubstr("error_code")));
    EXPECT_THAT(response.status().ToString(), Not(HasSubstr("127.0.0.1")));
  }
}

TEST(CurlHttp, GivesUpAfterTheTimeout) {
  ScriptedServer server(Always({.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", .hang = true}));
  CurlHttp http(Options());
  HttpRequest request = Request(server.url());
  request.timeout = absl::Milliseconds(100);
  EXPECT_EQ(http.Send(request, nullptr).status().code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(CurlHttp, EndsEarlyWhenAborted) {
  std::atomic<bool> abort = false;
  ScriptedServer server([&](int) {
    abort = true;
    return ScriptedServer::Reply{.bytes = "", .hang = true};
  });
  CurlHttp http(Options());
  HttpRequest request = Request(server.url());
  request.timeout = absl::Minutes(10);
  EXPECT_EQ(http.Send(request, &abort).status(), absl::UnknownError("aborted"));
  // A call that is aborted before it begins is not sent.
  EXPECT_EQ(http.Send(request, &abort).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(CurlHttp, BoundsTheResponse) {
  const std::string most(limits::kSyncResponseBytesMax, 'x');
  ScriptedServer server([&](int number) {
    const std::string close = "Connection: close\r\n";
    if (number == 0) return ScriptedServer::Reply{.bytes = ScriptedServer::Ok(most)};
    if (number == 1) return ScriptedServer::Reply{.bytes = ScriptedServer::Ok(most + "x", close), .close = true};
    return ScriptedServer::Reply{.bytes = ScriptedServer::Ok("{}", "X: " + std::string(90'000, 'h') + "\r\n"),
                                 .close = true};
  });
  CurlHttp http(Options());
  const auto whole = http.Send(Request(server.url()), nullptr);
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(whole->body.size(), most.size());
  EXPECT_EQ(http.Send(Request(server.url()), nullptr).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(http.Send(Request(server.url()), nullptr).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(CurlHttp, ReportsIfNothingWasSent) {
  std::string url;
  {
    ScriptedServer server(Always({.bytes = ""}));
    url = server.url();
  }
  CurlHttp http(Options());
  EXPECT_EQ(http.Send(Request(url), nullptr).status().code(), absl::StatusCode::kUnavailable);
  HttpRequest injected = Request(url);
  injected.headers.emplace_back("Authorization", "Bearer a\r\nX-Evil: 1");
  EXPECT_EQ(http.Send(injected, nullptr).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(http.Send(Request("file:///etc/hostname"), nullptr).status().code(), absl::StatusCode::kUnavailable);
}

TEST(CurlHttp, FollowsNoRedirects) {
  ScriptedServer server(Always({.bytes = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"}));
  CurlHttp http(Options());
  const auto response = http.Send(Request(server.url()), nullptr);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(CurlHttp, ReturnsRetryAfter) {
  const std::string busy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n";
  ScriptedServer server([&](int number) {
    // The server's clock is a year off: only the difference of the dates counts.
    const char* const wait = number == 0 ? "retry-after: 7\r\n\r\n"
                                         : "Date: Sat, 23 Nov 2030 04:00:00 GMT\r\n"
                                           "Retry-After: Sat, 23 Nov 2030 04:01:30 GMT\r\n\r\n";
    return ScriptedServer::Reply{.bytes = busy + wait};
  });
  CurlHttp http(Options());
  EXPECT_EQ(http.Send(Request(server.url()), nullptr)->retry_after, absl::Seconds(7));
  EXPECT_EQ(http.Send(Request(server.url()), nullptr)->retry_after, absl::Seconds(90));
}

TEST(RetryAfter, IsSecondsOrADate) {
  const absl::Time now = absl::FromCivil(absl::CivilSecond(2026, 11, 23, 4, 0, 0), absl::UTCTimeZone());
  EXPECT_EQ(ParseRetryAfter("120", "", now), absl::Minutes(2));
  EXPECT_EQ(ParseRetryAfter("Mon, 23 Nov 2026 04:00:05 GMT", "", now), absl::Seconds(5));
  EXPECT_EQ(ParseRetryAfter("Mon, 23 Nov 2026 04:00:05 GMT", "Mon, 23 Nov 2026 04:00:01 GMT", now), absl::Seconds(4));
  for (const char* const nothing : {"", "-5", "soon", "Mon, 23 Nov 2026 03:59:59 GMT"}) {
    EXPECT_EQ(ParseRetryAfter(nothing, "", now), absl::ZeroDuration()) << nothing;
  }
}

TEST(CurlHttp, UsesOnlyTheConfiguredProxy) {
  ScriptedServer server(Always({.bytes = ScriptedServer::Ok("{}")}));
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("no_proxy", "*", 1);
  {
    CurlHttp direct(Options());
    EXPECT_TRUE(direct.Send(Request(server.url() + "/truc-tiep"), nullptr).ok());
  }
  CurlHttp through(Options(server.url()));
  EXPECT_TRUE(through.Send(Request("http://may.invalid/qua-proxy"), nullptr).ok());
  unsetenv("http_proxy");
  unsetenv("no_proxy");
  EXPECT_THAT(server.requests().at(0), StartsWith("POST /truc-tiep "));
  EXPECT_THAT(server.requests().at(1), StartsWith("POST http://may.invalid/qua-proxy "));
}

// --- TLS -------------------------------------------------------------------------------------------------------------

class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    authority_ = MakeCertificate("CA", nullptr);
    stranger_ = MakeCertificate("CA", nullptr);
    Write("ca", authority_, false);
    Write("stranger", stranger_, false);
    Write("server", MakeCertificate("server", &authority_), true);
    Write("client", MakeCertificate("don-vi", &authority_), true);
    Write("other-client", MakeCertificate("don-vi", &stranger_), true);
  }

  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }

  void Write(const std::string& name, const Certificate& certificate, bool with_key) {
    WriteCertificate(certificate, Path(name + ".pem"));
    if (with_key) WriteKey(certificate, Path(name + ".key"));
  }

  void Serve(const std::string& address, const std::string& client_ca) {
    portal_sim::HttpServerOptions options;
    options.address = address;
    options.tls_certificate_file = Path("server.pem");
    options.tls_key_file = Path("server.key");
    options.client_ca_file = client_ca;
    auto server = portal_sim::HttpServer::Start(options, &portal_, &clock_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  absl::Status Call(const std::string& ca, const std::string& client = "", const std::string& password = "") {
    CurlHttpOptions options = Options();
    if (!ca.empty()) options.tls.set_ca_file(Path(ca));
    if (!client.empty()) {
      options.tls.set_client_certificate_file(Path(client + ".pem"));
      options.tls.set_client_key_file(Path(client + ".key"));
    }
    options.key_password = password;
    CurlHttp http(options);
    return http.Send(Request(server_->url() + "/mapi/login"), nullptr).status();
  }

  int64_t calls() {
    const MutexLock lock(server_->mutex());
    int64_t sum = 0;
    for (const auto& [service, count] : portal_.counts().calls) sum += count;
    return sum;
  }

  const testing::ScratchDirectory directory_;
  Certificate authority_;
  Certificate stranger_;
  SystemClock clock_;
  portal_sim::Portal portal_{portal_sim::PortalOptions()};
  std::unique_ptr<portal_sim::HttpServer> server_;
};

TEST_F(TlsTest, TrustsOnlyTheConfiguredAuthorities) {
  Serve("127.0.0.1", "");
  EXPECT_EQ(Call("").code(), absl::StatusCode::kUnavailable) << "not one of the machine's authorities";
  EXPECT_EQ(Call("stranger.pem").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Call("khong-co.pem").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(calls(), 0);
  EXPECT_TRUE(Call("ca.pem").ok()) << Call("ca.pem");
  EXPECT_GT(calls(), 0);
}

TEST_F(TlsTest, VerifiesTheNameInTheCertificate) {
  // The certificate is for 127.0.0.1.
  Serve("127.0.0.2", "");
  EXPECT_EQ(Call("ca.pem").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(calls(), 0);
}

TEST_F(TlsTest, SendsItsClientCertificate) {
  Serve("127.0.0.1", Path("ca.pem"));
  EXPECT_FALSE(Call("ca.pem").ok());
  EXPECT_FALSE(Call("ca.pem", "other-client").ok());
  EXPECT_EQ(calls(), 0);
  EXPECT_TRUE(Call("ca.pem", "client").ok()) << Call("ca.pem", "client");
}

TEST_F(TlsTest, OpensAnEncryptedKey) {
  const Certificate client = MakeCertificate("don-vi", &authority_);
  WriteCertificate(client, Path("locked.pem"));
  FILE* const file = std::fopen(Path("locked.key").c_str(), "w");
  ASSERT_NE(file, nullptr);
  const unsigned char password[] = "bi mat";
  EXPECT_EQ(PEM_write_PrivateKey(file, client.key.get(), EVP_aes_128_cbc(), password, 6, nullptr, nullptr), 1);
  std::fclose(file);
  Serve("127.0.0.1", Path("ca.pem"));
  EXPECT_TRUE(Call("ca.pem", "locked", "bi mat").ok());
  const absl::Status wrong = Call("ca.pem", "locked", "sai");
  EXPECT_EQ(wrong.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(wrong.ToString(), Not(HasSubstr("sai")));
}

}  // namespace
}  // namespace tthc::sync
