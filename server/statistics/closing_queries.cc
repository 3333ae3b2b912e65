#include "server/statistics/closing_queries.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/call/list_page.h"
#include "server/call/page_token.h"
#include "server/commit/request_ids.h"
#include "server/domain/lifecycle.h"
#include "server/domain/presentation.h"
#include "server/facts/dossier_history.h"
#include "server/statistics/closing_form.h"
#include "server/statistics/counted_rows.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

absl::Status PeriodNotOver(const v1::Period& period) {
  const std::string until = FormatForPeople(FromProto(period.end_time()));
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "PERIOD_NOT_OVER",
                    .message = absl::StrCat("the period runs until ", until,
                                            "; close it then, or ask for its report "
                                            "to date"),
                    .message_vi = absl::StrCat("Kỳ báo cáo kéo dài đến ", until,
                                               "; hãy chốt sau thời điểm đó, còn bây giờ có thể xem báo cáo lũy kế"),
                    .metadata = {{"end_time", FormatRfc3339(FromProto(period.end_time()))}},
                    .field = "period"});
}

absl::Status ClosingNotFound(const std::string& name) {
  return MakeError({.code = absl::StatusCode::kNotFound,
                    .reason = "CLOSING_NOT_FOUND",
                    .message = absl::StrCat("there is no closing \"", name, "\"; see ListClosings"),
                    .message_vi = absl::StrCat("Không có lần chốt kỳ \"", name, "\"; xem danh sách: tthc close list"),
                    .metadata = {{"name", name}},
                    .field = "name"});
}

absl::Status VersionUnknown(const v1::Closing& closing) {
  return MakeError(
      {.code = absl::StatusCode::kFailedPrecondition,
       .reason = "CLOSING_VERSION_UNKNOWN",
       .message = absl::StrCat(closing.name(), " was made by a newer server (form version ", closing.form_version(),
                               ", rule version ", closing.rule_version(), "); check it with that one"),
       .message_vi = absl::StrCat("Lần chốt kỳ \"", closing.name(),
                                  "\" do phiên bản phần mềm mới hơn lập; hãy đối chiếu bằng phiên bản đó"),
       .metadata = {{"closing", closing.name()},
                    {"form_version", absl::StrCat(closing.form_version())},
                    {"rule_version", absl::StrCat(closing.rule_version())}},
       .field = "name"});
}

// What a closing's report asked for.
v1::ComputeReport06aRequest ToRequest(const v1::Closing& closing) {
  v1::ComputeReport06aRequest request;
  // Its name and its times, which must agree: a name that came to mean something else is an error, no other report.
  *request.mutable_period() = closing.report().basis().period();
  request.set_office(closing.report().office());
  request.set_by_procedure(true);
  return request;
}

// The columns that a dossier counts in, such as "4, 12".
std::string ColumnsOf(const FactColumns& columns, const Report06aRules& rules, const ScanPlan& period, size_t row) {
  if (row >= columns.size()) return "";
  std::map<int, int64_t> counts;
  ScanPlan plan = period;
  for (const Report06aRules::Addend& addend : rules.addends) {
    plan.metrics = {addend.metric};
    counts[addend.column] += addend.sign * CountRow(columns, plan, row);
  }
  std::string result;
  for (const auto& [column, count] : counts) {
    if (count > 0) absl::StrAppend(&result, result.empty() ? "" : ", ", column);
  }
  return result;
}

// Without the columns. Amendments and recomputations carry a reason; other events explain themselves.
v1::LaterEvent ToLaterEvent(const v1::Dossier& dossier, const v1::Event& event) {
  v1::LaterEvent later;
  later.set_dossier(domain::DossierName(dossier));
  later.set_revision(event.revision());
  later.set_kind(domain::EventName(event.payload_case()));
  *later.mutable_occur_time() = event.occur_time();
  *later.mutable_record_time() = event.record_time();
  later.set_actor(event.actor());
  if (event.has_amended()) later.set_reason(event.amended().reason());
  if (event.has_recomputed()) later.set_reason(event.recomputed().reason());
  return later;
}

// Thousands of closings with their rows would be more than one answer carries. Nothing of the rows is copied.
v1::Closing WithoutRows(const v1::Closing& closing) {
  v1::Closing shown;
  shown.set_name(closing.name());
  shown.set_digest(closing.digest());
  *shown.mutable_record_time() = closing.record_time();
  shown.set_actor(closing.actor());
  shown.set_note(closing.note());
  *shown.mutable_offices() = closing.offices();
  shown.set_form_version(closing.form_version());
  shown.set_rule_version(closing.rule_version());
  const v1::Report06a& report = closing.report();
  *shown.mutable_report()->mutable_basis() = report.basis();
  shown.mutable_report()->set_office(report.office());
  shown.mutable_report()->set_office_display_name(report.office_display_name());
  *shown.mutable_report()->mutable_total() = report.total();
  return shown;
}

}  // namespace

absl::StatusOr<ClosePeriodCommand> ClosingQueries::Prepare(const RequestContext& context,
                                                           const v1::ClosePeriodRequest& request,
                                                           absl::Time now) const {
  TTHC_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  TTHC_RETURN_IF_ERROR(CheckText("note", request.note(), {.bytes_max = limits::kLongTextBytesMax, .multi_line = true}));
  TTHC_ASSIGN_OR_RETURN(const timing::ResolvedPeriod period, timing::ResolvePeriod(request.period(), now));
  ClosePeriodCommand command{.request_id = request.request_id(),
                             .content_hash = request.request_id().empty() ? 0 : HashContent(request),
                             .repeat = request.repeat()};
  v1::Closing& closing = command.closing;
  closing.set_actor(context.caller.actor);
  closing.set_note(request.note());
  *closing.mutable_report()->mutable_basis()->mutable_period() = timing::PeriodToProto(period);
  closing.mutable_report()->set_office(request.office());
  // Figures of a period that still runs would be out of date with the next event.
  if (period.to > now) return PeriodNotOver(closing.report().basis().period());
  // Stored with the closing: a merger that is recorded later must not change which dossiers it is about.
  if (!request.office().empty()) {
    for (std::string& office : reports_.OfficesUnder(request.office(), period.to)) {
      closing.add_offices(std::move(office));
    }
    if (closing.offices().empty()) {
      return InvalidField("office", "is no office of the catalogue", "không có cơ quan này trong danh mục");
    }
  }
  const Report06aRules& rules = CurrentReport06aRules();
  TTHC_ASSIGN_OR_RETURN(*closing.mutable_report(),
                        reports_.ComputeFor(rules, ToRequest(closing), closing.offices(), now));
  closing.set_rule_version(rules.version);
  closing.set_form_version(kClosingFormVersion);
  TTHC_ASSIGN_OR_RETURN(*closing.mutable_digest(), ClosingDigest(kClosingFormVersion, closing.report()));
  return command;
}

absl::StatusOr<v1::Closing> ClosingQueries::Get(const v1::GetClosingRequest& request) const {
  const auto catalogue = sources_.catalogue->Get();
  const auto found = catalogue->closings().find(request.name());
  if (found == catalogue->closings().end()) return ClosingNotFound(request.name());
  return *found->second;
}

absl::StatusOr<v1::ListClosingsResponse> ClosingQueries::List(const v1::ListClosingsRequest& request) const {
  TTHC_ASSIGN_OR_RETURN(ListPage page, ListPage::Begin(sources_.store->store_id(), request, ListPage::Order::kFalling));
  const auto catalogue = sources_.catalogue->Get();
  v1::ListClosingsResponse response;
  const auto& closings = catalogue->closings();
  for (auto entry = closings.rbegin(); entry != closings.rend(); ++entry) {
    const v1::Closing& closing = *entry->second;
    if (!request.office().empty() && closing.report().office() != request.office()) continue;
    if (!page.Reaches(closing.name())) continue;
    v1::Closing shown = WithoutRows(closing);
    if (page.Fits(shown)) *response.add_closings() = std::move(shown);
  }
  page.End(response);
  return response;
}

absl::StatusOr<v1::CheckClosingResponse> ClosingQueries::Check(const v1::CheckClosingRequest& request,
                                                               absl::Time now) const {
  v1::GetClosingRequest closing_request;
  closing_request.set_name(request.name());
  v1::CheckClosingResponse response;
  TTHC_ASSIGN_OR_RETURN(*response.mutable_closing(), Get(closing_request));
  const v1::Closing& closing = response.closing();
  // Refused rather than computed by other rules: the answer would accuse a closing that is right.
  const Report06aRules* rules = FindReport06aRules(closing.rule_version());
  const absl::StatusOr<std::string> stored_digest = ClosingDigest(closing.form_version(), closing.report());
  if (rules == nullptr || !stored_digest.ok()) return VersionUnknown(closing);
  v1::ComputeReport06aRequest report = ToRequest(closing);
  TTHC_ASSIGN_OR_RETURN(*response.mutable_current(), reports_.ComputeFor(*rules, report, closing.offices(), now));
  report.mutable_as_of()->set_revision(closing.report().basis().revision());
  *report.mutable_as_of()->mutable_time() = closing.report().basis().as_of_time();
  TTHC_ASSIGN_OR_RETURN(*response.mutable_recomputed(), reports_.ComputeFor(*rules, report, closing.offices(), now));
  TTHC_ASSIGN_OR_RETURN(const std::string digest, ClosingDigest(closing.form_version(), response.recomputed()));
  // The second comparison finds a record that was damaged or changed on disk, the first a history that was.
  response.set_digest_matches(digest == closing.digest() && *stored_digest == closing.digest());
  TTHC_RETURN_IF_ERROR(AddLaterEvents(*rules, response));
  return response;
}

absl::Status ClosingQueries::AddLaterEvents(const Report06aRules& rules, v1::CheckClosingResponse& response) const {
  const v1::Closing& closing = response.closing();
  const v1::StatisticsBasis& basis = closing.report().basis();
  TTHC_ASSIGN_OR_RETURN(const auto then, sources_.history->At(basis.revision()));
  const storage::StoreReader reader = sources_.store->Read();
  TTHC_ASSIGN_OR_RETURN(const std::vector<int64_t> changed, ChangedSince(reader, basis.revision()));
  ScanPlan plan;
  plan.bounds = {basis.period().start_time().seconds(), basis.period().end_time().seconds()};
  plan.evaluated = basis.evaluate_time().seconds();
  struct Difference {
    int64_t number;
    std::string then;
    std::string now;
  };
  // Only dossiers with events since the closing can count differently, so only these are compared, row by row.
  std::vector<Difference> differences;
  sources_.index->Read([&](const FactIndex::View& facts) {
    for (const int64_t number : changed) {
      const auto row = static_cast<size_t>(number - 1);
      if (row >= facts.columns.size()) continue;
      const uint16_t office = facts.columns.names[FactColumns::kOffice][row];
      const std::string& name = facts.names.NameOf(facts.columns.codes[FactColumns::kOffice].NameOf(office));
      const auto& offices = closing.offices();
      if (!offices.empty() && std::find(offices.begin(), offices.end(), name) == offices.end()) continue;
      Difference difference{number, ColumnsOf(then->columns, rules, plan, row),
                            ColumnsOf(facts.columns, rules, plan, row)};
      if (difference.then != difference.now) differences.push_back(std::move(difference));
    }
  });
  // Read from the store, outside of the facts' lock. By revision; beyond the bound the newest are dropped: the first
  // event that changed a figure explains most.
  std::map<int64_t, v1::LaterEvent> oldest;
  for (const Difference& difference : differences) {
    TTHC_ASSIGN_OR_RETURN(const auto record, reader.GetDossier(difference.number));
    if (!record.has_value()) continue;
    TTHC_ASSIGN_OR_RETURN(const auto events, LoadEvents(reader, *record, reader.revision()));
    for (const v1::Event& event : events) {
      if (event.revision() <= basis.revision()) continue;
      response.set_later_event_count(response.later_event_count() + 1);
      v1::LaterEvent& later = oldest[event.revision()];
      later = ToLaterEvent(record->dossier(), event);
      later.set_columns_at_closing(difference.then);
      later.set_columns_now(difference.now);
      if (oldest.size() > limits::kLaterEventsShown) oldest.erase(std::prev(oldest.end()));
    }
  }
  for (auto& [revision, later] : oldest) *response.add_later_events() = std::move(later);
  return absl::OkStatus();
}

}  // namespace tthc::server
