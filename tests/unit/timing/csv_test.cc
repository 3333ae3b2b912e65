#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "server/timing/calendar_csv.h"
#include "server/timing/catalogue_csv.h"
#include "server/timing/deadline.h"
#include "storage/base/errors.h"
#include "tests/testing/calendars.h"

namespace tthc::timing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tthc::testing::ReadSourceFile;
using tthc::testing::ShippedCalendarProto;
using tthc::testing::ValueOrDie;

TEST(CalendarCsv, ReadsTheShippedCalendarAndWritesItBack) {
  const v1::Calendar calendar = ShippedCalendarProto();
  EXPECT_THAT(calendar.years(), ElementsAre(2024, 2025, 2026));
  EXPECT_THAT(calendar.provisional_years(), IsEmpty());
  EXPECT_EQ(calendar.days(4).date(), "2024-02-13");
  EXPECT_EQ(calendar.days(10).kind(), v1::CalendarDay::KIND_WORK);
  EXPECT_EQ(calendar.days(10).reason(), "Làm bù cho 29/04/2024");
  const v1::Calendar again = ValueOrDie(
      timing::ParseCalendarCsv(timing::FormatCalendarCsv(calendar),
                               {.description = calendar.description(), .sessions = {timing::DefaultSessions()}}));
  EXPECT_EQ(again.SerializeAsString(), calendar.SerializeAsString());
  EXPECT_THAT(timing::ReviewCalendar(calendar), IsEmpty());
}

TEST(CalendarCsv, MarksAYearOfProvisionalRowsOnly) {
  const v1::Calendar calendar = ValueOrDie(timing::ParseCalendarCsv(
      "date;kind;status;reason\n2027-01-01;off;provisional;Tết Dương lịch\n2026-11-24;off;official;\n", {}));
  EXPECT_THAT(calendar.years(), ElementsAre(2026, 2027));
  EXPECT_THAT(calendar.provisional_years(), ElementsAre(2027));
  EXPECT_THAT(timing::ReviewCalendar(calendar), ::testing::Contains(HasSubstr("Năm 2027: ngày lễ 30/04")));
}

TEST(CalendarCsv, NamesLineAndColumnOfWhatIsWrong) {
  struct Case {
    std::string text;
    std::string line;
    std::string column;
  };
  const std::vector<Case> cases = {
      {"date,kind\n2026-02-30,off\n", "2", "1"},
      {"# x\ndate,kind\n2026-01-01,off\n2026-01-10,worked\n", "4", "2"},
      {"date,kind,status\n2026-01-01,off,maybe\n", "2", "3"},
      {"date,kind\n2026-01-01,off\n2026-01-01,off\n", "3", "1"},
      {"date,kind\n2026-01-01,off\n2027-01-09,work\n", "3", "1"},
      {"date,reason\n2026-01-01,x\n", "1", "1"},
      {"date,kind\n2026-01-01\n", "2", "2"},
      {"date,kind\n", "1", "1"},
      {"", "1", "1"},
  };
  for (const Case& c : cases) {
    const absl::Status status = timing::ParseCalendarCsv(c.text, {}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_EQ(ErrorMetadata(status, "line"), c.line) << c.text;
    EXPECT_EQ(ErrorMetadata(status, "column"), c.column) << c.text;
    EXPECT_THAT(ErrorMessage(status, "vi"), HasSubstr("dòng " + c.line + ", cột " + c.column));
  }
}

TEST(Sessions, AreReadAndWritten) {
  EXPECT_EQ(timing::FormatSessions(ValueOrDie(timing::ParseSessions(" 07:00-11:30 , 13:30-17:00"))),
            "07:00-11:30,13:30-17:00");
  for (const absl::string_view bad : {"", "7:00-11:00", "11:00-07:00", "07:00-11:00,10:00-12:00", "07:00",
                                      "07:00-24:00", "01:00-02:00,03:00-04:00,05:00-06:00,07:00-08:00,09:00-10:00"}) {
    EXPECT_EQ(ErrorField(timing::ParseSessions(bad).status()), "sessions") << bad;
  }
  const auto rules = ValueOrDie(timing::ParseSessionsCsv(
      "office,from,to,sessions\n,,,\"07:30-11:30,13:00-17:00\"\noffices/H24.60.4,2026-04-01,2026-10-31,07:00-11:30\n"));
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[1].office(), "offices/H24.60.4");
  EXPECT_EQ(rules[1].end_date(), "2026-10-31");
  const absl::Status status = timing::ParseSessionsCsv("office,from,to,sessions\n,,2026-02-30,07:00-11:30\n").status();
  EXPECT_EQ(ErrorMetadata(status, "column"), "3");
}

TEST(CatalogueCsv, ReadsTheShippedCatalogue) {
  const timing::Catalogue catalogue =
      ValueOrDie(timing::ParseCatalogueCsv(ReadSourceFile("deploy/data/procedures.csv"), {}));
  std::map<std::string, v1::Procedure> by_name;
  for (const v1::Procedure& procedure : catalogue.procedures) {
    by_name[procedure.name()] = procedure;
    EXPECT_EQ(procedure.start_date(), "2025-07-01");
    EXPECT_EQ(procedure.supplement_mode(), v1::SUPPLEMENT_MODE_RESTART);
    ASSERT_EQ(procedure.limits_size(), 1);
    EXPECT_TRUE(timing::CheckLimit("limit", procedure.limits(0).limit()).ok());
  }
  EXPECT_EQ(by_name.size(), 52U);
  std::map<std::string, std::string> fields;
  for (const v1::Field& field : catalogue.fields) fields[field.name()] = field.display_name();
  EXPECT_EQ(fields["fields/G15-TP07"], "Hộ tịch");
  EXPECT_EQ(fields["fields/chung-thuc"], "Chứng thực");
  EXPECT_EQ(fields["fields/thanh-lap-va-hoat-dong-ho-kinh-doanh"], "Thành lập và hoạt động hộ kinh doanh");

  const v1::Procedure& birth = by_name["procedures/1.001193"];
  EXPECT_EQ(birth.limits(0).limit().unit(), v1::Limit::UNIT_SAME_DAY);
  EXPECT_EQ(timing::FormatCutOff(birth.cut_off()), "15:00");
  EXPECT_TRUE(birth.reviewed());
  const v1::Procedure& land = by_name["procedures/1.115620"];
  EXPECT_EQ(land.limits(0).limit().minutes(), 4080);
  EXPECT_EQ(land.counting_rule(), v1::COUNTING_RULE_DATE);
  EXPECT_FALSE(land.has_cut_off());
  const v1::Procedure& stay = by_name["procedures/2.001159"];
  EXPECT_EQ(stay.limits(0).limit().unit(), v1::Limit::UNIT_HOUR);
  EXPECT_EQ(stay.counting_rule(), v1::COUNTING_RULE_CLOCK);
  EXPECT_FALSE(by_name["procedures/1.001612"].reviewed());
  EXPECT_EQ(by_name["procedures/1.001022"].extension_note(), "5wd nếu phải xác minh");
}

TEST(CatalogueCsv, NamesLineAndColumnOfWhatIsWrong) {
  const std::string head = "code,name,field_code,field,limit,cutoff\n";
  struct Case {
    std::string rows;
    std::string column;
    std::string field;
  };
  const std::vector<Case> cases = {
      {"1 0,Tên,,Hộ tịch,3wd,\n", "1", "code"},          {"1.1,,,Hộ tịch,3wd,\n", "2", "name"},
      {"1.1,Tên,a/b,Hộ tịch,3wd,\n", "3", "field_code"}, {"1.1,Tên,,,3wd,\n", "4", "field"},
      {"1.1,Tên,,Hộ tịch,soon,\n", "5", "limit"},        {"1.1,Tên,,Hộ tịch,3wd,25:00\n", "6", "cutoff"},
  };
  for (const Case& c : cases) {
    const absl::Status status = timing::ParseCatalogueCsv(head + c.rows, {}).status();
    EXPECT_EQ(ErrorMetadata(status, "line"), "2") << c.rows;
    EXPECT_EQ(ErrorMetadata(status, "column"), c.column) << c.rows;
    EXPECT_EQ(ErrorField(status), c.field);
  }
  const std::string row = "1.1,Tên,X1,Hộ tịch,3wd,\n";
  EXPECT_THAT(ErrorMessage(timing::ParseCatalogueCsv(head + row + row, {}).status(), "en"),
              HasSubstr("already on line 2"));
  EXPECT_EQ(ErrorField(timing::ParseCatalogueCsv(head + row + "1.2,Tên,X1,Đất đai,3wd,\n", {}).status()), "field");
  EXPECT_EQ(ErrorField(timing::ParseCatalogueCsv("code,name,field\n1,2,3\n", {}).status()), "limit");
}

}  // namespace
}  // namespace tthc::timing
