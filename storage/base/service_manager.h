#pragma once

#include <string>

namespace tthc {

// Reports a state ("READY=1", "STOPPING=1") to systemd by the protocol of sd_notify(3), if it started the process and
// asked for it. Errors are ignored: a lost report must not stop a server that works.
void NotifyServiceManager(const std::string& state);

}  // namespace tthc
