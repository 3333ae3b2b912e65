#pragma once

#include <memory>
#include <vector>

#include "server/rpc/rpc_service.h"
#include "server/service/service.h"

namespace tthc::rpc {

// The services of tthc.v1, each method tied to server::Service's of the same name. Both arguments outlive them.
std::vector<std::unique_ptr<RpcService>> MakeTthcServices(Adapter* adapter, server::Service* service);

}  // namespace tthc::rpc
