#include "client/cli/register_format.h"

#include <algorithm>
#include <array>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/dossier_lookup.h"
#include "client/cli/field_value.h"
#include "client/terminal/format.h"
#include "client/terminal/suggest.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::cli {
namespace {

using terminal::FormatExactTime;
using terminal::ParseTimeOption;
using terminal::Suggest;
using terminal::UsageError;

// Columns of registers that repeat what other columns or the catalogue have.
constexpr std::array kIgnoredColumns = {"stt", "tt", "ten tthc", "ten thu tuc", "linh vuc", "ky nhan", "ghi chu so"};
// Columns that import adds to its file of errors.
constexpr std::array kErrorColumnHeads = {"loi:", "error:"};

// Headers that registers of centers have today, folded, and the key of the column that they mean.
struct Synonym {
  const char* folded;
  const char* key;
};
constexpr std::array kSynonyms = {
    Synonym{"ma so ho so", "code"},
    Synonym{"thu tuc", "procedure"},
    Synonym{"ma thu tuc", "procedure"},
    Synonym{"ho va ten", "name"},
    Synonym{"nguoi nop", "name"},
    Synonym{"so cccd", "identity"},
    Synonym{"sdt", "phone"},
    Synonym{"dien thoai", "phone"},
    Synonym{"email", "email"},
    Synonym{"kenh tiep nhan", "channel"},
    Synonym{"ngay nhan", "accept_time"},
    Synonym{"ngay nhan ho so", "accept_time"},
    Synonym{"ngay hen tra", "due_time"},
    Synonym{"hen tra ket qua", "due_time"},
    Synonym{"xu ly xong", "finish_time"},
    Synonym{"ngay tra", "return_time"},
    Synonym{"ngay tra ket qua", "return_time"},
};

bool IsIgnored(const std::string& folded) {
  for (const char* ignored : kIgnoredColumns) {
    if (folded == ignored) return true;
  }
  // By the beginning and in both languages: an earlier run may have written the file in the other one.
  for (const char* head : kErrorColumnHeads) {
    if (absl::StartsWith(folded, head)) return true;
  }
  return false;
}

int FindColumnIndex(const std::string& folded) {
  // A header may be a synonym, the key of a column, or its name in either language.
  std::string key = folded;
  for (const Synonym& synonym : kSynonyms) {
    if (folded == synonym.folded) key = synonym.key;
  }
  const std::vector<ColumnSpec>& columns = Columns();
  for (size_t i = 0; i < columns.size(); ++i) {
    if (key == columns[i].key || folded == FoldForSearch(columns[i].header.vi) ||
        folded == FoldForSearch(columns[i].header.en)) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

absl::Status HeaderError(const std::string& name, const std::string& message, const std::string& message_vi) {
  return MakeError({.code = absl::StatusCode::kInvalidArgument,
                    .reason = "REGISTER_HEADER",
                    .message = message,
                    .message_vi = message_vi,
                    .metadata = {{"column", name}},
                    .field = "header"});
}

absl::Status UnknownColumn(const std::string& name) {
  std::vector<std::string> known;
  for (const ColumnSpec& column : Columns()) known.push_back(FoldForSearch(column.header.vi));
  // Compared without diacritics, then shown as it is written in a register.
  std::string near = Suggest(FoldForSearch(name), known);
  for (const ColumnSpec& column : Columns()) {
    if (!near.empty() && FoldForSearch(column.header.vi) == near) near = column.header.vi;
  }
  return HeaderError(
      name,
      absl::StrCat("the column \"", name, "\" is not known",
                   near.empty() ? "" : absl::StrCat("; did you mean \"", near, "\""),
                   "; see tthc import --template, or take the column out"),
      absl::StrCat("không có cột \"", name, "\"", near.empty() ? "" : absl::StrCat("; có phải ý bạn là \"", near, "\""),
                   "; xem tthc import --template, hoặc bỏ cột này"));
}

// Columns of a register row that belong to its end, not to its acceptance.
const std::vector<const char*>& FinishedColumns() {
  static const auto* const columns =
      new std::vector<const char*>{"result", "reason", "document", "late_reason", "electronic"};
  return *columns;
}
const std::vector<const char*>& ReturnedColumns() {
  static const auto* const columns = new std::vector<const char*>{"return_channel", "receiver"};
  return *columns;
}

bool Contains(const std::vector<const char*>& keys, absl::string_view key) {
  return std::any_of(keys.begin(), keys.end(), [&](const char* each) { return key == each; });
}

}  // namespace

absl::StatusOr<RegisterFormat> RegisterFormat::FromHeader(const CsvRow& row) {
  TTHC_RETURN_IF_ERROR(row.status);
  TTHC_RETURN_IF_ERROR(CsvHeader::FromRow(row).status());
  RegisterFormat format;
  format.header_ = row.cells;
  for (size_t i = 0; i < row.cells.size(); ++i) {
    const std::string folded = FoldForSearch(row.cells[i]);
    // These repeat what other columns or the catalogue say, or were added by an earlier import.
    if (IsIgnored(folded)) continue;
    const int column = FindColumnIndex(folded);
    if (column < 0) return UnknownColumn(row.cells[i]);
    format.places_[Columns()[static_cast<size_t>(column)].key] = i;
  }
  // Only the code identifies a dossier over several runs; without it nothing could be imported twice safely.
  if (format.HeaderOf("code").empty()) {
    return HeaderError("code", "the column \"Mã hồ sơ\" is missing; see tthc import --template",
                       "thiếu cột \"Mã hồ sơ\"; xem tthc import --template");
  }
  return format;
}

std::string RegisterFormat::HeaderOf(absl::string_view key) const {
  const auto place = places_.find(std::string(key));
  return place == places_.end() ? "" : header_[place->second];
}

std::string RegisterFormat::Cell(const CsvRow& row, absl::string_view key) const {
  const auto place = places_.find(std::string(key));
  if (place == places_.end() || place->second >= row.cells.size()) return "";
  return std::string(absl::StripAsciiWhitespace(row.cells[place->second]));
}

absl::Status RegisterFormat::FillEvent(const CsvRow& row, const EventSpec& spec, const std::vector<const char*>& only,
                                       v1::Event& event, std::string* error_column) const {
  google::protobuf::Message& payload = MutablePayload(event, spec.payload);
  // The bound for late entries does not hold for what an older register says.
  event.set_imported(true);
  for (const FieldSpec& field : spec.fields) {
    if (!only.empty() && !Contains(only, field.column)) continue;
    const std::string cell = Cell(row, field.column);
    if (cell.empty()) continue;
    // Before the attempt, so that it names the column whatever is wrong with the cell.
    *error_column = HeaderOf(field.column);
    TTHC_RETURN_IF_ERROR(SetField(payload, field.field, *error_column, cell));
  }
  error_column->clear();
  return absl::OkStatus();
}

absl::Status RegisterFormat::FillTime(const CsvRow& row, absl::string_view key, v1::Event& event,
                                      std::string* error_column) const {
  *error_column = HeaderOf(key);
  const std::string cell = Cell(row, key);
  if (cell.empty()) {
    // By the name in the template, because the file may have no such column at all.
    const std::string column = FindColumn(key)->header.vi;
    return UsageError(column, "is empty", "còn trống");
  }
  TTHC_ASSIGN_OR_RETURN(const absl::Time time, ParseTimeOption(*error_column, cell));
  *event.mutable_occur_time() = ToProto(time);
  error_column->clear();
  return absl::OkStatus();
}

absl::Status RegisterFormat::ParseEventRow(const CsvRow& row, const std::string& kind, RegisterRow& parsed,
                                           std::string* error_column) const {
  const EventSpec* spec = FindEventKind(kind);
  // A kind without a command is recorded by other means, never by a row.
  if (spec == nullptr || *spec->command == '\0') {
    *error_column = HeaderOf("kind");
    std::vector<std::string> kinds;
    for (const EventSpec& each : EventSpecs()) {
      if (*each.command != '\0') kinds.emplace_back(each.label.vi);
    }
    return UsageError(*error_column, absl::StrCat("\"", kind, "\" is none of ", absl::StrJoin(kinds, ", ")),
                      absl::StrCat("\"", kind, "\" không phải một trong: ", absl::StrJoin(kinds, ", ")));
  }
  v1::Event& event = parsed.events.emplace_back();
  TTHC_RETURN_IF_ERROR(FillTime(row, "time", event, error_column));
  return FillEvent(row, *spec, {}, event, error_column);
}

absl::Status RegisterFormat::ParseRegisterRow(const CsvRow& row, RegisterRow& parsed, std::string* error_column) const {
  // Filled before the next event is added: adding may move the events, and the reference would dangle.
  v1::Event& accepted = parsed.events.emplace_back();
  TTHC_RETURN_IF_ERROR(FillTime(row, "accept_time", accepted, error_column));
  TTHC_RETURN_IF_ERROR(FillEvent(row, *FindEventSpec(v1::Event::kAccepted), {}, accepted, error_column));

  const bool returned = !Cell(row, "return_time").empty();
  const bool finished = !Cell(row, "finish_time").empty();
  if (finished || returned) {
    v1::Event& event = parsed.events.emplace_back();
    // A register without a date for the end of resolving: the day of returning is the best that is known.
    TTHC_RETURN_IF_ERROR(FillTime(row, finished ? "finish_time" : "return_time", event, error_column));
    // A finished row without a result was granted; a filled column overwrites this below.
    event.mutable_finished()->set_result(v1::Finished::RESULT_GRANTED);
    TTHC_RETURN_IF_ERROR(FillEvent(row, *FindEventSpec(v1::Event::kFinished), FinishedColumns(), event, error_column));
  }
  if (returned) {
    v1::Event& event = parsed.events.emplace_back();
    TTHC_RETURN_IF_ERROR(FillTime(row, "return_time", event, error_column));
    TTHC_RETURN_IF_ERROR(FillEvent(row, *FindEventSpec(v1::Event::kReturned), ReturnedColumns(), event, error_column));
  }
  const std::string promised = Cell(row, "due_time");
  if (!promised.empty()) {
    *error_column = HeaderOf("due_time");
    TTHC_ASSIGN_OR_RETURN(parsed.promised, ParseTimeOption(*error_column, promised));
    // Ten characters are a date alone: it promises the day and no hour.
    parsed.promised_date_only = promised.size() == 10;
    error_column->clear();
  }
  return absl::OkStatus();
}

absl::StatusOr<RegisterRow> RegisterFormat::Parse(const CsvRow& row, std::string* error_column) const {
  error_column->clear();
  TTHC_RETURN_IF_ERROR(row.status);
  RegisterRow parsed;
  parsed.line = row.line;
  parsed.code = Cell(row, "code");
  if (parsed.code.empty()) {
    *error_column = HeaderOf("code");
    return UsageError(*error_column, "is empty", "còn trống");
  }
  // A row with a kind is one event. Without it the row is a whole dossier, as the registers of centers have it.
  const std::string kind = Cell(row, "kind");
  TTHC_RETURN_IF_ERROR(kind.empty() ? ParseRegisterRow(row, parsed, error_column)
                                    : ParseEventRow(row, kind, parsed, error_column));
  return parsed;
}

std::string RegisterFormat::ColumnOfField(absl::string_view field) const {
  // Two columns may hold it: "Thời điểm" of event rows, otherwise "Nhận hồ sơ" of register rows.
  if (absl::EndsWith(field, "occur_time")) {
    const std::string time = HeaderOf("time");
    return time.empty() ? HeaderOf("accept_time") : time;
  }
  for (const EventSpec& spec : EventSpecs()) {
    const std::string head = absl::StrCat(PayloadName(spec.payload), ".");
    const size_t at = field.find(head);
    // Only a whole word of the path counts: the name of one payload may be the end of another one's.
    if (at == absl::string_view::npos || (at > 0 && field[at - 1] != '.')) continue;
    const absl::string_view path = field.substr(at + head.size());
    for (const FieldSpec& known : spec.fields) {
      // An error at "request.documents[2].display_name" belongs to the column of "request.documents".
      const absl::string_view known_path = known.field.path;
      if (path == known_path || absl::StartsWith(path, absl::StrCat(known_path, "[")) ||
          absl::StartsWith(path, absl::StrCat(known_path, "."))) {
        return HeaderOf(known.column);
      }
    }
  }
  return "";
}

std::vector<std::string> RegisterHeader() {
  std::vector<std::string> header;
  for (const ColumnSpec& column : Columns()) header.emplace_back(column.header.vi);
  return header;
}

namespace {

size_t ColumnIndex(absl::string_view key) {
  for (size_t i = 0; i < Columns().size(); ++i) {
    if (key == Columns()[i].key) return i;
  }
  return Columns().size();
}

// Aliases that no event in force names: the code before acceptance.
std::string HiddenAliases(const v1::Dossier& dossier, const std::vector<v1::Event>& events) {
  // The code has a column of its own.
  std::set<std::string> written = {dossier.code()};
  for (const v1::Event& event : events) {
    if (event.has_alias_added()) written.insert(event.alias_added().alias());
    for (const auto* request : {&event.submitted().request(), &event.accepted().request()}) {
      written.insert(request->aliases().begin(), request->aliases().end());
    }
  }
  std::vector<std::string> hidden;
  for (const std::string& alias : dossier.aliases()) {
    if (written.count(alias) == 0) hidden.push_back(alias);
  }
  return absl::StrJoin(hidden, "|");
}

}  // namespace

std::vector<std::vector<std::string>> RegisterRowsOf(const v1::Dossier& dossier,
                                                     const std::vector<v1::Event>& in_force) {
  const std::string code = DossierCode(dossier);
  const size_t alias_column = ColumnIndex("alias");
  std::vector<std::vector<std::string>> rows;
  for (const v1::Event& event : in_force) {
    const EventSpec* spec = FindEventSpec(event.payload_case());
    if (spec == nullptr) continue;
    std::vector<std::string>& row = rows.emplace_back(Columns().size());
    row[ColumnIndex("kind")] = spec->label.vi;
    row[ColumnIndex("time")] = FormatExactTime(FromProto(event.occur_time()));
    for (const FieldSpec& field : spec->fields) {
      row[ColumnIndex(field.column)] = GetField(*FindPayload(event), field.field);
    }
    // After the fields: an acceptance has the assigned code in the same column, which may be empty.
    row[ColumnIndex("code")] = code;
  }
  const std::string hidden = HiddenAliases(dossier, in_force);
  // On the row that opens the dossier, so that it can be found by the same codes wherever it is imported.
  if (!rows.empty() && !hidden.empty()) {
    std::string& cell = rows.front()[alias_column];
    cell = cell.empty() ? hidden : absl::StrCat(cell, "|", hidden);
  }
  return rows;
}

// One dossier as a register row and one as event rows: both forms of the file, with values that import accepts.
std::string RegisterTemplate() {
  const auto row = [](std::vector<std::pair<const char*, const char*>> values) {
    std::vector<std::string> cells(Columns().size());
    for (const auto& [key, value] : values) cells[ColumnIndex(key)] = value;
    return cells;
  };
  const char* const first = "H24.99.1-260105-0001";
  const char* const second = "H24.99.1-260105-0002";
  // Always with the mark, because a template is opened in Excel, which spoils the diacritics without it.
  std::string text = kCsvBom;
  AppendCsvRow(RegisterHeader(), {}, &text);
  AppendCsvRow(row({{"code", first},
                    {"procedure", "1.004873"},
                    {"name", "Nguyễn Thị Hòa"},
                    {"identity", "031190001234"},
                    {"phone", "0912345678"},
                    {"address", "Thôn 1, xã Hợp Tiến"},
                    {"office", "H24.99.1"},
                    {"channel", "Trực tiếp"},
                    {"accept_time", "05/01/2026 08:15"},
                    {"due_time", "08/01/2026"},
                    {"finish_time", "07/01/2026 15:30"},
                    {"result", "Đồng ý"},
                    {"return_time", "08/01/2026 09:00"}}),
               {}, &text);
  AppendCsvRow(row({{"kind", "tiếp nhận"},
                    {"time", "05/01/2026 09:40"},
                    {"code", second},
                    {"procedure", "1.004222"},
                    {"name", "Trần Văn Bình"},
                    {"office", "H24.99.1"},
                    {"channel", "Trực tiếp"}}),
               {}, &text);
  const auto add = [&](std::vector<std::pair<const char*, const char*>> values) {
    values.push_back({"code", second});
    AppendCsvRow(row(std::move(values)), {}, &text);
  };
  add({{"kind", "chuyển xử lý"}, {"time", "05/01/2026 10:00"}, {"unit", "vp"}, {"limit", "1wd"}});
  add({{"kind", "yêu cầu bổ sung"},
       {"time", "06/01/2026 08:00"},
       {"content", "Giấy tờ chứng minh chỗ ở"},
       {"reason", "Thiếu thành phần hồ sơ"}});
  add({{"kind", "nhận bổ sung"}, {"time", "07/01/2026 08:30"}});
  add({{"kind", "xử lý xong"}, {"time", "12/01/2026 16:00"}, {"result", "Đồng ý"}, {"document", "TB 15/2026"}});
  add({{"kind", "trả kết quả"},
       {"time", "13/01/2026 08:00"},
       {"return_channel", "Trực tiếp"},
       {"receiver", "Trần Văn Bình"}});
  add({{"kind", "đánh giá"}, {"time", "13/01/2026 08:05"}, {"level", "Rất hài lòng"}, {"phase", "Trả kết quả"}});
  return text;
}

bool SaysTheSame(const v1::Event& row, const v1::Event& existing) {
  if (row.payload_case() != existing.payload_case()) return false;
  if (FromProto(row.occur_time()) != FromProto(existing.occur_time())) return false;
  const EventSpec* spec = FindEventSpec(row.payload_case());
  if (spec == nullptr) return false;
  for (const FieldSpec& field : spec->fields) {
    // Codes identify the dossier; the server sets them, so they are not compared.
    if (absl::string_view(field.column) == "alias" && row.payload_case() != v1::Event::kAliasAdded) continue;
    if (absl::string_view(field.column) == "code") continue;
    const std::string said = GetField(*FindPayload(row), field.field);
    // The server stores texts in NFC; spreadsheets may write the same letters decomposed. Empty cells say nothing, so
    // they contradict nothing.
    if (!said.empty() && ToNfc(said) != GetField(*FindPayload(existing), field.field)) return false;
  }
  return true;
}

}  // namespace tthc::cli
