#pragma once

#include <future>
#include <utility>

#include "absl/status/statusor.h"
#include "server/service/service.h"

namespace tthc::server {

// Recorded as the actor of what the server does by itself.
inline constexpr char kServerActor[] = "tthcd";

// Calls a method of the service in the server's own name and waits for the answer. For start-up and tests: never on a
// thread that answers others.
template <typename Request, typename Response>
absl::StatusOr<Response> Await(Service* service,
                               void (Service::*method)(const RequestContext&, const Request&, Reply<Response>),
                               const Request& request) {
  std::promise<absl::StatusOr<Response>> answer;
  (service->*method)({.caller = {.actor = kServerActor}}, request,
                     [&answer](absl::StatusOr<Response> response) { answer.set_value(std::move(response)); });
  return answer.get_future().get();
}

}  // namespace tthc::server
