#include "client/cli/words.h"

#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/terminal/suggest.h"
#include "storage/base/text.h"
#include "tthc/v1/catalogue.pb.h"
#include "tthc/v1/dossier.pb.h"
#include "tthc/v1/due_time.pb.h"
#include "tthc/v1/event.pb.h"
#include "tthc/v1/limit.pb.h"
#include "tthc/v1/mirror.pb.h"
#include "tthc/v1/statistics.pb.h"

namespace tthc::cli {
namespace {

using terminal::Lang;
using terminal::Pick;
using terminal::Suggest;
using terminal::UsageError;

using google::protobuf::EnumDescriptor;

using Words = std::map<std::string, std::vector<EnumWord>>;

// What people choose when they record something.
// Words are typed in scripts and notes, so one that was published stays; labels may be improved. The first word of a
// value is also what errors and help texts list.
Words MakeInputWords() {
  return {
      {"tthc.v1.Channel",
       {{v1::CHANNEL_COUNTER, "counter", {"Trực tiếp", "Counter"}},
        {v1::CHANNEL_ONLINE, "online", {"Trực tuyến", "On-line"}},
        {v1::CHANNEL_POST, "post", {"Bưu chính", "Post"}}}},
      {"tthc.v1.Applicant.Type",
       {{v1::Applicant::TYPE_CITIZEN, "citizen", {"Công dân", "Citizen"}},
        {v1::Applicant::TYPE_ENTERPRISE, "enterprise", {"Doanh nghiệp", "Enterprise"}},
        {v1::Applicant::TYPE_HOUSEHOLD_BUSINESS, "household", {"Hộ kinh doanh", "Household business"}},
        {v1::Applicant::TYPE_ORGANIZATION, "organization", {"Tổ chức", "Organization"}}}},
      {"tthc.v1.PauseReason",
       {{v1::PAUSE_REASON_PUBLIC_POSTING, "posting", {"Niêm yết công khai", "Public posting"}},
        {v1::PAUSE_REASON_APPRAISAL, "appraisal", {"Giám định", "Appraisal"}},
        {v1::PAUSE_REASON_VERIFICATION, "verification", {"Xác minh", "Verification"}},
        {v1::PAUSE_REASON_VIOLATION, "violation", {"Xử lý vi phạm", "Handling a violation"}},
        {v1::PAUSE_REASON_INTER_AGENCY, "agency", {"Phối hợp cơ quan", "Inter-agency co-operation"}},
        {v1::PAUSE_REASON_LEGAL_PROCEEDING, "legal", {"Tòa án, thi hành án", "Legal proceeding"}},
        {v1::PAUSE_REASON_FORCE_MAJEURE, "force-majeure", {"Bất khả kháng", "Force majeure"}}}},
      {"tthc.v1.Finished.Result",
       {{v1::Finished::RESULT_GRANTED, "granted", {"Đồng ý", "Granted"}},
        {v1::Finished::RESULT_REFUSED, "refused", {"Từ chối giải quyết", "Refused"}}}},
      {"tthc.v1.RatingLevel",
       {{v1::RATING_LEVEL_VERY_SATISFIED, "very-satisfied", {"Rất hài lòng", "Very satisfied"}},
        {v1::RATING_LEVEL_SATISFIED, "satisfied", {"Hài lòng", "Satisfied"}},
        {v1::RATING_LEVEL_DISSATISFIED, "dissatisfied", {"Không hài lòng", "Dissatisfied"}}}},
      {"tthc.v1.RatingPhase",
       {{v1::RATING_PHASE_RECEPTION, "reception", {"Tiếp nhận", "Reception"}},
        {v1::RATING_PHASE_RESULT, "result", {"Trả kết quả", "Result"}}}},
      {"tthc.v1.CountingRule",
       {{v1::COUNTING_RULE_DATE, "date", {"Theo ngày", "By date"}},
        {v1::COUNTING_RULE_CLOCK, "clock", {"Theo giờ", "By the clock"}}}},
  };
}

// What people read about dossiers, or filter by.
// States carry their national names, as portals and receipts show them; verdicts and intervals are shorter, because
// they stand in tables.
Words MakeViewWords() {
  using D = v1::Dossier;
  using T = v1::Timeliness;
  using I = v1::DueInterval;
  return {
      {"tthc.v1.Dossier.State",
       {{D::STATE_SUBMITTED, "submitted", {"Mới đăng ký", "Submitted"}},
        {D::STATE_ACCEPTED, "accepted", {"Được tiếp nhận", "Accepted"}},
        {D::STATE_INTAKE_REFUSED, "intake-refused", {"Không được tiếp nhận", "Intake refused"}},
        {D::STATE_PROCESSING, "processing", {"Đang xử lý", "In process"}},
        {D::STATE_AWAITING_SUPPLEMENT, "awaiting-supplement", {"Yêu cầu bổ sung giấy tờ", "Awaiting supplement"}},
        {D::STATE_AWAITING_PAYMENT, "awaiting-payment", {"Chờ nghĩa vụ tài chính", "Awaiting payment"}},
        {D::STATE_WITHDRAWAL_REQUESTED, "withdrawal-requested", {"Yêu cầu rút hồ sơ", "Withdrawal requested"}},
        {D::STATE_STOPPED, "stopped", {"Dừng xử lý", "Stopped"}},
        {D::STATE_FINISHED, "finished", {"Đã xử lý xong", "Finished"}},
        {D::STATE_RETURNED, "returned", {"Đã trả kết quả", "Returned"}},
        {D::STATE_PAUSED, "paused", {"Tạm dừng", "Paused"}}}},
      {"tthc.v1.Due.ClockState",
       {{v1::Due::CLOCK_STATE_NOT_STARTED, "not-started", {"chưa tính", "not started"}},
        {v1::Due::CLOCK_STATE_RUNNING, "running", {"đang tính", "running"}},
        {v1::Due::CLOCK_STATE_STOPPED, "stopped", {"đang tạm dừng", "stopped"}},
        {v1::Due::CLOCK_STATE_ENDED, "ended", {"đã kết thúc", "ended"}}}},
      {"tthc.v1.Timeliness.Verdict",
       {{T::VERDICT_EARLY, "early", {"Trước hạn", "Early"}},
        {T::VERDICT_ON_TIME, "on-time", {"Đúng hạn", "On time"}},
        {T::VERDICT_LATE, "late", {"Quá hạn", "Late"}},
        {T::VERDICT_OPEN_IN_TERM, "open", {"Trong hạn", "In term"}},
        {T::VERDICT_OPEN_OVERDUE, "overdue", {"Đang quá hạn", "Overdue"}}}},
      {"tthc.v1.DueInterval.Kind",
       {{I::KIND_COUNTED, "counted", {"tính", "counted"}},
        {I::KIND_START_DAY, "start-day", {"ngày nhận", "start day"}},
        {I::KIND_CLOSED, "closed", {"ngoài giờ", "closed"}},
        {I::KIND_WEEKEND, "weekend", {"cuối tuần", "weekend"}},
        {I::KIND_HOLIDAY, "holiday", {"nghỉ lễ", "holiday"}},
        {I::KIND_PAUSED, "paused", {"tạm dừng", "paused"}},
        {I::KIND_CUT_OFF, "cut-off", {"sau mốc giờ", "after cut-off"}},
        {I::KIND_ROLLED, "rolled", {"dời ngày", "rolled"}},
        {I::KIND_RESCHEDULED, "rescheduled", {"hẹn lại", "rescheduled"}}}},
  };
}

// Words of statistics.
// The words of groupings are typed after --by and head the columns of the answer.
Words MakeStatisticsWords() {
  using P = v1::Period;
  using S = v1::Scheme;
  using T = v1::PlanResult;
  return {
      {"tthc.v1.GroupBy",
       {{v1::GROUP_BY_OFFICE, "office", {"Cơ quan", "Office"}},
        {v1::GROUP_BY_UNIT, "unit", {"Đơn vị", "Unit"}},
        {v1::GROUP_BY_OFFICER, "officer", {"Công chức", "Officer"}},
        {v1::GROUP_BY_FIELD, "field", {"Lĩnh vực", "Field"}},
        {v1::GROUP_BY_PROCEDURE, "procedure", {"Thủ tục", "Procedure"}},
        {v1::GROUP_BY_CHANNEL, "channel", {"Kênh", "Channel"}},
        {v1::GROUP_BY_RESULT, "result", {"Kết quả", "Result"}},
        {v1::GROUP_BY_LATE_REASON, "late-reason", {"Lý do trễ", "Reason of lateness"}},
        {v1::GROUP_BY_RESPONSIBLE_UNIT, "responsible-unit", {"Đơn vị để trễ", "Responsible unit"}},
        {v1::GROUP_BY_DAY, "day", {"Ngày", "Day"}},
        {v1::GROUP_BY_WEEK, "week", {"Tuần", "Week"}},
        {v1::GROUP_BY_MONTH, "month", {"Tháng", "Month"}},
        {v1::GROUP_BY_QUARTER, "quarter", {"Quý", "Quarter"}},
        {v1::GROUP_BY_YEAR, "year", {"Năm", "Year"}}}},
      {"tthc.v1.Outcome",
       {{v1::OUTCOME_OPEN, "open", {"Chưa kết thúc", "Open"}},
        {v1::OUTCOME_GRANTED, "granted", {"Đồng ý", "Granted"}},
        {v1::OUTCOME_REFUSED, "refused", {"Từ chối giải quyết", "Refused"}},
        {v1::OUTCOME_STOPPED, "stopped", {"Dừng giải quyết", "Stopped"}},
        {v1::OUTCOME_WITHDRAWN, "withdrawn", {"Công dân rút", "Withdrawn"}},
        {v1::OUTCOME_INTAKE_REFUSED, "intake-refused", {"Từ chối tiếp nhận", "Refused at intake"}}}},
      {"tthc.v1.Period.Scheme",
       {{P::SCHEME_REPORTING, "report", {"kỳ báo cáo 15/12-14/12", "reporting years 15/12-14/12"}},
        {P::SCHEME_CALENDAR, "calendar", {"năm dương lịch", "calendar years"}}}},
      {"tthc.v1.Scheme.Kind",
       {{S::KIND_QUALITY_INDEX, "766", {"Bộ chỉ số QĐ 766", "Index of Decision 766"}},
        {S::KIND_OFFICIALS, "officials", {"Chấm điểm công chức", "Score of officials"}},
        {S::KIND_UNITS, "units", {"Chấm điểm đơn vị", "Score of units"}},
        {S::KIND_PLAN, "plan", {"Chỉ tiêu kế hoạch", "Targets of a plan"}}}},
      {"tthc.v1.PlanResult.Trend",
       {{T::TREND_BETTER, "better", {"tốt lên", "better"}},
        {T::TREND_SAME, "same", {"giữ nguyên", "same"}},
        {T::TREND_WORSE, "worse", {"kém đi", "worse"}}}},
  };
}

// Words of the mirror.
Words MakeMirrorWords() {
  using I = v1::MirrorItem;
  using C = v1::MirrorCondition;
  using K = v1::MirrorDecision;
  return {
      {"tthc.v1.MirrorItem.State",
       {{I::STATE_CONFIRMED, "confirmed", {"đã xác nhận", "confirmed"}},
        {I::STATE_PENDING, "pending", {"chờ gửi", "pending"}},
        {I::STATE_PARKED, "parked", {"chờ xử lý", "parked"}},
        {I::STATE_SKIPPED, "skipped", {"bỏ qua", "skipped"}},
        {I::STATE_EXCLUDED, "excluded", {"không phải gửi", "excluded"}}}},
      {"tthc.v1.MirrorCondition.State",
       {{C::STATE_HEALTHY, "healthy", {"bình thường", "healthy"}},
        {C::STATE_UNREACHABLE, "unreachable", {"không liên lạc được", "unreachable"}},
        {C::STATE_LOGIN_REFUSED, "login-refused", {"sai đăng nhập", "login refused"}}}},
      {"tthc.v1.MirrorDecision.Kind",
       {{K::KIND_PAUSE, "pause", {"tạm dừng", "pause"}},
        {K::KIND_RESUME, "resume", {"gửi tiếp", "resume"}},
        {K::KIND_RETIRE, "retire", {"ngừng dùng", "retire"}},
        {K::KIND_RETRY, "retry", {"gửi lại", "retry"}},
        {K::KIND_SKIP, "skip", {"bỏ qua", "skip"}}}},
  };
}

Words MakeWords() {
  Words words = MakeInputWords();
  words.merge(MakeMirrorWords());
  words.merge(MakeViewWords());
  words.merge(MakeStatisticsWords());
  return words;
}

// For each enum: folded text → value. Made once, because importing a register parses values for each row.
using Readings = std::map<std::string, std::map<std::string, int>>;

Readings MakeReadings() {
  Readings readings;
  for (const auto& [type, words] : MakeWords()) {
    for (const EnumWord& word : words) {
      for (const char* text : {word.word, word.label.vi, word.label.en})
        readings[type][FoldForSearch(text)] = word.value;
    }
  }
  return readings;
}

const EnumWord* FindWord(const EnumDescriptor& type, int value) {
  for (const EnumWord& word : WordsOf(type)) {
    if (word.value == value) return &word;
  }
  return nullptr;
}

}  // namespace

const std::vector<EnumWord>& WordsOf(const EnumDescriptor& type) {
  static const auto* const words = new Words(MakeWords());
  static const auto* const none = new std::vector<EnumWord>();
  const auto found = words->find(std::string(type.full_name()));
  return found == words->end() ? *none : found->second;
}

std::string EnumLabel(const EnumDescriptor& type, int value, Lang lang) {
  if (value == 0) return "";
  if (const EnumWord* word = FindWord(type, value); word != nullptr) return Pick(word->label, lang);
  // A value without words, such as one that is newer than this program: its name, or else its number.
  const auto* descriptor = type.FindValueByNumber(value);
  return descriptor == nullptr ? absl::StrCat(value) : std::string(descriptor->name());
}

absl::StatusOr<int> ParseEnum(const EnumDescriptor& type, absl::string_view field, absl::string_view text) {
  const std::string folded = FoldForSearch(text);
  int number = 0;
  // A number that is no value of the enum may still be a word, such as "766".
  if (absl::SimpleAtoi(folded, &number) && number != 0 && type.FindValueByNumber(number) != nullptr) return number;
  static const auto* const readings = new Readings(MakeReadings());
  if (const auto words = readings->find(std::string(type.full_name())); words != readings->end()) {
    if (const auto found = words->second.find(folded); found != words->second.end()) return found->second;
  }
  // The names of the proto, as JSON shows them.
  for (int i = 0; i < type.value_count(); ++i) {
    const auto& value = *type.value(i);
    if (value.number() != 0 && folded == FoldForSearch(std::string(value.name()))) return value.number();
  }
  std::vector<std::string> known;
  for (const EnumWord& word : WordsOf(type)) known.emplace_back(word.word);
  const std::string near = Suggest(folded, known);
  const auto suggestion = [&](absl::string_view head) { return near.empty() ? "" : absl::StrCat(head, near, "?"); };
  return UsageError(field,
                    absl::StrCat("\"", text, "\" is not one of ", EnumChoices(type), suggestion("; did you mean ")),
                    absl::StrCat("\"", text, "\" không hợp lệ; hãy chọn một trong ", EnumChoices(type),
                                 suggestion("; có phải ý bạn là ")));
}

std::string EnumChoices(const EnumDescriptor& type) {
  return absl::StrJoin(WordsOf(type), "|", [](std::string* out, const EnumWord& word) { out->append(word.word); });
}

}  // namespace tthc::cli
