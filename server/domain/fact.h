#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "server/domain/fold.h"
#include "tthc/storage/v1/records.pb.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/statistics.pb.h"

// Facts: the compact numbers of a dossier that lists and statistics scan (storage.v1.Fact). Pure; thread-safe; nothing
// here fails.
//
// A fact follows from the folded dossier alone, so that it can be computed again at any time and for any past state.
// Facts are stored beside the dossier only to start faster.
namespace tthc::domain {

// Raised when the same events give another dossier or fact than before. At the next start every stored dossier is then
// folded again from its events, see server/facts/fact_upgrade.h. 2: submission codes and uids.
inline constexpr int32_t kFactVersion = 2;

// Bits of storage.v1.Fact.flags. DO NOT CHANGE THEM: they are embedded in the on-disk format. Never reuse one; 5 and 6
// are spent.
enum FactFlag : uint32_t {
  // Resolution refused, not granted.
  kFactRefused = 1u << 0,
  kFactOverSupplemented = 1u << 1,
  kFactRescheduled = 1u << 2,
  // The dossier counts as received.
  kFactAccepted = 1u << 3,
  kFactStopped = 1u << 4,
  // Ended after its due time, to the second.
  kFactEndedPastDue = 1u << 7,
  // Stopped at the request of the applicant.
  kFactWithdrawn = 1u << 8,
  // A wait is open that began before the due time had passed: the dossier does not become overdue meanwhile.
  kFactHeld = 1u << 9,
  kFactRated = 1u << 10,
  kFactHasFee = 1u << 11,
  kFactPaidOnline = 1u << 12,
  kFactElectronicResult = 1u << 13,
  kFactHasDocuments = 1u << 14,
  // All documents are digitized.
  kFactDigitized = 1u << 15,
  // The answer to a petition said that it is right.
  kFactUpheldPetition = 1u << 16,
  // There is a petition, or a rating with the lowest level.
  kFactDispleased = 1u << 17,
  kFactSupplementOnce = 1u << 18,
  kFactSupplementMore = 1u << 19,
};

// The verdict on an ended dossier, two bits in Fact.verdicts. Embedded in the on-disk format, like the shifts below.
enum FactVerdict : uint32_t { kNoVerdict = 0, kVerdictEarly = 1, kVerdictOnTime = 2, kVerdictLate = 3 };

// Where each meaning of "on time" has its two bits.
enum VerdictShift : int { kShift06a = 0, kShift766 = 2, kShiftScore = 4, kShiftPromise = 6 };

// The number by which facts refer to a name (of an office, a unit, a late reason and the like). A name keeps its number
// for as long as the store exists; 0 for "".
using NumberOfName = std::function<uint32_t(const std::string& name)>;

// The fact of a folded dossier; its name is set. Minutes that touch a year that `calendars` has not loaded become -1.
storage::v1::Fact MakeFact(const CalendarSource& calendars, const v1::Dossier& dossier, const NumberOfName& number_of);

// The unit (units/{unit}) that answers for a late dossier: the one that held it when its due time passed; before that,
// and without a due time, the one that has it or had it last. Empty if no unit was recorded.
const std::string& ResponsibleUnit(const v1::Dossier& dossier);

// How the dossier of a fact ended, or that it has not.
v1::Outcome OutcomeOf(const storage::v1::Fact& fact);

}  // namespace tthc::domain
