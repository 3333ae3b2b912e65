#include "client/portal_sim/http_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/portal_sim/site.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"

namespace tthc::portal_sim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

// A body is held in memory. A client that sends more loses its connection.
constexpr uint64_t kRequestBytesMax = 8 * 1024 * 1024;
// Connections wait here while connections_max others are served.
constexpr int kBacklog = 512;
// How often the port checks whether the portal's outage has begun or ended.
constexpr int kTickMs = 20;

absl::Status BadOption(const char* field, const error_code& error) {
  return InvalidField(field, error.message(), absl::StrCat("không dùng được: ", error.message()));
}

absl::StatusOr<std::unique_ptr<asio::ssl::context>> MakeTls(const HttpServerOptions& options) {
  if (options.tls_certificate_file.empty() != options.tls_key_file.empty()) {
    return InvalidField("tls", "certificate and key go together", "chứng thư và khóa phải đi cùng nhau");
  }
  if (options.tls_certificate_file.empty()) return nullptr;
  auto tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  error_code error;
  // TLS 1.2 or later, as tthc-sync demands of real portals.
  tls->set_options(
      asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, error);
  if (!error) tls->use_certificate_chain_file(options.tls_certificate_file, error);
  if (error) return BadOption("tls_certificate_file", error);
  tls->use_private_key_file(options.tls_key_file, asio::ssl::context::pem, error);
  if (error) return BadOption("tls_key_file", error);
  if (options.client_ca_file.empty()) return tls;
  tls->load_verify_file(options.client_ca_file, error);
  if (error) return BadOption("client_ca_file", error);
  tls->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert, error);
  // OpenSSL refuses resumed sessions of verified clients without a session id context.
  static constexpr unsigned char kSessions[] = "tthc-portal-sim";
  SSL_CTX_set_session_id_context(tls->native_handle(), kSessions, sizeof(kSessions) - 1);
  return tls;
}

SimRequest ToRequest(const http::request<http::string_body>& message) {
  SimRequest request{.method = std::string(message.method_string()),
                     .target = std::string(message.target()),
                     .headers = {},
                     .body = message.body()};
  for (const auto& field : message) {
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  return request;
}

// By hand and not by Beast: a fault may cut the bytes anywhere, also within the head.
std::string ToWire(const SimResponse& response, bool keeps_open) {
  std::string wire = absl::StrCat(
      "HTTP/1.1 ", response.status, " ",
      std::string(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(response.status)))), "\r\n");
  for (const auto& [name, value] : response.headers) absl::StrAppend(&wire, name, ": ", value, "\r\n");
  absl::StrAppend(&wire, "Content-Length: ", response.body.size(),
                  "\r\nConnection: ", keeps_open ? "keep-alive" : "close", "\r\n\r\n", response.body);
  return wire;
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, Portal* portal, const Clock* clock, std::unique_ptr<asio::ssl::context> tls)
      : options_(std::move(options)), portal_(portal), clock_(clock), tls_(std::move(tls)) {}
  ~Impl();

  absl::Status Listen();
  void Start() {
    acceptor_thread_ = std::thread([this] { AcceptAll(); });
  }
  uint16_t port() const { return endpoint_.port(); }
  bool has_tls() const { return tls_ != nullptr; }
  std::string host() const;
  Mutex& mutex() { return mutex_; }

 private:
  struct Connection {
    explicit Connection(Tcp::socket&& accepted) : socket(std::move(accepted)) {}
    Tcp::socket socket;
    // The connection waits for a request, so that closing it cuts no answer.
    std::atomic<bool> is_idle = true;
    std::atomic<bool> is_over = false;
    std::thread thread;
  };

  void AcceptAll();
  void FollowPortal();
  error_code BindPort();
  void ForgetEnded();
  void WaitForWork();
  void AcceptOne();
  void Run(Connection* connection);
  template <typename Stream>
  void Serve(Connection* connection, Stream& stream);
  // False if the connection has to be closed.
  template <typename Stream>
  bool ServeOne(Connection* connection, Stream& stream, beast::flat_buffer* buffer);
  SimResponse Ask(const SimRequest& request);
  bool IsDown();
  void WaitFor(absl::Duration duration);
  void Wake() const;

  const HttpServerOptions options_;
  Portal* const portal_;
  const Clock* const clock_;
  const std::unique_ptr<asio::ssl::context> tls_;
  // Guards the portal.
  Mutex mutex_;

  asio::io_context context_;
  Tcp::endpoint endpoint_;
  // Used by the accepting thread only, once it runs.
  Tcp::acceptor acceptor_{context_};
  bool is_listening_ = false;
  std::list<Connection> connections_;

  const int wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  std::atomic<bool> is_stopping_ = false;
  std::mutex stop_mutex_;
  std::condition_variable stop_;
  std::thread acceptor_thread_;
};

// In this order: the flag, the accepting thread, the connections. Only the accepting thread touches the list while it
// runs, so that the list is free once that thread has ended.
HttpServer::Impl::~Impl() {
  {
    // Set under the lock: a thread in WaitFor() that has just read the flag would miss the notification.
    const std::lock_guard<std::mutex> lock(stop_mutex_);
    is_stopping_ = true;
  }
  stop_.notify_all();
  Wake();
  if (acceptor_thread_.joinable()) acceptor_thread_.join();
  error_code ignored;
  for (Connection& connection : connections_) connection.socket.shutdown(Tcp::socket::shutdown_both, ignored);
  for (Connection& connection : connections_) connection.thread.join();
  close(wake_);
}

std::string HttpServer::Impl::host() const {
  const std::string address = endpoint_.address().to_string();
  return endpoint_.address().is_v6() ? absl::StrCat("[", address, "]") : address;
}

absl::Status HttpServer::Impl::Listen() {
  error_code error;
  const asio::ip::address address = asio::ip::make_address(options_.address, error);
  if (error) return BadOption("address", error);
  endpoint_ = Tcp::endpoint(address, options_.port);
  error = BindPort();
  if (!error) acceptor_.listen(kBacklog, error);
  if (error) {
    return MakeError(
        {.code = absl::StatusCode::kUnavailable,
         .reason = "ADDRESS_UNUSABLE",
         .message = absl::StrCat("can't listen on ", options_.address, ":", options_.port, ": ", error.message()),
         .message_vi = absl::StrCat("Không mở được cổng ", options_.address, ":", options_.port, ": ", error.message()),
         .metadata = {{"address", options_.address}, {"port", absl::StrCat(options_.port)}}});
  }
  is_listening_ = true;
  // With port 0, the port that the system chose. It is kept: BindPort() takes the same one after an outage.
  endpoint_ = acceptor_.local_endpoint(error);
  return absl::OkStatus();
}

// reuse_address, because the port is bound again after every outage.
error_code HttpServer::Impl::BindPort() {
  error_code error;
  acceptor_.open(endpoint_.protocol(), error);
  if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint_, error);
  // Non-blocking: the client may have gone between poll and accept.
  if (!error) acceptor_.non_blocking(true, error);
  return error;
}

// Outages begin and end by the clock, so that the port has to ask.
bool HttpServer::Impl::IsDown() {
  const MutexLock lock(mutex_);
  return portal_->IsDown(clock_->Now());
}

// A connection with a call under way is left alone. Its call came before the outage and has taken effect, so that its
// answer is sent. If the port can't be bound, the next tick tries again.
void HttpServer::Impl::FollowPortal() {
  const bool is_down = IsDown();
  error_code ignored;
  if (is_down && is_listening_) {
    acceptor_.close(ignored);
    is_listening_ = false;
    for (Connection& connection : connections_) {
      if (connection.is_idle) connection.socket.shutdown(Tcp::socket::shutdown_both, ignored);
    }
    // A bound port that does not listen refuses connections, and no other process can take it.
    if (BindPort()) acceptor_.close(ignored);
  } else if (!is_down && !is_listening_) {
    if (!acceptor_.is_open() && BindPort()) {
      acceptor_.close(ignored);
      return;
    }
    acceptor_.listen(kBacklog, ignored);
    is_listening_ = true;
  }
}

// A connection can't remove itself: its own thread would have to join itself.
void HttpServer::Impl::ForgetEnded() {
  for (auto it = connections_.begin(); it != connections_.end();) {
    if (!it->is_over) {
      ++it;
      continue;
    }
    it->thread.join();
    it = connections_.erase(it);
  }
}

void HttpServer::Impl::Wake() const {
  const uint64_t one = 1;
  // If the pipe is full, a wake-up is pending already.
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
}

void HttpServer::Impl::WaitForWork() {
  const bool has_room = connections_.size() < static_cast<size_t>(std::max(options_.connections_max, 1));
  // poll() ignores negative descriptors: during an outage, or without room, only wake-ups and ticks end the wait.
  pollfd waits[2] = {
      {.fd = wake_, .events = POLLIN, .revents = 0},
      {.fd = is_listening_ && has_room ? acceptor_.native_handle() : -1, .events = POLLIN, .revents = 0}};
  poll(waits, 2, kTickMs);
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t taken = read(wake_, &count, sizeof(count));
  if ((waits[1].revents & POLLIN) != 0) AcceptOne();
}

void HttpServer::Impl::AcceptOne() {
  error_code error;
  Tcp::socket socket(context_);
  acceptor_.accept(socket, error);
  if (error) return;
  // Blocking, since each connection has a thread.
  socket.non_blocking(false, error);
  socket.set_option(Tcp::no_delay(true), error);
  // The list never moves its elements, so that the thread can keep a pointer to one.
  Connection& connection = connections_.emplace_back(std::move(socket));
  connection.thread = std::thread([this, &connection] { Run(&connection); });
}

void HttpServer::Impl::AcceptAll() {
  while (!is_stopping_) {
    ForgetEnded();
    FollowPortal();
    WaitForWork();
  }
}

void HttpServer::Impl::Run(Connection* connection) {
  if (tls_ == nullptr) {
    Serve(connection, connection->socket);
  } else {
    // The handshake runs here and not while accepting: a client that never ends it holds up nobody else.
    asio::ssl::stream<Tcp::socket&> stream(connection->socket, *tls_);
    error_code error;
    stream.handshake(asio::ssl::stream_base::server, error);
    if (!error) Serve(connection, stream);
  }
  error_code ignored;
  // The accepting thread closes the socket, since it may be about to shut it down.
  connection->socket.shutdown(Tcp::socket::shutdown_both, ignored);
  connection->is_over = true;
  Wake();
}

template <typename Stream>
void HttpServer::Impl::Serve(Connection* connection, Stream& stream) {
  beast::flat_buffer buffer;
  while (!is_stopping_ && ServeOne(connection, stream, &buffer)) {
  }
}

template <typename Stream>
bool HttpServer::Impl::ServeOne(Connection* connection, Stream& stream, beast::flat_buffer* buffer) {
  http::request_parser<http::string_body> parser;
  parser.body_limit(kRequestBytesMax);
  error_code error;
  http::read(stream, *buffer, parser, error);
  if (error) return false;
  // From here on an outage spares the connection until its answer is sent.
  connection->is_idle = false;
  const SimRequest request = ToRequest(parser.get());
  const SimResponse response = Ask(request);
  if (response.refuse || response.cut_after == 0) return false;
  WaitFor(std::max(options_.answer_time, response.delay));

  // When an outage begins, the answer closes the connection: the next request must find it refused.
  const bool keeps_open = parser.get().keep_alive() && !IsDown();
  std::string wire = ToWire(response, keeps_open);
  const bool is_cut = response.cut_after.has_value();
  // At least one byte is left out, or the client would have the whole answer.
  if (is_cut) wire.resize(std::min(*response.cut_after, wire.size() - 1));
  asio::write(stream, asio::buffer(wire), error);
  connection->is_idle = true;
  return !error && !is_cut && keeps_open;
}

// The lock is held while the call is processed and not while its answer is delayed or written: a slow answer holds up
// its own connection only.
SimResponse HttpServer::Impl::Ask(const SimRequest& request) {
  SimResponse response;
  bool is_down = false;
  {
    const MutexLock lock(mutex_);
    const absl::Time now = clock_->Now();
    response = HandleSite(portal_, request, now);
    is_down = portal_->IsDown(now);
  }
  // This call may have begun the outage: the port closes now and not at the next tick.
  if (is_down) Wake();
  return response;
}

void HttpServer::Impl::WaitFor(absl::Duration duration) {
  if (duration <= absl::ZeroDuration()) return;
  std::unique_lock<std::mutex> lock(stop_mutex_);
  stop_.wait_for(lock, absl::ToChronoNanoseconds(duration), [this] { return is_stopping_.load(); });
}

// --- Public interface ------------------------------------------------------------------------------------------------

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options, Portal* portal,
                                                              const Clock* clock) {
  TTHC_CHECK(portal != nullptr && clock != nullptr);
  // Before the port is bound: a wrong certificate must not leave a port that answers nobody.
  absl::StatusOr<std::unique_ptr<asio::ssl::context>> tls = MakeTls(options);
  if (!tls.ok()) return tls.status();
  auto impl = std::make_unique<Impl>(options, portal, clock, *std::move(tls));
  const absl::Status listening = impl->Listen();
  if (!listening.ok()) return listening;
  impl->Start();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

uint16_t HttpServer::port() const { return impl_->port(); }

std::string HttpServer::url() const {
  return absl::StrCat(impl_->has_tls() ? "https://" : "http://", impl_->host(), ":", impl_->port());
}

Mutex& HttpServer::mutex() { return impl_->mutex(); }

}  // namespace tthc::portal_sim
