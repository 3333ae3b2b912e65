#pragma once

#include <string>

namespace tthc {

// Tells the service manager how it stands ("READY=1", "STOPPING=1"), by the protocol of sd_notify(3). Does nothing when
// not started by one that listens; a message that gets lost is not worth failing for.
void NotifyServiceManager(const std::string& state);

}  // namespace tthc
