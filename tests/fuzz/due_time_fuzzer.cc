#include <cstddef>
#include <cstdint>

#include "storage/base/check.h"
#include "storage/base/errors.h"
#include "storage/base/local_time.h"
#include "tests/testing/service_fixture.h"

// Every request for a due time gets an answer whose intervals have no gap, or an error with a reason.
namespace tthc {
namespace {

void CheckExplanation(const v1::DueTimeExplanation& explanation) {
  if (explanation.intervals().empty()) return;
  absl::Time at = FromProto(explanation.intervals(0).start_time());
  for (const v1::DueInterval& interval : explanation.intervals()) {
    TTHC_CHECK(FromProto(interval.start_time()) == at);
    TTHC_CHECK(FromProto(interval.end_time()) >= at);
    TTHC_CHECK(interval.counted_minutes() >= 0);
    TTHC_CHECK(!interval.reason_vi().empty() && !interval.reason_en().empty());
    at = FromProto(interval.end_time());
  }
  TTHC_CHECK(!explanation.has_due_time() || at == FromProto(explanation.due_time()));
}

}  // namespace
}  // namespace tthc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto* const fixture = new tthc::testing::ServiceFixture;
  tthc::v1::PreviewDueTimeRequest request;
  if (!request.ParseFromArray(data, static_cast<int>(size))) return 0;
  const auto answer = fixture->Call<tthc::v1::DueTimeExplanation>(request);
  if (answer.ok()) {
    tthc::CheckExplanation(*answer);
  } else {
    TTHC_CHECK(!tthc::ErrorReason(answer.status()).empty());
    TTHC_CHECK(answer.status().code() != absl::StatusCode::kInternal);
  }
  return 0;
}
