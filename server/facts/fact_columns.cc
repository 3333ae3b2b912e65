#include "server/facts/fact_columns.h"

#include <algorithm>
#include <utility>

#include "server/domain/fact.h"

namespace tthc::server {
namespace {

// The bit field holds 24 bits: longer intervals, of more than a lifetime, are cut off below the value for "unknown".
uint32_t ToMinutes(int32_t minutes) {
  if (minutes < 0) return FactMoment::kUnknownMinutes;
  return std::min(static_cast<uint32_t>(minutes), FactMoment::kUnknownMinutes - 1);
}

FactMoment::Kind KindOf(int wait_kind) {
  switch (wait_kind) {
    case v1::Wait::KIND_SUPPLEMENT:
      return FactMoment::kSupplement;
    case v1::Wait::KIND_FINANCIAL:
      return FactMoment::kFinancial;
    default:
      return FactMoment::kPause;
  }
}

// Two moments for one that is answered: figures count receipts and answers each in their own period.
void AddPetition(const storage::v1::FactPetition& petition, std::vector<FactMoment>& moments) {
  moments.push_back({.time = static_cast<uint32_t>(petition.receive_time()),
                     .kind = FactMoment::kPetition,
                     .flag = petition.answer_time() != 0,
                     .other = static_cast<uint32_t>(petition.due_time())});
  if (petition.answer_time() == 0) return;
  moments.push_back({.time = static_cast<uint32_t>(petition.answer_time()),
                     .kind = FactMoment::kPetitionAnswer,
                     .flag = petition.upheld(),
                     .other = static_cast<uint32_t>(petition.due_time())});
}

}  // namespace

// --- NameCodes -------------------------------------------------------------------------------------------------------

uint16_t NameCodes::CodeOf(uint32_t name_number) {
  if (name_number == 0) return 0;
  const auto [found, is_new] = codes_.try_emplace(name_number, static_cast<uint16_t>(names_.size()));
  if (!is_new) return found->second;
  // Shared by all names that come later; NameOf has no name for it.
  if (names_.size() >= kOverflow) {
    found->second = kOverflow;
  } else {
    names_.push_back(name_number);
  }
  return found->second;
}

uint16_t NameCodes::Find(uint32_t name_number) const {
  const auto found = codes_.find(name_number);
  return found == codes_.end() ? uint16_t{0} : found->second;
}

void NameCodes::Restore(std::vector<uint32_t> name_numbers) {
  // The map is not in the snapshot: it follows from the vector.
  names_ = std::move(name_numbers);
  codes_.clear();
  for (size_t code = 1; code < names_.size(); ++code) codes_[names_[code]] = static_cast<uint16_t>(code);
}

// --- MinutesColumn ---------------------------------------------------------------------------------------------------

void MinutesColumn::Set(size_t row, int32_t minutes) {
  // The entry of the value before must not stay behind.
  const auto row32 = static_cast<uint32_t>(row);
  if (minutes_[row] == kElsewhere) long_.erase(row32);
  if (minutes >= 0 && minutes < kElsewhere) {
    minutes_[row] = static_cast<uint16_t>(minutes);
    return;
  }
  minutes_[row] = kElsewhere;
  long_[row32] = minutes;
}

size_t MinutesColumn::bytes() const {
  // 32: about what a node of the map and its bucket take.
  return minutes_.capacity() * sizeof(uint16_t) + long_.size() * 32;
}

// --- MomentTable -----------------------------------------------------------------------------------------------------

MomentTable::Ref MomentTable::Put(Ref old, const std::vector<FactMoment>& moments) {
  // Most changes leave the number of moments as it is: they are overwritten in place.
  if (old != 0) {
    const size_t length = LengthOf(old);
    if (length == moments.size()) return Write(old, moments);
    given_up_[length].push_back(old);
  }
  // A place of the right length that another dossier left: memory does not grow with every step taken.
  if (moments.empty()) return 0;
  if (const auto found = given_up_.find(moments.size()); found != given_up_.end() && !found->second.empty()) {
    const Ref ref = found->second.back();
    found->second.pop_back();
    return Write(ref, moments);
  }
  GrowTo(moments_.size() + moments.size(), moments_);
  return Write(static_cast<Ref>(moments_.size() - moments.size() + 1), moments);
}

size_t MomentTable::LengthOf(Ref ref) const {
  size_t length = 1;
  for (size_t at = ref - 1; !moments_[at].is_last; ++at) ++length;
  return length;
}

MomentTable::Ref MomentTable::Write(Ref ref, const std::vector<FactMoment>& moments) {
  for (size_t i = 0; i < moments.size(); ++i) {
    moments_[ref - 1 + i] = moments[i];
    moments_[ref - 1 + i].is_last = i + 1 == moments.size();
  }
  return ref;
}

void MomentTable::Restore(std::vector<FactMoment> moments) {
  moments_ = std::move(moments);
  given_up_.clear();
}

// --- FactColumns -----------------------------------------------------------------------------------------------------

// Each part fits its bits: states up to 15, outcomes up to 7, channels up to 3.
uint64_t Traits::Of(const storage::v1::Fact& fact) {
  return uint64_t{fact.flags()} | uint64_t{fact.verdicts() & 0xff} << kVerdicts |
         static_cast<uint64_t>(fact.channel() & 3) << kChannel |
         static_cast<uint64_t>(domain::OutcomeOf(fact)) << kOutcome | static_cast<uint64_t>(fact.state()) << kState;
}

void FactColumns::Resize(size_t rows) {
  for (auto& column : names) GrowTo(rows, column);
  GrowTo(rows, traits);
  for (auto* column : {&submit, &accept, &due, &due_766, &end, &returned, &moment_refs}) GrowTo(rows, *column);
  for (auto* column : {&handling_minutes, &submitted_minutes, &hand_over_minutes}) column->Resize(rows);
}

void FactColumns::Set(size_t row, const storage::v1::Fact& fact) {
  // In the order of Name.
  const std::array<uint32_t, kNameCount> numbers = {
      fact.procedure(), fact.field(),       fact.office(),          fact.unit(),
      fact.officer(),   fact.late_reason(), fact.responsible_unit()};
  for (size_t name = 0; name < kNameCount; ++name) names[name][row] = codes[name].CodeOf(numbers[name]);
  traits[row] = Traits::Of(fact);
  submit[row] = static_cast<uint32_t>(fact.submit_time());
  accept[row] = static_cast<uint32_t>(fact.accept_time());
  due[row] = static_cast<uint32_t>(fact.due_time());
  due_766[row] = static_cast<uint32_t>(fact.due_766_time());
  end[row] = static_cast<uint32_t>(fact.end_time());
  returned[row] = static_cast<uint32_t>(fact.return_time());
  handling_minutes.Set(row, fact.handling_minutes());
  submitted_minutes.Set(row, fact.submitted_minutes());
  hand_over_minutes.Set(row, fact.hand_over_minutes());
  moment_refs[row] = moments.Put(moment_refs[row], MomentsOf(fact));
}

std::vector<FactMoment> FactColumns::MomentsOf(const storage::v1::Fact& fact) {
  std::vector<FactMoment> result;
  // Steps come first, so that First() of an accepted dossier is the interval at the counter.
  for (const storage::v1::FactStep& step : fact.steps()) {
    const uint32_t unit = codes[kUnit].CodeOf(step.unit());
    const uint32_t officer = codes[kOfficer].CodeOf(step.officer());
    result.push_back({.time = static_cast<uint32_t>(step.until_time()),
                      .value = ToMinutes(step.minutes()) & FactMoment::kUnknownMinutes,
                      .kind = FactMoment::kStep,
                      .verdict = step.verdict() & 3u,
                      .other = unit | officer << 16});
  }
  for (const storage::v1::FactWait& wait : fact.waits()) {
    // The clock did not run yet, so no figure of waits counts it.
    if (wait.before_acceptance()) continue;
    result.push_back({.time = static_cast<uint32_t>(wait.end_time()),
                      .value = ToMinutes(wait.minutes()) & FactMoment::kUnknownMinutes,
                      .kind = KindOf(wait.kind()) & 15u,
                      .flag = wait.repeated_request(),
                      .other = static_cast<uint32_t>(wait.start_time())});
  }
  for (const storage::v1::FactPetition& petition : fact.petitions()) AddPetition(petition, result);
  for (const storage::v1::FactRating& rating : fact.ratings()) {
    result.push_back({.time = static_cast<uint32_t>(rating.rate_time()),
                      .kind = FactMoment::kRating,
                      .verdict = static_cast<uint32_t>(rating.level()) & 3u,
                      .flag = rating.phase() == v1::RATING_PHASE_RESULT});
  }
  if (fact.reschedule_time() != 0) {
    result.push_back({.time = static_cast<uint32_t>(fact.reschedule_time()), .kind = FactMoment::kReschedule});
  }
  return result;
}

size_t FactColumns::bytes() const {
  size_t total = traits.capacity() * sizeof(uint64_t) + moments.bytes();
  for (const auto& column : names) total += column.capacity() * sizeof(uint16_t);
  for (const auto* column : {&submit, &accept, &due, &due_766, &end, &returned, &moment_refs}) {
    total += column->capacity() * sizeof(uint32_t);
  }
  for (const auto* column : {&handling_minutes, &submitted_minutes, &hand_over_minutes}) total += column->bytes();
  return total;
}

}  // namespace tthc::server
