#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "server/domain/fold.h"
#include "tthc/storage/v1/records.pb.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/statistics.pb.h"

// The compact numbers of a dossier that lists and statistics scan. Pure; thread-safe.
namespace tthc::domain {

// Raised when the same events make another dossier or fact than before: what lies on disk is then made anew at the next
// start, see server/service/fact_upgrade.h.
inline constexpr int32_t kFactVersion = 1;

// Bits of storage.v1.Fact.flags, embedded in the on-disk format: never reuse one (5 and 6 are spent).
enum FactFlag : uint32_t {
  // Resolution refused, not granted.
  kFactRefused = 1u << 0,
  kFactOverSupplemented = 1u << 1,
  kFactRescheduled = 1u << 2,
  // Taken in: it counts as received.
  kFactAccepted = 1u << 3,
  kFactStopped = 1u << 4,
  // Ended after the appointment, to the minute.
  kFactEndedPastDue = 1u << 7,
  // Stopped because the applicant had asked for it.
  kFactWithdrawn = 1u << 8,
  // A wait without an end began before the due time had passed: it never becomes overdue.
  kFactHeld = 1u << 9,
  kFactRated = 1u << 10,
  kFactHasFee = 1u << 11,
  kFactPaidOnline = 1u << 12,
  kFactElectronicResult = 1u << 13,
  kFactHasDocuments = 1u << 14,
  // All of them.
  kFactDigitised = 1u << 15,
  // A petition was found right.
  kFactUpheldPetition = 1u << 16,
  // Any petition, or a dissatisfied answer.
  kFactDispleased = 1u << 17,
  kFactSupplementOnce = 1u << 18,
  kFactSupplementMore = 1u << 19,
};

// How an ended dossier was handled, as Fact.verdicts holds it.
enum FactVerdict : uint32_t { kNoVerdict = 0, kVerdictEarly = 1, kVerdictOnTime = 2, kVerdictLate = 3 };

// Shift of each meaning in Fact.verdicts.
enum VerdictShift : int { kShift06a = 0, kShift766 = 2, kShiftScore = 4, kShiftPromise = 6 };

// Number of a name that facts refer to, the same for the same name for ever; 0 for "".
using NumberOfName = std::function<uint32_t(const std::string& name)>;

// A pure function of the folded dossier, of immutable calendars and of the numbering.
storage::v1::Fact MakeFact(const CalendarSource& calendars, const v1::Dossier& dossier, const NumberOfName& number_of);

// units/… that held the dossier when its due time passed; before that, and without one, who has it or had it last.
// Empty if nobody was named.
const std::string& ResponsibleUnit(const v1::Dossier& dossier);

// How the dossier of a fact ended.
v1::Outcome OutcomeOf(const storage::v1::Fact& fact);

}  // namespace tthc::domain
