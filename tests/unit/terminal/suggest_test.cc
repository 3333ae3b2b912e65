#include "client/terminal/suggest.h"

#include <gtest/gtest.h>

namespace tthc::terminal {
namespace {

TEST(EditDistance, CountsSwapsOnce) {
  EXPECT_EQ(EditDistance("recieve", "receive"), 1u);
  EXPECT_EQ(EditDistance("", "abc"), 3u);
  EXPECT_EQ(EditDistance("finish", "finish"), 0u);
  EXPECT_EQ(EditDistance("forwrd", "forward"), 1u);
}

TEST(Suggest, NearestOrNothing) {
  const std::vector<std::string> commands = {"accept", "receive", "show", "stop"};
  EXPECT_EQ(Suggest("recieve", commands), "receive");
  EXPECT_EQ(Suggest("acept", commands), "accept");
  EXPECT_EQ(Suggest("shwo", commands), "show");
  EXPECT_EQ(Suggest("banana", commands), "");
  EXPECT_EQ(Suggest("", commands), "");
}

}  // namespace
}  // namespace tthc::terminal
