#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/portal_sim/portal.h"
#include "storage/base/clock.h"
#include "storage/base/mutex.h"

namespace tthc::portal_sim {

struct HttpServerOptions {
  // Loopback unless somebody says otherwise.
  std::string address = "127.0.0.1";
  // 0 = any free one.
  uint16_t port = 0;
  // More than so many at a time wait to be accepted.
  int connections_max = 128;
  // Every answer takes at least so long.
  absl::Duration answer_time = {};

  // PEM files; both or none. Without them plain HTTP.
  std::string tls_certificate_file = {};
  std::string tls_key_file = {};
  // If set, clients have to show a certificate that one of these signed.
  std::string client_ca_file = {};
};

// A portal behind a port of HTTP/1.1, with its page (see site.h) beside the protocols. While the portal is down the
// port refuses connections, and open ones are closed. Thread-safe; ends with its destructor.
class HttpServer {
 public:
  // Listens before it returns. `portal` and `clock` outlive the server; while it runs, the portal is only touched
  // under mutex(). INVALID_ARGUMENT (address, certificate, key), UNAVAILABLE if the port is taken.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options, Portal* portal,
                                                           const Clock* clock);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const;
  // "http://127.0.0.1:8070" or "https://…"; no slash at the end.
  std::string url() const;
  Mutex& mutex();

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tthc::portal_sim
