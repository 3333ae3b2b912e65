#include "client/cli/register_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/base/errors.h"
#include "storage/base/local_time.h"

namespace tthc::cli {
namespace {

using ::testing::HasSubstr;

absl::Time At(const char* text) { return *ParseLocalTime(text); }

std::vector<CsvRow> Read(const std::string& text) { return *ReadCsv(text, {}); }

absl::StatusOr<RegisterRow> ParseSecond(const std::string& text, std::string* column) {
  const std::vector<CsvRow> rows = Read(text);
  return RegisterFormat::FromHeader(rows[0])->Parse(rows[1], column);
}

TEST(RegisterFormat, TheTemplateIsReadBackWhole) {
  const std::vector<CsvRow> rows = Read(RegisterTemplate());
  const absl::StatusOr<RegisterFormat> format = RegisterFormat::FromHeader(rows[0]);
  ASSERT_TRUE(format.ok()) << format.status();
  size_t events = 0;
  for (size_t i = 1; i < rows.size(); ++i) {
    std::string column;
    const absl::StatusOr<RegisterRow> row = format->Parse(rows[i], &column);
    ASSERT_TRUE(row.ok()) << column << ": " << row.status();
    events += row->events.size();
  }
  EXPECT_EQ(events, 10u);
}

TEST(RegisterFormat, ARegisterRowIsAcceptedFinishedAndReturned) {
  std::string column;
  const absl::StatusOr<RegisterRow> row = ParseSecond(
      "STT;MA HO SO;Mã TTHC;Họ và tên;Cơ quan;Kênh;Ngày nhận;Hẹn trả;Ngày xử lý xong;Kết quả;Lý do;Trả kết quả\n"
      "1;H24.99.1-260105-0001;1.004873;Nguyễn Thị Hòa;H24.99.1;trực tiếp;05/01/2026 08:15;08/01/2026;07/01/2026;"
      "Từ chối giải quyết;Không đủ điều kiện;08/01/2026 09:00\n",
      &column);
  ASSERT_TRUE(row.ok()) << row.status();
  ASSERT_EQ(row->events.size(), 3u);
  EXPECT_EQ(row->code, "H24.99.1-260105-0001");
  EXPECT_EQ(row->events[0].accepted().request().procedure(), "procedures/1.004873");
  EXPECT_EQ(row->events[0].accepted().request().channel(), v1::CHANNEL_COUNTER);
  EXPECT_EQ(FromProto(row->events[0].occur_time()), At("2026-01-05T08:15"));
  EXPECT_EQ(row->events[1].finished().result(), v1::Finished::RESULT_REFUSED);
  EXPECT_EQ(row->events[1].finished().reason(), "Không đủ điều kiện");
  EXPECT_EQ(FromProto(row->events[2].occur_time()), At("2026-01-08T09:00"));
  EXPECT_TRUE(row->events[0].imported());
  EXPECT_TRUE(row->promised_date_only);
}

TEST(RegisterFormat, AReturnedDossierWithoutItsEndEndedWhenItWasReturned) {
  std::string column;
  const absl::StatusOr<RegisterRow> row =
      ParseSecond("Mã hồ sơ,Nhận hồ sơ,Trả kết quả\nA-1,05/01/2026,06/01/2026\n", &column);
  ASSERT_TRUE(row.ok());
  ASSERT_EQ(row->events.size(), 3u);
  EXPECT_EQ(FromProto(row->events[1].occur_time()), At("2026-01-06"));
}

TEST(RegisterFormat, ErrorsNameTheColumn) {
  const struct {
    const char* text;
    const char* column;
  } kCases[] = {{"Mã hồ sơ,Nhận hồ sơ\nA-1,hôm qua\n", "Nhận hồ sơ"},
                {"Mã hồ sơ,Nhận hồ sơ\nA-1,\n", "Nhận hồ sơ"},
                {"Mã hồ sơ,Nhận hồ sơ\n,05/01/2026\n", "Mã hồ sơ"},
                {"Mã hồ sơ,Loại,Thời điểm\nA-1,gửi đi,05/01/2026\n", "Loại"},
                {"Mã hồ sơ,Loại,Thời điểm\nA-1,đính chính,05/01/2026\n", "Loại"},
                {"Mã hồ sơ,Loại,Thời điểm,Số tiền\nA-1,nộp phí lệ phí,05/01/2026,ba\n", "Loại"},
                {"Mã hồ sơ,Loại,Thời điểm,Số tiền\nA-1,\"nộp phí, lệ phí\",05/01/2026,ba\n", "Số tiền"},
                {"Mã hồ sơ,Nhận hồ sơ,Kênh\nA-1,05/01/2026,fax\n", "Kênh"}};
  for (const auto& c : kCases) {
    std::string column;
    EXPECT_FALSE(ParseSecond(c.text, &column).ok()) << c.text;
    EXPECT_EQ(column, c.column) << c.text;
  }
}

TEST(RegisterFormat, UnknownColumnsAreNotLostSilently) {
  const absl::Status status = RegisterFormat::FromHeader(Read("Mã hồ sơ,Kenhh\nA,b\n")[0]).status();
  EXPECT_EQ(ErrorReason(status), "REGISTER_HEADER");
  EXPECT_THAT(ErrorMessage(status, "vi"), HasSubstr("có phải ý bạn là \"Kênh\""));
  EXPECT_EQ(ErrorReason(RegisterFormat::FromHeader(Read("Kênh\nx\n")[0]).status()), "REGISTER_HEADER");
}

TEST(RegisterFormat, ServerFieldsLeadBackToColumns) {
  const RegisterFormat format =
      *RegisterFormat::FromHeader(Read("Mã hồ sơ,Loại,Thời điểm,Đơn vị,Kênh,Thành phần hồ sơ\nA,b,c,d,e,f\n")[0]);
  EXPECT_EQ(format.ColumnOfField("append.event.forwarded.to_unit"), "Đơn vị");
  EXPECT_EQ(format.ColumnOfField("create.events[0].accepted.request.channel"), "Kênh");
  EXPECT_EQ(format.ColumnOfField("events[0].submitted.request.documents[3].display_name"), "Thành phần hồ sơ");
  EXPECT_EQ(format.ColumnOfField("event.occur_time"), "Thời điểm");
  EXPECT_EQ(format.ColumnOfField("etag"), "");
}

TEST(RegisterFormat, EveryEventSurvivesItsRow) {
  // Each kind with every column filled with something its field can hold.
  for (const EventSpec& spec : EventSpecs()) {
    if (*spec.command == '\0') continue;
    v1::Event event;
    *event.mutable_occur_time() = ToProto(At("2026-01-05T08:15:30"));
    event.set_imported(true);
    google::protobuf::Message& payload = MutablePayload(event, spec.payload);
    for (const FieldSpec& field : spec.fields) {
      if (std::string(field.column) == "code") continue;
      bool set = false;
      for (const char* value : {"05/01/2026 09:00", "2wd", "1", "a;b|c"}) {
        set = set || SetField(payload, field.field, "x", value).ok();
        if (set) break;
      }
      ASSERT_TRUE(set) << spec.label.en << " " << field.column;
    }
    v1::Dossier dossier;
    dossier.set_code("H24.99.1-260105-0001");
    if (event.has_accepted()) event.mutable_accepted()->set_assigned_code(dossier.code());
    const auto rows = RegisterRowsOf(dossier, {event});
    ASSERT_EQ(rows.size(), 1u);
    std::string text;
    AppendCsvRow(RegisterHeader(), {}, &text);
    AppendCsvRow(rows[0], {}, &text);
    std::string column;
    const absl::StatusOr<RegisterRow> again = ParseSecond(text, &column);
    ASSERT_TRUE(again.ok()) << spec.label.en << ": " << column << " " << again.status();
    EXPECT_EQ(again->events[0].DebugString(), event.DebugString());
    EXPECT_TRUE(SaysTheSame(again->events[0], event));
  }
}

TEST(SaysTheSame, ComparesWhatTheRowFillsIn) {
  v1::Event existing;
  *existing.mutable_occur_time() = ToProto(At("2026-01-05"));
  existing.mutable_finished()->set_result(v1::Finished::RESULT_GRANTED);
  existing.mutable_finished()->set_document("TB 1");
  v1::Event row = existing;
  row.mutable_finished()->clear_document();
  EXPECT_TRUE(SaysTheSame(row, existing));
  row.mutable_finished()->set_document("TB 2");
  EXPECT_FALSE(SaysTheSame(row, existing));
  row = existing;
  *row.mutable_occur_time() = ToProto(At("2026-01-06"));
  EXPECT_FALSE(SaysTheSame(row, existing));
}

}  // namespace
}  // namespace tthc::cli
