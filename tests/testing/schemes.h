#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "server/timing/scheme_text.h"
#include "tests/testing/calendars.h"
#include "tthc/v1/statistics.pb.h"

// The shipped schemes and short ways to write some, for tests.
namespace tthc::testing {

// Names of the files in deploy/data/schemes, without ".textproto", in order.
inline std::vector<std::string> ShippedSchemeIds() {
  std::vector<std::string> ids;
  for (const auto& entry : std::filesystem::directory_iterator(TTHC_SOURCE_DIR "/deploy/data/schemes")) {
    ids.push_back(entry.path().stem().string());
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

inline v1::Scheme ShippedScheme(const std::string& id) {
  return ValueOrDie(timing::ParseSchemeText(ReadSourceFile("deploy/data/schemes/" + id + ".textproto")));
}

template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  if (!google::protobuf::TextFormat::ParseFromString(text, &message)) {
    std::cerr << "no text of a message: " << text << std::endl;
    std::abort();
  }
  return message;
}

}  // namespace tthc::testing
