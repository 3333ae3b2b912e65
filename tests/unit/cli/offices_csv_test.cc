#include "client/cli/offices_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/base/errors.h"

namespace tthc::cli {
namespace {

TEST(OfficesCsv, EachKindGoesToItsPlace) {
  const absl::StatusOr<v1::UpdateOfficesRequest> request = ParseOfficesCsv(
      "# sample\n"
      "kind,id,name,parent,position,valid_from\n"
      "office,H24.99.1,UBND xã,,,2025-07-01\n"
      "unit,vp,Văn phòng,H24.99.1,,\n"
      "officer,hcc01,Nguyễn Thị Hà,vp,Công chức,\n"
      "field,chung-thuc,Chứng thực,,,\n");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->offices(0).name(), "offices/H24.99.1");
  EXPECT_EQ(request->units(0).office(), "offices/H24.99.1");
  EXPECT_EQ(request->officers(0).unit(), "units/vp");
  EXPECT_EQ(request->officers(0).position(), "Công chức");
  EXPECT_EQ(request->fields(0).name(), "fields/chung-thuc");
}

TEST(OfficesCsv, SaysWhatIsMissing) {
  EXPECT_FALSE(ParseOfficesCsv("kind,id\noffice,1\n").ok());
  const absl::Status status = ParseOfficesCsv("kind,id,name\nroom,1,x\n").status();
  EXPECT_EQ(ErrorMetadata(status, "line"), "2");
}

}  // namespace
}  // namespace tthc::cli
