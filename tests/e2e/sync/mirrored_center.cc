#include "tests/e2e/sync/mirrored_center.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "client/sync/adapter.h"
#include "client/sync/profile.h"
#include "storage/base/limits.h"
#include "tests/testing/portal_differences.h"
#include "tests/testing/sample_requests.h"

namespace tthc::testing {
namespace {

using tthc::v1::Event;

constexpr char kTarget[] = "mirrorTargets/portal";
constexpr absl::Duration kStartPatience = absl::Seconds(30);
constexpr absl::Duration kStopPatience = absl::Seconds(100);

// The pace of the clerk.
void Pause(absl::Duration duration) { sdk::RetryEnvironment::System().sleep(duration); }

// The port of an address, to listen on it again after a restart.
std::string PortOf(const std::string& address) { return address.substr(address.rfind(':') + 1); }

Event EventOf(int64_t number) {
  Event event;
  switch (number) {
    case 0:
      event.mutable_forwarded()->set_to_unit("units/vp");
      break;
    case 1:
      event.mutable_step_taken()->set_unit("units/vp");
      break;
    case 2:
      event.mutable_supplement_requested()->set_content("Bản sao giấy khai sinh");
      event.mutable_supplement_requested()->set_reason("Thiếu thành phần hồ sơ");
      break;
    case 3:
      event.mutable_supplement_received()->set_note("Đã nộp bổ sung");
      break;
    case 4:
      event.mutable_finished()->set_result(tthc::v1::Finished::RESULT_GRANTED);
      break;
    case 5:
      event.mutable_returned()->set_channel(tthc::v1::CHANNEL_COUNTER);
      break;
    default:
      event.mutable_noted()->set_text(absl::StrCat("Ghi chú ", number));
      break;
  }
  return event;
}

}  // namespace

MirroredCenter::MirroredCenter(Options options) : options_(std::move(options)), random_(options_.seed) {
  StartServer();
  StartPortal();
  WriteConfig();
}

MirroredCenter::~MirroredCenter() = default;

std::string MirroredCenter::PathOf(absl::string_view file) const { return absl::StrCat(directory_.path(), "/", file); }

void MirroredCenter::WriteConfig() {
  std::ofstream(PathOf("password")) << "demo\n";
  chmod(PathOf("password").c_str(), 0600);
  std::ofstream(PathOf("sync.textproto"))
      << "server: \"" << server_address_ << "\"\n"
      << "targets {\n  id: \"portal\"\n  display_name: \"Cổng thử\"\n"
      << "  profile: \"dvcqg\"\n  base_url: \"" << portal_url_ << "\"\n"
      << "  agency: \"H24.99.1\"\n  destination: \"VN:GOV:demo\"\n"
      << "  destination_place: PLACE_HEADER\n  username: \"demo\"\n"
      << "  password { file: \"" << PathOf("password") << "\" }\n"
      << "  worker_count: " << options_.workers << "\n"
      << "  retry_delay_max { seconds: 5 }\n  lease_duration { seconds: " << absl::ToInt64Seconds(options_.lease)
      << " }\n}\n";
}

void MirroredCenter::StartServer() {
  const std::string listen = server_address_.empty() ? "127.0.0.1:0" : server_address_;
  auto server = TthcdProcess::Start({.data_directory = PathOf("data"), .arguments = {"--listen", listen}});
  ASSERT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  server_address_ = server_->address();
  if (client_ != nullptr) return;
  sdk::ClientOptions options;
  options.target = server_address_;
  client_ = std::make_unique<sdk::Client>(options);
}

void MirroredCenter::KillServer() { server_->Kill(); }

void MirroredCenter::StartPortal() {
  const std::string listen = portal_url_.empty() ? "127.0.0.1:0" : absl::StrCat("127.0.0.1:", PortOf(portal_url_));
  auto portal = Process::Start({.program = TTHC_PORTAL_SIM_PROGRAM,
                                .arguments = {"--listen", listen, "--state", PathOf("portal.jsonl"), "--seed",
                                              absl::StrCat(options_.seed), "--faults", options_.faults}});
  ASSERT_TRUE(portal.ok()) << portal.status();
  portal_ = *std::move(portal);
  const auto ready = portal_->ReadLine(kStartPatience);
  ASSERT_TRUE(ready.ok()) << ready.status() << portal_->Stderr();
  portal_url_ = std::string(absl::StripPrefix(*ready, "tthc-portal-sim ready on "));
}

void MirroredCenter::KillPortal() {
  portal_->Signal(SIGKILL);
  portal_->Wait(kStartPatience).IgnoreError();
}

void MirroredCenter::StartSync(const std::string& name) {
  auto sync =
      Process::Start({.program = TTHC_SYNC_PROGRAM, .arguments = {"run", "--config", PathOf("sync.textproto")}});
  ASSERT_TRUE(sync.ok()) << sync.status();
  const auto ready = (*sync)->ReadLine(kStartPatience);
  ASSERT_TRUE(ready.ok()) << ready.status() << (*sync)->Stderr();
  syncs_[name] = *std::move(sync);
}

void MirroredCenter::KillSync(const std::string& name) {
  syncs_.at(name)->Signal(SIGKILL);
  syncs_.at(name)->Wait(kStopPatience).IgnoreError();
}

int MirroredCenter::StopSync(const std::string& name) {
  syncs_.at(name)->Signal(SIGTERM);
  const auto status = syncs_.at(name)->Wait(kStopPatience);
  return status.ok() ? *status : -1;
}

std::string MirroredCenter::SyncErrors(const std::string& name) { return syncs_.at(name)->Stderr(); }

void MirroredCenter::Work() {
  if (dossiers_.size() < 10 || Number(1, 3) == 1) {
    const auto created = client_->CreateDossier(AcceptRequest());
    if (created.ok()) dossiers_.push_back(created->dossier().name());
    return;
  }
  tthc::v1::AppendEventRequest request;
  request.set_parent(dossiers_[static_cast<size_t>(Number(0, static_cast<int64_t>(dossiers_.size()) - 1))]);
  // Events that the dossier's state does not allow are refused.
  *request.mutable_event() = EventOf(Number(0, 6));
  static_cast<void>(client_->AppendEvent(request));
}

void MirroredCenter::WorkFor(absl::Duration time, absl::Duration pause) {
  const absl::Time end = absl::Now() + time;
  while (absl::Now() < end) {
    Work();
    Pause(pause * (static_cast<double>(Number(1, 200)) / 100.0));
  }
}

tthc::v1::MirrorTarget MirroredCenter::Target() {
  tthc::v1::GetMirrorTargetRequest request;
  request.set_name(kTarget);
  const auto target = client_->GetMirrorTarget(request);
  return target.ok() ? *target : tthc::v1::MirrorTarget();
}

absl::Duration MirroredCenter::WaitUntilDelivered(absl::Duration patience) {
  const absl::Time start = absl::Now();
  while (absl::Now() < start + patience) {
    const tthc::v1::MirrorTarget target = Target();
    const auto& progress = target.progress();
    const bool delivered = !progress.counting() && progress.total_count() > 0 && progress.pending_count() == 0;
    if (delivered && progress.parked_count() == 0) return absl::Now() - start;
    if (delivered) {
      // A series of faults may have parked some.
      tthc::v1::RetryMirrorItemsRequest retry;
      retry.set_parent(kTarget);
      static_cast<void>(client_->RetryMirrorItems(retry));
    }
    Pause(absl::Milliseconds(50));
  }
  ADD_FAILURE() << "not delivered after " << patience << ": " << Target().ShortDebugString();
  return patience;
}

std::unique_ptr<portal_sim::Portal> MirroredCenter::ReadPortal() {
  auto portal = std::make_unique<portal_sim::Portal>(portal_sim::PortalOptions{});
  std::ifstream journal(PathOf("portal.jsonl"));
  for (std::string line; std::getline(journal, line);) {
    const absl::Status restored = portal->Restore(line);
    EXPECT_TRUE(restored.ok()) << restored;
  }
  return portal;
}

std::vector<std::string> MirroredCenter::Differences() {
  std::vector<std::string> differences;
  sync::Problems problems;
  const sync::v1::Profile profile = sync::LoadProfile("dvcqg", &problems);
  sync::v1::Target target;
  target.set_agency("H24.99.1");
  const auto adapter = sync::MakeAdapter(profile, target);
  const auto portal = ReadPortal();
  const int64_t fence = Target().lease().fence();
  for (size_t from = 0; from < dossiers_.size(); from += limits::kMirrorDeliveriesPageMax) {
    tthc::v1::ListMirrorDeliveriesRequest request;
    request.set_parent(kTarget);
    request.set_fence(fence);
    request.set_page_size(limits::kMirrorDeliveriesPageMax);
    for (size_t i = from; i < std::min(dossiers_.size(), from + limits::kMirrorDeliveriesPageMax); ++i) {
      request.add_dossiers(dossiers_[i]);
    }
    const auto page = client_->ListMirrorDeliveries(request);
    if (!page.ok()) return {page.status().ToString()};
    EXPECT_EQ(page->deliveries_size(), request.dossiers_size());
    for (std::string& difference :
         PortalDifferences({page->deliveries().begin(), page->deliveries().end()}, profile, *adapter, *portal)) {
      differences.push_back(std::move(difference));
    }
  }
  return differences;
}

}  // namespace tthc::testing
