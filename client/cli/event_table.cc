#include "client/cli/event_table.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/base/check.h"
#include "storage/base/text.h"

namespace tthc::cli {
namespace {

using terminal::DescribeOptions;
using terminal::Mask;
using terminal::Pick;
using terminal::Privacy;

using E = v1::Event;

// Submission, acceptance and refusal at intake share the request, so its fields stand here once. A new field of the
// request appears in all three commands, in registers and in histories.
std::vector<FieldSpec> RequestFields() {
  return {
      {{"request.procedure", "procedures"}, "procedure", "--procedure"},
      {{"request.procedure_case"}, "case", "--case"},
      {{"request.area"}, "area", "--area"},
      {{"request.applicant.type"}, "applicant_type", "--applicant-type"},
      {{"request.applicant.display_name"}, "name", "--name"},
      {{"request.applicant.identity_number"}, "identity", "--identity"},
      {{"request.applicant.tax_code"}, "tax_code", "--tax-code"},
      {{"request.applicant.phone_number"}, "phone", "--phone"},
      {{"request.applicant.email"}, "email", "--email"},
      {{"request.applicant.address"}, "address", "--address"},
      {{"request.applicant.representative_name"}, "representative", "--representative"},
      {{"request.applicant.representative_identity_number"}, "representative_identity", "--representative-identity"},
      {{"request.office", "offices"}, "office", "--office"},
      {{"request.competent_office", "offices"}, "competent_office", "--competent-office"},
      {{"request.channel"}, "channel", "--channel"},
      {{"request.return_channel"}, "return_channel", "--return-channel"},
      {{"request.content"}, "request", "--request"},
      {{"request.documents"}, "documents", "--documents"},
      {{"request.aliases"}, "alias", "--alias"}};
}

// The request first: its columns lead a register.
std::vector<FieldSpec> With(std::vector<FieldSpec> first, const std::vector<FieldSpec>& then) {
  first.insert(first.end(), then.begin(), then.end());
  return first;
}

// Events that open a dossier. The examples of all rows are run by people who learn the program, so they fit together:
// the same dossier 0001 from its submission to its rating.
std::vector<EventSpec> MakeIntakeSpecs() {
  return {
      {E::kSubmitted,
       "submit",
       {"nộp trực tuyến", "submitted"},
       {"Ghi nhận hồ sơ nộp trực tuyến, chưa tiếp nhận", "Record an on-line submission, not accepted yet"},
       "--procedure 1.004873 --office H24.60.4 --channel online --name \"Nguyễn Thị Hòa\"",
       RequestFields()},
      {E::kAccepted,
       "accept",
       {"tiếp nhận", "accepted"},
       {"Tiếp nhận hồ sơ, cấp mã và hẹn trả; có CODE thì tiếp nhận hồ sơ đã nộp trực tuyến",
        "Accept a dossier, issue its code and due time; with CODE accept what was submitted on-line"},
       "--procedure 1.004873 --office H24.60.4 --channel counter --name \"Nguyễn Thị Hòa\" --phone 0912345678",
       With(RequestFields(), {{{"assigned_code"}, "code", "--code"},
                              {{"unit", "units"}, "unit", "--unit"},
                              {{"officer", "officers"}, "officer", "--officer"},
                              {{"agreed_limit"}, "agreed_limit", "--agreed-limit"},
                              {{"agreed_limit_basis"}, "agreed_basis", "--agreed-basis"},
                              {{"fee_vnd"}, "fee", "--fee"}})},
      {E::kIntakeRefused,
       "refuse",
       {"từ chối tiếp nhận", "intake refused"},
       {"Từ chối tiếp nhận (mẫu 03); từ chối giải quyết thì dùng finish --result refused",
        "Refuse at intake (form 03); to refuse after examination use finish --result refused"},
       "0001 --reason \"Không thuộc thẩm quyền\"",
       With(RequestFields(), {{{"reason"}, "reason", "--reason"}})},
  };
}

// Who has the dossier, and who is asked about it. The unit may be typed without its option, because it is never left
// out.
std::vector<EventSpec> MakeStepSpecs() {
  return {
      {E::kForwarded,
       "forward",
       {"chuyển xử lý", "forwarded"},
       {"Chuyển hồ sơ cho đơn vị xử lý", "Hand the dossier over to a unit"},
       "0001 tu-phap --officer nv-binh --limit 1wd",
       {{{"to_unit", "units"}, "unit", "unit,--to"},
        {{"to_officer", "officers"}, "officer", "--officer"},
        {{"from_unit", "units"}, "from_unit", "--from"},
        {{"from_officer", "officers"}, "from_officer", "--from-officer"},
        {{"step_limit"}, "limit", "--limit"},
        {{"note"}, "note", "--note"}}},
      {E::kStepTaken,
       "take",
       {"nhận xử lý", "step taken"},
       {"Đơn vị nhận hồ sơ vào xử lý", "A unit takes the dossier in hand"},
       "0001 tu-phap --officer nv-binh",
       {{{"unit", "units"}, "unit", "unit,--unit"},
        {{"officer", "officers"}, "officer", "--officer"},
        {{"office", "offices"}, "office", "--office"},
        {{"step_limit"}, "limit", "--limit"}}},
      {E::kStepDone,
       "done",
       {"xong bước xử lý", "step done"},
       {"Đơn vị làm xong phần việc của mình", "A unit has done its part"},
       "0001 tu-phap --note \"Đã trình ký\"",
       {{{"unit", "units"}, "unit", "unit,--unit"},
        {{"officer", "officers"}, "officer", "--officer"},
        {{"note"}, "note", "--note"}}},
      {E::kOpinionAsked,
       "opinion ask",
       {"lấy ý kiến", "opinion asked"},
       {"Lấy ý kiến đơn vị khác; thời hạn vẫn tính", "Ask another unit; the clock runs on"},
       "0001 cong-an --content \"Xác nhận cư trú\" --limit 1wd",
       {{{"unit", "units"}, "unit", "unit,--unit"},
        {{"content"}, "content", "--content"},
        {{"limit"}, "limit", "--limit"}}},
      {E::kOpinionGiven,
       "opinion give",
       {"trả lời ý kiến", "opinion given"},
       {"Đơn vị được hỏi trả lời", "The unit that was asked answers"},
       "0001 cong-an --content \"Đúng nơi cư trú\"",
       {{{"unit", "units"}, "unit", "unit,--unit"}, {{"content"}, "content", "--content"}}},
  };
}

// What stops the clock and starts it again, and the one move of the appointment. The help says what happens to the
// clock, since that is what clerks ask.
std::vector<EventSpec> MakeWaitSpecs() {
  return {
      {E::kSupplementRequested,
       "supplement ask",
       {"yêu cầu bổ sung", "supplement requested"},
       {"Yêu cầu bổ sung hồ sơ (mẫu 02), chỉ một lần; thời hạn dừng",
        "Ask for a supplement (form 02), once; the clock stops"},
       "0001 --content \"Bản sao giấy chứng tử\" --reason \"Thiếu thành phần hồ sơ\"",
       {{{"content"}, "content", "--content"},
        {{"reason"}, "reason", "--reason"},
        {{"override_approver"}, "approver", "--override-approver"},
        {{"override_reason"}, "override_reason", "--override-reason"},
        {{"officer", "officers"}, "officer", "--officer"}}},
      {E::kSupplementReceived,
       "supplement receive",
       {"nhận bổ sung", "supplement received"},
       {"Nhận giấy tờ bổ sung; thời hạn tính tiếp", "The supplement came in; the clock goes on"},
       "0001 --note \"Đủ giấy tờ\"",
       {{{"note"}, "note", "--note"}}},
      {E::kFinancialObligationRequested,
       "pay ask",
       {"yêu cầu nghĩa vụ tài chính", "payment requested"},
       {"Yêu cầu thực hiện nghĩa vụ tài chính; thời hạn dừng", "Ask for a financial obligation; the clock pauses"},
       "0001 --amount 1500000 --document \"TB 15/CCT\"",
       {{{"amount_vnd"}, "amount", "--amount"},
        {{"document"}, "document", "--document"},
        {{"note"}, "note", "--note"}}},
      {E::kFinancialObligationMet,
       "pay met",
       {"hoàn thành nghĩa vụ tài chính", "payment met"},
       {"Đã thực hiện nghĩa vụ tài chính; thời hạn tính tiếp", "The financial obligation is met; the clock goes on"},
       "0001 --amount 1500000",
       {{{"amount_vnd"}, "amount", "--amount"},
        {{"document"}, "document", "--document"},
        {{"note"}, "note", "--note"}}},
      {E::kPaused,
       "pause",
       {"tạm dừng", "paused"},
       {"Tạm dừng tính thời hạn theo lý do và văn bản", "Stop the clock for a typed reason with its document"},
       "0001 --reason posting --document \"TB 12/UBND\"",
       {{{"reason"}, "reason", "--reason"}, {{"document"}, "document", "--document"}, {{"note"}, "note", "--note"}}},
      {E::kResumed,
       "resume",
       {"tiếp tục", "resumed"},
       {"Tiếp tục tính thời hạn; cũng để hủy yêu cầu rút hồ sơ", "Let the clock go on; also takes a withdrawal back"},
       "0001",
       {{{"document"}, "document", "--document"}, {{"note"}, "note", "--note"}}},
      {E::kRescheduled,
       "reschedule",
       {"xin lỗi, hẹn lại", "rescheduled"},
       {"Xin lỗi và hẹn lại ngày trả (mẫu 04), một lần, trước hạn ít nhất một ngày",
        "Apologise and appoint anew (form 04), once, at least a day before due"},
       "0001 \"27/11/2026 17:00\" --reason \"Chờ xác minh\" --approver \"Chủ tịch UBND\" --document \"TXL 03\"",
       {{{"new_due_time"}, "new_due", "time,--to"},
        {{"reason"}, "reason", "--reason"},
        {{"approver"}, "approver", "--approver"},
        {{"document"}, "document", "--document"},
        {{"late_notice"}, "late_notice", "--late-notice"}}},
  };
}

// The end of resolving and what follows it. The clock ends at `finish`; `return` does not change any figure of
// lateness.
std::vector<EventSpec> MakeEndSpecs() {
  return {
      {E::kWithdrawalRequested,
       "withdraw",
       {"xin rút hồ sơ", "withdrawal requested"},
       {"Người nộp xin rút hồ sơ", "The applicant asks to withdraw"},
       "0001 --reason \"Không còn nhu cầu\"",
       {{{"reason"}, "reason", "--reason"}}},
      {E::kStopped,
       "stop",
       {"dừng giải quyết", "stopped"},
       {"Dừng giải quyết hồ sơ (mẫu 05)", "Stop resolving (form 05)"},
       "0001 --reason \"Theo đơn xin rút\" --approver \"Phó Chủ tịch\"",
       {{{"reason"}, "reason", "--reason"},
        {{"approver"}, "approver", "--approver"},
        {{"document"}, "document", "--document"}}},
      {E::kFinished,
       "finish",
       {"xử lý xong", "finished"},
       {"Hồ sơ đã xử lý xong; thời hạn kết thúc ở đây", "The dossier is resolved; the clock ends here"},
       "0001 --result granted --document \"GXN 25/2026\"",
       {{{"result"}, "result", "--result"},
        {{"reason"}, "reason", "--reason"},
        {{"document"}, "document", "--document"},
        {{"officer", "officers"}, "officer", "--officer"},
        {{"electronic_result"}, "electronic", "--electronic"},
        {{"late_reason"}, "late_reason", "--late-reason"}}},
      {E::kReturned,
       "return",
       {"trả kết quả", "returned"},
       {"Trả kết quả cho người nộp", "Hand the result over"},
       "0001 --channel counter --receiver \"Nguyễn Thị Hòa\"",
       {{{"channel"}, "return_channel", "--channel"},
        {{"receiver_name"}, "receiver", "--receiver"},
        {{"officer", "officers"}, "officer", "--officer"}}},
      {E::kRated,
       "rate",
       {"đánh giá", "rated"},
       {"Người dân đánh giá, mỗi giai đoạn một lần", "Rated by the applicant, once per phase"},
       "0001 very-satisfied --phase result",
       {{{"level"}, "level", "level,--level"},
        {{"phase"}, "phase", "--phase"},
        {{"comment"}, "content", "--comment"},
        {{"channel"}, "channel", "--channel"}}},
  };
}

// What changes neither state nor clock. The last two have no command here: `amend` and `calendar recompute` record
// them, and their rows serve histories.
std::vector<EventSpec> MakeOtherSpecs() {
  return {
      {E::kPetitionReceived,
       "petition receive",
       {"nhận phản ánh, kiến nghị", "petition received"},
       {"Nhận phản ánh, kiến nghị về hồ sơ; trả lời trong 15 ngày làm việc",
        "A petition about the dossier; 15 working days"},
       "0001 PA-01 --content \"Chậm trả kết quả\"",
       {{{"petition_id"}, "petition", "id,--id"},
        {{"content"}, "content", "--content"},
        {{"channel"}, "form", "--channel"}}},
      {E::kPetitionAnswered,
       "petition answer",
       {"trả lời phản ánh, kiến nghị", "petition answered"},
       {"Trả lời phản ánh, kiến nghị", "Answer a petition"},
       "0001 PA-01 --content \"Đã giải thích\" --upheld no",
       {{{"petition_id"}, "petition", "id,--id"},
        {{"content"}, "content", "--content"},
        {{"upheld"}, "upheld", "--upheld"}}},
      {E::kNoted,
       "note",
       {"ghi chú", "noted"},
       {"Ghi chú vào hồ sơ", "Add a note"},
       "0001 \"Đã gọi điện báo người nộp\"",
       {{{"text"}, "content", "text,--text"}}},
      {E::kDocumentAdded,
       "document",
       {"thêm giấy tờ", "document added"},
       {"Thêm giấy tờ vào hồ sơ", "Add a paper to the dossier"},
       "0001 \"Bản sao CCCD\" --form \"bản sao\" --count 1",
       {{{"document.display_name"}, "content", "name,--name"},
        {{"document.code"}, "document", "--document-code"},
        {{"document.form"}, "form", "--form"},
        {{"document.copy_count"}, "count", "--count"},
        {{"document.digitized"}, "digitized", "--digitized"}}},
      {E::kPaid,
       "paid",
       {"nộp phí, lệ phí", "fee paid"},
       {"Ghi nhận phí, lệ phí đã nộp", "Record a fee that was paid"},
       "0001 15000 --online yes --receipt BL-0093",
       {{{"amount_vnd"}, "amount", "amount,--amount"},
        {{"online"}, "paid_online", "--online"},
        {{"receipt"}, "receipt", "--receipt"}}},
      {E::kAliasAdded,
       "alias",
       {"thêm mã của hệ thống khác", "alias added"},
       {"Ghi mã của hệ thống khác cho hồ sơ", "Record another system's code for the dossier"},
       "0001 G22.99-261126-000123 --system dvcqg",
       {{{"alias"}, "alias", "alias,--alias"}, {{"system"}, "system", "--system"}}},
      {E::kAmended,
       "",
       {"đính chính", "amended"},
       {"Đính chính một sự kiện", "Correct an event"},
       "",
       {{{"reason"}, "reason"}, {{"approver"}, "approver"}, {{"basis"}, "document"}}},
      {E::kRecomputed,
       "",
       {"tính lại hẹn trả", "recomputed"},
       {"Tính lại hẹn trả theo lịch mới", "Counted again under another calendar"},
       "",
       {{{"reason"}, "reason"}, {{"due_time"}, "new_due"}}},
  };
}

std::vector<EventSpec> MakeSpecs() {
  std::vector<EventSpec> specs;
  for (auto* make : {&MakeIntakeSpecs, &MakeStepSpecs, &MakeWaitSpecs, &MakeEndSpecs, &MakeOtherSpecs}) {
    for (EventSpec& spec : (*make)()) specs.push_back(std::move(spec));
  }
  return specs;
}

}  // namespace

// The order is that of a register as people read it: whose, what, when, how it ended, then what single events need.
// Import finds columns by their headers, so a column may be added anywhere, but a header that was exported once must
// stay readable.
const std::vector<ColumnSpec>& Columns() {
  static const auto* const columns = new std::vector<ColumnSpec>{
      {"kind", {"Loại", "Kind"}},
      {"time", {"Thời điểm", "Time"}},
      {"code", {"Mã hồ sơ", "Dossier code"}},
      {"procedure", {"Mã TTHC", "Procedure"}},
      {"case", {"Trường hợp", "Case"}},
      {"area", {"Địa bàn", "Area"}},
      {"applicant_type", {"Loại đối tượng", "Applicant type"}},
      {"name", {"Tên tổ chức, cá nhân", "Applicant"}, Privacy::kName},
      {"identity", {"Số định danh", "Identity number"}, Privacy::kNumber},
      {"tax_code", {"Mã số thuế", "Tax code"}, Privacy::kNumber},
      {"phone", {"Số điện thoại", "Phone"}, Privacy::kNumber},
      {"email", {"Thư điện tử", "E-mail"}, Privacy::kHidden},
      {"address", {"Địa chỉ", "Address"}, Privacy::kHidden},
      {"representative", {"Người được ủy quyền", "Representative"}, Privacy::kName},
      {"representative_identity", {"Số định danh người được ủy quyền", "Representative identity"}, Privacy::kNumber},
      {"office", {"Cơ quan", "Office"}},
      {"competent_office", {"Cơ quan giải quyết", "Competent office"}},
      {"channel", {"Kênh", "Channel"}},
      {"return_channel", {"Phương thức nhận kết quả", "Return channel"}},
      {"request", {"Nội dung yêu cầu", "Request"}, Privacy::kHidden},
      {"documents", {"Thành phần hồ sơ", "Documents"}},
      {"alias", {"Mã khác", "Alias"}},
      {"unit", {"Đơn vị", "Unit"}},
      {"officer", {"Công chức", "Officer"}},
      {"agreed_limit", {"Thời hạn thỏa thuận", "Agreed limit"}},
      {"agreed_basis", {"Căn cứ thỏa thuận", "Agreed basis"}},
      {"fee", {"Phí, lệ phí", "Fee"}},
      {"accept_time", {"Nhận hồ sơ", "Accepted"}},
      {"due_time", {"Hẹn trả", "Due"}},
      {"finish_time", {"Ngày xử lý xong", "Finished"}},
      {"result", {"Kết quả", "Result"}},
      {"return_time", {"Trả kết quả", "Returned"}},
      {"receiver", {"Người nhận", "Receiver"}, Privacy::kName},
      {"reason", {"Lý do", "Reason"}},
      {"late_reason", {"Lý do chậm", "Reason of lateness"}},
      {"electronic", {"Kết quả điện tử", "Electronic result"}},
      {"document", {"Văn bản", "Document"}},
      {"from_unit", {"Đơn vị giao", "From unit"}},
      {"from_officer", {"Công chức giao", "From officer"}},
      {"limit", {"Thời hạn bước", "Step limit"}},
      {"content", {"Nội dung", "Content"}},
      {"note", {"Ghi chú", "Note"}},
      {"approver", {"Người duyệt", "Approver"}},
      {"override_reason", {"Lý do ngoại lệ", "Override reason"}},
      {"amount", {"Số tiền", "Amount"}},
      {"paid_online", {"Nộp trực tuyến", "Paid on-line"}},
      {"receipt", {"Biên lai", "Receipt"}},
      {"new_due", {"Hẹn mới", "New due time"}},
      {"late_notice", {"Báo muộn", "Late notice"}},
      {"level", {"Mức đánh giá", "Rating"}},
      {"phase", {"Giai đoạn", "Phase"}},
      {"petition", {"Mã phản ánh", "Petition"}},
      {"upheld", {"Phản ánh đúng", "Upheld"}},
      {"form", {"Hình thức", "Form"}},
      {"count", {"Số lượng", "Count"}},
      {"digitized", {"Số hóa", "Digitized"}},
      {"system", {"Hệ thống", "System"}},
  };
  return *columns;
}

const ColumnSpec* FindColumn(absl::string_view key) {
  for (const ColumnSpec& column : Columns()) {
    if (key == column.key) return &column;
  }
  return nullptr;
}

const std::vector<EventSpec>& EventSpecs() {
  static const auto* const specs = new std::vector<EventSpec>(MakeSpecs());
  return *specs;
}

const EventSpec* FindEventSpec(v1::Event::PayloadCase payload) {
  for (const EventSpec& spec : EventSpecs()) {
    if (spec.payload == payload) return &spec;
  }
  return nullptr;
}

const EventSpec* FindEventKind(absl::string_view text) {
  // Labels of both languages and the name of the proto lead to the kind, folded.
  // Made once, because importing a register looks up the kind of each row.
  static const auto* const kinds = [] {
    auto* by_text = new std::map<std::string, const EventSpec*>();
    for (const EventSpec& spec : EventSpecs()) {
      for (const std::string& name :
           {std::string(spec.label.vi), std::string(spec.label.en), PayloadName(spec.payload)}) {
        (*by_text)[FoldForSearch(name)] = &spec;
      }
    }
    return by_text;
  }();
  const auto found = kinds->find(FoldForSearch(text));
  return found == kinds->end() ? nullptr : found->second;
}

std::string PayloadName(v1::Event::PayloadCase payload) {
  const auto* field = v1::Event::descriptor()->FindFieldByNumber(payload);
  return field == nullptr ? "" : std::string(field->name());
}

google::protobuf::Message& MutablePayload(v1::Event& event, v1::Event::PayloadCase payload) {
  const auto* field = v1::Event::descriptor()->FindFieldByNumber(payload);
  // Every row of the table has a field in the proto; a missing one is a mistake in this file.
  TTHC_CHECK(field != nullptr);
  return *event.GetReflection()->MutableMessage(&event, field);
}

const google::protobuf::Message* FindPayload(const v1::Event& event) {
  const auto* field = v1::Event::descriptor()->FindFieldByNumber(event.payload_case());
  return field == nullptr ? nullptr : &event.GetReflection()->GetMessage(event, field);
}

std::vector<EventDetail> DescribeEvent(const v1::Event& event, const DescribeOptions& options) {
  std::vector<EventDetail> details;
  const EventSpec* spec = FindEventSpec(event.payload_case());
  if (spec == nullptr) return details;
  const google::protobuf::Message* payload = FindPayload(event);
  for (const FieldSpec& field : spec->fields) {
    std::string text = DescribeField(*payload, field.field, options.lang);
    if (text.empty()) continue;
    const ColumnSpec* column = FindColumn(field.column);
    // Masked by the column: the same kind of value is masked alike in every event.
    if (!options.reveal) text = Mask(column->privacy, text);
    details.push_back({column, std::move(text)});
  }
  return details;
}

std::string SummarizeEvent(const v1::Event& event, const DescribeOptions& options) {
  return absl::StrJoin(DescribeEvent(event, options), " · ", [&](std::string* out, const EventDetail& detail) {
    absl::StrAppend(out, Pick(detail.column->header, options.lang), ": ", detail.text);
  });
}

}  // namespace tthc::cli
