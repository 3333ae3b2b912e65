#include "server/statistics/report_06a_queries.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "server/domain/report_06a.h"
#include "server/facts/display_names.h"
#include "storage/base/errors.h"
#include "storage/base/status_macros.h"

namespace tthc::server {
namespace {

// `figures` has the values of every metric that the rules name.
v1::Report06aRow ToRow(const Report06aRules& rules, const v1::StatisticsRow& figures) {
  std::map<v1::Metric, int64_t> counts;
  for (const v1::StatisticsValue& value : figures.values()) counts[value.metric()] = value.count();
  std::map<int, int64_t> columns;
  for (const Report06aRules::Addend& addend : rules.addends) {
    columns[addend.column] += addend.sign * counts[addend.metric];
  }
  return domain::MakeRow06a({.received_online = columns[4],
                             .received_direct = columns[5],
                             .carried_over = columns[6],
                             .ended_early = columns[8],
                             .ended_on_time = columns[9],
                             .ended_late = columns[10],
                             .open_in_term = columns[12],
                             .open_overdue = columns[13]});
}

}  // namespace

absl::StatusOr<v1::Report06a> Report06aQueries::Compute(const v1::ComputeReport06aRequest& request,
                                                        absl::Time now) const {
  v1::StatisticsFilter filter;
  if (!request.office().empty()) filter.add_offices(request.office());
  absl::StatusOr<v1::Report06a> report = MakeReport(CurrentReport06aRules(), request, filter, now);
  // The caller sent an office and no filter.
  return report.ok() ? report : RebaseFields("filter.offices", "office", report.status());
}

absl::StatusOr<v1::Report06a> Report06aQueries::ComputeFor(
    const Report06aRules& rules, const v1::ComputeReport06aRequest& request,
    const google::protobuf::RepeatedPtrField<std::string>& offices, absl::Time now) const {
  v1::StatisticsFilter filter;
  *filter.mutable_offices() = offices;
  // The offices are listed already; no succession is looked up.
  filter.set_keep_former_offices(true);
  return MakeReport(rules, request, filter, now);
}

std::vector<std::string> Report06aQueries::OfficesUnder(const std::string& office, absl::Time period_end) const {
  std::vector<std::string> names;
  const auto catalogue = sources_.catalogue->Get();
  for (const auto& [name, known] : catalogue->offices()) {
    // Every office on the way counts, not only the last one: it may be asked for after it was succeeded itself.
    const auto succession = SuccessionOf(catalogue->offices(), name, period_end);
    if (std::find(succession.begin(), succession.end(), office) != succession.end()) names.push_back(name);
  }
  return names;
}

absl::StatusOr<v1::Report06a> Report06aQueries::MakeReport(const Report06aRules& rules,
                                                           const v1::ComputeReport06aRequest& request,
                                                           const v1::StatisticsFilter& filter, absl::Time now) const {
  v1::QueryStatisticsRequest query;
  *query.mutable_period() = request.period();
  *query.mutable_as_of() = request.as_of();
  *query.mutable_filter() = filter;
  query.add_group_by(v1::GROUP_BY_FIELD);
  if (request.by_procedure()) query.add_group_by(v1::GROUP_BY_PROCEDURE);
  for (const Report06aRules::Addend& addend : rules.addends) {
    const auto& metrics = query.metrics();
    if (std::find(metrics.begin(), metrics.end(), addend.metric) == metrics.end()) query.add_metrics(addend.metric);
  }
  TTHC_ASSIGN_OR_RETURN(const v1::QueryStatisticsResponse figures,
                        figures_.Compute(query, LevelsAhead::kOfEvaluation, now));

  v1::Report06a report;
  *report.mutable_basis() = figures.basis();
  report.set_office(request.office());
  report.set_office_display_name(DisplayNameOf(*sources_.catalogue->Get(), request.office()));
  *report.mutable_total() = ToRow(rules, figures.total());
  v1::Report06aRow* field = nullptr;
  int field_number = 0;
  int procedure_number = 0;
  // The query orders its rows by field, then by procedure.
  for (const v1::StatisticsRow& figure : figures.rows()) {
    v1::Report06aRow row = ToRow(rules, figure);
    if (field == nullptr || field->name() != figure.keys(0).name()) {
      field = report.add_rows();
      field->set_number(absl::StrCat(++field_number));
      field->set_name(figure.keys(0).name());
      field->set_display_name(figure.keys(0).display_name());
      procedure_number = 0;
    }
    // A field's row is the sum of its procedures' rows, so that both ways of asking give the same figures.
    domain::AddRow06a(row, *field);
    if (!request.by_procedure()) continue;
    row.set_number(absl::StrCat(field_number, ".", ++procedure_number));
    row.set_name(figure.keys(1).name());
    row.set_display_name(figure.keys(1).display_name());
    // Adding a row may move the others, so the field's row is looked up again.
    *report.add_rows() = std::move(row);
    field = report.mutable_rows(report.rows_size() - 1 - procedure_number);
  }
  // Law 5 is checked on every report: a wrong form must never leave the server.
  TTHC_RETURN_IF_ERROR(domain::CheckReport06a(report));
  return report;
}

}  // namespace tthc::server
