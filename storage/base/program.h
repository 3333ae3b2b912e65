#pragma once

#include <pthread.h>
#include <signal.h>

#include <cstdlib>
#include <string>

// What every main() needs of the process that it runs in.
namespace tthc {

// The value of an environment variable; "" if it is not set.
inline std::string GetEnvironment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Blocks SIGINT and SIGTERM in this thread and in every thread that it starts from now on, so that they end the program
// only where it waits for them with sigwait. Ignores SIGPIPE: a peer that hangs up is an error of one call. Call it
// before the first thread is started.
inline sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

}  // namespace tthc
