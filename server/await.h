#pragma once

#include <future>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "server/service/service.h"

// Calls of the server to itself that wait for the answer: at start-up and in tests.
//
// Threads: block the calling thread. Never to be called on a thread of the service (a pool, the commit thread), which
// might be the one that has to answer.
namespace tthc::server {

// Recorded as the actor of what the server does by itself, such as filling a new store.
inline constexpr char kServerActor[] = "tthcd";

// The answer of the method that takes a Request and answers with a Response; aborts if there is none. No checks of the
// wire: required fields, deadlines and access are the adapters'.
template <typename Response, typename Request>
absl::StatusOr<Response> Await(const Service& service, const Request& request) {
  std::promise<absl::StatusOr<Response>> answer;
  service.methods().Call<Response>(
      {.caller = {.actor = kServerActor}}, request,
      [&answer](absl::StatusOr<Response> response) { answer.set_value(std::move(response)); });
  return answer.get_future().get();
}

// The same where only success matters, for any type of request.
inline absl::Status AwaitStatus(const Service& service, const google::protobuf::Message& request) {
  std::promise<absl::Status> answer;
  service.methods()
      .ForRequest(request.GetDescriptor())
      .call({.caller = {.actor = kServerActor}}, request,
            [&answer](const absl::StatusOr<google::protobuf::Message*>& response) {
              answer.set_value(response.status());
            });
  return answer.get_future().get();
}

}  // namespace tthc::server
