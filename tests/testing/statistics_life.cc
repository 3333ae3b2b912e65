#include "tests/testing/statistics_life.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/local_time.h"
#include "tests/testing/calendars.h"

namespace tthc::testing {
namespace {

using server::Service;

// What was recorded up to `revision`, each event with the content that is in force.
std::vector<v1::Event> InForce(const std::vector<v1::Event>& recorded, int64_t revision) {
  std::vector<v1::Event> known;
  for (const v1::Event& event : recorded) {
    if (event.revision() <= revision) known.push_back(event);
  }
  std::vector<v1::Event> in_force = known;
  for (const v1::Event& event : known) {
    if (!event.has_amended()) continue;
    for (size_t i = 0; i < known.size(); ++i) {
      if (known[i].revision() != event.amended().target_revision()) continue;
      in_force[i] = event.amended().replacement();
      if (!in_force[i].has_occur_time()) *in_force[i].mutable_occur_time() = known[i].occur_time();
    }
  }
  return in_force;
}

void TakePapers(const v1::Request& request, Life& life) {
  life.request = request;
  life.document_count = 0;
  life.digitized_count = 0;
  for (const v1::Document& document : request.documents()) {
    ++life.document_count;
    if (document.digitized()) ++life.digitized_count;
  }
}

void TakeRating(const v1::Rated& rated, int64_t time, Life& life) {
  for (LifeRating& rating : life.ratings) {
    if (rating.phase == rated.phase()) {
      rating = {.phase = rated.phase(), .level = rated.level(), .time = time};
      return;
    }
  }
  life.ratings.push_back({.phase = rated.phase(), .level = rated.level(), .time = time});
}

void TakeAside(const v1::Event& event, Life& life) {
  const int64_t time = event.occur_time().seconds();
  if (event.has_rated()) TakeRating(event.rated(), time, life);
  if (event.has_petition_received()) {
    life.petitions.push_back({.id = event.petition_received().petition_id(), .received = time});
  }
  if (event.has_petition_answered()) {
    for (LifePetition& petition : life.petitions) {
      if (petition.id != event.petition_answered().petition_id()) continue;
      petition.answered = time;
      petition.upheld = event.petition_answered().upheld();
    }
  }
  if (event.has_paid()) life.paid_online = life.paid_online || event.paid().online();
  if (event.has_document_added()) {
    ++life.document_count;
    if (event.document_added().document().digitized()) ++life.digitized_count;
  }
}

void TakeAcceptance(const v1::Event& event, Life& life) {
  const v1::Accepted& accepted = event.accepted();
  if (accepted.has_request()) TakePapers(accepted.request(), life);
  life.accepted = event.occur_time().seconds();
  life.field = accepted.terms().field();
  life.fee_vnd = accepted.fee_vnd();
  life.holds.push_back({.unit = accepted.unit(), .officer = accepted.officer(), .from = life.accepted});
}

void TakeEnd(const v1::Event& event, bool withdrawal_asked, Life& life) {
  const int64_t time = event.occur_time().seconds();
  if (event.has_returned()) life.returned = time;
  if (event.has_stopped()) {
    life.stopped = time;
    life.outcome = withdrawal_asked ? v1::OUTCOME_WITHDRAWN : v1::OUTCOME_STOPPED;
  }
  if (event.has_finished()) {
    life.finished = time;
    life.outcome =
        event.finished().result() == v1::Finished::RESULT_GRANTED ? v1::OUTCOME_GRANTED : v1::OUTCOME_REFUSED;
    life.late_reason = event.finished().late_reason();
    life.electronic_result = event.finished().electronic_result();
  }
}

void TakeEvents(const std::vector<v1::Event>& in_force, Life& life) {
  bool withdrawal_asked = false;
  for (const v1::Event& event : in_force) {
    if (event.has_submitted()) {
      TakePapers(event.submitted().request(), life);
      life.submitted = event.occur_time().seconds();
    }
    if (event.has_intake_refused()) {
      if (event.intake_refused().has_request()) TakePapers(event.intake_refused().request(), life);
      life.refused_at_intake = event.occur_time().seconds();
      life.outcome = v1::OUTCOME_INTAKE_REFUSED;
    }
    if (event.has_accepted()) TakeAcceptance(event, life);
    if (event.has_withdrawal_requested()) withdrawal_asked = true;
    // A resumption takes the request for withdrawal back.
    if (event.has_resumed()) withdrawal_asked = false;
    TakeEnd(event, withdrawal_asked, life);
    TakeAside(event, life);
  }
}

void TakeFold(const RecordedHistory& history, const std::vector<v1::Event>& recorded, int64_t revision, Life& life) {
  std::vector<v1::Event> known;
  for (const v1::Event& event : recorded) {
    if (event.revision() <= revision) known.push_back(event);
  }
  life.folded = ValueOrDie(domain::Fold(history, known));
  life.calendar = history.FindCalendar(life.folded.terms().calendar_version());
  life.unit = life.folded.unit();
  life.officer = life.folded.officer();
  // Until the first hand-over, or the end.
  if (!life.holds.empty()) life.holds[0].until = life.ended();
  for (const v1::Step& step : life.folded.steps()) {
    if (life.holds.size() == 1) life.holds[0].until = step.forward_time().seconds();
    // Handing on, or ending the dossier, ends the step.
    life.holds.push_back({.unit = step.unit(),
                          .officer = step.officer(),
                          .from = step.forward_time().seconds(),
                          .until = step.has_done_time() ? step.done_time().seconds() : kNever});
  }
  for (LifePetition& petition : life.petitions) {
    for (const v1::Petition& folded : life.folded.petitions()) {
      if (folded.petition_id() == petition.id) petition.due = folded.due_time().seconds();
    }
  }
}

}  // namespace

std::shared_ptr<const timing::Calendar> RecordedHistory::FindCalendar(int64_t version) const {
  const auto found = calendars.find(version);
  return found == calendars.end() ? nullptr : found->second;
}

int64_t RecordedHistory::RevisionAt(absl::Time time) const {
  int64_t last = 0;
  for (const auto& [revision, recorded] : record_times) {
    if (recorded <= time) last = revision;
  }
  return last;
}

RecordedHistory ReadHistory(ServiceFixture& fixture) {
  RecordedHistory history;
  std::map<std::string, size_t> position;
  v1::ListChangesRequest request;
  request.set_page_size(1000);
  v1::ListChangesResponse page;
  do {
    page = ValueOrDie(fixture.Call<v1::ListChangesResponse>(request));
    for (const v1::Change& change : page.changes()) {
      history.record_times[change.revision()] = FromProto(change.record_time());
      if (change.has_calendar()) {
        history.calendars[change.calendar().version()] = ValueOrDie(timing::Calendar::FromProto(change.calendar()));
      }
      if (!change.has_event()) {
        history.catalogue.push_back(change);
        continue;
      }
      const auto [at, is_new] = position.emplace(change.dossier(), history.dossiers.size());
      if (is_new) {
        history.dossiers.emplace_back();
        history.names.push_back(change.dossier());
      }
      history.dossiers[at->second].push_back(change.event());
    }
    request.set_start_revision(page.revision() + 1);
  } while (page.revision() < page.head_revision());
  return history;
}

int64_t Life::due() const { return folded.due().has_due_time() ? folded.due().due_time().seconds() : kNever; }

const v1::Wait* Life::UnansweredWait() const {
  for (const v1::Wait& wait : folded.waits()) {
    if (!wait.has_end_time() && !wait.before_acceptance()) return &wait;
  }
  return nullptr;
}

std::optional<int64_t> Life::Worked(int64_t from, int64_t to) const {
  if (calendar == nullptr) return std::nullopt;
  // Where another office is competent its hours count.
  const std::string& office = request.competent_office().empty() ? request.office() : request.competent_office();
  const auto seconds = calendar->WorkingSeconds(office, absl::FromUnixSeconds(from), absl::FromUnixSeconds(to));
  if (!seconds.ok()) return std::nullopt;
  return *seconds;
}

std::optional<int64_t> Life::Waited(int64_t from, int64_t to) const {
  int64_t total = 0;
  for (const v1::Wait& wait : folded.waits()) {
    if (wait.before_acceptance()) continue;
    const int64_t start = std::max(from, wait.start_time().seconds());
    const int64_t end = wait.has_end_time() ? std::min(to, wait.end_time().seconds()) : to;
    if (start >= end) continue;
    const std::optional<int64_t> seconds = Worked(start, end);
    if (!seconds.has_value()) return std::nullopt;
    total += *seconds;
  }
  return total;
}

int64_t Life::MinutesWithoutWaits(int64_t from, int64_t to) const {
  const std::optional<int64_t> worked = Worked(from, to);
  const std::optional<int64_t> waited = Waited(from, to);
  return worked.has_value() && waited.has_value() ? (*worked - *waited) / 60 : -1;
}

std::vector<Life> ReadLives(const RecordedHistory& history, int64_t revision) {
  std::vector<Life> lives;
  for (size_t i = 0; i < history.dossiers.size(); ++i) {
    const std::vector<v1::Event>& recorded = history.dossiers[i];
    if (recorded.front().revision() > revision) continue;
    Life life;
    life.name = history.names[i];
    life.first_revision = recorded.front().revision();
    TakeEvents(InForce(recorded, revision), life);
    TakeFold(history, recorded, revision, life);
    lives.push_back(std::move(life));
  }
  return lives;
}

}  // namespace tthc::testing
