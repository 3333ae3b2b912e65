#include "client/sample/centre.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "storage/base/errors.h"

namespace tthc::sample {
namespace {

// What a commune sees, by procedure: certifications and civil status first. Everything else is rare.
struct Habit {
  const char* procedure;
  double weight;
  double online;
  int64_t fee_vnd;
};

constexpr Habit kRare = {"", 0.25, 0.1, 0};
constexpr Habit kHabits[] = {
    {"procedures/2.000815", 30, 0.02, 20'000}, {"procedures/2.000884", 9, 0, 10'000},
    {"procedures/2.001035", 2.5, 0, 50'000},   {"procedures/2.001019", 0.3, 0, 50'000},
    {"procedures/2.000635", 9, 0.45, 8'000},   {"procedures/1.001193", 7, 0.55, 0},
    {"procedures/1.004873", 7, 0.4, 3'000},    {"procedures/1.000656", 3, 0.3, 0},
    {"procedures/1.000894", 3, 0.25, 0},       {"procedures/1.004859", 1.4, 0.15, 28'000},
    {"procedures/2.002516", 1, 0.4, 8'000},    {"procedures/1.004222", 4, 0.6, 20'000},
    {"procedures/1.004194", 3, 0.6, 15'000},   {"procedures/1.010041", 3, 0.6, 0},
    {"procedures/1.010039", 1.2, 0.5, 0},      {"procedures/2.001159", 0.8, 0.8, 0},
    {"procedures/1.001612", 2.2, 0.5, 100'000}, {"procedures/2.000720", 1, 0.5, 50'000},
    {"procedures/1.001266", 0.6, 0.4, 0},      {"procedures/1.014027", 2.6, 0.15, 0},
    {"procedures/1.001776", 2, 0.15, 0},       {"procedures/1.001699", 1.3, 0.1, 0},
    {"procedures/1.013225", 1.6, 0.3, 75'000}, {"procedures/1.115620", 2, 0.1, 100'000},
    {"procedures/1.115645", 0.9, 0.1, 0},      {"procedures/1.115643", 0.6, 0.1, 0},
};

// Which unit of the shipped centre resolves a field; others take the first unit that is not the reception.
constexpr std::pair<absl::string_view, absl::string_view> kUnitOfField[] = {
    {"fields/G15-TP07", "units/vp"}, {"fields/chung-thuc", "units/vp"},  {"fields/nuoi-con-nuoi", "units/vp"},
    {"fields/G01-CA05", "units/ca"}, {"fields/bao-tro-xa-hoi", "units/vhxh"}, {"fields/G17-XD11", "units/kt"},
    {"fields/G13-TN02", "units/kt"}, {"fields/thanh-lap-va-hoat-dong-ho-kinh-doanh", "units/kt"},
};

const Habit& HabitOf(absl::string_view procedure) {
  const Habit* const found = std::find_if(std::begin(kHabits), std::end(kHabits),
                                          [&](const Habit& habit) { return procedure == habit.procedure; });
  return found == std::end(kHabits) ? kRare : *found;
}

std::string FirstOfficeWithUnits(const Lists& lists) {
  for (const v1::Office& office : lists.offices) {
    const bool has_unit = std::any_of(lists.units.begin(), lists.units.end(), [&](const v1::Unit& unit) {
      return unit.office() == office.name() && unit.valid_to().empty();
    });
    if (has_unit && office.valid_to().empty()) return office.name();
  }
  return "";
}

// The limit that holds without conditions, nullptr if there is none.
const v1::Limit* PlainLimit(const v1::Procedure& procedure) {
  for (const v1::LimitRule& rule : procedure.limits()) {
    if (rule.procedure_case().empty() && rule.channel() == v1::CHANNEL_UNSPECIFIED && rule.area().empty()) {
      return &rule.limit();
    }
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<Centre> Centre::Make(const Lists& lists, std::shared_ptr<const domain::Calendar> calendar) {
  Centre centre;
  centre.calendar_ = std::move(calendar);
  centre.officers_ = lists.officers;
  centre.office_ = FirstOfficeWithUnits(lists);
  for (const v1::Unit& unit : lists.units) {
    if (!unit.valid_to().empty()) continue;
    if (unit.office() == centre.office_) {
      centre.units_.push_back(unit.name());
    } else if (centre.neighbour_.empty()) {
      centre.neighbour_ = unit.office();
      centre.neighbour_unit_ = unit.name();
    }
  }
  for (const v1::Procedure& procedure : lists.procedures) {
    const v1::Limit* const limit = PlainLimit(procedure);
    if (limit == nullptr || !procedure.valid_to().empty()) continue;
    const Habit& habit = HabitOf(procedure.name());
    centre.offers_.push_back({.procedure = procedure, .limit = *limit, .weight = habit.weight, .online = habit.online,
                              .fee_vnd = habit.fee_vnd});
  }
  if (!centre.units_.empty() && !centre.offers_.empty()) {
    const auto named = std::find(centre.units_.begin(), centre.units_.end(), "units/hcc");
    centre.reception_ = named == centre.units_.end() ? centre.units_.front() : *named;
    return centre;
  }
  return MakeError(
      {.code = absl::StatusCode::kFailedPrecondition,
       .reason = "SAMPLE_CATALOGUE_EMPTY",
       .message = "the server has no office with a unit, or no procedure; start tthcd with --seed deploy/data",
       .message_vi = "Máy chủ chưa có cơ quan, phòng ban hoặc thủ tục; hãy khởi động tthcd với --seed deploy/data"});
}

const std::string& Centre::UnitFor(absl::string_view field) const {
  for (const auto& [known_field, unit] : kUnitOfField) {
    if (known_field != field) continue;
    const auto found = std::find(units_.begin(), units_.end(), unit);
    if (found != units_.end()) return *found;
  }
  const auto other =
      std::find_if(units_.begin(), units_.end(), [this](const auto& unit) { return unit != reception_; });
  return other == units_.end() ? reception_ : *other;
}

std::string Centre::OtherUnit(absl::string_view unit) const {
  for (const std::string& candidate : units_) {
    if (candidate != reception_ && candidate != unit) return candidate;
  }
  return "";
}

std::vector<std::string> Centre::OfficersOf(absl::string_view unit) const {
  std::vector<std::string> names;
  for (const v1::Officer& officer : officers_) {
    if (officer.unit() == unit && officer.valid_to().empty()) names.push_back(officer.name());
  }
  return names;
}

}  // namespace tthc::sample
