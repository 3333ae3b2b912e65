#include "client/cli/history.h"

#include <gtest/gtest.h>

#include "storage/base/local_time.h"

namespace tthc::cli {
namespace {

v1::Event Note(int64_t revision, const std::string& text) {
  v1::Event event;
  event.set_revision(revision);
  *event.mutable_occur_time() = ToProto(absl::FromUnixSeconds(1'790'000'000 + revision));
  event.mutable_noted()->set_text(text);
  return event;
}

v1::Event Amendment(int64_t revision, int64_t target) {
  v1::Event event;
  event.set_revision(revision);
  event.mutable_amended()->set_target_revision(target);
  return event;
}

TEST(EventsInForce, LastAmendmentStandsInForItsTarget) {
  std::vector<v1::Event> events = {Note(1, "a"), Note(2, "b"), Amendment(3, 1), Amendment(4, 1), Amendment(5, 2)};
  events[2].mutable_amended()->mutable_replacement()->mutable_noted()->set_text("wrong");
  events[3].mutable_amended()->mutable_replacement()->mutable_noted()->set_text("right");
  events[4].mutable_amended()->set_voided(true);
  const std::vector<v1::Event> in_force = EventsInForce(events);
  ASSERT_EQ(in_force.size(), 1u);
  EXPECT_EQ(in_force[0].noted().text(), "right");
  EXPECT_EQ(in_force[0].revision(), 1);
  EXPECT_EQ(FromProto(in_force[0].occur_time()), FromProto(events[0].occur_time()));
}

TEST(EventsInForce, AnAmendedTimeReplacesTheOld) {
  std::vector<v1::Event> events = {Note(1, "a"), Amendment(2, 1)};
  v1::Event& replacement = *events[1].mutable_amended()->mutable_replacement();
  replacement.mutable_noted()->set_text("a");
  *replacement.mutable_occur_time() = ToProto(absl::FromUnixSeconds(1'780'000'000));
  EXPECT_EQ(FromProto(EventsInForce(events)[0].occur_time()), absl::FromUnixSeconds(1'780'000'000));
}

}  // namespace
}  // namespace tthc::cli
