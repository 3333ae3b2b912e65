#include "client/cli/register_import.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/dossier_lookup.h"
#include "client/cli/history.h"
#include "client/cli/register_errors.h"
#include "client/cli/register_format.h"
#include "client/sdk/request_id.h"
#include "client/terminal/format.h"
#include "client/terminal/progress.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"

namespace tthc::cli {
namespace {

using terminal::FormatTableTime;
using terminal::Progress;
using terminal::ReadFile;
using terminal::Session;
using terminal::UsageError;

constexpr size_t kChunkBytes = 1 << 16;
// All are counted, but more lines would hide the result.
constexpr int64_t kWarningsShown = 20;
// Dossiers compared by one call: with all their texts they stay far below the limit of one message.
constexpr size_t kPromisesBatch = 100;

bool Opens(const v1::Event& event) {
  return event.has_submitted() || event.has_accepted() || event.has_intake_refused();
}

// A row whose commands are sent: counted once all of them are answered.
struct RowInFlight {
  RegisterRow row;
  std::vector<std::string> cells;
  // Text of the row: names its requests.
  std::string fingerprint;
  size_t pending = 0;
  bool added = false;
  // Counted as added, already there or refused. Only the first outcome counts.
  bool settled = false;
};
using Row = std::shared_ptr<RowInFlight>;

// Consecutive rows of one dossier.
struct Group {
  std::string code;
  std::vector<Row> rows;
};

// Reads, sends and settles rows on one thread. Within a dossier rows keep their order, and the row that opens it is
// answered before the others are sent; meanwhile other dossiers go on, so that the stream stays full.
// Answers arrive inside Append and Flush, in the order of the commands (sent_). OnAck must not call the writer, so what
// an answer releases is only queued (opened_, existing_), and SendGroup or Drain sends it.
// Memory is bounded by the window of the writer and by one group of rows, not by the file.
class Importer {
 public:
  Importer(Session& session, const ImportOptions& options)
      : session_(session),
        options_(options),
        errors_(options.errors_path),
        progress_(session, session.Say({"Nhập", "Importing"})) {}

  absl::StatusOr<ImportCounts> Run();

 private:
  struct Sent {
    // Rows that the outcome of the command settles.
    std::vector<Row> rows;
    // Set for the command that opens a dossier: the rows that wait for it.
    std::shared_ptr<Group> group;
    std::string code;
  };

  absl::Status ReadAll(std::istream& in, int64_t size);
  absl::Status TakeRow(CsvRow row);
  void ReportSkippedLines(int64_t next_line);
  absl::Status SendGroup();
  absl::Status OpenDossier(const std::shared_ptr<Group>& group);
  absl::Status AppendRows(const std::string& code, const std::vector<Row>& rows);
  absl::Status AppendMissing(Group& group);
  absl::Status Send(v1::StreamAppendRequest command, Sent sent);
  absl::Status Drain();
  void OnAck(const v1::StreamAppendResponse& response);
  void OnOpened(const Sent& sent, const v1::StreamAppendResponse& response, const absl::Status& error);
  void Refuse(const Row& row, const absl::Status& status, std::string column);
  void Done(const Row& row, bool added);
  absl::Status ComparePromises(bool all);

  Session& session_;
  const ImportOptions& options_;
  RegisterErrors errors_;
  Progress progress_;
  ImportCounts counts_;
  std::optional<RegisterFormat> format_;
  int64_t head_revision_ = 0;
  // Line of the last row if it was malformed: an unclosed quote swallows the lines after it.
  int64_t malformed_line_ = 0;
  std::unique_ptr<sdk::BulkWriter> writer_;
  std::shared_ptr<Group> group_;
  // In the order of their acks.
  std::deque<Sent> sent_;
  std::unordered_map<std::string, int> codes_in_flight_;
  // Opened by this run: their other rows may be sent.
  std::deque<std::shared_ptr<Group>> opened_;
  // Existed before: each event is compared first.
  std::deque<std::shared_ptr<Group>> existing_;
  // Rows whose promise is to be compared.
  std::deque<Row> promised_;
  absl::Status error_;
};

absl::StatusOr<ImportCounts> Importer::Run() {
  if (!options_.check_only) {
    // The head before the run separates what this run adds from what an earlier one did: the server answers a repeated
    // request id with the revision of then.
    v1::ListChangesRequest request;
    request.set_page_size(1);
    TTHC_ASSIGN_OR_RETURN(const v1::ListChangesResponse head, session_.client().ListChanges(request));
    head_revision_ = head.head_revision();
    writer_ = session_.client().OpenBulkWriter(
        [this](const v1::StreamAppendRequest&, const v1::StreamAppendResponse& response) { OnAck(response); });
  }
  if (options_.path == "-") {
    TTHC_RETURN_IF_ERROR(ReadAll(*session_.environment().in, 0));
  } else {
    std::ifstream file(options_.path, std::ios::binary);
    std::error_code error;
    const auto size = std::filesystem::file_size(options_.path, error);
    // For the wording of its error.
    if (!file.is_open() || error) return ReadFile(session_, options_.path).status();
    TTHC_RETURN_IF_ERROR(ReadAll(file, static_cast<int64_t>(size)));
  }
  TTHC_RETURN_IF_ERROR(SendGroup());
  TTHC_RETURN_IF_ERROR(Drain());
  TTHC_RETURN_IF_ERROR(ComparePromises(/*all=*/true));
  TTHC_RETURN_IF_ERROR(error_);
  return counts_;
}

absl::Status Importer::ReadAll(std::istream& in, int64_t size) {
  CsvReader reader({});
  std::vector<char> chunk(kChunkBytes);
  int64_t bytes = 0;
  int64_t lines = 1;
  bool more = true;
  while (more) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    const std::streamsize got = in.gcount();
    more = got > 0;
    more ? reader.Feed(absl::string_view(chunk.data(), static_cast<size_t>(got))) : reader.Finish();
    bytes += got;
    lines += std::count(chunk.begin(), chunk.begin() + got, '\n');
    for (std::optional<CsvRow> row = reader.Next(); row.has_value(); row = reader.Next()) {
      TTHC_RETURN_IF_ERROR(TakeRow(*std::move(row)));
      TTHC_RETURN_IF_ERROR(error_);
    }
    // By bytes, because the number of rows is known only at the end.
    progress_.Show(size > 0 ? bytes : counts_.rows, size);
  }
  ReportSkippedLines(lines);
  if (format_.has_value()) return absl::OkStatus();
  return UsageError(options_.path, "is empty; see tthc import --template",
                    "không có dòng nào; xem tthc import --template");
}

void Importer::ReportSkippedLines(int64_t next_line) {
  const int64_t first = std::exchange(malformed_line_, 0) + 1;
  if (first == 1 || next_line <= first) return;
  session_.Warn(absl::StrCat(
      session_.Say({"không đọc được dòng ", "lines "}), first, "–", next_line - 1,
      session_.Say({" vì lỗi dấu nháy ở dòng ", " could not be read because of the quotes on line "}), first - 1,
      session_.Say({"; hãy sửa dòng đó trong tệp gốc rồi nhập lại cả tệp",
                    "; correct that line in the original file and import it again"})));
}

absl::Status Importer::TakeRow(CsvRow row) {
  ReportSkippedLines(row.line);
  if (!row.status.ok()) malformed_line_ = row.line;
  if (!format_.has_value()) {
    TTHC_ASSIGN_OR_RETURN(format_, RegisterFormat::FromHeader(row));
    errors_.SetHeader(format_->header());
    return absl::OkStatus();
  }
  ++counts_.rows;
  auto in_flight = std::make_shared<RowInFlight>();
  std::string column;
  absl::StatusOr<RegisterRow> parsed = format_->Parse(row, &column);
  in_flight->cells = std::move(row.cells);
  in_flight->row.line = row.line;
  if (!parsed.ok()) {
    Refuse(in_flight, parsed.status(), std::move(column));
    return absl::OkStatus();
  }
  in_flight->row = *std::move(parsed);
  // The form is checked by now; what needs the catalogue or the dossier only a server can check.
  if (options_.check_only) return absl::OkStatus();
  in_flight->fingerprint = absl::StrJoin(in_flight->cells, "\x1f");
  // Neighboring rows of one code. The bound keeps memory small whatever the file holds: no dossier may have more
  // events, so the server refuses what comes after them.
  const bool same =
      group_ != nullptr && group_->code == in_flight->row.code && group_->rows.size() < limits::kEventsPerDossierMax;
  if (!same) {
    TTHC_RETURN_IF_ERROR(SendGroup());
    group_ = std::make_shared<Group>();
    group_->code = in_flight->row.code;
  }
  group_->rows.push_back(std::move(in_flight));
  return absl::OkStatus();
}

absl::Status Importer::SendGroup() {
  const std::shared_ptr<Group> group = std::exchange(group_, nullptr);
  if (group == nullptr) return absl::OkStatus();
  // A register need not keep the rows of a dossier together.
  // Earlier commands of this dossier must be answered before its events are compared or added to.
  if (codes_in_flight_.count(group->code) > 0) TTHC_RETURN_IF_ERROR(Drain());
  if (Opens(group->rows.front()->row.events.front())) {
    TTHC_RETURN_IF_ERROR(OpenDossier(group));
  } else {
    existing_.push_back(group);
  }
  // Sending delivers answers, and these release rows of earlier groups.
  while (!opened_.empty() || !existing_.empty()) {
    if (!opened_.empty()) {
      const std::shared_ptr<Group> next = opened_.front();
      opened_.pop_front();
      TTHC_RETURN_IF_ERROR(AppendRows(next->code, next->rows));
    } else {
      const std::shared_ptr<Group> next = existing_.front();
      existing_.pop_front();
      TTHC_RETURN_IF_ERROR(AppendMissing(*next));
    }
  }
  return ComparePromises(/*all=*/false);
}

// Waits for every answer, and sends the rows that waited for these answers, until nothing is left.
absl::Status Importer::Drain() {
  if (writer_ == nullptr) return absl::OkStatus();
  while (true) {
    TTHC_RETURN_IF_ERROR(writer_->Flush());
    if (opened_.empty() && existing_.empty()) return absl::OkStatus();
    while (!opened_.empty()) {
      const std::shared_ptr<Group> next = opened_.front();
      opened_.pop_front();
      TTHC_RETURN_IF_ERROR(AppendRows(next->code, next->rows));
    }
    while (!existing_.empty()) {
      const std::shared_ptr<Group> next = existing_.front();
      existing_.pop_front();
      TTHC_RETURN_IF_ERROR(AppendMissing(*next));
    }
  }
}

absl::Status Importer::OpenDossier(const std::shared_ptr<Group>& group) {
  v1::StreamAppendRequest command;
  v1::CreateDossierRequest& create = *command.mutable_create();
  Sent sent;
  sent.code = group->code;
  // A submission and its acceptance go together: only the acceptance can carry the code.
  const bool submitted = group->rows.front()->row.events.front().has_submitted();
  const bool accepted_next = submitted && group->rows.size() > 1 && group->rows[1]->row.events.front().has_accepted();
  sent.rows.assign(group->rows.begin(), group->rows.begin() + (accepted_next ? 2 : 1));
  group->rows.erase(group->rows.begin(), group->rows.begin() + (accepted_next ? 2 : 1));
  std::string fingerprint;
  for (const Row& row : sent.rows) {
    absl::StrAppend(&fingerprint, row->fingerprint, "\x1e");
    for (const v1::Event& event : row->row.events) {
      v1::Event& added = *create.add_events();
      added = event;
      if (added.has_accepted()) added.mutable_accepted()->set_assigned_code(group->code);
    }
  }
  // Without an acceptance no event can carry the code of the register, so it becomes an alias.
  if (submitted && !accepted_next)
    create.mutable_events(0)->mutable_submitted()->mutable_request()->add_aliases(group->code);
  if (create.events(0).has_intake_refused()) {
    create.mutable_events(0)->mutable_intake_refused()->mutable_request()->add_aliases(group->code);
  }
  // Made from the rows: a second run sends the same id and records nothing twice. A row that was corrected has another
  // id.
  create.set_request_id(sdk::RequestIdFor(absl::StrCat(group->code, "\x1d", fingerprint)));
  sent.group = group;
  return Send(std::move(command), std::move(sent));
}

absl::Status Importer::AppendRows(const std::string& code, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    row->pending = row->row.events.size();
    for (size_t i = 0; i < row->row.events.size(); ++i) {
      v1::StreamAppendRequest command;
      v1::AppendEventRequest& append = *command.mutable_append();
      // By the code: a register knows no uid.
      append.set_parent(DossierName(code));
      *append.mutable_event() = row->row.events[i];
      append.set_request_id(sdk::RequestIdFor(absl::StrCat(code, "\x1d", row->fingerprint, "\x1d", i)));
      TTHC_RETURN_IF_ERROR(Send(std::move(command), {.rows = {row}, .group = nullptr, .code = code}));
    }
  }
  return absl::OkStatus();
}

// Adds only those events of the group that the dossier does not have yet.
absl::Status Importer::AppendMissing(Group& group) {
  const absl::StatusOr<std::vector<v1::Event>> events = FetchEvents(session_.client(), DossierName(group.code));
  if (!events.ok()) {
    // A lost connection ends the run; any other error concerns this dossier alone.
    if (sdk::IsTransient(events.status())) return events.status();
    for (const Row& row : group.rows) Refuse(row, events.status(), "");
    return absl::OkStatus();
  }
  const std::vector<v1::Event> in_force = EventsInForce(*events);
  std::vector<Row> missing;
  for (const Row& row : group.rows) {
    std::vector<v1::Event> left;
    for (const v1::Event& event : row->row.events) {
      // Request ids are forgotten after three days; from then on this comparison keeps a later run from recording
      // twice.
      const bool there = std::any_of(in_force.begin(), in_force.end(),
                                     [&](const v1::Event& existing) { return SaysTheSame(event, existing); });
      if (!there) left.push_back(event);
    }
    if (left.empty()) {
      Done(row, /*added=*/false);
      continue;
    }
    row->row.events = std::move(left);
    missing.push_back(row);
  }
  return AppendRows(group.code, missing);
}

absl::Status Importer::Send(v1::StreamAppendRequest command, Sent sent) {
  // Before Append, which may deliver answers already.
  ++codes_in_flight_[sent.code];
  sent_.push_back(std::move(sent));
  return writer_->Append(std::move(command));
}

void Importer::OnAck(const v1::StreamAppendResponse& response) {
  const Sent sent = std::move(sent_.front());
  sent_.pop_front();
  const auto code = codes_in_flight_.find(sent.code);
  if (--code->second == 0) codes_in_flight_.erase(code);
  const absl::Status error = FromRpcStatus(response.error());
  if (sent.group != nullptr) return OnOpened(sent, response, error);
  const Row& row = sent.rows.front();
  if (!error.ok()) Refuse(row, error, format_->ColumnOfField(ErrorField(error)));
  // A row of several events counts as added if one of them is new.
  row->added = row->added || (error.ok() && response.revision() > head_revision_);
  if (--row->pending == 0) Done(row, row->added);
}

void Importer::OnOpened(const Sent& sent, const v1::StreamAppendResponse& response, const absl::Status& error) {
  const std::shared_ptr<Group>& group = sent.group;
  const bool new_now = error.ok() && response.revision() > head_revision_;
  if (new_now) {
    for (const Row& row : sent.rows) Done(row, /*added=*/true);
    if (!group->rows.empty()) opened_.push_back(group);
    return;
  }
  // The dossier is there, from an earlier run or another source, so its rows are compared one by one.
  if (error.ok() || error.code() == absl::StatusCode::kAlreadyExists) {
    group->rows.insert(group->rows.begin(), sent.rows.begin(), sent.rows.end());
    existing_.push_back(group);
    return;
  }
  for (const Row& row : sent.rows) Refuse(row, error, format_->ColumnOfField(ErrorField(error)));
  const std::string line = absl::StrCat(sent.rows.front()->row.line);
  // The other rows need the one that was refused. They go to the same file, which then holds the whole dossier.
  const absl::Status follow =
      MakeError({.code = absl::StatusCode::kFailedPrecondition,
                 .reason = "OPENING_ROW_REFUSED",
                 .message = absl::StrCat("line ", line, ", which opens this dossier, was refused"),
                 .message_vi = absl::StrCat("dòng ", line, " mở hồ sơ này đã bị từ chối"),
                 .metadata = {{"line", line}}});
  for (const Row& row : group->rows) Refuse(row, follow, "");
}

void Importer::Refuse(const Row& row, const absl::Status& status, std::string column) {
  if (std::exchange(row->settled, true)) return;
  ++counts_.refused;
  const RowError error{.line = row->row.line, .column = std::move(column), .status = status};
  const absl::Status written = errors_.Add(error, row->cells);
  // OnAck can return nothing, so ReadAll and Run look at this.
  if (!written.ok() && error_.ok()) error_ = written;
}

void Importer::Done(const Row& row, bool added) {
  if (std::exchange(row->settled, true)) return;
  ++(added ? counts_.added : counts_.already_there);
  if (row->row.promised.has_value()) promised_.push_back(row);
}

// Warns where the register promised another time than the one computed by law. Reads dossiers in batches.
absl::Status Importer::ComparePromises(bool all) {
  while (promised_.size() >= kPromisesBatch || (all && !promised_.empty())) {
    v1::BatchGetDossiersRequest request;
    std::vector<Row> rows;
    while (!promised_.empty() && rows.size() < kPromisesBatch) {
      rows.push_back(std::move(promised_.front()));
      promised_.pop_front();
      request.add_names(DossierName(rows.back()->row.code));
      request.set_view(v1::DOSSIER_VIEW_BASIC);
    }
    TTHC_ASSIGN_OR_RETURN(const v1::BatchGetDossiersResponse response, session_.client().BatchGetDossiers(request));
    for (size_t i = 0; i < rows.size(); ++i) {
      // Dossiers come in the order of the names.
      const v1::Due& due = response.dossiers(static_cast<int>(i)).due();
      const RegisterRow& row = rows[i]->row;
      const auto agrees = [&](const google::protobuf::Timestamp& time) {
        const absl::Time computed = FromProto(time);
        return row.promised_date_only ? LocalDayNumber(computed) == LocalDayNumber(*row.promised)
                                      : computed == *row.promised;
      };
      // The original one, too: a register may promise what was valid before a reschedule.
      if (agrees(due.due_time()) || agrees(due.original_due_time())) continue;
      if (++counts_.warnings > kWarningsShown) continue;
      session_.Warn(absl::StrCat(session_.Say({"dòng ", "line "}), row.line, ", ", row.code,
                                 session_.Say({": sổ hẹn ", ": the register promised "}),
                                 FormatTableTime(*row.promised), session_.Say({", tính ra ", ", computed "}),
                                 FormatTableTime(due.original_due_time())));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ImportCounts> ImportRegister(Session& session, const ImportOptions& options) {
  return Importer(session, options).Run();
}

}  // namespace tthc::cli
