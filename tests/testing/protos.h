#pragma once

#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/text_format.h"

namespace tthc::testing {

// Parses a message in the text format of protobuf; a malformed text fails the test.
template <typename Message>
Message ParseProto(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

}  // namespace tthc::testing
