#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/portal_sim/portal.h"
#include "client/sync/adapter.h"
#include "client/sync/syncer.h"
#include "tests/testing/service_fixture.h"
#include "tthc/v1/mirror_service.pb.h"

// A simulation of the mirror in one process and in virtual time: a center with its server, a portal, and tthc-sync
// programs between them. Service, Syncer and adapters are the real ones; the portal is the simulated one; everything
// between them fails as drawn from a seed. The same seed gives the same run.
namespace tthc::testing {

class SyncWorld;

// A process of tthc-sync: what TargetRunner does, in virtual time and without threads.
class VirtualSync {
 public:
  VirtualSync(SyncWorld* world, std::string holder);

  // Does everything that is possible now.
  void Act();
  // As by kill -9. Calls under way may still arrive at the portal.
  void Kill() { alive_ = false; }
  // Does nothing until then, as when the machine is suspended.
  void Freeze(absl::Time until) { frozen_until_ = until; }
  // As by SIGTERM: finishes calls under way, records them and releases the lease.
  void Stop() { stopping_ = true; }

  bool alive() const { return alive_; }
  const sync::Syncer& syncer() const { return syncer_; }

 private:
  friend class SyncWorld;
  void KeepLease();
  void Fetch();
  void Record();
  void StartCalls();
  void End();
  void OnArrival(uint64_t id, const sync::Call& call, const sync::HttpRequest& request, int64_t lease);
  void OnAnswer(uint64_t id, const sync::Call& call, const sync::HttpRequest& request,
                const absl::StatusOr<sync::HttpResponse>& response, absl::Time sent, int64_t lease);
  bool LeaseHolds() const;

  SyncWorld& world_;
  const std::string holder_;
  sync::Syncer syncer_;
  bool alive_ = true;
  bool stopping_ = false;
  absl::Time stop_deadline_ = absl::InfiniteFuture();
  absl::Time frozen_until_ = absl::InfinitePast();
  int64_t fence_ = 0;
  // Rises with every new window.
  int64_t lease_ = 0;
  absl::Time lease_end_ = absl::InfinitePast();
  absl::Time next_renewal_ = absl::InfinitePast();
  absl::Time next_fetch_ = absl::InfinitePast();
  int64_t after_number_ = 0;
  bool fetching_ = false;
  bool paused_ = false;
  std::vector<sync::Syncer::Outcome> unrecorded_;
  absl::Time next_record_ = absl::InfinitePast();
};

struct SyncWorldOptions {
  uint64_t seed = 1;
  // "dvcqg" or "wrapper".
  std::string profile = "dvcqg";
  int workers = 4;
  int dossiers = 6;
  portal_sim::FaultRates faults = {};
  // Probabilities in percent for each virtual minute.
  int kill_sync = 0;
  int kill_server = 0;
  int second_sync = 0;
  int freeze_sync = 0;
  // How long the center works.
  absl::Duration working_time = absl::Minutes(30);
  // Length of one outage of the portal.
  absl::Duration outage = absl::ZeroDuration();
};

class SyncWorld {
 public:
  explicit SyncWorld(SyncWorldOptions options);
  ~SyncWorld();

  // Runs the center with all faults, then ends the faults and waits until the mirror has caught up. False if it has not
  // after `patience` of virtual time.
  bool Run(absl::Duration patience = absl::Hours(12));

  // Differences between the center and the portal. Empty: Law 7 holds.
  std::vector<std::string> Differences();
  // Virtual time from the end of the faults to the end.
  absl::Duration catch_up_time() const { return end_time_ - mend_time_; }
  portal_sim::Portal& portal() { return *portal_; }
  ServiceFixture& center() { return center_; }
  tthc::v1::MirrorTarget Target();
  // Names of parked items by their dossiers' codes.
  std::map<std::string, std::string> Parked();

  absl::Time now() const { return now_; }
  int64_t Number(int64_t from, int64_t to) { return std::uniform_int_distribution<int64_t>(from, to)(random_); }
  bool Chance(int percent) { return Number(1, 100) <= percent; }
  absl::Duration UpTo(absl::Duration most) { return most * (static_cast<double>(Number(1, 1000)) / 1000.0); }
  void At(absl::Time time, std::function<void()> action) { queue_.emplace(time, std::move(action)); }

 private:
  friend class VirtualSync;
  // A call to the server; UNAVAILABLE while it is down.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(const Request& request);
  void Work();
  void OpenDossier();
  void ContinueDossier(const std::string& name);
  void Disturb();
  void KeepSync();
  void RestartServer();
  bool IsDone();

  const SyncWorldOptions options_;
  std::mt19937_64 random_;
  ServiceFixture center_;
  absl::Time now_;
  absl::Time work_end_;
  absl::Time mend_time_;
  absl::Time end_time_;
  bool mended_ = false;
  bool server_up_ = true;
  std::multimap<absl::Time, std::function<void()>> queue_;
  std::vector<std::string> open_;
  std::set<std::string> all_;

  sync::v1::Profile profile_;
  sync::v1::Target target_;
  std::unique_ptr<sync::Adapter> adapter_;
  std::unique_ptr<portal_sim::Portal> portal_;
  std::vector<std::unique_ptr<VirtualSync>> syncs_;
  int sync_count_ = 0;
};

}  // namespace tthc::testing
