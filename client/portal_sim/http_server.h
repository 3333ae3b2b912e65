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
  // Loopback by default: the simulator has no protection.
  std::string address = "127.0.0.1";
  // 0: any free port.
  uint16_t port = 0;
  // Connections beyond these wait to be accepted.
  int connections_max = 128;
  // The shortest time that an answer takes.
  absl::Duration answer_time = {};

  // PEM files: both, or none for plain HTTP.
  std::string tls_certificate_file = {};
  std::string tls_key_file = {};
  // If set, clients need a certificate that one of these authorities signed.
  std::string client_ca_file = {};
};

// Serves a portal and its page (see site.h) over HTTP/1.1, so that a real tthc-sync can be tested against it.
//
// One thread accepts connections, one more serves each of them. During an outage of the portal the port refuses
// connections, as that of a machine that is down does, and open ones are closed once their answer is sent. A connection
// that breaks, or that sends no HTTP, is closed and concerns nobody else.
//
// Thread-safe. The destructor stops it: it ends the delays of answers and waits for all threads.
class HttpServer {
 public:
  // The port listens when this returns. `portal` and `clock` outlive the server; while it runs, the portal is used
  // under mutex() only. INVALID_ARGUMENT (address, certificate, key), UNAVAILABLE if the port is taken.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options, Portal* portal,
                                                           const Clock* clock);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const;
  // "http://127.0.0.1:8070" or "https://…"; no slash at the end.
  std::string url() const;
  // Guards the portal. A test that reads or changes it while the server runs holds this lock.
  Mutex& mutex();

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tthc::portal_sim
