#include "tests/testing/sync_world.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/sync/profile.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/proto_duration.h"
#include "tests/testing/portal_differences.h"
#include "tests/testing/sample_events.h"

namespace tthc::testing {
namespace {

using tthc::v1::Event;

constexpr char kTarget[] = "mirrorTargets/portal";
constexpr absl::Duration kLease = absl::Seconds(20);
constexpr absl::Duration kCallTimeout = absl::Seconds(75);
constexpr absl::Duration kStopPatience = absl::Seconds(10);
constexpr absl::Duration kRoundTripMax = absl::Milliseconds(40);

sync::v1::Target MakeTarget(const std::string& profile) {
  sync::v1::Target target;
  target.set_id("portal");
  target.set_profile(profile);
  target.set_base_url("http://127.0.0.1:8070");
  target.set_agency("H24.99.1");
  target.set_destination("VN:GOV:000.00.00.G22:vpcpdvcprovider");
  target.set_destination_place(sync::v1::Target::PLACE_HEADER);
  target.set_username("demo");
  return target;
}

sync::v1::Profile Shipped(const std::string& id) {
  sync::Problems problems;
  sync::v1::Profile profile = sync::LoadProfile(id, &problems);
  TTHC_CHECK(problems.empty());
  return profile;
}

portal_sim::SimRequest ToSim(const sync::HttpRequest& request) {
  absl::string_view target = request.url;
  absl::ConsumePrefix(&target, "http://127.0.0.1:8070");
  return {.method = request.method, .target = std::string(target), .headers = request.headers, .body = request.body};
}

sync::HttpResponse ToHttp(const portal_sim::SimResponse& response) {
  sync::HttpResponse http{
      .status = response.status, .retry_after = response.retry_after, .content_type = "", .body = response.body};
  for (const auto& [name, value] : response.headers) {
    if (absl::EqualsIgnoreCase(name, "Content-Type")) http.content_type = value;
  }
  return http;
}

}  // namespace

// --- A process of tthc-sync ------------------------------------------------------------------------------------------

VirtualSync::VirtualSync(SyncWorld* world, std::string holder)
    : world_(*world),
      holder_(std::move(holder)),
      syncer_({.profile = &world->profile_,
               .adapter = world->adapter_.get(),
               .workers = world->options_.workers,
               .window = world->options_.workers * limits::kSyncDeliveriesPerWorker,
               .window_bytes = limits::kSyncWindowBytesMax,
               .retry_delay_first = limits::kSyncRetryDelayFirst,
               .retry_delay_max = limits::kSyncRetryDelayMax,
               .failures_before_open = limits::kSyncFailuresBeforeOpen,
               .attempts_max = limits::kSyncAttemptsMax,
               .session_life = absl::Minutes(8),
               .uniform = [world] { return static_cast<double>(world->Number(0, 999'999)) / 1e6; }}) {}

bool VirtualSync::LeaseHolds() const { return fence_ != 0 && world_.now() < lease_end_; }

void VirtualSync::Act() {
  if (!alive_ || world_.now() < frozen_until_) return;
  if (!stopping_) KeepLease();
  if (!stopping_) Fetch();
  StartCalls();
  Record();
  if (stopping_) End();
}

void VirtualSync::KeepLease() {
  if (world_.now() < next_renewal_) return;
  next_renewal_ = world_.now() + kLease / 4;
  if (fence_ != 0) {
    tthc::v1::RenewMirrorTargetRequest request;
    request.set_name(kTarget);
    request.set_fence(fence_);
    *request.mutable_condition() = syncer_.Condition();
    const auto renewed = world_.Call<tthc::v1::RenewMirrorTargetResponse>(request);
    if (renewed.ok()) lease_end_ = world_.now() + kLease;
    if (renewed.ok() || ErrorReason(renewed.status()) != "MIRROR_LEASE_LOST") return;
  }
  tthc::v1::AcquireMirrorTargetRequest request;
  request.set_name(kTarget);
  request.set_holder(holder_);
  *request.mutable_lease_duration() = ToProto(kLease);
  const auto acquired = world_.Call<tthc::v1::AcquireMirrorTargetResponse>(request);
  if (!acquired.ok()) {
    next_renewal_ = world_.now() + absl::Seconds(1);
    return;
  }
  const int64_t fence = acquired->target().lease().fence();
  const bool goes_on = fence_ != 0 && fence == fence_ + 1;
  fence_ = fence;
  lease_end_ = world_.now() + kLease;
  next_fetch_ = world_.now();
  if (goes_on) return;
  ++lease_;
  unrecorded_.clear();
  syncer_.Begin(acquired->clean(), acquired->head_revision());
}

void VirtualSync::Fetch() {
  if (fetching_ || !LeaseHolds() || world_.now() < next_fetch_ || syncer_.room() == 0) return;
  next_fetch_ = world_.now() + world_.UpTo(absl::Seconds(3));
  tthc::v1::ListMirrorDeliveriesRequest request;
  request.set_parent(kTarget);
  request.set_fence(fence_);
  request.set_after_number(after_number_);
  request.set_page_size(static_cast<int>(world_.Number(1, 5)));
  syncer_.BeginFetch();
  const auto page = world_.Call<tthc::v1::ListMirrorDeliveriesResponse>(request);
  if (!page.ok()) {
    syncer_.EndFetch();
    return;
  }
  after_number_ = page->next_number();
  // The answer arrives later and may be out of date by then.
  fetching_ = true;
  world_.At(world_.now() + world_.UpTo(absl::Seconds(2)), [this, page = *page, lease = lease_] {
    fetching_ = false;
    for (const tthc::v1::MirrorDelivery& delivery : page.deliveries()) {
      if (alive_ && lease == lease_) syncer_.Add(delivery);
    }
    syncer_.EndFetch();
  });
}

void VirtualSync::StartCalls() {
  while (LeaseHolds()) {
    const auto started = syncer_.NextCall(world_.now());
    if (!started.has_value()) return;
    const sync::HttpRequest request = world_.adapter_->MakeRequest(started->call, started->session, "demo");
    world_.At(world_.now() + world_.UpTo(kRoundTripMax), [this, id = started->id, call = started->call, request,
                                                          lease = lease_] { OnArrival(id, call, request, lease); });
  }
}

void VirtualSync::OnArrival(uint64_t id, const sync::Call& call, const sync::HttpRequest& request, int64_t lease) {
  // The last calls of a killed process may still arrive; a living one aborts its calls when its lease ends.
  const bool on_the_wire = alive_ ? world_.now() < lease_end_ : world_.Chance(50);
  const absl::Time sent = world_.now();
  absl::StatusOr<sync::HttpResponse> response = absl::UnknownError("aborted");
  absl::Duration delay = world_.UpTo(kRoundTripMax);
  if (on_the_wire) {
    const portal_sim::SimResponse answer = world_.portal_->Handle(ToSim(request), world_.now());
    delay += answer.delay;
    if (answer.refuse) {
      response = absl::UnavailableError("connection refused");
    } else if (answer.cut_after.has_value()) {
      response = absl::UnknownError("connection cut");
    } else {
      response = ToHttp(answer);
    }
  }
  if (delay > kCallTimeout) {
    delay = kCallTimeout;
    response = absl::UnknownError("timed out");
  }
  world_.At(world_.now() + delay,
            [this, id, call, request, response, sent, lease] { OnAnswer(id, call, request, response, sent, lease); });
}

void VirtualSync::OnAnswer(uint64_t id, const sync::Call& call, const sync::HttpRequest& request,
                           const absl::StatusOr<sync::HttpResponse>& response, absl::Time sent, int64_t lease) {
  if (!alive_ || lease != lease_) return;
  syncer_.OnAnswer(id, world_.adapter_->ReadAnswer(call, request, response, sent, world_.now() - sent), world_.now());
}

void VirtualSync::Record() {
  if (unrecorded_.empty()) {
    unrecorded_ = syncer_.TakeOutcomes(static_cast<size_t>(world_.Number(1, 10)));
    next_record_ = world_.now() + world_.UpTo(absl::Milliseconds(200));
  }
  if (unrecorded_.empty() || world_.now() < next_record_) return;
  tthc::v1::RecordMirrorOutcomesRequest request;
  request.set_parent(kTarget);
  request.set_fence(fence_);
  for (const auto& outcome : unrecorded_) *request.add_outcomes() = outcome.outcome;
  const auto recorded = world_.Call<tthc::v1::RecordMirrorOutcomesResponse>(request);
  if (!recorded.ok()) {
    TTHC_CHECK(recorded.status().code() == absl::StatusCode::kUnavailable ||
               ErrorReason(recorded.status()) == "MIRROR_LEASE_LOST");
    next_record_ = world_.now() + absl::Seconds(1);
    return;
  }
  syncer_.OnRecorded(unrecorded_);
  unrecorded_.clear();
}

void VirtualSync::End() {
  syncer_.SetPaused(true);
  if (syncer_.calls_in_flight() > 0) return;
  syncer_.ReportProgress();
  const bool all_recorded = !syncer_.has_outcomes() && unrecorded_.empty();
  stop_deadline_ = std::min(stop_deadline_, world_.now() + kStopPatience);
  // The server may be down, or another process may hold the lease: it does not wait forever.
  if (!all_recorded && world_.now() < stop_deadline_) return;
  tthc::v1::ReleaseMirrorTargetRequest request;
  request.set_name(kTarget);
  request.set_fence(fence_);
  request.set_unclean(!all_recorded || syncer_.has_unknown_ends());
  if (fence_ != 0) world_.Call<tthc::v1::ReleaseMirrorTargetResponse>(request).IgnoreError();
  alive_ = false;
}

// --- The world -------------------------------------------------------------------------------------------------------

SyncWorld::SyncWorld(SyncWorldOptions options)
    : options_(std::move(options)),
      random_(options_.seed),
      now_(center_.clock().Now()),
      profile_(Shipped(options_.profile)),
      target_(MakeTarget(options_.profile)),
      adapter_(sync::MakeAdapter(profile_, target_)) {
  portal_sim::PortalOptions portal;
  portal.seed = options_.seed;
  portal.faults = options_.faults;
  portal_ = std::make_unique<portal_sim::Portal>(std::move(portal));
}

SyncWorld::~SyncWorld() = default;

template <typename Response, typename Request>
absl::StatusOr<Response> SyncWorld::Call(const Request& request) {
  if (!server_up_) return absl::UnavailableError("no server");
  return center_.Call<Response>(request);
}

tthc::v1::MirrorTarget SyncWorld::Target() {
  tthc::v1::GetMirrorTargetRequest request;
  request.set_name(kTarget);
  absl::StatusOr<tthc::v1::MirrorTarget> target = center_.Call<tthc::v1::MirrorTarget>(request);
  // Counting runs in real time and is no part of the schedule.
  while (target.ok() && target->progress().counting()) {
    std::this_thread::yield();
    target = center_.Call<tthc::v1::MirrorTarget>(request);
  }
  return target.ok() ? *target : tthc::v1::MirrorTarget();
}

std::map<std::string, std::string> SyncWorld::Parked() {
  tthc::v1::ListMirrorItemsRequest request;
  request.set_parent(kTarget);
  request.set_page_size(1000);
  std::map<std::string, std::string> parked;
  const auto page = center_.Call<tthc::v1::ListMirrorItemsResponse>(request);
  if (!page.ok()) return parked;
  for (const auto& item : page->items()) {
    const tthc::v1::Dossier dossier = center_.MustGet(item.dossier());
    parked[dossier.code().empty() ? dossier.submission_code() : dossier.code()] = item.name();
  }
  return parked;
}

void SyncWorld::OpenDossier() {
  Event event = AcceptedEvent();
  if (Chance(25)) {
    event = SampleEvent(Event::kSubmitted);
  } else if (Chance(10)) {
    event = SampleEvent(Event::kIntakeRefused);
  }
  const auto created = center_.Create({event});
  if (!created.ok()) return;
  open_.push_back(created->dossier().name());
  all_.insert(created->dossier().name());
}

void SyncWorld::ContinueDossier(const std::string& name) {
  static constexpr Event::PayloadCase kKinds[] = {Event::kAccepted,
                                                  Event::kForwarded,
                                                  Event::kStepTaken,
                                                  Event::kStepDone,
                                                  Event::kSupplementRequested,
                                                  Event::kSupplementReceived,
                                                  Event::kPaused,
                                                  Event::kResumed,
                                                  Event::kFinished,
                                                  Event::kReturned,
                                                  Event::kWithdrawalRequested,
                                                  Event::kStopped,
                                                  Event::kNoted,
                                                  Event::kRated,
                                                  Event::kDocumentAdded};
  // Most kinds are refused in the dossier's state; a few attempts find one that is possible.
  for (int i = 0; i < 4; ++i) {
    const auto kind = kKinds[Number(0, static_cast<int64_t>(std::size(kKinds)) - 1)];
    Event event = SampleEvent(kind);
    if (kind == Event::kAccepted && !center_.MustGet(name).code().empty()) continue;
    if (center_.Append(name, event).ok()) return;
  }
}

void SyncWorld::Work() {
  if (mended_ || now_ > work_end_) return;
  if (server_up_) {
    if (static_cast<int>(all_.size()) < options_.dossiers && Chance(40)) OpenDossier();
    if (!open_.empty()) ContinueDossier(open_[static_cast<size_t>(Number(0, static_cast<int64_t>(open_.size()) - 1))]);
  }
  At(now_ + absl::Seconds(1) + UpTo(absl::Seconds(40)), [this] { Work(); });
}

void SyncWorld::RestartServer() {
  server_up_ = false;
  At(now_ + UpTo(absl::Seconds(30)), [this] {
    center_.Restart();
    server_up_ = true;
    Target();
  });
}

void SyncWorld::Disturb() {
  if (mended_) return;
  VirtualSync* const one = syncs_.empty() ? nullptr : syncs_.back().get();
  if (one != nullptr && Chance(options_.kill_sync)) Chance(30) ? one->Stop() : one->Kill();
  if (one != nullptr && Chance(options_.freeze_sync)) one->Freeze(now_ + UpTo(absl::Minutes(2)));
  if (server_up_ && Chance(options_.kill_server)) RestartServer();
  if (Chance(options_.second_sync)) {
    syncs_.push_back(std::make_unique<VirtualSync>(this, absl::StrCat("sync-", ++sync_count_)));
  }
  At(now_ + absl::Minutes(1), [this] { Disturb(); });
}

// A program that died is started again.
void SyncWorld::KeepSync() {
  const bool any = std::any_of(syncs_.begin(), syncs_.end(), [](const auto& one) { return one->alive(); });
  if (!any) syncs_.push_back(std::make_unique<VirtualSync>(this, absl::StrCat("sync-", ++sync_count_)));
  for (const auto& one : syncs_) one->Act();
}

bool SyncWorld::IsDone() {
  if (!mended_ || !server_up_) return false;
  const tthc::v1::MirrorTarget target = Target();
  if (target.name().empty() || target.progress().pending_count() > 0) return false;
  // What the portal refuses stays parked. Others may have been parked by a series of faults: a person would retry them.
  for (const auto& [code, item] : Parked()) {
    if (!portal_->RefusalOf(code).empty()) continue;
    tthc::v1::RetryMirrorItemsRequest request;
    request.set_parent(kTarget);
    request.add_names(item);
    center_.Call<tthc::v1::RetryMirrorItemsResponse>(request).IgnoreError();
    return false;
  }
  return true;
}

bool SyncWorld::Run(absl::Duration patience) {
  const absl::Time start = now_;
  work_end_ = start + options_.working_time;
  // The center works into the outage. Catching up begins at its end.
  const absl::Time outage_start = work_end_ - std::min(options_.outage, options_.working_time / 2);
  mend_time_ = outage_start + options_.outage;
  if (options_.outage > absl::ZeroDuration()) portal_->AddDownWindow(outage_start, mend_time_);
  At(now_, [this] { Work(); });
  At(now_ + absl::Minutes(1), [this] { Disturb(); });
  At(mend_time_, [this] {
    mended_ = true;
    portal_->SetFaults({});
  });
  absl::Time next_look = mend_time_;
  while (now_ < mend_time_ + patience) {
    // Programs act a few times a second; everything else has its own time. Long outages advance in longer steps.
    const bool is_still = now_ > work_end_ && !mended_;
    const absl::Time next_act = now_ + (is_still ? absl::Seconds(10) : absl::Milliseconds(250));
    while (!queue_.empty() && queue_.begin()->first <= next_act) {
      const auto next = queue_.begin();
      now_ = std::max(now_, next->first);
      center_.clock().Set(now_);
      const auto action = std::move(next->second);
      queue_.erase(next);
      action();
      KeepSync();
    }
    now_ = next_act;
    center_.clock().Set(now_);
    KeepSync();
    if (now_ < next_look) continue;
    if (IsDone()) {
      end_time_ = now_;
      return true;
    }
    next_look = now_ + absl::Seconds(1);
  }
  end_time_ = now_;
  return false;
}

std::vector<std::string> SyncWorld::Differences() {
  std::vector<std::string> differences;
  const tthc::v1::MirrorTarget target = Target();
  tthc::v1::ListMirrorDeliveriesRequest request;
  request.set_parent(kTarget);
  request.set_fence(target.lease().fence());
  for (const std::string& name : all_) *request.add_dossiers() = name;
  request.set_page_size(limits::kMirrorDeliveriesPageMax);
  const auto page = center_.Call<tthc::v1::ListMirrorDeliveriesResponse>(request);
  if (!page.ok()) return {absl::StrCat("no deliveries: ", page.status().ToString())};
  if (page->deliveries_size() != static_cast<int>(all_.size())) differences.push_back("not all were delivered");
  for (const std::string& difference :
       PortalDifferences({page->deliveries().begin(), page->deliveries().end()}, profile_, *adapter_, *portal_)) {
    differences.push_back(difference);
  }
  return differences;
}

}  // namespace tthc::testing
