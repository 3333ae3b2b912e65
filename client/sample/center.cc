#include "client/sample/center.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "storage/base/errors.h"

namespace tthc::sample {
namespace {

// How often a commune sees which procedure: certifications and civil status most. All others are rare.
// Weights are relative. Weights, shares of on-line submission and fees are plausible; no figure of the sample is meant
// to be exact.
struct Habit {
  const char* procedure;
  double weight;
  double online;
  int64_t fee_vnd;
};

constexpr Habit kRare = {"", 0.25, 0.1, 0};
constexpr Habit kHabits[] = {
    {"procedures/2.000815", 30, 0.02, 20'000},  {"procedures/2.000884", 9, 0, 10'000},
    {"procedures/2.001035", 2.5, 0, 50'000},    {"procedures/2.001019", 0.3, 0, 50'000},
    {"procedures/2.000635", 9, 0.45, 8'000},    {"procedures/1.001193", 7, 0.55, 0},
    {"procedures/1.004873", 7, 0.4, 3'000},     {"procedures/1.000656", 3, 0.3, 0},
    {"procedures/1.000894", 3, 0.25, 0},        {"procedures/1.004859", 1.4, 0.15, 28'000},
    {"procedures/2.002516", 1, 0.4, 8'000},     {"procedures/1.004222", 4, 0.6, 20'000},
    {"procedures/1.004194", 3, 0.6, 15'000},    {"procedures/1.010041", 3, 0.6, 0},
    {"procedures/1.010039", 1.2, 0.5, 0},       {"procedures/2.001159", 0.8, 0.8, 0},
    {"procedures/1.001612", 2.2, 0.5, 100'000}, {"procedures/2.000720", 1, 0.5, 50'000},
    {"procedures/1.001266", 0.6, 0.4, 0},       {"procedures/1.014027", 2.6, 0.15, 0},
    {"procedures/1.001776", 2, 0.15, 0},        {"procedures/1.001699", 1.3, 0.1, 0},
    {"procedures/1.013225", 1.6, 0.3, 75'000},  {"procedures/1.115620", 2, 0.1, 100'000},
    {"procedures/1.115645", 0.9, 0.1, 0},       {"procedures/1.115643", 0.6, 0.1, 0},
};

// Which unit of the shipped center resolves a field; others take the first unit that is not the reception.
constexpr std::pair<absl::string_view, absl::string_view> kUnitOfField[] = {
    {"fields/G15-TP07", "units/vp"},         {"fields/chung-thuc", "units/vp"},
    {"fields/nuoi-con-nuoi", "units/vp"},    {"fields/G01-CA05", "units/ca"},
    {"fields/bao-tro-xa-hoi", "units/vhxh"}, {"fields/G17-XD11", "units/kt"},
    {"fields/G13-TN02", "units/kt"},         {"fields/thanh-lap-va-hoat-dong-ho-kinh-doanh", "units/kt"},
};

const Habit& HabitOf(absl::string_view procedure) {
  const Habit* const found = std::find_if(std::begin(kHabits), std::end(kHabits),
                                          [&](const Habit& habit) { return procedure == habit.procedure; });
  return found == std::end(kHabits) ? kRare : *found;
}

std::string FirstOfficeWithUnits(const Lists& lists) {
  for (const v1::Office& office : lists.offices) {
    // Offices and units that have ended by now cannot take part in an invented present.
    const bool has_unit = std::any_of(lists.units.begin(), lists.units.end(), [&](const v1::Unit& unit) {
      return unit.office() == office.name() && unit.end_date().empty();
    });
    if (has_unit && office.end_date().empty()) return office.name();
  }
  return "";
}

// The limit that holds without conditions, nullptr if there is none.
// Procedures with conditional limits only are left out: which condition holds would have to be invented as well.
const v1::Limit* PlainLimit(const v1::Procedure& procedure) {
  for (const v1::LimitRule& rule : procedure.limits()) {
    if (rule.procedure_case().empty() && rule.channel() == v1::CHANNEL_UNSPECIFIED && rule.area().empty()) {
      return &rule.limit();
    }
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<Center> Center::Make(const Lists& lists, std::shared_ptr<const timing::Calendar> calendar) {
  Center center;
  center.calendar_ = std::move(calendar);
  center.officers_ = lists.officers;
  center.office_ = FirstOfficeWithUnits(lists);
  for (const v1::Unit& unit : lists.units) {
    if (!unit.end_date().empty()) continue;
    if (unit.office() == center.office_) {
      center.units_.push_back(unit.name());
    } else if (center.neighbor_.empty()) {
      // The first other office with a unit serves for dossiers that are handed in away from home.
      center.neighbor_ = unit.office();
      center.neighbor_unit_ = unit.name();
    }
  }
  for (const v1::Procedure& procedure : lists.procedures) {
    const v1::Limit* const limit = PlainLimit(procedure);
    if (limit == nullptr || !procedure.end_date().empty()) continue;
    const Habit& habit = HabitOf(procedure.name());
    center.offers_.push_back({.procedure = procedure,
                              .limit = *limit,
                              .weight = habit.weight,
                              .online = habit.online,
                              .fee_vnd = habit.fee_vnd});
  }
  if (!center.units_.empty() && !center.offers_.empty()) {
    // The reception of the shipped catalogue; any other catalogue gets its first unit.
    const auto named = std::find(center.units_.begin(), center.units_.end(), "units/hcc");
    center.reception_ = named == center.units_.end() ? center.units_.front() : *named;
    return center;
  }
  return MakeError(
      {.code = absl::StatusCode::kFailedPrecondition,
       .reason = "SAMPLE_CATALOGUE_EMPTY",
       .message = "the server has no office with a unit, or no procedure; start tthcd with --seed deploy/data",
       .message_vi = "Máy chủ chưa có cơ quan, phòng ban hoặc thủ tục; hãy khởi động tthcd với --seed deploy/data"});
}

const std::string& Center::UnitFor(absl::string_view field) const {
  for (const auto& [known_field, unit] : kUnitOfField) {
    if (known_field != field) continue;
    // A catalogue of another center may lack this unit.
    const auto found = std::find(units_.begin(), units_.end(), unit);
    if (found != units_.end()) return *found;
  }
  const auto other =
      std::find_if(units_.begin(), units_.end(), [this](const auto& unit) { return unit != reception_; });
  return other == units_.end() ? reception_ : *other;
}

std::string Center::OtherUnit(absl::string_view unit) const {
  for (const std::string& candidate : units_) {
    if (candidate != reception_ && candidate != unit) return candidate;
  }
  return "";
}

std::vector<std::string> Center::OfficersOf(absl::string_view unit) const {
  std::vector<std::string> names;
  for (const v1::Officer& officer : officers_) {
    if (officer.unit() == unit && officer.end_date().empty()) names.push_back(officer.name());
  }
  return names;
}

}  // namespace tthc::sample
