#pragma once

#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/text_format.h"

namespace tthc::testing {

// A message from protobuf's text format; a text that is none fails the test.
template <typename Message>
Message ParseProto(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

}  // namespace tthc::testing
