#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "server/service/grow.h"
#include "tthc/storage/v1/records.pb.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/statistics.pb.h"

// Facts as columns: what a scan touches lies together. Row = dossier number - 1. Seconds since the epoch fit 32 bits
// until 2106; 0 = none. Not thread-safe: FactIndex guards the live ones.
namespace tthc::server {

// Numbers of names, made dense for one column: a catalogue never holds more of a kind than 16 bits count, see limits.h.
// Code 0 is "none"; what no longer fits shares the last code.
class NameCodes {
 public:
  static constexpr uint16_t kOverflow = UINT16_MAX;

  uint16_t CodeOf(uint32_t name_number);
  // 0 if the name was never seen here.
  uint16_t Find(uint32_t name_number) const;
  uint32_t NameOf(uint16_t code) const { return code < names_.size() ? names_[code] : 0; }
  size_t size() const { return names_.size(); }

  // For snapshots: the name of each code, and back again.
  const std::vector<uint32_t>& name_numbers() const { return names_; }
  void Restore(std::vector<uint32_t> name_numbers);

 private:
  std::vector<uint32_t> names_ = std::vector<uint32_t>(1);
  std::unordered_map<uint32_t, uint16_t> codes_;
};

// Working minutes in 16 bits; the few that are longer, and unknown ones, apart.
class MinutesColumn {
 public:
  static constexpr uint16_t kElsewhere = UINT16_MAX;
  static constexpr int32_t kUnknown = -1;

  void Resize(size_t rows) { GrowTo(rows, minutes_); }
  void Set(size_t row, int32_t minutes);
  int32_t At(size_t row) const {
    return minutes_[row] != kElsewhere ? minutes_[row] : long_.at(static_cast<uint32_t>(row));
  }
  size_t bytes() const;

 private:
  std::vector<uint16_t> minutes_;
  std::unordered_map<uint32_t, int32_t> long_;
};

// Something with a moment of its own that happened to a dossier: one of a few kinds, 12 bytes.
struct FactMoment {
  enum Kind : uint32_t {
    // A stretch in a unit's hands, the counter's first: `time` = when it ended, `value` = working minutes, `verdict`.
    kStep,
    // Waits during resolution: `time` = when they ended, `other` = when they began, `value` = working minutes. `flag`:
    // a second or later supplement request.
    kSupplement,
    kFinancial,
    kPause,
    // `verdict` = level; `flag` = of the result, not of reception.
    kRating,
    // `time` = when it came, `other` = when an answer is due; `flag` = answered, and then the next one says when.
    kPetition,
    // `time` = when it was answered, `other` = when it was due; `flag` = it was right.
    kPetitionAnswer,
    kReschedule,
  };
  static constexpr uint32_t kUnknownMinutes = (1u << 24) - 1;

  // 0 = not yet.
  uint32_t time = 0;
  uint32_t value : 24 = 0;
  uint32_t kind : 4 = 0;
  uint32_t verdict : 2 = 0;
  uint32_t flag : 1 = 0;
  uint32_t is_last : 1 = 0;
  // kStep: code of the unit, and of the officer above it.
  uint32_t other = 0;

  uint16_t unit() const { return static_cast<uint16_t>(other); }
  uint16_t officer() const { return static_cast<uint16_t>(other >> 16); }
};
static_assert(sizeof(FactMoment) == 12);

// The moments of each dossier together, the last one marked, all in one vector. Runs that a dossier gave up are used
// again by runs of the same length.
class MomentTable {
 public:
  // 0 = none; else where the run begins, plus one.
  using Ref = uint32_t;

  // Puts `moments` in place of the run at `old`.
  Ref Put(Ref old, const std::vector<FactMoment>& moments);

  // In their order.
  template <typename Visit>
  void ForEach(Ref ref, Visit visit) const {
    if (ref == 0) return;
    for (size_t at = ref - 1;; ++at) {
      visit(moments_[at]);
      if (moments_[at].is_last) return;
    }
  }
  const FactMoment& First(Ref ref) const { return moments_[ref - 1]; }
  size_t bytes() const { return moments_.capacity() * sizeof(FactMoment); }
  // Runs that a snapshot has, one after the other; whoever gives them knows where each begins.
  void Restore(std::vector<FactMoment> moments);

 private:
  size_t LengthOf(Ref ref) const;
  Ref Write(Ref ref, const std::vector<FactMoment>& moments);

  std::vector<FactMoment> moments_;
  // By length.
  std::unordered_map<size_t, std::vector<Ref>> given_up_;
};

// What a predicate of statistics looks at, in one word: flags in bits 0-31, verdicts in 32-39, and the fields below.
struct Traits {
  static constexpr int kVerdicts = 32;
  static constexpr int kChannel = 40;
  static constexpr int kOutcome = 42;
  static constexpr int kState = 45;

  static uint64_t Of(const storage::v1::Fact& fact);
  static uint32_t Flags(uint64_t traits) { return static_cast<uint32_t>(traits); }
  static uint8_t Channel(uint64_t traits) { return static_cast<uint8_t>(traits >> kChannel & 3); }
  static uint8_t Outcome(uint64_t traits) { return static_cast<uint8_t>(traits >> kOutcome & 7); }
  static uint8_t State(uint64_t traits) { return static_cast<uint8_t>(traits >> kState & 15); }
};

struct FactColumns {
  // Columns of names that statistics group by and filters choose.
  enum Name { kProcedure, kField, kOffice, kUnit, kOfficer, kLateReason, kResponsibleUnit, kNameCount };

  void Resize(size_t rows);
  void Set(size_t row, const storage::v1::Fact& fact);
  size_t size() const { return traits.size(); }
  // What all of it takes, search texts apart.
  size_t bytes() const;

  std::array<NameCodes, kNameCount> codes;
  std::array<std::vector<uint16_t>, kNameCount> names;
  std::vector<uint64_t> traits;
  std::vector<uint32_t> submit;
  std::vector<uint32_t> accept;
  std::vector<uint32_t> due;
  // Last second in term by Decision 766; 0 = for ever.
  std::vector<uint32_t> due_766;
  std::vector<uint32_t> end;
  std::vector<uint32_t> returned;
  MinutesColumn handling_minutes;
  MinutesColumn submitted_minutes;
  MinutesColumn hand_over_minutes;
  // Accepted dossiers' first moment is the counter's stretch.
  std::vector<MomentTable::Ref> moment_refs;
  MomentTable moments;

 private:
  std::vector<FactMoment> MomentsOf(const storage::v1::Fact& fact);
};

}  // namespace tthc::server
