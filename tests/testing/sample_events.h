#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/domain/fold.h"
#include "tests/testing/sample_catalogue.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"

// Events and histories for tests, with defaults for everything that a test does not care about.
namespace tthc::testing {

// A request that the sample catalogue accepts.
v1::Request SampleRequest(const std::string& procedure = kThreeDays, const std::string& applicant = "Nguyễn Thị Hòa");

// Any of the 28 kinds with its required fields filled in: units/vp takes and does steps and gives opinions, petition
// "PA-01" comes in and is answered, the reception is rated, a finish grants, an amendment voids revision 1.
v1::Event SampleEvent(v1::Event::PayloadCase kind);

v1::Event AcceptedEvent(const std::string& procedure = kThreeDays);
v1::Event AmendmentOf(int64_t target_revision, const v1::Event& replacement);
v1::Event VoidOf(int64_t target_revision);

// The terms that an acceptance under the sample calendar freezes.
v1::Terms SampleTerms(const v1::Limit& limit, v1::CountingRule rule = v1::COUNTING_RULE_DATE,
                      v1::SupplementMode mode = v1::SUPPLEMENT_MODE_RESTART);

// The recorded events of one dossier, completed as the service would do it, with the revisions 1, 2, 3, …
class History {
 public:
  explicit History(v1::Terms terms = SampleTerms(WorkingDays(3))) : terms_(std::move(terms)) {}

  // Adds an event at `when`, which At() parses. Fills in what the server freezes: revision, times, code, terms,
  // calendar versions.
  History& On(absl::string_view when, v1::Event event);
  History& On(absl::string_view when, v1::Event::PayloadCase kind) { return On(when, SampleEvent(kind)); }

  const std::vector<v1::Event>& events() const { return events_; }
  int64_t last_revision() const { return static_cast<int64_t>(events_.size()); }

  absl::StatusOr<v1::Dossier> TryFold() const;
  // Aborts the test's process if the history is not possible.
  v1::Dossier Fold() const;
  // Why the last event is refused; aborts if an event before it is refused as well.
  absl::Status Refusal() const;

  SampleCalendars& calendars() { return calendars_; }

 private:
  v1::Terms terms_;
  SampleCalendars calendars_;
  std::vector<v1::Event> events_;
};

}  // namespace tthc::testing
