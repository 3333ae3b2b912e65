#include "server/statistics/query_context.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/facts/display_names.h"
#include "server/statistics/metric.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

// Chains of mergers are short. The bound ends a circle of successors, which the catalogue does not refuse.
constexpr int kSuccessorsMax = 16;

}  // namespace

absl::StatusOr<QueryContext> QueryContext::Make(const StatisticsSources& sources, const v1::Period& period,
                                                const v1::AsOf& as_of, absl::Time now) {
  QueryContext context(sources);
  TTHC_ASSIGN_OR_RETURN(context.period_, timing::ResolvePeriod(period, now));
  TTHC_ASSIGN_OR_RETURN(context.point_, sources.history->Resolve(as_of, now));
  // Of a period that is over the last second, of one that still runs the moment of the query. Never later than what was
  // known: with as_of in the past, open dossiers are open as of then.
  context.evaluated_ = std::min(absl::ToUnixSeconds(context.period_.to) - 1, absl::ToUnixSeconds(context.point_.time));
  // Before history is folded, which may take seconds.
  TTHC_RETURN_IF_ERROR(context.CheckCovered());
  if (context.point_.is_now) {
    context.offices_ = sources.catalogue->Get()->offices();
  } else {
    TTHC_ASSIGN_OR_RETURN(context.earlier_, sources.history->At(context.point_.revision));
    context.offices_ = context.earlier_->offices;
  }
  return context;
}

absl::Status QueryContext::CheckCovered() const {
  const auto catalogue = sources_.catalogue->Get();
  // A new store that has no calendar yet has nothing to count; zeros are right.
  const int64_t first = LocalCivilDay(period_.from).year();
  const int64_t last = LocalCivilDay(period_.to - absl::Seconds(1)).year();
  if (catalogue->calendar_protos().empty()) return absl::OkStatus();
  // One known year is enough: the period may well begin before the center did.
  for (const auto& [version, proto] : catalogue->calendar_protos()) {
    const auto calendar = catalogue->FindCalendar(version);
    for (int64_t year = first; year <= last; ++year) {
      if (calendar->IsYearLoaded(year)) return absl::OkStatus();
    }
  }
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "CALENDAR_YEAR_NOT_LOADED",
                    .message = absl::StrCat("the working calendar does not cover ", first,
                                            "; choose another period, or import that year's calendar"),
                    .message_vi = absl::StrCat("Lịch làm việc chưa có năm ", first,
                                               "; hãy chọn kỳ khác hoặc nạp lịch năm đó (tthc calendar import)"),
                    .metadata = {{"year", absl::StrCat(first)}},
                    .field = "period"});
}

void QueryContext::AddMirror(ScanPlan& plan) const {
  const bool asked = std::any_of(plan.metrics.begin(), plan.metrics.end(), [](v1::Metric metric) {
    return FindMetric(metric)->kind == MetricSpec::Kind::kMirror;
  });
  // How dossiers stood with targets at an earlier point is not kept anywhere.
  if (!asked || sources_.mirror == nullptr || !point_.is_now) return;
  plan.mirror = sources_.mirror();
  plan.evaluated_now = period_.to > point_.time;
}

absl::Status QueryContext::WithFacts(absl::FunctionRef<absl::Status(const FactIndex::View&)> read) const {
  absl::Status status;
  sources_.index->Read([&](const FactIndex::View& now) {
    // Names are only ever added, so those of now name the codes of every earlier point.
    status =
        earlier_ == nullptr
            ? read(now)
            : read({.columns = earlier_->columns, .texts = now.texts, .names = now.names, .revision = point_.revision});
  });
  return status;
}

v1::StatisticsBasis QueryContext::ToBasis(int64_t revision) const {
  v1::StatisticsBasis basis;
  *basis.mutable_period() = timing::PeriodToProto(period_);
  basis.set_revision(revision);
  *basis.mutable_as_of_time() = ToProto(point_.time);
  basis.mutable_evaluate_time()->set_seconds(evaluated_);
  return basis;
}

ColumnFilter QueryContext::ToColumnFilter(const FactIndex::View& facts, const v1::StatisticsFilter& filter) const {
  ColumnFilter result;
  for (const int channel : filter.channels()) result.channels |= static_cast<uint8_t>(1 << channel);
  for (const int outcome : filter.results()) result.outcomes |= static_cast<uint8_t>(1 << outcome);
  const auto add = [&](FactColumns::Name column, const auto& names) {
    if (names.empty()) return;
    std::vector<bool> wanted(facts.columns.codes[column].size());
    for (const std::string& name : names) {
      const uint16_t code = facts.columns.codes[column].Find(facts.names.Find(name));
      // A name that no dossier has is in no column; then nothing matches.
      if (code != 0) wanted[code] = true;
    }
    result.names.push_back({column, std::move(wanted)});
  };
  add(FactColumns::kUnit, filter.units());
  add(FactColumns::kOfficer, filter.officers());
  add(FactColumns::kField, filter.fields());
  add(FactColumns::kProcedure, filter.procedures());
  add(FactColumns::kResponsibleUnit, filter.responsible_units());
  if (filter.offices().empty()) return result;
  const NameCodes& codes = facts.columns.codes[FactColumns::kOffice];
  std::vector<bool> wanted(codes.size());
  const std::set<std::string> names(filter.offices().begin(), filter.offices().end());
  for (size_t code = 1; code < codes.size(); ++code) {
    const std::string name = facts.names.NameOf(codes.NameOf(static_cast<uint16_t>(code)));
    // A chain of successions counts whole: an office that was succeeded itself still stands for those before it.
    const auto succession =
        filter.keep_former_offices() ? std::vector<std::string>{name} : SuccessionOf(offices_, name, period_.to);
    wanted[code] = std::any_of(succession.begin(), succession.end(),
                               [&](const std::string& office) { return names.contains(office); });
  }
  result.names.push_back({FactColumns::kOffice, std::move(wanted)});
  return result;
}

// Codes of one office stand for several names only if former offices count under their successors.
GroupDimension QueryContext::ToDimension(const FactIndex::View& facts, v1::GroupBy by,
                                         const v1::StatisticsFilter& filter) const {
  GroupDimension dimension{.by = by};
  if (by != v1::GROUP_BY_OFFICE || filter.keep_former_offices()) return dimension;
  // All offices that one office answers for count as the first of their codes.
  const NameCodes& codes = facts.columns.codes[FactColumns::kOffice];
  std::map<std::string, uint16_t> first;
  for (size_t code = 0; code < codes.size(); ++code) {
    const auto code16 = static_cast<uint16_t>(code);
    const std::string& name = facts.names.NameOf(codes.NameOf(code16));
    const std::string heir = SuccessionOf(offices_, name, period_.to).back();
    dimension.counts_as.push_back(first.try_emplace(heir, code16).first->second);
  }
  return dimension;
}

v1::StatisticsKey QueryContext::ToKey(const FactIndex::View& facts, v1::GroupBy by, uint32_t code,
                                      const v1::StatisticsFilter& filter) const {
  v1::StatisticsKey key;
  key.set_group_by(by);
  key.set_name(GroupName(facts, by, code));
  if (by == v1::GROUP_BY_OFFICE && !filter.keep_former_offices()) {
    key.set_name(SuccessionOf(offices_, key.name(), period_.to).back());
  }
  // Channels, outcomes and reasons are shown by their names; clients translate them.
  const bool is_resource = NameColumnOf(by).has_value() && by != v1::GROUP_BY_LATE_REASON;
  if (is_resource) key.set_display_name(DisplayNameOf(*sources_.catalogue->Get(), key.name()));
  return key;
}

std::vector<std::string> SuccessionOf(const domain::Catalogue::ByName<v1::Office>& offices, const std::string& office,
                                      absl::Time period_end) {
  const std::string last_day = FormatIsoDate(LocalCivilDay(period_end - absl::Seconds(1)));
  std::vector<std::string> succession = {office};
  for (int i = 0; i < kSuccessorsMax; ++i) {
    const auto found = offices.find(succession.back());
    if (found == offices.end()) break;
    const v1::Office& known = *found->second;
    // ISO dates compare as text. An office that closes within the period, or after it, still answers for itself.
    if (known.successor().empty() || known.end_date().empty() || known.end_date() >= last_day) break;
    succession.push_back(known.successor());
  }
  return succession;
}

}  // namespace tthc::server
