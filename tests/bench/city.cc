#include "tests/bench/city.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "storage/base/local_time.h"

namespace tthc::bench {
namespace {

constexpr int64_t kOffices = 40;
constexpr int64_t kUnitsPerOffice = 5;
constexpr int64_t kOfficersPerOffice = 10;
constexpr int64_t kFields = 25;
constexpr int64_t kProcedures = 150;
constexpr char kValidFrom[] = "2024-01-01";

constexpr std::array kUnitNames = {"Trung tâm Phục vụ hành chính công", "Văn phòng HĐND và UBND", "Phòng Kinh tế",
                                   "Phòng Văn hóa - Xã hội", "Lãnh đạo UBND"};
constexpr int64_t kCounter = 0;
constexpr int64_t kLeaders = 4;
constexpr std::array kSurnames = {"Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ"};
constexpr std::array kMiddles = {"Thị", "Văn", "Đức", "Minh", "Ngọc", "Quốc", "Thanh", "Hữu"};
constexpr std::array kGiven = {"Hòa", "An",  "Bình", "Dũng", "Hương", "Lan",
                               "Mai", "Nam", "Phúc", "Quân", "Sơn",   "Trang"};
constexpr std::array kLateReasons = {"Hồ sơ phức tạp", "Chờ ý kiến cơ quan phối hợp", "Thiếu cán bộ", "Lỗi hệ thống"};
constexpr std::array<int64_t, 8> kLimitDays = {1, 2, 3, 5, 7, 10, 15, 20};
constexpr int64_t kFeeVnd = 15'000;

std::string OfficeName(int64_t office) { return absl::StrCat("offices/H31.", office + 1); }
std::string UnitName(int64_t unit) { return absl::StrCat("units/p", unit + 1); }
std::string OfficerName(int64_t officer) { return absl::StrCat("officers/cc", officer + 1); }
std::string FieldName(int64_t field) { return absl::StrFormat("fields/lv%02d", field + 1); }
std::string ProcedureName(int64_t procedure) { return absl::StrFormat("procedures/2.%06d", 1000 + procedure); }
int64_t FieldOf(int64_t procedure) { return procedure % kFields; }
bool HasFee(int64_t procedure) { return procedure % 10 < 3; }

template <typename Array>
const char* Pick(const Array& from, CityRandom& random) {
  return from[static_cast<size_t>(random.Between(0, static_cast<int64_t>(from.size()) - 1))];
}

// A few procedures make most dossiers, as in a real center.
int64_t PickSkewed(int64_t count, CityRandom& random) { return random.Between(0, random.Between(0, count - 1)); }

}  // namespace

uint64_t CityRandom::Next() {
  state_ += 0x9E3779B97F4A7C15u;
  uint64_t value = state_;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
  return value ^ (value >> 31);
}

absl::Time CityNow() { return LocalMidnight(DayNumber(kCityLastDay)) + absl::Hours(18); }

v1::ImportOfficesRequest CityOffices() {
  v1::ImportOfficesRequest request;
  for (int64_t i = 0; i < kFields; ++i) {
    v1::Field& field = *request.add_fields();
    field.set_name(FieldName(i));
    field.set_display_name(absl::StrCat("Lĩnh vực ", i + 1));
  }
  for (int64_t i = 0; i < kOffices; ++i) {
    v1::Office& office = *request.add_offices();
    office.set_name(OfficeName(i));
    office.set_display_name(absl::StrCat("UBND xã số ", i + 1));
    office.set_start_date(kValidFrom);
  }
  for (int64_t i = 0; i < kOffices * kUnitsPerOffice; ++i) {
    v1::Unit& unit = *request.add_units();
    unit.set_name(UnitName(i));
    unit.set_display_name(
        absl::StrCat(kUnitNames[static_cast<size_t>(i % kUnitsPerOffice)], " xã số ", i / kUnitsPerOffice + 1));
    unit.set_office(OfficeName(i / kUnitsPerOffice));
    unit.set_start_date(kValidFrom);
  }
  CityRandom random(1);
  for (int64_t i = 0; i < kOffices * kOfficersPerOffice; ++i) {
    v1::Officer& officer = *request.add_officers();
    officer.set_name(OfficerName(i));
    officer.set_display_name(
        absl::StrCat(Pick(kSurnames, random), " ", Pick(kMiddles, random), " ", Pick(kGiven, random)));
    officer.set_unit(UnitName(i / kOfficersPerOffice * kUnitsPerOffice + i % kUnitsPerOffice));
    officer.set_start_date(kValidFrom);
  }
  return request;
}

std::vector<v1::Procedure> CityProcedures() {
  std::vector<v1::Procedure> procedures;
  for (int64_t i = 0; i < kProcedures; ++i) {
    v1::Procedure& procedure = procedures.emplace_back();
    procedure.set_name(ProcedureName(i));
    procedure.set_display_name(absl::StrCat("Thủ tục ", i / kFields + 1, " của lĩnh vực ", FieldOf(i) + 1));
    procedure.set_field(FieldName(FieldOf(i)));
    procedure.set_start_date(kValidFrom);
    procedure.set_counting_rule(i % 5 == 0 ? v1::COUNTING_RULE_CLOCK : v1::COUNTING_RULE_DATE);
    procedure.set_supplement_mode(i % 7 == 0 ? v1::SUPPLEMENT_MODE_RESUME : v1::SUPPLEMENT_MODE_RESTART);
    procedure.set_reviewed(true);
    if (HasFee(i)) procedure.set_fee_vnd(kFeeVnd);
    v1::Limit& limit = *procedure.add_limits()->mutable_limit();
    limit.set_unit(v1::Limit::UNIT_WORKING_DAY);
    limit.set_minutes(kLimitDays[static_cast<size_t>(i) % kLimitDays.size()] * 480);
  }
  return procedures;
}

CityLife::CityLife(int64_t number, absl::Time open_time, int64_t days_left, const timing::Calendar* calendar)
    : calendar_(*calendar), random_(static_cast<uint64_t>(number)), number_(number), open_time_(open_time) {
  office_ = PickSkewed(kOffices, random_);
  procedure_ = PickSkewed(kProcedures, random_);
  const int64_t way = random_.Between(1, 100);
  channel_ = way <= 60 ? v1::CHANNEL_ONLINE : way <= 95 ? v1::CHANNEL_COUNTER : v1::CHANNEL_POST;
  submits_ = channel_ == v1::CHANNEL_ONLINE && random_.Chance(700);
  is_refused_at_intake_ = submits_ && random_.Chance(30);
  stays_open_ = days_left <= 60 ? random_.Chance(280) : random_.Chance(2);
  is_late_ = random_.Chance(55);
  apologises_ = is_late_ && random_.Chance(400);
  withdraws_ = random_.Chance(15);
  needs_supplement_ = random_.Chance(60);
  needs_supplement_again_ = needs_supplement_ && random_.Chance(80);
  must_pay_ = random_.Chance(40);
  is_paused_ = random_.Chance(10);
  pays_fee_ = HasFee(procedure_);
  goes_to_leaders_ = random_.Chance(200);
  is_returned_ = random_.Chance(960);
  rates_result_ = random_.Chance(250);
  rates_reception_ = random_.Chance(60);
  complains_ = random_.Chance(5);
}

std::optional<v1::Event> CityLife::Next(const v1::Dossier& dossier) {
  const absl::Time last = dossier.has_last_occur_time() ? FromProto(dossier.last_occur_time()) : open_time_;
  v1::Event event;
  When when;
  switch (dossier.state()) {
    case v1::Dossier::STATE_UNSPECIFIED:
      when = Open(event);
      break;
    case v1::Dossier::STATE_SUBMITTED:
      when = AfterSubmission(last, event);
      break;
    case v1::Dossier::STATE_ACCEPTED:
      when = Forward(last, UnitOf(kCounter), event);
      break;
    case v1::Dossier::STATE_PROCESSING:
      when = Resolve(dossier, last, event);
      break;
    case v1::Dossier::STATE_AWAITING_SUPPLEMENT:
      if (stays_open_) return std::nullopt;
      event.mutable_supplement_received()->set_note("Đã nộp đủ giấy tờ");
      when = After(last, 240, 4800);
      break;
    case v1::Dossier::STATE_AWAITING_PAYMENT:
      event.mutable_financial_obligation_met()->set_document(absl::StrCat("GNT-", number_ % 100'000));
      when = After(last, 120, 2400);
      break;
    case v1::Dossier::STATE_PAUSED:
      event.mutable_resumed()->set_document("Văn bản trả lời xác minh");
      when = After(last, 960, 4800);
      break;
    case v1::Dossier::STATE_WITHDRAWAL_REQUESTED:
      event.mutable_stopped()->set_reason("Công dân xin rút hồ sơ");
      when = After(last, 30, 480);
      break;
    default:
      when = AfterEnd(dossier, last, event);
  }
  if (!when.has_value()) return std::nullopt;
  *event.mutable_occur_time() = ToProto(*when);
  return event;
}

CityLife::When CityLife::After(absl::Time time, int64_t minutes_min, int64_t minutes_max) {
  const auto moment = calendar_.AddWorkingSeconds("", time, random_.Between(minutes_min * 60, minutes_max * 60));
  return moment.ok() ? When(*moment) : std::nullopt;
}

std::string CityLife::UnitOf(int64_t kind) const { return UnitName(office_ * kUnitsPerOffice + kind); }

// `place` counts the officers of an office; those of a unit lie kUnitsPerOffice apart.
std::string CityLife::OfficerOf(int64_t place) const { return OfficerName(office_ * kOfficersPerOffice + place); }

void CityLife::FillRequest(v1::Request* request) {
  request->set_procedure(ProcedureName(procedure_));
  request->set_office(OfficeName(office_));
  request->set_channel(channel_);
  v1::Applicant& applicant = *request->mutable_applicant();
  applicant.set_type(v1::Applicant::TYPE_CITIZEN);
  applicant.set_display_name(
      absl::StrCat(Pick(kSurnames, random_), " ", Pick(kMiddles, random_), " ", Pick(kGiven, random_)));
  applicant.set_identity_number(absl::StrFormat("031%09d", random_.Between(0, 999'999'999)));
  applicant.set_phone_number(absl::StrFormat("09%08d", random_.Between(0, 99'999'999)));
  v1::Document& document = *request->add_documents();
  document.set_display_name("Tờ khai theo mẫu");
  document.set_copy_count(1);
  document.set_digitized(random_.Chance(800));
}

CityLife::When CityLife::Open(v1::Event& event) {
  if (submits_) {
    FillRequest(event.mutable_submitted()->mutable_request());
    return open_time_;
  }
  FillRequest(event.mutable_accepted()->mutable_request());
  event.mutable_accepted()->set_unit(UnitOf(kCounter));
  event.mutable_accepted()->set_officer(OfficerOf(kCounter));
  return open_time_;
}

CityLife::When CityLife::AfterSubmission(absl::Time last, v1::Event& event) {
  if (is_refused_at_intake_) {
    event.mutable_intake_refused()->set_reason("Không thuộc thẩm quyền giải quyết");
  } else {
    event.mutable_accepted()->set_unit(UnitOf(kCounter));
    event.mutable_accepted()->set_officer(OfficerOf(kCounter));
  }
  return After(last, 5, 420);
}

CityLife::When CityLife::Forward(absl::Time last, const std::string& from_unit, v1::Event& event) {
  const int64_t kind = from_unit == UnitOf(kCounter) ? 1 + FieldOf(procedure_) % 3 : kLeaders;
  v1::Forwarded& forwarded = *event.mutable_forwarded();
  forwarded.set_from_unit(from_unit);
  forwarded.set_to_unit(UnitOf(kind));
  forwarded.set_to_officer(OfficerOf(kind + (random_.Chance(500) ? kUnitsPerOffice : 0)));
  forwarded.mutable_step_limit()->set_unit(v1::Limit::UNIT_WORKING_DAY);
  forwarded.mutable_step_limit()->set_minutes(kind == kLeaders ? 480 : 960);
  return After(last, 5, 240);
}

CityLife::When CityLife::Resolve(const v1::Dossier& dossier, absl::Time last, v1::Event& event) {
  if (Take(pays_fee_)) {
    event.mutable_paid()->set_amount_vnd(kFeeVnd);
    event.mutable_paid()->set_online(channel_ == v1::CHANNEL_ONLINE && random_.Chance(800));
    return last;
  }
  if (needs_supplement_ || must_pay_ || is_paused_) return Wait(last, event);
  if (stays_open_) return std::nullopt;
  if (Take(withdraws_)) {
    event.mutable_withdrawal_requested()->set_reason("Thay đổi nhu cầu");
    return After(last, 60, 960);
  }
  if (Take(goes_to_leaders_)) return Forward(last, dossier.unit(), event);
  if (Take(apologises_)) {
    const When when = Apologise(dossier, last, event);
    if (when.has_value()) return when;
    event.Clear();
  }
  return Finish(dossier, last, event);
}

CityLife::When CityLife::Wait(absl::Time last, v1::Event& event) {
  if (Take(needs_supplement_)) {
    needs_supplement_ = Take(needs_supplement_again_);
    v1::SupplementRequested& requested = *event.mutable_supplement_requested();
    requested.set_content("Bổ sung bản sao giấy tờ");
    requested.set_reason("Thành phần hồ sơ chưa đủ");
    if (!needs_supplement_) {
      // The second request needs the override; the first ignores it.
      requested.set_override_approver("Chủ tịch UBND");
      requested.set_override_reason("Phát sinh khi thẩm tra");
    }
  } else if (Take(must_pay_)) {
    event.mutable_financial_obligation_requested()->set_document(absl::StrCat("TB-", number_ % 100'000));
  } else {
    is_paused_ = false;
    event.mutable_paused()->set_reason(v1::PAUSE_REASON_VERIFICATION);
    event.mutable_paused()->set_document("Công văn xác minh");
  }
  return After(last, 30, 480);
}

// At least a day before the due time, or no reschedule at all.
CityLife::When CityLife::Apologise(const v1::Dossier& dossier, absl::Time last, v1::Event& event) {
  if (!dossier.due().has_due_time() || dossier.has_reschedule()) return std::nullopt;
  const absl::Time due = FromProto(dossier.due().due_time());
  const When when = After(last, 60, 240);
  if (!when.has_value() || LocalDayNumber(*when) + 2 > LocalDayNumber(due)) return std::nullopt;
  const auto day = calendar_.NthWorkingDay(LocalDayNumber(due) + 1, random_.Between(1, 5));
  if (!day.ok()) return std::nullopt;
  const auto promised = calendar_.ClosingTime("", *day);
  if (!promised.ok()) return std::nullopt;
  v1::Rescheduled& rescheduled = *event.mutable_rescheduled();
  *rescheduled.mutable_new_due_time() = ToProto(*promised);
  rescheduled.set_reason("Cần thêm thời gian xác minh");
  rescheduled.set_approver("Chủ tịch UBND");
  is_late_ = random_.Chance(300);
  return when;
}

CityLife::When CityLife::Finish(const v1::Dossier& dossier, absl::Time last, v1::Event& event) {
  v1::Finished& finished = *event.mutable_finished();
  const bool granted = !random_.Chance(30);
  finished.set_result(granted ? v1::Finished::RESULT_GRANTED : v1::Finished::RESULT_REFUSED);
  if (!granted) finished.set_reason("Không đủ điều kiện");
  finished.set_officer(dossier.officer());
  finished.set_electronic_result(granted && random_.Chance(700));
  const absl::Time due = FromProto(dossier.due().due_time());
  const auto left = calendar_.WorkingSeconds("", last, due);
  if (!left.ok()) return std::nullopt;
  if (is_late_ || *left < 120) {
    finished.set_late_reason(Pick(kLateReasons, random_));
    return After(std::max(last, due), 10, 3840);
  }
  // A few on the last day, most well before it.
  const int64_t percent = random_.Chance(150) ? random_.Between(95, 99) : random_.Between(5, 90);
  const int64_t minutes = std::max<int64_t>(1, *left * percent / 100 / 60);
  return After(last, minutes, minutes);
}

CityLife::When CityLife::AfterEnd(const v1::Dossier& dossier, absl::Time last, v1::Event& event) {
  if (dossier.state() == v1::Dossier::STATE_FINISHED && Take(is_returned_)) {
    event.mutable_returned()->set_channel(channel_);
    event.mutable_returned()->set_officer(OfficerOf(kCounter));
    return After(last, 30, 960);
  }
  if (!dossier.has_accept_time()) return std::nullopt;
  if (dossier.state() == v1::Dossier::STATE_RETURNED && (rates_result_ || rates_reception_)) {
    v1::Rated& rated = *event.mutable_rated();
    const int64_t mood = random_.Between(1, 100);
    rated.set_level(mood <= 70   ? v1::RATING_LEVEL_VERY_SATISFIED
                    : mood <= 97 ? v1::RATING_LEVEL_SATISFIED
                                 : v1::RATING_LEVEL_DISSATISFIED);
    const bool of_result = Take(rates_result_);
    rated.set_phase(of_result ? v1::RATING_PHASE_RESULT : v1::RATING_PHASE_RECEPTION);
    if (!of_result) rates_reception_ = false;
    return After(last, 1, 480);
  }
  return complains_ ? Petition(dossier, last, event) : std::nullopt;
}

CityLife::When CityLife::Petition(const v1::Dossier& dossier, absl::Time last, v1::Event& event) {
  if (dossier.petitions().empty()) {
    event.mutable_petition_received()->set_petition_id("PA-01");
    event.mutable_petition_received()->set_content("Thời gian giải quyết quá lâu");
    return After(last, 960, 4800);
  }
  complains_ = false;
  event.mutable_petition_answered()->set_petition_id("PA-01");
  event.mutable_petition_answered()->set_content("Đã kiểm tra và trả lời");
  event.mutable_petition_answered()->set_upheld(random_.Chance(200));
  return After(FromProto(dossier.petitions(0).receive_time()), 480, 6000);
}

}  // namespace tthc::bench
