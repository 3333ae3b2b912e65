#include "tests/testing/random_history.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/lifecycle.h"
#include "storage/base/local_time.h"
#include "tests/testing/sample_catalogue.h"
#include "tests/testing/sample_events.h"

namespace tthc::testing {
namespace {

const std::vector<std::string>& Procedures() {
  static const auto* const kAll =
      new std::vector<std::string>{kThreeDays, kByClock,         kSameDay,   kCalendarDays, kNoLimit, kManyLimits,
                                   kLong,      kClosedProcedure, kAmbiguous, kUnreviewed,   kHours};
  return *kAll;
}

const std::vector<std::string>& Units() {
  static const auto* const kAll = new std::vector<std::string>{kJusticeUnit, kLandUnit, kOtherUnit, kCounterUnit};
  return *kAll;
}

// Limits of steps and opinions.
const std::vector<v1::Limit>& InnerLimits() {
  static const auto* const kAll = [] {
    auto* limits = new std::vector<v1::Limit>{WorkingDays(0.5), WorkingDays(1), WorkingDays(2.5)};
    limits->emplace_back();
    limits->back().set_unit(v1::Limit::UNIT_SAME_DAY);
    return limits;
  }();
  return *kAll;
}

}  // namespace

std::string RandomPersonName(std::mt19937_64& random) {
  static constexpr const char* kFamily[] = {"Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô"};
  static constexpr const char* kMiddle[] = {"Thị", "Văn", "Đức", "Thị Thu", "Minh", "Quốc"};
  static constexpr const char* kGiven[] = {"Hòa", "Hoà", "Đạt", "Ánh", "Yến", "Thủy", "Sơn", "Quân", "Ơn", "Ưng"};
  const auto pick = [&](const auto& list) { return list[random() % std::size(list)]; };
  return absl::StrCat(pick(kFamily), " ", pick(kMiddle), " ", pick(kGiven));
}

std::string RandomCommand::DebugString() const {
  if (create.has_value()) return absl::StrCat("create ", create->ShortDebugString());
  if (append.has_value()) return absl::StrCat("append ", append->ShortDebugString());
  return absl::StrCat("batch ", batch->ShortDebugString());
}

int64_t RandomHistory::Number(int64_t from, int64_t to) {
  return from + static_cast<int64_t>(random_() % static_cast<uint64_t>(to - from + 1));
}

absl::Duration RandomHistory::Pause() {
  // Many events in a row, then a break of a night or a weekend.
  if (Chance(80)) return absl::Seconds(Number(0, 600));
  if (Chance(85)) return absl::Minutes(Number(10, 180));
  return absl::Hours(Number(5, 40));
}

void RandomHistory::Observe(const v1::Dossier& dossier, const std::vector<v1::Event>& events) {
  for (const v1::Event& event : events) seen_kinds_.insert(event.payload_case());
  const bool is_new = !known_.contains(dossier.name());
  known_[dossier.name()] = {.dossier = dossier, .events = events};
  if (is_new) names_.push_back(dossier.name());
}

std::string RandomHistory::RequestId() { return absl::StrCat("request-", ++last_request_); }

RandomCommand RandomHistory::Next(absl::Time now) {
  // A client that has received no answer sends the same command again.
  if (!sent_.empty() && Chance(8)) return Pick(sent_);
  sent_.push_back(Fresh(now));
  return sent_.back();
}

RandomCommand RandomHistory::Fresh(absl::Time now) {
  RandomCommand command;
  if (names_.empty() || Chance(names_.size() < 6 ? 25 : create_percent_)) {
    command.create = Create(now);
  } else if (Chance(12)) {
    command.batch.emplace();
    const int64_t count = Number(1, 4);
    for (int64_t i = 0; i < count; ++i) *command.batch->add_requests() = Append(now);
    command.batch->set_request_id(RequestId());
  } else {
    command.append = Append(now);
    command.append->set_request_id(RequestId());
  }
  return command;
}

v1::Request RandomHistory::MakeRequest() {
  v1::Request request = SampleRequest(Chance(60) ? kThreeDays : Pick(Procedures()), RandomPersonName(random_));
  if (Chance(20)) request.set_office(kOtherOffice);
  if (Chance(20)) request.set_competent_office(Chance(70) ? kOtherOffice : kOffice);
  request.set_channel(static_cast<v1::Channel>(Number(1, 3)));
  if (Chance(10)) request.set_area("mountain");
  if (Chance(5)) request.set_procedure_case("nhà ở");
  if (Chance(50)) request.mutable_applicant()->set_phone_number(absl::StrCat("09", Number(10'000'000, 99'999'999)));
  if (Chance(50)) request.mutable_applicant()->set_identity_number(absl::StrCat("0310850", Number(10'000, 99'999)));
  if (Chance(10)) request.add_aliases(absl::StrCat("G22.99-2026-", Number(1, 40)));
  return request;
}

v1::CreateDossierRequest RandomHistory::Create(absl::Time now) {
  v1::CreateDossierRequest request;
  const std::vector<v1::Event::PayloadCase> openings = {v1::Event::kSubmitted, v1::Event::kAccepted,
                                                        v1::Event::kAccepted, v1::Event::kAccepted,
                                                        v1::Event::kIntakeRefused};
  v1::Event& opening = *request.add_events();
  opening = MakePayload(Pick(openings), nullptr, now);
  SetTimes(now, opening);
  if (Chance(15)) {
    // Resolved on the spot.
    *request.add_events() = MakePayload(v1::Event::kFinished, nullptr, now);
    *request.add_events() = MakePayload(v1::Event::kReturned, nullptr, now);
  }
  request.set_request_id(RequestId());
  return request;
}

v1::AppendEventRequest RandomHistory::Append(absl::Time now) {
  v1::AppendEventRequest request;
  request.set_parent(Pick(names_));
  const Known& known = known_.at(request.parent());
  *request.mutable_event() = MakeEvent(&known, now);
  if (Chance(5)) request.set_etag(Chance(60) ? known.dossier.etag() : "\"r1\"");
  return request;
}

v1::Event::PayloadCase RandomHistory::AnyKind() {
  return static_cast<v1::Event::PayloadCase>(Number(domain::kFirstEvent, domain::kLastEvent));
}

std::vector<v1::Event::PayloadCase> RandomHistory::NewKinds(v1::Dossier::State state) const {
  std::vector<v1::Event::PayloadCase> kinds;
  for (int number = domain::kFirstEvent; number <= domain::kLastEvent; ++number) {
    const auto kind = static_cast<v1::Event::PayloadCase>(number);
    // Only the server writes a recomputation.
    if (kind == v1::Event::kRecomputed || seen_kinds_.contains(kind)) continue;
    if (domain::FindTransition(state, kind).kind != domain::Transition::Kind::kNotAllowed) kinds.push_back(kind);
  }
  return kinds;
}

v1::Event RandomHistory::MakeEvent(const Known* known, absl::Time now) {
  v1::Event::PayloadCase kind = AnyKind();
  // Draws again, so that most events are possible.
  for (int tries = 0; tries < 40 && Chance(95); ++tries) {
    if (domain::FindTransition(known->dossier.state(), kind).kind != domain::Transition::Kind::kNotAllowed) break;
    kind = AnyKind();
  }
  // Few ends, because little can happen after one.
  const bool ends = kind == v1::Event::kStopped || kind == v1::Event::kFinished || kind == v1::Event::kIntakeRefused;
  if (ends && Chance(60)) kind = v1::Event::kNoted;
  const std::vector<v1::Event::PayloadCase> new_kinds = NewKinds(known->dossier.state());
  if (!new_kinds.empty() && Chance(30)) kind = Pick(new_kinds);
  v1::Event event = MakePayload(kind, known, now);
  SetTimes(now, event);
  return event;
}

v1::Event RandomHistory::MakePayload(v1::Event::PayloadCase kind, const Known* known, absl::Time now) {
  if (kind == v1::Event::kAmended && known != nullptr) return MakeAmendment(*known, now);
  v1::Event event = SampleEvent(kind);
  if (event.has_submitted()) *event.mutable_submitted()->mutable_request() = MakeRequest();
  if (event.has_intake_refused()) *event.mutable_intake_refused()->mutable_request() = MakeRequest();
  if (event.has_accepted()) {
    *event.mutable_accepted()->mutable_request() = MakeRequest();
    if (known != nullptr && Chance(60)) event.mutable_accepted()->clear_request();
    if (Chance(5)) event.mutable_accepted()->set_assigned_code(absl::StrCat("H99-260101-", Number(1, 30)));
  }
  VaryHandling(known, event);
  VaryEnd(now, event);
  return event;
}

void RandomHistory::VaryHandling(const Known* known, v1::Event& event) {
  if (event.has_forwarded()) {
    event.mutable_forwarded()->set_to_unit(Pick(Units()));
    if (Chance(50)) *event.mutable_forwarded()->mutable_step_limit() = Pick(InnerLimits());
  }
  if (event.has_step_taken()) {
    event.mutable_step_taken()->set_unit(known != nullptr && Chance(60) ? known->dossier.unit() : Pick(Units()));
    if (Chance(60)) event.mutable_step_taken()->set_office(Chance(70) ? kOtherOffice : kOffice);
  }
  if (event.has_step_done() && known != nullptr) event.mutable_step_done()->set_unit(known->dossier.unit());
  if (event.has_opinion_asked()) {
    event.mutable_opinion_asked()->set_unit(Pick(Units()));
    if (Chance(60)) *event.mutable_opinion_asked()->mutable_limit() = Pick(InnerLimits());
  }
  if (event.has_opinion_given() && known != nullptr && known->dossier.opinions_size() > 0) {
    event.mutable_opinion_given()->set_unit(known->dossier.opinions().rbegin()->unit());
  }
  if (event.has_supplement_requested() && Chance(40)) {
    event.mutable_supplement_requested()->set_override_approver("Chủ tịch");
    event.mutable_supplement_requested()->set_override_reason("thiếu thêm giấy tờ");
  }
  if (event.has_paused()) {
    event.mutable_paused()->set_reason(static_cast<v1::PauseReason>(Number(1, v1::PauseReason_MAX)));
  }
}

void RandomHistory::VaryEnd(absl::Time now, v1::Event& event) {
  if (event.has_rescheduled()) {
    *event.mutable_rescheduled()->mutable_new_due_time() = ToProto(now + absl::Hours(Number(1, 24 * 40)));
    event.mutable_rescheduled()->set_late_notice(Chance(50));
  }
  if (event.has_rated()) {
    event.mutable_rated()->set_phase(static_cast<v1::RatingPhase>(Number(1, 2)));
    event.mutable_rated()->set_level(static_cast<v1::RatingLevel>(Number(1, 3)));
  }
  if (event.has_finished() && Chance(30)) {
    event.mutable_finished()->set_result(v1::Finished::RESULT_REFUSED);
    if (Chance(80)) event.mutable_finished()->set_reason("không đủ điều kiện");
  }
  if (event.has_petition_received()) {
    event.mutable_petition_received()->set_petition_id(absl::StrCat("PA-", Number(1, 5)));
  }
  if (event.has_petition_answered()) {
    event.mutable_petition_answered()->set_petition_id(absl::StrCat("PA-", Number(1, 5)));
  }
  if (event.has_alias_added()) event.mutable_alias_added()->set_alias(absl::StrCat("KHAC-", Number(1, 60)));
  if (event.has_paid()) event.mutable_paid()->set_amount_vnd(1'000 * Number(1, 500));
}

v1::Event RandomHistory::MakeAmendment(const Known& known, absl::Time now) {
  const v1::Event& target = Pick(known.events);
  if (Chance(35)) return VoidOf(target.revision());
  v1::Event replacement = Chance(70) ? target : MakePayload(target.payload_case(), nullptr, now);
  replacement.clear_occur_time();
  if (Chance(60)) {
    const absl::Time moved = FromProto(target.occur_time()) + absl::Minutes(Number(-600, 600));
    *replacement.mutable_occur_time() = ToProto(moved);
  }
  return AmendmentOf(target.revision(), replacement);
}

void RandomHistory::SetTimes(absl::Time now, v1::Event& event) {
  if (Chance(50)) return;
  absl::Time occur = now - absl::Minutes(Number(0, 90));
  if (Chance(8)) occur = now - absl::Hours(24 * Number(1, 70));
  if (Chance(2)) occur = now + absl::Hours(Number(1, 50));
  *event.mutable_occur_time() = ToProto(occur);
  if (Chance(5)) event.set_imported(true);
}

}  // namespace tthc::testing
