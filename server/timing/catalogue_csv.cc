#include "server/timing/catalogue_csv.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/timing/deadline.h"
#include "storage/base/csv.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"
#include "storage/base/status_macros.h"
#include "storage/base/text.h"

namespace tthc::timing {
namespace {

// Letters, digits and the few signs of codes, so that a code can stand in a resource name and in a file name.
bool IsCode(absl::string_view text) {
  if (text.empty() || text.size() > limits::kCodeBytesMax) return false;
  for (const char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-' && c != '_') return false;
  }
  return true;
}

// "Đăng ký, quản lý cư trú" → "dang-ky-quan-ly-cu-tru". Two fields whose slugs are equal are found as one field with
// two names, which is an error.
std::string Slug(absl::string_view name) {
  std::string slug;
  for (const char c : FoldForSearch(name)) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      slug.push_back(c);
    } else if (!slug.empty() && slug.back() != '-') {
      slug.push_back('-');
    }
  }
  // A slug is ASCII by now, so that cutting it by bytes cuts no letter.
  if (slug.size() > limits::kCodeBytesMax) slug.resize(limits::kCodeBytesMax);
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug;
}

// A row by column names.
class RowView {
 public:
  RowView(const CsvHeader& header, const CsvRow& row) : header_(header), row_(row) {}

  // Without blanks around, composed (NFC); empty if the column is missing.
  std::string Cell(absl::string_view column) const {
    const std::optional<size_t> at = header_.Find(column);
    return at.has_value() ? ToNfc(absl::StripAsciiWhitespace(row_.cells[*at])) : std::string();
  }

  CsvCellError At(absl::string_view column) const {
    return {.line = row_.line, .column = header_.Find(column).value_or(0), .field = column};
  }

  absl::Status CheckShortText(absl::string_view column) const {
    const absl::Status text = CheckText(column, Cell(column), {.bytes_max = limits::kShortTextBytesMax});
    return text.ok() ? text : MakeCsvCellError(At(column), text);
  }

  absl::Status CheckShortTextRequired(absl::string_view column) const {
    if (Cell(column).empty()) return MakeCsvCellError(At(column), "must not be empty", "không được để trống");
    return CheckShortText(column);
  }

  int64_t line() const { return row_.line; }

 private:
  const CsvHeader& header_;
  const CsvRow& row_;
};

// Reads the rows of one file one after the other and keeps what later rows are compared with.
class CatalogueReader {
 public:
  explicit CatalogueReader(const CatalogueCsvOptions& options) : options_(options) {}

  absl::Status ReadRow(const RowView& row) {
    v1::Procedure procedure;
    const std::string code = row.Cell("code");
    if (!IsCode(code)) {
      return MakeCsvCellError(row.At("code"), "must be a procedure code such as 1.004873",
                              "phải là mã thủ tục, ví dụ 1.004873");
    }
    const auto [known, is_new] = line_of_code_.emplace(code, row.line());
    if (!is_new) {
      return MakeCsvCellError(row.At("code"), absl::StrCat(code, " is already on line ", known->second),
                              absl::StrCat("mã ", code, " đã có ở dòng ", known->second));
    }
    TTHC_RETURN_IF_ERROR(row.CheckShortTextRequired("name"));
    TTHC_RETURN_IF_ERROR(row.CheckShortText("max_extension"));
    procedure.set_name(absl::StrCat("procedures/", code));
    procedure.set_display_name(row.Cell("name"));
    procedure.set_start_date(options_.start_date);
    // The law's rule where a decision says nothing else: the whole limit is counted again (rule D12).
    procedure.set_supplement_mode(v1::SUPPLEMENT_MODE_RESTART);
    procedure.set_extension_note(row.Cell("max_extension"));
    procedure.set_reviewed(row.Cell("mark") == "V");
    TTHC_ASSIGN_OR_RETURN(*procedure.mutable_field(), ReadField(row));
    TTHC_RETURN_IF_ERROR(ReadTiming(row, &procedure));
    catalogue_.procedures.push_back(std::move(procedure));
    return absl::OkStatus();
  }

  Catalogue Take() { return std::move(catalogue_); }

 private:
  absl::StatusOr<std::string> ReadField(const RowView& row) {
    TTHC_RETURN_IF_ERROR(row.CheckShortTextRequired("field"));
    const std::string display_name = row.Cell("field");
    const std::string code = row.Cell("field_code");
    if (!code.empty() && !IsCode(code)) {
      return MakeCsvCellError(row.At("field_code"), "must be a field code such as G15-TP07",
                              "phải là mã lĩnh vực, ví dụ G15-TP07");
    }
    const std::string name = absl::StrCat("fields/", code.empty() ? Slug(display_name) : code);
    const auto [known, is_new] = field_names_.emplace(name, display_name);
    // One code with two names would print one of them in reports, whichever came first.
    if (!is_new && known->second != display_name) {
      return MakeCsvCellError(row.At("field"), absl::StrCat("another row calls ", name, " \"", known->second, "\""),
                              absl::StrCat("dòng khác gọi ", name, " là \"", known->second, "\""));
    }
    if (is_new) {
      v1::Field field;
      field.set_name(name);
      field.set_display_name(display_name);
      catalogue_.fields.push_back(std::move(field));
    }
    return name;
  }

  absl::Status ReadTiming(const RowView& row, v1::Procedure* procedure) {
    absl::StatusOr<v1::Limit> limit = ParseLimit(row.Cell("limit"));
    if (!limit.ok()) return MakeCsvCellError(row.At("limit"), limit.status());
    absl::StatusOr<v1::CutOff> cut_off = ParseCutOff(row.Cell("cutoff"));
    if (!cut_off.ok()) return MakeCsvCellError(row.At("cutoff"), cut_off.status());
    // Limits in hours only make sense by the clock. Everything else is a promise of a day.
    procedure->set_counting_rule(limit->unit() == v1::Limit::UNIT_HOUR ? v1::COUNTING_RULE_CLOCK
                                                                       : v1::COUNTING_RULE_DATE);
    *procedure->add_limits()->mutable_limit() = *std::move(limit);
    // Unset and NONE mean the same; unset is how the catalogue has always stored it.
    if (cut_off->kind() != v1::CutOff::KIND_NONE) *procedure->mutable_cut_off() = *std::move(cut_off);
    return absl::OkStatus();
  }

  const CatalogueCsvOptions& options_;
  Catalogue catalogue_;
  // By code, the line that has it.
  std::map<std::string, int64_t> line_of_code_;
  // By resource name, the display name that a row gave it.
  std::map<std::string, std::string> field_names_;
};

}  // namespace

absl::StatusOr<Catalogue> ParseCatalogueCsv(absl::string_view text, const CatalogueCsvOptions& options) {
  if (!ParseIsoDate(options.start_date).ok()) {
    return InvalidField("start_date", "must be an existing day YYYY-MM-DD", "phải là ngày có thật, viết YYYY-MM-DD");
  }
  TTHC_ASSIGN_OR_RETURN(const std::vector<CsvRow> rows, ReadCsv(text, {.comments = true}));
  if (rows.empty()) {
    return MakeCsvCellError({.line = 1, .column = 0, .field = "code"}, "the catalogue is empty",
                            "tệp danh mục không có dòng nào");
  }
  TTHC_ASSIGN_OR_RETURN(const CsvHeader header, CsvHeader::FromRow(rows.front()));
  for (const absl::string_view column : {"code", "name", "field", "limit"}) {
    if (header.Find(column).has_value()) continue;
    return MakeCsvCellError({.line = rows.front().line, .column = 0, .field = column},
                            "the column is missing; the first row must name code, name, field and limit",
                            "thiếu cột; dòng đầu phải có code, name, field và limit");
  }
  // Found here and not by the server in the middle of the import, which sends one procedure a call.
  if (rows.size() > limits::kProceduresMax + 1) {
    return MakeCsvCellError({.line = rows.back().line, .column = 0, .field = "code"},
                            absl::StrCat("more than ", limits::kProceduresMax, " procedures"),
                            absl::StrCat("có hơn ", limits::kProceduresMax, " thủ tục"));
  }
  CatalogueReader reader(options);
  for (size_t i = 1; i < rows.size(); ++i) TTHC_RETURN_IF_ERROR(reader.ReadRow(RowView(header, rows[i])));
  return reader.Take();
}

}  // namespace tthc::timing
