#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "server/call/page_token.h"

namespace tthc::server {

// A command on an entry of the catalogue, checked as far as the request alone allows. Made on the calling thread by
// Prepare…, carried out on the commit thread by Run…. Also for the schemes of server/statistics.
template <typename Request>
struct CatalogueCommand {
  // As it was sent; etag, mask and names are checked against the catalogue by Run….
  Request request;
  // Empty with validate_only: nothing happens that a repetition could repeat, so the id is left alone.
  std::string request_id = {};
  // Of the request; 0 without an id.
  uint64_t content_hash = 0;

  // What the command holds while it waits in the queue.
  size_t ByteSizeLong() const { return request.ByteSizeLong(); }
};

// `request` has request_id and validate_only.
template <typename Request>
CatalogueCommand<Request> MakeCatalogueCommand(const Request& request) {
  CatalogueCommand<Request> command{.request = request};
  if (request.validate_only() || request.request_id().empty()) return command;
  command.request_id = request.request_id();
  command.content_hash = HashContent(request);
  return command;
}

}  // namespace tthc::server
