#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/domain/calendar.h"
#include "server/domain/fold.h"
#include "storage/base/mutex.h"
#include "tthc/storage/v1/records.pb.h"
#include "tthc/v1/catalogue.pb.h"
#include "tthc/v1/statistics.pb.h"

// Procedures, offices, calendars, schemes and closings in memory. Once shared a Catalogue is immutable: a command that
// changes it makes a copy, so that readers never lock and a command sees one catalogue from beginning to end.
namespace tthc::server {

class Catalogue final : public domain::CalendarSource {
 public:
  using Versions = std::map<int32_t, std::shared_ptr<const v1::Procedure>>;
  template <typename T>
  using ByName = std::map<std::string, std::shared_ptr<const T>>;

  // Adds a procedure version, a calendar version, or an entry to add or replace. Only before it is shared.
  // INVALID_ARGUMENT for a calendar that is not one.
  absl::Status Add(const storage::v1::LogRecord& record);

  std::shared_ptr<const domain::Calendar> FindCalendar(int64_t version) const override;
  // 0 if there is none.
  int64_t latest_calendar_version() const;
  const std::map<int64_t, std::shared_ptr<const v1::Calendar>>& calendar_protos() const { return calendar_protos_; }

  // The version in force on a local day, newest first. NOT_FOUND PROCEDURE_NOT_FOUND; FAILED_PRECONDITION
  // PROCEDURE_CLOSED (metadata valid_from, valid_to of the nearest version).
  absl::StatusOr<std::shared_ptr<const v1::Procedure>> ProcedureOn(const std::string& name, int64_t day_number) const;
  // nullptr if there is none.
  std::shared_ptr<const v1::Procedure> ProcedureVersion(const std::string& name, int32_t version) const;

  const std::map<std::string, Versions>& procedures() const { return procedures_; }
  const ByName<v1::Field>& fields() const { return fields_; }
  const ByName<v1::Office>& offices() const { return offices_; }
  const ByName<v1::Unit>& units() const { return units_; }
  const ByName<v1::Officer>& officers() const { return officers_; }
  const ByName<v1::Scheme>& schemes() const { return schemes_; }
  // In the order of closing.
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
  std::map<int64_t, std::shared_ptr<const domain::Calendar>> calendars_;
};

// The limit of `procedure` for a case, channel and area: the most specific rule that matches. FAILED_PRECONDITION
// LIMIT_NOT_FOUND, LIMIT_AMBIGUOUS (two equally specific rules say different things; a person has to review them).
absl::StatusOr<v1::Limit> ChooseLimit(const v1::Procedure& procedure, const std::string& procedure_case,
                                      v1::Channel channel, const std::string& area);

// The present catalogue, shared between the pipeline that changes it and everyone who reads it. Thread-safe.
class CurrentCatalogue {
 public:
  explicit CurrentCatalogue(std::shared_ptr<const Catalogue> catalogue) : catalogue_(std::move(catalogue)) {}
  std::shared_ptr<const Catalogue> Get() const {
    ReaderLock lock(mutex_);
    return catalogue_;
  }
  void Set(std::shared_ptr<const Catalogue> catalogue) {
    WriterLock lock(mutex_);
    catalogue_ = std::move(catalogue);
  }

 private:
  mutable SharedMutex mutex_;
  std::shared_ptr<const Catalogue> catalogue_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tthc::server
