#include "client/cli/event_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "storage/base/text.h"

namespace tthc::cli {
namespace {

using terminal::Lang;

TEST(EventTable, HoldsEveryEventOfTheContractOnce) {
  std::set<int> payloads;
  for (const EventSpec& spec : EventSpecs()) EXPECT_TRUE(payloads.insert(spec.payload).second) << spec.label.en;
  EXPECT_EQ(payloads.size(), static_cast<size_t>(v1::Event::descriptor()->oneof_decl(0)->field_count()));
}

TEST(EventTable, EveryPathAndColumnExists) {
  for (const EventSpec& spec : EventSpecs()) {
    const auto& payload = *v1::Event::descriptor()->FindFieldByNumber(spec.payload)->message_type();
    std::set<std::string> columns;
    for (const FieldSpec& field : spec.fields) {
      DescriptorOf(payload, field.field.path);
      EXPECT_NE(FindColumn(field.column), nullptr) << field.column;
      EXPECT_TRUE(columns.insert(field.column).second) << spec.label.en << " has column " << field.column << " twice";
    }
  }
}

// A field that people may write and that no option or column reaches would be lost on export.
void ExpectReached(const google::protobuf::Descriptor& type, const std::string& prefix, const EventSpec& spec) {
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    const std::string path = prefix + field.name();
    const bool written = [&] {
      for (const FieldSpec& known : spec.fields) {
        if (path == known.field.path) return true;
      }
      return false;
    }();
    if (written || path == "terms" || path == "code" || path == "calendar_version") continue;
    if (field.message_type() == v1::Request::descriptor() || field.message_type() == v1::Applicant::descriptor() ||
        field.message_type() == v1::Document::descriptor()) {
      ExpectReached(*field.message_type(), path + ".", spec);
      continue;
    }
    ADD_FAILURE() << spec.label.en << ": " << path;
  }
}

TEST(EventTable, EveryFieldOfEveryEventIsReached) {
  for (const EventSpec& spec : EventSpecs()) {
    if (*spec.command == '\0') continue;
    ExpectReached(*v1::Event::descriptor()->FindFieldByNumber(spec.payload)->message_type(), "", spec);
  }
}

TEST(EventTable, KindsAreFoundInBothLanguagesWithoutDiacritics) {
  EXPECT_EQ(FindEventKind("Chuyển xử lý")->payload, v1::Event::kForwarded);
  EXPECT_EQ(FindEventKind("chuyen  xu ly")->payload, v1::Event::kForwarded);
  EXPECT_EQ(FindEventKind("step_done")->payload, v1::Event::kStepDone);
  EXPECT_EQ(FindEventKind("Fee paid")->payload, v1::Event::kPaid);
  EXPECT_EQ(FindEventKind("không có"), nullptr);
}

TEST(EventTable, ColumnHeadersAreUniqueWhenFolded) {
  std::set<std::string> vi;
  std::set<std::string> en;
  for (const ColumnSpec& column : Columns()) {
    EXPECT_TRUE(vi.insert(FoldForSearch(column.header.vi)).second) << column.header.vi;
    EXPECT_TRUE(en.insert(FoldForSearch(column.header.en)).second) << column.header.en;
  }
}

TEST(SummarizeEvent, MasksPersonalDataUnlessAsked) {
  v1::Event event;
  v1::Applicant& applicant = *event.mutable_submitted()->mutable_request()->mutable_applicant();
  applicant.set_display_name("Nguyễn Thị Hòa");
  applicant.set_phone_number("0912345678");
  applicant.set_address("Thôn 1");
  const std::string masked = SummarizeEvent(event, {.lang = Lang::kVi});
  EXPECT_THAT(masked, ::testing::Not(::testing::AnyOf(::testing::HasSubstr("Nguyễn"), ::testing::HasSubstr("0912345"),
                                                      ::testing::HasSubstr("Thôn"))));
  EXPECT_THAT(masked, ::testing::HasSubstr("•••678"));
  EXPECT_THAT(SummarizeEvent(event, {.lang = Lang::kVi, .reveal = true}), ::testing::HasSubstr("Nguyễn Thị Hòa"));
}

}  // namespace
}  // namespace tthc::cli
