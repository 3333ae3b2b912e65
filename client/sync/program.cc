#include "client/sync/program.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/sync/check.h"
#include "client/sync/portal_client.h"
#include "client/sync/pull.h"
#include "client/sync/secret.h"
#include "storage/base/clock.h"
#include "storage/base/errors.h"
#include "storage/base/log.h"
#include "storage/base/proto_duration.h"
#include "storage/base/status_macros.h"

namespace tthc::sync {
namespace {

// Deadline of a call to tthcd. A call that hangs must not outlast the lease; see ClientOptionsOf.
constexpr absl::Duration kServerDeadlineMax = absl::Seconds(10);
// Wait between two watches.
constexpr absl::Duration kWatchAgain = absl::Seconds(1);

// One generator per target: it is called under that target's lock.
std::function<double()> MakeUniform(uint64_t seed) {
  auto engine = std::make_shared<std::mt19937_64>(seed);
  return [engine] { return std::uniform_real_distribution<double>(0.0, 1.0)(*engine); };
}

}  // namespace

sdk::ClientOptions ClientOptionsOf(const Setup& setup) {
  sdk::ClientOptions options;
  options.target = setup.server;
  options.actor = setup.actor;
  options.call_deadline = kServerDeadlineMax;
  for (const TargetSetup& target : setup.targets) {
    const absl::Duration lease = FromProto(target.target.lease_duration());
    if (lease > absl::ZeroDuration()) options.call_deadline = std::min(options.call_deadline, lease / 2);
  }
  // Runners and watches have waits of their own, and stop while they wait; a retry in the client would hold up Stop().
  options.retry.attempts_max = 1;
  return options;
}

absl::StatusOr<std::unique_ptr<Program>> Program::Start(Setup setup, const Options& options) {
  std::unique_ptr<Program> program(new Program(std::move(setup)));
  program->client_ = std::make_unique<sdk::Client>(ClientOptionsOf(program->setup_));
  // All targets are prepared before the first one starts: a certificate that can't be read ends the program at once.
  uint64_t seed = options.seed;
  for (const TargetSetup& target_setup : program->setup_.targets) {
    Target target;
    TTHC_ASSIGN_OR_RETURN(target.http, MakeHttp(target_setup, options.credentials_directory));
    target.adapter = MakeAdapter(target_setup.profile, target_setup.target);
    target.runner = std::make_unique<TargetRunner>(
        TargetRunner::Options{.client = program->client_.get(),
                              .http = target.http.get(),
                              .adapter = target.adapter.get(),
                              .target = &target_setup.target,
                              .profile = &target_setup.profile,
                              .holder = options.holder,
                              .read_password =
                                  [&target_setup, directory = options.credentials_directory] {
                                    return ReadSecret(target_setup.target.password(), directory);
                                  },
                              .uniform = MakeUniform(seed++)});
    program->targets_.push_back(std::move(target));
  }
  for (Target& target : program->targets_) target.runner->Start();
  for (size_t i = 0; i < program->targets_.size(); ++i) {
    const TargetSetup& target_setup = program->setup_.targets[i];
    if (!target_setup.target.has_pull_interval()) continue;
    Target& target = program->targets_[i];
    target.pull_thread = std::thread([raw = program.get(), &target_setup, http = target.http.get(), options] {
      raw->PullAtIntervals(target_setup, *http, options);
    });
  }
  program->watch_thread_ = std::thread([raw = program.get()] { raw->Watch(); });
  return program;
}

Program::~Program() { Stop(); }

// Any change wakes every target: which dossiers it concerns, the next list says.
void Program::Watch() {
  while (!stopping_.load()) {
    // From now on: what is pending already, every runner finds by its first poll.
    tthc::v1::WatchChangesRequest request;
    request.set_from_now(true);
    const absl::Status ended = client_->WatchChanges(request, [this](const tthc::v1::WatchChangesResponse& message) {
      // A progress mark, which only says how far the feed has come.
      if (message.changes().empty()) return !stopping_.load();
      for (Target& target : targets_) target.runner->WakeUp();
      return !stopping_.load();
    });
    if (stopping_.load()) return;
    Log(LogLevel::kWarning, "watch_ended", {{"reason", ErrorReason(ended)}});
    Wait(kWatchAgain);
  }
}

bool Program::Wait(absl::Duration duration) {
  const auto end = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(duration);
  MutexLock lock(wait_mutex_);
  while (!stopping_.load()) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left.count() <= 0) return true;
    stop_.WaitFor(wait_mutex_, absl::FromChrono(left));
  }
  return false;
}

// A session of its own, beside that of the mirror. What fails is logged and left to the next pull: every filing is
// registered once, however often it is pulled.
void Program::PullAtIntervals(const TargetSetup& setup, Http& http, const Options& options) {
  const SystemClock clock;
  const std::string& id = setup.target.id();
  const absl::Duration interval = FromProto(setup.target.pull_interval());
  const auto uniform = MakeUniform(options.seed ^ std::hash<std::string>()(id));
  do {
    // A new one for each pull: a refused login is not tried again by a client, but the next pull may try it.
    PortalClient portal(
        {.setup = &setup,
         .http = &http,
         .read_password = [&] { return ReadSecret(setup.target.password(), options.credentials_directory); },
         .now = [&clock] { return clock.Now(); },
         .sleep = [this](absl::Duration duration) { Wait(duration); },
         .uniform = uniform,
         .abort = &stopping_});
    const auto on_problem = [&](const std::string& code, const absl::Status& why) {
      Log(LogLevel::kWarning, "filing_not_pulled",
          {{"target", id}, {"code", code}, {"reason", ErrorReason(why)}, {"field", ErrorField(why)}});
    };
    const absl::StatusOr<PullCounts> counts =
        PullFromTarget(*client_, portal, setup, {.now = [&clock] { return clock.Now(); }, .on_problem = on_problem});
    if (!counts.ok()) {
      if (!stopping_.load())
        Log(LogLevel::kWarning, "pull_failed", {{"target", id}, {"reason", ErrorReason(counts.status())}});
    } else if (counts->filed > 0) {
      Log(LogLevel::kInfo, "pulled",
          {{"target", id},
           {"filed", absl::StrCat(counts->filed)},
           {"registered", absl::StrCat(counts->registered)},
           {"known", absl::StrCat(counts->known)},
           {"refused", absl::StrCat(counts->refused)}});
    }
  } while (Wait(interval));
}

void Program::Stop() {
  if (stopping_.exchange(true)) return;
  {
    // Locked so that a thread about to wait does not miss the notification.
    const MutexLock lock(wait_mutex_);
  }
  stop_.NotifyAll();
  // Ends the watch thread's call, which would else last until the next change.
  client_->CancelWatches();
  // In parallel: each may wait for a slow answer.
  std::vector<std::thread> stops;
  stops.reserve(targets_.size());
  for (Target& target : targets_) stops.emplace_back([&target] { target.runner->Stop(); });
  for (std::thread& stop : stops) stop.join();
  for (Target& target : targets_) {
    if (target.pull_thread.joinable()) target.pull_thread.join();
  }
  if (watch_thread_.joinable()) watch_thread_.join();
}

}  // namespace tthc::sync
