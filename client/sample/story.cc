#include "client/sample/story.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/sample/people.h"
#include "server/domain/deadline.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"

namespace tthc::sample {
namespace {

constexpr int64_t kDayMinutes = limits::kMinutesPerWorkingDay;
constexpr char kLeader[] = "Nguyễn Thị Thu Hà, Phó Giám đốc Trung tâm";

// What is odd about a dossier, if anything.
enum class Turn {
  kNone,
  kSupplement,
  kPayment,
  kPause,
  kOpinion,
  kReschedule,
  kWithdrawal,
  kStop,
  // Lies on a desk.
  kForgotten,
};

constexpr const char* kMissingPapers[] = {
    "Bổ sung bản sao có chứng thực Căn cước của người nộp",
    "Tờ khai thiếu chữ ký ở mục II; đề nghị ký và nộp lại",
    "Bổ sung văn bản ủy quyền hợp lệ",
    "Bản vẽ chưa thể hiện ranh giới thửa đất; đề nghị chỉnh sửa",
    "Bổ sung giấy tờ chứng minh nơi ở hợp pháp",
};
constexpr const char* kRefusals[] = {
    "Không thuộc thẩm quyền giải quyết của xã",
    "Thiếu giấy tờ bắt buộc, người nộp xin về chuẩn bị lại",
    "Giấy tờ xuất trình đã bị tẩy xóa, không còn rõ nội dung",
};
constexpr const char* kComments[] = {"Cán bộ nhiệt tình, giải quyết nhanh", "Hài lòng",
                                     "Chờ hơi lâu nhưng được giải thích rõ", "Thủ tục gọn, hẹn đúng ngày"};
constexpr const char* kComplaints[] = {"Phải đi lại nhiều lần", "Trả kết quả chậm so với giấy hẹn",
                                       "Hướng dẫn chưa rõ ràng"};
constexpr const char* kLateReasons[] = {"Chờ kết quả xác minh của cơ quan khác", "Hồ sơ tồn đọng nhiều, thiếu người",
                                        "Lỗi hệ thống, không ký số được"};

// What follows the opening, in the order in which it happened.
void SortByTime(Story* story) {
  std::vector<size_t> order(story->events.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin() + static_cast<std::ptrdiff_t>(story->opening), order.end(),
                   [&](size_t a, size_t b) { return story->events[a].time < story->events[b].time; });
  std::vector<size_t> place(order.size());
  for (size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::vector<Told> sorted;
  for (const size_t from : order) {
    Told& told = story->events[from];
    if (told.corrects.has_value()) told.corrects = place[*told.corrects];
    sorted.push_back(std::move(told));
  }
  story->events = std::move(sorted);
}

class Teller {
 public:
  Teller(const StoryOptions& options, Random& random)
      : options_(options), centre_(*options.centre), offer_(*options.offer), random_(random), now_(options.arrival) {}

  Story Run();

 private:
  // --- Time ----------------------------------------------------------------------------------------------------------
  // `from` plus working minutes; behind the horizon once that is passed or the calendar ends.
  absl::Time AfterWork(absl::Time from, double minutes) const;
  // `from` plus days, then somewhere in the next two working hours.
  absl::Time AfterDays(absl::Time from, int64_t days);
  void Work(double minutes) { now_ = AfterWork(now_, minutes); }
  bool IsOver() const { return now_ > options_.horizon; }

  // --- Telling -------------------------------------------------------------------------------------------------------
  // Leaves out what happens behind the horizon.
  void Add(absl::Time time, v1::Event event);
  void AddNow(v1::Event event) { Add(now_, std::move(event)); }

  // --- The stations --------------------------------------------------------------------------------------------------
  v1::Request MakeRequest();
  void AddPapers(v1::Request& request) const;
  // False if the dossier does not get as far as acceptance.
  bool SubmitAndCheck();
  bool RefuseAtCounter();
  void Accept();
  void Pay();
  void CorrectName(const v1::Event& accepted, const std::string& right_name);
  void OnTheSpot();
  void Resolve();
  void HandOver();
  void Take();
  // False if the dossier ended or stays where it is.
  bool TakeTurn(Turn turn);
  bool Supplement();
  bool AskForPapers(bool again);
  bool Payment();
  bool Pause();
  bool Opinion();
  bool PutOff();
  bool Withdraw();
  bool Stop(const std::string& reason);
  void Finish();
  void Return();
  void Rate(v1::RatingPhase phase, absl::Time time);
  void Petition();
  void Afterwards();

  Turn ChooseTurn();
  double LimitMinutes() const;
  // The share of the limit that the work will take.
  double ChoosePace();
  // As long as nothing was taken off and nothing begun anew.
  std::optional<absl::Time> PlainDue() const;
  std::string Officer(const std::string& unit);
  bool IsLand() const { return offer_.procedure.field() == "fields/G13-TN02"; }
  bool IsCertification() const { return offer_.procedure.field() == "fields/chung-thuc"; }
  bool IsSameDay() const { return offer_.limit.unit() == v1::Limit::SAME_DAY; }
  bool IsLong() const { return LimitMinutes() >= 3 * kDayMinutes; }

  const StoryOptions& options_;
  const Centre& centre_;
  const Centre::Offer& offer_;
  Random& random_;

  absl::Time now_;
  absl::Time clock_start_;
  std::optional<v1::Limit> agreed_limit_;
  v1::Request request_;
  std::string unit_;
  bool late_ = false;
  Story story_;
};

absl::Time Teller::AfterWork(absl::Time from, double minutes) const {
  if (from > options_.horizon) return from;
  const auto seconds = std::max<int64_t>(1, static_cast<int64_t>(minutes * 60));
  const auto time = centre_.calendar().AddWorkingSeconds(centre_.office(), from, seconds);
  return time.ok() ? *time : absl::InfiniteFuture();
}

absl::Time Teller::AfterDays(absl::Time from, int64_t days) {
  return AfterWork(from + absl::Hours(24) * days, random_.Between(5.0, 120.0));
}

void Teller::Add(absl::Time time, v1::Event event) {
  if (time > options_.horizon) return;
  *event.mutable_occur_time() = ToProto(time);
  event.set_imported(true);
  story_.events.push_back({.time = time, .event = std::move(event)});
}

std::string Teller::Officer(const std::string& unit) {
  const std::vector<std::string> officers = centre_.OfficersOf(unit);
  if (officers.empty()) return "";
  // The head of a unit signs more than he takes in.
  const int64_t first = officers.size() > 1 && random_.Chance(0.85) ? 1 : 0;
  return officers[static_cast<size_t>(random_.Between(first, static_cast<int64_t>(officers.size()) - 1))];
}

double Teller::LimitMinutes() const {
  const v1::Limit& limit = agreed_limit_.has_value() ? *agreed_limit_ : offer_.limit;
  switch (limit.unit()) {
    case v1::Limit::WORKING_DAY:
    case v1::Limit::HOUR:
      return static_cast<double>(limit.minutes());
    case v1::Limit::CALENDAR_DAY:
      return static_cast<double>(limit.minutes()) / limits::kMinutesPerCalendarDay * 5 / 7 * kDayMinutes;
    case v1::Limit::MONTH:
      return limit.months() * 21.0 * kDayMinutes;
    case v1::Limit::SAME_DAY:
      return 180;
    default:
      return 5.0 * kDayMinutes;
  }
}

double Teller::ChoosePace() {
  switch (random_.Weighted({60, 34.5, 3, 2.5})) {
    case 0:
      return random_.Between(0.15, 0.7);
    case 1:
      return random_.Between(0.7, 0.97);
    case 2:
      return random_.Between(0.97, 1.0);
    default:
      late_ = true;
      return random_.Between(1.15, 1.9) + (IsSameDay() ? 1.5 : 0);
  }
}

Turn Teller::ChooseTurn() {
  const double land = IsLand() ? 1 : 0;
  const double slow = IsLong() ? 1 : 0;
  const double day = IsSameDay() ? 0 : 1;
  const size_t turn = random_.Weighted({100,
                                        5 * day + 6 * land,
                                        45 * land,
                                        3 * slow + 4 * land,
                                        3.5 * slow,
                                        2.5 * slow,
                                        1.3 * day,
                                        0.5 * day,
                                        0.9 * day});
  return static_cast<Turn>(turn);
}

std::optional<absl::Time> Teller::PlainDue() const {
  const auto times = domain::ComputeDueTimes(
      centre_.calendar(),
      {.received = clock_start_,
       .limit = agreed_limit_.has_value() ? *agreed_limit_ : offer_.limit,
       .counting_rule = offer_.procedure.counting_rule(),
       .cut_off = offer_.procedure.cut_off(),
       .pauses = {},
       .office = request_.competent_office().empty() ? request_.office() : request_.competent_office()});
  return times.ok() ? times->due : std::nullopt;
}

// --- Coming in -------------------------------------------------------------------------------------------------------

v1::Request Teller::MakeRequest() {
  v1::Request request;
  request.set_procedure(offer_.procedure.name());
  request.set_office(centre_.office());
  const bool household = offer_.procedure.field() == "fields/thanh-lap-va-hoat-dong-ho-kinh-doanh";
  if (household) {
    *request.mutable_applicant() = MakeHouseholdBusiness(random_);
  } else if (IsCertification() && random_.Chance(0.08)) {
    *request.mutable_applicant() = MakeEnterprise(random_);
  } else {
    *request.mutable_applicant() = MakeCitizen(random_);
  }
  request.set_channel(options_.online ? v1::CHANNEL_ONLINE
                                      : (random_.Chance(0.025) ? v1::CHANNEL_POST : v1::CHANNEL_COUNTER));
  request.set_return_channel(random_.Chance(options_.online ? 0.5 : 0.04) ? v1::CHANNEL_ONLINE : v1::CHANNEL_COUNTER);
  request.set_content(offer_.procedure.display_name());
  request.add_aliases(options_.alias);
  const bool away = !IsSameDay() && !centre_.neighbour().empty() && random_.Chance(0.03);
  if (away) request.set_competent_office(centre_.neighbour());
  AddPapers(request);
  return request;
}

void Teller::AddPapers(v1::Request& request) const {
  v1::Document& form = *request.add_documents();
  form.set_display_name(IsCertification() ? "Bản chính giấy tờ cần chứng thực" : "Tờ khai theo mẫu");
  form.set_form(options_.online ? "điện tử" : "bản chính");
  form.set_count(1);
  form.set_digitised(!IsCertification());
  if (!IsLong()) return;
  v1::Document& proof = *request.add_documents();
  proof.set_display_name(IsLand() ? "Giấy chứng nhận quyền sử dụng đất" : "Giấy tờ chứng minh kèm theo");
  proof.set_form("bản sao");
  proof.set_count(1);
}

bool Teller::SubmitAndCheck() {
  request_ = MakeRequest();
  if (random_.Chance(0.5)) request_.add_aliases(options_.portal_code);
  v1::Event submitted;
  *submitted.mutable_submitted()->mutable_request() = request_;
  AddNow(std::move(submitted));
  story_.opening = story_.events.size();
  if (request_.aliases_size() == 1) {
    v1::Event alias;
    alias.mutable_alias_added()->set_alias(options_.portal_code);
    alias.mutable_alias_added()->set_system("dvcqg");
    Add(now_ + absl::Minutes(1), std::move(alias));
  }
  Work(random_.Between(8.0, 220.0));
  if (random_.Chance(0.05)) {
    v1::Event refused;
    refused.mutable_intake_refused()->set_reason(random_.Pick(kRefusals));
    AddNow(std::move(refused));
    return false;
  }
  if (!random_.Chance(0.07)) return true;
  v1::Event ask;
  ask.mutable_supplement_requested()->set_content(random_.Pick(kMissingPapers));
  ask.mutable_supplement_requested()->set_reason("Thành phần hồ sơ chưa đầy đủ");
  AddNow(std::move(ask));
  now_ = AfterDays(now_, random_.Between(int64_t{1}, int64_t{6}));
  v1::Event received;
  received.mutable_supplement_received()->set_note("Bổ sung qua Cổng Dịch vụ công");
  AddNow(std::move(received));
  Work(random_.Between(5.0, 90.0));
  return true;
}

bool Teller::RefuseAtCounter() {
  if (!random_.Chance(0.012)) return false;
  v1::Event refused;
  *refused.mutable_intake_refused()->mutable_request() = MakeRequest();
  refused.mutable_intake_refused()->set_reason(random_.Pick(kRefusals));
  AddNow(std::move(refused));
  story_.opening = story_.events.size();
  return true;
}

void Teller::Accept() {
  v1::Event event;
  v1::Accepted& accepted = *event.mutable_accepted();
  unit_ = centre_.reception();
  accepted.set_unit(unit_);
  accepted.set_officer(Officer(unit_));
  accepted.set_fee_vnd(offer_.fee_vnd);
  if (offer_.procedure.name() == "procedures/2.001035" && random_.Chance(0.15)) {
    agreed_limit_.emplace();
    agreed_limit_->set_unit(v1::Limit::WORKING_DAY);
    agreed_limit_->set_minutes(4 * kDayMinutes);
    *accepted.mutable_agreed_limit() = *agreed_limit_;
    accepted.set_agreed_limit_basis("Văn bản thỏa thuận với người yêu cầu chứng thực");
  }
  clock_start_ = now_;
  std::string right_name;
  if (!options_.online) {
    request_ = MakeRequest();
    *accepted.mutable_request() = request_;
    if (random_.Chance(0.008)) {
      right_name = request_.applicant().display_name();
      accepted.mutable_request()->mutable_applicant()->set_display_name(Mistype(random_, right_name));
    }
  }
  AddNow(event);
  if (story_.opening == 0) story_.opening = story_.events.size();
  if (!right_name.empty()) CorrectName(event, right_name);
  if (random_.Chance(0.1)) Rate(v1::RATING_PHASE_RECEPTION, now_ + absl::Minutes(4));
}

void Teller::CorrectName(const v1::Event& accepted, const std::string& right_name) {
  if (story_.events.empty()) return;
  v1::Event event;
  v1::Amended& amended = *event.mutable_amended();
  amended.set_reason("Nhập sai tên người nộp");
  amended.set_approver(kLeader);
  *amended.mutable_replacement()->mutable_accepted() = accepted.accepted();
  amended.mutable_replacement()->mutable_accepted()->mutable_request()->mutable_applicant()->set_display_name(
      right_name);
  const size_t target = story_.events.size() - 1;
  Add(AfterWork(now_, random_.Between(10.0, 900.0)), std::move(event));
  if (story_.events.size() > target + 1) story_.events.back().corrects = target;
}

void Teller::Pay() {
  if (offer_.fee_vnd == 0) return;
  v1::Event event;
  v1::Paid& paid = *event.mutable_paid();
  paid.set_amount_vnd(offer_.fee_vnd);
  paid.set_online(random_.Chance(options_.online ? 0.9 : 0.25));
  paid.set_receipt(absl::StrFormat("BL-%06d", random_.Between(int64_t{1}, int64_t{999'999})));
  const absl::Time time = now_ + absl::Minutes(2);
  Add(time, event);
  if (!random_.Chance(0.008)) return;

  // Entered twice, and the second one taken back by an amendment.
  Add(time + absl::Minutes(1), event);
  v1::Event voided;
  voided.mutable_amended()->set_reason("Ghi trùng biên lai");
  voided.mutable_amended()->set_approver(kLeader);
  voided.mutable_amended()->set_voided(true);
  const size_t target = story_.events.size() - 1;
  Add(time + absl::Minutes(30), std::move(voided));
  if (story_.events.size() > target + 1) story_.events.back().corrects = target;
}

void Teller::OnTheSpot() {
  Work(random_.Between(4.0, 40.0));
  v1::Event finished;
  finished.mutable_finished()->set_result(v1::Finished::GRANTED);
  finished.mutable_finished()->set_officer(Officer(unit_));
  AddNow(std::move(finished));
  Work(random_.Between(1.0, 10.0));
  v1::Event returned;
  returned.mutable_returned()->set_channel(v1::CHANNEL_COUNTER);
  AddNow(std::move(returned));
  story_.opening = story_.events.size();
  Pay();
  Afterwards();
}

// --- Resolving -------------------------------------------------------------------------------------------------------

void Teller::HandOver() {
  const std::string from = unit_;
  unit_ = request_.competent_office().empty() ? centre_.UnitFor(offer_.procedure.field()) : centre_.neighbour_unit();
  v1::Event event;
  v1::Forwarded& forwarded = *event.mutable_forwarded();
  forwarded.set_to_unit(unit_);
  forwarded.set_from_unit(from);
  if (random_.Chance(0.7)) forwarded.set_to_officer(Officer(unit_));
  if (IsLong() && random_.Chance(0.5)) {
    forwarded.mutable_step_limit()->set_unit(v1::Limit::WORKING_DAY);
    forwarded.mutable_step_limit()->set_minutes(static_cast<int64_t>(LimitMinutes() * 0.6));
  }
  AddNow(std::move(event));
}

void Teller::Take() {
  v1::Event event;
  v1::StepTaken& taken = *event.mutable_step_taken();
  taken.set_unit(unit_);
  taken.set_officer(Officer(unit_));
  if (!request_.competent_office().empty()) {
    taken.set_office(request_.competent_office());
    clock_start_ = now_;
  }
  AddNow(std::move(event));
}

void Teller::Resolve() {
  const Turn turn = ChooseTurn();
  const double total = LimitMinutes() * ChoosePace();
  Work(std::min(total * random_.Between(0.03, 0.1), random_.Between(20.0, 150.0)));
  HandOver();
  Work(std::min(total * random_.Between(0.03, 0.12), random_.Between(30.0, 420.0)));
  Take();
  const absl::Time planned = AfterWork(clock_start_, total);
  if (random_.Chance(0.03)) {
    v1::Event note;
    note.mutable_noted()->set_text("Đã gọi điện hướng dẫn người nộp");
    Add(now_ + absl::Minutes(random_.Between(int64_t{5}, int64_t{60})), std::move(note));
  }
  Work(total * random_.Between(0.1, 0.4));
  if (turn != Turn::kNone) late_ = false;
  const bool waited = turn == Turn::kSupplement || turn == Turn::kPayment || turn == Turn::kPause;
  if (!TakeTurn(turn) || IsOver()) return Petition();
  if (waited) {
    Work(LimitMinutes() * random_.Between(0.15, 0.55));
  } else if (planned > now_) {
    now_ = planned;
  } else {
    Work(20);
  }
  if (random_.Chance(0.6)) {
    v1::Event done;
    done.mutable_step_done()->set_unit(unit_);
    AddNow(std::move(done));
  }
  Finish();
  Petition();
}

bool Teller::TakeTurn(Turn turn) {
  switch (turn) {
    case Turn::kNone:
      return true;
    case Turn::kSupplement:
      return Supplement();
    case Turn::kPayment:
      return Payment();
    case Turn::kPause:
      return Pause();
    case Turn::kOpinion:
      return Opinion();
    case Turn::kReschedule:
      return PutOff();
    case Turn::kWithdrawal:
      return Withdraw();
    case Turn::kStop:
      return Stop("Người nộp có đơn đang được Tòa án thụ lý");
    case Turn::kForgotten:
      return false;
  }
  return true;
}

bool Teller::Supplement() {
  if (!AskForPapers(/*again=*/false)) return false;
  if (!random_.Chance(0.1)) return true;
  Work(random_.Between(30.0, 300.0));
  return AskForPapers(/*again=*/true);
}

bool Teller::AskForPapers(bool again) {
  v1::Event ask;
  v1::SupplementRequested& request = *ask.mutable_supplement_requested();
  request.set_content(random_.Pick(kMissingPapers));
  request.set_reason("Thành phần hồ sơ chưa đầy đủ theo quyết định công bố thủ tục");
  request.set_officer(Officer(unit_));
  if (again) {
    request.set_override_approver(kLeader);
    request.set_override_reason("Giấy tờ bổ sung lần đầu không đúng nội dung yêu cầu");
  }
  AddNow(std::move(ask));
  if (random_.Chance(0.12)) {
    now_ = AfterDays(now_, random_.Between(int64_t{20}, int64_t{35}));
    return random_.Chance(0.6) && Stop("Quá thời hạn bổ sung mà không nhận được hồ sơ bổ sung");
  }
  now_ = AfterDays(now_, random_.Between(int64_t{1}, int64_t{12}));
  if (random_.Chance(0.5)) {
    v1::Event paper;
    paper.mutable_document_added()->mutable_document()->set_display_name("Giấy tờ bổ sung theo phiếu yêu cầu");
    paper.mutable_document_added()->mutable_document()->set_count(1);
    AddNow(std::move(paper));
  }
  v1::Event received;
  received.mutable_supplement_received()->set_note("Đã nhận đủ giấy tờ bổ sung");
  AddNow(std::move(received));
  return true;
}

bool Teller::Payment() {
  v1::Event ask;
  const int64_t amount = random_.Between(int64_t{5}, int64_t{400}) * 100'000;
  const std::string notice = absl::StrFormat("%d/TB-CCT", random_.Between(int64_t{100}, int64_t{4000}));
  ask.mutable_financial_obligation_requested()->set_amount_vnd(amount);
  ask.mutable_financial_obligation_requested()->set_document(notice);
  AddNow(std::move(ask));
  now_ = AfterDays(now_, random_.Between(int64_t{2}, int64_t{14}));
  v1::Event met;
  met.mutable_financial_obligation_met()->set_amount_vnd(amount);
  met.mutable_financial_obligation_met()->set_document(notice);
  AddNow(std::move(met));
  return true;
}

bool Teller::Pause() {
  v1::Event pause;
  v1::Paused& paused = *pause.mutable_paused();
  if (IsLand()) {
    paused.set_reason(random_.Chance(0.7) ? v1::PAUSE_REASON_PUBLIC_POSTING : v1::PAUSE_REASON_INTER_AGENCY);
  } else {
    paused.set_reason(random_.Chance(0.6) ? v1::PAUSE_REASON_VERIFICATION : v1::PAUSE_REASON_APPRAISAL);
  }
  paused.set_document(absl::StrFormat("%d/UBND-VP", random_.Between(int64_t{10}, int64_t{900})));
  AddNow(std::move(pause));
  now_ = AfterDays(now_, random_.Between(int64_t{3}, int64_t{15}));
  v1::Event resumed;
  resumed.mutable_resumed()->set_note("Đã có kết quả");
  AddNow(std::move(resumed));
  return true;
}

bool Teller::Opinion() {
  const std::string other = centre_.OtherUnit(unit_);
  if (other.empty()) return true;
  v1::Event ask;
  ask.mutable_opinion_asked()->set_unit(other);
  ask.mutable_opinion_asked()->set_content("Đề nghị cho ý kiến về nội dung hồ sơ");
  ask.mutable_opinion_asked()->mutable_limit()->set_unit(v1::Limit::WORKING_DAY);
  ask.mutable_opinion_asked()->mutable_limit()->set_minutes(kDayMinutes);
  AddNow(std::move(ask));
  Work(random_.Between(60.0, 700.0));
  v1::Event given;
  given.mutable_opinion_given()->set_unit(other);
  given.mutable_opinion_given()->set_content("Thống nhất");
  AddNow(std::move(given));
  return true;
}

bool Teller::PutOff() {
  const std::optional<absl::Time> due = PlainDue();
  if (!due.has_value()) return true;
  const domain::Calendar& calendar = centre_.calendar();
  const int64_t due_day = LocalDayNumber(*due);
  const bool late_notice = random_.Chance(0.2);
  // The last working day before the day of the appointment; with late notice that day itself.
  int64_t day = due_day;
  for (bool working = late_notice; !working;) {
    --day;
    const auto kind = calendar.KindOf(day);
    if (!kind.ok()) return true;
    working = kind->kind == domain::DayKind::Kind::kWorking;
  }
  const absl::Time moment = AfterWork(LocalMidnight(day), random_.Between(60.0, 380.0));
  const auto new_day = calendar.NthWorkingDay(due_day + 1, random_.Between(int64_t{2}, int64_t{6}));
  if (!new_day.ok() || moment <= now_) return true;
  const auto new_due = calendar.ClosingTime(centre_.office(), *new_day);
  if (!new_due.ok()) return true;
  now_ = moment;
  v1::Event event;
  v1::Rescheduled& rescheduled = *event.mutable_rescheduled();
  *rescheduled.mutable_new_due_time() = ToProto(*new_due);
  rescheduled.set_reason("Cần thêm thời gian thẩm tra thực địa");
  rescheduled.set_approver(kLeader);
  rescheduled.set_document(absl::StrFormat("%d/PXL", random_.Between(int64_t{1}, int64_t{300})));
  rescheduled.set_late_notice(late_notice);
  AddNow(std::move(event));
  Work(random_.Between(300.0, 900.0));
  return true;
}

bool Teller::Withdraw() {
  v1::Event event;
  event.mutable_withdrawal_requested()->set_reason("Thay đổi nhu cầu");
  AddNow(std::move(event));
  Work(random_.Between(20.0, 300.0));
  if (!random_.Chance(0.3)) return Stop("Theo đề nghị của người nộp");
  v1::Event back;
  back.mutable_resumed()->set_note("Người nộp rút lại đề nghị");
  AddNow(std::move(back));
  return true;
}

bool Teller::Stop(const std::string& reason) {
  v1::Event event;
  event.mutable_stopped()->set_reason(reason);
  event.mutable_stopped()->set_approver(kLeader);
  AddNow(std::move(event));
  return false;
}

void Teller::Finish() {
  v1::Event event;
  v1::Finished& finished = *event.mutable_finished();
  const bool refused = random_.Chance(0.015);
  finished.set_result(refused ? v1::Finished::REFUSED : v1::Finished::GRANTED);
  if (refused) finished.set_reason("Không đủ điều kiện theo quy định");
  finished.set_officer(Officer(unit_));
  finished.set_electronic_result(options_.online || random_.Chance(0.4));
  if (!refused && !IsCertification()) {
    finished.set_document(absl::StrFormat("%d/KQ", random_.Between(int64_t{100}, int64_t{9000})));
  }
  if (late_) finished.set_late_reason(random_.Pick(kLateReasons));
  AddNow(std::move(event));
  Return();
}

// --- The end ---------------------------------------------------------------------------------------------------------

void Teller::Return() {
  const bool electronic = request_.return_channel() == v1::CHANNEL_ONLINE;
  // Some come only days later.
  Work(electronic ? 2.0 : (random_.Chance(0.75) ? random_.Between(10.0, 400.0) : random_.Between(400.0, 2600.0)));
  v1::Event event;
  event.mutable_returned()->set_channel(request_.return_channel());
  if (!electronic) event.mutable_returned()->set_officer(Officer(centre_.reception()));
  AddNow(std::move(event));
  Afterwards();
}

void Teller::Afterwards() {
  if (random_.Chance(0.35))
    Rate(v1::RATING_PHASE_RESULT, now_ + absl::Minutes(random_.Between(int64_t{1}, int64_t{15})));
}

void Teller::Rate(v1::RatingPhase phase, absl::Time time) {
  v1::Event event;
  v1::Rated& rated = *event.mutable_rated();
  rated.set_phase(phase);
  const std::vector<double> weights = late_ ? std::vector<double>{25, 45, 30} : std::vector<double>{62, 33, 5};
  rated.set_level(static_cast<v1::RatingLevel>(random_.Weighted(weights) + 1));
  rated.set_channel(options_.online ? v1::CHANNEL_ONLINE : v1::CHANNEL_COUNTER);
  if (rated.level() == v1::RATING_LEVEL_DISSATISFIED) {
    rated.set_comment(random_.Pick(kComplaints));
  } else if (random_.Chance(0.15)) {
    rated.set_comment(random_.Pick(kComments));
  }
  Add(time, std::move(event));
}

void Teller::Petition() {
  if (!random_.Chance(late_ ? 0.08 : 0.006) || IsOver()) return;
  v1::Event received;
  received.mutable_petition_received()->set_petition_id("PA-01");
  received.mutable_petition_received()->set_content(late_ ? "Hồ sơ quá hẹn mà chưa có kết quả"
                                                          : "Hướng dẫn thành phần hồ sơ không thống nhất");
  received.mutable_petition_received()->set_channel("dvcqg");
  const absl::Time asked = AfterDays(now_, 1);
  Add(asked, std::move(received));
  v1::Event answered;
  answered.mutable_petition_answered()->set_petition_id("PA-01");
  answered.mutable_petition_answered()->set_content("Trung tâm đã kiểm tra và trả lời người phản ánh");
  answered.mutable_petition_answered()->set_upheld(random_.Chance(0.4));
  Add(AfterDays(asked, random_.Between(int64_t{3}, int64_t{24})), std::move(answered));
}

Story Teller::Run() {
  if (IsOver()) return {};
  const bool goes_on = options_.online ? SubmitAndCheck() : !RefuseAtCounter();
  if (goes_on && !IsOver()) {
    Accept();
    const bool at_once = IsSameDay() && !options_.online && random_.Chance(IsCertification() ? 0.8 : 0.5);
    if (at_once && story_.events.size() == 1) {
      OnTheSpot();
    } else {
      Pay();
      Resolve();
    }
  }
  SortByTime(&story_);
  return std::move(story_);
}

}  // namespace

Story TellStory(const StoryOptions& options, Random& random) { return Teller(options, random).Run(); }

}  // namespace tthc::sample
