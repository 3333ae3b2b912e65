#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "server/facts/grow.h"
#include "tthc/storage/v1/records.pb.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/statistics.pb.h"

// The facts of all dossiers as columns: what one scan touches lies together in memory, so that a figure over a million
// dossiers takes milliseconds.
//
// Row = dossier number - 1. Instants are seconds since the Unix epoch, which fit 32 bits until 2106; 0 = none. Names
// are codes of 16 bits, different for each column, that NameCodes maps to the numbers of a NameTable. What happens
// several times to a dossier (steps, waits, ratings, petitions) lies in one table of moments beside the columns.
//
// Columns hold no personal data; the searchable texts are in FactTexts. Not thread-safe: FactIndex guards the live
// ones.
namespace tthc::server {

// The codes of one column of names. A code is given to a name when a row first uses it; codes are dense, so scans use
// them as indexes. Code 0 is "none". A catalogue never holds more of a kind than 16 bits count (limits.h); should
// removed entries use them up all the same, the names that come later share the last code and one group.
class NameCodes {
 public:
  // The last code, shared by the names for which no code is left.
  static constexpr uint16_t kOverflow = UINT16_MAX;

  // Gives a code to a name that has none.
  uint16_t CodeOf(uint32_t name_number);
  // 0 if the name was never seen here.
  uint16_t Find(uint32_t name_number) const;
  // 0 for a code that was not given.
  uint32_t NameOf(uint16_t code) const { return code < names_.size() ? names_[code] : 0; }
  // Codes given, "none" included: scans allocate one counter for each.
  size_t size() const { return names_.size(); }

  // For snapshots: the number of the name of each code, and the way back.
  const std::vector<uint32_t>& name_numbers() const { return names_; }
  void Restore(std::vector<uint32_t> name_numbers);

 private:
  // Number of the name by code, and back.
  std::vector<uint32_t> names_ = std::vector<uint32_t>(1);
  std::unordered_map<uint32_t, uint16_t> codes_;
};

// Durations in working minutes: 16 bits each. The few that need more, and unknown ones, are kept in a map beside them.
class MinutesColumn {
 public:
  // Stands in the column for a duration that is in the map.
  static constexpr uint16_t kElsewhere = UINT16_MAX;
  // The interval touches a year for which no calendar is loaded.
  static constexpr int32_t kUnknown = -1;

  void Resize(size_t rows) { GrowTo(rows, minutes_); }
  void Set(size_t row, int32_t minutes);
  // kUnknown, or minutes; 0 for an interval that has not ended.
  int32_t At(size_t row) const {
    return minutes_[row] != kElsewhere ? minutes_[row] : long_.at(static_cast<uint32_t>(row));
  }
  size_t bytes() const;

 private:
  std::vector<uint16_t> minutes_;
  std::unordered_map<uint32_t, int32_t> long_;
};

// Something that happened to a dossier at a moment of its own. 12 bytes, because a dossier has about six of them.
struct FactMoment {
  enum Kind : uint32_t {
    // An interval in which one unit held the dossier, the counter's first: `time` = when it ended, `value` = working
    // minutes, `verdict` = whether it kept the limit of the step.
    kStep,
    // Waits during resolution: `time` = when they ended, `other` = when they began, `value` = working minutes. `flag`:
    // a second or later supplement request.
    kSupplement,
    // For payment.
    kFinancial,
    // For a typed reason.
    kPause,
    // `verdict` = level; `flag` = of the result, not of reception.
    kRating,
    // `time` = when it came, `other` = when an answer is due; `flag` = it is answered, and the next moment is the
    // answer.
    kPetition,
    // `time` = when it was answered, `other` = when that was due; `flag` = the petition was found right.
    kPetitionAnswer,
    // `time` = when the apology was recorded.
    kReschedule,
  };
  // `value` of an interval that touches a year for which no calendar is loaded.
  static constexpr uint32_t kUnknownMinutes = (1u << 24) - 1;

  // 0: it has not happened or ended yet.
  uint32_t time = 0;
  // These four as Kind says; 0 where it says nothing.
  uint32_t value : 24 = 0;
  uint32_t kind : 4 = 0;
  uint32_t verdict : 2 = 0;
  uint32_t flag : 1 = 0;
  // The last moment of its dossier.
  uint32_t is_last : 1 = 0;
  // kStep: code of the unit, and of the officer above it.
  uint32_t other = 0;

  // Codes of the columns kUnit and kOfficer; of a kStep only.
  uint16_t unit() const { return static_cast<uint16_t>(other); }
  uint16_t officer() const { return static_cast<uint16_t>(other >> 16); }
};
static_assert(sizeof(FactMoment) == 12);

// The moments of all dossiers in one vector: those of a dossier lie together (a run), the last one marked. A run that
// grows moves to another place; the place it leaves is given to the next run of the same length.
class MomentTable {
 public:
  // Where a run begins, plus one; 0: the dossier has no moments.
  using Ref = uint32_t;

  // Replaces the run at `old` by `moments`. Returns where they are now.
  Ref Put(Ref old, const std::vector<FactMoment>& moments);

  // Visits a run in its order.
  template <typename Visit>
  void ForEach(Ref ref, Visit visit) const {
    if (ref == 0) return;
    for (size_t at = ref - 1;; ++at) {
      visit(moments_[at]);
      if (moments_[at].is_last) return;
    }
  }
  // `ref` must not be 0.
  const FactMoment& First(Ref ref) const { return moments_[ref - 1]; }
  // Memory taken, free places included.
  size_t bytes() const { return moments_.capacity() * sizeof(FactMoment); }
  // Replaces everything by the runs of a snapshot, one behind the other; the caller keeps where each begins.
  void Restore(std::vector<FactMoment> moments);

 private:
  // `ref` must not be 0.
  size_t LengthOf(Ref ref) const;
  // Overwrites a place that is long enough. Returns `ref`.
  Ref Write(Ref ref, const std::vector<FactMoment>& moments);

  std::vector<FactMoment> moments_;
  // Places that are free, by the length of the run that was there.
  std::unordered_map<size_t, std::vector<Ref>> given_up_;
};

// What predicates of statistics test, in one word: Fact.flags in bits 0-31, Fact.verdicts in 32-39, then the fields
// below. One load and a mask decide most predicates.
struct Traits {
  // Where each part begins, as a number of bits.
  static constexpr int kVerdicts = 32;
  static constexpr int kChannel = 40;
  static constexpr int kOutcome = 42;
  static constexpr int kState = 45;

  // The word of a fact, and its parts again.
  static uint64_t Of(const storage::v1::Fact& fact);
  static uint32_t Flags(uint64_t traits) { return static_cast<uint32_t>(traits); }
  static uint8_t Channel(uint64_t traits) { return static_cast<uint8_t>(traits >> kChannel & 3); }
  static uint8_t Outcome(uint64_t traits) { return static_cast<uint8_t>(traits >> kOutcome & 7); }
  static uint8_t State(uint64_t traits) { return static_cast<uint8_t>(traits >> kState & 15); }
};

// One value for each dossier in each vector.
struct FactColumns {
  // The columns of names, which statistics group by and filter on.
  enum Name { kProcedure, kField, kOffice, kUnit, kOfficer, kLateReason, kResponsibleUnit, kNameCount };

  // Grows to `rows`; new rows are those of dossiers without a fact.
  void Resize(size_t rows);
  // Replaces a row. Names get codes if they have none.
  void Set(size_t row, const storage::v1::Fact& fact);
  size_t size() const { return traits.size(); }
  // Memory of all columns and moments; the texts are not part of it.
  size_t bytes() const;

  // The columns of names: what their codes stand for, and the code of each row.
  std::array<NameCodes, kNameCount> codes;
  std::array<std::vector<uint16_t>, kNameCount> names;
  // See Traits.
  std::vector<uint64_t> traits;
  // When it was submitted online, and when it was accepted.
  std::vector<uint32_t> submit;
  std::vector<uint32_t> accept;
  // The current promise, whatever waits and apologies have moved it.
  std::vector<uint32_t> due;
  // Last second at which an open dossier is in term by Decision 766/QĐ-TTg; 0: without end.
  std::vector<uint32_t> due_766;
  // When it was finished, stopped or refused at intake.
  std::vector<uint32_t> end;
  // When the result was handed over.
  std::vector<uint32_t> returned;
  // From acceptance to the end without waits; from submission to acceptance; from the end to the hand-over.
  MinutesColumn handling_minutes;
  MinutesColumn submitted_minutes;
  MinutesColumn hand_over_minutes;
  // The first moment of an accepted dossier is the interval at the counter.
  std::vector<MomentTable::Ref> moment_refs;
  MomentTable moments;

 private:
  // In the order in which the fact has them: steps first. May give codes.
  std::vector<FactMoment> MomentsOf(const storage::v1::Fact& fact);
};

}  // namespace tthc::server
