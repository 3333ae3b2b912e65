#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/domain/fold.h"
#include "server/timing/calendar.h"
#include "tthc/v1/calendar.pb.h"
#include "tthc/v1/catalogue.pb.h"
#include "tthc/v1/limit.pb.h"

// A small center with every kind of procedure, limit and office that the rules distinguish, made without any file.
namespace tthc::testing {

inline constexpr char kOffice[] = "offices/H24.99.1";
inline constexpr char kOtherOffice[] = "offices/H24.99.2";
// Closed on 30/06/2026; its work went to kOffice.
inline constexpr char kClosedOffice[] = "offices/H24.98";
inline constexpr char kCounterUnit[] = "units/hcc";
inline constexpr char kJusticeUnit[] = "units/vp";
inline constexpr char kLandUnit[] = "units/kt";
// Of kOtherOffice.
inline constexpr char kOtherUnit[] = "units/tn";
inline constexpr char kCounterOfficer[] = "officers/hcc01";
inline constexpr char kJusticeOfficer[] = "officers/vp01";
inline constexpr char kLandOfficer[] = "officers/kt01";

// 3 working days, by date; a supplement restarts.
inline constexpr char kThreeDays[] = "procedures/1.000001";
// 8.5 working days, by the clock; a supplement resumes; the last hour counts from the next day.
inline constexpr char kByClock[] = "procedures/1.000002";
// The same day, after 15:00 the next one.
inline constexpr char kSameDay[] = "procedures/1.000003";
// 10 calendar days.
inline constexpr char kCalendarDays[] = "procedures/1.000004";
inline constexpr char kNoLimit[] = "procedures/1.000005";
// 10 working days; 7 in the case "nhà ở", 8 online, 20 in the area "mountain"; fee 50,000.
inline constexpr char kManyLimits[] = "procedures/1.000006";
// 30 working days, by the clock, non-territorial.
inline constexpr char kLong[] = "procedures/1.000007";
// In force until 30/06/2026.
inline constexpr char kClosedProcedure[] = "procedures/1.000008";
// Online 5, in the area "mountain" 6 working days: both fit a dossier that is both.
inline constexpr char kAmbiguous[] = "procedures/1.000009";
// 1 month; not reviewed.
inline constexpr char kUnreviewed[] = "procedures/1.000010";
// 2 working hours.
inline constexpr char kHours[] = "procedures/1.000011";

v1::Limit WorkingDays(double days);

// 2025 and 2026 as announced; 2027 is not loaded. Sessions 07:30-11:30 and 13:00-17:00. Without name and version.
v1::Calendar SampleCalendarProto();
// The same with one more day off.
v1::Calendar SampleCalendarWithHoliday(const std::string& date);

std::vector<v1::Procedure> SampleProcedures();
std::vector<v1::Field> SampleFields();
std::vector<v1::Office> SampleOffices();
std::vector<v1::Unit> SampleUnits();
std::vector<v1::Officer> SampleOfficers();

// Calendar versions, in memory. Version 1 is the sample calendar.
class SampleCalendars final : public domain::CalendarSource {
 public:
  SampleCalendars();
  void Add(int64_t version, v1::Calendar calendar);
  std::shared_ptr<const timing::Calendar> FindCalendar(int64_t version) const override;

 private:
  std::map<int64_t, std::shared_ptr<const timing::Calendar>> calendars_;
};

}  // namespace tthc::testing
