#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tthc/storage/v1/records.pb.h"
#include "tthc/v1/dossier.pb.h"

// The compact numbers of a dossier that lists and statistics scan. Pure; thread-safe.
namespace tthc::domain {

// Bits of storage.v1.Fact.flags, embedded in the on-disk format: never reuse one.
enum FactFlag : uint32_t {
  // Resolution refused, not granted.
  kFactRefused = 1u << 0,
  kFactOverSupplemented = 1u << 1,
  kFactRescheduled = 1u << 2,
  // Taken in: it counts as received.
  kFactAccepted = 1u << 3,
  kFactStopped = 1u << 4,
  // Ended before or after its due date: report 06a's verdict, which no longer moves.
  kFactEndedEarly = 1u << 5,
  kFactEndedLate = 1u << 6,
  // Ended after the appointment, to the minute.
  kFactEndedPastDue = 1u << 7,
};

// Number of a name that facts refer to, the same for the same name for ever; 0 for "".
using NumberOfName = std::function<uint32_t(const std::string& name)>;

// A pure function of the folded dossier and of the numbering.
storage::v1::Fact MakeFact(const v1::Dossier& dossier, const NumberOfName& number_of);

}  // namespace tthc::domain
