#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/strip.h"
#include "client/portal_sim/portal.h"
#include "client/sync/portal_client.h"
#include "client/sync/profile.h"
#include "storage/base/clock.h"
#include "tests/unit/sync/deliveries.h"

namespace tthc::sync {

// Http to a simulated portal in the same process, with the test's clock.
class SimHttp : public Http {
 public:
  SimHttp(portal_sim::Portal* portal, ManualClock* clock) : portal_(*portal), clock_(*clock) {}

  // Responses of the next calls; afterwards the portal answers.
  std::vector<absl::StatusOr<HttpResponse>> scripted;
  int calls = 0;

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request, const std::atomic<bool>*) override {
    ++calls;
    clock_.Advance(absl::Milliseconds(20));
    if (!scripted.empty()) {
      absl::StatusOr<HttpResponse> next = std::move(scripted.front());
      scripted.erase(scripted.begin());
      return next;
    }
    portal_sim::SimRequest sim;
    sim.method = request.method;
    sim.target = std::string(absl::StripPrefix(request.url, "https://sim.invalid"));
    sim.headers = request.headers;
    sim.body = request.body;
    const portal_sim::SimResponse got = portal_.Handle(sim, clock_.Now());
    if (got.refuse) return absl::UnavailableError("refused");
    HttpResponse response;
    response.status = got.status;
    response.body = got.body;
    response.retry_after = got.retry_after;
    return response;
  }

 private:
  portal_sim::Portal& portal_;
  ManualClock& clock_;
};

// A target with one profile at a simulated portal, and a client of it. Waits advance the clock and take no real time.
class SimTarget {
 public:
  explicit SimTarget(const std::string& profile) {
    setup.profile = Shipped(profile);
    setup.target = testing::ParseProto<v1::Target>(R"pb(
      id: "sim"
      base_url: "https://sim.invalid"
      agency: "H24.99.1"
      username: "demo"
      destination: "VN:GOV"
      destination_place: PLACE_HEADER
      pull_office: "offices/H24.99.1"
      worker_count: 3
    )pb");
    client = std::make_unique<PortalClient>(PortalClient::Options{.setup = &setup,
                                                                  .http = &http,
                                                                  .read_password =
                                                                      [this] {
                                                                        ++passwords_read;
                                                                        return password;
                                                                      },
                                                                  .now = [this] { return clock.Now(); },
                                                                  .sleep =
                                                                      [this](absl::Duration wait) {
                                                                        waits.push_back(wait);
                                                                        clock.Advance(wait);
                                                                      },
                                                                  .uniform = [] { return 0.5; },
                                                                  .abort = &abort});
  }

  ManualClock clock{absl::FromUnixSeconds(1'794'600'000)};
  portal_sim::Portal portal{portal_sim::PortalOptions()};
  SimHttp http{&portal, &clock};
  TargetSetup setup;
  absl::StatusOr<std::string> password = std::string("demo");
  int passwords_read = 0;
  std::vector<absl::Duration> waits;
  std::atomic<bool> abort{false};
  std::unique_ptr<PortalClient> client;
};

}  // namespace tthc::sync
