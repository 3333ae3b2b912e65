#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/domain/calendar.h"
#include "tthc/v1/catalogue.pb.h"

namespace tthc::sample {

// What a server knows, as its catalogue lists it.
struct Lists {
  std::vector<v1::Procedure> procedures;
  std::vector<v1::Office> offices;
  std::vector<v1::Unit> units;
  std::vector<v1::Officer> officers;
};

// The one-stop centre that the sample plays in: the first office of the lists that has units, with its people, the
// procedures that it can take in, and the calendar that it works by. Immutable; thread-safe.
class Centre {
 public:
  // A procedure with how much of it a commune sees.
  struct Offer {
    v1::Procedure procedure;
    // Its limit whatever the case, channel and area.
    v1::Limit limit;
    double weight = 0;
    // Share that comes in on-line.
    double online = 0;
    int64_t fee_vnd = 0;
  };

  // FAILED_PRECONDITION SAMPLE_CATALOGUE_EMPTY if there is no office with a unit, or no procedure with a limit that
  // holds without conditions.
  static absl::StatusOr<Centre> Make(const Lists& lists, std::shared_ptr<const domain::Calendar> calendar);

  const domain::Calendar& calendar() const { return *calendar_; }
  const std::vector<Offer>& offers() const { return offers_; }
  const std::string& office() const { return office_; }
  // Another office, which takes over what was handed in away from home; empty if there is none.
  const std::string& neighbour() const { return neighbour_; }
  const std::string& neighbour_unit() const { return neighbour_unit_; }
  // Where dossiers are taken in, and where those of a field are resolved.
  const std::string& reception() const { return reception_; }
  const std::string& UnitFor(absl::string_view field) const;
  // Some unit that is neither the reception nor `unit`; empty if there is none.
  std::string OtherUnit(absl::string_view unit) const;
  // officers/… of a unit, perhaps none.
  std::vector<std::string> OfficersOf(absl::string_view unit) const;

 private:
  Centre() = default;

  std::shared_ptr<const domain::Calendar> calendar_;
  std::vector<Offer> offers_;
  std::string office_;
  std::string neighbour_;
  std::string neighbour_unit_;
  std::string reception_;
  std::vector<std::string> units_;
  std::vector<v1::Officer> officers_;
};

}  // namespace tthc::sample
