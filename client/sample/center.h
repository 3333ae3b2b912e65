#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/timing/calendar.h"
#include "tthc/v1/catalogue.pb.h"

// Where the sample takes place. Everything comes from the server that is to be loaded, so that the sample fits the
// catalogue of any center; only habits (how often which procedure is asked for) are data of this program. Procedures
// that the program does not know are rare and mostly handed in at the counter.
namespace tthc::sample {

// The catalogue of a server, as its List methods return it.
// Ended entries are included; Center::Make leaves them out.
struct Lists {
  std::vector<v1::Procedure> procedures;
  std::vector<v1::Office> offices;
  std::vector<v1::Unit> units;
  std::vector<v1::Officer> officers;
};

// The one-stop center of the sample: the first office of the lists that has units, with its officers, the procedures
// that it can take in, and its calendar. Immutable; thread-safe.
class Center {
 public:
  // A procedure and how often a commune sees it.
  struct Offer {
    // The version in force when the sample is made.
    v1::Procedure procedure;
    // The limit that holds for every case, channel and area.
    v1::Limit limit;
    // Relative to the other offers.
    double weight = 0;
    // Share of dossiers that are submitted on-line.
    double online = 0;
    // 0 = free of charge.
    int64_t fee_vnd = 0;
  };

  // FAILED_PRECONDITION SAMPLE_CATALOGUE_EMPTY if there is no office with a unit, or no procedure with a limit that
  // holds without conditions.
  static absl::StatusOr<Center> Make(const Lists& lists, std::shared_ptr<const timing::Calendar> calendar);

  // The newest calendar of the server; opening hours are those of office().
  const timing::Calendar& calendar() const { return *calendar_; }
  // At least one.
  const std::vector<Offer>& offers() const { return offers_; }
  // offices/… of the center.
  const std::string& office() const { return office_; }
  // Another office, which takes over what was handed in away from home; empty if there is none.
  const std::string& neighbor() const { return neighbor_; }
  // A unit of that office, which resolves such dossiers.
  const std::string& neighbor_unit() const { return neighbor_unit_; }
  // Where dossiers are taken in, and where those of a field are resolved.
  const std::string& reception() const { return reception_; }
  const std::string& UnitFor(absl::string_view field) const;
  // Some unit that is neither the reception nor `unit`; empty if there is none.
  std::string OtherUnit(absl::string_view unit) const;
  // officers/… of a unit, perhaps none.
  std::vector<std::string> OfficersOf(absl::string_view unit) const;

 private:
  Center() = default;

  std::shared_ptr<const timing::Calendar> calendar_;
  std::vector<Offer> offers_;
  std::string office_;
  std::string neighbor_;
  std::string neighbor_unit_;
  std::string reception_;
  // Units of the center that have not ended; at least one.
  std::vector<std::string> units_;
  // Of all offices, since a neighbor resolves some dossiers.
  std::vector<v1::Officer> officers_;
};

}  // namespace tthc::sample
