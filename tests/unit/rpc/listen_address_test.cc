#include "server/rpc/listen_address.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "storage/base/errors.h"

namespace tthc::rpc {
namespace {

TEST(ListenAddress, AcceptsWhatOnlyThisMachineReaches) {
  for (const char* text :
       {"127.0.0.1:50551", "127.9.8.7:0", "[::1]:50551", "localhost:1", "unix:/run/tthc/tthcd.sock"}) {
    const auto address = ListenAddress::Parse(text);
    ASSERT_TRUE(address.ok()) << text << " " << address.status();
    EXPECT_EQ(address->ToString(), text);
  }
}

TEST(ListenAddress, RefusesWhatOtherMachinesReach) {
  for (const char* text : {"0.0.0.0:50551", "[::]:50551", "192.168.1.5:50551", "128.0.0.1:1", "[2001:db8::1]:1",
                           "tthc.example.vn:50551", "localhost.example.vn:1"}) {
    const auto address = ListenAddress::Parse(text);
    EXPECT_EQ(ErrorReason(address.status()), "LISTEN_NOT_LOOPBACK") << text << " " << address.status();
    EXPECT_EQ(ErrorField(address.status()), "listen");
    EXPECT_NE(ErrorMessage(address.status(), "vi"), ErrorMessage(address.status(), "en"));
  }
}

TEST(ListenAddress, RefusesWhatIsNoAddress) {
  const std::vector<std::string> texts = {"",
                                          "127.0.0.1",
                                          "127.0.0.1:",
                                          ":50551",
                                          "127.0.0.1:65536",
                                          "127.0.0.1:-1",
                                          "127.0.0.1:http",
                                          "::1:50551",
                                          "[127.0.0.1]:1",
                                          "unix:",
                                          "unix:/" + std::string(200, 'a')};
  for (const std::string& text : texts) {
    const auto address = ListenAddress::Parse(text);
    EXPECT_EQ(ErrorReason(address.status()), "FIELD_INVALID") << text << " " << address.status();
  }
}

TEST(ListenAddress, ShowsTheChosenPort) {
  EXPECT_EQ(ListenAddress::Parse("127.0.0.1:0")->WithPort(40123), "127.0.0.1:40123");
  EXPECT_EQ(ListenAddress::Parse("unix:/tmp/x")->WithPort(0), "unix:/tmp/x");
}

}  // namespace
}  // namespace tthc::rpc
