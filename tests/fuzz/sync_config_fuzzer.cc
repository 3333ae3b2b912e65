#include <cstddef>
#include <cstdint>
#include <string>

#include "client/sync/config.h"
#include "client/sync/profile.h"
#include "storage/base/check.h"

// Configurations and profiles as people write them: each is refused with an error in words, or can be used. First byte:
// which of the two.
namespace tthc::sync {
namespace {

void TryConfig(const std::string& text) {
  Problems problems;
  const ConfigEnvironment environment{.credentials_directory = "", .check_files = false};
  const Setup setup = ParseConfig("c.textproto", text, "/nowhere", environment, &problems);
  TTHC_CHECK(problems.ToStatus().ok() == problems.empty());
  if (!problems.empty()) {
    TTHC_CHECK(!problems.Describe("vi").empty() && !problems.Describe("en").empty());
    return;
  }
  for (const TargetSetup& target : setup.targets) {
    TTHC_CHECK(!target.target.id().empty() && target.target.worker_count() >= 0);
    TTHC_CHECK(!ProfileDigest(target.profile).empty());
  }
}

void TryProfile(const std::string& text) {
  Problems problems;
  const v1::Profile profile = ParseProfile("p.textproto", text, &problems);
  if (problems.empty()) TTHC_CHECK(profile.protocol() != v1::Profile::PROTOCOL_UNSPECIFIED);
}

}  // namespace
}  // namespace tthc::sync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    tthc::sync::TryConfig(text);
  } else {
    tthc::sync::TryProfile(text);
  }
  return 0;
}
