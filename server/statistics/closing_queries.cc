#include "server/service/closing_queries.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "server/domain/lifecycle.h"
#include "server/service/dossier_commands.h"
#include "server/service/dossier_history.h"
#include "storage/base/check.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::server {
namespace {

// Columns of form 06a by the metric that they count.
struct Column {
  int number;
  v1::Metric metric;
};
constexpr Column kColumns[] = {
    {4, v1::METRIC_RECEIVED_ONLINE},   {5, v1::METRIC_RECEIVED_AT_COUNTER}, {5, v1::METRIC_RECEIVED_BY_POST},
    {6, v1::METRIC_CARRIED_OVER},      {8, v1::METRIC_ENDED_EARLY_06A},     {9, v1::METRIC_ENDED_ON_TIME_06A},
    {10, v1::METRIC_ENDED_LATE_06A},   {12, v1::METRIC_OPEN_IN_TERM},       {13, v1::METRIC_OPEN_OVERDUE},
};

std::string Digest(v1::Report06a report) {
  report.clear_office_display_name();
  for (v1::Report06aRow& row : *report.mutable_rows()) row.clear_display_name();
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    report.SerializeToCodedStream(&coded);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int size = 0;
  TTHC_CHECK(EVP_Digest(bytes.data(), bytes.size(), hash.data(), &size, EVP_sha256(), nullptr) == 1);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(hash.data()), size));
}

absl::Status PeriodNotOver(const v1::Period& period) {
  const std::string until = FormatForPeople(FromProto(period.to_time()));
  return MakeError({.code = absl::StatusCode::kFailedPrecondition,
                    .reason = "PERIOD_NOT_OVER",
                    .message = absl::StrCat("the period runs until ", until, "; close it then, or ask for its report "
                                            "to date"),
                    .message_vi = absl::StrCat("Kỳ báo cáo kéo dài đến ", until,
                                               "; hãy chốt sau thời điểm đó, còn bây giờ có thể xem báo cáo lũy kế"),
                    .metadata = {{"to_time", FormatRfc3339(FromProto(period.to_time()))}},
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

// What a closing's report asked for.
v1::GetReport06aRequest ToRequest(const v1::Closing& closing) {
  v1::GetReport06aRequest request;
  // Its name and its times, which must agree: a name that came to mean something else is an error, no other report.
  *request.mutable_period() = closing.report().basis().period();
  request.set_office(closing.report().office());
  request.set_by_procedure(true);
  return request;
}

// "4, 12": where a dossier counts.
std::string ColumnsOf(const FactColumns& columns, const ScanPlan& period, size_t row) {
  if (row >= columns.size()) return "";
  std::string result;
  ScanPlan plan = period;
  for (const Column& column : kColumns) {
    plan.metrics = {column.metric};
    if (CountRow(columns, plan, row) > 0) absl::StrAppend(&result, result.empty() ? "" : ", ", column.number);
  }
  return result;
}

v1::LaterEvent ToLaterEvent(const v1::Dossier& dossier, const v1::Event& event) {
  v1::LaterEvent later;
  later.set_dossier(DossierName(dossier));
  later.set_revision(event.revision());
  later.set_kind(domain::EventName(event.payload_case()));
  *later.mutable_occur_time() = event.occur_time();
  *later.mutable_record_time() = event.record_time();
  later.set_actor(event.actor());
  if (event.has_amended()) later.set_reason(event.amended().reason());
  if (event.has_recomputed()) later.set_reason(event.recomputed().reason());
  return later;
}

}  // namespace

absl::Status CheckNotClosed(const Catalogue& catalogue, const v1::Closing& closing) {
  const v1::Period& period = closing.report().basis().period();
  for (const auto& [name, known] : catalogue.closings()) {
    const v1::Period& other = known->report().basis().period();
    const bool same = FromProto(other.from_time()) == FromProto(period.from_time()) &&
                      FromProto(other.to_time()) == FromProto(period.to_time()) &&
                      known->report().office() == closing.report().office();
    if (!same) continue;
    return MakeError({.code = absl::StatusCode::kAlreadyExists,
                      .reason = "PERIOD_CLOSED",
                      .message = absl::StrCat("this period is closed as ", name,
                                              "; check that one, or set again to close it once more"),
                      .message_vi = absl::StrCat("Kỳ này đã chốt (", name,
                                                 "); hãy đối chiếu lần chốt đó, hoặc chốt lại bằng --again"),
                      .metadata = {{"closing", name}},
                      .field = "period"});
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Closing> ClosingQueries::Prepare(const v1::ClosePeriodRequest& request, const std::string& actor,
                                                    absl::Time now) const {
  TTHC_RETURN_IF_ERROR(
      CheckText("note", request.note(), {.bytes_max = limits::kLongTextBytesMax, .multi_line = true}));
  TTHC_ASSIGN_OR_RETURN(const domain::ResolvedPeriod period, domain::ResolvePeriod(request.period(), now));
  v1::Closing closing;
  closing.set_actor(actor);
  closing.set_note(request.note());
  *closing.mutable_report()->mutable_basis()->mutable_period() = domain::PeriodToProto(period);
  closing.mutable_report()->set_office(request.office());
  if (period.to > now) return PeriodNotOver(closing.report().basis().period());
  if (!request.office().empty()) {
    for (std::string& office : figures_.OfficesUnder(request.office(), period.to)) {
      closing.add_offices(std::move(office));
    }
    if (closing.offices().empty()) {
      return InvalidField("office", "is no office of the catalogue", "không có cơ quan này trong danh mục");
    }
  }
  TTHC_ASSIGN_OR_RETURN(*closing.mutable_report(), figures_.ReportOf(ToRequest(closing), closing.offices(), now));
  closing.set_digest(Digest(closing.report()));
  return closing;
}

absl::StatusOr<v1::CheckClosingResponse> ClosingQueries::Check(const v1::CheckClosingRequest& request,
                                                               absl::Time now) const {
  const auto catalogue = catalogue_.Get();
  const auto found = catalogue->closings().find(request.name());
  if (found == catalogue->closings().end()) return ClosingNotFound(request.name());
  v1::CheckClosingResponse response;
  v1::Closing& closing = *response.mutable_closing();
  closing = *found->second;
  v1::GetReport06aRequest report = ToRequest(closing);
  TTHC_ASSIGN_OR_RETURN(*response.mutable_current(), figures_.ReportOf(report, closing.offices(), now));
  report.mutable_as_of()->set_revision(closing.report().basis().revision());
  *report.mutable_as_of()->mutable_time() = closing.report().basis().as_of_time();
  TTHC_ASSIGN_OR_RETURN(*response.mutable_recomputed(), figures_.ReportOf(report, closing.offices(), now));
  response.set_digest_matches(Digest(response.recomputed()) == closing.digest() &&
                              Digest(closing.report()) == closing.digest());
  TTHC_RETURN_IF_ERROR(AddLaterEvents(response));
  return response;
}

absl::Status ClosingQueries::AddLaterEvents(v1::CheckClosingResponse& response) const {
  const v1::Closing& closing = response.closing();
  const v1::StatisticsBasis& basis = closing.report().basis();
  TTHC_ASSIGN_OR_RETURN(const auto then, as_of_.At(basis.revision()));
  const storage::StoreReader reader = store_.Read();
  TTHC_ASSIGN_OR_RETURN(const std::vector<int64_t> changed, ChangedSince(reader, basis.revision()));
  ScanPlan plan;
  plan.bounds = {basis.period().from_time().seconds(), basis.period().to_time().seconds()};
  plan.judged = basis.judged_time().seconds();
  struct Difference {
    int64_t number;
    std::string then;
    std::string now;
  };
  std::vector<Difference> differences;
  index_.Read([&](const FactIndex::View& facts) {
    for (const int64_t number : changed) {
      const auto row = static_cast<size_t>(number - 1);
      if (row >= facts.columns.size()) continue;
      const uint16_t office = facts.columns.names[FactColumns::kOffice][row];
      const std::string& name = facts.names.NameOf(facts.columns.codes[FactColumns::kOffice].NameOf(office));
      const auto& offices = closing.offices();
      if (!offices.empty() && std::find(offices.begin(), offices.end(), name) == offices.end()) continue;
      Difference difference{number, ColumnsOf(then->columns, plan, row), ColumnsOf(facts.columns, plan, row)};
      if (difference.then != difference.now) differences.push_back(std::move(difference));
    }
  });
  // The oldest ones, if there are more than are shown.
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
      later.set_columns_then(difference.then);
      later.set_columns_now(difference.now);
      if (oldest.size() > limits::kLaterEventsShown) oldest.erase(std::prev(oldest.end()));
    }
  }
  for (auto& [revision, later] : oldest) *response.add_later_events() = std::move(later);
  return absl::OkStatus();
}

}  // namespace tthc::server
