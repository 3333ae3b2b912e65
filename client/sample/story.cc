#include "client/sample/story.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/sample/people.h"
#include "server/timing/deadline.h"
#include "storage/base/limits.h"
#include "storage/base/local_time.h"

namespace tthc::sample {
namespace {

constexpr int64_t kDayMinutes = limits::kMinutesPerWorkingDay;
constexpr char kLeader[] = "Nguyễn Thị Thu Hà, Phó Giám đốc Trung tâm";

// What deviates from the straight way, if anything.
enum class Turn {
  kNone,
  kSupplement,
  kPayment,
  kPause,
  kOpinion,
  kReschedule,
  kWithdrawal,
  kStop,
  // Left on a desk.
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

// Sorts what follows the opening by time, and moves the indexes of amendments along.
// The opening keeps its place: it is one command, whatever its times are.
void SortByTime(Story* story) {
  std::vector<size_t> order(story->events.size());
  std::iota(order.begin(), order.end(), size_t{0});
  // Stable, so that events of one moment keep the order in which they were added.
  std::stable_sort(order.begin() + static_cast<std::ptrdiff_t>(story->opening), order.end(),
                   [&](size_t a, size_t b) { return story->events[a].time < story->events[b].time; });
  std::vector<size_t> place(order.size());
  // The inverse of `order`: where each event has gone, which is what `corrects` must name.
  for (size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::vector<StoryEvent> sorted;
  for (const size_t from : order) {
    StoryEvent& event = story->events[from];
    if (event.corrects.has_value()) event.corrects = place[*event.corrects];
    sorted.push_back(std::move(event));
  }
  story->events = std::move(sorted);
}

class StoryWriter {
 public:
  StoryWriter(const StoryOptions& options, Random& random)
      : options_(options), center_(*options.center), offer_(*options.offer), random_(random), now_(options.arrival) {}

  Story Run();

 private:
  // --- Time ----------------------------------------------------------------------------------------------------------
  // `from` plus working minutes. After the horizon it stays where it is; infinite where the calendar ends.
  absl::Time AfterWork(absl::Time from, double minutes) const;
  // `from` plus days, then somewhere in the next two working hours.
  absl::Time AfterDays(absl::Time from, int64_t days);
  void Work(double minutes) { now_ = AfterWork(now_, minutes); }
  bool IsOver() const { return now_ > options_.horizon; }

  // --- Events --------------------------------------------------------------------------------------------------------
  // Drops what happens after the horizon.
  void Add(absl::Time time, v1::Event event);
  void AddNow(v1::Event event) { Add(now_, std::move(event)); }

  // --- The stages ----------------------------------------------------------------------------------------------------
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
  // The due time of a dossier whose clock was neither stopped nor restarted.
  std::optional<absl::Time> PlainDue() const;
  std::string Officer(const std::string& unit);
  bool IsLand() const { return offer_.procedure.field() == "fields/G13-TN02"; }
  bool IsCertification() const { return offer_.procedure.field() == "fields/chung-thuc"; }
  bool IsSameDay() const { return offer_.limit.unit() == v1::Limit::UNIT_SAME_DAY; }
  bool IsLong() const { return LimitMinutes() >= 3 * kDayMinutes; }

  const StoryOptions& options_;
  const Center& center_;
  const Center::Offer& offer_;
  Random& random_;

  absl::Time now_;
  absl::Time clock_start_;
  std::optional<v1::Limit> agreed_limit_;
  v1::Request request_;
  std::string unit_;
  bool late_ = false;
  Story story_;
};

absl::Time StoryWriter::AfterWork(absl::Time from, double minutes) const {
  if (from > options_.horizon) return from;
  // At least one second, because the calendar adds no 0.
  const auto seconds = std::max<int64_t>(1, static_cast<int64_t>(minutes * 60));
  const auto time = center_.calendar().AddWorkingSeconds(center_.office(), from, seconds);
  return time.ok() ? *time : absl::InfiniteFuture();
}

absl::Time StoryWriter::AfterDays(absl::Time from, int64_t days) {
  return AfterWork(from + absl::Hours(24) * days, random_.Between(5.0, 120.0));
}

void StoryWriter::Add(absl::Time time, v1::Event event) {
  // Dropping single events keeps the rest a valid history, because the lifecycle allows every prefix.
  if (time > options_.horizon) return;
  *event.mutable_occur_time() = ToProto(time);
  // A quarter is longer than the bound for late entries.
  event.set_imported(true);
  story_.events.push_back({.time = time, .event = std::move(event)});
}

std::string StoryWriter::Officer(const std::string& unit) {
  const std::vector<std::string> officers = center_.OfficersOf(unit);
  if (officers.empty()) return "";
  // The head of a unit is listed first and handles few dossiers.
  const int64_t first = officers.size() > 1 && random_.Chance(0.85) ? 1 : 0;
  return officers[static_cast<size_t>(random_.Between(first, static_cast<int64_t>(officers.size()) - 1))];
}

double StoryWriter::LimitMinutes() const {
  const v1::Limit& limit = agreed_limit_.has_value() ? *agreed_limit_ : offer_.limit;
  switch (limit.unit()) {
    case v1::Limit::UNIT_WORKING_DAY:
    case v1::Limit::UNIT_HOUR:
      return static_cast<double>(limit.minutes());
    // Five of seven days are working days; roughly is enough, since this only sets the pace.
    case v1::Limit::UNIT_CALENDAR_DAY:
      return static_cast<double>(limit.minutes()) / limits::kMinutesPerCalendarDay * 5 / 7 * kDayMinutes;
    case v1::Limit::UNIT_MONTH:
      return limit.months() * 21.0 * kDayMinutes;
    case v1::Limit::UNIT_SAME_DAY:
      return 180;
    default:
      return 5.0 * kDayMinutes;
  }
}

double StoryWriter::ChoosePace() {
  // Most dossiers are early and few are late; 2.5 % late leaves enough of them to look at.
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

Turn StoryWriter::ChooseTurn() {
  const double land = IsLand() ? 1 : 0;
  const double slow = IsLong() ? 1 : 0;
  const double day = IsSameDay() ? 0 : 1;
  // In the order of Turn. Land procedures wait and pay most often; what is due the same day has no time for turns.
  const size_t turn = random_.Weighted({100, 5 * day + 6 * land, 45 * land, 3 * slow + 4 * land, 3.5 * slow, 2.5 * slow,
                                        1.3 * day, 0.5 * day, 0.9 * day});
  return static_cast<Turn>(turn);
}

std::optional<absl::Time> StoryWriter::PlainDue() const {
  const auto times = timing::ComputeDueTimes(
      center_.calendar(),
      {.received = clock_start_,
       .limit = agreed_limit_.has_value() ? *agreed_limit_ : offer_.limit,
       .counting_rule = offer_.procedure.counting_rule(),
       .cut_off = offer_.procedure.cut_off(),
       .pauses = {},
       .office = request_.competent_office().empty() ? request_.office() : request_.competent_office()});
  return times.ok() ? times->due : std::nullopt;
}

// --- Coming in -------------------------------------------------------------------------------------------------------

v1::Request StoryWriter::MakeRequest() {
  v1::Request request;
  request.set_procedure(offer_.procedure.name());
  request.set_office(center_.office());
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
  // Handed in away from home: another office resolves it, and its clock starts there.
  const bool away = !IsSameDay() && !center_.neighbor().empty() && random_.Chance(0.03);
  if (away) request.set_competent_office(center_.neighbor());
  AddPapers(request);
  return request;
}

void StoryWriter::AddPapers(v1::Request& request) const {
  v1::Document& form = *request.add_documents();
  form.set_display_name(IsCertification() ? "Bản chính giấy tờ cần chứng thực" : "Tờ khai theo mẫu");
  form.set_form(options_.online ? "điện tử" : "bản chính");
  form.set_copy_count(1);
  form.set_digitized(!IsCertification());
  if (!IsLong()) return;
  v1::Document& proof = *request.add_documents();
  proof.set_display_name(IsLand() ? "Giấy chứng nhận quyền sử dụng đất" : "Giấy tờ chứng minh kèm theo");
  proof.set_form("bản sao");
  proof.set_copy_count(1);
}

bool StoryWriter::SubmitAndCheck() {
  request_ = MakeRequest();
  if (random_.Chance(0.5)) request_.add_aliases(options_.portal_code);
  v1::Event submitted;
  *submitted.mutable_submitted()->mutable_request() = request_;
  AddNow(std::move(submitted));
  story_.opening = story_.events.size();
  // The other half gets the code of the portal by an event of its own, as portals do that answer late.
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
  // A supplement before acceptance, which stops no clock.
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

bool StoryWriter::RefuseAtCounter() {
  if (!random_.Chance(0.012)) return false;
  v1::Event refused;
  *refused.mutable_intake_refused()->mutable_request() = MakeRequest();
  refused.mutable_intake_refused()->set_reason(random_.Pick(kRefusals));
  AddNow(std::move(refused));
  story_.opening = story_.events.size();
  return true;
}

void StoryWriter::Accept() {
  v1::Event event;
  v1::Accepted& accepted = *event.mutable_accepted();
  unit_ = center_.reception();
  accepted.set_unit(unit_);
  accepted.set_officer(Officer(unit_));
  accepted.set_fee_vnd(offer_.fee_vnd);
  // For this procedure a longer limit may be agreed with the applicant in writing.
  if (offer_.procedure.name() == "procedures/2.001035" && random_.Chance(0.15)) {
    agreed_limit_.emplace();
    agreed_limit_->set_unit(v1::Limit::UNIT_WORKING_DAY);
    agreed_limit_->set_minutes(4 * kDayMinutes);
    *accepted.mutable_agreed_limit() = *agreed_limit_;
    accepted.set_agreed_limit_basis("Văn bản thỏa thuận với người yêu cầu chứng thực");
  }
  // Take sets it again if another office is competent.
  clock_start_ = now_;
  std::string right_name;
  if (!options_.online) {
    request_ = MakeRequest();
    *accepted.mutable_request() = request_;
    // A name typed wrong, to be corrected by an amendment.
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

void StoryWriter::CorrectName(const v1::Event& accepted, const std::string& right_name) {
  if (story_.events.empty()) return;
  v1::Event event;
  v1::Amended& amended = *event.mutable_amended();
  amended.set_reason("Nhập sai tên người nộp");
  amended.set_approver(kLeader);
  *amended.mutable_replacement()->mutable_accepted() = accepted.accepted();
  amended.mutable_replacement()->mutable_accepted()->mutable_request()->mutable_applicant()->set_display_name(
      right_name);
  // The acceptance was added last.
  const size_t target = story_.events.size() - 1;
  Add(AfterWork(now_, random_.Between(10.0, 900.0)), std::move(event));
  // Unset if the amendment came after the horizon and was dropped.
  if (story_.events.size() > target + 1) story_.events.back().corrects = target;
}

void StoryWriter::Pay() {
  if (offer_.fee_vnd == 0) return;
  v1::Event event;
  v1::Paid& paid = *event.mutable_paid();
  paid.set_amount_vnd(offer_.fee_vnd);
  paid.set_online(random_.Chance(options_.online ? 0.9 : 0.25));
  paid.set_receipt(absl::StrFormat("BL-%06d", random_.Between(int64_t{1}, int64_t{999'999})));
  // now_ stays where it is: paying takes no working time of the office.
  const absl::Time time = now_ + absl::Minutes(2);
  Add(time, event);
  if (!random_.Chance(0.008)) return;

  // Entered twice; an amendment voids the second one.
  Add(time + absl::Minutes(1), event);
  v1::Event voided;
  voided.mutable_amended()->set_reason("Ghi trùng biên lai");
  voided.mutable_amended()->set_approver(kLeader);
  voided.mutable_amended()->set_voided(true);
  const size_t target = story_.events.size() - 1;
  Add(time + absl::Minutes(30), std::move(voided));
  if (story_.events.size() > target + 1) story_.events.back().corrects = target;
}

void StoryWriter::OnTheSpot() {
  Work(random_.Between(4.0, 40.0));
  v1::Event finished;
  // Certifications are done while the applicant waits: acceptance, result and return are one visit.
  finished.mutable_finished()->set_result(v1::Finished::RESULT_GRANTED);
  finished.mutable_finished()->set_officer(Officer(unit_));
  AddNow(std::move(finished));
  Work(random_.Between(1.0, 10.0));
  v1::Event returned;
  returned.mutable_returned()->set_channel(v1::CHANNEL_COUNTER);
  AddNow(std::move(returned));
  // The visit is one command. What comes after it is recorded one by one.
  story_.opening = story_.events.size();
  Pay();
  Afterwards();
}

// --- Resolving -------------------------------------------------------------------------------------------------------

void StoryWriter::HandOver() {
  const std::string from = unit_;
  unit_ = request_.competent_office().empty() ? center_.UnitFor(offer_.procedure.field()) : center_.neighbor_unit();
  v1::Event event;
  v1::Forwarded& forwarded = *event.mutable_forwarded();
  forwarded.set_to_unit(unit_);
  forwarded.set_from_unit(from);
  if (random_.Chance(0.7)) forwarded.set_to_officer(Officer(unit_));
  if (IsLong() && random_.Chance(0.5)) {
    forwarded.mutable_step_limit()->set_unit(v1::Limit::UNIT_WORKING_DAY);
    forwarded.mutable_step_limit()->set_minutes(static_cast<int64_t>(LimitMinutes() * 0.6));
  }
  AddNow(std::move(event));
}

void StoryWriter::Take() {
  v1::Event event;
  v1::StepTaken& taken = *event.mutable_step_taken();
  taken.set_unit(unit_);
  taken.set_officer(Officer(unit_));
  // The clock of such a dossier starts when the competent office takes it.
  if (!request_.competent_office().empty()) {
    taken.set_office(request_.competent_office());
    clock_start_ = now_;
  }
  AddNow(std::move(event));
}

void StoryWriter::Resolve() {
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
  // A turn has its own timing, so the pace that was drawn no longer says whether it will be late.
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

bool StoryWriter::TakeTurn(Turn turn) {
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

bool StoryWriter::Supplement() {
  if (!AskForPapers(/*again=*/false)) return false;
  if (!random_.Chance(0.1)) return true;
  Work(random_.Between(30.0, 300.0));
  return AskForPapers(/*again=*/true);
}

bool StoryWriter::AskForPapers(bool again) {
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
  // Some applicants never bring the papers: the dossier is stopped, or stays open and waits.
  if (random_.Chance(0.12)) {
    now_ = AfterDays(now_, random_.Between(int64_t{20}, int64_t{35}));
    // False in both cases: nothing follows a stop, nor a wait that is still open.
    return random_.Chance(0.6) && Stop("Quá thời hạn bổ sung mà không nhận được hồ sơ bổ sung");
  }
  now_ = AfterDays(now_, random_.Between(int64_t{1}, int64_t{12}));
  if (random_.Chance(0.5)) {
    v1::Event paper;
    paper.mutable_document_added()->mutable_document()->set_display_name("Giấy tờ bổ sung theo phiếu yêu cầu");
    paper.mutable_document_added()->mutable_document()->set_copy_count(1);
    AddNow(std::move(paper));
  }
  v1::Event received;
  received.mutable_supplement_received()->set_note("Đã nhận đủ giấy tờ bổ sung");
  AddNow(std::move(received));
  return true;
}

bool StoryWriter::Payment() {
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

bool StoryWriter::Pause() {
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

bool StoryWriter::Opinion() {
  const std::string other = center_.OtherUnit(unit_);
  if (other.empty()) return true;
  v1::Event ask;
  ask.mutable_opinion_asked()->set_unit(other);
  ask.mutable_opinion_asked()->set_content("Đề nghị cho ý kiến về nội dung hồ sơ");
  ask.mutable_opinion_asked()->mutable_limit()->set_unit(v1::Limit::UNIT_WORKING_DAY);
  ask.mutable_opinion_asked()->mutable_limit()->set_minutes(kDayMinutes);
  AddNow(std::move(ask));
  Work(random_.Between(60.0, 700.0));
  v1::Event given;
  given.mutable_opinion_given()->set_unit(other);
  given.mutable_opinion_given()->set_content("Thống nhất");
  AddNow(std::move(given));
  return true;
}

bool StoryWriter::PutOff() {
  const std::optional<absl::Time> due = PlainDue();
  if (!due.has_value()) return true;
  const timing::Calendar& calendar = center_.calendar();
  const int64_t due_day = LocalDayNumber(*due);
  // The law asks for the apology a day before; a notice on the day itself is recorded as late.
  const bool late_notice = random_.Chance(0.2);
  // The last working day before the day of the appointment; with late notice that day itself.
  int64_t day = due_day;
  for (bool working = late_notice; !working;) {
    --day;
    const auto kind = calendar.KindOf(day);
    if (!kind.ok()) return true;
    working = kind->kind == timing::DayKind::Kind::kWorking;
  }
  const absl::Time moment = AfterWork(LocalMidnight(day), random_.Between(60.0, 380.0));
  const auto new_day = calendar.NthWorkingDay(due_day + 1, random_.Between(int64_t{2}, int64_t{6}));
  // The work took so long that the day of the notice is over: the dossier goes on without one.
  if (!new_day.ok() || moment <= now_) return true;
  const auto new_due = calendar.ClosingTime(center_.office(), *new_day);
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

bool StoryWriter::Withdraw() {
  v1::Event event;
  event.mutable_withdrawal_requested()->set_reason("Thay đổi nhu cầu");
  AddNow(std::move(event));
  Work(random_.Between(20.0, 300.0));
  // Some change their minds again: the clock goes on.
  if (!random_.Chance(0.3)) return Stop("Theo đề nghị của người nộp");
  v1::Event back;
  back.mutable_resumed()->set_note("Người nộp rút lại đề nghị");
  AddNow(std::move(back));
  return true;
}

bool StoryWriter::Stop(const std::string& reason) {
  v1::Event event;
  event.mutable_stopped()->set_reason(reason);
  event.mutable_stopped()->set_approver(kLeader);
  AddNow(std::move(event));
  return false;
}

void StoryWriter::Finish() {
  v1::Event event;
  v1::Finished& finished = *event.mutable_finished();
  const bool refused = random_.Chance(0.015);
  finished.set_result(refused ? v1::Finished::RESULT_REFUSED : v1::Finished::RESULT_GRANTED);
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

void StoryWriter::Return() {
  const bool electronic = request_.return_channel() == v1::CHANNEL_ONLINE;
  // Some applicants come only days later.
  Work(electronic ? 2.0 : (random_.Chance(0.75) ? random_.Between(10.0, 400.0) : random_.Between(400.0, 2600.0)));
  v1::Event event;
  event.mutable_returned()->set_channel(request_.return_channel());
  if (!electronic) event.mutable_returned()->set_officer(Officer(center_.reception()));
  AddNow(std::move(event));
  Afterwards();
}

void StoryWriter::Afterwards() {
  if (random_.Chance(0.35))
    Rate(v1::RATING_PHASE_RESULT, now_ + absl::Minutes(random_.Between(int64_t{1}, int64_t{15})));
}

void StoryWriter::Rate(v1::RatingPhase phase, absl::Time time) {
  v1::Event event;
  v1::Rated& rated = *event.mutable_rated();
  rated.set_phase(phase);
  // People who waited too long are dissatisfied six times as often.
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

void StoryWriter::Petition() {
  if (!random_.Chance(late_ ? 0.08 : 0.006) || IsOver()) return;
  v1::Event received;
  received.mutable_petition_received()->set_petition_id("PA-01");
  received.mutable_petition_received()->set_content(late_ ? "Hồ sơ quá hẹn mà chưa có kết quả"
                                                          : "Hướng dẫn thành phần hồ sơ không thống nhất");
  received.mutable_petition_received()->set_channel("dvcqg");
  // now_ stays where it is: a petition does not hold up the dossier.
  const absl::Time asked = AfterDays(now_, 1);
  Add(asked, std::move(received));
  v1::Event answered;
  answered.mutable_petition_answered()->set_petition_id("PA-01");
  answered.mutable_petition_answered()->set_content("Trung tâm đã kiểm tra và trả lời người phản ánh");
  answered.mutable_petition_answered()->set_upheld(random_.Chance(0.4));
  Add(AfterDays(asked, random_.Between(int64_t{3}, int64_t{24})), std::move(answered));
}

Story StoryWriter::Run() {
  if (IsOver()) return {};
  // The order of draws is fixed by the order of these calls: a change here changes every sample.
  const bool goes_on = options_.online ? SubmitAndCheck() : !RefuseAtCounter();
  if (goes_on && !IsOver()) {
    Accept();
    const bool at_once = IsSameDay() && !options_.online && random_.Chance(IsCertification() ? 0.8 : 0.5);
    // A correction or a rating behind the acceptance would become part of the one command of the visit, where no
    // amendment is possible: its target has no revision yet.
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

Story MakeStory(const StoryOptions& options, Random& random) { return StoryWriter(options, random).Run(); }

}  // namespace tthc::sample
