#include "client/cli/metric_words.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/terminal/suggest.h"

namespace tthc::cli {
namespace {

using terminal::Lang;
using terminal::Pick;
using terminal::Suggest;
using terminal::UsageError;

// The kind of a metric follows from its number: the first number of each kind.
constexpr int kFirstAtEnd = v1::METRIC_OPEN;
constexpr int kFirstShare = v1::METRIC_ON_TIME_SHARE_06A;
constexpr int kFirstDistribution = v1::METRIC_HANDLING_TIME;
constexpr size_t kSuggestionsMax = 5;

using MetricWordList = std::vector<MetricWord>;

// The meanings name the column of form 06a, or the rule, that a count follows: several metrics have nearly the same
// name, and people choose by this sentence. docs/statistics.md has the exact definitions.
MetricWordList ReceivedWords() {
  return {
      {v1::METRIC_RECEIVED,
       {"Tiếp nhận", "Received"},
       {"Hồ sơ được tiếp nhận trong kỳ; từ chối ngay khi nộp thì không tính (cột 4 + 5 mẫu 06a).",
        "Accepted in the period; refused at intake does not count (columns 4 + 5 of form 06a)."}},
      {v1::METRIC_RECEIVED_AT_COUNTER,
       {"Tiếp nhận trực tiếp", "Received at the counter"},
       {"Tiếp nhận tại quầy trong kỳ.", "Accepted at the counter in the period."}},
      {v1::METRIC_RECEIVED_ONLINE,
       {"Tiếp nhận trực tuyến", "Received on-line"},
       {"Tiếp nhận qua cổng dịch vụ công trong kỳ (cột 4 mẫu 06a).",
        "Accepted on-line in the period (column 4 of form 06a)."}},
      {v1::METRIC_RECEIVED_BY_POST,
       {"Tiếp nhận bưu chính", "Received by post"},
       {"Tiếp nhận qua dịch vụ bưu chính công ích trong kỳ.", "Accepted by post in the period."}},
      {v1::METRIC_SUBMITTED,
       {"Nộp trực tuyến", "Submitted"},
       {"Nộp trực tuyến trong kỳ, dù sau đó có được tiếp nhận hay không.",
        "Sent in on-line in the period, taken in later or not."}},
      {v1::METRIC_REFUSED_AT_INTAKE,
       {"Từ chối tiếp nhận", "Refused at intake"},
       {"Bị từ chối tiếp nhận trong kỳ (mẫu 03).", "Refused at intake in the period (form 03)."}},
      {v1::METRIC_CARRIED_OVER,
       {"Kỳ trước chuyển qua", "Carried over"},
       {"Tiếp nhận trước kỳ và còn giải quyết khi kỳ bắt đầu (cột 6 mẫu 06a).",
        "Received before the period and open at its beginning (column 6 of form 06a)."}},
      {v1::METRIC_RECEIVED_WITH_DOCUMENTS,
       {"Tiếp nhận có giấy tờ", "Received with papers"},
       {"Tiếp nhận trong kỳ, có khai giấy tờ kèm theo.", "Accepted in the period with papers."}},
      {v1::METRIC_RECEIVED_DIGITIZED,
       {"Tiếp nhận đã số hóa", "Received digitized"},
       {"Tiếp nhận trong kỳ, mọi giấy tờ đã số hóa (QĐ 766).",
        "Accepted in the period with every paper digitized (Decision 766)."}},
  };
}

// Counts of dossiers that ended in the period. "Early", "on time" and "late" carry their rule in the name, because the
// four meanings of on time are never mixed.
MetricWordList EndedWords() {
  return {
      {v1::METRIC_ENDED,
       {"Đã giải quyết", "Ended"},
       {"Xử lý xong hoặc dừng trong kỳ, kể cả rút (cột 7 mẫu 06a).",
        "Finished or stopped in the period, withdrawn ones too (column 7 of form 06a)."}},
      {v1::METRIC_GRANTED, {"Đồng ý", "Granted"}, {"Xử lý xong với kết quả trong kỳ.", "Finished with a result."}},
      {v1::METRIC_REFUSED,
       {"Từ chối giải quyết", "Refused"},
       {"Xử lý xong bằng văn bản từ chối có lý do.", "Finished by a refusal with its reason."}},
      {v1::METRIC_STOPPED,
       {"Dừng giải quyết", "Stopped"},
       {"Cơ quan dừng giải quyết trong kỳ (mẫu 05).", "Stopped by the office in the period (form 05)."}},
      {v1::METRIC_WITHDRAWN,
       {"Công dân rút", "Withdrawn"},
       {"Dừng trong kỳ vì người nộp rút hồ sơ.", "Stopped in the period because the applicant withdrew it."}},
      {v1::METRIC_RETURNED,
       {"Đã trả kết quả", "Returned"},
       {"Trả kết quả cho người nộp trong kỳ.", "Results handed over in the period."}},
      {v1::METRIC_ENDED_EARLY_06A,
       {"Trước hạn (06a)", "Early (06a)"},
       {"Ngày xong trước ngày hẹn trả (cột 8 mẫu 06a).", "Ended on a day before the due date (column 8 of form 06a)."}},
      {v1::METRIC_ENDED_ON_TIME_06A,
       {"Đúng hạn (06a)", "On time (06a)"},
       {"Ngày xong đúng ngày hẹn, không có hẹn, hoặc rút, dừng trước hẹn (cột 9 mẫu 06a).",
        "Ended on the due date, without one, or stopped by then (column 9 of form 06a)."}},
      {v1::METRIC_ENDED_LATE_06A,
       {"Quá hạn (06a)", "Late (06a)"},
       {"Ngày xong sau ngày hẹn trả (cột 10 mẫu 06a).", "Ended on a day after the due date (column 10 of form 06a)."}},
      {v1::METRIC_ENDED_RATED,
       {"Xong có đánh giá", "Ended and rated"},
       {"Xong trong kỳ và đã được đánh giá, lúc nào cũng được.", "Ended in the period and rated at any time."}},
      {v1::METRIC_ENDED_WITH_FEE,
       {"Xong có phí", "Ended with a fee"},
       {"Xong trong kỳ, có phí, lệ phí phải nộp.", "Ended in the period with a fee to pay."}},
      {v1::METRIC_ENDED_PAID_ONLINE,
       {"Nộp phí trực tuyến", "Paid on-line"},
       {"Trong số xong có phí: đã nộp trực tuyến (QĐ 766).", "Of those with a fee: paid on-line (Decision 766)."}},
      {v1::METRIC_GRANTED_ELECTRONIC,
       {"Kết quả điện tử", "Electronic results"},
       {"Đồng ý trong kỳ, có kết quả điện tử ký số (QĐ 766).",
        "Granted with a signed electronic result (Decision 766)."}},
      {v1::METRIC_ENDED_ONLINE,
       {"Xong, nộp trực tuyến", "Ended, on-line"},
       {"Xong trong kỳ, nộp trực tuyến (TT 01/2018, chỉ số 4).",
        "Ended in the period and received on-line (Circular 01/2018, index 4)."}},
      {v1::METRIC_ENDED_DISPLEASED,
       {"Xong không hài lòng", "Ended displeased"},
       {"Xong quá hạn, hoặc có phản ánh, hoặc đánh giá không hài lòng (QĐ 766).",
        "Ended late, or with a petition or a dissatisfied answer (Decision 766)."}},
  };
}

// The meanings of on time besides that of form 06a.
MetricWordList VerdictWords() {
  return {
      {v1::METRIC_ENDED_ON_TIME_766,
       {"Đúng hạn (766)", "On time (766)"},
       {"Xong không muộn hơn giờ hẹn, đã trừ thời gian chờ bổ sung (QĐ 766).",
        "Ended no later than promised, the wait for a supplement taken off (Decision 766)."}},
      {v1::METRIC_ENDED_LATE_766,
       {"Quá hạn (766)", "Late (766)"},
       {"Muộn hơn giờ hẹn, hoặc yêu cầu bổ sung quá một lần (QĐ 766).",
        "Later than promised, or more than one supplement asked for (Decision 766)."}},
      {v1::METRIC_ENDED_EARLY_SCORE,
       {"Sớm (chấm điểm)", "Early (score)"},
       {"Tổng thời gian làm việc ít hơn thời hạn (TT 01/2018, chỉ số 1: 2 điểm).",
        "Working time shorter than the limit (Circular 01/2018, index 1: 2 points)."}},
      {v1::METRIC_ENDED_ON_TIME_SCORE,
       {"Đúng (chấm điểm)", "On time (score)"},
       {"Tổng thời gian làm việc bằng thời hạn (TT 01/2018, chỉ số 1: 1 điểm).",
        "Working time equal to the limit (Circular 01/2018, index 1: 1 point)."}},
      {v1::METRIC_ENDED_LATE_SCORE,
       {"Trễ (chấm điểm)", "Late (score)"},
       {"Tổng thời gian làm việc quá thời hạn (TT 01/2018, chỉ số 1: 0 điểm).",
        "Working time longer than the limit (Circular 01/2018, index 1: 0 points)."}},
      {v1::METRIC_ENDED_EARLY_BLAMELESS,
       {"Sớm, không bị phản ánh đúng", "Early, blameless"},
       {"Sớm (chấm điểm) và không có phản ánh được kết luận đúng (TT 01/2018, chỉ số 7: 2 điểm).",
        "Early (score) and without an upheld petition (Circular 01/2018, index 7: 2 points)."}},
      {v1::METRIC_ENDED_ON_TIME_BLAMELESS,
       {"Đúng, không bị phản ánh đúng", "On time, blameless"},
       {"Đúng (chấm điểm) và không có phản ánh được kết luận đúng (TT 01/2018, chỉ số 7: 1 điểm).",
        "On time (score) and without an upheld petition (Circular 01/2018, index 7: 1 point)."}},
      {v1::METRIC_ENDED_EARLY_PROMISE,
       {"Trước hẹn", "Before the promise"},
       {"Xong trước giờ hẹn ghi trên giấy hẹn, tính đến phút.", "Ended before the appointment, to the minute."}},
      {v1::METRIC_ENDED_ON_TIME_PROMISE,
       {"Đúng hẹn", "At the promise"},
       {"Xong đúng giờ hẹn, hoặc không có hẹn.", "Ended at the appointment, or without one."}},
      {v1::METRIC_ENDED_LATE_PROMISE,
       {"Sai hẹn", "After the promise"},
       {"Xong sau giờ hẹn, tính đến phút.", "Ended after the appointment, to the minute."}},
  };
}

// How applicants were served on the way: steps, apologies, supplements, petitions.
MetricWordList CareWords() {
  return {
      {v1::METRIC_STEPS_EARLY,
       {"Bước sớm", "Steps early"},
       {"Bước xử lý xong trước hạn của bước (mẫu 06).", "Steps done before their own limit (form 06)."}},
      {v1::METRIC_STEPS_ON_TIME,
       {"Bước đúng hạn", "Steps on time"},
       {"Bước xử lý xong đúng hạn của bước.", "Steps done at their own limit."}},
      {v1::METRIC_STEPS_LATE,
       {"Bước trễ", "Steps late"},
       {"Bước xử lý xong quá hạn của bước.", "Steps done after their own limit."}},
      {v1::METRIC_RESCHEDULED,
       {"Xin lỗi, hẹn lại", "Rescheduled"},
       {"Lần xin lỗi và hẹn lại ngày trả, ghi trong kỳ (mẫu 04).",
        "Apologies with a new appointment made in the period (form 04)."}},
      {v1::METRIC_MISSING_APOLOGY,
       {"Thiếu thư xin lỗi", "Missing apology"},
       {"Quá hạn (xong trong kỳ, hoặc còn mở cuối kỳ) mà không có thư xin lỗi.",
        "Ended late in the period, or overdue at its end, without an apology."}},
      {v1::METRIC_OVER_SUPPLEMENTED,
       {"Bổ sung quá một lần", "Over-supplemented"},
       {"Lần yêu cầu bổ sung thứ hai trở đi; luật chỉ cho một lần.",
        "Second and later supplement requests; the law allows one."}},
      {v1::METRIC_ENDED_SUPPLEMENT_NONE,
       {"Xong, không bổ sung", "No supplement"},
       {"Xong trong kỳ, không lần nào yêu cầu bổ sung (TT 01/2018, chỉ số 3).",
        "Ended without a supplement request (Circular 01/2018, index 3)."}},
      {v1::METRIC_ENDED_SUPPLEMENT_ONCE,
       {"Xong, một lần bổ sung", "One supplement"},
       {"Xong trong kỳ, một lần yêu cầu bổ sung.", "Ended with one supplement request."}},
      {v1::METRIC_ENDED_SUPPLEMENT_MORE,
       {"Xong, nhiều lần bổ sung", "Several supplements"},
       {"Xong trong kỳ, nhiều lần yêu cầu bổ sung.", "Ended with several supplement requests."}},
      {v1::METRIC_ENDED_WITH_UPHELD_PETITION,
       {"Xong có phản ánh đúng", "Upheld petition"},
       {"Xong trong kỳ, có phản ánh được kết luận là đúng (TT 01/2018, chỉ số 7).",
        "Ended with a petition found right (Circular 01/2018, index 7)."}},
      {v1::METRIC_PETITIONS_RECEIVED,
       {"Phản ánh nhận", "Petitions received"},
       {"Phản ánh, kiến nghị nhận trong kỳ.", "Petitions received in the period."}},
      {v1::METRIC_PETITIONS_ANSWERED_IN_TIME,
       {"Phản ánh đúng hạn", "Petitions in time"},
       {"Phản ánh, kiến nghị trả lời trong kỳ, đúng hạn.", "Petitions answered in the period, in time."}},
      {v1::METRIC_PETITIONS_ANSWERED_LATE,
       {"Phản ánh trễ", "Petitions late"},
       {"Phản ánh, kiến nghị trả lời trong kỳ, quá hạn.", "Petitions answered in the period, late."}},
      {v1::METRIC_PETITIONS_UPHELD,
       {"Phản ánh đúng", "Petitions upheld"},
       {"Trả lời trong kỳ và kết luận là phản ánh đúng.", "Answered in the period and found right."}},
  };
}

// Ratings by the time of the answer, not by the time the dossier ended: a figure of a past period stays the same.
MetricWordList RatingWords() {
  return {
      {v1::METRIC_RATED_VERY_SATISFIED,
       {"Rất hài lòng", "Very satisfied"},
       {"Đánh giá rất hài lòng trong kỳ; lần trả lời sau cùng được tính.",
        "Very satisfied answers in the period; the last answer counts."}},
      {v1::METRIC_RATED_SATISFIED,
       {"Hài lòng", "Satisfied"},
       {"Đánh giá hài lòng trong kỳ.", "Satisfied answers in the period."}},
      {v1::METRIC_RATED_DISSATISFIED,
       {"Không hài lòng", "Dissatisfied"},
       {"Đánh giá không hài lòng trong kỳ.", "Dissatisfied answers in the period."}},
      {v1::METRIC_RATED_RECEPTION_VERY_SATISFIED,
       {"Tiếp nhận: rất hài lòng", "Reception: very satisfied"},
       {"Đánh giá khâu tiếp nhận: rất hài lòng.", "Very satisfied with the reception."}},
      {v1::METRIC_RATED_RECEPTION_SATISFIED,
       {"Tiếp nhận: hài lòng", "Reception: satisfied"},
       {"Đánh giá khâu tiếp nhận: hài lòng.", "Satisfied with the reception."}},
      {v1::METRIC_RATED_RECEPTION_DISSATISFIED,
       {"Tiếp nhận: không hài lòng", "Reception: dissatisfied"},
       {"Đánh giá khâu tiếp nhận: không hài lòng.", "Dissatisfied with the reception."}},
      {v1::METRIC_RATED_RESULT_VERY_SATISFIED,
       {"Kết quả: rất hài lòng", "Result: very satisfied"},
       {"Đánh giá khâu trả kết quả: rất hài lòng.", "Very satisfied with the result."}},
      {v1::METRIC_RATED_RESULT_SATISFIED,
       {"Kết quả: hài lòng", "Result: satisfied"},
       {"Đánh giá khâu trả kết quả: hài lòng.", "Satisfied with the result."}},
      {v1::METRIC_RATED_RESULT_DISSATISFIED,
       {"Kết quả: không hài lòng", "Result: dissatisfied"},
       {"Đánh giá khâu trả kết quả: không hài lòng.", "Dissatisfied with the result."}},
  };
}

// Counts at the end of the period. Their number separates them from the counts in it (kFirstAtEnd).
MetricWordList OpenWords() {
  return {
      {v1::METRIC_OPEN,
       {"Đang giải quyết", "Open"},
       {"Đã tiếp nhận, chưa xong khi kỳ kết thúc (cột 11 mẫu 06a).",
        "Received and not ended at the period's end (column 11 of form 06a)."}},
      {v1::METRIC_OPEN_IN_TERM,
       {"Đang trong hạn", "Open in term"},
       {"Chưa xong, chưa qua ngày hẹn; gồm hồ sơ chờ bổ sung (cột 12 mẫu 06a).",
        "Open and not past the due date; those waiting for a supplement too (column 12 of form 06a)."}},
      {v1::METRIC_OPEN_OVERDUE,
       {"Đang quá hạn", "Open overdue"},
       {"Chưa xong, đã qua ngày hẹn (cột 13 mẫu 06a).", "Open and past the due date (column 13 of form 06a)."}},
      {v1::METRIC_OPEN_IN_TERM_766,
       {"Đang trong hạn (766)", "Open in term (766)"},
       {"Chưa xong, còn trong hạn theo cách tính QĐ 766.", "Open and in term by the rule of Decision 766."}},
      {v1::METRIC_OPEN_OVERDUE_766,
       {"Đang quá hạn (766)", "Open overdue (766)"},
       {"Chưa xong, quá hạn theo cách tính QĐ 766.", "Open and overdue by the rule of Decision 766."}},
      {v1::METRIC_WAITING_FOR_SUPPLEMENT,
       {"Chờ bổ sung", "Waiting for supplement"},
       {"Đang chờ người nộp bổ sung giấy tờ.", "Waiting for the applicant's supplement."}},
      {v1::METRIC_WAITING_FOR_PAYMENT,
       {"Chờ nghĩa vụ tài chính", "Waiting for payment"},
       {"Đang chờ người nộp thực hiện nghĩa vụ tài chính.", "Waiting for a financial obligation."}},
      {v1::METRIC_PAUSED_CLOCK,
       {"Tạm dừng", "Paused"},
       {"Đang tạm dừng tính thời hạn, có lý do theo luật.", "The clock is paused, for a reason of law."}},
      {v1::METRIC_WAITING_FOR_HAND_OVER,
       {"Chờ trả kết quả", "Waiting for hand-over"},
       {"Đã xử lý xong, người nộp chưa nhận kết quả.", "Finished, the result not handed over."}},
      {v1::METRIC_PETITIONS_OPEN_IN_TERM,
       {"Phản ánh còn hạn", "Petitions in term"},
       {"Phản ánh, kiến nghị chưa trả lời, còn hạn.", "Petitions not answered, in term."}},
      {v1::METRIC_PETITIONS_OPEN_OVERDUE,
       {"Phản ánh quá hạn", "Petitions overdue"},
       {"Phản ánh, kiến nghị chưa trả lời, quá hạn.", "Petitions not answered, overdue."}},
      {v1::METRIC_UNSYNCHRONIZED,
       {"Chưa đồng bộ", "Unsynchronized"},
       {"Chưa khớp với cổng dịch vụ công; không có số khi chưa nối cổng.",
        "Not in step with the portal; no value while there is no mirror."}},
  };
}

// The meaning of a share is its formula, in the words of the counts above.
MetricWordList ShareWords() {
  return {
      {v1::METRIC_ON_TIME_SHARE_06A,
       {"Tỷ lệ đúng hạn (06a)", "On-time share (06a)"},
       {"(Trước hạn + đúng hạn) ÷ đã giải quyết, theo ngày như mẫu 06a.", "(Early + on time) ÷ ended, by form 06a."}},
      {v1::METRIC_ON_TIME_SHARE_766,
       {"Tỷ lệ đúng hạn (766)", "On-time share (766)"},
       {"(Xong đúng hạn + đang trong hạn) ÷ tất cả, theo QĐ 766.",
        "(Ended on time + open in term) ÷ all, by Decision 766."}},
      {v1::METRIC_ON_TIME_SHARE_SCORE,
       {"Tỷ lệ đúng hạn (chấm điểm)", "On-time share (score)"},
       {"(Sớm + đúng) ÷ đã giải quyết, theo TT 01/2018.", "(Early + on time) ÷ ended, by Circular 01/2018."}},
      {v1::METRIC_ON_TIME_SHARE_PROMISE,
       {"Tỷ lệ đúng hẹn", "Promise kept"},
       {"(Trước hẹn + đúng hẹn) ÷ đã giải quyết, đến phút.", "(Before + at the promise) ÷ ended, to the minute."}},
      {v1::METRIC_ON_TIME_SHARE_STEPS,
       {"Tỷ lệ bước đúng hạn", "Step share on time"},
       {"(Bước sớm + bước đúng hạn) ÷ bước đã xong có hạn.", "(Early + on time) ÷ steps done that have a limit."}},
      {v1::METRIC_SATISFACTION_RATE,
       {"Tỷ lệ hài lòng", "Satisfaction"},
       {"(Rất hài lòng + hài lòng) ÷ mọi đánh giá; kế hoạch của xã: từ 90 %.",
        "(Very satisfied + satisfied) ÷ all ratings; the commune's plan: at least 90 %."}},
      {v1::METRIC_RESPONSE_RATE,
       {"Tỷ lệ có đánh giá", "Response rate"},
       {"Xong có đánh giá ÷ đã giải quyết: tỷ lệ hài lòng đại diện đến đâu.",
        "Rated ÷ ended: how far the satisfaction rate speaks for all."}},
      {v1::METRIC_ONLINE_SHARE,
       {"Tỷ lệ trực tuyến", "On-line share"},
       {"Tiếp nhận trực tuyến ÷ tiếp nhận (QĐ 766).", "Received on-line ÷ received (Decision 766)."}},
      {v1::METRIC_ONLINE_PAYMENT_SHARE,
       {"Tỷ lệ nộp phí trực tuyến", "On-line payment share"},
       {"Nộp phí trực tuyến ÷ xong có phí (QĐ 766).", "Paid on-line ÷ ended with a fee (Decision 766)."}},
      {v1::METRIC_PETITIONS_IN_TIME_SHARE,
       {"Tỷ lệ phản ánh đúng hạn", "Petition share in time"},
       {"Trả lời đúng hạn ÷ (đã trả lời + chưa trả lời quá hạn).",
        "Answered in time ÷ (answered + open and overdue)."}},
      {v1::METRIC_ELECTRONIC_RESULT_SHARE,
       {"Tỷ lệ kết quả điện tử", "Electronic share"},
       {"Kết quả điện tử ÷ đồng ý (QĐ 766).", "Electronic results ÷ granted (Decision 766)."}},
      {v1::METRIC_DIGITIZED_SHARE,
       {"Tỷ lệ số hóa", "Digitized share"},
       {"Đã số hóa mọi giấy tờ ÷ tiếp nhận có giấy tờ (QĐ 766).",
        "Every paper digitized ÷ received with papers (Decision 766)."}},
      {v1::METRIC_SYNCHRONIZED_SHARE,
       {"Tỷ lệ đồng bộ", "Synchronized share"},
       {"Cổng dịch vụ công đã xác nhận ÷ tất cả; không có số khi chưa nối cổng.",
        "Confirmed by the portal ÷ all; no value while there is no mirror."}},
      {v1::METRIC_LATE_SHARE,
       {"Tỷ lệ quá hạn (06a)", "Late share (06a)"},
       {"Quá hạn ÷ đã giải quyết: con số cần kéo xuống.", "Late ÷ ended: the one to bring down."}},
  };
}

// Working time, of which each dossier or each wait gives one value.
MetricWordList TimeWords() {
  return {
      {v1::METRIC_HANDLING_TIME,
       {"Thời gian giải quyết", "Handling time"},
       {"Giờ làm việc từ tiếp nhận đến xong, trừ thời gian chờ.",
        "Working time from acceptance to the end, waits taken off."}},
      {v1::METRIC_TIME_SUBMITTED,
       {"Thời gian chờ tiếp nhận", "Time until acceptance"},
       {"Từ lúc nộp trực tuyến đến lúc tiếp nhận.", "From the on-line submission to acceptance."}},
      {v1::METRIC_TIME_ACCEPTED,
       {"Thời gian ở một cửa", "Time at the counter"},
       {"Từ tiếp nhận đến lần chuyển xử lý đầu tiên.", "From acceptance to the first hand-over."}},
      {v1::METRIC_TIME_PROCESSING,
       {"Thời gian xử lý chuyên môn", "Time in process"},
       {"Thời gian giải quyết trừ thời gian nằm ở một cửa.", "Handling time without the time at the counter."}},
      {v1::METRIC_TIME_AWAITING_SUPPLEMENT,
       {"Thời gian chờ bổ sung", "Time awaiting supplement"},
       {"Mỗi lần chờ bổ sung.", "Each wait for a supplement."}},
      {v1::METRIC_TIME_AWAITING_PAYMENT,
       {"Thời gian chờ nộp tiền", "Time awaiting payment"},
       {"Mỗi lần chờ nghĩa vụ tài chính.", "Each wait for a financial obligation."}},
      {v1::METRIC_TIME_PAUSED,
       {"Thời gian tạm dừng", "Time paused"},
       {"Mỗi lần tạm dừng tính thời hạn.", "Each pause of the clock."}},
      {v1::METRIC_TIME_AWAITING_HAND_OVER,
       {"Thời gian chờ nhận kết quả", "Time awaiting hand-over"},
       {"Từ lúc xong đến lúc trả kết quả.", "From the end to the hand-over of the result."}},
      {v1::METRIC_TIME_WITH_UNIT,
       {"Thời gian ở đơn vị", "Time with the unit"},
       {"Mỗi lần hồ sơ nằm ở một đơn vị, trừ thời gian chờ; hay dùng với --by unit.",
        "Each period of time with a unit, without waits; best with --by unit."}},
  };
}

MetricWordList MakeMetricWords() {
  MetricWordList words;
  for (MetricWordList part : {ReceivedWords(), EndedWords(), VerdictWords(), CareWords(), RatingWords(), OpenWords(),
                              ShareWords(), TimeWords()}) {
    words.insert(words.end(), part.begin(), part.end());
  }
  // By number, which keeps the kinds together; the sections of `stats metrics` depend on that.
  std::sort(words.begin(), words.end(), [](const MetricWord& a, const MetricWord& b) { return a.metric < b.metric; });
  return words;
}

// Suggestions: the metrics whose names contain the typed text, otherwise the one with the most similar name.
std::string Similar(const std::string& typed) {
  constexpr size_t kTypedMin = 3;
  std::vector<std::string> holding;
  for (const std::string& name : MetricNames()) {
    if (typed.size() < kTypedMin || !absl::StrContains(name, typed)) continue;
    if (holding.size() < kSuggestionsMax) holding.push_back(name);
  }
  return holding.empty() ? Suggest(typed, MetricNames()) : absl::StrJoin(holding, ", ");
}

}  // namespace

const std::vector<MetricWord>& MetricWords() {
  static const auto* const words = new MetricWordList(MakeMetricWords());
  return *words;
}

std::string MetricLabel(v1::Metric metric, Lang lang) {
  for (const MetricWord& word : MetricWords()) {
    if (word.metric == metric) return Pick(word.label, lang);
  }
  return MetricName(metric);
}

MetricKind KindOf(v1::Metric metric) {
  if (metric >= kFirstDistribution) return MetricKind::kDistribution;
  if (metric >= kFirstShare) return MetricKind::kShare;
  return metric >= kFirstAtEnd ? MetricKind::kAtEnd : MetricKind::kInPeriod;
}

std::string MetricName(v1::Metric metric) {
  const auto* value = v1::Metric_descriptor()->FindValueByNumber(metric);
  if (value == nullptr) return absl::StrCat(static_cast<int>(metric));
  const std::string name(value->name());
  return absl::AsciiStrToLower(name.substr(sizeof("METRIC_") - 1));
}

std::vector<std::string> MetricNames() {
  std::vector<std::string> names;
  for (const MetricWord& word : MetricWords()) names.push_back(MetricName(word.metric));
  return names;
}

absl::StatusOr<v1::Metric> ParseMetric(absl::string_view field, absl::string_view text) {
  std::string name = absl::StrReplaceAll(absl::AsciiStrToLower(absl::StripAsciiWhitespace(text)), {{"-", "_"}});
  // The full name of the enum is accepted as well, since JSON shows it.
  if (absl::StartsWith(name, "metric_")) name = name.substr(sizeof("metric_") - 1);
  for (const MetricWord& word : MetricWords()) {
    if (MetricName(word.metric) == name) return word.metric;
  }
  const std::string similar = Similar(name);
  return UsageError(field,
                    absl::StrCat("there is no metric \"", text, "\"",
                                 similar.empty() ? "" : absl::StrCat("; did you mean ", similar, "?"),
                                 "; all of them: tthc stats metrics"),
                    absl::StrCat("không có chỉ tiêu \"", text, "\"",
                                 similar.empty() ? "" : absl::StrCat("; có phải ý bạn là ", similar, "?"),
                                 "; xem tất cả: tthc stats metrics"));
}

}  // namespace tthc::cli
