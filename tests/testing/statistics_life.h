#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/domain/fold.h"
#include "server/timing/calendar.h"
#include "tests/testing/service_fixture.h"
#include "tthc/v1/change_service.pb.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/event.pb.h"
#include "tthc/v1/statistics.pb.h"

// What a service has recorded, and what follows from it for each dossier: what statistics_oracle.h counts.
namespace tthc::testing {

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

// Everything in the feed, from the first revision on.
struct RecordedHistory : domain::CalendarSource {
  // Each dossier's events in the order of their revisions; dossiers in the order in which they were opened.
  std::vector<std::vector<v1::Event>> dossiers;
  // Their names, in the same order.
  std::vector<std::string> names;
  // All other changes.
  std::vector<v1::Change> catalogue;
  // When each revision was recorded.
  std::map<int64_t, absl::Time> record_times;
  std::map<int64_t, std::shared_ptr<const timing::Calendar>> calendars;

  std::shared_ptr<const timing::Calendar> FindCalendar(int64_t version) const override;
  int64_t head_revision() const { return record_times.rbegin()->first; }
  int64_t first_revision() const { return record_times.begin()->first; }
  // The last one recorded by then; 0 if there is none.
  int64_t RevisionAt(absl::Time time) const;
};

RecordedHistory ReadHistory(ServiceFixture& fixture);

// One answer of an applicant, one petition, one interval in which a unit holds the dossier. Unix seconds.
struct LifeRating {
  v1::RatingPhase phase = v1::RATING_PHASE_UNSPECIFIED;
  v1::RatingLevel level = v1::RATING_LEVEL_UNSPECIFIED;
  int64_t time = 0;
};
struct LifePetition {
  std::string id;
  int64_t received = 0;
  int64_t due = 0;
  int64_t answered = kNever;
  bool upheld = false;
};
struct LifeHold {
  std::string unit;
  std::string officer;
  int64_t from = 0;
  int64_t until = kNever;
};

// A dossier by its events up to some revision, amendments in the place of what they amend. Only due times, waits, steps
// and who has it are taken from the fold.
struct Life {
  // Of the event that opened it.
  int64_t first_revision = 0;
  std::string name;
  v1::Request request;
  std::string field;
  std::string unit;
  std::string officer;
  std::string late_reason;
  int64_t submitted = kNever;
  int64_t refused_at_intake = kNever;
  int64_t accepted = kNever;
  int64_t finished = kNever;
  int64_t stopped = kNever;
  int64_t returned = kNever;
  v1::Outcome outcome = v1::OUTCOME_OPEN;
  int64_t fee_vnd = 0;
  bool paid_online = false;
  bool electronic_result = false;
  int document_count = 0;
  int digitized_count = 0;
  std::vector<LifeRating> ratings;
  std::vector<LifePetition> petitions;
  // The counter's first.
  std::vector<LifeHold> holds;
  v1::Dossier folded;
  std::shared_ptr<const timing::Calendar> calendar;

  bool received() const { return accepted != kNever; }
  // End of a received dossier.
  int64_t ended() const { return received() ? std::min(finished, stopped) : kNever; }
  // kNever = none.
  int64_t due() const;
  // The wait that was never answered; nullptr if there is none.
  const v1::Wait* UnansweredWait() const;
  // Working seconds in [from, to), and those of them that waits after acceptance take up; nullopt if a year is not
  // loaded.
  std::optional<int64_t> Worked(int64_t from, int64_t to) const;
  std::optional<int64_t> Waited(int64_t from, int64_t to) const;
  // Whole working minutes in [from, to) without waits; -1 if a year is not loaded.
  int64_t MinutesWithoutWaits(int64_t from, int64_t to) const;
};

// All dossiers that were opened by `revision`.
std::vector<Life> ReadLives(const RecordedHistory& history, int64_t revision);

}  // namespace tthc::testing
