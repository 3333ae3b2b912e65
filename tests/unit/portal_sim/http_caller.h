#pragma once

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdint>
#include <string>

#include "client/portal_sim/portal.h"

// A minimal HTTP client for tests of the simulator.
namespace tthc::portal_sim::testing {

struct HttpAnswer {
  // 0 if there was no complete answer.
  int status = 0;
  std::string body;
  boost::system::error_code error;
};

template <typename Stream>
HttpAnswer Exchange(Stream& stream, const SimRequest& request) {
  namespace http = boost::beast::http;
  http::request<http::string_body> message(http::string_to_verb(request.method), request.target, 11);
  message.set(http::field::host, "127.0.0.1");
  for (const auto& [name, value] : request.headers) message.set(name, value);
  message.body() = request.body;
  message.prepare_payload();
  HttpAnswer answer;
  http::write(stream, message, answer.error);
  if (answer.error) return answer;
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::read(stream, buffer, response, answer.error);
  if (answer.error) return answer;
  answer.status = static_cast<int>(response.result_int());
  answer.body = response.body();
  return answer;
}

// Opens a connection of its own.
inline HttpAnswer CallOnce(uint16_t port, const SimRequest& request) {
  using Tcp = boost::asio::ip::tcp;
  boost::asio::io_context context;
  Tcp::socket socket(context);
  HttpAnswer answer;
  socket.connect(Tcp::endpoint(boost::asio::ip::address_v4::loopback(), port), answer.error);
  return answer.error ? answer : Exchange(socket, request);
}

inline HttpAnswer CallOnceTls(uint16_t port, boost::asio::ssl::context& tls, const SimRequest& request) {
  using Tcp = boost::asio::ip::tcp;
  boost::asio::io_context context;
  boost::asio::ssl::stream<Tcp::socket> stream(context, tls);
  HttpAnswer answer;
  stream.next_layer().connect(Tcp::endpoint(boost::asio::ip::address_v4::loopback(), port), answer.error);
  if (!answer.error) stream.handshake(boost::asio::ssl::stream_base::client, answer.error);
  return answer.error ? answer : Exchange(stream, request);
}

}  // namespace tthc::portal_sim::testing
