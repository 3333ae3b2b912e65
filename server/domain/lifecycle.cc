#include "server/domain/lifecycle.h"

#include "storage/base/check.h"

namespace tthc::domain {
namespace {

struct Row {
  v1::Event::PayloadCase event;
  absl::string_view name_vi;
  bool lifecycle;
  // One sign for each state, in the order of Dossier.State:
  //   . not allowed   = stays   B back   1-9 to that state   A to RETURNED (10)   P to PAUSED (11)
  absl::string_view cells;
};

constexpr Row kTable[kEventCount] = {
    // clang-format off
    //                                                                       0 no dossier
    //                                                                       |1 SUBMITTED
    //                                                                       ||2 ACCEPTED
    //                                                                       |||3 INTAKE_REFUSED
    //                                                                       ||||4 PROCESSING
    //                                                                       |||||5 AWAITING_SUPPLEMENT
    //                                                                       ||||||6 AWAITING_PAYMENT
    //                                                                       |||||||7 WITHDRAWAL_REQUESTED
    //                                                                       ||||||||8 STOPPED
    //                                                                       |||||||||9 FINISHED
    //                                                                       ||||||||||10 RETURNED
    //                                                                       |||||||||||11 PAUSED
    {v1::Event::kSubmitted,                    "nộp trực tuyến",       true,  "1..........."},
    {v1::Event::kAccepted,                     "tiếp nhận",            true,  "22.........."},
    {v1::Event::kIntakeRefused,                "từ chối tiếp nhận",    true,  "33...3......"},
    {v1::Event::kForwarded,                    "chuyển xử lý",         true,  "..4.4......."},
    {v1::Event::kStepTaken,                    "nhận xử lý",           true,  "..4.4......."},
    {v1::Event::kStepDone,                     "xong bước xử lý",      true,  "....4......."},
    {v1::Event::kSupplementRequested,          "yêu cầu bổ sung",      true,  ".55.5......."},
    {v1::Event::kSupplementReceived,           "nhận bổ sung",         true,  ".....B......"},
    {v1::Event::kFinancialObligationRequested, "yêu cầu nghĩa vụ tài chính", true, "..6.6......."},
    {v1::Event::kFinancialObligationMet,       "hoàn thành nghĩa vụ tài chính", true, "......B....."},
    {v1::Event::kPaused,                       "tạm dừng",             true,  "..P.P......."},
    {v1::Event::kResumed,                      "tiếp tục",             true,  ".......B...B"},
    {v1::Event::kOpinionAsked,                 "lấy ý kiến",           true,  "..4.4......."},
    {v1::Event::kOpinionGiven,                 "trả lời ý kiến",       true,  "....====...="},
    {v1::Event::kRescheduled,                  "xin lỗi, hẹn lại",     true,  "..=.=......."},
    {v1::Event::kWithdrawalRequested,          "xin rút hồ sơ",        true,  ".77.777....7"},
    {v1::Event::kStopped,                      "dừng giải quyết",      true,  ".88.8888...8"},
    {v1::Event::kFinished,                     "xử lý xong",           true,  "..9.9..9...."},
    {v1::Event::kReturned,                     "trả kết quả",          true,  ".........A.."},
    {v1::Event::kRated,                        "đánh giá",             false, "..=.========"},
    {v1::Event::kPetitionReceived,             "nhận phản ánh, kiến nghị", false, ".==========="},
    {v1::Event::kPetitionAnswered,             "trả lời phản ánh, kiến nghị", false, ".==========="},
    {v1::Event::kNoted,                        "ghi chú",              false, ".==========="},
    {v1::Event::kDocumentAdded,                "thêm giấy tờ",         false, ".==========="},
    {v1::Event::kPaid,                         "nộp phí, lệ phí",      false, ".==.========"},
    {v1::Event::kAliasAdded,                   "thêm mã của hệ thống khác", false, ".==========="},
    {v1::Event::kAmended,                      "đính chính",           false, ".==========="},
    {v1::Event::kRecomputed,                   "tính lại hẹn trả",     false, "..=.====...="},
    // clang-format on
};

// Checked when it is compiled: rows are found by index, and a row that is missing or out of order would shift all after
// it.
constexpr bool TableIsWhole() {
  for (int i = 0; i < kEventCount; ++i) {
    if (kTable[i].event != kFirstEvent + i || kTable[i].cells.size() != kStateCount) return false;
  }
  return true;
}
static_assert(TableIsWhole(), "a row for each event in the order of the proto, a cell for each state");

const Row* FindRow(v1::Event::PayloadCase event) {
  const int index = static_cast<int>(event) - kFirstEvent;
  return index < 0 || index >= kEventCount ? nullptr : &kTable[index];
}

}  // namespace

Transition FindTransition(v1::Dossier::State from, v1::Event::PayloadCase event) {
  const Row* row = FindRow(event);
  if (row == nullptr || !v1::Dossier::State_IsValid(from)) return {};
  switch (const char cell = row->cells[static_cast<size_t>(from)]) {
    case '.':
      return {};
    case '=':
      return {.kind = Transition::Kind::kStay, .to = from};
    case 'B':
      return {.kind = Transition::Kind::kBack};
    case 'A':
      return {.kind = Transition::Kind::kTo, .to = v1::Dossier::STATE_RETURNED};
    case 'P':
      return {.kind = Transition::Kind::kTo, .to = v1::Dossier::STATE_PAUSED};
    default:
      TTHC_CHECK(cell >= '1' && cell <= '9');
      return {.kind = Transition::Kind::kTo, .to = static_cast<v1::Dossier::State>(cell - '0')};
  }
}

std::vector<std::string> AllowedEvents(v1::Dossier::State from) {
  std::vector<std::string> names;
  for (const Row& row : kTable) {
    if (FindTransition(from, row.event).kind != Transition::Kind::kNotAllowed) names.push_back(EventName(row.event));
  }
  return names;
}

std::string EventName(v1::Event::PayloadCase event) {
  const auto* field = v1::Event::descriptor()->FindFieldByNumber(static_cast<int>(event));
  return field == nullptr ? "" : std::string(field->name());
}

absl::string_view EventNameVi(v1::Event::PayloadCase event) {
  const Row* row = FindRow(event);
  return row == nullptr ? "" : row->name_vi;
}

absl::string_view StateNameVi(v1::Dossier::State state) {
  switch (state) {
    case v1::Dossier::STATE_SUBMITTED:
      return "Mới đăng ký";
    case v1::Dossier::STATE_ACCEPTED:
      return "Được tiếp nhận";
    case v1::Dossier::STATE_INTAKE_REFUSED:
      return "Không được tiếp nhận";
    case v1::Dossier::STATE_PROCESSING:
      return "Đang xử lý";
    case v1::Dossier::STATE_AWAITING_SUPPLEMENT:
      return "Yêu cầu bổ sung giấy tờ";
    case v1::Dossier::STATE_AWAITING_PAYMENT:
      return "Yêu cầu thực hiện nghĩa vụ tài chính";
    case v1::Dossier::STATE_WITHDRAWAL_REQUESTED:
      return "Công dân yêu cầu rút hồ sơ";
    case v1::Dossier::STATE_STOPPED:
      return "Dừng xử lý";
    case v1::Dossier::STATE_FINISHED:
      return "Đã xử lý xong";
    case v1::Dossier::STATE_RETURNED:
      return "Đã trả kết quả";
    case v1::Dossier::STATE_PAUSED:
      return "Tạm dừng tính thời hạn";
    default:
      return "Chưa có hồ sơ";
  }
}

bool IsBeingResolved(v1::Dossier::State state) {
  switch (state) {
    case v1::Dossier::STATE_ACCEPTED:
    case v1::Dossier::STATE_PROCESSING:
    case v1::Dossier::STATE_AWAITING_SUPPLEMENT:
    case v1::Dossier::STATE_AWAITING_PAYMENT:
    case v1::Dossier::STATE_WITHDRAWAL_REQUESTED:
    case v1::Dossier::STATE_PAUSED:
      return true;
    default:
      return false;
  }
}

bool IsOpen(const v1::Dossier& dossier) { return dossier.has_accept_time() && IsBeingResolved(dossier.state()); }

bool HasEnded(v1::Dossier::State state) {
  switch (state) {
    case v1::Dossier::STATE_INTAKE_REFUSED:
    case v1::Dossier::STATE_STOPPED:
    case v1::Dossier::STATE_FINISHED:
    case v1::Dossier::STATE_RETURNED:
      return true;
    default:
      return false;
  }
}

bool IsLifecycleEvent(v1::Event::PayloadCase event) {
  const Row* row = FindRow(event);
  return row != nullptr && row->lifecycle;
}

}  // namespace tthc::domain
