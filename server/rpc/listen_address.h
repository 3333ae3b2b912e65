#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Where the server may listen. Callers are not authenticated, so nothing beyond this machine is accepted: a loopback
// IP, localhost, or a Unix socket. Other host names are refused, because they may resolve to another address tomorrow.
// Pure; thread-safe.
namespace tthc::rpc {

class ListenAddress {
 public:
  // "127.0.0.1:50551", "[::1]:0" (port 0 = any free one), "localhost:50551", "unix:/run/tthc/tthcd.sock".
  // INVALID_ARGUMENT at field "listen": FIELD_INVALID for what is no address, LISTEN_NOT_LOOPBACK for one that other
  // machines can reach.
  static absl::StatusOr<ListenAddress> Parse(absl::string_view text);

  // A Unix socket, which has no port.
  bool is_unix() const { return port_ < 0; }
  // As gRPC's servers and clients take it, with `port` in place of 0.
  std::string WithPort(int port) const;
  std::string ToString() const { return WithPort(port_); }

 private:
  ListenAddress(std::string host, int port) : host_(std::move(host)), port_(port) {}

  // With brackets around IPv6; the whole "unix:…" for a Unix socket.
  std::string host_;
  // Negative for a Unix socket.
  int port_ = -1;
};

}  // namespace tthc::rpc
