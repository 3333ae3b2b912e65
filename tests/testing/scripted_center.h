#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"
#include "tests/testing/sample_catalogue.h"
#include "tests/testing/sample_events.h"
#include "tests/testing/service_fixture.h"
#include "tthc/v1/statistics_service.pb.h"

namespace tthc::testing {

// [from, to), both like "2026-06-15T08:00".
inline v1::Period Between(absl::string_view from, absl::string_view to) {
  v1::Period period;
  *period.mutable_start_time() = ToProto(At(from));
  *period.mutable_end_time() = ToProto(At(to));
  return period;
}

inline v1::Period Preset(const std::string& preset, v1::Period::Scheme scheme = v1::Period::SCHEME_REPORTING) {
  v1::Period period;
  period.set_preset(preset);
  period.set_scheme(scheme);
  return period;
}

// A service in which a few dossiers are written by hand, each event recorded when it happens, and which is asked for
// figures.
class ScriptedCenter {
 public:
  explicit ScriptedCenter(absl::string_view start = "2026-06-01T07:30") : fixture_({.now = At(start)}) {}

  ServiceFixture& fixture() { return fixture_; }
  void SetNow(absl::string_view now) { fixture_.clock().Set(At(now)); }

  // Returns the dossier's name.
  std::string Open(absl::string_view when, v1::Event event) { return Open(At(when), std::move(event)); }
  std::string Open(absl::Time when, v1::Event event) {
    Move(when, event);
    return fixture_.MustCreate({event}).name();
  }
  std::string Append(const std::string& name, absl::string_view when, v1::Event event) {
    return Append(name, At(when), std::move(event));
  }
  std::string Append(const std::string& name, absl::Time when, v1::Event event) {
    Move(when, event);
    return fixture_.MustAppend(name, event).name();
  }
  std::string Append(const std::string& name, absl::string_view when, v1::Event::PayloadCase kind) {
    return Append(name, when, SampleEvent(kind));
  }
  // Accepted at one moment and finished at another.
  std::string Finished(absl::string_view accepted, absl::string_view finished,
                       const std::string& procedure = kThreeDays) {
    const std::string name = Open(accepted, AcceptedEvent(procedure));
    return Append(name, finished, v1::Event::kFinished);
  }

  // The last event of that kind.
  v1::Event EventOf(const std::string& name, v1::Event::PayloadCase kind) {
    v1::Event found;
    for (const v1::Event& event : fixture_.MustListEvents(name)) {
      if (event.payload_case() == kind) found = event;
    }
    return found;
  }

  v1::QueryStatisticsResponse Ask(const v1::QueryStatisticsRequest& request) {
    return ValueOrDie(fixture_.Call<v1::QueryStatisticsResponse>(request));
  }
  // One figure of all dossiers.
  v1::StatisticsValue Value(v1::Metric metric, const v1::Period& period) {
    v1::QueryStatisticsRequest request;
    *request.mutable_period() = period;
    request.add_metrics(metric);
    return Ask(request).total().values(0);
  }
  int64_t Count(v1::Metric metric, const v1::Period& period) { return Value(metric, period).count(); }

 private:
  // An event that lies before the clock is recorded now.
  void Move(absl::Time when, v1::Event& event) {
    fixture_.clock().Set(std::max(fixture_.clock().Now(), when));
    *event.mutable_occur_time() = ToProto(when);
  }

  ServiceFixture fixture_;
};

}  // namespace tthc::testing
