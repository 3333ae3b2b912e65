#include "storage/base/crash_point.h"

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "storage/base/mutex.h"

namespace tthc {
namespace {

struct Armed {
  Mutex mutex;
  std::string name ABSL_GUARDED_BY(mutex);
  int64_t passes_left ABSL_GUARDED_BY(mutex) = 0;
};

// Never destroyed: background threads may still pass a point while the process ends.
Armed& GetArmed() {
  static Armed* const armed = new Armed;
  return *armed;
}

// At load time, so that points in static initializers and in the first lines of main() count, too.
const bool armed_by_environment = [] {
  const char* spec = std::getenv("TTHC_CRASH_POINT");
  if (spec != nullptr) ArmCrashPoint(spec);
  return spec != nullptr;
}();

}  // namespace

namespace internal {

std::atomic<bool> crash_point_armed{false};

void PassCrashPoint(absl::string_view name) {
  Armed& armed = GetArmed();
  MutexLock lock(armed.mutex);
  // Under the lock: threads that pass the same point together count one after the other.
  if (armed.name != name || --armed.passes_left > 0) return;
  // SIGKILL can't be handled: no buffer is flushed, no destructor runs.
  std::raise(SIGKILL);
}

}  // namespace internal

void ArmCrashPoint(absl::string_view spec) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(spec, absl::MaxSplits(':', 1));
  int64_t passes = 1;
  if (!parts.second.empty() && !absl::SimpleAtoi(parts.second, &passes)) passes = 1;
  Armed& armed = GetArmed();
  MutexLock lock(armed.mutex);
  armed.name = parts.first;
  armed.passes_left = passes;
  internal::crash_point_armed.store(!parts.first.empty());
}

}  // namespace tthc
