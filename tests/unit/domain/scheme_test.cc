#include "server/domain/scheme.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/timing/scheme_text.h"
#include "storage/base/errors.h"
#include "storage/base/limits.h"
#include "tests/testing/schemes.h"

namespace tthc::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using tthc::testing::FromText;
using tthc::testing::ShippedScheme;
using tthc::testing::ShippedSchemeIds;

double MostPoints(const v1::Scheme& scheme) {
  double sum = 0;
  for (const v1::Indicator& indicator : scheme.indicators()) sum += indicator.max_points();
  return sum;
}

TEST(ShippedSchemesTest, PassTheCheckAndAreNamedAsTheirFiles) {
  ASSERT_THAT(ShippedSchemeIds(),
              ElementsAre("plan-hop-tien-2025", "qd766-2022", "tt01-2018-officials", "tt01-2018-units"));
  for (const std::string& id : ShippedSchemeIds()) {
    const v1::Scheme scheme = ShippedScheme(id);
    EXPECT_EQ(CheckScheme("scheme", scheme), absl::OkStatus()) << id;
    EXPECT_EQ(scheme.name(), "schemes/" + id);
    EXPECT_FALSE(scheme.legal_basis().empty()) << id;
  }
}

TEST(ShippedSchemesTest, WeightsAreThoseOfTheLaw) {
  const v1::Scheme index = ShippedScheme("qd766-2022");
  std::map<std::string, double> groups;
  for (const v1::Indicator& indicator : index.indicators()) groups[indicator.group()] += indicator.max_points();
  EXPECT_EQ(groups, (std::map<std::string, double>{{"Công khai, minh bạch", 18},
                                                   {"Tiến độ, kết quả giải quyết", 20},
                                                   {"Dịch vụ công trực tuyến", 12},
                                                   {"Thanh toán trực tuyến", 10},
                                                   {"Số hóa hồ sơ", 22},
                                                   {"Mức độ hài lòng", 18}}));
  EXPECT_EQ(MostPoints(index), 100);
  // Five and nine indices of two points.
  EXPECT_EQ(MostPoints(ShippedScheme("tt01-2018-officials")), 10);
  EXPECT_EQ(MostPoints(ShippedScheme("tt01-2018-units")), 18);
  std::vector<std::string> indices;
  const v1::Scheme officials = ShippedScheme("tt01-2018-officials");
  for (const v1::Indicator& indicator : officials.indicators()) indices.push_back(indicator.id());
  EXPECT_THAT(indices, ElementsAre("1", "2", "3", "4", "7"));
  EXPECT_EQ(ShippedScheme("tt01-2018-units").indicators_size(), 9);
}

TEST(ShippedSchemesTest, PointsThatNoDossierShowsAreGivenByPeople) {
  std::vector<std::string> given;
  const v1::Scheme index = ShippedScheme("qd766-2022");
  for (const v1::Indicator& indicator : index.indicators()) {
    if (indicator.source() == v1::Indicator::SOURCE_GIVEN) given.push_back(indicator.id());
  }
  EXPECT_THAT(given, ElementsAre("1.1", "1.2", "1.3", "3.1", "3.2", "4.1", "4.2", "5.3", "5.4", "5.5", "6.2"));
}

TEST(SchemeTextTest, ReadsBackWhatItWrites) {
  for (const std::string& id : ShippedSchemeIds()) {
    const v1::Scheme scheme = ShippedScheme(id);
    std::string text;
    ASSERT_TRUE(google::protobuf::TextFormat::PrintToString(scheme, &text));
    const auto again = timing::ParseSchemeText(text);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*again, scheme));
  }
}

TEST(SchemeTextTest, AnUnreadableTextIsRefusedWithItsPlace) {
  const struct {
    std::string text;
    const char* line;
  } rows[] = {
      {"name: \"schemes/a\"\nweight: 3\n", "2"}, {"kind: NO_KIND", "1"},         {"name: \"schemes/a\nkind: PLAN", "1"},
      {"indicators {\n  id: \"1\"\n", "3"},      {"name: \"\xFF\xFE\"\n{", "2"}, {std::string(1 << 20, ' '), "1"}};
  for (const auto& row : rows) {
    const absl::Status status = timing::ParseSchemeText(row.text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << row.text.substr(0, 50);
    EXPECT_EQ(ErrorReason(status), "SCHEME_MALFORMED") << row.text.substr(0, 50);
    EXPECT_EQ(ErrorMetadata(status, "line"), row.line) << row.text.substr(0, 50) << status;
    EXPECT_THAT(ErrorMessage(status, "vi"), HasSubstr("dòng"));
  }
}

// A small scheme with one indicator of every source that gives points.
v1::Scheme PointsScheme() {
  return FromText<v1::Scheme>(R"(
      name: "schemes/thu" display_name: "Thử" kind: KIND_UNITS start_date: "2026-01-01" end_date: "2026-12-31"
      offices: "offices/H24.99.1"
      indicators {
        id: "1" display_name: "a" max_points: 2 source: SOURCE_POINTS_PER_DOSSIER
        steps { points: 2 metrics: METRIC_ENDED_EARLY_SCORE } steps { points: 0 metrics: METRIC_ENDED_LATE_SCORE }
      }
      indicators {
        id: "2" display_name: "b" max_points: 6 source: SOURCE_METRICS target: 0.5 when_empty: WHEN_EMPTY_ZERO_POINTS
        numerators: METRIC_RECEIVED_ONLINE denominators: METRIC_RECEIVED
      }
      indicators {
        id: "3" display_name: "c" max_points: 2 source: SOURCE_POINTS_BY_RATIO
        numerators: METRIC_PETITIONS_ANSWERED_IN_TIME denominators: METRIC_PETITIONS_RECEIVED
        steps { from_ratio: 1 points: 2 } steps { from_ratio: 0.9 points: 1 }
      }
      indicators {
        id: "4" display_name: "d" max_points: 2 source: SOURCE_PROCEDURES_ONLINE
        numerators: METRIC_RECEIVED_ONLINE denominators: METRIC_RECEIVED
        steps { from_ratio: 0.3 procedures_from_ratio: 0.2 points: 2 none_of: METRIC_OPEN_OVERDUE }
      }
      indicators { id: "5" display_name: "e" max_points: 1 source: SOURCE_GIVEN }
      bands { from_points: 5 display_name: "Tốt" } bands { from_points: 0 display_name: "Yếu" })");
}

v1::Scheme PlanScheme() {
  return FromText<v1::Scheme>(R"(
      name: "schemes/ke-hoach" display_name: "Kế hoạch" kind: KIND_PLAN start_date: "2026-01-01"
      indicators {
        id: "1" display_name: "a" source: SOURCE_METRICS target: 0.9 direction: DIRECTION_AT_LEAST
        numerators: METRIC_SATISFACTION_RATE denominators: METRIC_SATISFACTION_RATE
      }
      indicators {
        id: "2" display_name: "b" source: SOURCE_COUNT direction: DIRECTION_FALLING numerators: METRIC_OPEN_OVERDUE
      })");
}

struct BadRow {
  std::string field;
  std::function<void(v1::Scheme*)> spoil;
};

void ExpectRefused(const v1::Scheme& good, const std::vector<BadRow>& rows) {
  ASSERT_EQ(CheckScheme("scheme", good), absl::OkStatus());
  for (const BadRow& row : rows) {
    v1::Scheme bad = good;
    row.spoil(&bad);
    const absl::Status status = CheckScheme("scheme", bad);
    EXPECT_EQ(ErrorReason(status), "FIELD_INVALID") << row.field;
    EXPECT_EQ(ErrorField(status), row.field);
    EXPECT_NE(ErrorMessage(status, "vi"), "");
  }
}

TEST(CheckSchemeTest, NamesTheWrongFieldOfAScheme) {
  ExpectRefused(PointsScheme(),
                {{"scheme.name", [](v1::Scheme* s) { s->clear_name(); }},
                 {"scheme.name", [](v1::Scheme* s) { s->set_name("schemes/"); }},
                 {"scheme.name", [](v1::Scheme* s) { s->set_name("schemes/a b"); }},
                 {"scheme.name", [](v1::Scheme* s) { s->set_name("schemes/a/b"); }},
                 {"scheme.name", [](v1::Scheme* s) { s->set_name("offices/a"); }},
                 {"scheme.display_name", [](v1::Scheme* s) { s->clear_display_name(); }},
                 {"scheme.display_name", [](v1::Scheme* s) { s->set_display_name(std::string(513, 'a')); }},
                 {"scheme.kind", [](v1::Scheme* s) { s->clear_kind(); }},
                 {"scheme.kind", [](v1::Scheme* s) { s->set_kind(static_cast<v1::Scheme::Kind>(99)); }},
                 {"scheme.start_date", [](v1::Scheme* s) { s->clear_start_date(); }},
                 {"scheme.start_date", [](v1::Scheme* s) { s->set_start_date("31/12/2026"); }},
                 {"scheme.end_date", [](v1::Scheme* s) { s->set_end_date("2026-02-30"); }},
                 {"scheme.end_date", [](v1::Scheme* s) { s->set_end_date("2025-12-31"); }},
                 {"scheme.legal_basis", [](v1::Scheme* s) { s->set_legal_basis(std::string(9000, 'a')); }},
                 {"scheme.offices[0]", [](v1::Scheme* s) { s->set_offices(0, "units/a"); }},
                 {"scheme.indicators", [](v1::Scheme* s) { s->clear_indicators(); }},
                 {"scheme.indicators",
                  [](v1::Scheme* s) {
                    for (int i = 0; i < 100; ++i) *s->add_indicators() = s->indicators(4);
                  }},
                 {"scheme.bands[1].from_points", [](v1::Scheme* s) { s->mutable_bands(1)->set_from_points(5); }},
                 {"scheme.bands[0].from_points", [](v1::Scheme* s) { s->mutable_bands(0)->set_from_points(13.5); }},
                 {"scheme.bands[1].from_points", [](v1::Scheme* s) { s->mutable_bands(1)->set_from_points(-1); }},
                 {"scheme.bands[0].display_name", [](v1::Scheme* s) { s->mutable_bands(0)->clear_display_name(); }},
                 {"scheme", [](v1::Scheme* s) {
                    for (int i = 0; i < 5; ++i) {
                      s->mutable_indicators(i)->set_note(std::string(8000, 'a'));
                      s->mutable_indicators(i)->set_display_name(std::string(8000, 'a'));
                    }
                  }}});
}

TEST(CheckSchemeTest, NamesTheWrongFieldOfAnIndicator) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  ExpectRefused(
      PointsScheme(),
      {{"scheme.indicators[1].id", [](v1::Scheme* s) { s->mutable_indicators(1)->set_id("1"); }},
       {"scheme.indicators[0].id", [](v1::Scheme* s) { s->mutable_indicators(0)->clear_id(); }},
       {"scheme.indicators[0].display_name", [](v1::Scheme* s) { s->mutable_indicators(0)->clear_display_name(); }},
       {"scheme.indicators[0].source", [](v1::Scheme* s) { s->mutable_indicators(0)->clear_source(); }},
       {"scheme.indicators[4].source",
        [](v1::Scheme* s) {
          s->mutable_indicators(4)->set_source(v1::Indicator::SOURCE_COUNT);
          s->mutable_indicators(4)->add_numerators(v1::METRIC_ENDED);
        }},
       {"scheme.indicators[0].max_points", [](v1::Scheme* s) { s->mutable_indicators(0)->set_max_points(-1); }},
       {"scheme.indicators[0].max_points", [&](v1::Scheme* s) { s->mutable_indicators(0)->set_max_points(nan); }},
       {"scheme.indicators[0].max_points", [](v1::Scheme* s) { s->mutable_indicators(0)->set_max_points(1e6); }},
       {"scheme.indicators[1].target", [](v1::Scheme* s) { s->mutable_indicators(1)->set_target(1.5); }},
       {"scheme.indicators[1].target", [&](v1::Scheme* s) { s->mutable_indicators(1)->set_target(nan); }},
       {"scheme.indicators[4].target", [](v1::Scheme* s) { s->mutable_indicators(4)->set_target(0.5); }},
       {"scheme.indicators[1].numerators", [](v1::Scheme* s) { s->mutable_indicators(1)->clear_numerators(); }},
       {"scheme.indicators[1].denominators", [](v1::Scheme* s) { s->mutable_indicators(1)->clear_denominators(); }},
       {"scheme.indicators[4].numerators",
        [](v1::Scheme* s) { s->mutable_indicators(4)->add_numerators(v1::METRIC_ENDED); }},
       {"scheme.indicators[1].numerators[0]",
        [](v1::Scheme* s) { s->mutable_indicators(1)->set_numerators(0, v1::METRIC_HANDLING_TIME); }},
       {"scheme.indicators[1].numerators[0]",
        [](v1::Scheme* s) { s->mutable_indicators(1)->set_numerators(0, static_cast<v1::Metric>(9999)); }},
       {"scheme.indicators[0].steps[0].metrics[0]",
        [](v1::Scheme* s) { s->mutable_indicators(0)->mutable_steps(0)->set_metrics(0, v1::METRIC_ONLINE_SHARE); }},
       {"scheme.indicators[0].steps", [](v1::Scheme* s) { s->mutable_indicators(0)->clear_steps(); }},
       {"scheme.indicators[1].steps", [](v1::Scheme* s) { s->mutable_indicators(1)->add_steps(); }},
       {"scheme.indicators[0].steps[0].points",
        [](v1::Scheme* s) { s->mutable_indicators(0)->mutable_steps(0)->set_points(3); }},
       {"scheme.indicators[0].steps[0].metrics",
        [](v1::Scheme* s) { s->mutable_indicators(0)->mutable_steps(0)->clear_metrics(); }},
       {"scheme.indicators[0].steps[0].from_ratio",
        [](v1::Scheme* s) { s->mutable_indicators(0)->mutable_steps(0)->set_from_ratio(0.5); }},
       {"scheme.indicators[2].steps[1].from_ratio",
        [](v1::Scheme* s) { s->mutable_indicators(2)->mutable_steps(1)->set_from_ratio(1); }},
       {"scheme.indicators[2].steps[0].from_ratio",
        [](v1::Scheme* s) { s->mutable_indicators(2)->mutable_steps(0)->set_from_ratio(90); }},
       {"scheme.indicators[2].steps[0].metrics",
        [](v1::Scheme* s) { s->mutable_indicators(2)->mutable_steps(0)->add_metrics(v1::METRIC_ENDED); }},
       {"scheme.indicators[2].steps[0].none_of",
        [](v1::Scheme* s) { s->mutable_indicators(2)->mutable_steps(0)->add_none_of(v1::METRIC_ENDED); }},
       {"scheme.indicators[2].steps[0].procedures_from_ratio",
        [](v1::Scheme* s) { s->mutable_indicators(2)->mutable_steps(0)->set_procedures_from_ratio(0.2); }},
       {"scheme.indicators[4].when_empty",
        [](v1::Scheme* s) { s->mutable_indicators(4)->set_when_empty(v1::Indicator::WHEN_EMPTY_FULL_POINTS); }},
       {"scheme.indicators[1].when_empty",
        [](v1::Scheme* s) { s->mutable_indicators(1)->set_when_empty(static_cast<v1::Indicator::WhenEmpty>(9)); }},
       {"scheme.indicators[1].direction",
        [](v1::Scheme* s) { s->mutable_indicators(1)->set_direction(v1::Indicator::DIRECTION_AT_LEAST); }}});
}

TEST(CheckSchemeTest, NamesTheWrongFieldOfAPlan) {
  ExpectRefused(
      PlanScheme(),
      {{"scheme.indicators[0].direction", [](v1::Scheme* s) { s->mutable_indicators(0)->clear_direction(); }},
       {"scheme.indicators[0].target", [](v1::Scheme* s) { s->mutable_indicators(0)->clear_target(); }},
       {"scheme.indicators[1].target", [](v1::Scheme* s) { s->mutable_indicators(1)->set_target(3); }},
       {"scheme.indicators[0].max_points", [](v1::Scheme* s) { s->mutable_indicators(0)->set_max_points(1); }},
       {"scheme.indicators[0].when_empty",
        [](v1::Scheme* s) { s->mutable_indicators(0)->set_when_empty(v1::Indicator::WHEN_EMPTY_ZERO_POINTS); }},
       {"scheme.indicators[1].denominators",
        [](v1::Scheme* s) { s->mutable_indicators(1)->add_denominators(v1::METRIC_ENDED); }},
       {"scheme.indicators[0].source",
        [](v1::Scheme* s) {
          s->mutable_indicators(0)->clear_numerators();
          s->mutable_indicators(0)->clear_denominators();
          s->mutable_indicators(0)->clear_target();
          s->mutable_indicators(0)->set_source(v1::Indicator::SOURCE_GIVEN);
        }},
       {"scheme.bands", [](v1::Scheme* s) { s->add_bands()->set_display_name("Tốt"); }}});
}

TEST(MetricsOfSchemeTest, HasEachMetricThatTheSchemeNeedsOnce) {
  EXPECT_THAT(MetricsOf(PointsScheme()),
              ElementsAre(v1::METRIC_RECEIVED, v1::METRIC_RECEIVED_ONLINE, v1::METRIC_ENDED_EARLY_SCORE,
                          v1::METRIC_ENDED_LATE_SCORE, v1::METRIC_PETITIONS_RECEIVED,
                          v1::METRIC_PETITIONS_ANSWERED_IN_TIME, v1::METRIC_OPEN_OVERDUE));
}

TEST(SchemeInForceTest, DependsOnKindDayAndOffices) {
  const auto make = [](const char* name, const char* from, const char* to, const char* office) {
    v1::Scheme scheme;
    scheme.set_name(name);
    scheme.set_kind(v1::Scheme::KIND_PLAN);
    scheme.set_start_date(from);
    scheme.set_end_date(to);
    if (*office != '\0') scheme.add_offices(office);
    return scheme;
  };
  const v1::Scheme old = make("schemes/a", "2024-01-01", "2025-12-31", "");
  const v1::Scheme open = make("schemes/b", "2025-07-01", "", "");
  const v1::Scheme later = make("schemes/c", "2026-01-01", "2026-06-30", "");
  const v1::Scheme own = make("schemes/d", "2024-01-01", "", "offices/A");
  const std::vector<const v1::Scheme*> all = {&old, &open, &later, &own};
  const auto at = [&](const char* day, const std::vector<std::string>& offices) -> std::string {
    const v1::Scheme* found = SchemeInForce(all, v1::Scheme::KIND_PLAN, day, offices);
    return found == nullptr ? "" : found->name();
  };
  EXPECT_EQ(at("2023-12-31", {}), "");
  EXPECT_EQ(at("2024-01-01", {}), "schemes/a");
  EXPECT_EQ(at("2025-06-30", {}), "schemes/a");
  // Two are in force: the later one.
  EXPECT_EQ(at("2025-12-31", {}), "schemes/b");
  EXPECT_EQ(at("2026-01-01", {}), "schemes/c");
  EXPECT_EQ(at("2026-06-30", {}), "schemes/c");
  EXPECT_EQ(at("2026-07-01", {}), "schemes/b");
  // One's own goes before all; it is not for several offices of which it names one.
  EXPECT_EQ(at("2026-07-01", {"offices/A"}), "schemes/d");
  EXPECT_EQ(at("2026-07-01", {"offices/A", "offices/B"}), "schemes/b");
  EXPECT_EQ(SchemeInForce(all, v1::Scheme::KIND_UNITS, "2026-07-01", {}), nullptr);
}

}  // namespace
}  // namespace tthc::domain
