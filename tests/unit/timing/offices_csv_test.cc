#include "server/timing/offices_csv.h"

#include <gtest/gtest.h>

#include "storage/base/errors.h"

namespace tthc::timing {
namespace {

TEST(OfficesCsv, ReadsEveryKindByColumnNames) {
  const auto request = timing::ParseOfficesCsv(
      "# sample\n"
      "id,kind,name,parent,position,start_date,successor\n"
      "G15-TP07,field,Hộ tịch,,,,\n"
      "H24.99.1,office,UBND xã,H24.99,,2025-07-01,\n"
      "vp,unit,Văn phòng,H24.99.1,,,\n"
      "vp01,officer,Trần Quốc Tuấn,vp,Chánh Văn phòng,,vp02\n");
  ASSERT_TRUE(request.ok()) << request.status();
  ASSERT_EQ(request->fields_size(), 1);
  EXPECT_EQ(request->fields(0).name(), "fields/G15-TP07");
  ASSERT_EQ(request->offices_size(), 1);
  EXPECT_EQ(request->offices(0).name(), "offices/H24.99.1");
  EXPECT_EQ(request->offices(0).parent(), "offices/H24.99");
  EXPECT_EQ(request->offices(0).start_date(), "2025-07-01");
  ASSERT_EQ(request->units_size(), 1);
  EXPECT_EQ(request->units(0).office(), "offices/H24.99.1");
  ASSERT_EQ(request->officers_size(), 1);
  EXPECT_EQ(request->officers(0).unit(), "units/vp");
  EXPECT_EQ(request->officers(0).position(), "Chánh Văn phòng");
  EXPECT_EQ(request->officers(0).successor(), "officers/vp02");
}

TEST(OfficesCsv, NamesLineAndColumnOfWhatIsWrong) {
  const absl::Status kind = timing::ParseOfficesCsv("kind,id,name\nunit,a,A\n").status();
  EXPECT_EQ(ErrorField(kind), "parent") << kind;
  EXPECT_EQ(ErrorMetadata(kind, "line"), "2");
  EXPECT_EQ(ErrorField(timing::ParseOfficesCsv("kind,id,name\nhouse,a,A\n").status()), "kind");
  EXPECT_EQ(ErrorField(timing::ParseOfficesCsv("kind,id,name\noffice,,A\n").status()), "id");
  EXPECT_EQ(ErrorField(timing::ParseOfficesCsv("kind,id\noffice,a\n").status()), "name");
}

}  // namespace
}  // namespace tthc::timing
