#include "tests/testing/sample_catalogue.h"

#include <utility>

#include "tests/testing/calendars.h"

namespace tthc::testing {
namespace {

struct Off {
  const char* date;
  const char* reason;
};

constexpr Off kDaysOff[] = {
    {"2025-01-01", "Tết Dương lịch"},    {"2025-01-27", "Tết Nguyên đán"},
    {"2025-01-28", "Tết Nguyên đán"},    {"2025-01-29", "Tết Nguyên đán"},
    {"2025-01-30", "Tết Nguyên đán"},    {"2025-01-31", "Tết Nguyên đán"},
    {"2025-04-07", "Giỗ Tổ Hùng Vương"}, {"2025-04-30", "Ngày Chiến thắng"},
    {"2025-05-01", "Quốc tế Lao động"},  {"2025-05-02", "Hoán đổi"},
    {"2025-09-01", "Quốc khánh"},        {"2025-09-02", "Quốc khánh"},
    {"2026-01-01", "Tết Dương lịch"},    {"2026-01-02", "Hoán đổi"},
    {"2026-02-16", "Tết Nguyên đán"},    {"2026-02-17", "Tết Nguyên đán"},
    {"2026-02-18", "Tết Nguyên đán"},    {"2026-02-19", "Tết Nguyên đán"},
    {"2026-02-20", "Tết Nguyên đán"},    {"2026-04-27", "Nghỉ bù"},
    {"2026-04-30", "Ngày Chiến thắng"},  {"2026-05-01", "Quốc tế Lao động"},
    {"2026-08-31", "Hoán đổi"},          {"2026-09-01", "Quốc khánh"},
    {"2026-09-02", "Quốc khánh"},        {"2026-11-24", "Ngày Văn hóa Việt Nam"},
};
constexpr const char* kWorkedSaturdays[] = {"2025-04-26", "2026-01-10", "2026-08-22"};

v1::Procedure MakeProcedure(const std::string& name, const std::string& display_name, const v1::Limit& limit) {
  v1::Procedure procedure;
  procedure.set_name(name);
  procedure.set_display_name(display_name);
  procedure.set_field("fields/ho-tich");
  procedure.set_start_date("2025-01-01");
  procedure.set_counting_rule(v1::COUNTING_RULE_DATE);
  procedure.set_supplement_mode(v1::SUPPLEMENT_MODE_RESTART);
  procedure.set_reviewed(true);
  *procedure.add_limits()->mutable_limit() = limit;
  return procedure;
}

v1::Limit MakeLimit(v1::Limit::Unit unit, int64_t minutes = 0, int32_t months = 0) {
  v1::Limit limit;
  limit.set_unit(unit);
  limit.set_minutes(minutes);
  limit.set_months(months);
  return limit;
}

v1::Procedure ManyLimits() {
  v1::Procedure procedure = MakeProcedure(kManyLimits, "Cấp giấy phép xây dựng", WorkingDays(10));
  procedure.set_field("fields/xay-dung");
  procedure.set_supplement_mode(v1::SUPPLEMENT_MODE_RESUME);
  procedure.set_fee_vnd(50'000);
  v1::LimitRule& house = *procedure.add_limits();
  house.set_procedure_case("nhà ở");
  *house.mutable_limit() = WorkingDays(7);
  v1::LimitRule& online = *procedure.add_limits();
  online.set_channel(v1::CHANNEL_ONLINE);
  *online.mutable_limit() = WorkingDays(8);
  v1::LimitRule& mountain = *procedure.add_limits();
  mountain.set_area("mountain");
  *mountain.mutable_limit() = WorkingDays(20);
  return procedure;
}

v1::Procedure Ambiguous() {
  v1::Procedure procedure = MakeProcedure(kAmbiguous, "Thủ tục có hai thời hạn", WorkingDays(5));
  procedure.mutable_limits(0)->set_channel(v1::CHANNEL_ONLINE);
  v1::LimitRule& mountain = *procedure.add_limits();
  mountain.set_area("mountain");
  *mountain.mutable_limit() = WorkingDays(6);
  return procedure;
}

v1::Unit MakeUnit(const std::string& name, const std::string& display_name, const std::string& office) {
  v1::Unit unit;
  unit.set_name(name);
  unit.set_display_name(display_name);
  unit.set_office(office);
  return unit;
}

v1::Officer MakeOfficer(const std::string& name, const std::string& display_name, const std::string& unit) {
  v1::Officer officer;
  officer.set_name(name);
  officer.set_display_name(display_name);
  officer.set_unit(unit);
  return officer;
}

v1::Office MakeOffice(const std::string& name, const std::string& display_name) {
  v1::Office office;
  office.set_name(name);
  office.set_display_name(display_name);
  return office;
}

}  // namespace

v1::Limit WorkingDays(double days) { return MakeLimit(v1::Limit::UNIT_WORKING_DAY, static_cast<int64_t>(days * 480)); }

v1::Calendar SampleCalendarProto() {
  v1::Calendar calendar;
  calendar.set_description("Lịch mẫu");
  calendar.add_years(2025);
  calendar.add_years(2026);
  for (const Off& off : kDaysOff) {
    v1::CalendarDay& day = *calendar.add_days();
    day.set_date(off.date);
    day.set_kind(v1::CalendarDay::KIND_OFF);
    day.set_reason(off.reason);
  }
  for (const char* date : kWorkedSaturdays) {
    v1::CalendarDay& day = *calendar.add_days();
    day.set_date(date);
    day.set_kind(v1::CalendarDay::KIND_WORK);
    day.set_reason("Làm bù");
  }
  v1::SessionRule& rule = *calendar.add_sessions();
  for (const auto& [open, close] : {std::pair{450, 690}, std::pair{780, 1020}}) {
    v1::Session& session = *rule.add_sessions();
    session.set_open_minute(open);
    session.set_close_minute(close);
  }
  return calendar;
}

v1::Calendar SampleCalendarWithHoliday(const std::string& date) {
  v1::Calendar calendar = SampleCalendarProto();
  calendar.set_description("Thêm ngày nghỉ " + date);
  v1::CalendarDay& day = *calendar.add_days();
  day.set_date(date);
  day.set_kind(v1::CalendarDay::KIND_OFF);
  day.set_reason("Nghỉ theo thông báo");
  return calendar;
}

std::vector<v1::Procedure> SampleProcedures() {
  std::vector<v1::Procedure> procedures;
  procedures.push_back(MakeProcedure(kThreeDays, "Cấp Giấy xác nhận tình trạng hôn nhân", WorkingDays(3)));
  procedures.push_back(MakeProcedure(kByClock, "Đăng ký đất đai lần đầu", WorkingDays(8.5)));
  procedures.back().set_field("fields/dat-dai");
  procedures.back().set_counting_rule(v1::COUNTING_RULE_CLOCK);
  procedures.back().set_supplement_mode(v1::SUPPLEMENT_MODE_RESUME);
  procedures.back().mutable_cut_off()->set_kind(v1::CutOff::KIND_LAST_MINUTES);
  procedures.back().mutable_cut_off()->set_minutes(60);
  procedures.push_back(MakeProcedure(kSameDay, "Đăng ký khai sinh", MakeLimit(v1::Limit::UNIT_SAME_DAY)));
  procedures.back().mutable_cut_off()->set_kind(v1::CutOff::KIND_AFTER_TIME);
  procedures.back().mutable_cut_off()->set_minutes(900);
  procedures.push_back(
      MakeProcedure(kCalendarDays, "Nuôi con nuôi", MakeLimit(v1::Limit::UNIT_CALENDAR_DAY, 10 * 1440)));
  procedures.push_back(MakeProcedure(kNoLimit, "Thủ tục không quy định thời hạn", MakeLimit(v1::Limit::UNIT_NONE)));
  procedures.push_back(ManyLimits());
  procedures.push_back(MakeProcedure(kLong, "Trợ cấp xã hội", WorkingDays(30)));
  procedures.back().set_counting_rule(v1::COUNTING_RULE_CLOCK);
  procedures.back().set_non_territorial(true);
  procedures.push_back(MakeProcedure(kClosedProcedure, "Thủ tục đã bãi bỏ", WorkingDays(3)));
  procedures.back().set_end_date("2026-06-30");
  procedures.push_back(Ambiguous());
  procedures.push_back(MakeProcedure(kUnreviewed, "Thủ tục chưa rà soát", MakeLimit(v1::Limit::UNIT_MONTH, 0, 1)));
  procedures.back().set_reviewed(false);
  procedures.push_back(MakeProcedure(kHours, "Thông báo lưu trú", MakeLimit(v1::Limit::UNIT_HOUR, 120)));
  procedures.back().set_counting_rule(v1::COUNTING_RULE_CLOCK);
  return procedures;
}

std::vector<v1::Field> SampleFields() {
  std::vector<v1::Field> fields(3);
  fields[0].set_name("fields/ho-tich");
  fields[0].set_display_name("Hộ tịch");
  fields[1].set_name("fields/dat-dai");
  fields[1].set_display_name("Đất đai");
  fields[2].set_name("fields/xay-dung");
  fields[2].set_display_name("Hoạt động xây dựng");
  return fields;
}

std::vector<v1::Office> SampleOffices() {
  std::vector<v1::Office> offices = {MakeOffice(kOffice, "UBND xã Hợp Tiến"),
                                     MakeOffice(kOtherOffice, "UBND xã Tân An"),
                                     MakeOffice(kClosedOffice, "UBND xã cũ")};
  offices[2].set_end_date("2026-06-30");
  offices[2].set_successor(kOffice);
  return offices;
}

std::vector<v1::Unit> SampleUnits() {
  return {MakeUnit(kCounterUnit, "Trung tâm Phục vụ hành chính công", kOffice),
          MakeUnit(kJusticeUnit, "Văn phòng HĐND và UBND", kOffice), MakeUnit(kLandUnit, "Phòng Kinh tế", kOffice),
          MakeUnit(kOtherUnit, "Bộ phận tiếp nhận", kOtherOffice)};
}

std::vector<v1::Officer> SampleOfficers() {
  return {MakeOfficer(kCounterOfficer, "Nguyễn Thị Thu Hà", kCounterUnit),
          MakeOfficer(kJusticeOfficer, "Trần Quốc Tuấn", kJusticeUnit),
          MakeOfficer(kLandOfficer, "Bùi Văn Thành", kLandUnit)};
}

SampleCalendars::SampleCalendars() { Add(1, SampleCalendarProto()); }

void SampleCalendars::Add(int64_t version, v1::Calendar calendar) {
  calendar.set_version(version);
  calendars_[version] = ValueOrDie(timing::Calendar::FromProto(calendar));
}

std::shared_ptr<const timing::Calendar> SampleCalendars::FindCalendar(int64_t version) const {
  const auto found = calendars_.find(version);
  return found == calendars_.end() ? nullptr : found->second;
}

}  // namespace tthc::testing
