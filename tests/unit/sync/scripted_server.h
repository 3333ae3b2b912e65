#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/base/check.h"
#include "storage/base/mutex.h"

namespace tthc::sync {

// A server on a local port that answers with the bytes of a test, also such as no correct server sends. One connection
// at a time.
class ScriptedServer {
 public:
  struct Reply {
    std::string bytes;
    // Closes the connection after the bytes.
    bool close = false;
    // Sends nothing more until the caller gives up.
    bool hang = false;
  };
  // Called with the number of the request, from 0.
  using Script = std::function<Reply(int)>;

  explicit ScriptedServer(Script script) : script_(std::move(script)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    TTHC_CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t size = sizeof address;
    TTHC_CHECK(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    TTHC_CHECK(listen(listener_, 16) == 0);
    thread_ = std::thread([this] { Serve(); });
  }

  ~ScriptedServer() {
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    shutdown(connection_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_); }
  int connections() const { return connections_; }
  // Complete requests as received.
  std::vector<std::string> requests() {
    const MutexLock lock(mutex_);
    return requests_;
  }

  static std::string Ok(const std::string& body, const std::string& headers = "") {
    return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ", body.size(), "\r\n",
                        headers, "\r\n", body);
  }

 private:
  void Serve() {
    while (!stopping_) {
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      connection_ = connection;
      ++connections_;
      while (!stopping_ && AnswerOne(connection)) {
      }
      connection_ = -1;
      close(connection);
    }
  }

  // False once the connection has ended.
  bool AnswerOne(int connection) {
    const std::string request = ReadRequest(connection);
    if (request.empty()) return false;
    int number = 0;
    {
      const MutexLock lock(mutex_);
      number = static_cast<int>(requests_.size());
      requests_.push_back(request);
    }
    const Reply reply = script_(number);
    size_t sent = 0;
    while (sent < reply.bytes.size()) {
      const ssize_t n = send(connection, reply.bytes.data() + sent, reply.bytes.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return false;
      sent += static_cast<size_t>(n);
    }
    if (reply.hang) {
      char ignored = 0;
      while (recv(connection, &ignored, 1, 0) > 0) {
      }
      return false;
    }
    return !reply.close;
  }

  static std::string ReadRequest(int connection) {
    std::string request;
    size_t wanted = std::string::npos;
    while (request.size() < wanted) {
      char part[4096];
      const ssize_t n = recv(connection, part, sizeof part, 0);
      if (n <= 0) return "";
      request.append(part, static_cast<size_t>(n));
      const size_t end = request.find("\r\n\r\n");
      if (end != std::string::npos) wanted = end + 4 + ContentLength(request.substr(0, end));
    }
    return request;
  }

  static size_t ContentLength(const std::string& head) {
    static constexpr char kName[] = "content-length: ";
    const size_t at = absl::AsciiStrToLower(head).find(kName);
    return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + sizeof kName - 1, nullptr, 10);
  }

  const Script script_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connection_ = -1;
  std::atomic<int> connections_ = 0;
  Mutex mutex_;
  std::vector<std::string> requests_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace tthc::sync
