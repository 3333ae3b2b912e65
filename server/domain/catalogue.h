#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/domain/fold.h"
#include "server/timing/calendar.h"
#include "tthc/storage/v1/records.pb.h"
#include "tthc/v1/catalogue.pb.h"
#include "tthc/v1/statistics.pb.h"

// Procedures, offices, calendars, schemes and closings in memory: everything but dossiers and the mirror.
//
// Vocabulary:
//   version    of a procedure or a calendar: immutable, numbered from 1. A dossier keeps the versions that its terms
//   were
//              frozen with, so that all versions stay.
//   in force   a version whose dates include the day.
//
// Ownership and threads: once shared, a Catalogue is immutable, so that any thread reads it without a lock. A command
// that changes it makes a copy, which costs only pointers, and publishes the copy after its commit; so a command or a
// query sees one catalogue from beginning to end.
namespace tthc::domain {

class Catalogue final : public CalendarSource {
 public:
  using Versions = std::map<int32_t, std::shared_ptr<const v1::Procedure>>;
  template <typename T>
  using ByName = std::map<std::string, std::shared_ptr<const T>>;

  // Adds a version of a procedure or a calendar, or adds or replaces any other entry. Only before the catalogue is
  // shared. INVALID_ARGUMENT for a calendar that contradicts itself; INTERNAL for a record that is no entry.
  absl::Status Add(const storage::v1::LogRecord& record);

  std::shared_ptr<const timing::Calendar> FindCalendar(int64_t version) const override;
  // The version that new acceptances are frozen with. 0 if no calendar is loaded.
  int64_t latest_calendar_version() const;
  const std::map<int64_t, std::shared_ptr<const v1::Calendar>>& calendar_protos() const { return calendar_protos_; }

  // The newest version in force on a local day. NOT_FOUND PROCEDURE_NOT_FOUND; FAILED_PRECONDITION PROCEDURE_CLOSED
  // (metadata start_date and end_date of the newest version).
  absl::StatusOr<std::shared_ptr<const v1::Procedure>> ProcedureOn(const std::string& name, int64_t day_number) const;
  // nullptr if there is none.
  std::shared_ptr<const v1::Procedure> ProcedureVersion(const std::string& name, int32_t version) const;

  // By resource name; every version.
  const std::map<std::string, Versions>& procedures() const { return procedures_; }
  const ByName<v1::Field>& fields() const { return fields_; }
  const ByName<v1::Office>& offices() const { return offices_; }
  const ByName<v1::Unit>& units() const { return units_; }
  const ByName<v1::Officer>& officers() const { return officers_; }
  const ByName<v1::Scheme>& schemes() const { return schemes_; }
  // In the order in which the periods were closed.
  const ByName<v1::Closing>& closings() const { return closings_; }

 private:
  std::map<std::string, Versions> procedures_;
  ByName<v1::Field> fields_;
  ByName<v1::Office> offices_;
  ByName<v1::Unit> units_;
  ByName<v1::Officer> officers_;
  ByName<v1::Scheme> schemes_;
  ByName<v1::Closing> closings_;
  std::map<int64_t, std::shared_ptr<const v1::Calendar>> calendar_protos_;
  std::map<int64_t, std::shared_ptr<const timing::Calendar>> calendars_;
};

// The limit of `procedure` for a case, channel and area: that of the matching rule with the most conditions.
// FAILED_PRECONDITION LIMIT_NOT_FOUND; LIMIT_AMBIGUOUS if two rules with equally many conditions have different limits,
// which a person has to review.
absl::StatusOr<v1::Limit> ChooseLimit(const v1::Procedure& procedure, const std::string& procedure_case,
                                      v1::Channel channel, const std::string& area);

}  // namespace tthc::domain
